//! Controls: what evidence answers, what people state, versions side by side, and who may what.

use std::sync::Arc;

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::UseError;
use khien_app::use_case::controls::{self, What};
use khien_app::use_case::evidence::{self, Handed};
use khien_app::use_case::findings::{self, Upload};
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_domain::account::{Role, UserName};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::control::{CatalogueKey, Stated, Status};
use khien_domain::page::PageRequest;
use khien_domain::permission::{Actor, AgencyScope, Identity};
use khien_testkit::Hands;
use serde_json::{Value, json};

use crate::support::{self, register, start};

fn agency(code: &str) -> AgencyCode {
    AgencyCode::new(code).unwrap()
}

fn system() -> SystemCode {
    SystemCode::new("cong-dvc").unwrap()
}

fn key(text: &str) -> CatalogueKey {
    CatalogueKey::parse(text).unwrap()
}

fn own() -> CatalogueKey {
    key("mh-levels@2026.1")
}

fn person(role: Role, agencies: AgencyScope) -> Caller {
    let identity = Identity::Person { name: UserName::new("canbo").unwrap() };
    Caller { actor: Actor::new(identity, role.permissions(), agencies), origin: "test".into() }
}

fn officer() -> Caller {
    person(Role::Officer, AgencyScope::one(agency("sokhcn")))
}

async fn centre(path: &std::path::Path) -> (Arc<App>, Arc<Hands>) {
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(path, &clock).await;
    register(&app).await;
    (app, clock)
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

async fn status(app: &App, control: &str) -> (Status, Vec<u64>) {
    let of = controls::of_system(app, &Caller::program(), &system(), None).await.unwrap();
    let checklist = of.checklist();
    let due = checklist.due.iter().find(|due| due.control.id == control);
    let due = due.unwrap();
    (due.status, due.evidence.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_answers_a_control_and_a_word_does_not_stand_against_a_record() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    assert_eq!(status(&app, "LH-04").await, (Status::Open, vec![]));
    let scan = hand_in(&app, "scan.done", json!({"tool": "mẫu", "findings": 1})).await;
    assert_eq!(status(&app, "LH-01").await, (Status::Met, vec![scan]));
    assert_eq!(status(&app, "LH-04").await, (Status::Met, vec![scan]));
    let found = json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "máy quét khác"}},
        "results": [{"ruleId": "R1", "level": "error", "message": {"text": "mẫu"}, "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": "https://cong.minhhoa.example/"}}},
        ]}],
    }]});
    let bytes = found.to_string().into_bytes();
    let upload = Upload { name: "quet.sarif".into(), bytes, ..Upload::default() };
    let all = Caller::program();
    findings::import_findings(&app, &all, &system(), upload, false).await.unwrap();
    let filter = EvidenceFilter { kind: Some("finding.state".into()), ..EvidenceFilter::default() };
    let told = ledger::list(&app, &all, &filter, &PageRequest::first()).await.unwrap();
    let finding = told.items[0].about.seq;
    assert_eq!(status(&app, "LH-04").await, (Status::Open, vec![finding]));
    let note = "Đã khắc phục theo biên bản số 7";
    let said = (Stated::Implemented, note);
    controls::state(&app, &officer(), &system(), &own(), "LH-04", said).await.unwrap();
    assert_eq!(status(&app, "LH-04").await.0, Status::Partly, "the record stands");
    // Two officers say that it is gone: the scan that saw it still stands.
    let found = findings::list_findings(&app, &all, None).await.unwrap()[0].id;
    let of = AgencyScope::one(agency("sokhcn"));
    let [one, two] = ["mot", "hai"].map(|name| support::person(name, Role::Officer, of.clone()));
    findings::repair_finding(&app, &one, found, "đã vá").await.unwrap();
    findings::retest_finding(&app, &two, found, "7/BC").await.unwrap();
    assert_eq!(status(&app, "LH-04").await, (Status::Partly, vec![finding]));
    // Evidence that is too old answers nothing any more.
    clock.forward(181 * 24 * 3_600);
    assert_eq!(status(&app, "LH-01").await, (Status::Open, vec![]));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_officer_states_is_kept_told_and_theirs_alone() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let note = "Có quy chế số 12, rà soát tháng 3 hằng năm";
    let state = |caller: Caller, control: &'static str, note: &'static str| {
        let app = Arc::clone(&app);
        async move {
            let said = (Stated::Implemented, note);
            controls::state(&app, &caller, &system(), &own(), control, said).await
        }
    };
    state(officer(), "QT-03", note).await.unwrap();
    assert_eq!(status(&app, "QT-03").await.0, Status::Implemented);
    let filter =
        EvidenceFilter { kind: Some("control.stated".into()), ..EvidenceFilter::default() };
    let told =
        ledger::list(&app, &Caller::program(), &filter, &PageRequest::first()).await.unwrap();
    assert_eq!(told.items.len(), 1);
    assert_eq!(told.items[0].about.how.name(), "declared");
    assert!(!told.items[0].to_line().contains("quy chế"), "the note stays beside the ledger");
    clock.forward(60);
    let later = (Stated::NotApplicable, "Hệ thống không có cán bộ riêng");
    controls::state(&app, &officer(), &system(), &own(), "QT-03", later).await.unwrap();
    assert_eq!(status(&app, "QT-03").await.0, Status::NotApplicable, "the latest counts");

    let other = person(Role::Officer, AgencyScope::one(agency("soyt")));
    assert!(matches!(state(other, "QT-03", note).await, Err(UseError::NotFound { .. })));
    let leader = person(Role::Leader, AgencyScope::All);
    assert!(matches!(state(leader, "QT-03", note).await, Err(UseError::Denied(_))));
    let told = state(officer(), "QT-03", "xong").await.unwrap_err().to_string();
    assert!(told.contains("at least 10 characters"), "{told}");
    let told =
        state(officer(), "QT-03", "MẬT\nKế hoạch bảo vệ hệ thống").await.unwrap_err().to_string();
    assert!(told.contains("mark of secrecy"), "{told}");
    assert!(matches!(state(officer(), "XX-99", note).await, Err(UseError::NotFound { .. })));
    app.stop().await;
}

/// A made-up catalogue of a version.
fn catalogue(version: &str, controls: &[(&str, &str)]) -> String {
    let controls: Vec<Value> =
        controls.iter().map(|(id, title)| json!({"id": id, "title": title})).collect();
    json!({"catalog": {"uuid": "x", "metadata": {"title": "Khung Mẫu", "version": version},
        "groups": [{"id": "g", "title": "Nhóm", "controls": controls}]}})
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_stands_beside_the_old_whose_assessments_stay_readable() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let all = Caller::program();
    let first = catalogue("1", &[("a-1", "Cũ"), ("a-2", "Sẽ bỏ")]);
    controls::import(&app, &all, "mau-1.json", first.as_bytes(), None).await.unwrap();
    let old = key("khung-mau@1");
    let said = (Stated::Implemented, "Đã làm từ năm ngoái");
    controls::state(&app, &officer(), &system(), &old, "a-2", said).await.unwrap();
    clock.forward(60);
    let second = catalogue("2", &[("a-1", "Mới")]);
    controls::import(&app, &all, "mau-2.json", second.as_bytes(), None).await.unwrap();

    let listed = controls::list_catalogues(&app, &all).await.unwrap();
    let listed: Vec<_> =
        listed.iter().map(|one| (one.catalogue.key.to_string(), one.is_current)).collect();
    assert_eq!(
        listed,
        [
            ("khung-mau@2".to_owned(), true),
            ("khung-mau@1".to_owned(), false),
            ("mh-levels@2026.1".to_owned(), true),
        ]
    );
    let of = controls::of_system(&app, &officer(), &system(), Some(&old)).await.unwrap();
    let checklist = of.checklist();
    let states: Vec<_> =
        checklist.due.iter().map(|due| (due.control.en.as_str(), due.status)).collect();
    assert_eq!(states, [("Cũ", Status::Open), ("Sẽ bỏ", Status::Implemented)]);
    assert!(!of.is_current);
    let new = key("khung-mau@2");
    let of = controls::of_system(&app, &officer(), &system(), Some(&new)).await.unwrap();
    assert_eq!(of.checklist().counts().of(Status::Open), 1);
    // The old one is read, and stated by no more; a version is never replaced.
    let late = controls::state(&app, &officer(), &system(), &old, "a-1", said).await;
    assert!(late.unwrap_err().to_string().contains("state it by khung-mau@2"));
    let other = catalogue("1", &[("b", "x")]);
    let again = controls::import(&app, &all, "mau-1.json", other.as_bytes(), None).await;
    assert!(again.unwrap_err().to_string().contains("another version"));
    // After a start everything is still there.
    app.stop().await;
    drop(app);
    let app = start(&place.path().join("data"), &clock).await;
    let of = controls::of_system(&app, &officer(), &system(), Some(&old)).await.unwrap();
    assert_eq!(of.checklist().counts().of(Status::Implemented), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn catalogues_come_from_whoever_approves_for_all() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place.path().join("data")).await;
    let text = catalogue("1", &[("a-1", "Một")]);
    let import = |caller: Caller| {
        let (app, text) = (Arc::clone(&app), text.clone());
        async move { controls::import(&app, &caller, "mau.json", text.as_bytes(), None).await }
    };
    for caller in [
        officer(),
        person(Role::Appraiser, AgencyScope::All),
        person(Role::Lead, AgencyScope::one(agency("sokhcn"))),
    ] {
        assert!(matches!(import(caller).await, Err(UseError::Denied(_))));
    }
    import(person(Role::Lead, AgencyScope::All)).await.unwrap();
    let bad = controls::import(&app, &Caller::program(), "hỏng.xml", b"<catalog>", None).await;
    assert!(bad.unwrap_err().to_string().starts_with("hỏng.xml: "));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_name_each_other_and_keep_their_uuids() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let scan = hand_in(&app, "scan.done", json!({"tool": "mẫu", "findings": 0})).await;
    let all = Caller::program();
    let export = async |what| {
        let found = controls::export_system(&app, &all, what, &system(), None).await.unwrap();
        (found.file, found.value)
    };
    let (catalog, _) = export(What::Catalog).await;
    let (profile, value) = export(What::Profile).await;
    assert_eq!(value["profile"]["imports"][0]["href"], catalog.as_str());
    let (ssp, value) = export(What::Plan).await;
    assert_eq!(value["system-security-plan"]["import-profile"]["href"], profile.as_str());
    let id = value["system-security-plan"]["uuid"].clone();
    let (plan, value) = export(What::AssessmentPlan).await;
    assert_eq!(value["assessment-plan"]["import-ssp"]["href"], ssp.as_str());
    let (_, value) = export(What::AssessmentResults).await;
    let results = &value["assessment-results"];
    assert_eq!(results["import-ap"]["href"], plan.as_str());
    let findings = results["results"][0]["findings"].as_array().unwrap();
    let state = |id: &str| {
        let target = format!("{id}_smt");
        let found = findings.iter().find(|one| one["target"]["target-id"] == target.as_str());
        found.unwrap()["target"]["status"]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!((state("LH-01"), state("QT-03")), ("satisfied".into(), "not-satisfied".into()));
    let observed = &results["results"][0]["observations"];
    assert!(observed.to_string().contains(&format!("Record {scan} of the ledger")));
    clock.forward(3_600);
    let (_, again) = export(What::Plan).await;
    assert_eq!(again["system-security-plan"]["uuid"], id, "the same thing has the same UUID");
    assert_eq!(id.as_str().unwrap().as_bytes()[14], b'5', "of version 5");
    let stranger = person(Role::Officer, AgencyScope::one(agency("soyt")));
    let hidden = controls::export_system(&app, &stranger, What::Plan, &system(), None).await;
    assert!(matches!(hidden, Err(UseError::NotFound { .. })));
    app.stop().await;
}
