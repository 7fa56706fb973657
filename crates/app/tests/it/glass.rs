//! The review after a glass was broken: by whom, once, and that its task ends with it.

use khien_app::App;
use khien_app::use_case::{UseError, gate};
use khien_domain::account::Role;
use khien_domain::code::SystemCode;
use khien_domain::evidence::content::Content;
use khien_domain::index::State;
use khien_domain::permission::AgencyScope;

use crate::support::{appraiser, centre_of_two, indicator, lead, officer, person};

const REASON: &str = "họp khẩn về bão, cần mở cổng";
const FINDING: &str = "đã vá trong đêm, không có truy cập lạ";

fn system() -> SystemCode {
    SystemCode::new("cong-dvc").unwrap()
}

async fn tasks(app: &App) -> (State, String) {
    indicator(app, "sokhcn", "N6.1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_glass_is_reviewed_once_by_somebody_else() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let glass = gate::break_glass(&app, &lead(), &system(), REASON, 24).await.unwrap();
    let reviewer = appraiser("thamdinh", "soyt");
    // Nobody reviews it in time: it counts as overdue, day after day.
    clock.forward(30 * 86_400);
    assert_eq!(tasks(&app).await, (State::Scored, "0.00".into()));

    let told = async |who, seq, finding| {
        gate::review(&app, &who, &system(), seq, true, finding).await.unwrap_err().to_string()
    };
    let refused = gate::review(&app, &officer("sokhcn"), &system(), glass.seq, true, FINDING).await;
    assert!(matches!(refused, Err(UseError::Denied(_))), "{refused:?}");
    // Neither whoever broke it, in another role by now, nor somebody of the agency itself, nor somebody of none.
    let denied = gate::review(&app, &lead(), &system(), glass.seq, true, FINDING).await;
    assert!(matches!(denied, Err(UseError::Denied(_))), "{denied:?}");
    let later = appraiser("truongca", "soyt");
    assert!(told(later, glass.seq, FINDING).await.contains("your own word"));
    let own = appraiser("nguoinha", "sokhcn");
    assert!(told(own, glass.seq, FINDING).await.contains("your own agency"));
    let homeless = person("ai-do", Role::Appraiser, AgencyScope::All);
    assert!(told(homeless, glass.seq, FINDING).await.contains("an agency of their own"));
    assert!(told(reviewer.clone(), glass.seq, "ổn").await.contains("at least 10 characters"));
    assert!(told(reviewer.clone(), glass.seq, " ").await.contains("the finding is empty"));
    let unknown = gate::review(&app, &reviewer, &system(), 0, true, FINDING).await;
    assert!(matches!(unknown, Err(UseError::NotFound { .. })), "{unknown:?}");
    let open = gate::glass_reviews(&app, &reviewer, &system()).await.unwrap().remove(0);
    assert_eq!((open.seq, open.done, open.finding), (glass.seq, None, None));

    let kept = gate::review(&app, &reviewer, &system(), glass.seq, false, FINDING).await.unwrap();
    let done = gate::glass_reviews(&app, &reviewer, &system()).await.unwrap().remove(0);
    let finding = done.finding.unwrap();
    assert_eq!((finding.seq, finding.justified, finding.text.as_str()), (kept, false, FINDING));
    assert_eq!(finding.by, "person:thamdinh");
    let record = app.store.find_evidence(&AgencyScope::All, kept).await.unwrap().unwrap();
    let about = record.content.get("record").and_then(Content::as_int);
    assert_eq!(about, Some(glass.seq.cast_signed()));
    let again = gate::review(&app, &reviewer, &system(), glass.seq, true, FINDING).await;
    assert!(matches!(again, Err(UseError::Conflict(_))), "{again:?}");
    // What was late counts for a year, not for ever.
    clock.forward(86_400);
    assert_eq!(tasks(&app).await, (State::Scored, "0.00".into()));
    clock.forward(370 * 86_400);
    assert_eq!(tasks(&app).await.0, State::NoEvidence);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_in_time_is_a_task_done_in_time() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let glass = gate::break_glass(&app, &lead(), &system(), REASON, 24).await.unwrap();
    clock.forward(2 * 86_400);
    let reviewer = appraiser("thamdinh", "soyt");
    gate::review(&app, &reviewer, &system(), glass.seq, true, FINDING).await.unwrap();
    clock.forward(30 * 86_400);
    assert_eq!(tasks(&app).await, (State::Scored, "100.00".into()));
    app.stop().await;
}
