//! The rooms of events, sources, register and the centre itself: what they promise.

use std::time::Duration;

use khien_domain::account::Role;
use khien_domain::permission::AgencyScope;
use khien_domain::source::SourceKind;
use serde_json::json;

use super::support::{Browser, everybody, invite, only, register_another, text};
use crate::support::{Centre, Known};

/// Text as an attacker would write it, and what must not reach anybody's eyes as it is.
const HOSTILE: &str = "<script>alert(1)</script>\u{202e}gpj.exe\u{1b}[31m\u{0}=cmd|' /C calc'!A1";

async fn send(centre: &Centre, token: &str, kind: &str, body: &[u8]) {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
    let reply = centre.send("POST /api/v1/intake/json", &headers, body).await;
    assert!(reply.status < 300, "{reply:?}");
}

/// Asks for a page until it says something.
async fn until(browser: &mut Browser<'_>, path: &str, wanted: &str) -> String {
    for _ in 0..200 {
        let page = text(&browser.get(path).await);
        if page.contains(wanted) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} never says {wanted}");
}

/// Whether a page shows hostile text harmlessly.
fn assert_harmless(path: &str, page: &str) {
    assert!(!page.contains("<script>alert"), "{path}");
    assert!(!page.contains('\u{202e}') && !page.contains('\u{1b}'), "{path}");
    assert!(!page.contains('\u{0}'), "{path}");
    assert!(page.len() < 300 << 10, "{path}: {} bytes", page.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_room_opens_for_whoever_may_and_says_no_to_others() {
    let centre = Centre::start_with_rules().await;
    let rooms: [(&str, &[Role]); 16] = [
        ("/search", &[Role::Administrator, Role::Analyst, Role::Lead, Role::Officer]),
        ("/search/live", &[Role::Administrator, Role::Analyst, Role::Lead, Role::Officer]),
        ("/search/export", &[Role::Analyst, Role::Lead]),
        ("/sources", &Role::ALL),
        ("/sources/new", &[Role::Administrator, Role::Lead, Role::Officer]),
        ("/agencies", &Role::ALL),
        ("/agencies/sokhcn", &Role::ALL),
        ("/systems", &Role::ALL),
        ("/systems/cong-dvc", &Role::ALL),
        ("/quarantine", &[Role::Administrator, Role::Analyst, Role::Lead, Role::Officer]),
        ("/suppressions", &Role::ALL),
        ("/audit", &[Role::Administrator, Role::Auditor]),
        ("/admin", &[Role::Administrator, Role::Auditor]),
        ("/admin/people", &[Role::Administrator]),
        ("/admin/keeping", &[Role::Administrator]),
        ("/help", &Role::ALL),
    ];
    for (name, role, is_local) in everybody(&centre).await {
        if is_local != role.needs_agencies() {
            continue;
        }
        let mut browser = Browser::of(&centre, &name).await;
        for (path, roles) in rooms {
            let reply = browser.get(path).await;
            let wanted = if roles.contains(&role) { 200 } else { 403 };
            assert_eq!(reply.status, wanted, "{path} for {name}");
            let page = text(&reply);
            // A text without words shows its id.
            assert!(!page.contains("[search-") && !page.contains("[admin-"), "{path}");
        }
    }
    let mut nobody = Browser::new(&centre);
    assert!(text(&nobody.get("/limits").await).contains("Không theo dõi"));
    assert_eq!(nobody.get("/help").await.status, 303);
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_is_shown_and_exported_harmlessly() {
    let centre = Centre::start_with_rules().await;
    let (source, token) = centre.source(SourceKind::Http, Known::default()).await;
    let event = json!({"message": HOSTILE, "host": {"name": HOSTILE}, "note": "x".repeat(1 << 20)});
    send(&centre, &token, "application/x-ndjson", format!("{event}\n").as_bytes()).await;
    send(
        &centre,
        &token,
        "application/x-ndjson",
        b"{\"<script>alert(1)</script>\xe2\x80\xae\x1b\n",
    )
    .await;
    invite(&centre, "an", Role::Analyst, AgencyScope::All).await;
    let mut browser = Browser::of(&centre, "an").await;
    let page = until(&mut browser, "/search?col=message&col=host", "&#60;script").await;
    assert!(page.contains("⟨RLO⟩") && page.contains('␛'), "it is shown what cannot be seen");
    assert_harmless("/search", &page);
    let open = page.split("data-row=\"").nth(1).unwrap().split('"').next().unwrap();
    let drawer = format!("/search?open={open}");
    let page = text(&browser.get(&drawer).await);
    assert!(page.contains("id=\"drawer\""), "{drawer}");
    assert_harmless(&drawer, &page);
    let path = format!("/sources/{}", source.id);
    assert_harmless(&path, &text(&browser.get(&path).await));
    let page = until(&mut browser, "/quarantine", "data-row=\"").await;
    assert_harmless("/quarantine", &page);
    let record = page.split("data-row=\"").nth(1).unwrap().split('"').next().unwrap();
    let page = text(&browser.get(&format!("/quarantine/{record}")).await);
    assert!(page.contains("&#60;script") && page.contains("000000  7b 22 3c 73"), "{page}");
    assert_harmless("/quarantine/…", &page);
    // A value that begins like a formula.
    let event = json!({"message": "=cmd|' /C calc'!A1"});
    send(&centre, &token, "application/x-ndjson", format!("{event}\n").as_bytes()).await;
    until(&mut browser, "/search?q=calc&col=message", "calc").await;
    let csv = text(&browser.get("/search/export?q=calc&col=message&form=csv").await);
    assert!(csv.contains("\"'=cmd"), "{csv}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_cannot_be_read_is_told_with_its_place() {
    let centre = Centre::start().await;
    invite(&centre, "an", Role::Analyst, AgencyScope::All).await;
    let mut browser = Browser::of(&centre, "an").await;
    let reply = browser.get("/search?q=host%3A%22a").await;
    let page = text(&reply);
    assert_eq!(reply.status, 200);
    assert!(page.contains("tại ký tự 6") && page.contains("▸&#34;a"), "{page}");
    let page = text(&browser.get("/search?from=hom-qua").await);
    assert!(page.contains("«hom-qua» không phải thời điểm"), "{page}");
    let back = [("name", "thử"), ("q", "host:a"), ("was", "7d")];
    assert_eq!(browser.post("/search/save", &back).await.status, 303);
    let page = text(&browser.get("/search").await);
    assert!(page.contains(">thử</a>") && page.contains("span=7d"), "{page}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_registered_and_its_first_event_is_seen() {
    let centre = Centre::start().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut browser = Browser::of(&centre, "canbo").await;
    let new =
        [("system", "cong-dvc"), ("kind", "http"), ("name", "máy chủ web"), ("heartbeat", "15")];
    let wrong = [("system", "cong-dvc"), ("kind", "http"), ("name", " "), ("heartbeat", "15")];
    let reply = browser.post("/sources/new", &wrong).await;
    assert_eq!(reply.status, 400);
    assert!(text(&reply).contains("tên chưa được điền"), "{}", text(&reply));
    let page = text(&browser.post("/sources/new", &new).await);
    let token = page.split("id=\"token\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(token.starts_with("khien_src_") && page.contains("Chưa nghe thấy gì"), "{page}");
    let path = page.split("data-from=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = text(&browser.get(&path).await);
    assert!(page.contains("Chưa nghe thấy gì") && !page.contains(&token), "shown once");
    assert!(page.contains("Cách khắc phục"), "what to do is said");
    send(&centre, &token, "application/x-ndjson", b"{\"a\":1}\n").await;
    let page = until(&mut browser, &path, "Đang nghe thấy").await;
    assert!(page.contains("1 sự kiện"), "{page}");
    let list = until(&mut browser, "/sources", "f-a o-4").await;
    assert!(list.contains("máy chủ web"));
    let csv = text(&browser.get("/sources?form=csv").await);
    assert!(csv.contains("máy chủ web,Đang nghe thấy"), "{csv}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_sees_nothing_of_another_agency() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    let (other, token) = centre.source_of("benh-an", SourceKind::Http, Known::default()).await;
    send(&centre, &token, "application/x-ndjson", b"{\"message\":\"bi mat\"}\n{\"x\n").await;
    invite(&centre, "an", Role::Analyst, AgencyScope::All).await;
    let mut analyst = Browser::of(&centre, "an").await;
    until(&mut analyst, "/search", "bi mat").await;
    let page = until(&mut analyst, "/quarantine", "data-row=\"").await;
    let record = page.split("data-row=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = text(&analyst.get("/search?col=message").await);
    let event = page.split("data-row=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    for path in [
        "/search?span=all",
        "/sources",
        "/sources?form=json",
        "/agencies",
        "/systems",
        "/systems?form=csv",
        "/quarantine",
        "/quarantine?form=csv",
        "/suppressions",
        "/sources/new",
    ] {
        let reply = officer.get(path).await;
        assert_eq!(reply.status, 200, "{path}");
        let page = text(&reply);
        assert!(!page.contains("benh-an") && !page.contains("soyt"), "{path}: {page}");
        assert!(!page.contains("bi mat"), "{path}");
    }
    let page = text(&officer.get(&format!("/search?open={event}")).await);
    assert!(page.contains("ngoài phạm vi") && !page.contains("bi mat"), "{page}");
    for path in [
        format!("/sources/{}", other.id),
        "/agencies/soyt".to_owned(),
        "/systems/benh-an".to_owned(),
        format!("/quarantine/{record}"),
    ] {
        assert_eq!(officer.get(&path).await.status, 404, "{path}");
    }
    let off = [("status", "disabled")];
    let path = format!("/sources/{}/status", other.id);
    assert_eq!(officer.post(&path, &off).await.status, 404);
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_tokens_and_holds_are_kept_from_the_room_of_the_centre() {
    let centre = Centre::start().await;
    for (name, role, is_local) in everybody(&centre).await {
        if role != Role::Administrator || is_local {
            continue;
        }
        let mut admin = Browser::of(&centre, &name).await;
        let new =
            [("name", "moi"), ("called", "Cán bộ Mẫu"), ("role", "analyst"), ("scope", "all")];
        let page = text(&admin.post("/admin/people", &new).await);
        assert!(page.contains("/invitation/"), "{page}");
        assert_eq!(admin.post("/admin/people", &new).await.status, 400, "the name is taken");
        let disable = [("do", "disable")];
        assert_eq!(admin.post("/admin/people/moi", &disable).await.status, 303);
        assert!(text(&admin.get("/admin/people/moi").await).contains("Mở khóa"));
        let token =
            [("name", "kho"), ("days", "9"), ("permission", "alerts.read"), ("scope", "all")];
        assert!(text(&admin.post("/admin/tokens", &token).await).contains("khien_api_"));
        assert!(!text(&admin.get("/admin/tokens").await).contains("khien_api_"), "shown once");
        let hold = [("owner", "An"), ("reason", "thanh tra"), ("from", "2026-01-01T00:00")];
        assert_eq!(admin.post("/admin/keeping/holds", &hold).await.status, 303);
        assert!(text(&admin.get("/admin/keeping").await).contains("thanh tra"));
        let page = text(&admin.get("/audit?q=hold.add").await);
        assert!(page.contains("thanh tra") && !page.contains("action=token.add"), "{page}");
        let json = text(&admin.get("/audit?action=hold.add&form=json").await);
        assert!(json.contains("\"action\":\"hold.add\""), "{json}");
    }
    centre.stop().await;
}
