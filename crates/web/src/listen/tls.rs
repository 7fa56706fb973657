//! TLS of the listeners: the certificate that is shown, and the certificates that senders show.
//!
//! Whoever offers a hybrid group exchanges keys by one, X25519MLKEM768 before others; whoever offers none does
//! by a classical one, or is refused if the settings say so (`Acceptor`). The certificate may be renewed
//! while the centre runs: [`Certificates::reload`] reads the files again and new connections see it. A sender's
//! certificate is not asked for its issuer: it proves that the sender holds its key, and is known by its
//! fingerprint in the register.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use khien_app::config::KeyExchange;
use khien_domain::source::Fingerprint;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::aws_lc_rs::{self, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, WebPkiSupportedAlgorithms};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{
    CipherSuite, DEFAULT_VERSIONS, DigitallySignedStruct, DistinguishedName, NamedGroup,
    ServerConfig, SignatureScheme, SupportedProtocolVersion,
};
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

/// How often the files are read again.
const WATCH: Duration = Duration::from_secs(30);

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds no certificate or key in PEM.
    #[error("{path} holds no {what} in PEM")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// Certificate and key do not belong together, or are of a kind that is not spoken.
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// The certificate that is shown, with where it is kept.
#[derive(Debug)]
pub struct Certificates {
    chain: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificates {
    /// Reads a chain of certificates and its key, both in PEM.
    pub fn load(chain: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let current = RwLock::new(read(chain, key, &provider)?);
        Ok(Arc::new(Self { chain: chain.to_owned(), key: key.to_owned(), provider, current }))
    }

    /// Reads the files again and answers whether they hold another certificate. If they cannot be
    /// used, what was shown before is shown on.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let read = read(&self.chain, &self.key, &self.provider)?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = current.cert != read.cert;
        *current = read;
        Ok(is_new)
    }

    /// Reads the files again every now and then, until the centre stops.
    pub(super) async fn watch(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(WATCH) => {}
                () = super::stopped(&mut stop) => return,
            }
            let certificates = Arc::clone(&self);
            match tokio::task::spawn_blocking(move || certificates.reload()).await {
                Ok(Ok(true)) => tracing::info!("the certificate was renewed"),
                Ok(Err(error)) => tracing::error!(%error, "the certificate was not renewed"),
                Ok(Ok(false)) | Err(_) => {}
            }
        }
    }

    /// What takes the connections of a listener that speaks a protocol by its ALPN name, or none.
    pub(super) fn acceptor(
        self: &Arc<Self>,
        protocol: &[u8],
        exchange: KeyExchange,
    ) -> Result<Acceptor, TlsError> {
        let hybrid = self.server(protocol, Arc::new(hybrid()), &[&TLS13])?;
        let any = match exchange {
            KeyExchange::HybridPreferred => {
                Some(self.server(protocol, Arc::clone(&self.provider), DEFAULT_VERSIONS)?)
            }
            KeyExchange::HybridOnly => None,
        };
        Ok(Acceptor { hybrid, any })
    }

    fn server(
        self: &Arc<Self>,
        protocol: &[u8],
        provider: Arc<CryptoProvider>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<Arc<ServerConfig>, TlsError> {
        let verifier = AnySender { algorithms: self.provider.signature_verification_algorithms };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_cert_resolver(Arc::new(Shown(Arc::clone(self))));
        if protocol.is_empty() {
            // Senders of syslog never read, and look for the end of a connection by whether there
            // is anything to read: tickets would hide it from them.
            config.send_tls13_tickets = 0;
        } else {
            config.alpn_protocols = vec![protocol.to_vec()];
        }
        Ok(Arc::new(config))
    }
}

/// Takes connections of a listener.
#[derive(Clone)]
pub(super) struct Acceptor {
    /// For whoever offers a hybrid group.
    hybrid: Arc<ServerConfig>,
    /// For others, if they are taken.
    any: Option<Arc<ServerConfig>>,
}

impl Acceptor {
    /// Ends the handshake. A client that offers a hybrid group gets it, also where it would rather have
    /// another: left to themselves, servers take the group whose share came with the greeting.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let greeting = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
        let config = match &self.any {
            Some(any) if !offers_hybrid(&greeting.client_hello()) => any,
            _ => &self.hybrid,
        };
        greeting.into_stream(Arc::clone(config)).await
    }
}

/// Whether a client offers a hybrid group, and the version of TLS that has them.
fn offers_hybrid(hello: &ClientHello<'_>) -> bool {
    let is_hybrid = |name: &NamedGroup| HYBRID.iter().any(|group| group.name() == *name);
    let is_of_tls13 = |suite: &CipherSuite| {
        use CipherSuite as Suite;
        matches!(
            suite,
            Suite::TLS13_AES_128_GCM_SHA256
                | Suite::TLS13_AES_256_GCM_SHA384
                | Suite::TLS13_CHACHA20_POLY1305_SHA256
        )
    };
    hello.named_groups().is_some_and(|groups| groups.iter().any(is_hybrid))
        && hello.cipher_suites().iter().any(is_of_tls13)
}

/// The hybrid groups, the preferred one first.
static HYBRID: [&dyn SupportedKxGroup; 2] = [kx_group::X25519MLKEM768, kx_group::SECP256R1MLKEM768];

/// The cryptography that is linked, with hybrid groups alone.
fn hybrid() -> CryptoProvider {
    CryptoProvider { kx_groups: HYBRID.to_vec(), ..aws_lc_rs::default_provider() }
}

fn read(
    chain: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, TlsError> {
    let open = |path: &Path| {
        std::fs::read(path).map_err(|source| TlsError::Read { path: path.to_owned(), source })
    };
    let lacks = |path: &Path, what| TlsError::Pem { path: path.to_owned(), what };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&open(chain)?).collect();
    let certificates = certificates.map_err(|_| lacks(chain, "certificate"))?;
    if certificates.is_empty() {
        return Err(lacks(chain, "certificate"));
    }
    let secret =
        PrivateKeyDer::from_pem_slice(&open(key)?).map_err(|_| lacks(key, "private key"))?;
    Ok(Arc::new(CertifiedKey::from_der(certificates, secret, provider)?))
}

/// Shows the certificate that holds now.
struct Shown(Arc<Certificates>);

impl fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shown")
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.0.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current))
    }
}

/// Takes any certificate whose key the sender holds.
#[derive(Debug)]
struct AnySender {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for AnySender {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// What a sender is known by that showed a certificate.
pub(super) fn fingerprint(certificates: Option<&[CertificateDer<'_>]>) -> Option<Fingerprint> {
    let own = certificates?.first()?;
    Some(Fingerprint(Sha256::digest(own.as_ref()).into()))
}
