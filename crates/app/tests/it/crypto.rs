//! The probe of TLS: what it sees of a server on the loopback, and whom it never asks.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::UseError;
use khien_app::use_case::crypto::{self, EndpointState, ProbeEnd, Reason, Speech};
use khien_app::use_case::findings::{self, OWN_TOOL};
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::register::{add_agency, change_system, get_system, papers, put_resource};
use khien_domain::account::{Role, UserName};
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::algorithm::PlanState;
use khien_domain::assessment::OwnCheck;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::Record;
use khien_domain::evidence::content::Content;
use khien_domain::finding::FindingState;
use khien_domain::page::PageRequest;
use khien_domain::paper::Paper;
use khien_domain::permission::{Actor, AgencyScope, Identity};
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::system::{Stage, System, Zone};
use khien_testkit::{Hands, ssh_greeting};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, SupportedProtocolVersion, version};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::{register, start};

fn agency() -> AgencyCode {
    AgencyCode::new("sokhcn").unwrap()
}

/// A server that speaks TLS in these groups and versions, and counts who comes.
struct Server {
    address: SocketAddr,
    came: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start(
        groups: &[&'static dyn SupportedKxGroup],
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["web.minhhoa.example".into()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2026, 10, 20);
        let certificate = params.self_signed(&key).unwrap();
        let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider =
            CryptoProvider { kx_groups: groups.to_vec(), ..aws_lc_rs::default_provider() };
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], secret)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let came = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&came);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let _ = acceptor.accept(stream).await;
            }
        });
        Self { address, came, task }
    }

    fn came(&self) -> usize {
        self.came.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn put(app: &App, kind: ResourceKind, value: &str) {
    let system = (kind == ResourceKind::Service).then(|| SystemCode::new("cong-dvc").unwrap());
    let resource = Resource { agency: agency(), system, kind, value: value.into(), until: None };
    put_resource(app, &Caller::program(), resource).await.unwrap();
}

async fn centre(path: &std::path::Path) -> Arc<App> {
    let app = start(path, &Hands::at("2026-10-15T01:00:00Z")).await;
    register(&app).await;
    app
}

async fn told(app: &App, kind: &str) -> Vec<Record> {
    let filter = EvidenceFilter { kind: Some(kind.into()), ..EvidenceFilter::default() };
    ledger::list(app, &Caller::program(), &filter, &PageRequest::first()).await.unwrap().items
}

fn text<'r>(record: &'r Record, name: &str) -> &'r str {
    record.content.get(name).and_then(Content::as_text).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_sees_version_group_and_certificate() {
    use aws_lc_rs::kx_group::{SECP256R1, SECP256R1MLKEM768, X25519, X25519MLKEM768};
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    put(&app, ResourceKind::AddressRange, "127.0.0.1").await;
    let new = [&version::TLS13, &version::TLS12];
    let servers = [
        (Server::start(&[X25519MLKEM768, X25519], &new).await, "X25519MLKEM768", "TLSv1.3", true),
        (Server::start(&[SECP256R1MLKEM768], &new).await, "secp256r1MLKEM768", "TLSv1.3", true),
        (Server::start(&[X25519], &new).await, "X25519", "TLSv1.3", false),
        (Server::start(&[SECP256R1], &[&version::TLS12]).await, "secp256r1", "TLSv1.2", false),
    ];
    for (server, ..) in &servers {
        put(&app, ResourceKind::Service, &server.address.to_string()).await;
    }
    let probed = crypto::probe(&app, &Caller::program(), None).await.unwrap();
    assert_eq!(probed.len(), 4);
    assert!(probed.iter().all(|row| row.outcome == ProbeEnd::Seen), "{probed:?}");
    let records = told(&app, "tls.probe").await;
    for (server, group, version, hybrid) in &servers {
        assert_eq!(server.came(), 1, "one connection an endpoint");
        let name = server.address.to_string();
        let record = records.iter().find(|record| record.about.subject == name).unwrap();
        assert_eq!((text(record, "group"), text(record, "version")), (*group, *version));
        assert_eq!(record.content.get("hybrid").and_then(Content::as_bool), Some(*hybrid));
        assert_eq!(text(record, "valid_to"), "2026-10-20");
        assert_eq!((text(record, "key"), text(record, "signature")), ("EC-256", "ECDSA-SHA256"));
        assert_eq!((record.about.how.name(), record.about.origin.name()), ("measured", "probe"));
        assert!(!text(record, "cipher").is_empty());
    }
    // That they speak TLS at another port than 443 is told once.
    let services = || async {
        let all = told(&app, "service.registered").await;
        all.iter()
            .filter(|one| one.content.get("tls").and_then(Content::as_bool) == Some(true))
            .count()
    };
    assert_eq!(services().await, 4);
    crypto::probe(&app, &Caller::program(), Some(&servers[0].0.address.to_string())).await.unwrap();
    assert_eq!(services().await, 4);

    let states = crypto::list_endpoints(&app, &Caller::program()).await.unwrap();
    let today = "2026-10-15".parse().unwrap();
    assert!(states.iter().all(|state| state.reasons(today, 30).contains(&Reason::Ends)));
    assert!(states.iter().all(|state| !state.reasons(today, 4).contains(&Reason::Ends)));
    // By the policy: what agrees on keys classically ends, and TLS 1.2 with it, for a system of level 3 sooner.
    let planned = |state: &EndpointState| {
        let reasons = state.reasons(today, 4);
        let ends = |reason: &Reason<'_>| match reason {
            Reason::Plan(one) => Some(format!("{} {}", one.name, one.until.unwrap())),
            _ => None,
        };
        reasons.iter().filter_map(ends).collect::<Vec<_>>()
    };
    let all: BTreeSet<Vec<String>> = states.iter().map(planned).collect();
    let ends = |names: &[&str]| names.iter().map(|name| format!("{name} 2028-12-31")).collect();
    let expected = [ends(&[]), ends(&["X25519"]), ends(&["TLSv1.2", "secp256r1"])];
    assert_eq!(all, BTreeSet::from(expected));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_outside_of_the_register_is_asked() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    let server = Server::start(aws_lc_rs::DEFAULT_KX_GROUPS, &[&version::TLS13]).await;
    let name = server.address.to_string();
    let one = async || crypto::probe(&app, &Caller::program(), Some(&name)).await;
    let told_of = one().await.unwrap_err().to_string();
    assert!(told_of.contains("is no registered endpoint"), "{told_of}");
    // Registered, but its address is in no range, or in one that is far too wide.
    put(&app, ResourceKind::Service, &name).await;
    for range in [None, Some("127.0.0.0/8"), Some("0.0.0.0/0")] {
        if let Some(range) = range {
            put(&app, ResourceKind::AddressRange, range).await;
        }
        let row = one().await.unwrap().remove(0);
        assert_eq!(row.outcome, ProbeEnd::Refused, "{range:?}");
        assert!(row.detail.contains("only if exactly it is registered"), "{}", row.detail);
    }
    // The name of a registered endpoint that leads to this machine is no way around that.
    put(&app, ResourceKind::AddressRange, "192.0.2.0/24").await;
    let cloud = "169.254.169.254:80";
    put(&app, ResourceKind::Service, cloud).await;
    let row = crypto::probe(&app, &Caller::program(), Some(cloud)).await.unwrap().remove(0);
    assert_eq!(row.outcome, ProbeEnd::Refused);
    assert_eq!(server.came(), 0, "nobody was asked");
    assert!(told(&app, "tls.probe").await.is_empty());
    let state = crypto::list_endpoints(&app, &Caller::program()).await.unwrap();
    let told_of = &state.iter().find(|one| one.resource.value == cloud).unwrap().last;
    assert!(told_of.as_ref().unwrap().detail.contains("169.254.169.254"), "the page tells why");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_probe_what_is_their_agencys() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    let other = AgencyCode::new("soyt").unwrap();
    let new = Agency::new(other.clone(), "Sở Y tế".into(), AgencyKind::Government, app.now());
    add_agency(&app, &Caller::program(), khien_testkit::headed(new)).await.unwrap();
    put(&app, ResourceKind::AddressRange, "127.0.0.1").await;
    let server = Server::start(aws_lc_rs::DEFAULT_KX_GROUPS, &[&version::TLS13]).await;
    put(&app, ResourceKind::Service, &server.address.to_string()).await;
    let person = |role: Role, agencies| Caller {
        actor: Actor::new(
            Identity::Person { name: UserName::new("an").unwrap() },
            role.permissions(),
            agencies,
        ),
        origin: "test".into(),
    };
    let stranger = person(Role::Officer, AgencyScope::one(other));
    assert!(crypto::probe(&app, &stranger, None).await.unwrap().is_empty());
    let leader = person(Role::Leader, AgencyScope::All);
    assert!(matches!(crypto::probe(&app, &leader, None).await, Err(UseError::Denied(_))));
    assert_eq!(server.came(), 0);
    let own = person(Role::Officer, AgencyScope::one(agency()));
    assert_eq!(crypto::probe(&app, &own, None).await.unwrap().len(), 1);
    assert_eq!(server.came(), 1);
    assert!(crypto::list_endpoints(&app, &stranger).await.unwrap().is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_does_not_hold_the_probe() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    put(&app, ResourceKind::AddressRange, "127.0.0.1").await;
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let name = silent.local_addr().unwrap().to_string();
    put(&app, ResourceKind::Service, &name).await;
    let row = crypto::probe(&app, &Caller::program(), Some(&name)).await.unwrap().remove(0);
    assert_eq!(row.outcome, ProbeEnd::Failed);
    assert!(row.detail.contains("does not end the handshake"), "{}", row.detail);
    drop(silent);
    let row = crypto::probe(&app, &Caller::program(), Some(&name)).await.unwrap().remove(0);
    assert_eq!(row.outcome, ProbeEnd::Failed);
    assert!(row.detail.contains(&name), "{}", row.detail);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_ssh_is_seen_by_what_it_says_first() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    put(&app, ResourceKind::AddressRange, "127.0.0.1").await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let name = listener.local_addr().unwrap().to_string();
    let said = ssh_greeting("curve25519-sha256,diffie-hellman-group1-sha1", "ssh-ed25519,ssh-rsa");
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(&said).await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
    put(&app, ResourceKind::Service, &name).await;
    let row = crypto::probe(&app, &Caller::program(), Some(&name)).await.unwrap().remove(0);
    assert_eq!(row.outcome, ProbeEnd::Seen, "{}", row.detail);
    let record = told(&app, "ssh.probe").await.remove(0);
    assert_eq!(
        (text(&record, "version"), text(&record, "exchange")),
        ("SSH-2.0", "curve25519-sha256")
    );
    assert_eq!(text(&record, "host_keys"), "ssh-ed25519,ssh-rsa");
    assert!(told(&app, "tls.probe").await.is_empty());
    let states = crypto::list_endpoints(&app, &Caller::program()).await.unwrap();
    assert_eq!(states[0].observed.as_ref().unwrap().speech, Speech::Ssh);
    let reasons = states[0].reasons("2026-10-15".parse().unwrap(), 30);
    let over = reasons.iter().filter(|reason| matches!(reason, Reason::Over(_)));
    let over: Vec<&str> = over.filter_map(|one| Some(one.standing()?.name.as_str())).collect();
    assert_eq!(over, ["diffie-hellman-group1-sha1", "ssh-rsa"], "{reasons:?}");
    // The inventory has all that it takes.
    let bill = crypto::cbom(&app, &Caller::program()).await.unwrap().to_string();
    for part in ["protocol/ssh-2.0", "algorithm/diffie-hellman-group1-sha1", "algorithm/ssh-rsa"] {
        assert!(bill.contains(part), "{part}: {bill}");
    }
    server.abort();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_system_has_a_plan_that_is_in_time_or_told() {
    use aws_lc_rs::kx_group::X25519;
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    let state = async || {
        let mut plans = crypto::list_plans(&app, &Caller::program()).await.unwrap();
        (!plans.is_empty()).then(|| plans.remove(0))
    };
    assert!(state().await.is_none(), "no endpoint, no product, no plan");
    put(&app, ResourceKind::AddressRange, "127.0.0.1").await;
    let server = Server::start(&[X25519], &[&version::TLS13]).await;
    put(&app, ResourceKind::Service, &server.address.to_string()).await;
    let one = state().await.unwrap();
    assert_eq!((one.state, one.endpoints, one.unseen), (PlanState::Unseen, 1, 1));
    assert!(told(&app, "crypto.inventory").await.is_empty(), "nothing was seen yet");

    crypto::probe(&app, &Caller::program(), None).await.unwrap();
    let one = state().await.unwrap();
    assert_eq!(
        (one.state, one.first().unwrap().to_string()),
        (PlanState::Missing, "2028-12-31".into())
    );
    let plan = async |by: &str| {
        let values = [("change", "X25519MLKEM768"), ("by", by), ("post", "Phòng Hạ tầng")];
        let values: BTreeMap<String, String> =
            values.iter().map(|(name, said)| ((*name).into(), (*said).into())).collect();
        let system = SystemCode::new("cong-dvc").unwrap();
        let paper = Paper { system: system.clone(), kind: "crypto-plan".into(), to: None, values };
        let id = papers::add_paper(&app, &Caller::program(), paper).await.unwrap();
        let state = state().await.unwrap().state;
        papers::remove_paper(&app, &Caller::program(), &system, id).await.unwrap();
        state
    };
    assert_eq!(plan("2028-12-31").await, PlanState::InTime);
    assert_eq!(plan("2029-01-01").await, PlanState::Late);
    assert_eq!(plan("2026-10-14").await, PlanState::Passed);

    // What was counted of its cryptography stands in the ledger: once, until it changes.
    let counted = async || {
        let all = told(&app, "crypto.inventory").await;
        all.iter().map(|one| one.content.get("components").cloned()).collect::<Vec<_>>()
    };
    assert_eq!(
        counted().await,
        [Some(Content::from(5_i64))],
        "TLS, group, certificate, key, signature"
    );
    crypto::probe(&app, &Caller::program(), None).await.unwrap();
    assert_eq!(counted().await.len(), 1);
    let other = Server::start(aws_lc_rs::DEFAULT_KX_GROUPS, &[&version::TLS13]).await;
    put(&app, ResourceKind::Service, &other.address.to_string()).await;
    crypto::probe(&app, &Caller::program(), Some(&server.address.to_string())).await.unwrap();
    assert_eq!(counted().await.len(), 1, "an endpoint that nobody saw");
    crypto::probe(&app, &Caller::program(), None).await.unwrap();
    assert_eq!(counted().await.len(), 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_of_a_system_in_test_that_answers_is_a_finding_whatever_the_register_says() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    let (program, code) = (Caller::program(), SystemCode::new("cong-dvc").unwrap());
    put(&app, ResourceKind::AddressRange, "127.0.0.1").await;
    let server = Server::start(&[aws_lc_rs::kx_group::X25519], &[&version::TLS13]).await;
    let endpoint = server.address.to_string();
    put(&app, ResourceKind::Service, &endpoint).await;
    let known = get_system(&app, &program, &code).await.unwrap();
    let closed = System { is_exposed: false, zone: Zone::Dedicated, ..known };
    change_system(&app, &program, closed.clone()).await.unwrap();
    let open = async || {
        crypto::probe(&app, &program, None).await.unwrap();
        findings::look(&app, &program).await.unwrap();
        let all = findings::list_findings(&app, &program, Some(&code)).await.unwrap();
        let name = OwnCheck::TestExposed.name();
        let own = all.into_iter().filter(|one| one.tool == OWN_TOOL && one.about.rule == name);
        own.filter(|one| one.state == FindingState::Open)
            .map(|one| one.about.place)
            .collect::<Vec<_>>()
    };
    let nothing: Vec<String> = Vec::new();
    assert_eq!(open().await, nothing, "in use, it is for that");
    let tried = System { stage: Stage::Test, ..closed };
    change_system(&app, &program, tried.clone()).await.unwrap();
    assert_eq!(open().await, [endpoint.as_str()]);
    // That the register says so is one more.
    let said = System { is_exposed: true, zone: Zone::Internet, ..tried.clone() };
    change_system(&app, &program, said).await.unwrap();
    assert_eq!(open().await.len(), 2);
    change_system(&app, &program, tried).await.unwrap();
    // Its word does not close it: that nobody answers does.
    assert_eq!(open().await, [endpoint.as_str()]);
    drop(server);
    assert_eq!(open().await, nothing);
    app.stop().await;
}
