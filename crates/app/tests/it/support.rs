//! A centre in a temporary folder, with one agency, one system and one source.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::config::Config;
use khien_app::folder::DataFolder;
use khien_app::pipeline::Meta;
use khien_app::pipeline::receive::{Incoming, Receipt, ReceiveError, Repeats};
use khien_app::use_case::register;
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::clock::Clock;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::SourceId;
use khien_domain::rate::Rate;
use khien_domain::source::{SourceKind, SourceSettings};
use khien_domain::system::{Level, Stage, System};
use khien_domain::token::TokenBytes;
use khien_event::{Packs, Symbols};
use khien_sigma::compile::RuleSet;
use khien_sigma::load::Loader;

/// A clock that is set by hand.
pub(crate) struct Hands(AtomicI64);

impl Hands {
    pub(crate) fn at(time: &str) -> Arc<Self> {
        let time: Timestamp = time.parse().unwrap();
        Arc::new(Self(AtomicI64::new(time.as_microsecond())))
    }

    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

pub(crate) const RULES: &str = "
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

pub(crate) fn rules(text: &str) -> RuleSet {
    let none = rustc_hash::FxHashMap::default();
    let mut loader = Loader::new(&none);
    loader.file("rules.yml", text);
    let mut symbols = Symbols::default();
    let packs = Arc::new(Packs::builtin(&mut symbols).unwrap());
    let loaded = loader.finish();
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    RuleSet::new(loaded, packs, symbols)
}

/// Starts a centre in a folder that may have been used before.
pub(crate) async fn start(path: &Path, clock: &Arc<Hands>) -> Arc<App> {
    start_with(path, clock, RULES).await
}

/// The same with these rules in force.
pub(crate) async fn start_with(path: &Path, clock: &Arc<Hands>, text: &str) -> Arc<App> {
    if !path.exists() {
        DataFolder::create(path).unwrap();
    }
    let folder = DataFolder::hold(path).unwrap();
    let text = text.to_owned();
    let load = Box::new(move || Ok(rules(&text)));
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    App::start(folder, Config::default(), load, clock).await.unwrap()
}

/// Registers what sends.
pub(crate) async fn register(app: &App) -> SourceId {
    let caller = Caller::program();
    let (agency, system) =
        (AgencyCode::new("sokhcn").unwrap(), SystemCode::new("cong-dvc").unwrap());
    let new = Agency {
        code: agency.clone(),
        name_vi: "Sở Khoa học và Công nghệ".into(),
        name_en: None,
        parent: None,
        kind: AgencyKind::ALL[0],
        created_at: app.now(),
    };
    register::add_agency(app, &caller, new).await.unwrap();
    let new = System {
        code: system.clone(),
        agency,
        name: "Cổng dịch vụ công".into(),
        level: Level::new(3).unwrap(),
        stage: Stage::ALL[0],
        created_at: app.now(),
    };
    register::add_system(app, &caller, new).await.unwrap();
    let settings = SourceSettings {
        name: "máy chủ".into(),
        formats: BTreeSet::new(),
        rate: Rate { events_per_second: 100_000, bytes_per_second: 1 << 30 },
        heartbeat_seconds: Some(60),
        networks: BTreeSet::new(),
        certificate: None,
    };
    let (kind, random) = (SourceKind::Http, TokenBytes([7; 21]));
    let made = register::add_source(app, &caller, &system, kind, settings, &random).await;
    made.unwrap().source.id
}

/// A process that starts, as Sysmon tells it.
pub(crate) fn sysmon(host: &str, image: &str, time: &str) -> String {
    serde_json::json!({
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Computer": host,
        "UtcTime": time,
        "Image": image,
        "CommandLine": image,
        "User": "MINHHOA\\an",
    })
    .to_string()
        + "\n"
}

pub(crate) async fn send(
    app: &App,
    source: SourceId,
    payload: &str,
    name: Option<&str>,
) -> Result<Receipt, ReceiveError> {
    let meta = Meta { format: Some("json".into()), ..Meta::default() };
    send_as(app, source, payload, meta, name).await
}

pub(crate) async fn send_as(
    app: &App,
    source: SourceId,
    payload: &str,
    meta: Meta,
    name: Option<&str>,
) -> Result<Receipt, ReceiveError> {
    send_bytes(app, source, payload.as_bytes().to_vec(), meta, name).await
}

pub(crate) async fn send_bytes(
    app: &App,
    source: SourceId,
    payload: Vec<u8>,
    meta: Meta,
    name: Option<&str>,
) -> Result<Receipt, ReceiveError> {
    let incoming = Incoming {
        source: app.registry().active(source).unwrap(),
        payload,
        meta,
        repeats: Repeats::by(name.map(str::to_owned)),
        events: 1,
    };
    app.receive(incoming).await
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..400 {
        if holds().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert!(holds().await, "{what} within ten seconds");
}
