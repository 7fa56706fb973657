//! Restores that were measured: what the minutes say of the objectives, whoever hands them in.

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::assessments::{self, Assessed};
use khien_app::use_case::attest::{self, AttestError, Typed};
use khien_app::use_case::evidence::{self, Handed};
use khien_app::use_case::{UseError, register};
use khien_domain::assessment::Check;
use khien_domain::code::SystemCode;
use khien_domain::evidence::content::Content;
use khien_domain::permission::AgencyScope;
use khien_domain::restore::Measured;
use khien_domain::system::System;
use serde_json::json;

use crate::support::{agency, centre_of_two, officer};

fn code() -> SystemCode {
    SystemCode::new("cong-dvc").unwrap()
}

/// Registers objectives: an hour to run again, a quarter of an hour of data.
async fn with_objectives(app: &App) {
    let caller = Caller::program();
    let system = register::get_system(app, &caller, &code()).await.unwrap();
    let system = System { rto_minutes: Some(60), rpo_minutes: Some(15), ..system };
    register::change_system(app, &caller, system).await.unwrap();
}

async fn flags(app: &App, seq: u64) -> [Option<bool>; 3] {
    let record = app.store.find_evidence(&AgencyScope::All, seq).await.unwrap().unwrap();
    ["success", "rto_met", "rpo_met"]
        .map(|name| record.content.get(name).and_then(Content::as_bool))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_measured_says_whether_the_objectives_were_met() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let restore = async |met, minutes, lost_minutes| {
        clock.forward(60);
        let new = Assessed {
            system: code(),
            check: Check::Restore,
            day: "2026-10-15".parse().unwrap(),
            report: "Biên bản khôi phục thử".into(),
            independent: false,
            met,
            measured: Measured { minutes, lost_minutes },
            scanned: (0, String::new()),
        };
        assessments::record_assessment(&app, &officer("sokhcn"), new).await
    };
    let told =
        async |met, minutes, lost| restore(met, minutes, lost).await.unwrap_err().to_string();
    assert!(told(true, Some(60), None).await.contains("cong-dvc has no RTO registered"));
    assert!(told(true, None, Some(15)).await.contains("cong-dvc has no RPO registered"));
    with_objectives(&app).await;
    for (met, minutes, lost, wanted) in [
        (false, Some(60), Some(15), [true, true, true]),
        (true, Some(60), Some(15), [true, true, true]),
        (false, Some(61), Some(15), [true, false, true]),
        (false, Some(60), Some(16), [true, true, false]),
        // What was not measured is somebody's word, as before.
        (true, Some(60), None, [true, true, true]),
        (false, Some(60), None, [true, true, false]),
        (true, None, None, [true, true, true]),
        (false, None, None, [false, false, false]),
    ] {
        let seq = restore(met, minutes, lost).await.unwrap();
        assert_eq!(flags(&app, seq).await, wanted.map(Some), "{met} {minutes:?} {lost:?}");
    }
    assert!(told(true, Some(61), Some(15)).await.contains("RTO of cong-dvc is 60"));
    assert!(told(true, Some(60), Some(16)).await.contains("RPO of cong-dvc is 15"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_and_an_officer_are_held_to_the_minutes() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let hand_in = async |content| {
        let handed = Handed {
            kind: "restore.tested".into(),
            agency: agency("sokhcn"),
            system: Some(code()),
            subject: None,
            reference: "lần chạy 7".into(),
            content,
            at: app.now(),
            until: None,
            corrects: None,
        };
        evidence::hand_in(&app, &Caller::program(), handed).await
    };
    let said = |rto: bool, minutes: i64| json!({"success": true, "rto_met": rto, "rpo_met": true, "minutes": minutes});
    let refused = hand_in(said(true, 60)).await;
    let Err(UseError::Invalid(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("no RTO registered"), "{why}");
    let words = json!({"success": true, "rto_met": true, "rpo_met": true});
    assert!(hand_in(words).await.is_ok(), "without minutes nothing is asked");
    with_objectives(&app).await;
    assert!(hand_in(said(true, 60)).await.is_ok());
    assert!(hand_in(said(false, 61)).await.is_ok());
    for (rto, minutes) in [(true, 61), (false, 60)] {
        let refused = hand_in(said(rto, minutes)).await;
        assert!(matches!(&refused, Err(UseError::Invalid(why)) if why.contains("contradicts")));
    }

    // An agency's word about another system of its own: the centre has not told of that one.
    let other = SystemCode::new("hop-truc-tuyen").unwrap();
    let system = register::get_system(&app, &Caller::program(), &code()).await.unwrap();
    let system = System { code: other.clone(), ..system };
    register::add_system(&app, &Caller::program(), system).await.unwrap();
    let attest = async |rpo: &str, lost: &str| {
        let fields =
            [("success", "yes"), ("rto_met", "yes"), ("rpo_met", rpo), ("lost_minutes", lost)];
        let typed = Typed {
            kind: "restore.tested".into(),
            system: other.to_string(),
            fields: fields.map(|(name, said)| (name.to_owned(), said.to_owned())).into(),
            ..Typed::default()
        };
        attest::attest(&app, &officer("sokhcn"), &agency("sokhcn"), &typed).await
    };
    let refused = attest("yes", "16").await;
    let Err(AttestError::Fields(wrong)) = refused else { panic!("{refused:?}") };
    assert_eq!(wrong[0].field, "lost_minutes");
    let kept = attest("yes", "15").await.unwrap();
    assert_eq!(flags(&app, kept.seq).await, [Some(true); 3]);
    app.stop().await;
}
