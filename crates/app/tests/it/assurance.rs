//! The ledger, the gate and the index over a centre's own records.

use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::evidence::{self, Handed};
use khien_app::use_case::ledger::EvidenceFilter;
use khien_app::use_case::{UseError, alerts, gate, index, ledger as use_case};
use khien_app::{index as computing, ledger};
use khien_domain::account::{Role, UserName};
use khien_domain::alert::State;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::Content;
use khien_domain::evidence::kinds::Kinds;
use khien_domain::gate::Decision;
use khien_domain::index::Wish;
use khien_domain::page::PageRequest;
use khien_domain::permission::{Actor, AgencyScope, Identity};
use khien_domain::system::Stage;
use khien_testkit::{Hands, sysmon};
use serde_json::{Value, json};

use crate::support::{register, send, start, until};

const SYSTEM: &str = "cong-dvc";

fn agency(code: &str) -> AgencyCode {
    AgencyCode::new(code).unwrap()
}

fn system() -> SystemCode {
    SystemCode::new(SYSTEM).unwrap()
}

fn person(name: &str, role: Role, agencies: AgencyScope) -> Caller {
    let identity = Identity::Person { name: UserName::new(name).unwrap() };
    Caller { actor: Actor::new(identity, role.permissions(), agencies), origin: "test".into() }
}

async fn centre(path: &Path) -> (Arc<App>, Arc<Hands>) {
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(path, &clock).await;
    register(&app).await;
    (app, clock)
}

async fn records(app: &App, kind: &str) -> Vec<khien_domain::evidence::Record> {
    let filter = EvidenceFilter { kind: Some(kind.into()), ..EvidenceFilter::default() };
    let page = PageRequest::first();
    use_case::list(app, &Caller::program(), &filter, &page).await.unwrap().items
}

async fn hand_in(app: &App, kind: &str, content: Value) -> u64 {
    let handed = Handed {
        kind: kind.into(),
        agency: agency("sokhcn"),
        system: Some(system()),
        subject: None,
        reference: "báo cáo 7".into(),
        content,
        at: app.now(),
        until: None,
        corrects: None,
    };
    evidence::hand_in(app, &Caller::program(), handed).await.unwrap().about.seq
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_kept_when_it_says_something_new_and_decided_again_as_it_was() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let all = Caller::program();
    let first = gate::decide(&app, &all, &system()).await.unwrap();
    assert_eq!(first.statement.decision, Decision::Deny);
    clock.forward(60);
    gate::decide(&app, &all, &system()).await.unwrap();
    assert_eq!(records(&app, "gate.decision").await.len(), 1, "the same is kept once");
    let scan = hand_in(&app, "scan.done", json!({"tool": "mẫu", "findings": 0})).await;
    let second = gate::decide(&app, &all, &system()).await.unwrap();
    let scanned = second.statement.reasons.iter().find(|one| one.condition.starts_with("scan"));
    assert_eq!(scanned.unwrap().evidence, [scan]);
    let kept = records(&app, "gate.decision").await;
    assert_eq!(kept.len(), 2);
    // What has come since changes nothing of what was decided then.
    hand_in(&app, "pentest.done", json!({"independent": true})).await;
    for record in &kept {
        let replay = gate::replay(&app, &all, record.about.seq).await.unwrap();
        assert!(replay.is_same(), "{} and {}", replay.then, replay.again);
        assert!(replay.then.contains("\"decision\":\"deny\""));
    }
    assert!(gate::replay(&app, &all, 0).await.is_err());
    // When half of its time is over it is said anew.
    clock.forward(16 * 24 * 3_600);
    gate::decide(&app, &all, &system()).await.unwrap();
    assert_eq!(records(&app, "gate.decision").await.len(), 3);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_signed_by_the_key_of_the_ledger() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let (app, _) = centre(&path).await;
    let answer = gate::check(&app, &Caller::program(), &system(), Stage::Operation).await.unwrap();
    let (text, signature) = gate::signed(&app, &answer.statement).await.unwrap();
    let key = std::fs::read_to_string(path.join("keys/ledger.pub")).unwrap();
    let key = khien_seal::PublicKey::parse(&key).unwrap();
    let signature = khien_seal::Signature::parse(&signature).unwrap();
    let digest = khien_seal::Digest::of(text.as_bytes());
    assert_eq!(signature.verify(&key, &digest), Ok(()));
    let other = khien_seal::Digest::of(text.replace("deny", "allow").as_bytes());
    assert!(signature.verify(&key, &other).is_err());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_glass_is_broken_by_somebody_named_for_a_time_and_reviewed() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let lead = person("truongca", Role::Lead, AgencyScope::All);
    let reason = "họp khẩn về bão, cần mở cổng";
    for who in Role::ALL.into_iter().filter(|role| *role != Role::Lead) {
        let who = person("ai-do", who, AgencyScope::one(agency("sokhcn")));
        let refused = gate::break_glass(&app, &who, &system(), reason, 24).await;
        assert!(matches!(refused, Err(UseError::Denied(_))), "{who:?}");
    }
    for (reason, hours) in [("gấp", 24), (reason, 0), (reason, 73), ("", 1)] {
        let refused = gate::break_glass(&app, &lead, &system(), reason, hours).await;
        assert!(matches!(refused, Err(UseError::Invalid(_))), "{reason} {hours}");
    }
    assert!(records(&app, "gate.decision").await.is_empty(), "nothing was kept");
    let broken = gate::break_glass(&app, &lead, &system(), reason, 48).await.unwrap();
    assert_eq!((broken.by.as_str(), broken.reason.as_str()), ("person:truongca", reason));
    assert_eq!(broken.until, app.now() + SignedDuration::from_hours(48));
    let answer = gate::check(&app, &lead, &system(), Stage::Operation).await.unwrap();
    assert!(answer.allows() && answer.statement.decision == Decision::Deny);
    // The review is a task of the agency.
    let tasks = records(&app, "task.state").await;
    assert_eq!(tasks[0].content.get("due").and_then(Content::as_text), Some("2026-10-22"));
    assert_eq!(tasks[0].content.get("accepted"), Some(&Content::from(false)));
    // The record says ALLOW and that the glass was broken: the index counts it as not allowed.
    let kept = records(&app, "gate.decision").await;
    assert_eq!(kept[0].content.get("break_glass"), Some(&Content::from(true)));
    assert!(gate::replay(&app, &lead, broken.seq).await.unwrap().is_same());
    // What is broken is not broken again to hold it open for longer.
    clock.forward(60);
    let again = gate::break_glass(&app, &lead, &system(), reason, 72).await;
    assert!(matches!(again, Err(UseError::Conflict(_))), "{again:?}");
    // Asking meanwhile does not close it; time does.
    gate::decide(&app, &lead, &system()).await.unwrap();
    assert_eq!(records(&app, "gate.decision").await.len(), 1);
    clock.forward(48 * 3_600);
    let answer = gate::check(&app, &lead, &system(), Stage::Operation).await.unwrap();
    assert!(!answer.allows() && answer.break_glass.is_none());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gate_is_asked_within_the_agencies_of_who_asks() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place.path().join("data")).await;
    let other = person("ai-do", Role::Officer, AgencyScope::one(agency("soyt")));
    let refused = gate::check(&app, &other, &system(), Stage::Operation).await;
    assert!(matches!(refused, Err(UseError::NotFound { .. })));
    let nobody = Caller {
        actor: Actor::new(
            Identity::Person { name: UserName::new("ai-do").unwrap() },
            std::collections::BTreeSet::new(),
            AgencyScope::All,
        ),
        origin: "test".into(),
    };
    assert!(matches!(index::live(&app, &nobody).await, Err(UseError::Denied(_))));
    assert!(matches!(use_case::verify(&app, &nobody, None).await, Err(UseError::Denied(_))));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_computed_again_from_an_export_alone() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let all = Caller::program();
    hand_in(&app, "scan.done", json!({"tool": "mẫu", "findings": 0})).await;
    clock.forward(3_600);
    let at = app.now();
    let computed = index::compute(&app, &all, at).await.unwrap();
    assert!(!computed.table.scores.is_empty());
    // The ledger goes on; the table stays what it was.
    hand_in(&app, "restore.tested", json!({"success": true, "rto_met": true, "rpo_met": true}))
        .await;
    let export = place.path().join("e");
    use_case::export(&app, &all, &export).await.unwrap();
    let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
    let again = computing::recompute(&export, &kinds, &Wish::Last).unwrap();
    assert_eq!(again.table.to_text(), computed.table.to_text());
    assert_eq!(again.chosen.hash.as_deref(), Some(computed.table.hash()));
    assert_eq!(again.verified, ledger::verify(&app.store, None).await.unwrap());
    // At another instant it is another, of the same ledger.
    let later = computing::recompute(&export, &kinds, &Wish::At(app.now(), None)).unwrap();
    assert_ne!(later.table.hash(), computed.table.hash());
    // A changed export computes nothing.
    let text =
        std::fs::read_to_string(&export).unwrap().replace("\"findings\":0", "\"findings\":1");
    std::fs::write(&export, text).unwrap();
    assert!(computing::recompute(&export, &kinds, &Wish::Last).is_err());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_up_an_alert_is_evidence_of_how_fast() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = register(&app).await;
    let line = sysmon("may-01", "C:\\Windows\\System32\\whoami.exe", "2026-10-15 01:00:00.000");
    send(&app, source, &line, None).await.unwrap();
    app.settled().await;
    let (page, filter) = (PageRequest::first(), alerts::AlertFilter::default());
    let found =
        async || alerts::list_alerts(&app, &Caller::program(), &filter, &page).await.unwrap().items;
    until("an alert is raised", async || !found().await.is_empty()).await;
    let alert = found().await.remove(0);
    clock.forward(600);
    let lead = person("truongca", Role::Lead, AgencyScope::All);
    alerts::change_alert(&app, &lead, alert.id, State::InProgress, None).await.unwrap();
    let kept = records(&app, "alert.handled").await;
    let text =
        |name: &str| kept[0].content.get(name).and_then(Content::as_text).unwrap().to_owned();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].about.reference, format!("alert {}", alert.id));
    assert_eq!(text("acknowledged"), "2026-10-15T01:10:00Z");
    assert_eq!(text("raised"), "2026-10-15T01:00:00Z");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_holds_after_a_stop_and_a_start() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let (app, clock) = centre(&path).await;
    let first = ledger::verify(&app.store, None).await.unwrap();
    app.stop().await;
    drop(app);
    let app = start(&path, &clock).await;
    hand_in(&app, "scan.done", json!({"tool": "mẫu", "findings": 0})).await;
    let row = ledger::checkpoint(&app.store, app.ledger_key(), "hour", app.now()).await.unwrap();
    let again = ledger::verify(&app.store, Some(first.key)).await.unwrap();
    assert_eq!((again.records, again.covered), (first.records + 1, first.records + 1));
    assert_eq!(row.map(|row| row.size), Some(again.records));
    let none = ledger::checkpoint(&app.store, app.ledger_key(), "hour", app.now()).await.unwrap();
    assert_eq!(none, None, "there is nothing new to sign");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hour_and_with_every_table_what_was_recorded_is_signed() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    // How far the ledger is signed, and with which reason.
    let signed = async || {
        let row = app.store.last_checkpoint().await.unwrap()?;
        let line: serde_json::Value = serde_json::from_str(&row.line).unwrap();
        Some((row.size, line["checkpoint"]["reason"].as_str()?.to_owned()))
    };
    let size = async || app.store.ledger_size().await.unwrap();
    let by_the_hour = async || signed().await.is_some_and(|(_, reason)| reason == "hour");
    until("the ledger is signed once the centre runs", by_the_hour).await;
    let first = signed().await;
    hand_in(&app, "scan.done", json!({"tool": "mẫu", "findings": 0})).await;
    assert_eq!(signed().await, first, "not with every record");
    let recorded = size().await;
    clock.forward(3_700);
    let is_signed = async || {
        let signed = signed().await;
        signed.is_some_and(|(to, reason)| to >= recorded && reason == "hour")
    };
    until("an hour later what was recorded is signed", is_signed).await;
    index::compute(&app, &Caller::program(), app.now()).await.unwrap();
    assert_eq!(signed().await, Some((size().await, "table".into())));
    app.stop().await;
}
