//! A system goes from stage to stage only as far as the gate lets it.

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::gate;
use khien_app::use_case::register;
use khien_app::use_case::register::import::{Import, ListKind, import};
use khien_app::use_case::{UseError, ledger};
use khien_domain::code::SystemCode;
use khien_domain::page::PageRequest;
use khien_domain::system::{Level, Stage, System};

use crate::support::{agency, centre_of_two, lead, officer, write_off};

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
    let tried = System { stage: Stage::Test, ..used.clone() };
    change(&app, &tried).await.unwrap();
    gate::sweep(&app, &program).await.unwrap();
    let done = tasks().await;
    assert_eq!(done.len(), 2);
    assert!(done[0].content.get("done").is_some(), "{:?}", done[0].content);
    gate::sweep(&app, &program).await.unwrap();
    assert_eq!(tasks().await.len(), 2);
    // A glass that is broken opens nothing that is switched off.
    gate::break_glass(&app, &lead(), &code(), "bão lớn, cần dùng ngay", 4).await.unwrap();
    let answer = gate::check(&app, &lead(), &code(), Stage::Operation).await.unwrap();
    assert!(answer.allows());
    write_off(&app, &code()).await;
    change(&app, &System { stage: Stage::Retired, ..used }).await.unwrap();
    let answer = gate::check(&app, &lead(), &code(), Stage::Operation).await.unwrap();
    assert!(answer.is_retired && !answer.allows());
    app.stop().await;
}
