//! What the centre measures by itself, and what the gate says of everything in use.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU8, Ordering};

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::demonstration::{self, Broken, Past, Told};
use khien_app::use_case::evidence::{self, Handed};
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::{UseError, alerts, audit, gate, measure, register};
use khien_domain::account::Role;
use khien_domain::agency::{Agency, AgencyKind, Contact};
use khien_domain::alert::{AlertKind, State};
use khien_domain::asset::{Asset, AssetKind};
use khien_domain::code::{AgencyCode, SiteCode, SystemCode};
use khien_domain::evidence::{How, NewEvidence, Origin, Record};
use khien_domain::host::HostName;
use khien_domain::index::State as Counted;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::product::{Make, Product};
use khien_domain::rate::Rate;
use khien_domain::site::Site;
use khien_domain::source::{SourceKind, SourceSettings, SourceStatus};
use khien_domain::system::{Level, Operator, Stage, System, Zone};
use khien_domain::token::TokenBytes;
use khien_store::AlertFilter;
use khien_testkit::{Hands, behind_its_back, sysmon};
use serde_json::{Value, json};

use crate::support::{indicator, phrases, send, start, until};

pub(crate) fn agency() -> AgencyCode {
    AgencyCode::new("sokhcn").unwrap()
}

fn system() -> SystemCode {
    SystemCode::new("cong-dvc").unwrap()
}

/// The records of a kind, newest first.
pub(crate) async fn records(app: &App, kind: &str) -> Vec<Record> {
    let filter = EvidenceFilter { kind: Some(kind.into()), ..EvidenceFilter::default() };
    ledger::list(app, &Caller::program(), &filter, &PageRequest::first()).await.unwrap().items
}

/// What the records of a kind say, newest first.
pub(crate) async fn said(app: &App, kind: &str) -> Vec<Value> {
    let read = |record: Record| serde_json::from_str(&record.content.to_text()).unwrap();
    records(app, kind).await.into_iter().map(read).collect()
}

pub(crate) async fn measured(app: &App) -> usize {
    measure::measure(app, &Caller::program()).await.unwrap()
}

/// An event of Windows, one JSON line; `said` is what it says beside who and when.
fn windows(at: Timestamp, host: &str, channel: &str, id: u32, said: &Value) -> String {
    let mut event = json!({
        "EventID": id,
        "Channel": channel,
        "Computer": host,
        "UtcTime": utc(at),
    });
    let about = event.as_object_mut().unwrap();
    about.extend(said.as_object().unwrap().clone());
    format!("{event}\n")
}

/// A moment as Windows tells it.
fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S.000").to_string()
}

/// Somebody signs in: OCSF class 3002.
fn signed_in(at: Timestamp, host: &str) -> String {
    let said = json!({"TargetUserName": "an", "LogonType": 3, "IpAddress": "192.0.2.7"});
    windows(at, host, "Security", 4624, &said)
}

/// A connection: OCSF class 4001.
fn connected(at: Timestamp, host: &str) -> String {
    let said = json!({"Image": "C:\\a.exe", "DestinationIp": "192.0.2.9", "DestinationPort": 443});
    windows(at, host, "Microsoft-Windows-Sysmon/Operational", 3, &said)
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_are_alive_or_not_and_switching_one_off_hides_nothing() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = crate::support::register(&app).await;
    measured(&app).await;
    // Its source, and what a system of level 3 must show: sign-ins.
    assert_eq!(said(&app, "monitoring.state").await, [json!({"required": 2, "alive": 0})]);
    assert_eq!(measured(&app).await, 0, "nothing is new");
    send(&app, source, &signed_in(app.now(), "PC1"), None).await.unwrap();
    let alive = json!({"required": 1, "alive": 1});
    until("heard", async || {
        measured(&app).await;
        said(&app, "monitoring.state").await[0] == alive
    })
    .await;
    // What is still so is told again before it is too old to count.
    let before = said(&app, "monitoring.state").await.len();
    clock.forward(12 * 3_600);
    assert_eq!(measured(&app).await, 1);
    assert_eq!(said(&app, "monitoring.state").await.len(), before + 1);
    let all = Caller::program();
    register::set_source_status(&app, &all, source, SourceStatus::Disabled).await.unwrap();
    measured(&app).await;
    let silent = json!({"required": 2, "alive": 0});
    let told = said(&app, "monitoring.state").await;
    assert_eq!(told[0], silent, "it is still required, and shows nothing any more");
    clock.forward(31 * 24 * 3_600);
    assert_eq!(measured(&app).await, 0, "by now it belongs to the system no more");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_of_level_four_has_two_sources_that_show_what_they_must_and_one_that_falls_silent_shows()
 {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let first = crate::support::register(&app).await;
    let all = Caller::program();
    let known = register::get_system(&app, &all, &system()).await.unwrap();
    let grave = System { level: Level::new(4).unwrap(), ..known };
    register::change_system(&app, &all, grave).await.unwrap();
    let count = AtomicU8::new(0);
    let hear = async |source| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let payload = sysmon(&format!("PC{number}"), "C:\\a.exe", &utc(app.now()));
        send(&app, source, &payload, None).await.unwrap();
    };
    let becomes = async |required: i64, alive: i64| {
        let wanted = json!({"required": required, "alive": alive});
        until("measured", async || {
            measured(&app).await;
            said(&app, "monitoring.state").await[0] == wanted
        })
        .await;
        let answer = gate::check(&app, &all, &system(), Stage::Operation).await.unwrap();
        let reasons = answer.statement.reasons;
        let gate = reasons.into_iter().find(|one| one.condition == "monitored").unwrap().holds;
        (gate, indicator(&app, "sokhcn", "N3.1").await.1)
    };
    // One source that is alive is not enough for a system of level 4: it shows what runs on a server, no
    // sign-in and no network.
    hear(first).await;
    assert_eq!(becomes(4, 1).await, (false, "0.00".into()));
    let settings = SourceSettings {
        name: "tường lửa".into(),
        formats: BTreeSet::new(),
        rate: Rate { events_per_second: 1_000, bytes_per_second: 1 << 20 },
        heartbeat_seconds: Some(60),
        networks: BTreeSet::new(),
        certificate: None,
    };
    let (kind, random) = (SourceKind::Http, TokenBytes([9; 21]));
    let second = register::add_source(&app, &all, &system(), kind, settings, &random).await;
    let second = second.unwrap().source.id;
    hear(second).await;
    assert_eq!(becomes(4, 2).await, (false, "0.00".into()));
    send(&app, second, &connected(app.now(), "FW1"), None).await.unwrap();
    assert_eq!(becomes(3, 2).await, (false, "0.00".into()));
    // A log of the past shows nothing of what is sent now.
    let past = app.now().checked_sub(SignedDuration::from_hours(25)).unwrap();
    send(&app, first, &signed_in(past, "PC1"), None).await.unwrap();
    hear(first).await;
    assert_eq!(becomes(3, 2).await, (false, "0.00".into()));
    send(&app, first, &signed_in(app.now(), "PC1"), None).await.unwrap();
    assert_eq!(becomes(2, 2).await, (true, "100.00".into()));
    // The second falls silent: coverage falls, and an alert says which.
    clock.forward(25 * 3_600);
    hear(first).await;
    assert_eq!(becomes(2, 1).await, (false, "0.00".into()));
    let filter = AlertFilter { kind: Some(AlertKind::SourceSilent), ..AlertFilter::default() };
    let silent = async || {
        let found = alerts::list_alerts(&app, &all, &filter, &PageRequest::first()).await.unwrap();
        found.items.into_iter().any(|alert| alert.entity == "tường lửa")
    };
    until("an alert", silent).await;
    // What is no more seen of a type for a week, or only from a source that is switched off, is not there.
    let there = async || {
        let shown = measure::shown(&app, &all, &system()).await.unwrap();
        let there = shown.iter().filter(|one| one.is_there);
        there.map(|one| one.of.named.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(there().await, ["identity", "host", "network"]);
    register::set_source_status(&app, &all, second, SourceStatus::Disabled).await.unwrap();
    assert_eq!(there().await, ["identity", "host"]);
    clock.forward(6 * 24 * 3_600);
    hear(first).await;
    until("a week passes", async || there().await == ["host"]).await;
    let stranger = crate::support::officer("so-ct");
    assert!(measure::shown(&app, &stranger, &system()).await.is_err());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_update_types_are_not_asked_for_before_they_can_have_been_seen() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    crate::support::register(&app).await;
    let text = "UPDATE migration SET applied_at = applied_at - 1 WHERE number = 1";
    if !behind_its_back(&app.folder.database(), text) {
        return;
    }
    measured(&app).await;
    assert_eq!(said(&app, "monitoring.state").await, [json!({"required": 1, "alive": 0})]);
    clock.forward(8 * 24 * 3_600);
    measured(&app).await;
    assert_eq!(said(&app, "monitoring.state").await[0], json!({"required": 2, "alive": 0}));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_become_continuity() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    crate::support::register(&app).await;
    // Its heartbeat is a minute: it is heard in the first and in no other.
    for _ in 0..4 {
        tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
        clock.forward(90);
    }
    let told = async || {
        measured(&app).await;
        said(&app, "monitoring.continuity").await
    };
    until("minutes", async || !told().await.is_empty()).await;
    let told = said(&app, "monitoring.continuity").await[0].clone();
    let (minutes, heard) = (told["minutes"].as_i64().unwrap(), told["heard"].as_i64().unwrap());
    assert!((4..=6).contains(&minutes) && heard < 2, "{told}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_of_a_source_that_is_switched_off_are_unheard() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = crate::support::register(&app).await;
    let all = Caller::program();
    register::set_source_status(&app, &all, source, SourceStatus::Disabled).await.unwrap();
    for _ in 0..4 {
        tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
        clock.forward(90);
    }
    until("minutes", async || {
        measured(&app).await;
        !said(&app, "monitoring.continuity").await.is_empty()
    })
    .await;
    let told = said(&app, "monitoring.continuity").await[0].clone();
    assert!(told["minutes"].as_i64().unwrap() >= 4 && told["heard"] == 0, "{told}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn support_and_certificates_that_end_are_told_and_still_counted() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = crate::support::centre_of_two(&place.path().join("data")).await;
    let own = crate::support::officer("sokhcn");
    let product = Product {
        system: system(),
        name: "Hệ quản trị Mẫu".into(),
        version: None,
        maker: None,
        certificate: None,
        scope: None,
        certificate_until: None,
        support_until: Some(date(2026, 10, 20)),
        make: Make::Domestic,
        is_cryptographic: false,
        authority: None,
        custodian: None,
    };
    register::add_product(&app, &own, product).await.unwrap();
    let site = Site {
        code: SiteCode::new("ttdl").unwrap(),
        name: "Trung tâm dữ liệu".into(),
        kind: "data-centre".into(),
        standard: Some("MAU-01".into()),
        until: Some(date(2026, 10, 20)),
        plan: None,
        plan_by: None,
    };
    register::put_site(&app, &Caller::program(), site).await.unwrap();
    let server = Asset {
        system: system(),
        name: HostName::new("web01").unwrap(),
        kind: AssetKind::Server,
        zone: Zone::Internet,
        site: Some(SiteCode::new("ttdl").unwrap()),
        address: None,
    };
    register::put_asset(&app, &own, server).await.unwrap();
    measured(&app).await;
    let (used, sites) = (said(&app, "product.used").await, said(&app, "hosting.site").await);
    assert_eq!((used.len(), sites.len()), (1, 1), "nothing has ended");
    assert_eq!((&used[0]["supported"], &sites[0]["qualified"]), (&json!(true), &json!(1)));
    for kind in ["product.used", "hosting.site"] {
        assert_eq!(records(&app, kind).await[0].about.until, None, "it does not drop out");
    }
    clock.forward(10 * 24 * 3_600);
    for _ in 0..2 {
        measured(&app).await;
        let (used, sites) = (said(&app, "product.used").await, said(&app, "hosting.site").await);
        assert_eq!((used.len(), sites.len()), (2, 2), "told once");
        assert_eq!((&used[0]["supported"], &sites[0]["qualified"]), (&json!(false), &json!(0)));
        assert_eq!(sites[0]["servers"], json!(1));
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grave_alert_that_waits_is_told_until_it_is_taken_up() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = crate::support::register(&app).await;
    let payload = sysmon("PC1", "C:\\Windows\\whoami.exe", "2026-10-15 00:59:58.000");
    send(&app, source, &payload, None).await.unwrap();
    let raised = async || {
        let filter = AlertFilter { kind: Some(AlertKind::Rule), ..AlertFilter::default() };
        let page = PageRequest::first();
        app.store.list_alerts(&AgencyScope::All, &filter, &page).await.unwrap().items
    };
    until("an alert", async || !raised().await.is_empty()).await;
    let alert = raised().await.remove(0);
    let of_it = async || {
        let subject = format!("alert {}", alert.id);
        let mut found = records(&app, "alert.handled").await;
        found.retain(|record| record.about.subject == subject);
        found
    };
    measured(&app).await;
    assert!(of_it().await.is_empty(), "there is time yet");
    clock.forward(61 * 60);
    measured(&app).await;
    measured(&app).await;
    let waiting = of_it().await;
    assert_eq!(waiting.len(), 1, "{:?}", alert.severity);
    assert!(waiting[0].content.get("acknowledged").is_none());
    let all = Caller::program();
    alerts::change_alert(&app, &all, alert.id, State::InProgress, None).await.unwrap();
    let taken = of_it().await;
    assert!(taken[0].content.get("acknowledged").is_some() && taken.len() == 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_record_for_everybody_measures() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    crate::support::register(&app).await;
    let identity = khien_domain::permission::Identity::Program;
    let of = |role: Role, agencies| Caller {
        actor: khien_domain::permission::Actor::new(identity.clone(), role.permissions(), agencies),
        origin: String::new(),
    };
    let officer = of(Role::Officer, AgencyScope::one(agency()));
    let refused = measure::measure(&app, &officer).await;
    assert!(matches!(refused, Err(UseError::Invalid(_))), "{refused:?}");
    for nobody in [of(Role::Leader, AgencyScope::All), of(Role::Auditor, AgencyScope::All)] {
        assert!(matches!(measure::measure(&app, &nobody).await, Err(UseError::Denied(_))));
        assert!(matches!(gate::sweep(&app, &nobody).await, Err(UseError::Denied(_))));
    }
    app.stop().await;
}

/// All that the gate asks of a system of level 3.
fn in_order(app: &App) -> Past {
    let before = |days: i64| app.now() - SignedDuration::from_hours(24 * days);
    let told = |kind: &str, is_of_system: bool, content: Value| Told {
        handed: Handed {
            kind: kind.into(),
            agency: agency(),
            system: is_of_system.then(system),
            subject: None,
            reference: "mẫu".into(),
            content,
            at: app.now(),
            until: None,
            corrects: None,
        },
        origin: Origin::Document,
        how: How::Measured,
        by: "khien".into(),
        file: None,
    };
    let evidence = vec![
        told(
            "agency.assignment",
            false,
            json!({"signed": "2026-09-01", "head": true, "deputy": true, "contacts": 2, "all_active": true}),
        ),
        told(
            "system.profile",
            true,
            json!({
                "name": "Cổng", "kind": "information-system", "level": 3, "stage": "operation",
                "critical": false, "personal_data": false, "internet": true, "zone": "internet",
                "owner_named": true, "head_named": true,
            }),
        ),
        told("system.dossier", true, json!({"level": 3, "state": "approved"})),
        told("design.appraisal", true, json!({"state": "approved"})),
        told("test.data", true, json!({"clean": true})),
        told("scan.done", true, json!({"tool": "mẫu", "findings": 0})),
        told("pentest.done", true, json!({"independent": true})),
        told("restore.tested", true, json!({"success": true, "rto_met": true, "rpo_met": true})),
        told("monitoring.state", true, json!({"required": 1, "alive": 1})),
    ];
    Past {
        registered_at: before(400),
        agencies: vec![(agency(), before(9))],
        systems: vec![(system(), before(8))],
        evidence,
        decided_at: before(2),
        phrases: phrases(&system()),
        broken: Broken {
            system: system(),
            by: "person truongca".into(),
            reason: "Kỳ họp cần hệ thống".into(),
            at: before(20),
            hours: 48,
            finding: "không có truy cập lạ".into(),
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_used_without_leave_is_one_alert_and_one_task_until_the_gate_opens() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = crate::support::register(&app).await;
    let all = Caller::program();
    let found = async || {
        let filter =
            AlertFilter { kind: Some(AlertKind::SystemNotAllowed), ..AlertFilter::default() };
        let page = PageRequest::first();
        app.store.list_alerts(&AgencyScope::All, &filter, &page).await.unwrap().items
    };
    let tasks = async || {
        let mut tasks = records(&app, "task.state").await;
        tasks.retain(|record| record.about.subject == "gate cong-dvc");
        tasks
    };
    let sheet = register::get_agency(&app, &all, &agency()).await.unwrap();
    let contact = |role: &str| Contact {
        role: role.into(),
        post: "Phòng Mẫu".into(),
        mail: "truc@sokhcn.minhhoa.example".into(),
        line: None,
    };
    let contacts = ["Trực ban", "Ứng cứu sự cố"].map(contact).to_vec();
    register::assign(&app, &all, &agency(), sheet.appointments, contacts).await.unwrap();
    app.folder.mark_as_demo().unwrap();
    demonstration::fill(&app, &app.folder, &all, in_order(&app)).await.unwrap();
    let swept = gate::sweep(&app, &all).await.unwrap();
    assert_eq!((swept.asked, swept.denied.len()), (1, 0));
    assert_eq!((found().await.len(), tasks().await.len()), (0, 0));

    // The last scan is too long ago, and so are the signs of life of its sources.
    clock.forward(31 * 24 * 3_600);
    let before = records(&app, "gate.decision").await.len();
    for _ in 0..2 {
        let swept = gate::sweep(&app, &all).await.unwrap();
        assert_eq!((swept.asked, swept.denied.as_slice()), (1, [system()].as_slice()));
        assert_eq!((found().await.len(), tasks().await.len()), (1, 1));
        clock.forward(3_600);
    }
    let alert = found().await.remove(0);
    assert_eq!((alert.entity.as_str(), alert.count), ("cong-dvc", 1));
    let task: Value = serde_json::from_str(&tasks().await[0].content.to_text()).unwrap();
    assert_eq!(task, json!({"due": "2026-12-15", "accepted": false}));
    let decided = records(&app, "gate.decision").await.len();
    assert_eq!(decided, before + 1, "what is no news is not kept");

    // Whoever breaks the glass answers for it; nobody else is asked meanwhile.
    let reason = "họp khẩn về bão, cần mở cổng";
    gate::break_glass(&app, &all, &system(), reason, 2).await.unwrap();
    let swept = gate::sweep(&app, &all).await.unwrap();
    assert_eq!((swept.denied.len(), swept.broken.as_slice()), (0, [system()].as_slice()));
    clock.forward(3 * 3_600);
    assert_eq!(gate::sweep(&app, &all).await.unwrap().denied, [system()]);
    assert_eq!((found().await.len(), tasks().await.len()), (1, 1), "the task still stands");

    let scan = Handed {
        kind: "scan.done".into(),
        agency: agency(),
        system: Some(system()),
        subject: None,
        reference: "báo cáo 8".into(),
        content: json!({"tool": "mẫu", "findings": 0}),
        at: app.now(),
        until: None,
        corrects: None,
    };
    evidence::hand_in(&app, &all, scan).await.unwrap();
    send(&app, source, &signed_in(app.now(), "PC1"), None).await.unwrap();
    until("leave", async || {
        measured(&app).await;
        gate::sweep(&app, &all).await.unwrap().denied.is_empty()
    })
    .await;
    let done = tasks().await;
    let task: Value = serde_json::from_str(&done[0].content.to_text()).unwrap();
    assert_eq!(task, json!({"due": "2026-12-15", "accepted": true, "done": "2026-11-15"}));
    gate::sweep(&app, &all).await.unwrap();
    assert_eq!(tasks().await.len(), 2, "it is done once");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_the_audit_trail_behind_the_centres_back_is_found() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&data, &clock).await;
    crate::support::register(&app).await;
    let all = Caller::program();
    audit::seal(&app).await.unwrap();
    assert!(records(&app, "audit.sealed").await.is_empty(), "what is young may not be all there");
    for _ in 0..2 {
        clock.forward(11 * 60);
        audit::seal(&app).await.unwrap();
    }
    let sealed = said(&app, "audit.sealed").await;
    assert_eq!((sealed.len(), &sealed[0]["first"]), (1, &json!(1)), "nothing was added since");
    let seals = audit::verify_seals(&app, &all).await.unwrap();
    assert_eq!((seals.seals, seals.broken), (1, None));
    assert_eq!(said(&app, "audit.checked").await, [json!({"intact": true})]);
    // The register of another system is a further stretch.
    let more = khien_domain::system::System::new(
        SystemCode::new("khac").unwrap(),
        agency(),
        "Khác".into(),
        khien_domain::system::Level::new(1).unwrap(),
        khien_domain::system::Stage::Design,
        app.now(),
    );
    register::add_system(&app, &all, more).await.unwrap();
    clock.forward(25 * 3_600);
    audit::seal(&app).await.unwrap();
    let seals = audit::verify_seals(&app, &all).await.unwrap();
    assert_eq!((seals.seals, seals.broken), (2, None));
    let last = seals.sealed;
    let tampered = format!(
        "DROP TRIGGER audit_no_update; UPDATE audit SET who = 'machine:khac' WHERE id = {last};"
    );
    if behind_its_back(&app.folder.database(), &tampered) {
        let seals = audit::verify_seals(&app, &all).await.unwrap();
        assert_eq!(seals.broken, Some((last, last)));
        clock.forward(25 * 3_600);
        audit::seal(&app).await.unwrap();
        assert_eq!(said(&app, "audit.checked").await[0], json!({"intact": false}));
        let removed = "DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE id = 1;";
        behind_its_back(&app.folder.database(), removed);
        let seals = audit::verify_seals(&app, &all).await.unwrap();
        assert_eq!(seals.broken.unwrap().0, 1, "the first is told");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_centre_is_used_for_is_counted_from_the_audit_trail() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    crate::support::register(&app).await;
    let reason = "họp khẩn về bão, cần mở cổng";
    gate::break_glass(&app, &Caller::program(), &system(), reason, 1).await.unwrap();
    let leader = Caller {
        actor: khien_domain::permission::Actor::new(
            khien_domain::permission::Identity::Program,
            Role::Leader.permissions(),
            AgencyScope::All,
        ),
        origin: String::new(),
    };
    assert!(gate::break_glass(&app, &leader, &system(), reason, 1).await.is_err());
    clock.forward(60);
    let used = audit::used(&app).await.unwrap();
    let count = |of: audit::Use| (used.month[of as usize], used.year[of as usize]);
    assert_eq!(count(audit::Use::BrokenGlass), (1, 1));
    assert_eq!((count(audit::Use::Refused), count(audit::Use::Search)), ((1, 1), (0, 0)));
    clock.forward(31 * 24 * 3_600);
    let used = audit::used(&app).await.unwrap();
    assert_eq!((used.month, used.year[audit::Use::Refused as usize]), ([0; 6], 1));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_monitoring_of_a_system_that_another_agency_operates_counts_for_that_agency() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = crate::support::register(&app).await;
    let all = Caller::program();
    for code in ["ttcds", "ttdl"] {
        let (name, at) = (format!("Trung tâm {code}"), app.now());
        let new = Agency::new(crate::support::agency(code), name, AgencyKind::Unit, at);
        register::add_agency(&app, &all, khien_testkit::headed(new)).await.unwrap();
    }
    let coverage = async |code: &str| {
        measured(&app).await;
        indicator(&app, code, "N3.1").await
    };
    let nothing = (Counted::NoEvidence, "0.00".to_owned());
    assert_eq!(coverage("sokhcn").await, (Counted::Scored, "0.00".into()));
    assert_eq!(coverage("ttcds").await, nothing);

    // An agency does not move its own system to another, nor does it take one back.
    let known = register::get_system(&app, &all, &system()).await.unwrap();
    let by = |code: &str| Operator::Agency(crate::support::agency(code));
    let moved = System { operator: by("ttcds"), ..known.clone() };
    let own = crate::support::officer("sokhcn");
    let refused = register::change_system(&app, &own, moved.clone()).await.unwrap_err();
    let words = "the monitoring of cong-dvc counts for the agency that operates it: only the centre names \
                 another agency, or takes it back";
    assert_eq!(refused.to_string(), words);
    let new = System { code: SystemCode::new("moi").unwrap(), ..moved.clone() };
    let refused = register::add_system(&app, &own, new).await.unwrap_err();
    assert_eq!(refused.to_string(), words.replace("cong-dvc", "moi"));
    // That it operates it itself is no other agency.
    let itself = System { operator: by("sokhcn"), ..known.clone() };
    register::change_system(&app, &own, itself).await.unwrap();
    assert_eq!(coverage("sokhcn").await, (Counted::Scored, "0.00".into()));
    register::change_system(&app, &all, moved.clone()).await.unwrap();
    let refused = register::change_system(&app, &own, known.clone()).await.unwrap_err();
    assert_eq!(refused.to_string(), words);
    let renamed = System { name: "Cổng".into(), ..moved.clone() };
    register::change_system(&app, &own, renamed.clone()).await.unwrap();

    assert_eq!(coverage("ttcds").await, (Counted::Scored, "0.00".into()), "a silent one counts");
    assert_eq!(coverage("sokhcn").await, nothing);
    let told = json!({"owner": "sokhcn", "level": 3, "operating": true, "required": 2, "alive": 0});
    assert_eq!(said(&app, "system.operated").await, [told]);
    send(&app, source, &signed_in(app.now(), "PC1"), None).await.unwrap();
    until("heard", async || coverage("ttcds").await.1 == "100.00").await;
    assert_eq!(coverage("sokhcn").await, nothing);
    // The gate asks of the system itself, whoever operates it.
    let answer = gate::check(&app, &all, &system(), Stage::Operation).await.unwrap();
    let reasons = answer.statement.reasons;
    assert!(reasons.into_iter().find(|one| one.condition == "monitored").unwrap().holds);

    // Another operator answers from then on; the one before does no more.
    register::change_system(&app, &all, System { operator: by("ttdl"), ..renamed.clone() })
        .await
        .unwrap();
    assert_eq!(coverage("ttcds").await, nothing);
    assert_eq!(coverage("ttdl").await, (Counted::Scored, "100.00".into()));
    // A state that is too old is none.
    clock.forward(25 * 3_600);
    assert_eq!(indicator(&app, "ttdl", "N3.1").await, (Counted::Scored, "0.00".into()));
    // Out of use, it counts for nobody; nor does it when its owner operates it again.
    let tried = System { stage: Stage::Test, operator: by("ttdl"), ..renamed.clone() };
    register::change_system(&app, &all, tried).await.unwrap();
    assert_eq!(coverage("ttdl").await, nothing);
    register::change_system(&app, &all, System { stage: Stage::Test, ..known }).await.unwrap();
    assert_eq!(coverage("sokhcn").await, nothing);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_without_sources_is_told_of_once_and_its_state_grows_old() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    crate::support::register(&app).await;
    let all = Caller::program();
    let new = Agency::new(
        crate::support::agency("ttcds"),
        "Trung tâm".into(),
        AgencyKind::Unit,
        app.now(),
    );
    register::add_agency(&app, &all, khien_testkit::headed(new)).await.unwrap();
    let known = register::get_system(&app, &all, &system()).await.unwrap();
    let outside = System {
        code: SystemCode::new("trang-xa").unwrap(),
        operator: Operator::Agency(crate::support::agency("ttcds")),
        ..known
    };
    register::add_system(&app, &all, outside.clone()).await.unwrap();
    measured(&app).await;
    assert_eq!(said(&app, "system.operated").await.len(), 1);
    clock.forward(20 * 3_600);
    measured(&app).await;
    assert_eq!(said(&app, "system.operated").await.len(), 1, "nothing measures it");
    let graver = System { level: Level::new(4).unwrap(), ..outside };
    register::change_system(&app, &all, graver).await.unwrap();
    measured(&app).await;
    let told = said(&app, "system.operated").await;
    assert_eq!((told.len(), &told[0]["level"]), (2, &json!(4)));

    // What the ledger was told of it before operators were told of is told anew, once.
    let code = SystemCode::new("trang-xa").unwrap();
    let before = NewEvidence::of_system("system.profile", &agency(), &code, app.now())
        .with("stage", "operation")
        .with("level", 4);
    let mut tx = app.store.begin().await.unwrap();
    tx.append_evidence(vec![before], app.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(said(&app, "system.profile").await[0].get("elsewhere"), None);
    let count = said(&app, "system.profile").await.len();
    for _ in 0..2 {
        measured(&app).await;
        let profiles = said(&app, "system.profile").await;
        assert_eq!((profiles.len(), &profiles[0]["elsewhere"]), (count + 1, &json!(true)));
    }

    app.stop().await;
}
