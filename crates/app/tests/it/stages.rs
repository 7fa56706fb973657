//! A system goes from stage to stage only as far as the gate lets it.

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::gate;
use khien_app::use_case::register;
use khien_app::use_case::register::import::{Import, ListKind, import};
use khien_app::use_case::{UseError, ledger};
use khien_domain::alert::AlertKind;
use khien_domain::code::SystemCode;
use khien_domain::evidence::Record;
use khien_domain::evidence::content::Content;
use khien_domain::index::State;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::system::{Level, Stage, System};
use khien_store::AlertFilter;

use crate::support::{agency, centre_of_two, indicator, lead, officer, write_off};

fn code() -> SystemCode {
    SystemCode::new("cong-moi").unwrap()
}

async fn planned(app: &App, level: i64) -> System {
    let (name, level) = ("Cổng mới".to_owned(), Level::new(level).unwrap());
    let new = System::new(code(), agency("soyt"), name, level, Stage::Planning, app.now());
    register::add_system(app, &officer("soyt"), new).await.unwrap()
}

async fn change(app: &App, system: &System) -> Result<System, UseError> {
    register::change_system(app, &officer("soyt"), system.clone()).await
}

async fn known(app: &App) -> System {
    register::get_system(app, &officer("soyt"), &code()).await.unwrap()
}

fn why(refused: Result<System, UseError>) -> String {
    match refused {
        Err(UseError::Conflict(why)) => why,
        other => format!("not refused: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_goes_on_only_when_the_conditions_of_the_stage_hold() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let system = planned(&app, 1).await;
    let page = PageRequest::first();
    let profile = ledger::EvidenceFilter {
        kind: Some("system.profile".into()),
        system: Some(code()),
        ..Default::default()
    };
    clock.forward(60);
    // Nobody answers for it yet.
    let design = System { stage: Stage::Design, ..system };
    let told = why(change(&app, &design).await);
    assert_eq!(
        told,
        "1 conditions of the gate do not hold yet, so that cong-moi stays in its stage: see /gate/cong-moi?before=design"
    );
    assert_eq!(known(&app).await.stage, Stage::Planning);
    let records = ledger::list(&app, &lead(), &profile, &page).await.unwrap().items;
    assert_eq!(records.len(), 1, "a refused step tells the ledger nothing");
    // What is said in the same change counts.
    let named = System {
        owner: Some("Giám đốc Sở".into()),
        head: Some("Trưởng phòng".into()),
        ..design.clone()
    };
    let named = change(&app, &named).await.unwrap();
    clock.forward(60);
    // It cannot jump over what is asked of being used.
    let used = System { stage: Stage::Operation, ..named.clone() };
    assert!(why(change(&app, &used).await).contains("before=operation"));
    let tried = System { stage: Stage::Test, ..named };
    let tried = change(&app, &tried).await.unwrap();
    assert!(why(change(&app, &used).await).contains("before=operation"));
    // Whoever answers for the gate may let it into use for hours.
    gate::break_glass(&app, &lead(), &code(), "bão lớn, cần dùng ngay", 4).await.unwrap();
    clock.forward(60);
    assert_eq!(change(&app, &used).await.unwrap().stage, Stage::Operation);
    // Back is never barred; forward again is, once the glass is whole.
    change(&app, &tried).await.unwrap();
    clock.forward(4 * 3_600);
    assert!(why(change(&app, &used).await).contains("before=operation"));
    let retired = System { stage: Stage::Retired, ..used.clone() };
    assert!(why(change(&app, &retired).await).contains("Biên bản thanh lý"));
    write_off(&app, &code()).await;
    change(&app, &retired).await.unwrap();
    assert!(why(change(&app, &used).await).contains("before=operation"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_tried_is_given_up_without_a_record() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let system = planned(&app, 1).await;
    clock.forward(60);
    change(&app, &System { stage: Stage::Retired, ..system }).await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_level_that_comes_with_a_step_counts_for_it() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let system = planned(&app, 1).await;
    clock.forward(60);
    let named = System {
        owner: Some("Giám đốc Sở".into()),
        head: Some("Trưởng phòng".into()),
        stage: Stage::Build,
        ..system
    };
    // At level 2 the design has to be appraised before it is built.
    let higher = System { level: Level::new(2).unwrap(), ..named.clone() };
    assert!(why(change(&app, &higher).await).contains("before=build"));
    assert_eq!(change(&app, &named).await.unwrap().stage, Stage::Build);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_tells_the_row_that_the_gate_holds_back() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    planned(&app, 1).await;
    clock.forward(60);
    let bytes = "code,agency,name,level,stage\n\
                 cong-khac,soyt,Cổng khác,1,operation\n\
                 cong-moi,soyt,Cổng mới,1,operation\n";
    let file = Import {
        kind: ListKind::Systems,
        name: "systems.csv".into(),
        bytes: bytes.into(),
        titles: Vec::new(),
        words: Vec::new(),
        dry_run: false,
    };
    let report = import(&app, &officer("soyt"), file).await.unwrap();
    let told: Vec<_> = report.problems.iter().map(|one| (&*one.cell, &*one.message)).collect();
    assert_eq!(told.len(), 1, "what is found in use is registered as it is: {told:?}");
    assert_eq!(told[0].0, "E3");
    assert!(told[0].1.contains("/gate/cong-moi?before=operation"), "{told:?}");
    assert_eq!(known(&app).await.stage, Stage::Planning);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_no_more_has_no_leave_and_no_task() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let level = Level::new(2).unwrap();
    let new = System::new(code(), agency("soyt"), "A".into(), level, Stage::Operation, app.now());
    let used = register::add_system(&app, &officer("soyt"), new).await.unwrap();
    let program = Caller::program();
    gate::sweep(&app, &program).await.unwrap();
    let subject = Some(format!("gate {}", code()));
    let filter = ledger::EvidenceFilter { subject, ..Default::default() };
    let page = PageRequest::first();
    let tasks = async || ledger::list(&app, &lead(), &filter, &page).await.unwrap().items;
    assert!(tasks().await[0].content.get("done").is_none());
    clock.forward(60);
    // A glass that is broken opens nothing that is switched off.
    gate::break_glass(&app, &lead(), &code(), "bão lớn, cần dùng ngay", 4).await.unwrap();
    let answer = gate::check(&app, &lead(), &code(), Stage::Operation).await.unwrap();
    assert!(answer.allows());
    write_off(&app, &code()).await;
    change(&app, &System { stage: Stage::Retired, ..used }).await.unwrap();
    let answer = gate::check(&app, &lead(), &code(), Stage::Operation).await.unwrap();
    assert!(answer.is_retired && !answer.allows());
    gate::sweep(&app, &program).await.unwrap();
    let done = tasks().await;
    assert_eq!(done.len(), 2);
    assert!(is_done(&done[0], true), "{:?}", done[0].content);
    gate::sweep(&app, &program).await.unwrap();
    assert_eq!(tasks().await.len(), 2);
    app.stop().await;
}

/// Whether a task is over, and with its work accepted or not.
fn is_done(task: &Record, accepted: bool) -> bool {
    task.content.get("done").is_some()
        && task.content.get("accepted") == Some(&Content::Bool(accepted))
}

async fn all(app: &App, kind: &str, subject: Option<&str>) -> Vec<Record> {
    let filter = ledger::EvidenceFilter {
        kind: Some(kind.into()),
        agency: Some(agency("soyt")),
        subject: subject.map(str::to_owned),
        ..Default::default()
    };
    ledger::list(app, &lead(), &filter, &PageRequest::first()).await.unwrap().items
}

async fn tasks_of(app: &App) -> Vec<Record> {
    all(app, "task.state", Some("gate cong-moi")).await
}

async fn answered_for(app: &App, stage: Stage) -> System {
    let (name, level) = ("Cổng mới".to_owned(), Level::new(1).unwrap());
    let new = System {
        owner: Some("Giám đốc Sở".into()),
        head: Some("Trưởng phòng".into()),
        ..System::new(code(), agency("soyt"), name, level, stage, app.now())
    };
    register::add_system(app, &officer("soyt"), new).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_registered_as_built_or_tried_is_asked_what_that_takes() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let (name, program) = ("Cổng mới".to_owned(), Caller::program());
    let level = Level::new(1).unwrap();
    let new = System::new(code(), agency("soyt"), name, level, Stage::Test, app.now());
    let tried = register::add_system(&app, &officer("soyt"), new).await.unwrap();
    for _ in 0..2 {
        clock.forward(60);
        let swept = gate::sweep(&app, &program).await.unwrap();
        assert_eq!((swept.asked, swept.early), (1, vec![code()]), "cong-dvc is in use");
    }
    let task = tasks_of(&app).await;
    assert_eq!(task.len(), 1);
    assert!(task[0].content.get("done").is_none());
    let filter = AlertFilter { kind: Some(AlertKind::SystemNotAllowed), ..AlertFilter::default() };
    let alerts = app.store.list_alerts(&AgencyScope::All, &filter, &PageRequest::first()).await;
    let alerts = alerts.unwrap().items;
    let alert = alerts.iter().find(|alert| alert.entity == "cong-moi").unwrap();
    assert_eq!(alert.title, "Hệ thống đang thử nghiệm mà cổng an toàn chưa cho phép");
    assert!(all(&app, "gate.decision", None).await.is_empty(), "decisions are about use");
    // Somebody answers for it by now, which is all that its level asks before it is used.
    let named =
        System {
            owner: Some("Giám đốc Sở".into()), head: Some("Trưởng phòng".into()), ..tried
        };
    change(&app, &named).await.unwrap();
    clock.forward(60);
    assert!(gate::sweep(&app, &program).await.unwrap().early.is_empty());
    let task = tasks_of(&app).await;
    assert!(task.len() == 2 && is_done(&task[0], true), "{:?}", task[0].content);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_stage_is_no_task_done() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let program = Caller::program();
    let used = answered_for(&app, Stage::Operation).await;
    gate::sweep(&app, &program).await.unwrap();
    let task = tasks_of(&app).await;
    assert!(task.len() == 1 && task[0].content.get("done").is_none());
    // Taken back into a stage that asks for what is not there it stays open.
    clock.forward(60);
    let nameless = System { owner: None, stage: Stage::Test, ..used.clone() };
    change(&app, &nameless).await.unwrap();
    gate::sweep(&app, &program).await.unwrap();
    assert_eq!(tasks_of(&app).await.len(), 1);
    // In one that is in order it is over, and nothing was done.
    clock.forward(60);
    change(&app, &System { stage: Stage::Test, ..used }).await.unwrap();
    gate::sweep(&app, &program).await.unwrap();
    let task = tasks_of(&app).await;
    assert!(task.len() == 2 && is_done(&task[0], false), "{:?}", task[0].content);
    gate::sweep(&app, &program).await.unwrap();
    assert_eq!(tasks_of(&app).await.len(), 2);
    clock.forward(60 * 86_400);
    let tasks = indicator(&app, "soyt", "N6.1").await;
    assert_eq!(tasks, (State::Scored, "0.00".into()), "it earns nothing");
    app.stop().await;
}
