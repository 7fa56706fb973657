//! That an agency has no system in use: its own word leaves it in the indicators of systems.

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::{index, register, reviews};
use khien_domain::code::SystemCode;
use khien_domain::index::State;
use khien_domain::permission::AgencyScope;
use khien_domain::system::{Stage, System};

use crate::rounds::{appraiser, centre};
use crate::support::{agency, officer};

/// Whether an indicator of systems is measured of the agency.
async fn is_left_out(app: &App) -> bool {
    let live = index::live(app, &Caller::program()).await.unwrap();
    let indicators = &live.now.pack.indicators;
    let place = indicators.iter().position(|known| known.id == "N2.2").unwrap();
    live.now.table.get("sokhcn").unwrap().0.outcomes[place].state == State::NotApplicable
}

async fn put(app: &App, stage: Stage) {
    let code = SystemCode::new("cong-dvc").unwrap();
    let known = app.store.find_system(&AgencyScope::All, &code).await.unwrap().unwrap();
    register::change_system(app, &officer("sokhcn"), System { stage, ..known }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn putting_systems_back_to_the_test_leaves_them_in_the_index() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let confirmed = async || {
        register::confirm_agency(&app, &own, &sokhcn).await.unwrap();
        clock.forward(60);
        let second = appraiser("thamdinh", "sonv");
        let waiting = reviews::waiting(&app, &second, None).await.unwrap();
        let seq = waiting.last().unwrap().record.about.seq;
        (second, seq)
    };
    // Confirmed by another agency while a system was in use.
    let (second, seq) = confirmed().await;
    reviews::decide(&app, &second, seq, true, "").await.unwrap();
    clock.forward(60);
    put(&app, Stage::Test).await;
    clock.forward(60);
    assert!(!is_left_out(&app).await, "it was confirmed of another register");
    let sheet = register::get_agency(&app, &own, &sokhcn).await.unwrap();
    assert_eq!(sheet.agency.confirmed_at, None, "to be confirmed anew");
    let (second, seq) = confirmed().await;
    assert!(!is_left_out(&app).await, "nobody leaves by their own word");
    reviews::decide(&app, &second, seq, true, "").await.unwrap();
    clock.forward(60);
    assert!(is_left_out(&app).await, "somebody of another agency has looked");
    app.stop().await;
}
