//! A centre with two agencies, a system and a source each, and tokens; its clock stands still.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use jiff::SignedDuration;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::config::Config;
use khien_app::folder::DataFolder;
use khien_app::pipeline::Meta;
use khien_app::pipeline::receive::{Incoming, Repeats};
use khien_app::use_case::hunts::RuleFile;
use khien_app::use_case::tokens::{self, WantedToken};
use khien_domain::clock::Clock;
use khien_domain::code::AgencyCode;
use khien_domain::ids::SourceId;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::token::TokenBytes;
use khien_testkit::{Hands, RULES, rules_and};
use khien_web::intake::Peer;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower_service::Service;

pub(crate) struct Centre {
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
    /// May do everything everywhere.
    pub(crate) all: String,
    /// May do everything that is not of the whole installation, in the first agency.
    pub(crate) first: String,
    /// The same in the second.
    pub(crate) second: String,
    pub(crate) sources: [i64; 2],
    sent: u64,
    clock: Arc<Hands>,
    _place: TempDir,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The JSON of an answer that must have this status.
    #[track_caller]
    pub(crate) fn with(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// The code of an error that must have this status.
    #[track_caller]
    pub(crate) fn code(&self, status: u16) -> String {
        let told = self.with(status);
        assert!(!told["error"]["message_vi"].as_str().unwrap().is_empty());
        told["error"]["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what the router takes")]
fn random() -> std::io::Result<TokenBytes> {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    Ok(TokenBytes([NEXT.fetch_add(1, Ordering::Relaxed); 21]))
}

/// Who answers for an agency that is registered.
pub(crate) fn heads() -> serde_json::Value {
    let of = |duty: &str, holder: &str| {
        json!({"duty": duty, "holder": holder, "post": "Chức vụ", "document": "01/QĐ.MH",
            "signed": "2026-01-05", "until": "2028-12-31"})
    };
    json!({"appointments": [of("head", "Cán bộ Mẫu 901"), of("deputy", "Cán bộ Mẫu 902")]})
}

impl Centre {
    pub(crate) async fn start() -> Self {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        DataFolder::create(&path).unwrap();
        let clock = Hands::at("2026-10-15T01:00:00Z");
        let mut config = Config::default();
        config.limits.reserve_mib = 0;
        let time: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let folder = DataFolder::hold(&path).unwrap();
        let load = Box::new(|added: &[RuleFile]| Ok(rules_and([("rules.yml", RULES)], added)));
        let app = App::start(folder, config, load, time).await.unwrap();
        let router = khien_web::router(Arc::clone(&app), random);
        let mut centre = Self {
            app,
            router,
            all: String::new(),
            first: String::new(),
            second: String::new(),
            sources: [0; 2],
            sent: 0,
            clock,
            _place: place,
        };
        centre.all = centre.token(&everything(), AgencyScope::All).await;
        centre.register().await;
        let own = |code| AgencyScope::one(AgencyCode::new(code).unwrap());
        let local: Vec<_> = everything().into_iter().filter(|p| !p.is_global()).collect();
        centre.first = centre.token(&local, own("sokhcn")).await;
        centre.second = centre.token(&local, own("soyt")).await;
        centre
    }

    async fn register(&mut self) {
        for (at, (agency, system)) in
            [("sokhcn", "cong-dvc"), ("soyt", "benh-an")].into_iter().enumerate()
        {
            let all = self.all.clone();
            let name = format!("Cơ quan {agency}");
            let new = json!({"code": agency, "name": name, "assignment": heads()});
            self.post("/api/v1/agencies", &all, new).await.with(201);
            let new = json!({"code": system, "agency": agency, "name": system, "level": 3});
            self.post("/api/v1/systems", &all, new).await.with(201);
            let new = json!({"system": system, "kind": "http", "name": "máy chủ"});
            let made = self.post("/api/v1/sources", &all, new).await.with(201);
            self.sources[at] = made["id"].as_i64().unwrap();
        }
    }

    /// A token with these permissions.
    pub(crate) async fn token(&self, permissions: &[Permission], agencies: AgencyScope) -> String {
        let wanted = WantedToken {
            name: "người trực".into(),
            permissions: permissions.iter().copied().collect::<BTreeSet<_>>(),
            agencies,
            expires_at: self.app.now() + SignedDuration::from_hours(24 * 30),
        };
        let random = random().unwrap();
        let made = tokens::add_token(&self.app, &Caller::program(), wanted, &random).await;
        made.unwrap().text.reveal().to_owned()
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(request("GET", path, token).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> Reply {
        self.send(request("DELETE", path, token).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Reply {
        let request = request("POST", path, token).header("Content-Type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn put(&self, path: &str, token: &str, body: Value) -> Reply {
        let request = request("PUT", path, token).header("Content-Type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.answer(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The answer before its body is read.
    pub(crate) async fn answer(&self, mut request: Request<Body>) -> axum::http::Response<Body> {
        let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 55));
        request.extensions_mut().insert(Peer { address, certificate: None });
        self.router.clone().call(request).await.unwrap()
    }

    /// Sends lines in the name of a source and waits until they are searchable.
    pub(crate) async fn events(&mut self, source: i64, lines: &[String]) {
        self.payload(source, Some("json"), &lines.concat()).await;
        self.sent += lines.len() as u64;
        self.until("all events", async |centre| {
            centre.app.figures().counted().events >= centre.sent
        })
        .await;
        // They are judged a moment before the lake has them.
        self.until("searchable", async |centre| centre.count("", &centre.all).await == centre.sent)
            .await;
    }

    pub(crate) async fn payload(&self, source: i64, format: Option<&str>, payload: &str) {
        self.bytes(source, format, payload.as_bytes().to_vec()).await;
    }

    pub(crate) async fn bytes(&self, source: i64, format: Option<&str>, payload: Vec<u8>) {
        let incoming = Incoming {
            source: self.app.registry().active(SourceId(source)).unwrap(),
            payload,
            meta: Meta { format: format.map(str::to_owned), ..Meta::default() },
            repeats: Repeats::Never,
            events: 1,
        };
        self.app.receive(incoming).await.unwrap();
    }

    pub(crate) async fn count(&self, query: &str, token: &str) -> u64 {
        let path = format!("/api/v1/search/count?query={}", encoded(query));
        self.get(&path, token).await.with(200)["count"].as_u64().unwrap()
    }

    /// The newest entries of the audit log with an action: who, target, origin, outcome, detail.
    pub(crate) async fn audited(&self, action: &str) -> Vec<Value> {
        let path = format!("/api/v1/audit?action={action}");
        self.get(&path, &self.all).await.with(200)["items"].as_array().unwrap().clone()
    }

    pub(crate) async fn until(&self, what: &str, mut holds: impl AsyncFnMut(&Self) -> bool) {
        for _ in 0..400 {
            if holds(self).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("not {what} within ten seconds");
    }

    pub(crate) fn forward(&self, seconds: i64) {
        self.clock.forward(seconds);
    }
}

pub(crate) fn everything() -> Vec<Permission> {
    Permission::ALL.into_iter().filter(|known| known.is_grantable()).collect()
}

/// A request with a token, if it is not empty.
pub(crate) fn request(method: &str, path: &str, token: &str) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path).header("Host", "siem.test:8057");
    match token {
        "" => request,
        _ => request.header("Authorization", format!("Bearer {token}")),
    }
}

/// A process that starts, as Sysmon tells it.
pub(crate) fn process(host: &str, image: &str, time: &str) -> String {
    json!({
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Computer": host,
        "UtcTime": time,
        "Image": image,
        "CommandLine": image,
        "User": "MINHHOA\\an",
    })
    .to_string()
        + "\n"
}

/// A parameter's value in an address.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"))
}
