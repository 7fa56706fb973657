//! What the tests of several crates share; no program depends on it.
//!
//! In comes a test's wish, out comes a piece of a centre: a clock, rules in force, an agency with a
//! system in the register, an event as a device writes it, public data to read. Nothing here stands
//! for a part of the product: tests run the real one. What only one crate's tests need stays in
//! that crate. To share another piece, move it here from the first `support.rs` that has it and
//! let the second use it.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "what tests share stops at the first surprise and says so"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::hunts::RuleFile;
use khien_app::use_case::register::{self, AgencySheet};
use khien_domain::agency::{Agency, AgencyKind, Appointment, Duty};
use khien_domain::clock::Clock;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::control::Catalogue;
use khien_domain::evidence::kinds::Kinds;
use khien_domain::system::{Level, Stage, System};
use khien_event::{Packs, Symbols};
use khien_sigma::compile::RuleSet;
use khien_sigma::load::Loader;
use serde_json::json;

/// What a server of SSH says first: its version and its lists (RFC 4253, 4.2 and 7.1).
pub fn ssh_greeting(exchanges: &str, keys: &str) -> Vec<u8> {
    let mut payload = vec![20];
    payload.extend([1; 16]);
    for list in [exchanges, keys, "aes256-ctr", "aes256-ctr", "", "", "none", "none", "", ""] {
        payload.extend(u32::try_from(list.len()).unwrap().to_be_bytes());
        payload.extend(list.as_bytes());
    }
    payload.extend([0; 5]);
    let mut said = b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec();
    said.extend(u32::try_from(payload.len() + 5).unwrap().to_be_bytes());
    said.push(4);
    said.extend(payload);
    said.extend([0; 4]);
    said
}

/// Does something to a database of SQLite behind the program's back; `false` if there is no Python to do it.
/// `KHIEN_REQUIRE_PYTHON` makes its absence a failure.
pub fn behind_its_back(database: &Path, sql: &str) -> bool {
    let script = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], timeout=20)\nc.executescript(sys.argv[2])\nc.commit()";
    let mut command = std::process::Command::new("python3");
    let output = command.args(["-c", script]).arg(database).arg(sql).output();
    if output.is_err() && std::env::var_os("KHIEN_REQUIRE_PYTHON").is_none() {
        return false;
    }
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}

/// A clock that is set by hand.
#[derive(Debug)]
pub struct Hands(AtomicI64);

impl Hands {
    /// A clock that stands at a time, in RFC 3339.
    pub fn at(time: &str) -> Arc<Self> {
        let time: Timestamp = time.parse().unwrap();
        Arc::new(Self(AtomicI64::new(time.as_microsecond())))
    }

    /// Moves it by so many seconds, back if they are negative.
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct Machine;

impl Clock for Machine {
    #[expect(clippy::disallowed_methods, reason = "what runs beside real clients needs real time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A rule that finds `whoami.exe`, and a correlation that finds three of them in five minutes.
pub const RULES: &str = "
title: Whoami
id: 11111111-1111-4111-8111-111111111111
name: whoami
level: high
tags: [attack.t1033]
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: '\\whoami.exe'}
  condition: selection
---
title: Many whoami
id: 22222222-2222-4222-8222-222222222222
level: critical
correlation:
  type: event_count
  rules: [whoami]
  group-by: [Computer]
  timespan: 5m
  condition: {gte: 3}
  generate: true
";

/// The rules of some files, each a name and a text, with the packs that are built in.
pub fn rules<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> RuleSet {
    rules_and(files, &[])
}

/// The same and what a centre adds, of which some may be refused.
pub fn rules_and<'t>(
    files: impl IntoIterator<Item = (&'t str, &'t str)>,
    added: &[RuleFile],
) -> RuleSet {
    let none = std::collections::HashMap::default();
    let mut loader = Loader::new(&none);
    for (name, text) in files {
        loader.file(name, text);
    }
    for file in added {
        loader.file(&file.name, &file.text);
    }
    let mut symbols = Symbols::default();
    let packs = Arc::new(Packs::builtin(&mut symbols).unwrap());
    let loaded = loader.finish();
    let is_added = |place: &str| added.iter().any(|file| file.name == place);
    let own = loaded.problems.iter().find(|problem| !is_added(&problem.place.file));
    assert!(own.is_none(), "{own:?}");
    RuleSet::new(loaded, packs, symbols)
}

/// An agency with a head and a deputy, as it is registered.
pub fn headed(agency: Agency) -> AgencySheet {
    let signed = agency.created_at.to_zoned(TimeZone::UTC).date();
    let until = signed.saturating_add(Span::new().years(4));
    let named = |duty, holder: &str, post: &str| Appointment {
        duty,
        holder: holder.into(),
        post: post.into(),
        document: "01/QĐ.MH".into(),
        signed,
        until,
        account: None,
    };
    let appointments = if agency.in_scope {
        vec![
            named(Duty::Head, "Cán bộ Mẫu 901", "Thủ trưởng cơ quan"),
            named(Duty::Deputy, "Cán bộ Mẫu 902", "Phó Thủ trưởng cơ quan"),
        ]
    } else {
        Vec::new()
    };
    AgencySheet { agency, appointments, contacts: Vec::new() }
}

/// Registers the agency `sokhcn` with the system `cong-dvc` of level 3, and answers the system.
pub async fn register(app: &App) -> SystemCode {
    let caller = Caller::program();
    let agency = AgencyCode::new("sokhcn").unwrap();
    let system = SystemCode::new("cong-dvc").unwrap();
    let name = "Sở Khoa học và Công nghệ".into();
    let new = Agency::new(agency.clone(), name, AgencyKind::Government, app.now());
    register::add_agency(app, &caller, headed(new)).await.unwrap();
    let (name, level) = ("Cổng dịch vụ công".into(), Level::new(3).unwrap());
    let new = System::new(system.clone(), agency, name, level, Stage::Operation, app.now());
    register::add_system(app, &caller, new).await.unwrap();
    system
}

/// The start of a process as Sysmon tells it, one JSON line.
pub fn sysmon(host: &str, image: &str, time: &str) -> String {
    let event = serde_json::json!({
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Computer": host,
        "UtcTime": time,
        "Image": image,
        "CommandLine": image,
        "User": "MINHHOA\\an",
    });
    format!("{event}\n")
}

/// A folder or file of the public data that may lie beside the project. Where it does not, whoever
/// runs the tests is told, and the test that wants it has nothing to do.
#[expect(clippy::print_stderr, reason = "who runs the tests learns that one was skipped")]
pub fn public_data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

/// A catalogue in OSCAL of the shape of NIST CSF 2.0, with the ids of outcomes that our own catalogue names
/// and fictitious others: 6 functions, 22 categories and 106 subcategories.
pub fn like_csf() -> String {
    let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
    let own = Catalogue::parse(Catalogue::BUILT_IN, &kinds).unwrap();
    let mut functions = BTreeMap::<String, BTreeMap<String, BTreeSet<String>>>::new();
    for outcome in own.controls.into_iter().flat_map(|control| control.csf) {
        let category = outcome.split('-').next().unwrap_or_default().to_owned();
        let function = category.split('.').next().unwrap_or_default().to_owned();
        functions.entry(function).or_default().entry(category).or_default().insert(outcome);
    }
    assert_eq!(functions.len(), 6);
    let categories = |functions: &BTreeMap<String, BTreeMap<_, BTreeSet<String>>>| {
        functions.values().map(BTreeMap::len).sum::<usize>()
    };
    let first = BTreeSet::from(["RS.Z0-00".into()]);
    functions.entry("RS".into()).or_default().insert("RS.Z0".into(), first);
    for number in categories(&functions)..22 {
        let category = format!("RS.Z{number}");
        let outcome = BTreeSet::from([format!("{category}-01")]);
        functions.entry("RS".into()).or_default().insert(category, outcome);
    }
    let outcomes = functions.values().flat_map(BTreeMap::values).map(BTreeSet::len).sum::<usize>();
    let of_last = functions.entry("RS".into()).or_default().entry("RS.Z0".into()).or_default();
    of_last.extend((outcomes..106).map(|number| format!("RS.Z0-{number}")));
    let subcategory = |id: &String| {
        json!({
            "id": id,
            "class": "subcategory",
            "title": format!("Kết quả mẫu {id}"),
            "parts": [{"name": "example", "prose": "ví dụ"}],
        })
    };
    let category = |(id, outcomes): (&String, &BTreeSet<String>)| {
        let outcomes: Vec<_> = outcomes.iter().map(subcategory).collect();
        json!({"id": id, "class": "category", "title": id, "controls": outcomes})
    };
    let function = |(id, categories): (&String, &BTreeMap<String, BTreeSet<String>>)| {
        let categories: Vec<_> = categories.iter().map(category).collect();
        json!({"id": id, "class": "function", "title": id, "controls": categories})
    };
    let groups: Vec<_> = functions.iter().map(function).collect();
    let metadata = json!({"title": "Cybersecurity Framework, mẫu để thử", "version": "1.0.0"});
    json!({"catalog": {"metadata": metadata, "groups": groups}}).to_string()
}
