//! Dossiers, projects, assessments and findings: who does what, and what the gate sees of it.

use std::path::Path;
use std::sync::Arc;

use jiff::civil::date;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::assessments::{self, Assessed};
use khien_app::use_case::attest;
use khien_app::use_case::findings::{self, Report, Upload};
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::projects::{self, NewProject};
use khien_app::use_case::{UseError, dossiers, gate, register as registering, reviews};
use khien_domain::account::{Role, UserName};
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::assessment::{Check, State};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::dossier::{
    Act, Answer, Answered, Document, Dossier, DossierAbout, DossierKind, DossierState,
};
use khien_domain::evidence::content::Content;
use khien_domain::evidence::kinds::Recorder;
use khien_domain::evidence::{How, Record};
use khien_domain::finding::{Finding, FindingState};
use khien_domain::ids::{DossierId, FindingId};
use khien_domain::page::PageRequest;
use khien_domain::permission::{Actor, AgencyScope, Identity, Permission};
use khien_domain::project::{Project, ProjectCode};
use khien_domain::restore::Measured;
use khien_domain::risk::Rating;
use khien_domain::system::{Level, Stage, System};
use khien_testkit::Hands;
use serde_json::{Value, json};

use crate::support::{register, start, until};

fn agency(code: &str) -> AgencyCode {
    AgencyCode::new(code).unwrap()
}

fn system() -> SystemCode {
    SystemCode::new("cong-dvc").unwrap()
}

fn person(name: &str, role: Role, agencies: AgencyScope) -> Caller {
    let identity = Identity::Person { name: UserName::new(name).unwrap() };
    Caller { actor: Actor::new(identity, role.permissions(), agencies), origin: "test".into() }
}

fn officer() -> Caller {
    person("canbo", Role::Officer, AgencyScope::one(agency("sokhcn")))
}

/// The same, of an agency.
fn of(home: &str, caller: Caller) -> Caller {
    Caller { actor: caller.actor.of(Some(agency(home))), ..caller }
}

fn appraiser() -> Caller {
    of("soyt", person("thamdinh", Role::Appraiser, AgencyScope::All))
}

fn lead() -> Caller {
    of("soyt", person("truongca", Role::Lead, AgencyScope::All))
}

/// Somebody who may do everything.
fn mighty(name: &str) -> Caller {
    let identity = Identity::Person { name: UserName::new(name).unwrap() };
    let all = Permission::ALL.into_iter().collect();
    let actor = Actor::new(identity, all, AgencyScope::All).of(Some(agency("soyt")));
    Caller { actor, origin: "test".into() }
}

async fn centre(path: &Path) -> (Arc<App>, Arc<Hands>) {
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(path, &clock).await;
    register(&app).await;
    let new = Agency::new(agency("soyt"), "Sở Y tế".into(), AgencyKind::Government, app.now());
    registering::add_agency(&app, &Caller::program(), new).await.unwrap();
    (app, clock)
}

async fn told(app: &App, kind: &str) -> Vec<Record> {
    let filter = EvidenceFilter { kind: Some(kind.into()), ..EvidenceFilter::default() };
    let page = PageRequest::first();
    ledger::list(app, &Caller::program(), &filter, &page).await.unwrap().items
}

fn word<'r>(record: &'r Record, name: &str) -> &'r str {
    record.content.get(name).and_then(Content::as_text).unwrap_or_default()
}

/// All that a dossier has to say.
fn about(kind: DossierKind, level: i64) -> DossierAbout {
    let pack = dossiers::pack().unwrap();
    let level = Level::new(level).unwrap();
    let yes = Answered { answer: Answer::Yes, note: String::new() };
    DossierAbout {
        scope: "Cổng dịch vụ công của tỉnh".into(),
        reasons: pack
            .criteria
            .iter()
            .map(|one| (one.id.clone(), "phục vụ toàn tỉnh".into()))
            .collect(),
        answers: pack.items(kind, level).map(|item| (item.id.clone(), yes.clone())).collect(),
        documents: vec![Document {
            title: "Thuyết minh".into(),
            number: "12/TTr-SKHCN.MH".into(),
            day: date(2026, 10, 1),
            sha256: Some("AB".repeat(32)),
        }],
        ..DossierAbout::new(level, pack)
    }
}

async fn holds(app: &App, condition: &str) -> bool {
    let answer = gate::check(app, &Caller::program(), &system(), Stage::Operation).await.unwrap();
    let reason = answer.statement.reasons.iter().find(|reason| reason.condition == condition);
    reason.is_some_and(|reason| reason.holds)
}

async fn state(app: &App, id: DossierId) -> DossierState {
    dossiers::get_dossier(app, &Caller::program(), id).await.unwrap().dossier.state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_dossier_goes_through_three_hands_and_opens_its_condition() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let (own, kind, code) = (officer(), DossierKind::Level, system());
    assert!(dossiers::begin_dossier(&app, &appraiser(), &code, kind).await.is_err());
    let id = dossiers::begin_dossier(&app, &own, &code, kind).await.unwrap();
    let again = dossiers::begin_dossier(&app, &own, &code, kind).await;
    assert!(matches!(again, Err(UseError::Conflict(_))));
    let empty = dossiers::submit_dossier(&app, &own, id, "").await;
    assert!(matches!(empty, Err(UseError::Invalid(_))), "{empty:?}");
    let mut unfounded = about(kind, 4);
    unfounded.answers.insert("logs".into(), Answered { answer: Answer::No, note: " ".into() });
    dossiers::change_dossier(&app, &own, id, unfounded).await.unwrap();
    let wordless = dossiers::submit_dossier(&app, &own, id, "").await.unwrap_err().to_string();
    assert!(wordless.contains("needs a word"), "{wordless}");
    let secret = DossierAbout { scope: "TỐI MẬT\nhệ thống".into(), ..about(kind, 4) };
    let refused = dossiers::change_dossier(&app, &own, id, secret).await.unwrap_err().to_string();
    assert!(refused.contains("TỐI MẬT"), "{refused}");
    dossiers::change_dossier(&app, &own, id, about(kind, 4)).await.unwrap();
    assert!(
        dossiers::approve_dossier(&app, &lead(), id, "1/QĐ", date(2026, 10, 15)).await.is_err()
    );
    dossiers::submit_dossier(&app, &own, id, "kính trình").await.unwrap();
    assert!(dossiers::change_dossier(&app, &own, id, about(kind, 3)).await.is_err(), "handed in");
    assert!(matches!(
        dossiers::appraise_dossier(&app, &own, id, "tốt").await,
        Err(UseError::Denied(_))
    ));
    dossiers::return_dossier(&app, &appraiser(), id, "bổ sung sơ đồ").await.unwrap();
    assert_eq!(state(&app, id).await, DossierState::Returned);
    dossiers::submit_dossier(&app, &own, id, "").await.unwrap();
    dossiers::appraise_dossier(&app, &appraiser(), id, "đạt").await.unwrap();
    assert!(!holds(&app, "dossier").await);
    let tomorrow = dossiers::approve_dossier(&app, &lead(), id, "1/QĐ", date(2026, 10, 16)).await;
    assert!(matches!(tomorrow, Err(UseError::Invalid(_))));
    let before = dossiers::approve_dossier(&app, &lead(), id, "1/QĐ", date(2026, 10, 14)).await;
    let before = before.unwrap_err().to_string();
    assert!(before.contains("before 2026-10-15, on which the dossier was handed in"), "{before}");
    clock.forward(60);
    dossiers::approve_dossier(&app, &lead(), id, "1/QĐ-UBND.MH", date(2026, 10, 15)).await.unwrap();
    assert!(holds(&app, "dossier").await);

    let records = told(&app, "system.dossier").await;
    let states: Vec<&str> = records.iter().rev().map(|record| word(record, "state")).collect();
    assert_eq!(states, ["draft", "submitted", "returned", "submitted", "appraised", "approved"]);
    assert_eq!(
        (word(&records[0], "number"), records[0].about.how),
        ("1/QĐ-UBND.MH", How::Documented)
    );
    // Nor does one that was written before help an investment.
    let known = dossiers::get_dossier(&app, &own, id).await.unwrap().dossier;
    let early = Dossier { kind: DossierKind::Design, approved: Some(date(2026, 1, 5)), ..known };
    assert_eq!(projects::approved(&early), Some(date(2026, 10, 15)));
    // The register has the level that was approved, and says so.
    let registered = registering::get_system(&app, &own, &code).await.unwrap();
    assert_eq!(registered.level.number(), 4);
    // No officer takes another one, by a form that was opened before or by an import.
    let lower = System { level: Level::new(2).unwrap(), ..registered.clone() };
    let refused = registering::change_system(&app, &own, lower).await;
    assert!(
        matches!(&refused, Err(UseError::Conflict(why)) if why.contains("the level 4 of")),
        "{refused:?}"
    );
    let renamed = System { name: "Cổng mới".into(), ..registered };
    assert_eq!(registering::change_system(&app, &own, renamed).await.unwrap().level.number(), 4);
    let profile = told(&app, "system.profile").await.swap_remove(0);
    assert_eq!(profile.content.get("level").and_then(Content::as_int), Some(4));
    let detail = dossiers::get_dossier(&app, &own, id).await.unwrap();
    assert_eq!(detail.acts, [Act::Comment]);
    assert_eq!(detail.dossier.about.documents[0].sha256, Some("ab".repeat(32)));
    // A renewal takes nothing away before it is approved itself.
    dossiers::begin_dossier(&app, &own, &code, kind).await.unwrap();
    assert!(holds(&app, "dossier").await);
    assert_eq!(told(&app, "system.dossier").await.len(), records.len());
    let hidden = person("canbo-soyt", Role::Officer, AgencyScope::one(agency("soyt")));
    let hidden = dossiers::submit_dossier(&app, &hidden, id, "").await;
    assert!(matches!(hidden, Err(UseError::NotFound { .. })), "{hidden:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_two_parts_in_one_dossier_whatever_they_may() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place.path().join("data")).await;
    let (one, two, three) = (mighty("mot"), mighty("hai"), mighty("ba"));
    let kind = DossierKind::Design;
    let id = dossiers::begin_dossier(&app, &one, &system(), kind).await.unwrap();
    dossiers::change_dossier(&app, &one, id, about(kind, 3)).await.unwrap();
    dossiers::submit_dossier(&app, &one, id, "").await.unwrap();
    let parts = |done: Result<(), UseError>| {
        assert!(
            matches!(&done, Err(UseError::Conflict(what)) if what.contains("part")),
            "{done:?}"
        );
    };
    parts(dossiers::appraise_dossier(&app, &one, id, "đạt").await);
    parts(dossiers::return_dossier(&app, &one, id, "sửa").await);
    dossiers::return_dossier(&app, &two, id, "sửa").await.unwrap();
    parts(dossiers::change_dossier(&app, &two, id, about(kind, 3)).await);
    parts(dossiers::submit_dossier(&app, &two, id, "").await);
    dossiers::submit_dossier(&app, &one, id, "").await.unwrap();
    dossiers::appraise_dossier(&app, &two, id, "đạt").await.unwrap();
    let day = date(2026, 10, 15);
    parts(dossiers::approve_dossier(&app, &one, id, "1/QĐ", day).await);
    parts(dossiers::approve_dossier(&app, &two, id, "1/QĐ", day).await);
    // Whoever approves may send it back instead, and takes that part by it.
    dossiers::return_dossier(&app, &three, id, "thiếu dự toán").await.unwrap();
    parts(dossiers::submit_dossier(&app, &three, id, "").await);
    dossiers::submit_dossier(&app, &one, id, "").await.unwrap();
    parts(dossiers::appraise_dossier(&app, &three, id, "đạt").await);
    dossiers::appraise_dossier(&app, &two, id, "đạt").await.unwrap();
    // A comment is no part.
    dossiers::comment_dossier(&app, &one, id, "xin phê duyệt sớm").await.unwrap();
    dossiers::approve_dossier(&app, &three, id, "1/QĐ", day).await.unwrap();
    assert!(holds(&app, "appraisal").await);
    assert_eq!(word(&told(&app, "design.appraisal").await[0], "approved"), "2026-10-15");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_decides_about_their_own_agency() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let (own, kind, day) = (officer(), DossierKind::Level, date(2026, 10, 15));
    let id = dossiers::begin_dossier(&app, &own, &system(), kind).await.unwrap();
    dossiers::change_dossier(&app, &own, id, about(kind, 3)).await.unwrap();
    dossiers::submit_dossier(&app, &own, id, "").await.unwrap();
    let [near, near_lead] = [appraiser(), lead()].map(|caller| of("sokhcn", caller));
    let [nowhere, nowhere_lead] = [("khach1", Role::Appraiser), ("khach2", Role::Lead)]
        .map(|(name, role)| person(name, role, AgencyScope::All));
    let told_why = |done: Result<(), UseError>, what: &str| {
        let why = done.unwrap_err();
        assert!(matches!(&why, UseError::Conflict(why) if why.contains(what)), "{why:?}");
    };
    for (caller, what) in [(&near, "your own agency"), (&nowhere, "an agency of their own")] {
        told_why(dossiers::appraise_dossier(&app, caller, id, "đạt").await, what);
        told_why(dossiers::return_dossier(&app, caller, id, "sửa").await, what);
        let acts = dossiers::get_dossier(&app, caller, id).await.unwrap().acts;
        assert_eq!(acts, [Act::Comment]);
    }
    dossiers::appraise_dossier(&app, &appraiser(), id, "đạt").await.unwrap();
    for (caller, what) in
        [(&near_lead, "your own agency"), (&nowhere_lead, "an agency of their own")]
    {
        told_why(dossiers::approve_dossier(&app, caller, id, "1/QĐ", day).await, what);
        told_why(dossiers::return_dossier(&app, caller, id, "sửa").await, what);
    }
    dossiers::approve_dossier(&app, &lead(), id, "1/QĐ", day).await.unwrap();

    scan(&app, log(&[("A", "error")], "2026-10-15T00:00:00Z")).await;
    findings::repair_finding(&app, &own, FindingId(1), "đã vá").await.unwrap();
    let what = "your own agency";
    told_why(findings::retest_finding(&app, &near, FindingId(1), "7/BC").await, what);
    let until = date(2026, 10, 20);
    let accepted = findings::accept_finding(&app, &near_lead, FindingId(1), until, "vội").await;
    told_why(accepted, what);
    // What they record about their own agency is its word.
    clock.forward(60);
    for (caller, how) in [(&near, How::Declared), (&appraiser(), How::Documented)] {
        let new = Assessed {
            system: system(),
            check: Check::Pentest,
            day: date(2026, 10, 1),
            report: "12/BC".into(),
            independent: true,
            met: false,
            measured: Measured::default(),
            scanned: (0, String::new()),
        };
        assessments::record_assessment(&app, caller, new).await.unwrap();
        assert_eq!(told(&app, "pentest.done").await[0].about.how, how);
    }
    app.stop().await;
}

/// A dossier that says all it has to and was found good.
async fn handed_in(app: &App, kind: DossierKind, level: i64) -> DossierId {
    let id = dossiers::begin_dossier(app, &officer(), &system(), kind).await.unwrap();
    dossiers::change_dossier(app, &officer(), id, about(kind, level)).await.unwrap();
    dossiers::submit_dossier(app, &officer(), id, "").await.unwrap();
    dossiers::appraise_dossier(app, &appraiser(), id, "đạt").await.unwrap();
    id
}

async fn approve(app: &App, id: DossierId, day: jiff::civil::Date) {
    dossiers::approve_dossier(app, &lead(), id, "2/QĐ", day).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_design_is_appraised_for_the_level_of_the_register() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let (own, kind, today) = (officer(), DossierKind::Design, date(2026, 10, 15));
    let refused = |done: Result<(), UseError>, what: &str| {
        assert!(matches!(&done, Err(UseError::Conflict(why)) if why.contains(what)), "{done:?}");
    };
    let id = dossiers::begin_dossier(&app, &own, &system(), kind).await.unwrap();
    for level in [1, 4] {
        dossiers::change_dossier(&app, &own, id, about(kind, level)).await.unwrap();
        let what = format!("is of level {level}, but cong-dvc is registered with level 3: choose");
        refused(dossiers::submit_dossier(&app, &own, id, "").await, &what);
    }
    dossiers::change_dossier(&app, &own, id, about(kind, 3)).await.unwrap();
    dossiers::submit_dossier(&app, &own, id, "").await.unwrap();
    dossiers::appraise_dossier(&app, &appraiser(), id, "đạt").await.unwrap();
    // The level goes up meanwhile: what was answered is not what the new level asks.
    let level = handed_in(&app, DossierKind::Level, 4).await;
    approve(&app, level, today).await;
    let done = dossiers::approve_dossier(&app, &lead(), id, "2/QĐ", today).await;
    refused(done, "registered with level 4: return it");
    assert_eq!(state(&app, id).await, DossierState::Appraised);
    dossiers::return_dossier(&app, &lead(), id, "trả lời theo cấp độ 4").await.unwrap();
    dossiers::change_dossier(&app, &own, id, about(kind, 4)).await.unwrap();
    dossiers::submit_dossier(&app, &own, id, "").await.unwrap();
    dossiers::appraise_dossier(&app, &appraiser(), id, "đạt").await.unwrap();
    approve(&app, id, today).await;
    let record = told(&app, "design.appraisal").await.swap_remove(0);
    assert_eq!(record.content.get("level"), Some(&Content::Int(4)));
    assert!(holds(&app, "appraisal").await);
    // Once it is of level 5, the design of level 4 is not enough any more.
    clock.forward(60);
    let level = handed_in(&app, DossierKind::Level, 5).await;
    assert!(holds(&app, "appraisal").await);
    approve(&app, level, today).await;
    assert!(!holds(&app, "appraisal").await);
    clock.forward(60);
    let id = handed_in(&app, kind, 5).await;
    approve(&app, id, today).await;
    assert!(holds(&app, "appraisal").await);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_decided_before_its_own_appraisal_unless_that_is_said() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let (own, sokhcn) = (officer(), agency("sokhcn"));
    let code = |text: &str| ProjectCode::new(text).unwrap();
    for project in ["da-01", "da-02"] {
        let new = NewProject {
            code: code(project),
            name: "Nâng cấp cổng dịch vụ công".into(),
            system: system(),
            planned: 5_000_000_000,
            security: Some(750_000_000),
        };
        projects::add_project(&app, &own, new).await.unwrap();
    }
    let decide = async |project: &str, day, exception| {
        projects::decide_project(&app, &own, &sokhcn, &code(project), day, exception).await
    };
    let appraise = async |project: &str, id| {
        projects::appraise_project(&app, &own, &sokhcn, &code(project), id).await
    };
    let today = date(2026, 10, 15);
    let early = decide("da-01", today, None).await.unwrap_err().to_string();
    assert!(early.contains("names no dossier"), "{early}");
    assert!(told(&app, "project.investment").await.is_empty());
    decide("da-02", today, Some("đã ký trước khi có quy trình")).await.unwrap();
    let record = told(&app, "project.investment").await.swap_remove(0);
    assert_eq!((word(&record, "decided"), word(&record, "appraised")), ("2026-10-15", ""));
    assert!(
        matches!(decide("da-02", today, None).await, Err(UseError::Conflict(_))),
        "it is decided"
    );

    let level = dossiers::begin_dossier(&app, &own, &system(), DossierKind::Level).await.unwrap();
    let other = appraise("da-01", Some(level)).await.unwrap_err().to_string();
    assert!(other.contains("no appraisal of a security design of cong-dvc"), "{other}");
    let id = handed_in(&app, DossierKind::Design, 3).await;
    appraise("da-01", Some(id)).await.unwrap();
    let waiting = decide("da-01", today, None).await.unwrap_err().to_string();
    assert!(waiting.contains("is not approved"), "{waiting}");
    approve(&app, id, today).await;
    let same_day = decide("da-01", today, None).await.unwrap_err().to_string();
    assert!(same_day.contains("later day"), "{same_day}");
    clock.forward(24 * 3600);
    let excused = decide("da-01", date(2026, 10, 16), Some("vội")).await;
    assert!(excused.unwrap_err().to_string().contains("no exception"));
    decide("da-01", date(2026, 10, 16), None).await.unwrap();
    let late = appraise("da-01", None).await;
    assert!(matches!(late, Err(UseError::Conflict(_))), "it is decided: {late:?}");
    let record = told(&app, "project.investment").await.swap_remove(0);
    assert_eq!(
        (word(&record, "decided"), word(&record, "appraised")),
        ("2026-10-16", "2026-10-15")
    );
    assert_eq!(record.content.get("security"), Some(&Content::Int(750_000_000)));
    // A later project of the system has to be appraised itself: what was approved before opens nothing.
    for (project, security) in [("da-03", None), ("da-04", Some(99))] {
        let (name, system) = ("Mở rộng".to_owned(), system());
        let new = NewProject { code: code(project), name, system, planned: 1_000, security };
        projects::add_project(&app, &own, new).await.unwrap();
        let reused = decide(project, date(2026, 10, 16), None).await.unwrap_err().to_string();
        assert!(reused.contains("names no dossier"), "{reused}");
        let reused = appraise(project, Some(id)).await.unwrap_err();
        assert!(
            matches!(&reused, UseError::Conflict(why) if why.contains("serves another project")),
            "{reused:?}"
        );
        let own = handed_in(&app, DossierKind::Design, 3).await;
        approve(&app, own, date(2026, 10, 16)).await;
        appraise(project, Some(own)).await.unwrap();
    }
    clock.forward(24 * 3600);
    let day = date(2026, 10, 17);
    // The designs are approved by now, but nothing of the estimate, or next to nothing, is for security.
    let refused = decide("da-03", day, None).await.unwrap_err().to_string();
    assert!(refused.contains("no part for security"), "{refused}");
    let refused = decide("da-04", day, None).await.unwrap_err().to_string();
    assert!(refused.contains("less than 10 % of the estimate of da-04"), "{refused}");
    decide("da-03", day, Some("đã ký")).await.unwrap();
    let estimate = async |project: &str, planned, security| {
        projects::estimate_project(&app, &own, &sokhcn, &code(project), planned, security).await
    };
    let too_much = estimate("da-04", 1_000, Some(1_001)).await;
    assert!(matches!(too_much, Err(UseError::Invalid(_))), "{too_much:?}");
    let late = estimate("da-03", 1_000, Some(150)).await;
    assert!(matches!(late, Err(UseError::Conflict(_))), "it is decided: {late:?}");
    estimate("da-04", 1_000, Some(150)).await.unwrap();
    decide("da-04", day, None).await.unwrap();
    let all = projects::list_projects(&app, &own).await.unwrap();
    let violations: Vec<bool> = all.iter().map(Project::is_violation).collect();
    assert_eq!(violations, [false, true, true, false], "what came too late mends nothing");
    // Nor does the agency's word: the centre has recorded the decision.
    let fields = [("decided", "2026-10-15"), ("appraised", "2026-10-14"), ("name", "Nâng cấp")];
    let typed = attest::Typed {
        kind: "project.investment".into(),
        subject: "da-02".into(),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        title: "Quyết định".into(),
        ..attest::Typed::default()
    };
    let attested = attest::attest(&app, &own, &sokhcn, &typed).await.unwrap_err();
    assert!(attested.to_string().contains("the centre itself has recorded"), "{attested}");
    let unknown = attest::Typed { subject: "da-99".into(), ..typed };
    attest::attest(&app, &own, &sokhcn, &unknown).await.unwrap();
    attest::attest(&app, &own, &sokhcn, &unknown).await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calendar_counts_a_word_once_somebody_else_has_seen_the_report() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let pentest = async |day| {
        let rows = assessments::calendar(&app, &officer()).await.unwrap();
        let standing = rows[0].standings[Check::Pentest as usize].clone().unwrap();
        assert_eq!(standing.due, day);
        standing.state
    };
    let record = async |caller: &Caller, report: &str| {
        let new = Assessed {
            system: system(),
            check: Check::Pentest,
            day: date(2026, 10, 1),
            report: report.into(),
            independent: true,
            met: false,
            measured: Measured::default(),
            scanned: (0, String::new()),
        };
        assessments::record_assessment(&app, caller, new).await
    };
    assert_eq!(pentest(None).await, State::Overdue, "it was never done");
    assert!(record(&officer(), "BC MẬT\nMẬT").await.is_err());
    record(&officer(), "12/BC").await.unwrap();
    let due = Some(date(2027, 10, 1));
    assert_eq!(pentest(due).await, State::Declared);
    assert!(!holds(&app, "pentest").await);
    record(&appraiser(), "12/BC").await.unwrap();
    assert_eq!(pentest(due).await, State::Done);
    assert!(holds(&app, "pentest").await);
    clock.forward(340 * 24 * 3600);
    assert_eq!(pentest(due).await, State::Soon);
    clock.forward(30 * 24 * 3600);
    assert_eq!(pentest(due).await, State::Overdue);
    assert!(!holds(&app, "pentest").await);
    app.stop().await;
}

/// A file of a scanner with results of some rules, each with its level.
fn log(results: &[(&str, &str)], at: &str) -> Upload {
    let results: Vec<Value> = results
        .iter()
        .map(|(rule, level)| {
            json!({"ruleId": rule, "level": level, "message": {"text": format!("Lỗi mẫu {rule}")},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": "https://mau.example/"}}}]})
        })
        .collect();
    let log = json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "Máy quét Mẫu"}},
        "invocations": [{"executionSuccessful": true, "endTimeUtc": at}],
        "results": results,
    }]});
    Upload { name: "mau.sarif".into(), bytes: log.to_string().into_bytes(), ..Upload::default() }
}

/// A table of a tool with a rule in the place of [`log`], or with none.
fn table(tool: &str, row: Option<(&str, &str)>) -> Upload {
    let row = row.map(|(rule, severity)| format!("{rule},Lỗi,{severity},https://mau.example/\n"));
    let table = format!("rule,title,severity,place\n{}", row.unwrap_or_default());
    Upload { name: "mau.csv".into(), bytes: table.into_bytes(), tool: tool.into(), at: None }
}

/// What a program or the command line hands in.
async fn scan(app: &App, upload: Upload) -> Report {
    findings::import_findings(app, &Caller::program(), &system(), upload, false).await.unwrap()
}

async fn finding(app: &App, id: i64) -> Finding {
    findings::get_finding(app, &Caller::program(), FindingId(id)).await.unwrap().finding
}

async fn import(app: &App, upload: Upload, dry_run: bool) -> Report {
    findings::import_findings(app, &Caller::program(), &system(), upload, dry_run).await.unwrap()
}

fn figures(report: &Report) -> [usize; 5] {
    [report.findings, report.added, report.seen, report.reopened, report.fixed]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_scan_fixes_what_is_gone_and_opens_what_is_back() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let first = log(&[("A", "error"), ("B", "note"), ("A", "note")], "2026-10-15T00:00:00Z");
    let looked = import(&app, first.clone(), true).await;
    assert_eq!(figures(&looked), [2, 2, 0, 0, 0]);
    assert!(findings::list_findings(&app, &officer(), None).await.unwrap().is_empty());
    assert!(told(&app, "scan.done").await.is_empty(), "it was only looked at");
    assert_eq!(import(&app, first.clone(), false).await, looked);
    let scan = told(&app, "scan.done").await.swap_remove(0);
    assert_eq!((word(&scan, "tool"), scan.about.how), ("Máy quét Mẫu", How::Measured));
    assert_eq!(scan.about.at.to_string(), "2026-10-15T00:00:00Z");
    assert!(!holds(&app, "finding").await, "a high finding is open");
    assert!(holds(&app, "scan-3").await);
    let size = app.store.ledger_tip().await.unwrap().size;
    let again = import(&app, first, false).await;
    assert!(again.again && app.store.ledger_tip().await.unwrap().size == size);

    clock.forward(24 * 3600);
    let second = import(&app, log(&[("B", "note")], "2026-10-16T00:00:00Z"), false).await;
    assert_eq!(figures(&second), [1, 0, 1, 0, 1]);
    assert!(holds(&app, "finding").await);
    let fixed = told(&app, "finding.state").await.swap_remove(0);
    assert_eq!((word(&fixed, "state"), word(&fixed, "fixed")), ("fixed", "2026-10-16"));
    let older = log(&[("C", "note")], "2026-10-15T12:00:00Z");
    let older = findings::import_findings(&app, &Caller::program(), &system(), older, false).await;
    assert!(matches!(older, Err(UseError::Conflict(_))), "{older:?}");

    clock.forward(24 * 3600);
    let third = import(&app, log(&[("A", "error")], "2026-10-17T00:00:00Z"), false).await;
    assert_eq!(figures(&third), [1, 0, 0, 1, 1]);
    assert!(!holds(&app, "finding").await);
    let all = findings::list_findings(&app, &officer(), None).await.unwrap();
    let back = all.iter().find(|finding| finding.about.rule == "A").unwrap();
    assert_eq!((back.found, back.due), (date(2026, 10, 15), date(2026, 11, 14)));
    let wrong = log(&[("A", "grave")], "2026-10-17T00:30:00Z");
    let size = app.store.ledger_tip().await.unwrap().size;
    let told = import(&app, wrong, false).await;
    assert_eq!(told.problems[0].place, "runs[0].results[0].level");
    assert_eq!(app.store.ledger_tip().await.unwrap().size, size, "nothing is kept");
    let foreign = person("canbo-soyt", Role::Officer, AgencyScope::one(agency("soyt")));
    let none = log(&[], "2026-10-17T00:40:00Z");
    let foreign = findings::import_findings(&app, &foreign, &system(), none, false).await;
    assert!(matches!(foreign, Err(UseError::NotFound { .. })));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_retested_by_somebody_else_and_borne_for_a_time() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    import(&app, log(&[("A", "error"), ("B", "error")], "2026-10-15T00:00:00Z"), false).await;
    let (own, first, second) = (mighty("canbo"), FindingId(1), FindingId(2));
    let state = async |id| findings::get_finding(&app, &officer(), id).await.unwrap().finding.state;
    let retest =
        async |caller: &Caller| findings::retest_finding(&app, caller, first, "7/BC").await;
    assert!(matches!(retest(&appraiser()).await, Err(UseError::Conflict(_))), "nobody repaired it");
    findings::repair_finding(&app, &own, first, "đã vá").await.unwrap();
    assert_eq!(state(first).await.name(), "open");
    assert!(retest(&own).await.unwrap_err().to_string().contains("somebody else"));
    retest(&appraiser()).await.unwrap();
    assert_eq!(state(first).await.name(), "fixed");
    let record = told(&app, "finding.state").await.swap_remove(0);
    assert_eq!((word(&record, "state"), record.about.how), ("fixed", How::Documented));

    let accept = async |caller: &Caller, until| {
        findings::accept_finding(&app, caller, second, until, "đang mua thiết bị").await
    };
    assert!(matches!(accept(&officer(), date(2026, 10, 20)).await, Err(UseError::Denied(_))));
    assert!(matches!(accept(&lead(), date(2027, 10, 20)).await, Err(UseError::Invalid(_))));
    accept(&lead(), date(2026, 10, 20)).await.unwrap();
    assert!(holds(&app, "finding").await);
    clock.forward(7 * 24 * 3600);
    until("the acceptance ends", async || state(second).await.name() == "open").await;
    assert!(!holds(&app, "finding").await);
    assert_eq!(told(&app, "finding.state").await[0].about.by, "program");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officers_close_nothing_of_a_scan_for_the_gate() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    scan(&app, log(&[("A", "error")], "2026-10-15T00:00:00Z")).await;
    let other = person("canbo2", Role::Officer, AgencyScope::one(agency("sokhcn")));
    findings::repair_finding(&app, &officer(), FindingId(1), "đã vá").await.unwrap();
    findings::retest_finding(&app, &other, FindingId(1), "7/BC").await.unwrap();
    assert_eq!(finding(&app, 1).await.state.name(), "fixed");
    let record = told(&app, "finding.state").await.swap_remove(0);
    assert_eq!((word(&record, "state"), record.about.how), ("fixed", How::Declared));
    assert!(!holds(&app, "finding").await, "their word stands beside the scan");
    let again = findings::retest_finding(&app, &other, FindingId(1), "7/BC").await;
    assert!(matches!(again, Err(UseError::Conflict(_))), "they have said so: {again:?}");
    clock.forward(24 * 3600);
    scan(&app, log(&[], "2026-10-16T00:00:00Z")).await;
    assert!(holds(&app, "finding").await, "the scan does not see it any more");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tool_makes_a_finding_graver_at_most_and_never_closes_it() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let first = "2026-10-15T00:00:00Z";
    scan(&app, log(&[("A", "error")], first)).await;
    let was = finding(&app, 1).await;
    clock.forward(3600);
    let seen = scan(&app, table("Công cụ khác", Some(("A", "low")))).await;
    assert_eq!(figures(&seen), [1, 0, 1, 0, 0]);
    let stands = finding(&app, 1).await;
    assert_eq!((&stands.tool, &stands.about), (&was.tool, &was.about), "not lowered, not its own");
    clock.forward(3600);
    assert_eq!(scan(&app, table("Công cụ khác", None)).await.fixed, 0);
    assert_eq!(finding(&app, 1).await.state, FindingState::Open);
    clock.forward(3600);
    scan(&app, table("Công cụ khác", Some(("A", "critical")))).await;
    let graver = finding(&app, 1).await;
    assert_eq!((graver.about.severity, graver.found), (Rating::Critical, was.found));
    assert!(graver.due < was.due && graver.tool == was.tool);
    // What found it may say that it is gone.
    assert_eq!(scan(&app, log(&[], "2026-10-15T04:00:00Z")).await.fixed, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_borne_is_open_again_once_it_is_graver() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let both = |level| [("A", level), ("CVE-2026-0001", "note")];
    scan(&app, log(&both("note"), "2026-10-15T00:00:00Z")).await;
    for id in [1, 2] {
        let (id, until) = (FindingId(id), date(2026, 12, 1));
        findings::accept_finding(&app, &lead(), id, until, "đang mua thiết bị").await.unwrap();
    }
    let state = async |rule: &str| {
        let all = findings::list_findings(&app, &officer(), None).await.unwrap();
        all.into_iter().find(|one| one.about.rule == rule).unwrap().state
    };
    clock.forward(3600);
    scan(&app, log(&both("note"), "2026-10-15T01:30:00Z")).await;
    assert_eq!(state("A").await.name(), "accepted", "it is no worse");
    clock.forward(3600);
    let report = scan(&app, log(&both("error"), "2026-10-15T02:30:00Z")).await;
    assert_eq!((report.seen, report.reopened), (1, 1));
    assert_eq!(state("A").await, FindingState::Open);
    assert_eq!(state("CVE-2026-0001").await.name(), "accepted");
    assert!(!holds(&app, "finding").await);
    let catalogue = json!({"catalogVersion": "1", "dateReleased": "2026-10-14", "vulnerabilities": [
        {"cveID": "CVE-2026-0001", "vulnerabilityName": "Lỗi mẫu", "dateAdded": "2026-10-14"}]});
    let bytes = catalogue.to_string().into_bytes();
    findings::import_exploited(&app, &Caller::program(), bytes).await.unwrap();
    assert_eq!(state("CVE-2026-0001").await, FindingState::Open);
    assert_eq!(word(&told(&app, "finding.state").await[0], "state"), "open");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_internet_reached_stays_due_sooner_while_it_is_open() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let reached = async |is_exposed| {
        let known = registering::get_system(&app, &Caller::program(), &system()).await.unwrap();
        let system = System { is_exposed, ..known };
        registering::change_system(&app, &Caller::program(), system).await.unwrap();
    };
    reached(false).await;
    scan(&app, log(&[("A", "note")], "2026-10-15T00:00:00Z")).await;
    assert!(!finding(&app, 1).await.is_exposed);
    reached(true).await;
    clock.forward(3600);
    scan(&app, log(&[("A", "note")], "2026-10-15T01:00:00Z")).await;
    assert!(finding(&app, 1).await.is_exposed, "it is reached by now");
    reached(false).await;
    clock.forward(3600);
    scan(&app, log(&[("A", "note")], "2026-10-15T02:00:00Z")).await;
    assert!(finding(&app, 1).await.is_exposed, "a tick that is taken away takes no deadline away");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_hands_in_is_their_word() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let upload = |row, at: Option<&str>| {
        let at = at.map(|at| at.parse().unwrap());
        Upload { at, ..table("Bảng tay", row) }
    };
    let hand_in = async |caller: &Caller, row, at: Option<&str>| {
        findings::import_findings(&app, caller, &system(), upload(row, at), false).await
    };
    let when = hand_in(&officer(), None, None).await.unwrap_err().to_string();
    assert_eq!(when, "tell when the scan was run: the file does not");
    hand_in(&officer(), Some(("A", "high")), Some("2026-10-15T00:00:00Z")).await.unwrap();
    let scan = told(&app, "scan.done").await.swap_remove(0);
    let found = told(&app, "finding.state").await.swap_remove(0);
    assert_eq!([scan.about.how, found.about.how], [How::Declared; 2]);
    assert_eq!(scan.about.at.to_string(), "2026-10-15T00:00:00Z");
    assert!(!holds(&app, "scan-3").await, "nobody else has seen it");
    assert!(!holds(&app, "finding").await, "what it says against the agency counts");
    let may_be_seen = reviews::waiting(&app, &appraiser(), None).await.unwrap();
    assert!(may_be_seen.iter().any(|one| one.record.about.kind == "scan.done"));
    assert!(app.kinds().get("scan.done").unwrap().by.contains(&Recorder::People));

    // A program's scan is measured, and says again what was only declared.
    import(&app, log(&[("A", "error")], "2026-10-15T00:30:00Z"), false).await;
    assert_eq!(told(&app, "finding.state").await[0].about.how, How::Measured);
    assert!(holds(&app, "scan-3").await);
    clock.forward(24 * 3600);
    hand_in(&officer(), None, Some("2026-10-16T00:00:00Z")).await.unwrap();
    assert_eq!(finding(&app, 1).await.state.name(), "fixed", "it closes what it found");
    assert!(!holds(&app, "finding").await, "but not what was measured");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alternating_files_reset_no_day() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let tool = "Máy quét Mẫu";
    scan(&app, table(tool, Some(("A", "high")))).await;
    let was = finding(&app, 1).await;
    assert_eq!((was.found, was.due), (date(2026, 10, 15), date(2026, 11, 14)));
    for _ in 0..3 {
        clock.forward(10 * 24 * 3600);
        scan(&app, table(tool, None)).await;
        clock.forward(3600);
        scan(&app, table(tool, Some(("A", "low")))).await;
    }
    let back = finding(&app, 1).await;
    assert_eq!((back.found, back.due), (was.found, was.due));
    assert!(!back.is_overdue(date(2026, 11, 14)) && back.is_overdue(date(2026, 11, 15)));
    // After the days that its severity gives it is another.
    scan(&app, table(tool, None)).await;
    clock.forward(200 * 24 * 3600);
    scan(&app, table(tool, Some(("A", "high")))).await;
    assert_eq!(finding(&app, 1).await.found, date(2027, 6, 2));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_table_of_another_day_is_another_scan() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let clean = || table("Máy quét Mẫu", None);
    assert!(!scan(&app, clean()).await.again);
    clock.forward(40 * 24 * 3600);
    assert!(!holds(&app, "scan-3").await, "it is too long ago");
    let run = || Upload { at: Some(app.now()), ..clean() };
    assert!(!scan(&app, run()).await.again);
    assert!(holds(&app, "scan-3").await);
    let size = app.store.ledger_tip().await.unwrap().size;
    assert!(scan(&app, run()).await.again, "the very same run");
    assert_eq!(app.store.ledger_tip().await.unwrap().size, size);
    let other = Upload { tool: "Công cụ khác".into(), ..run() };
    assert!(!scan(&app, other).await.again);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_to_be_exploited_is_due_sooner() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place.path().join("data")).await;
    let found = [("CVE-2026-0001", "note"), ("CVE-2026-0002", "note")];
    import(&app, log(&found, "2026-10-15T00:00:00Z"), false).await;
    let catalogue = |cve: &str| {
        json!({"catalogVersion": "2026.10.14", "dateReleased": "2026-10-14T17:04:19.9796Z", "count": 1,
            "vulnerabilities": [{"cveID": cve, "vulnerabilityName": "Lỗi mẫu", "dateAdded": "2026-10-14"}]})
        .to_string()
        .into_bytes()
    };
    let put = async |bytes| findings::import_exploited(&app, &Caller::program(), bytes).await;
    assert!(findings::catalogue(&app, &officer()).await.unwrap().is_none());
    let denied = findings::import_exploited(&app, &officer(), catalogue("CVE-2026-0001")).await;
    assert!(matches!(denied, Err(UseError::Denied(_))));
    for wrong in
        ["{", "{}", "{\"catalogVersion\":\"1\",\"dateReleased\":\"x\",\"vulnerabilities\":[1]}"]
    {
        assert!(matches!(put(wrong.into()).await, Err(UseError::Invalid(_))), "{wrong}");
    }
    let (kept, changed) = put(catalogue("CVE-2026-0001")).await.unwrap();
    assert_eq!((kept.size, kept.released, changed), (1, date(2026, 10, 15), 1));
    let due = async || {
        let all = findings::list_findings(&app, &officer(), None).await.unwrap();
        let of = |cve: &str| all.iter().find(|one| one.about.rule == cve).unwrap().clone();
        [of("CVE-2026-0001"), of("CVE-2026-0002")].map(|one| (one.is_exploited, one.due))
    };
    let (soon, late) = (date(2026, 10, 29), date(2027, 4, 13));
    assert_eq!(due().await, [(true, soon), (false, late)]);
    let record = told(&app, "finding.state").await.swap_remove(0);
    assert_eq!(record.content.get("kev").and_then(Content::as_bool), Some(true));
    // A scan after it knows at once.
    let found = [found[0], found[1], ("CVE-2026-0003", "note")];
    put(catalogue("CVE-2026-0003")).await.unwrap();
    assert_eq!(due().await, [(false, late), (false, late)]);
    let report = import(&app, log(&found, "2026-10-15T00:30:00Z"), false).await;
    assert_eq!((report.added, report.exploited), (1, 1));
    let all = findings::list_findings(&app, &officer(), None).await.unwrap();
    assert_eq!(findings::counts(&all, date(2026, 10, 30)), [3, 0, 1, 0]);
    assert!(all.iter().all(|finding| finding.about.severity == Rating::Low));
    app.stop().await;
}
