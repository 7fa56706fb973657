//! The engine of the product with the rules of the product, over what the demonstration writes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use khien_demo::{Entry, Province};
use khien_event::format::{self, Context, Sink};
use khien_event::stream::Block;
use khien_event::time::Clue;
use khien_event::{Packs, Problem, Record, Symbols};
use khien_sigma::compile::RuleSet;
use khien_sigma::correlate::{Correlator, EventRef, Limits};
use khien_sigma::engine::Matcher;
use khien_sigma::load::Loader;
use khien_sigma::rule::{About, Level};

/// What fired, by the file of the rule, and how often.
pub(crate) type Fired = BTreeMap<String, usize>;

/// The rules in `rules/`.
pub(crate) struct Engine {
    set: RuleSet,
    context: Context,
    clue: Clue,
    /// The file of each rule and correlation, by its identifier.
    files: HashMap<String, String>,
}

fn rule_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            rule_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "yml") && !name.contains(".samples.") {
            found.push(path);
        }
    }
}

impl Engine {
    pub(crate) fn new(clue: Timestamp) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
        let (mut paths, mut files) = (Vec::new(), HashMap::new());
        rule_files(&root, &mut paths);
        assert!(paths.len() > 100, "the rules were found");
        let texts: Vec<(String, String)> = paths
            .iter()
            .map(|path| {
                let name = path.strip_prefix(&root).unwrap().with_extension("");
                (name.display().to_string(), std::fs::read_to_string(path).unwrap())
            })
            .collect();
        let none = HashMap::default();
        let mut loader = Loader::new(&none);
        for (name, text) in &texts {
            loader.file(name, text);
            for line in text.lines() {
                if let Some(id) = line.strip_prefix("id: ") {
                    files.insert(id.trim().to_owned(), name.clone());
                }
            }
        }
        let mut symbols = Symbols::default();
        let packs = Arc::new(Packs::builtin(&mut symbols).unwrap());
        let loaded = loader.finish();
        assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
        let set = RuleSet::new(loaded, packs, symbols);
        let (symbols, packs) = (Arc::clone(set.symbols()), Arc::clone(set.packs()));
        let clue = Clue::vietnam(clue);
        Self { set, context: Context { symbols, packs, clue }, clue, files }
    }

    /// What fires above informational on entries, whose times may all be taken for another.
    pub(crate) fn fired(&self, province: &Province, entries: &[Entry]) -> Fired {
        self.judge(province, entries, None)
    }

    /// The same, if everything had happened at one moment.
    pub(crate) fn fired_at_once(
        &self,
        province: &Province,
        entries: &[Entry],
        at: Timestamp,
    ) -> Fired {
        self.judge(province, entries, Some(at))
    }

    fn judge(&self, province: &Province, entries: &[Entry], at: Option<Timestamp>) -> Fired {
        let limits = Limits { lateness: i64::MAX, ..Limits::default() };
        let mut judge = Judge {
            engine: self,
            matcher: Matcher::new(&self.set),
            correlator: Correlator::new(&self.set, limits),
            at,
            count: 0,
            hosts: BTreeSet::new(),
            source: "",
            fired: Fired::new(),
        };
        let mut expected = 0;
        for (place, source) in province.sources.iter().enumerate() {
            let own: Vec<&Entry> = entries.iter().filter(|entry| entry.source == place).collect();
            if own.is_empty() {
                continue;
            }
            let text = khien_demo::lines(own.iter().copied());
            let format = format::find(source.device.format()).unwrap();
            let mut reader = (format.reader)(&self.context);
            judge.source = &source.key;
            let block = Block { bytes: text.as_bytes(), offset: 0, first_line: 0, last: true };
            reader.read(&block, &mut judge);
            reader.finish(&mut judge);
            expected += own.len() as u64;
            assert_eq!(judge.count, expected, "{}: an entry is one event", source.key);
        }
        for host in &judge.hosts {
            let known = |source: &khien_demo::province::Source| {
                let own = source.hosts.iter().chain(&source.shadow);
                own.into_iter().any(|name| name.eq_ignore_ascii_case(host))
            };
            assert!(province.sources.iter().any(known), "nobody knows the host {host}");
        }
        judge.correlator.finish();
        for hit in judge.correlator.take_hits() {
            let about = &self.set.correlations()[hit.correlation].about;
            note(&self.files, &mut judge.fired, about);
        }
        judge.fired
    }
}

fn note(files: &HashMap<String, String>, fired: &mut Fired, about: &About) {
    if about.level > Level::Informational {
        *fired.entry(files[&about.id].clone()).or_default() += 1;
    }
}

struct Judge<'e> {
    engine: &'e Engine,
    matcher: Matcher<'e>,
    correlator: Correlator<'e>,
    at: Option<Timestamp>,
    count: u64,
    hosts: BTreeSet<String>,
    source: &'e str,
    fired: Fired,
}

impl Sink for Judge<'_> {
    fn record(&mut self, record: &mut Record<'_>) {
        self.count += 1;
        let (set, packs) = (&self.engine.set, self.engine.set.packs());
        let hits = self.matcher.matches(record).to_vec();
        let own = packs.time(record, &self.engine.clue).map(|(time, _)| time);
        assert!(own.is_some(), "{}: an event has a time", self.source);
        let time = self.at.or(own).unwrap();
        let time = i64::try_from(time.as_nanosecond()).unwrap();
        for rule in hits {
            note(&self.engine.files, &mut self.fired, &set.rules()[rule].about);
            if self.correlator.wants(rule) {
                let event = EventRef { source: 0, number: self.count };
                let field = |name: &str| record.fields.text(name);
                let input = self.correlator.input(rule, time, event, field);
                self.correlator.feed(input);
            }
        }
    }

    fn problem(&mut self, problem: Problem) {
        panic!("{}: {problem:?}", self.source);
    }
}
