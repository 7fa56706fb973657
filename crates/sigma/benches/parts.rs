//! What the parts of a detection cost: `cargo bench -p khien-sigma`.
//!
//! The rules are our own (`rules/`); the event is a made-up process creation as `NXLog` writes it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use divan::{Bencher, black_box};
use khien_event::format::{Context, Sink, find};
use khien_event::stream::Block;
use khien_event::time::Clue;
use khien_event::{Packs, Problem, Record, Symbols};
use khien_sigma::compile::RuleSet;
use khien_sigma::engine::Matcher;
use khien_sigma::load::Loader;
use rustc_hash::FxHashMap;

fn main() {
    divan::main();
}

const EVENT: &str = r#"{"EventTime":"2026-11-20 08:00:00","Hostname":"PC-01.minhhoa.example","Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","EventID":1,"RuleName":"-","UtcTime":"2026-11-20 01:00:00.000","ProcessId":"4460","Image":"C:\\Windows\\System32\\svchost.exe","FileVersion":"10.0.26100.1","Description":"Host Process for Windows Services","Product":"Microsoft Windows","Company":"Microsoft Corporation","OriginalFileName":"svchost.exe","CommandLine":"C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule","CurrentDirectory":"C:\\Windows\\system32\\","User":"NT AUTHORITY\\SYSTEM","IntegrityLevel":"System","Hashes":"SHA256=0000000000000000000000000000000000000000000000000000000000000000","ParentImage":"C:\\Windows\\System32\\services.exe","ParentCommandLine":"C:\\Windows\\system32\\services.exe"}"#;

fn rule_texts() -> Vec<(String, String)> {
    texts_below("../../rules")
}

fn texts_below(root: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let mut texts = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()) {
            let name = path.display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yml")
                && !name.ends_with(".samples.yml")
            {
                texts.extend(std::fs::read_to_string(&path).map(|text| (name, text)));
            }
        }
    }
    texts
}

fn compile(texts: &[(String, String)]) -> Option<RuleSet> {
    let none = FxHashMap::default();
    let mut loader = Loader::new(&none);
    texts.iter().for_each(|(name, text)| loader.file(name, text));
    let mut symbols = Symbols::default();
    let packs = Packs::builtin(&mut symbols).ok()?;
    Some(RuleSet::new(loader.finish(), Arc::new(packs), symbols))
}

struct Each<F>(F);

impl<F: FnMut(&mut Record<'_>)> Sink for Each<F> {
    fn record(&mut self, record: &mut Record<'_>) {
        (self.0)(record);
    }

    fn problem(&mut self, _: Problem) {}
}

fn read(set: &RuleSet, each: impl FnMut(&mut Record<'_>)) {
    let clue = Clue::vietnam(jiff::Timestamp::UNIX_EPOCH);
    let context =
        Context { symbols: Arc::clone(set.symbols()), packs: Arc::clone(set.packs()), clue };
    let block = Block { bytes: EVENT.as_bytes(), offset: 0, first_line: 1, last: true };
    if let Some(format) = find("json") {
        (format.reader)(&context).read(&block, &mut Each(each));
    }
}

#[divan::bench]
fn load_and_compile_our_rules(bencher: Bencher<'_, '_>) {
    let texts = rule_texts();
    bencher.bench_local(|| compile(black_box(&texts)));
}

/// The rules of `SigmaHQ`, where they are; without the reading of files, on one thread.
#[divan::bench]
fn load_and_compile_public_rules(bencher: Bencher<'_, '_>) {
    let texts = texts_below("../../../shared/data/sigma/rules");
    bencher.bench_local(|| compile(black_box(&texts)));
}

#[divan::bench]
fn read_one_event(bencher: Bencher<'_, '_>) {
    let set = compile(&rule_texts());
    bencher.bench_local(|| {
        if let Some(set) = &set {
            read(set, |record| {
                black_box(record);
            });
        }
    });
}

#[divan::bench]
fn match_one_event(bencher: Bencher<'_, '_>) {
    if let Some(set) = &compile(&rule_texts()) {
        let mut matcher = Matcher::new(set);
        let mut bencher = Some(bencher);
        read(set, |record| {
            let Some(bencher) = bencher.take() else { return };
            bencher.bench_local(|| {
                black_box(matcher.matches(record).len());
            });
        });
    }
}
