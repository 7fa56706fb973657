//! The probe of TLS and SSH: a connection to a registered endpoint, to see how it agrees on keys.
//!
//! It asks nobody who is not in the register: the endpoint must be registered, and every address that
//! its name has must lie in a registered range. A range that is wider than any agency has lets nothing
//! in, and an address that is special on its own (loopback, link-local and with it the metadata
//! service of clouds, multicast) counts only if exactly that address is registered. The connection
//! goes to an address that was looked at, so that a name cannot change between looking and asking.
//! Nothing is sent but the handshake, of SSH but its greeting (`ssh`); whether anybody trusts the certificate is
//! not the question here.

mod ssh;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use khien_domain::network::Network;
use khien_domain::resource::ResourceKind;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use x509_parser::public_key::PublicKey;

pub(crate) use ssh::Ssh;

/// How long a name is looked up, a connection made, a handshake done.
const PATIENCE: Duration = Duration::from_secs(5);
/// The widest registered range whose addresses are asked, in bits of the prefix.
const WIDEST: (u8, u8) = (16, 32);
/// Where SSH is spoken, unless an endpoint shows elsewhere that it does.
const SSH_PORT: u16 = 22;
/// The longest that is kept of a name in a certificate.
const NAME_BYTES: usize = 150;

/// Where an endpoint is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Place {
    /// The place of a registered service or page; nothing if it does not speak TLS by its address.
    pub(crate) fn of(kind: ResourceKind, value: &str) -> Option<Self> {
        let (authority, default) = match kind {
            ResourceKind::Service => (value, None),
            ResourceKind::Page => {
                let rest = value.strip_prefix("https://")?;
                (rest.split(['/', '?', '#']).next()?, Some(443))
            }
            _ => return None,
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (authority, default?),
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Some(Self { host: bare.unwrap_or(host).to_lowercase(), port })
    }
}

/// Whether an address is special on its own: this machine, its link, and what is nobody's.
pub(crate) fn is_special(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.octets()[0] == 0
        }
        IpAddr::V6(v6) => {
            let first = v6.segments()[0];
            let is_metadata = v6.segments()[..2] == [0xfd00, 0x0ec2];
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || first & 0xffc0 == 0xfe80
                || is_metadata
        }
    }
}

/// Whether the register lets an address be asked.
pub(crate) fn is_registered(address: IpAddr, ranges: &[Network]) -> bool {
    ranges.iter().filter(|range| range.contains(address)).any(|range| {
        let (widest, single) = if range.is_ipv4() { (WIDEST.0, 32) } else { (WIDEST.1, 128) };
        if is_special(address) { range.prefix() == single } else { range.prefix() >= widest }
    })
}

/// The address to ask, if all that the name has are registered; otherwise why not.
pub(crate) fn permitted(
    place: &Place,
    addresses: &[IpAddr],
    ranges: &[Network],
) -> Result<SocketAddr, String> {
    if let Some(outside) = addresses.iter().find(|address| !is_registered(**address, ranges)) {
        let why = if is_special(*outside) {
            "an address of this machine or its network is asked only if exactly it is registered"
        } else {
            "it lies in no registered range of addresses"
        };
        return Err(format!("{} is at {outside}: {why}", place.host));
    }
    let first = addresses.first().ok_or_else(|| format!("{} has no address", place.host))?;
    Ok(SocketAddr::new(*first, place.port))
}

/// The addresses of a host.
pub(crate) async fn resolve(place: &Place) -> Result<Vec<IpAddr>, String> {
    if let Ok(address) = place.host.parse() {
        return Ok(vec![address]);
    }
    let found = tokio::net::lookup_host((place.host.as_str(), place.port));
    match timeout(PATIENCE, found).await {
        Err(_) => Err(format!("the name {} is not answered", place.host)),
        Ok(Err(error)) => Err(format!("the name {} is not found: {error}", place.host)),
        Ok(Ok(found)) => Ok(found.map(|address| address.ip()).collect()),
    }
}

/// What was seen of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It speaks TLS.
    Tls(Tls),
    /// It speaks SSH.
    Ssh(Ssh),
}

/// What was seen of an endpoint that speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    /// The version: `TLSv1.3`.
    pub(crate) version: String,
    /// The cipher suite.
    pub(crate) cipher: String,
    /// The group in which keys were agreed on.
    pub(crate) group: String,
    /// Whether that group is a classical one and one that resists quantum computers together.
    pub(crate) hybrid: bool,
    /// Its certificate, if it could be read.
    pub(crate) certificate: Option<Certificate>,
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// Whom it names.
    pub(crate) subject: String,
    /// Who signed it.
    pub(crate) issuer: String,
    /// The kind of its key and the size in bits.
    pub(crate) key: String,
    /// By which algorithm it is signed.
    pub(crate) signature: String,
    /// The first day on which it holds.
    pub(crate) from: Date,
    /// The last.
    pub(crate) until: Date,
}

/// Whether a group joins a classical and a post-quantum key exchange.
pub(crate) fn is_hybrid(group: &str) -> bool {
    let group = group.to_ascii_uppercase();
    group.contains("MLKEM") && !group.starts_with("MLKEM")
}

/// Asks an endpoint at an address: for SSH at its port, else for TLS, and for SSH if it turns out to speak that.
pub(crate) async fn look(place: &Place, address: SocketAddr) -> Result<Seen, String> {
    if place.port == SSH_PORT {
        return Ok(Seen::Ssh(greeting(address).await?));
    }
    let name = ServerName::try_from(place.host.clone());
    let name = name.map_err(|_| format!("{} is no name for TLS", place.host))?;
    let connector = TlsConnector::from(Arc::new(config()?));
    let stream = connect(address).await?;
    match timeout(PATIENCE, connector.connect(name, stream)).await {
        Err(_) => Err(format!("{address} does not end the handshake")),
        Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
            // What came was not TLS.
            let greeted = greeting(address).await.map(Seen::Ssh);
            greeted.map_err(|_| format!("{address}: {error}"))
        }
        Ok(Err(error)) => Err(format!("{address}: {error}")),
        Ok(Ok(stream)) => Ok(Seen::Tls(spoken(stream.get_ref().1))),
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream, String> {
    match timeout(PATIENCE, TcpStream::connect(address)).await {
        Err(_) => Err(format!("{address} does not answer")),
        Ok(Err(error)) => Err(format!("{address}: {error}")),
        Ok(Ok(stream)) => Ok(stream),
    }
}

async fn greeting(address: SocketAddr) -> Result<Ssh, String> {
    let mut stream = connect(address).await?;
    match timeout(PATIENCE, ssh::ask(&mut stream)).await {
        Err(_) => Err(format!("{address} does not end the handshake")),
        Ok(Err(error)) => Err(format!("{address}: {error}")),
        Ok(Ok(greeted)) => Ok(greeted),
    }
}

fn spoken(connection: &ClientConnection) -> Tls {
    let version = connection.protocol_version().map(|version| format!("{version:?}"));
    let cipher = connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite()));
    let group = connection.negotiated_key_exchange_group();
    let group = group.map_or_else(String::new, |group| format!("{:?}", group.name()));
    let leaf = connection.peer_certificates().and_then(<[_]>::first);
    Tls {
        version: version.unwrap_or_default().replace('_', "."),
        cipher: cipher.unwrap_or_default(),
        hybrid: is_hybrid(&group),
        group,
        certificate: leaf.and_then(|leaf| certificate(leaf)),
    }
}

fn config() -> Result<ClientConfig, String> {
    let mut provider = aws_lc_rs::default_provider();
    // All that there are: what an endpoint would rather speak is its own choice.
    provider.kx_groups = aws_lc_rs::ALL_KX_GROUPS.to_vec();
    let verifier = Anybody { algorithms: provider.signature_verification_algorithms };
    let config = ClientConfig::builder_with_provider(Arc::<CryptoProvider>::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

/// Takes any certificate whose key the endpoint proves to have: an expired one is what is looked for.
#[derive(Debug)]
struct Anybody {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
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

fn certificate(der: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, read) = x509_parser::parse_x509_certificate(der).ok()?;
    let day = |seconds: i64| {
        let at = Timestamp::from_second(seconds).ok()?;
        Some(Offset::constant(7).to_datetime(at).date())
    };
    let key = match read.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA-{}", key.key_size()),
        Ok(PublicKey::EC(key)) => format!("EC-{}", key.key_size()),
        _ => algorithm(&read.public_key().algorithm.algorithm.to_id_string()),
    };
    let shown = |name: String| {
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        khien_domain::text::cut(&name, NAME_BYTES)
    };
    Some(Certificate {
        subject: shown(read.subject().to_string()),
        issuer: shown(read.issuer().to_string()),
        key,
        signature: algorithm(&read.signature_algorithm.algorithm.to_id_string()),
        from: day(read.validity().not_before.timestamp())?,
        until: day(read.validity().not_after.timestamp())?,
    })
}

/// What algorithms of certificates are called; an unknown one by its number.
fn algorithm(oid: &str) -> String {
    let name = match oid {
        "1.2.840.113549.1.1.5" => "RSA-SHA1",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.1.11" => "RSA-SHA256",
        "1.2.840.113549.1.1.12" => "RSA-SHA384",
        "1.2.840.113549.1.1.13" => "RSA-SHA512",
        "1.2.840.10045.4.3.2" => "ECDSA-SHA256",
        "1.2.840.10045.4.3.3" => "ECDSA-SHA384",
        "1.2.840.10045.4.3.4" => "ECDSA-SHA512",
        "1.3.101.112" => "Ed25519",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        other => other,
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn endpoints_are_where_the_register_says() {
        use ResourceKind as K;
        let place = |kind, value: &str| Place::of(kind, value).map(|one| (one.host, one.port));
        let some = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(
            place(K::Service, "web.minhhoa.example:8443"),
            some("web.minhhoa.example", 8443)
        );
        assert_eq!(place(K::Service, "[2001:db8::1]:443"), some("2001:db8::1", 443));
        assert_eq!(place(K::Page, "https://Web.example/tin?a:b"), some("web.example", 443));
        assert_eq!(place(K::Page, "https://web.example:8443/"), some("web.example", 8443));
        assert_eq!(place(K::Page, "http://web.example/"), None);
        assert_eq!(place(K::Domain, "web.example"), None);
    }

    #[test]
    fn only_addresses_of_registered_ranges_are_asked() {
        let ranges = networks(&["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]);
        for (text, expected) in [
            ("192.0.2.9", true),
            ("::ffff:192.0.2.9", true),
            ("198.51.100.7", true),
            ("2001:db8::5", true),
            ("198.51.100.8", false),
            ("203.0.113.1", false),
            ("2001:db9::5", false),
        ] {
            assert_eq!(is_registered(address(text), &ranges), expected, "{text}");
        }
        let all = networks(&["0.0.0.0/0", "::/0", "127.0.0.0/8", "169.254.0.0/16", "10.0.0.0/8"]);
        for text in [
            "203.0.113.1",
            "2001:db8::1",
            "127.0.0.1",
            "169.254.169.254",
            "10.1.2.3",
            "::1",
            "fe80::1",
            "fd00:ec2::254",
            "0.0.0.0",
            "::ffff:127.0.0.1",
        ] {
            assert!(!is_registered(address(text), &all), "{text}: the range is too wide");
        }
        let own = networks(&["127.0.0.1", "169.254.169.254", "::1"]);
        assert!(is_registered(address("127.0.0.1"), &own));
        assert!(is_registered(address("::1"), &own));
        assert!(!is_registered(address("127.0.0.2"), &own));
    }

    #[test]
    fn a_name_with_one_address_outside_is_not_asked_at_all() {
        let ranges = networks(&["192.0.2.0/24"]);
        let place = Place { host: "web.example".into(), port: 443 };
        let both = [address("192.0.2.9"), address("203.0.113.1")];
        let told = permitted(&place, &both, &ranges).unwrap_err();
        assert!(told.contains("203.0.113.1") && told.contains("no registered range"), "{told}");
        assert_eq!(permitted(&place, &both[..1], &ranges).unwrap().to_string(), "192.0.2.9:443");
        let metadata = [address("169.254.169.254")];
        let told = permitted(&place, &metadata, &networks(&["169.254.0.0/16"])).unwrap_err();
        assert!(told.contains("exactly it is registered"), "{told}");
        assert!(permitted(&place, &[], &ranges).is_err());
    }

    #[test]
    fn hybrid_groups_are_told_from_others() {
        for hybrid in ["X25519MLKEM768", "secp256r1MLKEM768", "SecP384r1MLKEM1024"] {
            assert!(is_hybrid(hybrid), "{hybrid}");
        }
        for plain in ["X25519", "secp256r1", "MLKEM768", ""] {
            assert!(!is_hybrid(plain), "{plain}");
        }
    }
}
