//! Somebody with a browser.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use khien_app::access::Caller;
use khien_app::use_case::sign_in::Place;
use khien_app::use_case::{own_account, people, register};
use khien_domain::account::{NewPerson, Role, UserName};
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::permission::AgencyScope;
use khien_domain::system::{Level, Stage, System};
use khien_domain::token::TokenBytes;

use crate::support::{Centre, Reply};

/// The password of everybody.
pub(crate) const PASSWORD: &str = "sông núi mây 9 tầng";

/// Random bytes that never repeat.
#[expect(clippy::unnecessary_wraps, reason = "the shape of the program's own source")]
pub(crate) fn random() -> std::io::Result<TokenBytes> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [57; 21];
    bytes[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    Ok(TokenBytes(bytes))
}

/// What is typed for a new agency, as the form has it: three fields, then who answers for it.
pub(crate) const NEW_AGENCY: [(&str, &str); 13] = [
    ("code", "moi"),
    ("name_vi", "thử"),
    ("kind", "government"),
    ("head-holder", "Cán bộ Mẫu 901"),
    ("head-post", "Giám đốc"),
    ("head-document", "01/QĐ.MH"),
    ("head-signed", "2026-01-05"),
    ("head-until", "2028-12-31"),
    ("deputy-holder", "Cán bộ Mẫu 902"),
    ("deputy-post", "Phó Giám đốc"),
    ("deputy-document", "01/QĐ.MH"),
    ("deputy-signed", "2026-01-05"),
    ("deputy-until", "2028-12-31"),
];

/// A scope of one agency.
pub(crate) fn only(code: &str) -> AgencyScope {
    AgencyScope::one(AgencyCode::new(code).unwrap())
}

/// Registers a second agency, `soyt`, with the system `benh-an`.
pub(crate) async fn register_another(centre: &Centre) {
    let caller = Caller::program();
    let agency = AgencyCode::new("soyt").unwrap();
    let kind = AgencyKind::Government;
    let new = Agency::new(agency.clone(), "Sở Y tế".into(), kind, centre.app.now());
    register::add_agency(&centre.app, &caller, khien_testkit::headed(new)).await.unwrap();
    let (code, level) = (SystemCode::new("benh-an").unwrap(), Level::new(3).unwrap());
    let (name, now) = ("Hồ sơ bệnh án".into(), centre.app.now());
    let new = System::new(code, agency, name, level, Stage::Operation, now);
    register::add_system(&centre.app, &caller, new).await.unwrap();
}

/// Lets somebody in, with the password of everybody.
pub(crate) async fn invite(centre: &Centre, name: &str, role: Role, agencies: AgencyScope) {
    let app = &centre.app;
    // Whoever decides is of another agency than those about which they do.
    let decides = role.needs_home() || role == Role::Lead;
    let home = decides.then(|| AgencyCode::new("ttt").unwrap());
    if let Some(home) = &home
        && app.store.find_agency(&AgencyScope::All, home).await.unwrap().is_none()
    {
        let kind = AgencyKind::Government;
        let new = Agency::new(home.clone(), "Thanh tra tỉnh".into(), kind, app.now());
        register::add_agency(app, &Caller::program(), khien_testkit::headed(new)).await.unwrap();
    }
    let new = NewPerson {
        name: UserName::new(name).unwrap(),
        called: format!("Cán bộ Mẫu {name}"),
        role,
        agencies,
        home,
        created_at: app.now(),
        until: None,
    };
    let (pack, bytes) = (&app.doors().pack, random().unwrap());
    let invited = people::add_person(app, pack, &Caller::program(), new, &bytes).await.unwrap();
    let place = Place { origin: "127.0.0.1".into(), browser: "test".into() };
    let accepted = own_account::accept_invitation(app, random, &invited.text, PASSWORD, &place);
    accepted.await.unwrap();
}

/// A browser that keeps its cookie.
pub(crate) struct Browser<'c> {
    centre: &'c Centre,
    cookie: String,
    mark: String,
}

impl<'c> Browser<'c> {
    /// A browser of nobody.
    pub(crate) fn new(centre: &'c Centre) -> Self {
        Self { centre, cookie: String::new(), mark: String::new() }
    }

    /// Somebody who has signed in. Roles that need a second factor have set one up.
    pub(crate) async fn of(centre: &'c Centre, name: &str) -> Self {
        let mut browser = Self::new(centre);
        let reply = browser.sign_in(name, PASSWORD).await;
        assert_eq!(reply.status, 303, "{}", text(&reply));
        if reply.headers["location"].starts_with("/sign-in/code") {
            // The secret of everybody; the store takes no step twice, so it is set anew.
            let code = browser.code(name).await;
            let reply = browser.post("/sign-in/code", &[("code", &code)]).await;
            assert_eq!(reply.status, 303, "{}", text(&reply));
        }
        let page = browser.get("/account").await;
        browser.mark = mark_of(&page);
        browser
    }

    /// Sets an authenticator's secret and answers its code of now.
    pub(crate) async fn code(&self, name: &str) -> String {
        let app = &self.centre.app;
        let name = UserName::new(name).unwrap();
        let person = app.store.find_person_by_name(&name).await.unwrap().unwrap();
        let mut tx = app.store.begin().await.unwrap();
        tx.set_totp(person.id, Some(SECRET), 0).await.unwrap();
        tx.commit().await.unwrap();
        totp(app.now().as_second())
    }

    /// Sends name and password.
    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) -> Reply {
        let reply = self.post("/sign-in", &[("name", name), ("password", password)]).await;
        let page = self.get("/sign-in/code").await;
        self.mark = mark_of(&page);
        reply
    }

    /// Opens a page.
    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send(&format!("GET {path}"), &[], b"").await
    }

    /// Sends a form as a page of ours does.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mark = self.mark.clone();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("mark", &mark).extend_pairs(fields);
        self.post_raw(path, form.finish().as_bytes()).await
    }

    /// Sends a body as a form, whatever it is.
    pub(crate) async fn post_raw(&mut self, path: &str, body: &[u8]) -> Reply {
        let kind = ("Content-Type", "application/x-www-form-urlencoded");
        let site = ("Sec-Fetch-Site", "same-origin");
        self.send(&format!("POST {path}"), &[kind, site], body).await
    }

    /// Sends a form with a file in it.
    pub(crate) async fn post_file(&mut self, path: &str, name: &str, file: &[u8]) -> Reply {
        self.post_file_and(path, &[], name, file).await
    }

    /// The same with further fields.
    pub(crate) async fn post_file_and(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        name: &str,
        file: &[u8],
    ) -> Reply {
        let mark = self.mark.clone();
        let mut head = String::new();
        for (field, value) in [("mark", mark.as_str())].iter().chain(fields) {
            head += &format!(
                "--cut\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            );
        }
        head += &format!(
            "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        let body = [head.as_bytes(), file, b"\r\n--cut--\r\n"].concat();
        let kind = ("Content-Type", "multipart/form-data; boundary=cut");
        self.send(&format!("POST {path}"), &[kind], &body).await
    }

    /// Sends anything, with the cookie.
    pub(crate) async fn send(
        &mut self,
        request: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let cookie = self.cookie.clone();
        let mut all = vec![("Accept", "text/html")];
        if !cookie.is_empty() {
            all.push(("Cookie", &cookie));
        }
        all.extend_from_slice(headers);
        let reply = self.centre.send(request, &all, body).await;
        if let Some(set) = reply.headers.get("set-cookie")
            && let Some(pair) = set.split(';').next().filter(|pair| pair.starts_with("khien="))
        {
            pair.clone_into(&mut self.cookie);
        }
        reply
    }

    /// The cookie as it is sent.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }
}

/// The secret of everybody's authenticator.
const SECRET: &[u8] = b"12345678901234567890";

/// The code of a moment, worked out apart from the product (RFC 6238 with SHA-1).
pub(crate) fn totp(seconds: i64) -> String {
    let step = u64::try_from(seconds / 30).unwrap();
    let mac = hmac_sha1(SECRET, &step.to_be_bytes());
    let at = usize::from(mac[19] & 15);
    let four = [mac[at] & 127, mac[at + 1], mac[at + 2], mac[at + 3]];
    format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
}

fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    use aws_lc_rs::hmac;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    hmac::sign(&key, message).as_ref().try_into().unwrap()
}

/// A reply's body as text.
pub(crate) fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

/// The mark of a page's forms; empty where there is none.
pub(crate) fn mark_of(reply: &Reply) -> String {
    let text = text(reply);
    let after = text.split("data-mark=\"").nth(1).unwrap_or_default();
    after.split('"').next().unwrap_or_default().to_owned()
}

/// All roles with a person each of all agencies (officers excepted), and one of `sokhcn`.
pub(crate) async fn everybody(centre: &Centre) -> Vec<(String, Role, bool)> {
    let mut people = Vec::new();
    for role in Role::ALL {
        for is_local in [false, true] {
            if role.needs_agencies() && !is_local {
                continue;
            }
            let name = format!("{}{}", role.name(), if is_local { "-mot" } else { "" });
            let scope = if is_local { only("sokhcn") } else { AgencyScope::All };
            invite(centre, &name, role, scope).await;
            if centre.app.doors().pack.second_factor_roles.contains(&role) {
                Browser::new(centre).code(&name).await;
            }
            people.push((name, role, is_local));
        }
    }
    let names: BTreeSet<&String> = people.iter().map(|(name, _, _)| name).collect();
    assert_eq!(names.len(), people.len());
    people
}
