//! What the centre looks for by itself: findings of its own, and assets in two networks.

use std::sync::Arc;

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::assessments::{self, Assessed};
use khien_app::use_case::findings::{self, OWN_TOOL, Upload};
use khien_app::use_case::register::{papers, zones};
use khien_app::use_case::tasks::list_tasks;
use khien_app::use_case::{UseError, alerts, ledger, register};
use khien_domain::alert::AlertKind;
use khien_domain::assessment::{Check, OwnCheck};
use khien_domain::asset::{Asset, AssetKind};
use khien_domain::code::SystemCode;
use khien_domain::evidence::content::Content;
use khien_domain::finding::{Finding, FindingState};
use khien_domain::host::{HostName, HostSeen};
use khien_domain::ids::SourceId;
use khien_domain::page::PageRequest;
use khien_domain::paper::Paper;
use khien_domain::permission::AgencyScope;
use khien_domain::restore::Measured;
use khien_domain::risk::Rating;
use khien_domain::system::{Level, Stage, System, Zone};
use khien_store::EvidenceFilter;
use khien_testkit::Hands;

use crate::support::{agency, centre_of_two, lead, officer, until, write_off};

fn code(text: &str) -> SystemCode {
    SystemCode::new(text).unwrap()
}

async fn used(app: &App, name: &str, level: i64) -> System {
    let level = Level::new(level).unwrap();
    let at = app.now();
    let new = System::new(code(name), agency("soyt"), name.into(), level, Stage::Operation, at);
    register::add_system(app, &officer("soyt"), new).await.unwrap()
}

async fn restored(app: &App, clock: &Arc<Hands>, system: &str, met: bool) {
    measured(app, clock, system, met, Measured::default()).await;
}

async fn measured(app: &App, clock: &Arc<Hands>, system: &str, met: bool, measured: Measured) {
    clock.forward(60);
    let new = Assessed {
        system: code(system),
        check: Check::Restore,
        day: app.now().to_zoned(jiff::tz::TimeZone::UTC).date(),
        report: "Biên bản khôi phục thử".into(),
        independent: false,
        met,
        measured,
        scanned: (0, String::new()),
    };
    assessments::record_assessment(app, &officer("soyt"), new).await.unwrap();
}

async fn own(app: &App, system: &str) -> Vec<Finding> {
    let all = findings::list_findings(app, &lead(), Some(&code(system))).await.unwrap();
    all.into_iter().filter(|one| one.tool == OWN_TOOL).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_in_test_that_the_internet_reaches_is_a_finding() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (level, at) = (Level::new(1).unwrap(), app.now());
    let new = System::new(code("thu"), agency("soyt"), "Thử".into(), level, Stage::Test, at);
    let closed = System { is_exposed: false, zone: Zone::Dedicated, ..new };
    register::add_system(&app, &officer("soyt"), closed.clone()).await.unwrap();
    let (program, officer) = (Caller::program(), officer("soyt"));
    let is_open = async || {
        findings::look(&app, &program).await.unwrap();
        let found = own(&app, "thu").await;
        assert!(found.iter().all(|one| one.about.rule == OwnCheck::TestExposed.name()));
        found.iter().any(|one| one.state == FindingState::Open)
    };
    assert!(!is_open().await);
    let open = System { is_exposed: true, zone: Zone::Internet, ..closed.clone() };
    register::change_system(&app, &officer, open.clone()).await.unwrap();
    assert!(is_open().await);
    register::change_system(&app, &officer, closed).await.unwrap();
    assert!(!is_open().await, "it was closed off");
    register::change_system(&app, &officer, open.clone()).await.unwrap();
    assert!(is_open().await);
    let off = System { stage: Stage::Retired, ..open };
    write_off(&app, &code("thu")).await;
    register::change_system(&app, &officer, off).await.unwrap();
    assert!(!is_open().await, "it was switched off");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_missed_its_objectives_is_a_finding_until_one_meets_them() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    used(&app, "kham-benh", 2).await;
    let program = Caller::program();
    findings::look(&app, &program).await.unwrap();
    assert!(own(&app, "kham-benh").await.is_empty(), "nobody has tried");
    restored(&app, &clock, "kham-benh", false).await;
    let looked = findings::look(&app, &program).await.unwrap();
    assert_eq!((looked.begun, looked.fixed), (1, 0));
    let found = own(&app, "kham-benh").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].about.rule, OwnCheck::Restore.name());
    assert_eq!((found[0].about.severity, &found[0].state), (Rating::High, &FindingState::Open));
    // Looking again says nothing more.
    let size = app.store.ledger_tip().await.unwrap().size;
    assert_eq!(findings::look(&app, &program).await.unwrap().begun, 0);
    assert_eq!(app.store.ledger_tip().await.unwrap().size, size);
    // Somebody's word that it is mended holds only until the centre looks.
    let id = found[0].id;
    findings::repair_finding(&app, &officer("soyt"), id, "đã thay ổ đĩa sao lưu").await.unwrap();
    let of_another = Caller { actor: lead().actor.of(Some(agency("sokhcn"))), ..lead() };
    findings::retest_finding(&app, &of_another, id, "Biên bản số 3").await.unwrap();
    assert_eq!(findings::look(&app, &program).await.unwrap().begun, 1);
    assert_eq!(own(&app, "kham-benh").await[0].state, FindingState::Open);
    restored(&app, &clock, "kham-benh", true).await;
    assert_eq!(findings::look(&app, &program).await.unwrap().fixed, 1);
    let day = "2026-10-15".parse().unwrap();
    assert_eq!(own(&app, "kham-benh").await[0].state, FindingState::Fixed(day));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_critical_system_whose_restore_is_not_tried_in_time_is_a_finding_until_it_is() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let system = used(&app, "kham-benh", 2).await;
    let objectives = |rto, rpo| System {
        is_critical: true,
        rto_minutes: Some(rto),
        rpo_minutes: Some(rpo),
        ..system.clone()
    };
    let program = Caller::program();
    let open = async || {
        findings::look(&app, &program).await.unwrap();
        let rules = rules(&app, "kham-benh").await.into_iter().map(|(rule, _)| rule);
        let restore = [OwnCheck::Restore.name(), OwnCheck::Untried.name()];
        rules.filter(|rule| restore.contains(&rule.as_str())).collect::<Vec<_>>()
    };
    assert!(open().await.is_empty(), "it is not critical");
    register::change_system(&app, &officer("soyt"), objectives(60, 15)).await.unwrap();
    assert_eq!(open().await, [OwnCheck::Untried.name()]);
    let found = own(&app, "kham-benh").await;
    let found = found.iter().find(|one| one.about.rule == OwnCheck::Untried.name()).unwrap();
    assert_eq!(found.about.severity, Rating::Medium, "it does not close the gate by itself");
    let minutes = Measured { minutes: Some(50), lost_minutes: Some(10) };
    measured(&app, &clock, "kham-benh", true, minutes).await;
    assert!(open().await.is_empty());
    // The minutes are held against what is demanded now, not against what was.
    register::change_system(&app, &officer("soyt"), objectives(30, 15)).await.unwrap();
    assert_eq!(open().await, [OwnCheck::Restore.name()]);
    register::change_system(&app, &program, objectives(50, 10)).await.unwrap();
    assert!(open().await.is_empty(), "as demanded");
    register::change_system(&app, &officer("soyt"), objectives(50, 9)).await.unwrap();
    assert_eq!(open().await, [OwnCheck::Restore.name()], "too much was lost");
    // What missed its objectives stays so when they are made longer.
    let minutes = Measured { minutes: Some(51), lost_minutes: Some(9) };
    measured(&app, &clock, "kham-benh", false, minutes).await;
    register::change_system(&app, &program, objectives(90, 90)).await.unwrap();
    assert_eq!(open().await, [OwnCheck::Restore.name()]);
    let minutes = Measured { minutes: Some(51), lost_minutes: Some(9) };
    measured(&app, &clock, "kham-benh", true, minutes).await;
    assert!(open().await.is_empty());
    clock.forward(181 * 24 * 3_600);
    assert_eq!(open().await, [OwnCheck::Untried.name()]);
    measured(&app, &clock, "kham-benh", true, minutes).await;
    assert!(open().await.is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_same_hour_the_gate_knows_what_the_centre_has_found() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    used(&app, "kham-benh", 2).await;
    restored(&app, &clock, "kham-benh", false).await;
    let decisions = async || {
        let filter = EvidenceFilter {
            kind: Some("gate.decision".into()),
            system: Some(code("kham-benh")),
            ..EvidenceFilter::default()
        };
        let page = PageRequest::first();
        app.store.list_evidence(&AgencyScope::All, &filter, &page).await.unwrap().items
    };
    // The first hour of measuring comes some minutes after the start.
    clock.forward(11 * 60);
    until("the gate was asked", async || !decisions().await.is_empty()).await;
    let decided = decisions().await;
    assert_eq!(decided.len(), 1);
    let statement = decided[0].content.get("statement").unwrap().to_text();
    let statement: serde_json::Value = serde_json::from_str(&statement).unwrap();
    let reasons = statement["reasons"].as_array().unwrap();
    let finding = reasons.iter().find(|reason| reason["condition"] == "finding").unwrap();
    assert_eq!(finding["holds"], false, "{statement}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_in_which_nothing_is_in_place_is_a_finding_from_level_three_on() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    used(&app, "nho", 2).await;
    used(&app, "lon", 3).await;
    findings::look(&app, &Caller::program()).await.unwrap();
    assert!(own(&app, "nho").await.is_empty());
    let found = own(&app, "lon").await;
    let mut places: Vec<_> = found.iter().map(|one| one.about.place.as_str()).collect();
    places.sort_unstable();
    assert_eq!(places, ["application", "data", "edge", "host", "network", "people"]);
    assert!(found.iter().all(|one| one.about.severity == Rating::Medium));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_touches_what_the_centre_finds() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    used(&app, "lon", 3).await;
    let program = Caller::program();
    let import = async |row: &str| {
        let bytes = format!("rule,title,severity,place\n{row}").into_bytes();
        let upload = Upload { name: "a.csv".into(), bytes, tool: "Máy quét".into(), at: None };
        findings::import_findings(&app, &program, &code("lon"), upload, false).await.unwrap()
    };
    // Named before the centre looked: the centre finds it all the same.
    import("empty-layer,Lỗi,low,edge\n").await;
    findings::look(&app, &program).await.unwrap();
    let edge = async || {
        let all = own(&app, "lon").await;
        all.into_iter().find(|one| one.about.place == "edge").unwrap()
    };
    let was = edge().await;
    assert_eq!((was.about.severity, &was.state), (Rating::Medium, &FindingState::Open));
    let size = app.store.ledger_tip().await.unwrap().size;
    clock.forward(3600);
    assert_eq!(findings::look(&app, &program).await.unwrap().begun, 0);
    assert_eq!(app.store.ledger_tip().await.unwrap().size, size, "nothing more is told");
    assert_eq!(import("empty-layer,Lỗi,critical,edge\n").await.seen, 1);
    clock.forward(3600);
    assert_eq!(import("").await.fixed, 0);
    assert_eq!(edge().await, was);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_speaks_in_the_name_of_the_centre() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    used(&app, "lon", 3).await;
    let upload = Upload {
        name: "a.csv".into(),
        bytes: "rule,title,severity,place\na,b,low,c\n".into(),
        tool: OWN_TOOL.into(),
        at: None,
    };
    let refused =
        findings::import_findings(&app, &officer("soyt"), &code("lon"), upload, false).await;
    let UseError::Invalid(why) = refused.unwrap_err() else { panic!("not refused as invalid") };
    assert_eq!(why, "«Khiên» is what the centre itself finds: name the tool");
    app.stop().await;
}

async fn put(app: &App, system: &str, name: &str, zone: Zone) {
    let asset = Asset {
        system: code(system),
        name: HostName::new(name).unwrap(),
        kind: AssetKind::Server,
        zone,
        site: None,
        address: None,
    };
    register::put_asset(app, &officer("soyt"), asset).await.unwrap();
}

/// Tasks about zones: how many there are, and how many of them are done.
async fn tasks(app: &App) -> (usize, usize) {
    let filter = ledger::EvidenceFilter { kind: Some("task.state".into()), ..Default::default() };
    let page = PageRequest::first();
    let found = ledger::list(app, &lead(), &filter, &page).await.unwrap().items;
    let ours: Vec<_> = found.iter().filter(|one| one.about.subject == "zones may-chu-1").collect();
    let done =
        ours.iter().filter(|one| one.content.get("done").and_then(Content::as_text).is_some());
    (ours.len(), done.count())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_events_of_another_network_name_stands_there_for_a_while() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    used(&app, "noi-bo", 3).await;
    used(&app, "ra-ngoai", 1).await;
    let program = Caller::program();
    put(&app, "noi-bo", "may-chu-1", Zone::Isolated).await;
    // Events of another system name it: it is in that network too, until they no longer do.
    let seen = |at| HostSeen {
        system: code("ra-ngoai"),
        name: HostName::new("May-Chu-1.").unwrap(),
        source: SourceId(1),
        at,
    };
    let mut tx = app.store.begin().await.unwrap();
    tx.see_hosts(&[seen(app.now())]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(zones::look(&app, &program).await.unwrap(), 1);
    let all = zones::list_placed(&app, &officer("soyt")).await.unwrap();
    assert_eq!(all.iter().filter(|one| one.is_seen).count(), 1);
    assert!(zones::list_placed(&app, &officer("sokhcn")).await.unwrap().is_empty());
    assert_eq!(tasks(&app).await, (1, 0));
    clock.forward(7 * 24 * 3_600 + 1);
    assert_eq!(zones::look(&app, &program).await.unwrap(), 0);
    assert_eq!(tasks(&app).await, (2, 1));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asset_in_two_networks_is_an_alert_and_a_task_until_it_stands_in_one() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    used(&app, "noi-bo", 3).await;
    used(&app, "ra-ngoai", 1).await;
    let program = Caller::program();
    put(&app, "noi-bo", "may-chu-1", Zone::Isolated).await;
    assert_eq!(zones::look(&app, &program).await.unwrap(), 0);
    put(&app, "ra-ngoai", "MAY-CHU-1", Zone::Internet).await;
    // Two that look at once raise one.
    let both = tokio::join!(zones::look(&app, &program), zones::look(&app, &program));
    assert_eq!((both.0.unwrap(), both.1.unwrap()), (1, 1));
    let filter = alerts::AlertFilter { kind: Some(AlertKind::TwoZones), ..Default::default() };
    let page = PageRequest::new(None, 10);
    let raised = alerts::list_alerts(&app, &lead(), &filter, &page).await.unwrap().items;
    assert_eq!(raised.len(), 1);
    assert_eq!((raised[0].count, raised[0].system.as_str()), (1, "noi-bo"), "the graver system");
    assert_eq!(raised[0].entity, "may-chu-1");
    assert_eq!(tasks(&app).await, (1, 0));
    let listed = list_tasks(&app, &officer("soyt")).await.unwrap();
    let [task] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!(
        (task.subject.as_str(), task.done, task.is_declared),
        ("zones may-chu-1", None, false)
    );
    let day_after = task.due.tomorrow().unwrap();
    assert!(task.is_overdue(day_after) && !task.is_overdue(task.due));
    assert!(list_tasks(&app, &officer("sokhcn")).await.unwrap().is_empty());
    clock.forward(3_600);
    zones::look(&app, &program).await.unwrap();
    assert_eq!(tasks(&app).await, (1, 0), "it is told once");
    put(&app, "ra-ngoai", "may-chu-1", Zone::Isolated).await;
    assert_eq!(zones::look(&app, &program).await.unwrap(), 0);
    assert_eq!(tasks(&app).await, (2, 1));
    let listed = list_tasks(&app, &officer("soyt")).await.unwrap();
    assert!(listed.len() == 1 && listed[0].is_accepted && !listed[0].is_overdue(day_after));
    // It comes back, and begins anew.
    put(&app, "ra-ngoai", "may-chu-1", Zone::Internet).await;
    clock.forward(3_600);
    zones::look(&app, &program).await.unwrap();
    assert_eq!(tasks(&app).await, (3, 1));
    app.stop().await;
}

fn paper(kind: &str, to: Option<&str>, until: &str) -> Paper {
    let said = match kind {
        "zone-link" => [("document", "12/QĐ.MH"), ("guard", "Tường lửa hai lớp"), ("until", until)],
        _ => [("document", "13/QĐ.MH"), ("situations", "mất điện"), ("until", until)],
    };
    let more = (kind == "continuity").then_some(("redundancy", "hai đường truyền"));
    let said = said.into_iter().chain(more);
    Paper {
        system: code("noi-bo"),
        kind: kind.into(),
        to: to.map(code),
        values: said.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    }
}

async fn rules(app: &App, system: &str) -> Vec<(String, String)> {
    let open = own(app, system).await.into_iter().filter(|one| one.state == FindingState::Open);
    let mut rules: Vec<_> = open.map(|one| (one.about.rule, one.about.place)).collect();
    rules.retain(|(rule, _)| rule != OwnCheck::Layer.name());
    rules.sort();
    rules
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_critical_system_leans_on_is_found_until_papers_and_objectives_answer_it() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let (officer, program) = (officer("soyt"), Caller::program());
    let system = used(&app, "noi-bo", 3).await;
    let other = used(&app, "nen-tang", 3).await;
    let far = used(&app, "may-chu", 3).await;
    clock.forward(60);
    let critical = System {
        is_critical: true,
        rto_minutes: Some(60),
        rpo_minutes: Some(30),
        zone: Zone::Isolated,
        is_exposed: false,
        ..system
    };
    register::change_system(&app, &officer, critical).await.unwrap();
    restored(&app, &clock, "noi-bo", true).await;
    register::set_needs(&app, &officer, &code("noi-bo"), [code("nen-tang")].into()).await.unwrap();
    register::set_needs(&app, &officer, &code("nen-tang"), [code("may-chu")].into()).await.unwrap();
    findings::look(&app, &program).await.unwrap();
    let told = |rule: OwnCheck, place: &str| (rule.name().to_owned(), place.to_owned());
    let found = rules(&app, "noi-bo").await;
    let all = [
        told(OwnCheck::Continuity, ""),
        told(OwnCheck::SlowerNeed, "may-chu"),
        told(OwnCheck::SlowerNeed, "nen-tang"),
        told(OwnCheck::ZoneLink, "nen-tang"),
    ];
    assert_eq!(found, all);
    assert!(rules(&app, "nen-tang").await.is_empty(), "it is not critical, and in one network");
    // What has to be said is asked for; a paper that has ended counts for nothing.
    let nothing =
        Paper { values: std::collections::BTreeMap::new(), ..paper("continuity", None, "") };
    let refused = papers::add_paper(&app, &officer, nothing).await;
    assert!(matches!(refused, Err(UseError::Invalid(_))), "{refused:?}");
    let old = paper("continuity", None, "2026-10-14");
    papers::add_paper(&app, &officer, old).await.unwrap();
    let nowhere = paper("zone-link", Some("khong-co"), "2026-12-31");
    let refused = papers::add_paper(&app, &officer, nowhere).await;
    assert!(matches!(refused, Err(UseError::NotFound { .. })), "{refused:?}");
    let link = paper("zone-link", Some("nen-tang"), "2026-12-31");
    let link = papers::add_paper(&app, &officer, link).await.unwrap();
    for one in [other, far] {
        let one = System { rto_minutes: Some(60), ..one };
        register::change_system(&app, &officer, one).await.unwrap();
    }
    findings::look(&app, &program).await.unwrap();
    assert_eq!(rules(&app, "noi-bo").await, [told(OwnCheck::Continuity, "")]);
    papers::add_paper(&app, &officer, paper("continuity", None, "2026-12-31")).await.unwrap();
    findings::look(&app, &program).await.unwrap();
    assert!(rules(&app, "noi-bo").await.is_empty());
    papers::remove_paper(&app, &officer, &code("noi-bo"), link).await.unwrap();
    findings::look(&app, &program).await.unwrap();
    assert_eq!(rules(&app, "noi-bo").await, [told(OwnCheck::ZoneLink, "nen-tang")]);
    // Nobody of another agency sees or changes them.
    let stranger = crate::support::officer("sokhcn");
    assert!(papers::list_papers(&app, &stranger, None).await.unwrap().is_empty());
    let refused = papers::add_paper(&app, &stranger, paper("continuity", None, "2026-12-31")).await;
    assert!(refused.is_err());
    app.stop().await;
}
