//! Dossiers, projects and assessments: who does what, and what the gate sees of it.

use std::path::Path;
use std::sync::Arc;

use jiff::civil::date;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::assessments::{self, Assessed};
use khien_app::use_case::attest;
use khien_app::use_case::findings::{self};
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::projects::{self, NewProject};
use khien_app::use_case::{UseError, dossiers, gate, register as registering};
use khien_domain::account::{Role, UserName};
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::assessment::{Check, State};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::dossier::{
    Act, Answer, Answered, Document, Dossier, DossierAbout, DossierKind, DossierState,
};
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{How, Record};
use khien_domain::ids::{DossierId, FindingId};
use khien_domain::page::PageRequest;
use khien_domain::permission::{Actor, AgencyScope, Identity, Permission};
use khien_domain::project::{Project, ProjectCode};
use khien_domain::restore::Measured;
use khien_domain::system::{Level, Stage, System};
use khien_testkit::Hands;

use crate::findings::{log, scan};
use crate::support::{register, start};

pub(crate) fn agency(code: &str) -> AgencyCode {
    AgencyCode::new(code).unwrap()
}

pub(crate) fn system() -> SystemCode {
    SystemCode::new("cong-dvc").unwrap()
}

pub(crate) fn person(name: &str, role: Role, agencies: AgencyScope) -> Caller {
    let identity = Identity::Person { name: UserName::new(name).unwrap() };
    Caller { actor: Actor::new(identity, role.permissions(), agencies), origin: "test".into() }
}

pub(crate) fn officer() -> Caller {
    person("canbo", Role::Officer, AgencyScope::one(agency("sokhcn")))
}

/// The same, of an agency.
pub(crate) fn of(home: &str, caller: Caller) -> Caller {
    Caller { actor: caller.actor.of(Some(agency(home))), ..caller }
}

pub(crate) fn appraiser() -> Caller {
    of("soyt", person("thamdinh", Role::Appraiser, AgencyScope::All))
}

pub(crate) fn lead() -> Caller {
    of("soyt", person("truongca", Role::Lead, AgencyScope::All))
}

/// Somebody who may do everything.
pub(crate) fn mighty(name: &str) -> Caller {
    let identity = Identity::Person { name: UserName::new(name).unwrap() };
    let all = Permission::ALL.into_iter().collect();
    let actor = Actor::new(identity, all, AgencyScope::All).of(Some(agency("soyt")));
    Caller { actor, origin: "test".into() }
}

pub(crate) async fn centre(path: &Path) -> (Arc<App>, Arc<Hands>) {
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(path, &clock).await;
    register(&app).await;
    let new = Agency::new(agency("soyt"), "Sở Y tế".into(), AgencyKind::Government, app.now());
    registering::add_agency(&app, &Caller::program(), khien_testkit::headed(new)).await.unwrap();
    (app, clock)
}

pub(crate) async fn told(app: &App, kind: &str) -> Vec<Record> {
    let filter = EvidenceFilter { kind: Some(kind.into()), ..EvidenceFilter::default() };
    let page = PageRequest::first();
    ledger::list(app, &Caller::program(), &filter, &page).await.unwrap().items
}

pub(crate) fn word<'r>(record: &'r Record, name: &str) -> &'r str {
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

pub(crate) async fn holds(app: &App, condition: &str) -> bool {
    let answer = gate::check(app, &Caller::program(), &system(), Stage::Operation).await.unwrap();
    let reason = answer.statement.reasons.iter().find(|reason| reason.condition == condition);
    reason.is_some_and(|reason| reason.holds)
}

pub(crate) async fn state(app: &App, id: DossierId) -> DossierState {
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
