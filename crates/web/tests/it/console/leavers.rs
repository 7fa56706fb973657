//! The last day of an account, on the pages of administrators.

use jiff::ToSpan;
use jiff::tz::Offset;
use khien_domain::account::Role;
use khien_domain::permission::AgencyScope;

use super::support::{Browser, invite, text};
use crate::support::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_soon_is_told_and_whoever_left_is_out() {
    let centre = Centre::start().await;
    invite(&centre, "quantri", Role::Administrator, AgencyScope::All).await;
    invite(&centre, "an", Role::Analyst, AgencyScope::All).await;
    let mut analyst = Browser::of(&centre, "an").await;
    Browser::new(&centre).code("quantri").await;
    let mut browser = Browser::of(&centre, "quantri").await;
    let today = Offset::constant(7).to_datetime(centre.app.now()).date();
    let day = |days: i64| today.checked_add(days.days()).unwrap().to_string();
    let mut change = async |until: &str| {
        let fields = [
            ("do", "change"),
            ("called", "Cán bộ Mẫu an"),
            ("role", "analyst"),
            ("scope", "all"),
            ("until", until),
        ];
        let reply = browser.post("/admin/people/an", &fields).await;
        (reply.status, text(&browser.get("/admin/people").await))
    };
    let (status, page) = change(&day(29)).await;
    assert_eq!(status, 303);
    assert!(page.contains("1 tài khoản sắp hết hạn"), "{page}");
    assert_eq!(analyst.get("/alerts").await.status, 200);
    let (_, page) = change(&day(31)).await;
    assert!(!page.contains("sắp hết hạn"), "not within the days of the pack");
    let (status, _) = change("hôm nay").await;
    assert_eq!(status, 400);
    let (_, page) = change(&day(-1)).await;
    assert!(page.contains("Đã nghỉ"), "{page}");
    assert_eq!(analyst.get("/alerts").await.status, 303, "to the door");
    let (_, page) = change("").await;
    assert!(!page.contains("Đã nghỉ"));
    assert_eq!(analyst.get("/alerts").await.status, 303, "the session of before is over");
    centre.stop().await;
}
