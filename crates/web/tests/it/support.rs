//! A centre in a temporary folder with its listeners, and clients that speak to it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use khien_app::access::Caller;
use khien_app::app::App;
use khien_app::config::{Config, KeyExchange};
use khien_app::folder::DataFolder;
use khien_app::use_case::hunts::RuleFile;
use khien_app::use_case::register;
use khien_domain::account::Role;
use khien_domain::clock::Clock;
use khien_domain::code::SystemCode;
use khien_domain::rate::Rate;
use khien_domain::source::{Fingerprint, Source, SourceKind, SourceSettings};
use khien_domain::token::TokenBytes;
use khien_testkit::{Machine, rules_and};
use khien_web::listen::Listening;
use khien_web::listen::tls::Certificates;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(20);

/// A centre at work.
pub(crate) struct Centre {
    pub(crate) place: TempDir,
    pub(crate) app: Arc<App>,
    pub(crate) listening: Listening,
}

/// What a registered source is known by.
#[derive(Default)]
pub(crate) struct Known<'a> {
    pub(crate) networks: &'a [&'a str],
    pub(crate) certificate: Option<Fingerprint>,
    pub(crate) events_per_second: Option<u32>,
}

/// Settings with listeners on ports of the system's choice.
fn config(plain: bool) -> Config {
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let mut config = Config::default();
    config.server.http = any;
    config.server.plain_http = plain;
    config.server.syslog_udp = Some(any);
    config.server.syslog_tcp = Some(any);
    config.server.syslog_tls = (!plain).then_some(any);
    config.limits.reserve_mib = 0;
    config
}

impl Centre {
    /// A new centre with an agency and a system, that listens on ports of the system's choice.
    pub(crate) async fn start() -> Self {
        let place = tempfile::tempdir().unwrap();
        DataFolder::create(&place.path().join("data")).unwrap();
        let centre = Self::open(place, true).await;
        khien_testkit::register(&centre.app).await;
        centre
    }

    /// The same with the rules that tests share in force.
    pub(crate) async fn start_with_rules() -> Self {
        Self::start_by(Arc::new(Machine)).await
    }

    /// The same without anything in the register.
    pub(crate) async fn start_empty() -> Self {
        let place = tempfile::tempdir().unwrap();
        DataFolder::create(&place.path().join("data")).unwrap();
        Self::open_with(place, true, true, Arc::new(Machine)).await
    }

    /// The same, by a clock.
    pub(crate) async fn start_by(clock: Arc<dyn Clock>) -> Self {
        let place = tempfile::tempdir().unwrap();
        DataFolder::create(&place.path().join("data")).unwrap();
        let centre = Self::open_with(place, true, true, clock).await;
        khien_testkit::register(&centre.app).await;
        centre
    }

    /// The same with TLS, by the certificate of [`certificate`].
    pub(crate) async fn start_with_tls() -> Self {
        let place = tempfile::tempdir().unwrap();
        DataFolder::create(&place.path().join("data")).unwrap();
        certificate(place.path(), "server");
        let centre = Self::open(place, false).await;
        khien_testkit::register(&centre.app).await;
        centre
    }

    /// The same with listeners that exchange keys by hybrid groups alone.
    pub(crate) async fn start_hybrid_only() -> Self {
        let place = tempfile::tempdir().unwrap();
        DataFolder::create(&place.path().join("data")).unwrap();
        certificate(place.path(), "server");
        let mut config = config(false);
        config.server.key_exchange = KeyExchange::HybridOnly;
        Self::open_by(place, config, false, Arc::new(Machine)).await
    }

    /// The same that shows everybody the addresses of the agencies.
    pub(crate) async fn start_public(clock: Arc<dyn Clock>) -> Self {
        let place = tempfile::tempdir().unwrap();
        DataFolder::create(&place.path().join("data")).unwrap();
        let mut config = config(true);
        config.public.verified = true;
        let centre = Self::open_by(place, config, true, clock).await;
        khien_testkit::register(&centre.app).await;
        centre
    }

    /// The same whose people of some roles sign in with a passkey alone.
    pub(crate) async fn start_for_passkeys(roles: BTreeSet<Role>) -> Self {
        let place = tempfile::tempdir().unwrap();
        DataFolder::create(&place.path().join("data")).unwrap();
        let mut config = config(true);
        config.console.passkey_roles = roles;
        let centre = Self::open_by(place, config, false, Arc::new(Machine)).await;
        khien_testkit::register(&centre.app).await;
        centre
    }

    async fn open(place: TempDir, plain: bool) -> Self {
        Self::open_with(place, plain, false, Arc::new(Machine)).await
    }

    async fn open_with(
        place: TempDir,
        plain: bool,
        has_rules: bool,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::open_by(place, config(plain), has_rules, clock).await
    }

    /// The same by other settings.
    async fn open_by(
        place: TempDir,
        config: Config,
        has_rules: bool,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let plain = config.server.plain_http;
        let folder = DataFolder::hold(&place.path().join("data")).unwrap();
        let load = Box::new(move |added: &[RuleFile]| {
            let files: &[_] = if has_rules { &[("rules.yml", khien_testkit::RULES)] } else { &[] };
            Ok(rules_and(files.iter().copied(), added))
        });
        let app = App::start(folder, config, load, clock).await.unwrap();
        let certificates = (!plain).then(|| {
            let [chain, key] = ["server.crt", "server.key"].map(|name| place.path().join(name));
            Certificates::load(&chain, &key).unwrap()
        });
        let router = khien_web::router(Arc::clone(&app), crate::console::support::random);
        let listening = Listening::start(&app, router, certificates.as_ref()).await.unwrap();
        Self { place, app, listening }
    }

    /// Registers a source and answers it with its token.
    pub(crate) async fn source(&self, kind: SourceKind, known: Known<'_>) -> (Source, String) {
        self.source_of("cong-dvc", kind, known).await
    }

    /// The same of a system.
    pub(crate) async fn source_of(
        &self,
        system: &str,
        kind: SourceKind,
        known: Known<'_>,
    ) -> (Source, String) {
        static NEXT: AtomicU8 = AtomicU8::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let settings = SourceSettings {
            name: format!("test {number}"),
            formats: BTreeSet::new(),
            rate: Rate {
                events_per_second: known.events_per_second.unwrap_or(u32::MAX),
                bytes_per_second: u32::MAX,
            },
            heartbeat_seconds: None,
            networks: known.networks.iter().map(|network| network.parse().unwrap()).collect(),
            certificate: known.certificate,
        };
        let random = TokenBytes([number; 21]);
        let system = SystemCode::new(system).unwrap();
        let caller = Caller::program();
        let made = register::add_source(&self.app, &caller, &system, kind, settings, &random).await;
        let made = made.unwrap();
        (made.source, made.token.reveal().to_owned())
    }

    /// A source of the kind `http` with no limits: its token.
    pub(crate) async fn token(&self) -> String {
        self.source(SourceKind::Http, Known::default()).await.1
    }

    /// Waits until so many events have been read, and checks that no more come and none is
    /// unreadable.
    #[track_caller]
    pub(crate) fn holds(&self, events: u64) -> impl Future<Output = ()> {
        let app = Arc::clone(&self.app);
        let place = std::panic::Location::caller();
        async move {
            let reached = timeout(PATIENCE, async {
                while app.figures().counted().events < events {
                    sleep(Duration::from_millis(10)).await;
                }
            });
            let _ = reached.await;
            sleep(Duration::from_millis(150)).await;
            let counted = app.figures().counted();
            assert_eq!((counted.events, counted.unreadable), (events, 0), "at {place}");
        }
    }

    /// Sends a request over plain HTTP.
    pub(crate) async fn send(&self, request: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let stream = TcpStream::connect(self.listening.http).await.unwrap();
        exchange(stream, request, headers, body).await
    }

    /// Stops in order and starts anew on the same data.
    pub(crate) async fn restart(self) -> Self {
        let plain = self.listening.syslog_tls.is_none();
        let place = self.stop().await;
        Self::open(place, plain).await
    }

    /// Stops in order.
    pub(crate) async fn stop(self) -> TempDir {
        let Self { place, app, listening } = self;
        listening.stop().await;
        app.stop().await;
        place
    }
}

/// Writes a certificate for the loopback and its key, and answers its fingerprint and DER.
pub(crate) fn certificate(folder: &Path, name: &str) -> (Fingerprint, Vec<u8>) {
    use sha2::{Digest, Sha256};
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    std::fs::write(folder.join(format!("{name}.crt")), made.cert.pem()).unwrap();
    std::fs::write(folder.join(format!("{name}.key")), made.signing_key.serialize_pem()).unwrap();
    let der = made.cert.der().to_vec();
    (Fingerprint(Sha256::digest(&der).into()), der)
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }
}

/// Sends a request, such as `POST /v1/logs`, and reads the answer.
pub(crate) async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    request: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let mut head = format!("{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if headers.iter().all(|(name, _)| *name != "Content-Length") {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    head += "\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that refuses early may have closed its side.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("an answer");
    let split = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(answer[..split].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Reply { status, headers, body: answer[split + 4..].to_vec() }
}
