//! Incidents that an agency had to report and did not: who records one, what follows, how it is taken back.

use jiff::civil::date;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::hidden::{self, NewHidden};
use khien_app::use_case::{UseError, index};
use khien_domain::evidence::{How, NewEvidence};
use khien_domain::index::State;
use khien_domain::permission::AgencyScope;

use crate::support::{agency, appraiser, centre_of_two, indicator, lead, officer};

fn new() -> NewHidden {
    NewHidden {
        subject: "SC-2026-07".into(),
        found: date(2026, 10, 1),
        reason: "lộ dữ liệu của công dân, phải báo cáo trong 24 giờ".into(),
        document: "12/BB-TTT".into(),
    }
}

/// Whether the cap for a hidden incident holds the grade of `sokhcn` down.
async fn is_capped(app: &App) -> bool {
    let live = index::live(app, &Caller::program()).await.unwrap();
    let (score, _) = live.now.table.get("sokhcn").unwrap();
    score.caps.iter().any(|place| live.now.pack.caps[*place].id == "hidden")
}

/// An incident that was reported in time.
async fn reported(app: &App) {
    let at = app.now();
    let state = NewEvidence::of_agency("incident.state", &agency("sokhcn"), at)
        .with("serious", true)
        .with("reportable", true)
        .with("drill", false)
        .with("opened", "2026-10-10T01:00:00Z")
        .with("report_by", "2026-10-11T01:00:00Z")
        .with("reported", "2026-10-10T09:00:00Z");
    let state = NewEvidence { subject: "SC-2026-08".into(), how: How::Measured, ..state };
    let mut tx = app.store.begin().await.unwrap();
    tx.append_evidence(vec![state], at).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_incident_holds_the_grade_down_until_somebody_takes_it_back() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let sokhcn = agency("sokhcn");
    reported(&app).await;
    clock.forward(3_600);
    assert_eq!(indicator(&app, "sokhcn", "N3.5").await, (State::Scored, "100.00".into()));
    assert!(!is_capped(&app).await && points(&app).await != "0.00");

    for who in [officer("sokhcn"), officer("soyt"), lead()] {
        let refused = hidden::record(&app, &who, &sokhcn, &new()).await;
        assert!(matches!(refused, Err(UseError::Denied(_))), "{refused:?}");
    }
    let told =
        async |who, new| hidden::record(&app, &who, &sokhcn, &new).await.unwrap_err().to_string();
    let first = appraiser("thamdinh", "soyt");
    let own = appraiser("nguoinha", "sokhcn");
    assert!(told(own, new()).await.contains("of your own agency"));
    for (wrong, what) in [
        (NewHidden { subject: " ".into(), ..new() }, "the name of the incident is empty"),
        (NewHidden { reason: String::new(), ..new() }, "the reason is empty"),
        (NewHidden { document: String::new(), ..new() }, "the document's number is empty"),
        (NewHidden { found: date(2026, 10, 16), ..new() }, "between 800 days ago and today"),
        (NewHidden { found: date(2020, 1, 1), ..new() }, "between 800 days ago and today"),
        (NewHidden { document: "TUYỆT MẬT".into(), ..new() }, "TUYỆT MẬT"),
    ] {
        let told = told(first.clone(), wrong).await;
        assert!(told.contains(what), "{told}");
    }
    assert!(hidden::list(&app, &first, &sokhcn).await.unwrap().is_empty(), "nothing was kept");

    let kept = hidden::record(&app, &first, &sokhcn, &new()).await.unwrap();
    assert_eq!((kept.how, kept.reference.as_str()), (How::Documented, "12/BB-TTT"));
    let again = hidden::record(&app, &first, &sokhcn, &new()).await;
    assert!(matches!(again, Err(UseError::Conflict(_))), "{again:?}");
    clock.forward(3_600);
    assert!(is_capped(&app).await);
    assert_eq!(points(&app).await, "0.00");

    // Whoever recorded it does not take it back; a second one does, and it counts no more.
    let withdraw = async |who: &Caller, seq, reason| {
        hidden::withdraw(&app, who, &sokhcn, seq, reason).await.map_err(|error| error.to_string())
    };
    let second = appraiser("thamdinh2", "soyt");
    assert!(withdraw(&first, kept.seq, "nhầm").await.unwrap_err().contains("your own word"));
    assert!(withdraw(&second, kept.seq, "").await.unwrap_err().contains("the reason is empty"));
    assert!(withdraw(&second, 0, "nhầm").await.is_err());
    let refused = hidden::withdraw(&app, &officer("sokhcn"), &sokhcn, kept.seq, "nhầm").await;
    assert!(matches!(refused, Err(UseError::Denied(_))), "{refused:?}");
    withdraw(&second, kept.seq, "nhầm cơ quan").await.unwrap();
    assert!(withdraw(&second, kept.seq, "nhầm").await.unwrap_err().contains("counts no more"));
    clock.forward(3_600);
    assert!(!is_capped(&app).await && points(&app).await != "0.00");
    assert!(hidden::list(&app, &second, &sokhcn).await.unwrap().is_empty());
    let record = app.store.find_evidence(&AgencyScope::All, kept.seq).await.unwrap();
    assert!(record.is_some(), "the ledger keeps what was recorded");
    app.stop().await;
}

async fn points(app: &App) -> String {
    crate::rounds::points(app, "sokhcn", "N3.5").await
}
