//! Leaks on their page.

use khien_domain::account::Role;
use khien_domain::permission::AgencyScope;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::Centre;

/// What somebody types for a work secret of an agency.
const SECRET: [(&str, &str); 5] = [
    ("agency", "sokhcn"),
    ("kind", "work-secret"),
    ("number", "31-BC.MH"),
    ("dated", "2026-01-03"),
    ("found_on", "2026-01-05"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_leak_is_recorded_by_number_and_day_and_closed_after_its_report() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut browser = Browser::of(&centre, "canbo").await;
    let empty = text(&browser.get("/leaks").await);
    assert!(empty.contains("Chưa ghi nhận vụ nào") && empty.contains("Công an tỉnh"), "{empty}");
    let mut told = SECRET;
    told[2] = ("number", "Báo cáo về việc riêng");
    let refused = browser.post("/leaks", &told).await;
    assert_eq!(refused.status, 400);
    let page = text(&refused);
    assert!(page.contains("không ghi tên, trích yếu, nội dung ở đây"), "{page}");
    assert!(
        page.contains("value=\"Báo cáo về việc riêng\"") && page.contains("id=\"wrong-number\"")
    );
    told[2] = ("number", "");
    let page = text(&browser.post("/leaks", &told).await);
    assert!(page.contains("loại này phải có số và ngày của văn bản"), "{page}");
    told = SECRET;
    told[3] = ("dated", "hôm qua");
    let page = text(&browser.post("/leaks", &told).await);
    assert!(page.contains("id=\"wrong-dated\""), "{page}");

    let reply = browser.post("/leaks", &SECRET).await;
    assert_eq!(reply.headers["location"], "/leaks?done=leak-recorded");
    let page = text(&browser.get("/leaks?done=leak-recorded").await);
    assert!(page.contains("31-BC.MH") && page.contains("Đã ghi nhận vụ lộ, lọt."), "{page}");
    assert!(!page.contains("value=\"close\""), "it is not reported yet");
    let early = [("what", "close"), ("day", "2026-01-06")];
    let page = text(&browser.post("/leaks/1/step", &early).await);
    assert!(page.contains("báo cáo xong mới kết thúc"), "{page}");
    let before = [("what", "report"), ("day", "2026-01-04")];
    let page = text(&browser.post("/leaks/1/step", &before).await);
    assert!(page.contains("trước ngày phát hiện") && page.contains("id=\"wrong-day\""), "{page}");
    let twice = browser.post("/leaks", &SECRET).await;
    assert_eq!(twice.status, 409);
    assert!(text(&twice).contains("sokhcn đã có vụ đang xử lý về văn bản này"));
    for what in ["report", "close"] {
        let step = [("what", what), ("day", "2026-01-06")];
        assert_eq!(browser.post("/leaks/1/step", &step).await.status, 303);
    }
    let page = text(&browser.get("/leaks").await);
    assert!(page.contains("Đã kết thúc") && !page.contains("name=\"what\""), "{page}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn analysts_and_administrators_see_neither_the_room_nor_the_page() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "truc", Role::Analyst, AgencyScope::All).await;
    let mut analyst = Browser::of(&centre, "truc").await;
    assert_eq!(analyst.get("/leaks").await.status, 403);
    assert_eq!(analyst.post("/leaks", &SECRET).await.status, 403);
    let page = text(&analyst.get("/overview").await);
    assert!(page.contains("href=\"/incidents\"") && !page.contains("href=\"/leaks\""), "{page}");
    centre.stop().await;
}
