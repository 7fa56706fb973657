//! A centre in a temporary folder, with one agency, one system and one source.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use khien_app::App;
use khien_app::access::Caller;
use khien_app::config::Config;
use khien_app::folder::DataFolder;
use khien_app::pipeline::Meta;
use khien_app::pipeline::receive::{Incoming, Receipt, ReceiveError, Repeats};
use khien_app::use_case::demonstration::{Phrases, Waiting};
use khien_app::use_case::hunts::RuleFile;
use khien_app::use_case::{index, register};
use khien_domain::account::{Role, UserName};
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::clock::Clock;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::SourceId;
use khien_domain::index::State;
use khien_domain::index::ratio::shown;
use khien_domain::paper::Paper;
use khien_domain::permission::{Actor, AgencyScope, Identity};
use khien_domain::rate::Rate;
use khien_domain::source::{SourceKind, SourceSettings};
use khien_domain::token::TokenBytes;
use khien_testkit::{Hands, RULES, rules_and};

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
    let load =
        Box::new(move |added: &[RuleFile]| Ok(rules_and([("rules.yml", text.as_str())], added)));
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    App::start(folder, Config::default(), load, clock).await.unwrap()
}

/// Registers what sends.
pub(crate) async fn register(app: &App) -> SourceId {
    let system = khien_testkit::register(app).await;
    let settings = SourceSettings {
        name: "máy chủ".into(),
        formats: BTreeSet::new(),
        rate: Rate { events_per_second: 100_000, bytes_per_second: 1 << 30 },
        heartbeat_seconds: Some(60),
        networks: BTreeSet::new(),
        certificate: None,
    };
    let (kind, random) = (SourceKind::Http, TokenBytes([7; 21]));
    let caller = Caller::program();
    let made = register::add_source(app, &caller, &system, kind, settings, &random).await;
    made.unwrap().source.id
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

/// What people of a demonstration wrote, one system of which waits.
pub(crate) fn phrases(system: &SystemCode) -> Phrases {
    Phrases {
        appraiser: "person:thamdinh".into(),
        approver: "person:truongca".into(),
        scope: "mẫu".into(),
        reason: "mẫu".into(),
        partly: "mẫu".into(),
        document: "Thuyết minh".into(),
        submitted: "kính trình".into(),
        returned: "bổ sung".into(),
        appraised: "đạt".into(),
        exception: "mẫu".into(),
        waiting: vec![Waiting {
            system: system.clone(),
            name: "Dự án chờ".into(),
            planned: 1_800_000_000,
            security: None,
            is_appraised: true,
        }],
        tool: "Máy quét Mẫu".into(),
    }
}

/// The code of an agency.
pub(crate) fn agency(code: &str) -> AgencyCode {
    AgencyCode::new(code).unwrap()
}

/// Somebody of a role.
pub(crate) fn person(name: &str, role: Role, agencies: AgencyScope) -> Caller {
    let identity = Identity::Person { name: UserName::new(name).unwrap() };
    Caller { actor: Actor::new(identity, role.permissions(), agencies), origin: "test".into() }
}

/// The officer of an agency.
pub(crate) fn officer(of: &str) -> Caller {
    person(&format!("canbo-{of}"), Role::Officer, AgencyScope::one(agency(of)))
}

/// The lead of the centre.
pub(crate) fn lead() -> Caller {
    person("truongca", Role::Lead, AgencyScope::All)
}

/// An appraiser of the centre whose home is an agency.
pub(crate) fn appraiser(name: &str, home: &str) -> Caller {
    let person = person(name, Role::Appraiser, AgencyScope::All);
    Caller { actor: person.actor.of(Some(agency(home))), ..person }
}

/// How an indicator of an agency stands now, and its value in words.
pub(crate) async fn indicator(app: &App, code: &str, id: &str) -> (State, String) {
    let live = index::live(app, &Caller::program()).await.unwrap();
    let pack = &live.now.pack;
    let place = pack.indicators.iter().position(|one| one.id == id).unwrap();
    let outcome = &live.now.table.get(code).unwrap().0.outcomes[place];
    (outcome.state, shown(&outcome.value))
}

/// A centre with the agency of [`register`] and another.
pub(crate) async fn centre_of_two(path: &Path) -> (Arc<App>, Arc<Hands>) {
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(path, &clock).await;
    register(&app).await;
    let new = Agency::new(agency("soyt"), "Sở Y tế".into(), AgencyKind::Government, app.now());
    register::add_agency(&app, &Caller::program(), khien_testkit::headed(new)).await.unwrap();
    (app, clock)
}

/// Writes down what became of a system that is used no more.
pub(crate) async fn write_off(app: &App, system: &SystemCode) {
    let said = [
        ("document", "15/BB-TL"),
        ("data", "chuyển sang kho lưu trữ, ổ đĩa đã hủy"),
        ("access", "thu hồi tài khoản, khóa, tên miền"),
        ("done", "2026-10-01"),
    ];
    let values = said.iter().map(|(name, said)| ((*name).to_owned(), (*said).to_owned())).collect();
    let paper = Paper { system: system.clone(), kind: "retirement".into(), to: None, values };
    register::papers::add_paper(app, &Caller::program(), paper).await.unwrap();
}
