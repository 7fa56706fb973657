//! Which policy the gate decides by, and that nothing opens without one.

use jiff::Timestamp;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::{UseError, gate, register};
use khien_domain::code::SystemCode;
use khien_domain::evidence::NewEvidence;
use khien_domain::evidence::kinds::Kinds;
use khien_domain::gate::GatePolicy;
use khien_domain::system::{Level, Stage, System};

use crate::support::{agency, centre_of_two, lead, officer};

/// Puts a policy into the ledger, as a program that comes with it does.
async fn comes(app: &App, id: &str, days: [&str; 2]) {
    let text = GatePolicy::BUILT_IN
        .replacen("policy: gate-2026.1", &format!("policy: {id}"), 1)
        .replacen("valid_from: 2026-01-01", &format!("valid_from: {}", days[0]), 1)
        .replacen("valid_to: 2027-12-31", &format!("valid_to: {}", days[1]), 1);
    let policy = GatePolicy::parse(&text, &Kinds::parse(Kinds::BUILT_IN).unwrap()).unwrap();
    let new = NewEvidence {
        agency: None,
        subject: id.to_owned(),
        ..NewEvidence::of_agency("gate.policy", &agency("sokhcn"), app.now())
    };
    let mut tx = app.store.begin().await.unwrap();
    let new = new.with("policy", policy.to_content().clone());
    tx.append_evidence(vec![new], app.now()).await.unwrap();
    tx.commit().await.unwrap();
}

fn system() -> SystemCode {
    SystemCode::new("cong-dvc").unwrap()
}

async fn asked(app: &App) -> Result<String, UseError> {
    let answer = gate::check(app, &lead(), &system(), Stage::Operation).await?;
    Ok(answer.statement.policy)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_policy_of_the_day_decides_and_without_one_nothing_opens() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let until = |text: &str| {
        let then: Timestamp = text.parse().unwrap();
        clock.forward(then.duration_since(app.now()).as_secs());
    };
    comes(&app, "gate-2027.1", ["2027-01-01", "2027-06-30"]).await;
    comes(&app, "gate-2025.1", ["2025-01-01", "2025-12-31"]).await;
    assert_eq!(asked(&app).await.unwrap(), "gate-2026.1", "one is over, one is to come");
    let answer = gate::decide(&app, &Caller::program(), &system()).await.unwrap();
    assert_eq!(answer.statement.policy, "gate-2026.1");
    let decided = gate::decisions(&app, &lead(), &system()).await.unwrap()[0].about.seq;

    let level = Level::new(1).unwrap();
    let code = SystemCode::new("cong-moi").unwrap();
    let planned = System {
        owner: Some("Giám đốc Sở".into()),
        head: Some("Trưởng phòng".into()),
        ..System::new(code, agency("soyt"), "Cổng mới".into(), level, Stage::Planning, app.now())
    };
    let planned = register::add_system(&app, &officer("soyt"), planned).await.unwrap();
    until("2026-12-31T17:00:00Z");
    assert_eq!(asked(&app).await.unwrap(), "gate-2027.1", "the newest of those that count");
    // What it says last of itself counts: it ends sooner now.
    comes(&app, "gate-2027.1", ["2027-01-01", "2027-01-31"]).await;
    until("2027-01-31T17:00:00Z");
    assert_eq!(asked(&app).await.unwrap(), "gate-2026.1");

    until("2027-12-31T17:00:00Z");
    let told = |error: UseError| match error {
        UseError::Conflict(why) => why,
        other => panic!("{other:?}"),
    };
    let none = "no policy of the gate is in force on 2028-01-01";
    assert!(told(asked(&app).await.unwrap_err()).starts_with(none));
    let built = System { stage: Stage::Build, ..planned };
    let refused = register::change_system(&app, &officer("soyt"), built).await;
    assert!(told(refused.unwrap_err()).starts_with(none));
    let program = Caller::program();
    assert!(told(gate::sweep(&app, &program).await.unwrap_err()).starts_with(none));
    assert!(gate::replay(&app, &program, decided).await.unwrap().is_same(), "what was is kept");
    app.stop().await;
}
