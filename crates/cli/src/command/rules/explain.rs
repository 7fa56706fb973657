//! `khien rules explain`

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use jiff::Timestamp;
use khien_event::format::Format;
use khien_event::time::Clue;
use khien_event::{Packs, Record, Symbols};
use khien_sigma::compile::RuleSet;
use khien_sigma::explain::{Explanation, explain};
use khien_sigma::rule::{About, Rule};

use super::reading;
use crate::command::scan::find_format;
use crate::language::Language;
use crate::scan::sources;
use crate::{Usage, clock, rule_files};

mod json;
mod text;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The rule, by identifier or name
    #[arg(long, value_name = "ID")]
    rule: String,
    /// The log file that holds the event
    #[arg(long, value_name = "FILE")]
    event: PathBuf,
    /// Rule files or folders; without it, the rules that ship with Khiên
    #[arg(long, value_name = "DIR", num_args = 1..)]
    rules: Vec<PathBuf>,
    /// The event's number: EVTX record id, or line. Without it the first that fires is taken, or
    /// else the first whose log source fits
    #[arg(long, value_name = "N")]
    record: Option<u64>,
    /// Take the file for this format (see `khien formats`)
    #[arg(long, value_name = "FORMAT")]
    input_format: Option<String>,
    /// Language of the explanation
    #[arg(long, value_enum, default_value_t)]
    lang: Language,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Why this event was taken of all in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Choice {
    /// None fires and none has a fitting log source; it is the first.
    First,
    /// None fires; it is the first whose log source fits.
    LogSource,
    /// It is the first that fires.
    Fires,
    /// Its number was given.
    Asked,
}

/// An event with its explanation.
pub(crate) struct Chosen {
    pub(crate) choice: Choice,
    /// The file, or the entry of an archive.
    pub(crate) file: String,
    /// How it was read.
    pub(crate) format: &'static Format,
    /// The event's number in it.
    pub(crate) number: u64,
    /// How many events there are.
    pub(crate) records: u64,
    pub(crate) explanation: Explanation,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut loaded = rule_files::load(&arguments.rules, threads)?;
    let problems = std::mem::take(&mut loaded.problems);
    let mut symbols = Symbols::default();
    let packs = Packs::builtin(&mut symbols)?;
    let set = RuleSet::new(loaded, Arc::new(packs), symbols);
    let Some(rule) = set.rules().iter().find(|rule| named(&rule.about, &arguments.rule)) else {
        if let Some(correlation) =
            set.correlations().iter().find(|c| named(&c.about, &arguments.rule))
        {
            bail!(
                "«{}» joins events of the rules {}; explain one of those",
                arguments.rule,
                correlation.rules.join(", ")
            );
        }
        let refused = problems.iter().filter(|problem| problem.refused).count();
        let message = format!(
            "there is no rule «{}» among the {} that are loaded ({refused} were refused)",
            arguments.rule,
            set.rules().len()
        );
        return Err(Usage(message).into());
    };
    let chosen = choose(arguments, &set, rule)?;
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&json::object(rule, &chosen))?)?;
    } else {
        text::write(&mut out, rule, &chosen, arguments.lang)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn named(about: &About, name: &str) -> bool {
    about.id == name || about.name.as_deref() == Some(name)
}

/// Reads the file and explains the event that was asked for, or the one that says most.
fn choose(arguments: &Arguments, set: &RuleSet, rule: &Rule) -> Result<Chosen> {
    let forced = arguments.input_format.as_deref().map(find_format).transpose()?;
    let (sources, unreadable) = sources::list(std::slice::from_ref(&arguments.event));
    if let Some(unreadable) = unreadable.first() {
        bail!("{}: {}", unreadable.file, unreadable.reason);
    }
    let now = clock::now();
    let mut best: Option<Chosen> = None;
    let mut records = 0;
    for source in &sources {
        let input =
            source.open(&Arc::default()).with_context(|| format!("cannot read {}", source.name))?;
        let reference = source.modified.and_then(|time| Timestamp::from_second(time).ok());
        let clue = Clue::vietnam(reference.unwrap_or(now));
        let mut found: Option<(Choice, u64, Explanation)> = None;
        let log = reading::read(input, forced, set, clue, &mut |record| {
            records += 1;
            let asked = arguments.record == Some(record.number);
            let known = found.as_ref().map(|(choice, ..)| *choice);
            let other = arguments.record.is_some() && !asked;
            if other || known.is_some_and(|choice| choice >= Choice::Fires) {
                return;
            }
            let explanation = explain_record(set, rule, record);
            let choice = match (asked, explanation.hits, explanation.sees) {
                (true, ..) => Choice::Asked,
                (_, true, _) => Choice::Fires,
                (_, _, true) => Choice::LogSource,
                _ => Choice::First,
            };
            if known.is_none_or(|known| choice > known) {
                found = Some((choice, record.number, explanation));
            }
        })
        .with_context(|| source.name.clone())?;
        if let Some((choice, number, explanation)) = found
            && best.as_ref().is_none_or(|best| choice > best.choice)
        {
            let (file, format) = (source.name.clone(), log.format);
            best = Some(Chosen { choice, file, format, number, records: 0, explanation });
        }
    }
    let Some(mut chosen) = best else {
        match arguments.record {
            Some(number) if records > 0 => bail!("no event of {records} has the number {number}"),
            _ => bail!("{} holds no event that can be read", arguments.event.display()),
        }
    };
    chosen.records = records;
    Ok(chosen)
}

fn explain_record(set: &RuleSet, rule: &Rule, record: &mut Record<'_>) -> Explanation {
    let packs = set.packs();
    let route = packs.route(record, &mut String::new());
    packs.derive(route, record);
    let labels = packs.routes().get(route).map(|route| route.labels.as_slice());
    explain(rule, labels.unwrap_or_default(), record)
}
