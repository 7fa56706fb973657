//! `khien rules test`
//!
//! Two kinds of tests are found under a folder: the regression data of `SigmaHQ` ([`regression`]) and
//! samples beside rules ([`samples`]). Both become [`Case`]s, which [`bench::Bench`] runs.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};
use clap::Args;
use khien_event::{Packs, Symbols};
use khien_sigma::compile::RuleSet;
use serde_json::{Value, json};

use crate::clock;
use crate::rule_files::{self, Found};

mod bench;
mod reason;
mod regression;
mod samples;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Folders with regression data of `SigmaHQ` (info.yml) or with rules and their *.samples.yml
    #[arg(value_name = "DIR", required = true)]
    tests: Vec<PathBuf>,
    /// Rule files or folders; without it, rules found in DIR, or else those that ship with Khiên
    #[arg(long, value_name = "DIR", num_args = 1..)]
    rules: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// One test: events, and a rule that must fire on them or must not.
pub(crate) struct Case {
    /// The file that states the test.
    pub(crate) file: String,
    /// What the file calls it.
    pub(crate) name: String,
    /// The identifier or name of the rule or correlation.
    pub(crate) rule: String,
    /// What must come of it.
    pub(crate) wanted: Wanted,
    /// What the rule is shown.
    pub(crate) events: Events,
}

/// What must come of a test.
#[derive(Clone, Copy)]
pub(crate) enum Wanted {
    /// At least so many hits.
    AtLeast(u64),
    /// No hit.
    None,
}

/// The events of a test.
pub(crate) enum Events {
    /// A log file of any format.
    File(PathBuf),
    /// Text in the format named.
    Lines(String, String),
    /// Fields with values, and the log source they are taken for.
    Fields(khien_event::LogSource, Vec<khien_event::yaml::Node<'static>>),
    /// None, because the test cannot be understood; why.
    Fault(String),
}

/// A test that did not end as it must.
pub(crate) struct Failure {
    file: String,
    name: String,
    rule: String,
    expected: String,
    found: String,
    reason: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let watch = clock::Stopwatch::start();
    let mut cases = Vec::new();
    for path in &arguments.tests {
        if !path.exists() {
            bail!("{} does not exist", path.display());
        }
        gather(path, 0, &mut cases)?;
    }
    if cases.is_empty() {
        bail!("there is neither an info.yml with regression tests nor a *.samples.yml here");
    }
    let set = rule_set(arguments)?;
    let mut bench = bench::Bench::new(&set, clock::now());
    let failures: Vec<Failure> = cases.iter().filter_map(|case| bench.run(case)).collect();
    let seconds = watch.elapsed().as_secs_f64();
    let mut out = io::stdout().lock();
    if arguments.json {
        let list: Vec<Value> = failures.iter().map(Failure::to_json).collect();
        let object = json!({
            "tests": cases.len(),
            "passed": cases.len() - failures.len(),
            "failed": failures.len(),
            "rules": set.rules().len(),
            "correlations": set.correlations().len(),
            "failures": list,
            "seconds": seconds,
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&object)?)?;
    } else {
        for failure in &failures {
            let Failure { file, name, rule, expected, found, reason } = failure;
            writeln!(
                out,
                "{file}: «{name}»: rule {rule}: expected {expected}, found {found}: {reason}"
            )?;
        }
        writeln!(
            out,
            "{} tests: {} passed, {} failed ({seconds:.2} s)",
            cases.len(),
            cases.len() - failures.len(),
            failures.len()
        )?;
    }
    Ok(ExitCode::from(if failures.is_empty() { 0 } else { 3 }))
}

impl Failure {
    fn to_json(&self) -> Value {
        json!({
            "file": self.file,
            "test": self.name,
            "rule": self.rule,
            "expected": self.expected,
            "found": self.found,
            "reason": self.reason,
        })
    }
}

/// The tests under a path, in the order of file names.
fn gather(path: &Path, depth: usize, cases: &mut Vec<Case>) -> Result<()> {
    if depth > 64 {
        bail!("{}: folders nest too deeply", path.display());
    }
    if path.is_dir() {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        paths.sort();
        return paths.iter().try_for_each(|path| gather(path, depth + 1, cases));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name == "info.yml" {
        regression::read(path, cases)?;
    } else if name.ends_with(".samples.yml") {
        samples::read(path, cases)?;
    }
    Ok(())
}

/// The rules asked for and those in the folders of the tests; without any, those in folders
/// `rules…` beside them, or else those that ship.
fn rule_set(arguments: &Arguments) -> Result<RuleSet> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut paths = arguments.rules.clone();
    for folder in arguments.tests.iter().filter(|path| path.is_dir()) {
        // Rules given twice would be two rules with one identifier.
        let given = |file: &Found| arguments.rules.iter().any(|rules| file.path.starts_with(rules));
        if !rule_files::gather(folder)?.iter().all(given) {
            paths.push(folder.clone());
        }
    }
    if paths.is_empty() {
        for path in &arguments.tests {
            paths.extend(neighbours(path)?);
        }
    }
    let loaded = rule_files::load(&paths, threads)?;
    if loaded.rules.is_empty() {
        bail!("no rule could be loaded; `khien rules check` tells why");
    }
    let mut symbols = Symbols::default();
    let packs = Packs::builtin(&mut symbols)?;
    Ok(RuleSet::new(loaded, Arc::new(packs), symbols))
}

/// The folders with rules beside a path that are called `rules` or `rules-…`.
fn neighbours(path: &Path) -> Result<Vec<PathBuf>> {
    let path = path.canonicalize()?;
    let Some(parent) = path.parent() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir()
            && (name == "rules" || name.starts_with("rules-"))
            && !rule_files::gather(&entry.path())?.is_empty()
        {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
