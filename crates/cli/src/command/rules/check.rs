//! `khien rules check`

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use khien_event::{Packs, Symbols};
use khien_sigma::compile::RuleSet;
use khien_sigma::load::RuleProblem;
use serde_json::json;

use crate::{clock, rule_files};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Rule files or folders; without any, the rules that ship with Khiên
    #[arg(value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let watch = clock::Stopwatch::start();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut loaded = rule_files::load(&arguments.rules, threads)?;
    let problems = std::mem::take(&mut loaded.problems);
    let (files, filters) = (loaded.files, loaded.filters);
    let mut symbols = Symbols::default();
    let packs = Packs::builtin(&mut symbols)?;
    let set = RuleSet::new(loaded, Arc::new(packs), symbols);
    let waiting = set.rules().iter().filter(|rule| !rule.waits_for.is_empty()).count();
    let unseen = unseen(&set);
    let refused = problems.iter().filter(|problem| problem.refused).count();
    let seconds = watch.elapsed().as_secs_f64();
    let mut out = io::stdout().lock();
    if arguments.json {
        let problem = |problem: &RuleProblem| {
            json!({
                "file": &*problem.place.file,
                "line": problem.place.line,
                "message": problem.message,
                "refused": problem.refused,
            })
        };
        let object = json!({
            "files": files,
            "rules": set.rules().len(),
            "correlations": set.correlations().len(),
            "filters": filters,
            "refused": refused,
            "waiting_for_placeholders": waiting,
            "log_sources_without_events": unseen,
            "problems": problems.iter().map(problem).collect::<Vec<_>>(),
            "seconds": seconds,
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&object)?)?;
    } else {
        for problem in &problems {
            let mark = if problem.refused { "refused" } else { "warning" };
            writeln!(
                out,
                "{}:{}: {mark}: {}",
                problem.place.file, problem.place.line, problem.message
            )?;
        }
        for (log_source, count) in &unseen {
            writeln!(
                out,
                "note: no log that Khiên reads is {log_source}; rules that wait for it: {count}"
            )?;
        }
        writeln!(
            out,
            "{files} files: {} rules, {} correlations, {filters} filters, {refused} refused, \
             {waiting} waiting for placeholders ({seconds:.2} s)",
            set.rules().len(),
            set.correlations().len(),
        )?;
    }
    // The program ends here, and handing back the rules piece by piece takes time.
    std::mem::forget(set);
    Ok(ExitCode::from(if refused > 0 { 3 } else { 0 }))
}

/// Log sources that rules ask for and no route has, with how many rules ask.
fn unseen(set: &RuleSet) -> Vec<(String, usize)> {
    let mut counts: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for rule in set.rules() {
        let seen = set
            .packs()
            .routes()
            .iter()
            .any(|route| route.labels.iter().any(|label| label.satisfies(&rule.log_source)));
        if !seen && !rule.log_source.is_empty() {
            *counts.entry(rule.log_source.to_string()).or_default() += 1;
        }
    }
    counts.into_iter().collect()
}
