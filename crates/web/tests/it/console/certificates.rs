//! A certificate log on the page of resources: looked at, kept, answered.

use khien_app::access::Caller;
use khien_app::use_case::register::put_resource;
use khien_domain::account::Role;
use khien_domain::code::AgencyCode;
use khien_domain::permission::AgencyScope;
use khien_domain::resource::{Resource, ResourceKind};

use super::support::{Browser, invite, only, register_another, text};
use crate::support::Centre;

const PLACE: &str = "/resources/certificates";
const SHADOW: &str = "lichtiep.sokhcn.example";

fn held(page: &str) -> String {
    let after = page.split("name=\"digest\" value=\"").nth(1).unwrap_or_default();
    after.split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_looked_at_then_kept_and_a_host_is_answered() {
    let centre = Centre::start().await;
    register_another(&centre).await;
    let resource = Resource {
        agency: AgencyCode::new("sokhcn").unwrap(),
        system: None,
        kind: ResourceKind::Domain,
        value: "sokhcn.example".into(),
        until: None,
    };
    put_resource(&centre.app, &Caller::program(), resource).await.unwrap();
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "khac", Role::Officer, only("soyt")).await;
    invite(&centre, "lanhdao", Role::Leader, AgencyScope::All).await;
    let mut browser = Browser::of(&centre, "canbo").await;
    let file = format!("name_value,not_before\n{SHADOW},2026-10-01\nsokhcn.example,hôm qua\n");
    let look = browser.post_file_and(PLACE, &[], "log.csv", file.as_bytes()).await;
    let page = text(&look);
    assert!(page.contains(SHADOW) && page.contains("Ghi nhận 1 máy chủ"), "{page}");
    assert!(page.contains("«hôm qua» không phải thời điểm") && page.contains("row 3"), "{page}");
    let list = text(&browser.get("/resources").await);
    assert!(!list.contains(SHADOW), "looking keeps nothing");
    let held = held(&page);
    let reply = browser.post("/resources/certificates/confirm", &[("digest", &held)]).await;
    assert_eq!(reply.status, 303, "{}", text(&reply));
    let list = text(&browser.get("/resources").await);
    assert!(list.contains(SHADOW) && list.contains("Nhật ký chứng thư"), "{list}");
    // Others read it, or do not; nobody but its officer may answer.
    let mut other = Browser::of(&centre, "khac").await;
    assert!(!text(&other.get("/resources").await).contains(SHADOW));
    let answer = [("name", SHADOW), ("standing", "off"), ("note", "đã gỡ máy")];
    assert_eq!(other.post("/resources/settle", &answer).await.status, 404);
    let mut leader = Browser::of(&centre, "lanhdao").await;
    let list = text(&leader.get("/resources").await);
    assert!(list.contains(SHADOW) && !list.contains("/resources/settle"));
    assert_eq!(leader.post("/resources/settle", &answer).await.status, 403);
    assert_eq!(leader.get(PLACE).await.status, 403);
    assert_eq!(browser.post("/resources/settle", &answer).await.status, 303);
    let list = text(&browser.get("/resources").await);
    assert!(!list.contains(SHADOW) && list.contains("1 máy chủ đã xong"), "{list}");
    let bad = browser.post_file_and(PLACE, &[], "log.json", b"[{").await;
    assert_eq!(bad.status, 400);
    assert!(text(&bad).contains("không đọc được tệp như JSON"));
    centre.stop().await;
}
