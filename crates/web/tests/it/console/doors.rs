//! Signing in, second factors, lock-out, sessions, and the locks on forms.

use std::collections::BTreeSet;
use std::sync::Arc;

use khien_domain::account::{Role, UserName};
use khien_domain::clock::Clock;
use khien_domain::permission::AgencyScope;
use khien_testkit::Hands;
use sha2::{Digest as _, Sha256};

use super::support::{Browser, PASSWORD, invite, only, text, totp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::Centre;

#[tokio::test]
async fn whoever_has_not_signed_in_is_sent_to_the_door_and_back() {
    let centre = Centre::start().await;
    invite(&centre, "an", Role::Analyst, AgencyScope::All).await;
    let mut browser = Browser::new(&centre);
    let reply = browser.get("/alerts?state=new").await;
    assert_eq!(reply.status, 303);
    assert_eq!(reply.headers["location"], "/sign-in?next=%2Falerts%3Fstate%3Dnew");
    let fields = [("name", "an"), ("password", PASSWORD), ("next", "/alerts?state=new")];
    let reply = browser.post("/sign-in", &fields).await;
    assert_eq!((reply.status, reply.headers["location"].as_str()), (303, "/alerts?state=new"));
    let cookie = &reply.headers["set-cookie"];
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(browser.get("/alerts").await.status, 200);
    let fields = [("name", "an"), ("password", PASSWORD), ("next", "//evil.test/")];
    let reply = Browser::new(&centre).post("/sign-in", &fields).await;
    assert_eq!(reply.headers["location"], "/overview", "nobody is sent elsewhere");
    centre.stop().await;
}

#[tokio::test]
async fn wrong_proofs_are_told_alike_and_lock_the_door_for_a_time() {
    let centre = Centre::start().await;
    invite(&centre, "an", Role::Analyst, AgencyScope::All).await;
    let mut browser = Browser::new(&centre);
    let wrong = browser.post("/sign-in", &[("name", "an"), ("password", "không phải")]).await;
    let unknown = browser.post("/sign-in", &[("name", "ai"), ("password", "không phải")]).await;
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(text(&wrong).replace("an\"", ""), text(&unknown).replace("ai\"", ""));
    assert!(text(&wrong).contains("không đúng"));
    for _ in 0..4 {
        browser.post("/sign-in", &[("name", "an"), ("password", "không phải")]).await;
    }
    let locked = browser.post("/sign-in", &[("name", "an"), ("password", PASSWORD)]).await;
    assert_eq!(locked.status, 429, "the right password does not help for a while");
    assert!(text(&locked).contains("giây"), "{}", text(&locked));
    centre.stop().await;
}

#[tokio::test]
async fn roles_that_need_a_second_factor_set_one_up_before_anything_else() {
    let centre = Centre::start().await;
    invite(&centre, "truong", Role::Lead, AgencyScope::All).await;
    let mut browser = Browser::new(&centre);
    browser.sign_in("truong", PASSWORD).await;
    let reply = browser.get("/alerts").await;
    assert_eq!((reply.status, reply.headers["location"].as_str()), (303, "/account/authenticator"));
    let page = browser.get("/account/authenticator").await;
    let body = text(&page);
    assert!(body.contains("<path class=\"qr-ink\""), "{body}");
    let mark = super::support::mark_of(&page);
    let wrong = browser
        .post_raw("/account/authenticator", format!("mark={mark}&code=000000").as_bytes())
        .await;
    assert_eq!(wrong.status, 400);
    centre.stop().await;
}

#[tokio::test]
async fn roles_of_passkeys_register_one_and_then_no_code_lets_them_in() {
    let centre = Centre::start_for_passkeys(BTreeSet::from([Role::Lead])).await;
    invite(&centre, "truong", Role::Lead, AgencyScope::All).await;
    invite(&centre, "an", Role::Analyst, AgencyScope::All).await;
    // An authenticator lets in, but no further than where a passkey is added.
    Browser::new(&centre).code("truong").await;
    let mut browser = Browser::of(&centre, "truong").await;
    for path in ["/alerts", "/overview", "/audit"] {
        let reply = browser.get(path).await;
        assert_eq!((reply.status, reply.headers["location"].as_str()), (303, "/account"), "{path}");
    }
    let reply = browser.post("/shift", &[("text", "thử")]).await;
    assert_eq!((reply.status, reply.headers["location"].as_str()), (303, "/account"));
    let page = text(&browser.get("/account").await);
    assert!(page.contains("đăng nhập bằng khóa truy cập"), "{page}");
    // The browser's part of adding one is tried in a browser (`crates/cli/tests/journeys/people.rs`).
    let app = &centre.app;
    let person = app.store.find_person_by_name(&UserName::new("truong").unwrap()).await;
    let person = person.unwrap().unwrap().id;
    let mut tx = app.store.begin().await.unwrap();
    let hash: [u8; 32] = Sha256::digest("recovery abcdefghij").into();
    tx.set_recovery_codes(person, &[hash]).await.unwrap();
    let key = tx.add_passkey(person, b"khoa", "khóa mẫu", "{}", app.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(browser.get("/alerts").await.status, 200);
    let path = format!("/account/passkey/{key}/remove");
    let refused = browser.post(&path, &[("password", PASSWORD)]).await;
    assert_eq!(refused.status, 409, "the last one stays");

    let mut later = Browser::new(&centre);
    later.sign_in("truong", PASSWORD).await;
    let code = later.code("truong").await;
    let reply = later.post("/sign-in/code", &[("code", &code)]).await;
    assert_eq!(reply.status, 401, "{}", text(&reply));
    assert!(text(&reply).contains("mã của ứng dụng xác thực không được nhận"), "{}", text(&reply));
    assert_eq!(later.get("/alerts").await.headers["location"], "/sign-in/code");
    let reply = later.post("/sign-in/code", &[("code", "abcde-fghij")]).await;
    assert_eq!(reply.status, 303, "{}", text(&reply));
    assert_eq!(later.get("/alerts").await.status, 200);
    // Others sign in as before.
    let mut analyst = Browser::of(&centre, "an").await;
    assert_eq!(analyst.get("/alerts").await.status, 200);
    centre.stop().await;
}

#[tokio::test]
async fn a_code_is_asked_for_and_taken_once() {
    let centre = Centre::start().await;
    invite(&centre, "truong", Role::Lead, AgencyScope::All).await;
    let mut browser = Browser::new(&centre);
    let code = browser.code("truong").await;
    let reply = browser.sign_in("truong", PASSWORD).await;
    assert!(reply.headers["location"].starts_with("/sign-in/code"));
    let half = browser.get("/alerts").await;
    assert_eq!(half.headers["location"], "/sign-in/code", "a password alone opens nothing");
    let before = browser.cookie().to_owned();
    let wrong = browser.post("/sign-in/code", &[("code", "123456")]).await;
    assert_eq!(wrong.status, 401);
    let reply = browser.post("/sign-in/code", &[("code", &code)]).await;
    assert_eq!(reply.status, 303, "{}", text(&reply));
    assert_ne!(browser.cookie(), before, "the session's text changes when more is proved");
    assert_eq!(browser.get("/alerts").await.status, 200);
    let mut other = Browser::new(&centre);
    other.sign_in("truong", PASSWORD).await;
    let again = other.post("/sign-in/code", &[("code", &totp(centre.app.now().as_second()))]).await;
    // Unless a new step began between the two.
    let is_new = totp(centre.app.now().as_second()) != code;
    assert!(again.status == 401 || is_new, "a code is taken once");
    centre.stop().await;
}

#[tokio::test]
async fn forms_from_elsewhere_or_without_the_mark_do_nothing() {
    let centre = Centre::start().await;
    invite(&centre, "an", Role::Analyst, AgencyScope::All).await;
    let mut browser = Browser::of(&centre, "an").await;
    let reply = browser.post_raw("/shift", b"text=x").await;
    assert_eq!(reply.status, 403, "without the mark");
    let reply = browser.post_raw("/shift", b"text=x&mark=00000000000000000000000000000000").await;
    assert_eq!(reply.status, 403, "with a wrong mark");
    let page = browser.get("/shift").await;
    let body = format!("text=x&mark={}", super::support::mark_of(&page));
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    for from in [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.test")] {
        let reply = browser.send("POST /shift", &[kind, from], body.as_bytes()).await;
        assert_eq!(reply.status, 403, "{from:?}");
    }
    assert!(!text(&browser.get("/shift").await).contains("<td class=\"wrap\">x</td>"));
    assert_eq!(browser.post_raw("/shift", body.as_bytes()).await.status, 303);
    assert!(text(&browser.get("/shift").await).contains("<td class=\"wrap\">x</td>"));
    centre.stop().await;
}

#[tokio::test]
async fn pages_forbid_inline_script_and_style_and_being_framed() {
    let centre = Centre::start().await;
    invite(&centre, "an", Role::Analyst, AgencyScope::All).await;
    let mut browser = Browser::of(&centre, "an").await;
    for path in ["/overview", "/alerts", "/nowhere", "/account"] {
        let reply = browser.get(path).await;
        let policy = &reply.headers["content-security-policy"];
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"));
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
        assert_eq!(reply.headers["cache-control"], "no-store");
        let body = text(&reply);
        assert!(!body.contains(" style=") && !body.contains("<style"), "{path}");
        assert!(!body.contains(" onclick") && !body.contains("<script>"), "{path}");
    }
    centre.stop().await;
}

#[tokio::test]
async fn sessions_are_ended_by_signing_out_by_a_new_password_and_by_disabling() {
    let centre = Centre::start().await;
    invite(&centre, "an", Role::Analyst, only("sokhcn")).await;
    let mut first = Browser::of(&centre, "an").await;
    let mut second = Browser::of(&centre, "an").await;
    let new = "gió mùa đông bắc về";
    let fields = [("old", PASSWORD), ("new", new), ("again", new)];
    let reply = first.post("/account/password", &fields).await;
    assert_eq!(reply.status, 303, "{}", text(&reply));
    assert_eq!(second.get("/alerts").await.status, 303, "other sessions have ended");
    assert_eq!(first.get("/alerts").await.status, 200);
    assert_eq!(first.post("/sign-out", &[]).await.headers["location"], "/sign-in");
    let mut third = Browser::new(&centre);
    assert_eq!(third.sign_in("an", PASSWORD).await.status, 401, "the old password");
    assert_eq!(third.sign_in("an", new).await.status, 303);
    let name = khien_domain::account::UserName::new("an").unwrap();
    let caller = khien_app::access::Caller::program();
    khien_app::use_case::people::disable_person(&centre.app, &caller, &name, true).await.unwrap();
    assert_eq!(third.get("/alerts").await.status, 303, "at once");
    assert_eq!(third.sign_in("an", new).await.status, 401);
    centre.stop().await;
}

#[tokio::test]
async fn the_language_and_the_colours_follow_the_wish() {
    let centre = Centre::start().await;
    let mut browser = Browser::new(&centre);
    let page = text(&browser.get("/sign-in").await);
    assert!(page.contains("<html lang=\"vi\">") && page.contains("Đăng nhập"));
    let english = browser.send("GET /sign-in", &[("Accept-Language", "en-GB,en")], b"").await;
    assert!(text(&english).contains("<html lang=\"en\">"));
    let wished = [("Cookie", "lang=en; theme=dark")];
    let page = text(&centre.send("GET /sign-in", &wished, b"").await);
    assert!(page.contains("<html lang=\"en\" data-theme=\"dark\">"), "{page}");
    centre.stop().await;
}

#[tokio::test]
async fn news_are_told_by_name_with_something_in_them() {
    let centre = Centre::start().await;
    invite(&centre, "an", Role::Analyst, AgencyScope::All).await;
    let browser = Browser::of(&centre, "an").await;
    let mut stream = tokio::net::TcpStream::connect(centre.listening.http).await.unwrap();
    let request =
        format!("GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\r\n", browser.cookie());
    stream.write_all(request.as_bytes()).await.unwrap();
    centre.app.news().tell(khien_app::news::Topic::Incidents);
    let mut told = String::new();
    let mut part = [0; 4096];
    while !told.contains("event: pulse") {
        let read = tokio::time::timeout(std::time::Duration::from_secs(20), stream.read(&mut part));
        let count = read.await.unwrap().unwrap();
        assert!(count > 0, "{told}");
        told.push_str(std::str::from_utf8(&part[..count]).unwrap());
        centre.app.news().tell(khien_app::news::Topic::Incidents);
    }
    // Browsers do not hand on an event whose data are empty.
    let at = told.find("event: incidents").unwrap_or_else(|| panic!("{told}"));
    let event = told[at..].split("\n\n").next().unwrap();
    assert!(event.lines().any(|line| line.starts_with("data: ") && line.len() > 6), "{event}");
    assert!(!told.contains("event: alerts"));
    drop(stream);
    centre.stop().await;
}

#[tokio::test]
async fn an_address_that_floods_is_told_to_wait() {
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let centre = Centre::start_by(Arc::clone(&clock) as Arc<dyn Clock>).await;
    let mut browser = Browser::new(&centre);
    for _ in 0..1000 {
        assert_eq!(browser.get("/sign-in").await.status, 200);
    }
    let told = browser.get("/sign-in").await;
    assert_eq!((told.status, told.headers["retry-after"].as_str()), (429, "5"));
    assert!(text(&told).contains("Có quá nhiều yêu cầu"), "{}", text(&told));
    clock.forward(5);
    assert_eq!(browser.get("/sign-in").await.status, 200);
    centre.stop().await;
}

#[tokio::test]
async fn guessing_at_invitations_is_braked() {
    let centre = Centre::start().await;
    let mut browser = Browser::new(&centre);
    let mut statuses = Vec::new();
    for number in 0..70 {
        let fields = [("password", PASSWORD), ("again", PASSWORD)];
        let reply = browser.post(&format!("/invitation/{number:042x}"), &fields).await;
        statuses.push(reply.status);
    }
    assert_eq!(statuses.first(), Some(&404), "{statuses:?}");
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    centre.stop().await;
}

#[tokio::test]
async fn notes_of_shifts_leave_as_a_table_in_which_nothing_is_a_formula() {
    let centre = Centre::start().await;
    invite(&centre, "an", Role::Analyst, AgencyScope::All).await;
    invite(&centre, "binh", Role::Analyst, AgencyScope::All).await;
    let mut author = Browser::of(&centre, "an").await;
    assert!(text(&author.get("/alerts").await).contains("Chưa giao ca"));
    assert_eq!(author.post("/shift", &[("text", "=1+1 còn dở")]).await.status, 303);
    let csv = text(&author.get("/shift?form=csv").await);
    assert!(csv.contains("\"'=1+1 còn dở\",0,0,0,,"), "{csv}");
    let mut next = Browser::of(&centre, "binh").await;
    assert!(text(&next.get("/alerts").await).contains("Giao ca chờ nhận"));
    assert_eq!(next.post("/shift/1/acknowledge", &[]).await.status, 303);
    assert!(text(&author.get("/alerts").await).contains("Ca của binh"));
    let json = text(&next.get("/shift?form=json").await);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let row = &json["rows"][0];
    assert_eq!((&row["text"], &row["taken_over_by"]), (&"=1+1 còn dở".into(), &"binh".into()));
    assert_ne!(row["taken_over_at"], "", "{row}");
    centre.stop().await;
}
