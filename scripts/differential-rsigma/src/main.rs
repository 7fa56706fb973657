//! Compares what Khiên and rsigma find in the same events with the same rules.
//!
//! `cargo run --release -- RULES… -- LOGS…`. Khiên reads each log (plain or in a ZIP archive) and
//! decides which rules see an event; rsigma is given the very fields that Khiên's rules see. So a
//! difference is one in what rules mean, not in reading or routing. Printed are, for each rule
//! that differs, how often only one of the two found it, and the first such event.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use khien_event::format::{self, Context, Sink};
use khien_event::stream::Stream;
use khien_event::time::Clue;
use khien_event::{Packs, Problem, Record, Symbols, Value};
use khien_sigma::compile::RuleSet;
use khien_sigma::engine::Matcher;
use khien_sigma::load::Loader;
use rsigma_eval::Engine;
use rsigma_eval::event::JsonEvent;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value as Json};

/// No more events of one log are compared.
const EVENTS_A_LOG: u64 = 20_000;

/// What was found about one rule.
#[derive(Default)]
struct Differences {
    both: u64,
    only_khien: u64,
    only_rsigma: u64,
    example: Option<String>,
}

struct Comparison<'s> {
    set: &'s RuleSet,
    matcher: Matcher<'s>,
    engine: Engine,
    /// For each route, the identifiers of the rules that see it.
    seen: FxHashMap<usize, FxHashSet<String>>,
    known: FxHashSet<String>,
    events: u64,
    of_log: u64,
    rules: BTreeMap<String, Differences>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut halves = arguments.split(|argument| argument == "--");
    let (rules, logs) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let (mut rule_files, mut log_files) = (Vec::new(), Vec::new());
    rules.iter().try_for_each(|path| gather(Path::new(path), &[".yml"], &mut rule_files))?;
    let ends = [".json", ".jsonl", ".log", ".evtx", ".zip"];
    logs.iter().try_for_each(|path| gather(Path::new(path), &ends, &mut log_files))?;

    let none = FxHashMap::default();
    let mut loader = Loader::new(&none);
    let mut engine = Engine::new();
    let mut known = FxHashSet::default();
    for file in &rule_files {
        let text = fs::read_to_string(file)?;
        loader.file(&file.display().to_string(), &text);
        let parsed = rsigma_parser::parse_sigma_yaml(&text);
        for rule in parsed.iter().flat_map(|collection| &collection.rules) {
            if engine.add_rule(rule).is_ok() {
                known.extend(rule.id.clone());
            }
        }
    }
    let mut symbols = Symbols::default();
    let packs = Packs::builtin(&mut symbols)?;
    let set = RuleSet::new(loader.finish(), Arc::new(packs), symbols);
    let mut comparison = Comparison {
        set: &set,
        matcher: Matcher::new(&set),
        engine,
        seen: FxHashMap::default(),
        known,
        events: 0,
        of_log: 0,
        rules: BTreeMap::new(),
    };
    for file in &log_files {
        if let Err(error) = comparison.log(file) {
            eprintln!("{}: {error:#}", file.display());
        }
    }
    comparison.report()
}

fn gather(path: &Path, ends: &[&str], files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| gather(entry, ends, files));
    }
    let name = path.to_string_lossy().to_lowercase();
    if ends.iter().any(|end| name.ends_with(end)) && !name.ends_with("info.yml") {
        files.push(path.to_owned());
    }
    Ok(())
}

impl Comparison<'_> {
    fn log(&mut self, path: &Path) -> Result<()> {
        let file = File::open(path)?;
        if !path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip")) {
            return self.read(file);
        }
        let mut archive = zip::ZipArchive::new(file)?;
        for at in 0..archive.len() {
            let entry = archive.by_index(at)?;
            // What macOS adds beside each file holds no log.
            if entry.is_file() && !entry.name().is_ok_and(|name| name.starts_with("__MACOSX")) {
                self.read(entry)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, input: impl Read) -> Result<()> {
        self.of_log = 0;
        let mut stream = Stream::new(input);
        let format = format::detect(stream.head()?).context("no log format is recognised")?;
        stream.set_framing(format.framing);
        let clue = Clue::vietnam(Timestamp::UNIX_EPOCH);
        let (symbols, packs) = (Arc::clone(self.set.symbols()), Arc::clone(self.set.packs()));
        let mut reader = (format.reader)(&Context { symbols, packs, clue });
        while self.of_log < EVENTS_A_LOG {
            let Some(block) = stream.next(&mut |_| {})? else { break };
            reader.read(&block, self);
        }
        Ok(())
    }

    fn report(&self) -> Result<()> {
        let mut out = std::io::stdout().lock();
        let sum = |count: fn(&Differences) -> u64| self.rules.values().map(count).sum::<u64>();
        for (rule, found) in &self.rules {
            if let Some(example) = &found.example {
                writeln!(
                    out,
                    "{rule}: both {}, only khien {}, only rsigma {}\n    {example}",
                    found.both, found.only_khien, found.only_rsigma
                )?;
            }
        }
        writeln!(
            out,
            "{} events, {} rules known to both; hits of both {}, only khien {}, only rsigma {}",
            self.events,
            self.known.len(),
            sum(|found| found.both),
            sum(|found| found.only_khien),
            sum(|found| found.only_rsigma)
        )?;
        Ok(())
    }
}

impl Sink for Comparison<'_> {
    fn record(&mut self, record: &mut Record<'_>) {
        if self.of_log >= EVENTS_A_LOG {
            return;
        }
        self.of_log += 1;
        self.events += 1;
        let rules = self.set.rules();
        let id = |rule: usize| rules.get(rule).map(|rule| rule.about.id.clone());
        let ours: FxHashSet<String> =
            self.matcher.matches(record).iter().filter_map(|rule| id(*rule)).collect();
        let route = self.matcher.route();
        let seen = self.seen.entry(route).or_insert_with(|| {
            let labels = self.set.packs().routes().get(route).map(|route| &route.labels);
            let labels = labels.map(Vec::as_slice).unwrap_or_default();
            self.set.seen_by(labels).into_iter().filter_map(id).collect()
        });
        let event = fields(record);
        let theirs: FxHashSet<String> = self
            .engine
            .evaluate(&JsonEvent::borrow(&event))
            .into_iter()
            .filter_map(|result| result.header.rule_id)
            .filter(|id| seen.contains(id))
            .collect();
        for id in ours.union(&theirs).filter(|id| self.known.contains(*id)) {
            let found = self.rules.entry(id.clone()).or_default();
            match (ours.contains(id), theirs.contains(id)) {
                (true, true) => found.both += 1,
                (true, false) => found.only_khien += 1,
                _ => found.only_rsigma += 1,
            }
            if ours.contains(id) != theirs.contains(id) {
                found.example.get_or_insert_with(|| event.to_string().chars().take(1500).collect());
            }
        }
    }

    fn problem(&mut self, _: Problem) {}
}

/// The fields as rules see them, flat; a name that stands twice is a list.
fn fields(record: &Record<'_>) -> Json {
    let mut map = Map::new();
    for field in record.fields.iter() {
        let value = match &field.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value) => Json::from(*value),
            Value::Uint(value) => Json::from(*value),
            Value::Number(text) => serde_json::from_str(text).unwrap_or(Json::Null),
            value => Json::String(value.to_text().into_owned()),
        };
        let name = record.fields.name(field).to_owned();
        match map.get_mut(&name) {
            None => {
                map.insert(name, value);
            }
            Some(Json::Array(list)) => list.push(value),
            Some(first) => *first = Json::Array(vec![first.take(), value]),
        }
    }
    Json::Object(map)
}
