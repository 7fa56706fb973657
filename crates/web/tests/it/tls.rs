//! TLS: what is shown, what is asked, and who is known by it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use khien_domain::source::SourceKind;
use rustls::crypto::aws_lc_rs::kx_group::{SECP256R1, SECP256R1MLKEM768, X25519, X25519MLKEM768};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, DEFAULT_VERSIONS, NamedGroup, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{Centre, Known, certificate, exchange};
use crate::syslog::line;

/// Connects, trusting what the folder says of the server and showing the named certificate.
async fn connect(
    folder: &Path,
    address: std::net::SocketAddr,
    shown: Option<&str>,
) -> std::io::Result<TlsStream<TcpStream>> {
    connect_by(folder, address, shown, aws_lc_rs::DEFAULT_KX_GROUPS, DEFAULT_VERSIONS).await
}

/// The same with a client that offers these groups and versions, in their order.
async fn connect_by(
    folder: &Path,
    address: std::net::SocketAddr,
    shown: Option<&str>,
    groups: &[&'static dyn SupportedKxGroup],
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<TlsStream<TcpStream>> {
    let pem = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem("server.crt")).unwrap()).unwrap();
    let provider = CryptoProvider { kx_groups: groups.to_vec(), ..aws_lc_rs::default_provider() };
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let config = match shown {
        None => config.with_no_client_auth(),
        Some(name) => {
            let chain = CertificateDer::from_pem_slice(&pem(&format!("{name}.crt"))).unwrap();
            let key = PrivateKeyDer::from_pem_slice(&pem(&format!("{name}.key"))).unwrap();
            config.with_client_auth_cert(vec![chain], key).unwrap()
        }
    };
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_prefers_the_hybrid_group_and_knows_sources_by_certificate() {
    let centre = Centre::start_with_tls().await;
    let folder = centre.place.path().to_owned();
    let (fingerprint, _) = certificate(&folder, "client");
    let known = Known { certificate: Some(fingerprint), ..Known::default() };
    centre.source(SourceKind::Http, known).await;
    let token = centre.token().await;
    let stream = connect(&folder, centre.listening.http, None).await.unwrap();
    let group = stream.get_ref().1.negotiated_key_exchange_group().unwrap();
    assert_eq!(group.name(), NamedGroup::X25519MLKEM768);
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str())];
    let reply = exchange(stream, "POST /api/v1/intake/json", &headers, b"{\"a\":1}").await;
    assert_eq!(reply.status, 200);
    let stream = connect(&folder, centre.listening.http, Some("client")).await.unwrap();
    let reply = exchange(stream, "POST /api/v1/intake/json", &[], b"{\"a\":2}").await;
    assert_eq!(reply.status, 200);
    certificate(&folder, "stranger");
    let stream = connect(&folder, centre.listening.http, Some("stranger")).await.unwrap();
    let reply = exchange(stream, "POST /api/v1/intake/json", &[], b"{\"a\":3}").await;
    assert_eq!(reply.status, 401);
    centre.holds(2).await;
    centre.stop().await;
}

/// The group by which a client of these groups and versions comes to exchange keys with a listener.
async fn agreed(
    centre: &Centre,
    address: std::net::SocketAddr,
    groups: &[&'static dyn SupportedKxGroup],
    versions: &[&'static SupportedProtocolVersion],
) -> Result<NamedGroup, String> {
    let stream = connect_by(centre.place.path(), address, None, groups, versions).await;
    let stream = stream.map_err(|error| error.to_string())?;
    Ok(stream.get_ref().1.negotiated_key_exchange_group().unwrap().name())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_offers_a_hybrid_group_gets_it_and_others_a_classical_one() {
    let centre = Centre::start_with_tls().await;
    let both = [&TLS13, &TLS12];
    for address in [centre.listening.http, centre.listening.syslog_tls.unwrap()] {
        let hybrid = agreed(&centre, address, &[X25519MLKEM768, X25519], &both).await;
        assert_eq!(hybrid, Ok(NamedGroup::X25519MLKEM768));
        // Also where the client would rather have the classical one.
        let second = agreed(&centre, address, &[X25519, X25519MLKEM768], &both).await;
        assert_eq!(second, Ok(NamedGroup::X25519MLKEM768));
        let classical = agreed(&centre, address, &[X25519], &both).await;
        assert_eq!(classical, Ok(NamedGroup::X25519));
        let old = agreed(&centre, address, &[SECP256R1], &[&TLS12]).await;
        assert_eq!(old, Ok(NamedGroup::secp256r1));
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hybrid_only_refuses_a_client_that_offers_no_hybrid_group() {
    let centre = Centre::start_hybrid_only().await;
    let both = [&TLS13, &TLS12];
    for address in [centre.listening.http, centre.listening.syslog_tls.unwrap()] {
        let hybrid = agreed(&centre, address, &[X25519, X25519MLKEM768], &both).await;
        assert_eq!(hybrid, Ok(NamedGroup::X25519MLKEM768));
        let other = agreed(&centre, address, &[SECP256R1MLKEM768], &both).await;
        assert_eq!(other, Ok(NamedGroup::secp256r1MLKEM768));
        let classical = agreed(&centre, address, &[X25519, SECP256R1], &both).await;
        assert!(classical.as_ref().is_err_and(|told| told.contains("Handshake")), "{classical:?}");
        let old = agreed(&centre, address, &[SECP256R1], &[&TLS12]).await;
        assert!(old.is_err(), "{old:?}");
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn syslog_senders_are_known_by_certificate_or_token() {
    let centre = Centre::start_with_tls().await;
    let folder = centre.place.path().to_owned();
    let (fingerprint, _) = certificate(&folder, "client");
    let known = Known { certificate: Some(fingerprint), ..Known::default() };
    centre.source(SourceKind::Syslog, known).await;
    let (_, token) = centre.source(SourceKind::Syslog, Known::default()).await;
    let address = centre.listening.syslog_tls.unwrap();
    let mut shown = connect(&folder, address, Some("client")).await.unwrap();
    let message = line(7);
    shown.write_all(format!("{} {message}", message.len()).as_bytes()).await.unwrap();
    centre.holds(1).await;
    let mut told = connect(&folder, address, None).await.unwrap();
    let first = format!("<38>1 2026-11-20T08:00:00Z h a 1 - [khien@32473 token=\"{token}\"] x\n");
    told.write_all(format!("{first}{}\n{first}", line(8)).as_bytes()).await.unwrap();
    centre.holds(4).await;
    for (first, shown) in [(line(9), None), (line(9), Some("stranger"))] {
        certificate(&folder, "stranger");
        let mut nobody = connect(&folder, address, shown).await.unwrap();
        let _ = nobody.write_all(format!("{first}\n").as_bytes()).await;
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(5), nobody.read_to_end(&mut rest));
        let _ = ended.await.expect("the connection is closed");
    }
    centre.holds(4).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_shown_to_new_connections() {
    use khien_web::listen::tls::Certificates;
    let place = tempfile::tempdir().unwrap();
    certificate(place.path(), "server");
    let [chain, key] = ["server.crt", "server.key"].map(|name| place.path().join(name));
    let certificates = Certificates::load(&chain, &key).unwrap();
    assert!(!certificates.reload().unwrap());
    certificate(place.path(), "server");
    assert!(certificates.reload().unwrap());
    std::fs::write(&key, "no key").unwrap();
    assert!(certificates.reload().is_err());
}
