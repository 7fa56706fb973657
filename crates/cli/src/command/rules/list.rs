//! `khien rules list`

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use khien_event::LogSource;
use khien_sigma::rule::About;
use serde_json::{Value, json};

use crate::language::Language;
use crate::rule_files;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Rule files or folders; without any, the rules that ship with Khiên
    #[arg(value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// Print a JSON list
    #[arg(long)]
    json: bool,
    /// Language of the titles
    #[arg(long, value_enum, default_value_t)]
    lang: Language,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let loaded = rule_files::load(&arguments.rules, threads)?;
    let rules = loaded.rules.iter().map(|rule| (&rule.about, Some(&rule.log_source)));
    let correlations = loaded.correlations.iter().map(|correlation| (&correlation.about, None));
    let mut out = io::stdout().lock();
    if arguments.json {
        let list: Vec<Value> =
            rules.chain(correlations).map(|(about, source)| describe(about, source)).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&list)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    for (about, source) in rules.chain(correlations) {
        let source = source.map_or_else(|| "correlation".to_owned(), ToString::to_string);
        let title = arguments.lang.title(about);
        writeln!(out, "{}  {:<13} {source:<40} {title}", about.id, about.level.name())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(about: &About, source: Option<&LogSource>) -> Value {
    json!({
        "id": about.id,
        "title": about.title,
        "title_vi": about.title_vi,
        "description": about.description,
        "description_vi": about.description_vi,
        "level": about.level.name(),
        "status": about.status,
        "author": about.author,
        "tags": about.tags,
        "logsource": source.map(|source| json!({
            "product": source.product,
            "category": source.category,
            "service": source.service,
        })),
        "falsepositives": about.false_positives,
        "check_first": {"vi": about.check_first[0], "en": about.check_first[1]},
        "file": &*about.place.file,
        "line": about.place.line,
    })
}
