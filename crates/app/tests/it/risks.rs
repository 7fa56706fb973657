//! Risks of agencies: who keeps them, who accepts them, and when they open again.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::evidence::{self, Handed};
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::{UseError, controls, gate, register, risks};
use khien_domain::account::Role;
use khien_domain::asset::{Asset, AssetKind};
use khien_domain::code::SystemCode;
use khien_domain::control::{CatalogueKey, Stated};
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{How, Record};
use khien_domain::host::HostName;
use khien_domain::page::PageRequest;
use khien_domain::permission::{Actor, AgencyScope, Identity, Permission};
use khien_domain::risk::{
    AssetName, ControlName, Degree, Estimate, Rating, RiskAbout, RiskCode, Standing, Treatment,
};
use khien_domain::system::Zone;
use serde_json::json;

use crate::support::{agency, centre_of_two, lead, officer, person, until};

fn system() -> SystemCode {
    SystemCode::new("cong-dvc").unwrap()
}

fn code(text: &str) -> RiskCode {
    RiskCode::new(text).unwrap()
}

fn estimate(likelihood: i64, impact: i64) -> Estimate {
    Estimate { likelihood: Degree::new(likelihood).unwrap(), impact: Degree::new(impact).unwrap() }
}

fn about(inherent: Estimate) -> RiskAbout {
    RiskAbout {
        system: Some(system()),
        asset: None,
        scenario: "mã độc mã hóa máy chủ dịch vụ".into(),
        threat: "mã độc tống tiền".into(),
        inherent,
        residual: None,
        loss: None,
        residual_loss: None,
        owner: "Trưởng phòng Công nghệ thông tin".into(),
        treatment: Treatment::Reduce,
        controls: BTreeSet::new(),
        due: date(2026, 12, 31),
        records: BTreeSet::new(),
    }
}

/// A report of a restore test, by a program.
async fn restored(app: &App, until: Option<Timestamp>, corrects: Option<u64>) -> u64 {
    let handed = Handed {
        kind: "restore.tested".into(),
        agency: agency("sokhcn"),
        system: Some(system()),
        subject: None,
        reference: format!("báo cáo {corrects:?}"),
        content: json!({"success": true, "rto_met": true, "rpo_met": true}),
        at: app.now(),
        until,
        corrects,
    };
    evidence::hand_in(app, &Caller::program(), handed).await.unwrap().about.seq
}

async fn told(app: &App, kind: &str) -> Vec<Record> {
    let filter = EvidenceFilter { kind: Some(kind.into()), ..EvidenceFilter::default() };
    let page = PageRequest::first();
    ledger::list(app, &Caller::program(), &filter, &page).await.unwrap().items
}

fn said(rating: &str, state: &str, ended: Option<Date>) -> Content {
    let ended = ended.map(|day| ("ended", day.to_string().into()));
    let fields = [("rating", rating.into()), ("state", state.into()), ("due", "2026-12-31".into())];
    Content::map(fields.into_iter().chain(ended))
}

/// The head of an agency, with an account of the role.
fn head_of(home: &str) -> Caller {
    let head = person("thutruong", Role::Leader, AgencyScope::one(agency(home)));
    Caller { actor: head.actor.of(Some(agency(home))), ..head }
}

async fn state(app: &App, risk: &str) -> &'static str {
    let found = risks::get_risk(app, &Caller::program(), &agency("sokhcn"), &code(risk)).await;
    found.unwrap().risk.state.name()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_beyond_the_appetite_is_accepted_by_whoever_may_approve() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let critical = about(estimate(5, 5));
    let foreign =
        risks::add_risk(&app, &officer("soyt"), &sokhcn, code("rr-01"), critical.clone()).await;
    assert!(matches!(foreign, Err(UseError::Denied(_))));
    risks::add_risk(&app, &own, &sokhcn, code("rr-01"), critical.clone()).await.unwrap();
    let again = risks::add_risk(&app, &own, &sokhcn, code("rr-01"), critical.clone()).await;
    assert!(matches!(again, Err(UseError::Conflict(_))));
    risks::add_risk(&app, &own, &sokhcn, code("rr-02"), about(estimate(2, 3))).await.unwrap();
    let newest = async || told(&app, "risk.state").await.swap_remove(0);
    assert_eq!(newest().await.content, said("medium", "open", None));

    let end = date(2026, 12, 1);
    let accept = async |who: &Caller, risk: &str| {
        risks::accept_risk(&app, who, &sokhcn, &code(risk), end, "đang mua sắm").await
    };
    // Within the appetite the head of the agency bears it: neither its officer nor another's head.
    assert!(matches!(accept(&own, "rr-02").await, Err(UseError::Denied(_))));
    let other = person("thutruong-soyt", Role::Leader, AgencyScope::one(agency("soyt")));
    assert!(matches!(accept(&other, "rr-02").await, Err(UseError::Denied(_))));
    let head = head_of("sokhcn");
    accept(&head, "rr-02").await.unwrap();
    assert_eq!(newest().await.content, said("medium", "accepted", Some(date(2026, 10, 15))));
    // A word on what would be left does not make a grave risk small.
    let softened = RiskAbout { residual: Some(estimate(1, 1)), ..critical };
    risks::change_risk(&app, &own, &sokhcn, &code("rr-01"), softened).await.unwrap();
    assert!(matches!(accept(&head, "rr-01").await, Err(UseError::Denied(_))));
    assert_eq!(state(&app, "rr-01").await, "open");
    let local = person("truongca-soyt", Role::Lead, AgencyScope::one(agency("soyt")));
    assert!(accept(&local, "rr-01").await.is_err(), "of another agency");
    let home = Caller { actor: lead().actor.of(Some(agency("sokhcn"))), ..lead() };
    let refused = accept(&home, "rr-01").await;
    let Err(UseError::Conflict(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("of your own agency"), "{why}");
    assert_eq!(state(&app, "rr-01").await, "open");
    accept(&lead(), "rr-01").await.unwrap();
    let record = newest().await;
    assert_eq!(record.content, said("critical", "accepted", Some(date(2026, 10, 15))));
    assert_eq!((record.about.how, record.about.subject.as_str()), (How::Documented, "rr-01"));
    let detail = risks::get_risk(&app, &own, &sokhcn, &code("rr-01")).await.unwrap();
    let steps: Vec<&str> = detail.steps.iter().map(|step| step.what.as_str()).collect();
    assert_eq!(steps, ["accept", "change", "add"]);
    let closed =
        risks::change_risk(&app, &own, &sokhcn, &code("rr-01"), about(estimate(1, 1))).await;
    assert!(matches!(closed, Err(UseError::Conflict(_))), "it is not open");
    let hidden = risks::get_risk(&app, &officer("soyt"), &sokhcn, &code("rr-01")).await;
    assert!(matches!(hidden, Err(UseError::NotFound { .. })));
    assert!(risks::list_risks(&app, &officer("soyt")).await.unwrap().is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_risk_opens_again_when_its_evidence_or_acceptance_lapses() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let soon = app.now() + SignedDuration::from_hours(48);
    let [kept, brief, wrong] = [None, Some(soon), Some(soon + SignedDuration::from_hours(9999))];
    let records = [
        restored(&app, kept, None).await,
        restored(&app, brief, None).await,
        restored(&app, wrong, None).await,
    ];
    let unknown = RiskAbout { records: BTreeSet::from([9_999]), ..about(estimate(4, 4)) };
    assert!(risks::add_risk(&app, &own, &sokhcn, code("x"), unknown).await.is_err());
    for (risk, record) in ["rr-kept", "rr-brief", "rr-wrong"].into_iter().zip(records) {
        let risk = code(risk);
        risks::add_risk(&app, &own, &sokhcn, risk.clone(), about(estimate(4, 4))).await.unwrap();
        let early = risks::close_risk(&app, &own, &sokhcn, &risk, "xong").await;
        assert!(matches!(early, Err(UseError::Invalid(_))), "no record shows it");
        let shown = RiskAbout { records: BTreeSet::from([record]), ..about(estimate(4, 4)) };
        risks::change_risk(&app, &own, &sokhcn, &risk, shown).await.unwrap();
        risks::close_risk(&app, &own, &sokhcn, &risk, "đã khôi phục thử").await.unwrap();
    }
    risks::add_risk(&app, &own, &sokhcn, code("rr-borne"), about(estimate(1, 1))).await.unwrap();
    let end = date(2026, 10, 16);
    let head = head_of("sokhcn");
    risks::accept_risk(&app, &head, &sokhcn, &code("rr-borne"), end, "tạm thời").await.unwrap();
    let written = told(&app, "risk.state").await.len();

    restored(&app, None, Some(records[2])).await;
    clock.forward(2 * 3600);
    until("the corrected record opens its risk", async || state(&app, "rr-wrong").await == "open")
        .await;
    assert_eq!(state(&app, "rr-borne").await, "accepted", "its last day has not come");
    clock.forward(50 * 3600);
    until("what ended opens", async || state(&app, "rr-brief").await == "open").await;
    until("the acceptance ends", async || state(&app, "rr-borne").await == "open").await;
    assert_eq!(state(&app, "rr-kept").await, "closed");
    let all = told(&app, "risk.state").await;
    assert_eq!(all.len(), written + 3, "each is told once");
    assert!(all[..3].iter().all(|record| {
        record.about.by == "program" && record.content.get("state") == Some(&"open".into())
    }));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assessment_is_confirmed_by_its_agency_once_there_is_one() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let none = risks::confirm_assessment(&app, &own, &sokhcn, &system()).await;
    assert!(matches!(none, Err(UseError::Conflict(_))), "an assessment finds something");
    risks::add_risk(&app, &own, &sokhcn, code("rr-01"), about(estimate(3, 3))).await.unwrap();
    risks::confirm_assessment(&app, &own, &sokhcn, &system()).await.unwrap();
    assert!(risks::confirm_assessment(&app, &officer("soyt"), &sokhcn, &system()).await.is_err());
    let told = told(&app, "risk.assessed").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].content, Content::map([("risks", 1.into())]));
    assert_eq!((told[0].about.how, &told[0].about.system), (How::Declared, &Some(system())));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_can_show_a_treatment_shows_it() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let decided = gate::decide(&app, &Caller::program(), &system()).await.unwrap();
    assert!(!decided.allows());
    let decision = told(&app, "gate.decision").await[0].about.seq;
    let profile = told(&app, "system.profile").await[0].about.seq;
    clock.forward(60);
    let handed = Handed {
        kind: "restore.tested".into(),
        agency: sokhcn.clone(),
        system: Some(system()),
        subject: None,
        reference: "báo cáo".into(),
        content: json!({"success": true, "rto_met": false, "rpo_met": true}),
        at: app.now(),
        until: None,
        corrects: None,
    };
    let missed = evidence::hand_in(&app, &Caller::program(), handed).await.unwrap().about.seq;
    for seq in [decision, profile, missed] {
        let shown = RiskAbout {
            residual: Some(estimate(1, 1)),
            records: [seq].into(),
            ..about(estimate(5, 5))
        };
        let refused = risks::add_risk(&app, &own, &sokhcn, code("rr-01"), shown).await;
        assert!(matches!(refused, Err(UseError::Invalid(_))), "record {seq}: {refused:?}");
    }
    let met = restored(&app, None, None).await;
    let shown = RiskAbout {
        residual: Some(estimate(1, 1)),
        records: [met].into(),
        ..about(estimate(5, 5))
    };
    risks::add_risk(&app, &own, &sokhcn, code("rr-01"), shown).await.unwrap();
    app.stop().await;
}

fn named(controls: &[&str]) -> BTreeSet<ControlName> {
    controls.iter().map(|one| ControlName::parse(one).unwrap()).collect()
}

async fn state_control(app: &App, control: &str, stated: Stated) {
    let key = CatalogueKey::parse("mh-levels@2026.1").unwrap();
    let said = (stated, "theo biên bản kiểm tra số 7");
    controls::state(app, &officer("sokhcn"), &system(), &key, control, said).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_risk_names_an_asset_of_its_agency_and_outlives_it() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let web01 = Asset {
        system: system(),
        name: HostName::new("web01").unwrap(),
        kind: AssetKind::Server,
        zone: Zone::Internet,
        site: None,
        address: None,
    };
    register::put_asset(&app, &own, web01).await.unwrap();
    let of = |text: &str| RiskAbout {
        asset: AssetName::parse(text, Some(&system())),
        ..about(estimate(3, 3))
    };
    let add = async |of_agency: &str, code_: &str, about: RiskAbout| {
        let who = officer(of_agency);
        risks::add_risk(&app, &who, &agency(of_agency), code(code_), about).await
    };
    let told = add("sokhcn", "rr-01", of("web02")).await.unwrap_err().to_string();
    assert!(told.contains("sokhcn has no asset cong-dvc/web02: name one of"), "{told}");
    let foreign = RiskAbout { system: None, ..of("web01") };
    let told = add("soyt", "rr-01", foreign.clone()).await.unwrap_err().to_string();
    assert!(told.contains("soyt has no asset cong-dvc/web01"), "{told}");
    add("sokhcn", "rr-00", foreign).await.unwrap();
    add("sokhcn", "rr-01", of("web01")).await.unwrap();
    let read = async || risks::get_risk(&app, &own, &sokhcn, &code("rr-01")).await.unwrap();
    assert!(read().await.has_asset);
    let kept = register::list_assets(&app, &own, None).await.unwrap();
    let id = kept.iter().find(|kept| kept.asset.name.as_str() == "web01").unwrap().id;
    register::remove_asset(&app, &own, &system(), id).await.unwrap();
    let detail = read().await;
    assert!(!detail.has_asset, "it is off the register");
    assert_eq!(detail.risk.about.asset.unwrap().to_string(), "cong-dvc/web01");
    let changed = RiskAbout { owner: "Phó Giám đốc".into(), ..of("web01") };
    risks::change_risk(&app, &own, &sokhcn, &code("rr-01"), changed).await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lacking_control_needs_whoever_may_approve_and_opens_what_was_closed() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let record = restored(&app, None, None).await;
    for (name, says) in [
        ("cis/1.1", "there is no catalogue cis"),
        ("mh-levels/XX-99", "mh-levels@2026.1 has no control XX-99"),
    ] {
        let wrong = RiskAbout { controls: named(&[name]), ..about(estimate(4, 4)) };
        let told = risks::add_risk(&app, &own, &sokhcn, code("x"), wrong).await.unwrap_err();
        assert!(told.to_string().contains(says), "{told}");
    }
    // UP-03 asks for what the record shows, UP-01 for a word; UP-07 is due from level 4 on.
    let treated = RiskAbout {
        residual: Some(estimate(2, 2)),
        records: [record].into(),
        controls: named(&["mh-levels/UP-01", "mh-levels/UP-03", "mh-levels/UP-07"]),
        ..about(estimate(4, 4))
    };
    risks::add_risk(&app, &own, &sokhcn, code("rr-01"), treated.clone()).await.unwrap();
    let read = async || risks::get_risk(&app, &own, &sokhcn, &code("rr-01")).await.unwrap();
    let standings = async || {
        let all = read().await.controls;
        all.into_iter().map(|one| (one.name.id, one.standing)).collect::<Vec<_>>()
    };
    let stands = |first| {
        [("UP-01", first), ("UP-03", Standing::Met), ("UP-07", Standing::NotDue)]
            .map(|(id, standing)| (id.to_owned(), standing))
    };
    assert_eq!(standings().await, stands(Standing::Lacking));
    assert_eq!(read().await.weighs, Rating::High, "what is left does not count");
    let end = date(2026, 12, 1);
    let head = head_of("sokhcn");
    let accept = async || {
        risks::accept_risk(&app, &head, &sokhcn, &code("rr-01"), end, "đang mua sắm").await
    };
    assert!(matches!(accept().await, Err(UseError::Denied(_))));
    let close = async || risks::close_risk(&app, &own, &sokhcn, &code("rr-01"), "đã làm").await;
    let told = close().await.unwrap_err().to_string();
    assert!(told.contains("mh-levels/UP-01 is not"), "{told}");

    state_control(&app, "UP-01", Stated::Partly).await;
    assert_eq!(standings().await, stands(Standing::Lacking), "a part is not all");
    clock.forward(60);
    state_control(&app, "UP-01", Stated::Implemented).await;
    assert_eq!(standings().await, stands(Standing::Stated));
    assert_eq!(read().await.weighs, Rating::Low);
    close().await.unwrap();
    clock.forward(60);
    state_control(&app, "UP-01", Stated::Planned).await;
    clock.forward(2 * 3600);
    until("the lost control opens its risk", async || state(&app, "rr-01").await == "open").await;
    let why = &read().await.steps[0];
    assert_eq!(why.detail, "control mh-levels/UP-01 is no longer in place");

    // Whoever keeps the risk does not leave out what is lacking, nor take the risk elsewhere.
    let plain = RiskAbout { controls: BTreeSet::new(), ..treated };
    let change = async |who: &Caller, about: &RiskAbout| {
        risks::change_risk(&app, who, &sokhcn, &code("rr-01"), about.clone()).await
    };
    let told = change(&own, &plain).await.unwrap_err().to_string();
    assert!(told.contains("only whoever may approve takes it off"), "{told}");
    assert_eq!(read().await.weighs, Rating::High);
    // Without its controls the record alone counts, as before; what was left out stands in the history.
    let mighty = Actor::new(
        Identity::Program,
        [Permission::AssuranceWrite, Permission::AssuranceApprove].into(),
        AgencyScope::All,
    );
    let mighty = Caller { actor: mighty, origin: "test".into() };
    change(&mighty, &plain).await.unwrap();
    let step = &read().await.steps[0];
    assert!(step.detail.contains("; controls −mh-levels/UP-01"), "{}", step.detail);
    assert_eq!(read().await.weighs, Rating::Low);
    accept().await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_threat_asset_and_controls_always_give_the_same_score() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let record = restored(&app, None, None).await;
    let same = RiskAbout {
        residual: Some(estimate(2, 4)),
        records: [record].into(),
        controls: named(&["mh-levels/UP-03"]),
        ..about(estimate(4, 5))
    };
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let mut scores = Vec::new();
    for name in ["rr-01", "rr-02"] {
        risks::add_risk(&app, &own, &sokhcn, code(name), same.clone()).await.unwrap();
        let detail = risks::get_risk(&app, &own, &sokhcn, &code(name)).await.unwrap();
        scores.push((detail.risk.rating(risks::pack().unwrap()), detail.weighs));
    }
    assert_eq!(scores, [(Rating::Critical, Rating::Medium); 2]);
    app.stop().await;
}
