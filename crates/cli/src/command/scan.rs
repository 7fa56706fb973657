//! `khien scan`

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::tz::Offset;
use khien_event::format::{self, Format};
use khien_event::time::{self, Clue};
use khien_event::{Packs, Symbols};
use khien_sigma::compile::RuleSet;
use khien_sigma::rule::{About, Level};

use crate::language::Language;
use crate::scan::sources::{self, Unreadable};
use crate::scan::summary::{RuleKey, Summary};
use crate::scan::work::{self, Job, Shared, lock};
use crate::{Usage, clock, report, rule_files, talk};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Files, folders, archives (.gz .zst .zip), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Rule files or folders; without it, the rules that ship with Khiên
    #[arg(long, value_name = "DIR", num_args = 1..)]
    rules: Vec<PathBuf>,
    /// Only detections of this level or a graver one
    #[arg(long, value_name = "LEVEL", value_parser = parse_level)]
    min_level: Option<Level>,
    /// Only events from this time on (RFC 3339, or a date)
    #[arg(long, value_name = "TIME", value_parser = check_time)]
    since: Option<String>,
    /// Only events before this time (RFC 3339, or a date)
    #[arg(long, value_name = "TIME", value_parser = check_time)]
    until: Option<String>,
    /// Only these rules, by identifier
    #[arg(long = "rule", value_name = "ID", num_args = 1..)]
    only: Vec<String>,
    /// Only rules with this tag, such as attack.t1059
    #[arg(long, value_name = "TAG", num_args = 1..)]
    tag: Vec<String>,
    /// Form of the result
    #[arg(long, value_enum, default_value_t)]
    format: Output,
    /// Print JSON, as --format jsonl does
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write the result into this file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the figures of the scan into this file, as JSON
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Take all input for this format (see `khien formats`)
    #[arg(long, value_name = "FORMAT", value_parser = parse_format)]
    input_format: Option<&'static Format>,
    /// Zone of times that name none, such as +07:00
    #[arg(
        long,
        value_name = "OFFSET",
        default_value = "+07:00",
        allow_hyphen_values = true,
        value_parser = parse_zone
    )]
    assume_zone: Offset,
    /// Threads; without it, one for each processor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// No progress and no summary
    #[arg(long, short)]
    quiet: bool,
    /// Language of the result
    #[arg(long, value_enum, default_value_t)]
    lang: Language,
}

/// The forms of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Lines to read, with a summary
    #[default]
    Table,
    /// One JSON object a detection
    Jsonl,
    /// Columns for a spreadsheet
    Csv,
    /// One page to read in a browser and to print
    Html,
    /// JSON lines for import into Timesketch
    Timesketch,
}

impl Arguments {
    fn form(&self) -> Output {
        if self.json { Output::Jsonl } else { self.format }
    }
}

fn parse_level(text: &str) -> Result<Level, String> {
    let names = Level::ALL.map(Level::name).join(", ");
    Level::parse(text).ok_or_else(|| format!("a level is one of {names}"))
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let watch = clock::Stopwatch::start();
    let now = clock::now();
    let zone = arguments.assume_zone;
    let clue = Clue { zone, reference: now };
    let since = arguments.since.as_deref().and_then(|text| parse_time(text, &clue));
    let until = arguments.until.as_deref().and_then(|text| parse_time(text, &clue));
    let threads = match arguments.threads {
        Some(threads) => usize::from(threads),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let mut loaded = rule_files::load(&arguments.rules, threads)?;
    let problems = std::mem::take(&mut loaded.problems);
    let (rules_loaded, correlations_loaded) = (loaded.rules.len(), loaded.correlations.len());
    let refused = problems.iter().filter(|problem| problem.refused).count();
    if rules_loaded == 0 {
        let first = problems.iter().find(|problem| problem.refused);
        let first = first.map_or(String::new(), |problem| {
            format!(
                "; the first: {}:{}: {}",
                problem.place.file, problem.place.line, problem.message
            )
        });
        bail!("all {refused} rules are refused; `khien rules check` lists them{first}");
    }
    if refused > 0 && !arguments.quiet {
        talk(&format!("khien: {refused} rules were refused; `khien rules check` tells why"));
    }
    let mut symbols = Symbols::default();
    let packs = Packs::builtin(&mut symbols)?;
    let set = RuleSet::new(loaded, Arc::new(packs), symbols);
    let wanted = wanted(&set, arguments)?;
    let loading = watch.elapsed();

    let (sources, unreadable) = sources::list(&arguments.paths);
    let named = |entry: &&Unreadable| {
        arguments.paths.iter().any(|path| path.display().to_string() == entry.file)
    };
    let missing: Vec<String> =
        unreadable.iter().filter(named).map(|u| format!("{}: {}", u.file, u.reason)).collect();
    if sources.is_empty() && !unreadable.is_empty() {
        let reasons = unreadable.iter().map(|u| format!("{}: {}", u.file, u.reason));
        bail!("nothing can be read: {}", reasons.take(10).collect::<Vec<_>>().join("; "));
    }
    for path in arguments.output.iter().chain(&arguments.summary) {
        sources::check_writable(path, &sources)?;
    }
    let job = Job {
        set: &set,
        sources: &sources,
        wanted,
        since,
        until,
        format: arguments.input_format,
        now,
        zone,
        threads,
    };
    let shared = Shared::new(&job);
    let total: u64 = sources.iter().map(|source| source.size).sum();
    let mut counts = run_threads(&job, &shared, total, arguments.quiet)?;
    if let Some(error) = shared.fault() {
        return Err(error.into());
    }
    for entry in unreadable {
        counts.unreadable(&entry.file, entry.offset, 1, entry.reason);
    }
    counts.settle();
    let lost = shared.correlate(&job, &mut counts)?;
    let about = |key: RuleKey| -> Option<&About> {
        match key {
            RuleKey::Rule(at) => set.rules().get(at).map(|rule| &rule.about),
            RuleKey::Correlation(at) => set.correlations().get(at).map(|c| &c.about),
        }
    };
    let mut summary = Summary {
        files: sources.len(),
        counts,
        rules_loaded,
        correlations_loaded,
        problems: &problems,
        lost,
        wall: watch.elapsed(),
        loading,
        cpu: clock::cpu_time(),
        peak_memory_bytes: clock::peak_memory_bytes(),
        about: &about,
    };
    let mut spool = lock(&shared.spool);
    let found = spool.len();
    write_result(arguments, &mut summary, &mut spool, watch, now)?;
    for reason in &missing {
        talk(&format!("khien: cannot read {reason}"));
    }
    // The program ends here: handing back the rules piece by piece takes a third of the time that
    // loading them took.
    std::mem::forget(set);
    // «Nothing found» is not the truth about what could not be read.
    Ok(ExitCode::from(match (found, missing.is_empty()) {
        (1.., _) => 10,
        (0, true) => 0,
        (0, false) => 1,
    }))
}

fn write_result(
    arguments: &Arguments,
    summary: &mut Summary<'_>,
    spool: &mut crate::scan::spool::Spool,
    watch: clock::Stopwatch,
    now: Timestamp,
) -> Result<()> {
    let to_terminal = arguments.output.is_none() && io::stdout().is_terminal();
    let mut out: Box<dyn Write> = match &arguments.output {
        Some(path) => {
            let file =
                File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            Box::new(BufWriter::with_capacity(1 << 18, file))
        }
        None => Box::new(BufWriter::with_capacity(1 << 16, io::stdout().lock())),
    };
    let options = report::Options {
        language: arguments.lang,
        colour: to_terminal,
        quiet: arguments.quiet,
        now,
        scanned: join(&arguments.paths),
        rules: match arguments.rules.as_slice() {
            [] => arguments.lang.pick("đi kèm Khiên", "shipped with Khiên").to_owned(),
            folders => join(folders),
        },
    };
    match arguments.form() {
        Output::Jsonl => spool.drain(|object| out.write_all(object))?,
        Output::Table => report::table::write(&mut out, spool, summary, &options)?,
        Output::Csv => report::csv::write(&mut out, spool, &options)?,
        Output::Timesketch => report::timesketch::write(&mut out, spool, &options)?,
        Output::Html => report::html::write(&mut out, spool, summary, &options)?,
    }
    out.flush()?;
    drop(out);
    // What the writing cost belongs to the figures of the summary file.
    summary.wall = watch.elapsed();
    summary.cpu = clock::cpu_time();
    summary.peak_memory_bytes = clock::peak_memory_bytes();
    if let Some(path) = &arguments.summary {
        let text = serde_json::to_string_pretty(&summary.to_json())?;
        std::fs::write(path, text + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if arguments.form() != Output::Table && !arguments.quiet {
        talk(&report::table::one_line(summary, arguments.lang));
    }
    Ok(())
}

fn join(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    names.join(" ")
}

fn run_threads<'j>(
    job: &Job<'j>,
    shared: &Shared<'j>,
    total: u64,
    quiet: bool,
) -> Result<crate::scan::summary::Counts> {
    let show = !quiet && io::stderr().is_terminal();
    let (sender, finished) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..job.threads)
            .map(|_| {
                let sender = sender.clone();
                scope.spawn(move || {
                    let counts = work::work(job, shared);
                    drop(sender);
                    counts
                })
            })
            .collect();
        drop(sender);
        let watch = clock::Stopwatch::start();
        let mut progress = report::progress::Progress::new(total, "events");
        while finished.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Timeout) {
            if show {
                let done = shared.progress.load(Ordering::Relaxed);
                progress.show(done, shared.events.load(Ordering::Relaxed), watch.elapsed())?;
            }
        }
        if show {
            progress.clear()?;
        }
        let mut counts = crate::scan::summary::Counts::default();
        for worker in workers {
            match worker.join() {
                Ok(part) => counts.add(part),
                Err(_) => bail!(
                    "a thread ended by a fault in the program; the result would be incomplete"
                ),
            }
        }
        Ok(counts)
    })
}

/// The format with this id, or an error that lists all.
pub(crate) fn find_format(id: &str) -> Result<&'static Format> {
    format::find(id).with_context(|| {
        let known: Vec<&str> = format::FORMATS.iter().map(|format| format.id).collect();
        format!("there is no format «{id}»; there are: {}", known.join(", "))
    })
}

fn parse_format(id: &str) -> Result<&'static Format, String> {
    find_format(id).map_err(|error| error.to_string())
}

fn parse_zone(text: &str) -> Result<Offset, String> {
    time::offset(text).ok_or_else(|| "a zone is written like +07:00".to_owned())
}

fn parse_time(text: &str, clue: &Clue) -> Option<Timestamp> {
    let day = || clue.local(time::date(text)?.to_datetime(jiff::civil::Time::midnight()));
    time::parse(text, clue).or_else(day).map(|(time, _)| time)
}

/// Refuses what is no time; in which zone it is read is known only with the other arguments.
fn check_time(text: &str) -> Result<String, String> {
    match parse_time(text, &Clue::vietnam(clock::now())) {
        Some(_) => Ok(text.to_owned()),
        None => Err("a time is written like 2026-11-22T08:00:00+07:00 or 2026-11-22".to_owned()),
    }
}

/// Which rules and correlations are told, by position; correlations follow the rules.
fn wanted(set: &RuleSet, arguments: &Arguments) -> Result<Vec<bool>> {
    let all: Vec<&About> = set
        .rules()
        .iter()
        .map(|rule| &rule.about)
        .chain(set.correlations().iter().map(|correlation| &correlation.about))
        .collect();
    for id in &arguments.only {
        if !all.iter().any(|about| about.id == *id || about.name.as_deref() == Some(id)) {
            let message = format!(
                "--rule: there is no rule with the identifier «{id}»; `khien rules list` shows all"
            );
            return Err(Usage(message).into());
        }
    }
    let has_tag = |about: &About, wanted: &str| {
        let wanted = wanted.to_lowercase();
        let wanted = match wanted.strip_prefix('t') {
            Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) => {
                format!("attack.{wanted}")
            }
            _ => wanted,
        };
        about.tags.iter().any(|tag| {
            let rest = tag.to_lowercase();
            rest.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    for tag in &arguments.tag {
        if !all.iter().any(|about| has_tag(about, tag)) {
            let message = format!(
                "--tag: no rule has the tag «{tag}»; `khien rules list --json` shows those in use"
            );
            return Err(Usage(message).into());
        }
    }
    Ok(all
        .iter()
        .map(|about| {
            arguments.min_level.is_none_or(|level| about.level >= level)
                && (arguments.only.is_empty()
                    || arguments
                        .only
                        .iter()
                        .any(|id| about.id == *id || about.name.as_deref() == Some(id)))
                && (arguments.tag.is_empty() || arguments.tag.iter().any(|tag| has_tag(about, tag)))
        })
        .collect())
}
