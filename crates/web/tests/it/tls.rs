//! TLS: what is shown, what is asked, and who is known by it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use khien_domain::source::SourceKind;
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
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
    let pem = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem("server.crt")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
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
    assert_eq!(group.name(), rustls::NamedGroup::X25519MLKEM768);
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
