//! What taking in costs without the network: journal, reading, rules, lake and alerts together.
//!
//! `cargo bench -p khien-app --bench intake -- EVENTS RULES [ROUNDS]` sends a file of JSON lines
//! through a centre in a temporary folder, with the rules of a folder, and prints events a second
//! of wall and of processor time, peak memory and bytes on disk an event.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark speaks and may stop"
)]
#![expect(clippy::disallowed_methods, reason = "time is what is measured")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use khien_app::access::Caller;
use khien_app::app::App;
use khien_app::config::Config;
use khien_app::figures::Counted;
use khien_app::folder::DataFolder;
use khien_app::pipeline::Meta;
use khien_app::pipeline::receive::{Incoming, ReceiveError, Repeats};
use khien_app::use_case::hunts::RuleFile;
use khien_app::use_case::register;
use khien_domain::rate::Rate;
use khien_domain::source::{SourceKind, SourceSettings};
use khien_domain::token::TokenBytes;
use khien_event::{Packs, Symbols};
use khien_sigma::compile::RuleSet;
use khien_sigma::load::Loader;
use khien_testkit::Machine;
use rustix::time::{ClockId, clock_gettime};

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [events, rules, rest @ ..] = arguments.as_slice() else {
        println!("skipped: name a file of JSON lines and a folder of rules");
        return;
    };
    let rounds = rest.first().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(measure(Path::new(events), PathBuf::from(rules), rounds));
}

async fn measure(events: &Path, rules: PathBuf, rounds: usize) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    DataFolder::create(&path).unwrap();
    let load = Box::new(move |_: &[RuleFile]| Ok(rule_set(&rules)));
    let folder = DataFolder::hold(&path).unwrap();
    let app = App::start(folder, Config::default(), load, Arc::new(Machine)).await.unwrap();
    let source = source(&app).await;
    let bytes = std::fs::read(events).unwrap();
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let total = lines.count() as u64 * rounds as u64;
    let (start, cpu) = (Instant::now(), cpu_time());
    for _ in 0..rounds {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let cut = rest.get(..1 << 20).unwrap_or(rest);
            let end = memchr::memrchr(b'\n', cut).map_or(cut.len(), |end| end + 1);
            let (batch, after) = rest.split_at(end);
            rest = after;
            send(&app, source, batch).await;
        }
    }
    let taken = start.elapsed();
    let read = |counted: Counted| counted.events + counted.unreadable;
    while read(app.figures().counted()) < total {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let judged = start.elapsed();
    app.stop().await;
    let (wall, cpu) = (start.elapsed(), cpu_time().saturating_sub(cpu));
    let counted = app.figures().counted();
    let disk = size(&path.join("lake"));
    println!("{total} events, {} matches, {} alerts", counted.matches, counted.alerts);
    let rate = |time: Duration| total as f64 / time.as_secs_f64();
    println!("taken in    {:9.0} events/s", rate(taken));
    println!("judged      {:9.0} events/s", rate(judged));
    println!("in files    {:9.0} events/s", rate(wall));
    println!("processor   {:9.0} events/s ({:.2} us an event)", rate(cpu), 1e6 / rate(cpu));
    println!("disk        {:9.1} bytes an event", disk as f64 / total as f64);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
}

async fn send(app: &App, source: khien_domain::ids::SourceId, batch: &[u8]) {
    loop {
        let incoming = Incoming {
            source: app.registry().active(source).unwrap(),
            payload: batch.to_vec(),
            meta: Meta { format: Some("json".into()), ..Meta::default() },
            repeats: Repeats::Unnamed,
            events: 0,
        };
        match app.receive(incoming).await {
            Ok(_) => return,
            Err(ReceiveError::Busy { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn source(app: &App) -> khien_domain::ids::SourceId {
    let caller = Caller::program();
    let system = khien_testkit::register(app).await;
    let settings = SourceSettings {
        name: "bench".into(),
        formats: BTreeSet::new(),
        rate: Rate { events_per_second: u32::MAX, bytes_per_second: u32::MAX },
        heartbeat_seconds: None,
        networks: BTreeSet::new(),
        certificate: None,
    };
    let random = TokenBytes([7; 21]);
    let kind = SourceKind::Http;
    let made = register::add_source(app, &caller, &system, kind, settings, &random).await;
    made.unwrap().source.id
}

fn rule_set(folder: &Path) -> RuleSet {
    let none = rustc_hash::FxHashMap::default();
    let mut loader = Loader::new(&none);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yml") {
                let text = std::fs::read_to_string(&path).unwrap();
                loader.file(&path.display().to_string(), &text);
            }
        }
    }
    let mut symbols = Symbols::default();
    let packs = Arc::new(Packs::builtin(&mut symbols).unwrap());
    RuleSet::new(loader.finish(), packs, symbols)
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn size(path: &Path) -> u64 {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => size(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}
