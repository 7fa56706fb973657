//! The rules in the console: set by agency, tuned from an alert, imported.

use axum::body::Body;
use axum::http::Request;
use khien_app::access::Caller;
use khien_app::use_case::own_account;
use khien_app::use_case::people;
use khien_app::use_case::sign_in::Place;
use khien_domain::account::{NewPerson, Role, UserName};
use khien_domain::code::AgencyCode;
use khien_domain::permission::AgencyScope;
use khien_domain::token::TokenBytes;

use crate::api::centre::{Centre, Reply, encoded, process};

const WHOAMI: &str = "11111111-1111-4111-8111-111111111111";
const PASSWORD: &str = "chuồn chuồn bay thấp";
/// The secret of RFC 6238, and its code at the moment at which the centre's clock stands.
const SECRET: &[u8] = b"12345678901234567890";
const CODE: &str = "409214";

/// Somebody who signed in.
struct Browser {
    cookie: String,
    mark: String,
}

async fn post(centre: &Centre, cookie: &str, path: &str, kind: &str, body: Vec<u8>) -> Reply {
    let request = Request::builder().method("POST").uri(path);
    let request = request.header("Cookie", cookie).header("Accept", "text/html");
    centre.send(request.header("Content-Type", kind).body(Body::from(body)).unwrap()).await
}

fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&").into_bytes()
}

const FORM: &str = "application/x-www-form-urlencoded";

impl Browser {
    /// A person of a role, invited and signed in, with an authenticator.
    async fn of(centre: &Centre, name: &str, role: Role, agencies: AgencyScope) -> Self {
        let new = NewPerson {
            name: UserName::new(name).unwrap(),
            called: "Cán bộ Mẫu 001".to_owned(),
            role,
            agencies,
            home: None,
            created_at: centre.app.now(),
            until: None,
        };
        let (pack, caller) = (&centre.app.doors().pack, Caller::program());
        let bytes = TokenBytes([name.as_bytes()[0]; 21]);
        let invited = people::add_person(&centre.app, pack, &caller, new, &bytes).await.unwrap();
        let place = Place { origin: "192.0.2.55".to_owned(), browser: "test".to_owned() };
        let random = || Ok(TokenBytes([77; 21]));
        let text = &invited.text;
        let id = own_account::accept_invitation(&centre.app, random, text, PASSWORD, &place);
        let id = id.await.unwrap();
        let mut tx = centre.app.store.begin().await.unwrap();
        tx.set_totp(id, Some(SECRET), 0).await.unwrap();
        tx.commit().await.unwrap();
        let fields = form(&[("name", name), ("password", PASSWORD)]);
        let half = post(centre, "", "/sign-in", FORM, fields).await;
        let cookie = cookie(&half);
        let mark = mark(&get(centre, &cookie, "/sign-in/code").await.text());
        let fields = form(&[("mark", &mark), ("code", CODE)]);
        let full = post(centre, &cookie, "/sign-in/code", FORM, fields).await;
        assert_eq!(full.status, 303, "{}", full.text());
        let cookie =
            if full.header("set-cookie").is_empty() { cookie } else { self::cookie(&full) };
        let page = get(centre, &cookie, "/rules").await;
        assert_eq!(page.status, 200, "{}", page.text());
        Self { mark: self::mark(&page.text()), cookie }
    }

    async fn get(&self, centre: &Centre, path: &str) -> String {
        let page = get(centre, &self.cookie, path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        page.text()
    }

    async fn post(&self, centre: &Centre, path: &str, fields: &[(&str, &str)]) -> Reply {
        let fields = [&[("mark", self.mark.as_str())], fields].concat();
        post(centre, &self.cookie, path, FORM, form(&fields)).await
    }
}

async fn get(centre: &Centre, cookie: &str, path: &str) -> Reply {
    let request = Request::builder().uri(path).header("Cookie", cookie);
    centre.send(request.header("Accept", "text/html").body(Body::empty()).unwrap()).await
}

fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie");
    set.split(';').next().filter(|cookie| !cookie.is_empty()).expect("a cookie").to_owned()
}

fn mark(page: &str) -> String {
    let after = page.split_once("name=\"mark\" value=\"").expect("a form").1;
    after.split('"').next().unwrap().to_owned()
}

/// Sends a process that the rule finds, and waits until it is judged.
async fn whoami(centre: &mut Centre, source: usize, host: &str) {
    let source = centre.sources[source];
    let time = "2026-10-15 00:59:00.000";
    centre.events(source, &[process(host, "C:\\x\\whoami.exe", time)]).await;
}

/// The hosts of the alerts of the rule.
async fn alerts(centre: &Centre) -> Vec<String> {
    let path = format!("/api/v1/alerts?rule={WHOAMI}");
    let found = centre.get(&path, &centre.all).await.with(200);
    let entity = |alert: &serde_json::Value| alert["entity"].as_str().unwrap().to_owned();
    found["items"].as_array().unwrap().iter().map(entity).collect()
}

async fn raised(centre: &Centre, host: &str) {
    centre
        .until("an alert", async |centre| {
            alerts(centre).await.iter().any(|entity| entity.contains(host))
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_off_for_an_agency_raises_nothing_there() {
    let mut centre = Centre::start().await;
    let lead = Browser::of(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    let (page, set) = (format!("/rules/{WHOAMI}"), format!("/rules/{WHOAMI}/set"));
    let without = lead.post(&centre, &set, &[("to", "off"), ("agency", "soyt")]).await;
    assert!(without.text().contains("lý do chưa được điền"), "{}", without.text());
    let off = [("to", "off"), ("agency", "soyt"), ("reason", "thử <b>máy</b> mới")];
    let forged = post(&centre, &lead.cookie, &set, FORM, form(&off)).await;
    assert_eq!(forged.status, 403, "without the mark");
    assert_eq!(lead.post(&centre, &set, &off).await.status, 303);
    let told = lead.get(&centre, &page).await;
    assert!(told.contains("Bật, tắt ở soyt") && told.contains("thử &#60;b&#62;máy"), "{told}");
    // Settings act within moments; a hit in the other agency shows that they were read.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    whoami(&mut centre, 1, "yt-01").await;
    whoami(&mut centre, 0, "kh-01").await;
    raised(&centre, "kh-01").await;
    assert!(alerts(&centre).await.iter().all(|entity| !entity.contains("yt-01")));
    let list = lead.get(&centre, "/rules?state=off").await;
    assert!(list.contains("Whoami") && !list.contains("Many whoami"), "{list}");
    assert!(!lead.get(&centre, "/rules?state=off&level=low").await.contains("Whoami"));
    // Taken back, and the history tells both.
    let back = [("to", "own-switch"), ("agency", "soyt"), ("reason", "xong")];
    assert_eq!(lead.post(&centre, &set, &back).await.status, 303);
    let told = lead.get(&centre, &page).await;
    assert!(told.contains("bỏ thiết lập bật/tắt") && !told.contains("tắt ở soyt"), "{told}");
    let again = lead.post(&centre, &set, &back).await.text();
    assert!(again.contains("chưa có thiết lập"), "{again}");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tuning_from_an_alert_hides_the_next_false_positive() {
    let mut centre = Centre::start().await;
    let lead = Browser::of(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    let officer = Browser::of(&centre, "canbo", Role::Officer, first_agency()).await;
    whoami(&mut centre, 0, "kh-01").await;
    whoami(&mut centre, 0, "kh-02").await;
    raised(&centre, "kh-01").await;
    raised(&centre, "kh-02").await;
    let found = centre.get(&format!("/api/v1/alerts?rule={WHOAMI}"), &centre.all).await.with(200);
    let mut items = found["items"].as_array().unwrap().iter();
    let first = items.find(|alert| alert["entity"].as_str().unwrap().contains("kh-01")).unwrap();
    let id = first["id"].as_i64().unwrap();
    assert!(
        lead.get(&centre, &format!("/alerts/{id}")).await.contains(&format!("/alerts/{id}/tune"))
    );
    let tune = format!("/alerts/{id}/tune");
    let page = lead.get(&centre, &tune).await;
    assert!(page.contains("value=\"Computer\"") && page.contains("value=\"kh-01\""), "{page}");
    let chosen = [
        ("begun", "1"),
        ("use", "0"),
        ("field-0", "Computer"),
        ("how-0", "equals"),
        ("value-0", "kh-01"),
        ("do", "draft"),
    ];
    let drafted = lead.post(&centre, &tune, &chosen).await.text();
    let said = "Đã xét 2 sự kiện của 2 cảnh báo, 1 sự kiện sẽ không còn khớp.";
    assert!(drafted.contains(said), "{drafted}");
    assert!(drafted.contains("1 cảnh báo sẽ không có"), "{drafted}");
    assert!(drafted.contains(&format!("href=\"/alerts/{id}\">#{id}")), "{drafted}");
    let text = drafted.split_once("maxlength=\"16000\">").unwrap().1;
    let text = text.split("</textarea>").next().unwrap().replace("&#39;", "'");
    assert!(text.contains("'Computer': 'kh-01'"), "{text}");
    // Edited by hand to something that is no filter, it is refused with the line.
    let edited = [("begun", "1"), ("do", "preview"), ("text", "title: x\n  y")];
    let refused = lead.post(&centre, &tune, &edited).await.text();
    assert!(refused.contains("class=\"wrong\"") && refused.contains("dòng 1: "), "{refused}");
    let save =
        [("begun", "1"), ("do", "save"), ("text", text.as_str()), ("reason", "máy quản trị")];
    let forged = post(&centre, &lead.cookie, &tune, FORM, form(&save)).await;
    assert_eq!(forged.status, 403, "without the mark");
    assert_eq!(officer.post(&centre, &tune, &save).await.status, 403);
    let saved = lead.post(&centre, &tune, &save).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/rules/filters?done=filter-added"));
    centre.forward(8000);
    whoami(&mut centre, 0, "kh-01").await;
    whoami(&mut centre, 0, "kh-03").await;
    raised(&centre, "kh-03").await;
    let count = |all: Vec<String>| all.iter().filter(|entity| entity.contains("kh-01")).count();
    assert_eq!(count(alerts(&centre).await), 1, "the filter takes the second away");
    centre.app.stop().await;
}

fn first_agency() -> AgencyScope {
    AgencyScope::one(AgencyCode::new("sokhcn").unwrap())
}

const NET: &str = "title: Net <i>\nid: 33333333-3333-4333-8333-333333333333\ntags: [attack.discovery, \
                   attack.t1018]\nlogsource: {product: windows}\ndetection:\n  s: {Image|endswith: \
                   '\\net.exe'}\n  condition: s\n";

/// The body of a form with a file.
fn upload(mark: Option<&str>, set: &str, name: &str, file: &str) -> Vec<u8> {
    let mut body = String::new();
    for (field, value) in mark.iter().map(|mark| ("mark", *mark)).chain([("set", set)]) {
        body += &format!(
            "--cut\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
        );
    }
    body += &format!(
        "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{file}\r\n--cut--\r\n"
    );
    body.into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_looked_at_then_confirmed_then_removed() {
    const PARTS: &str = "multipart/form-data; boundary=cut";
    let centre = Centre::start().await;
    let lead = Browser::of(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    let look = async |mark: Option<&str>, set: &str, name: &str, file: &str| {
        post(&centre, &lead.cookie, "/rules/import", PARTS, upload(mark, set, name, file)).await
    };
    for mark in [None, Some("0123")] {
        assert_eq!(look(mark, "them", "net.yml", NET).await.status, 403, "{mark:?}");
    }
    let mark = Some(lead.mark.as_str());
    let same_id = NET.replace("33333333-3333-4333-8333-333333333333", WHOAMI);
    let twice = look(mark, "them", "x.yml", &same_id).await.text();
    assert!(twice.contains("Trùng mã luật") && !twice.contains("/rules/import/confirm"), "{twice}");
    let bad = look(mark, "them", "x.yml", "title: x\nlogsource: [").await.text();
    assert!(bad.contains("dòng 2") || bad.contains("dòng 3"), "{bad}");
    let looked = look(mark, "", "Net Rules.yml", NET).await.text();
    assert!(looked.contains("Nhập 1 tệp") && looked.contains("«net-rules»"), "{looked}");
    assert!(
        !lead.get(&centre, "/rules").await.contains("Net &#60;i&#62;"),
        "nothing is in force yet"
    );
    let digest = looked.split_once("name=\"digest\" value=\"").unwrap().1;
    let digest = digest.split('"').next().unwrap();
    let wrong =
        lead.post(&centre, "/rules/import/confirm", &[("digest", "00"), ("set", "a")]).await;
    assert!(wrong.text().contains("xin tải lên lại"), "{}", wrong.text());
    let fields = [("digest", digest), ("set", "net-rules")];
    let done = lead.post(&centre, "/rules/import/confirm", &fields).await;
    assert_eq!(done.header("location"), "/rules/import?done=rules-imported", "{}", done.text());
    let list = lead.get(&centre, "/rules?origin=imported").await;
    assert!(list.contains("Net &#60;i&#62;") && !list.contains("Whoami"), "{list}");
    let coverage = lead.get(&centre, "/rules/coverage").await;
    assert!(coverage.contains("/rules?tactic=discovery&#38;technique=T1018"), "{coverage}");
    let export = lead.get(&centre, "/rules/coverage?form=json").await;
    let export: serde_json::Value = serde_json::from_str(&export).unwrap();
    let rows = export["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["technique"] == "T1018" && row["tactic_id"] == "TA0007");
    assert_eq!(row.unwrap()["rules"], "1", "{rows:?}");
    let narrowed = lead.get(&centre, "/rules?tactic=discovery&technique=T1018").await;
    assert!(narrowed.contains("Net &#60;i&#62;") && !narrowed.contains("Whoami"), "{narrowed}");
    let export = lead.get(&centre, "/rules/export?form=json").await;
    let export: serde_json::Value = serde_json::from_str(&export).unwrap();
    assert_eq!(export["rows"].as_array().unwrap().len(), 3);
    let officer = Browser::of(&centre, "canbo", Role::Officer, first_agency()).await;
    assert_eq!(officer.post(&centre, "/rules/import/net-rules/remove", &[]).await.status, 403);
    assert_eq!(lead.post(&centre, "/rules/import/net-rules/remove", &[]).await.status, 303);
    assert!(!lead.get(&centre, "/rules").await.contains("Net &#60;i&#62;"));
    centre.app.stop().await;
}
