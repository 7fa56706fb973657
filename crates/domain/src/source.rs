//! Sources: what sends events, in the name of a registered system.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::code::{AgencyCode, SystemCode};
use crate::ids::SourceId;
use crate::limits::{NAME_BYTES, SOURCE_FORMATS, SOURCE_NETWORKS};
use crate::network::Network;
use crate::rate::Rate;
use crate::text::{self, TextError};

/// By which way a source sends. A closed list: the centre takes in what agencies' own systems log,
/// and has no way in for anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// Over HTTP, by one of its protocols.
    Http,
    /// Syslog over UDP, TCP or TLS.
    Syslog,
    /// Files that somebody hands in.
    File,
}

impl SourceKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Http, Self::Syslog, Self::File];

    /// The name that commands and records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Syslog => "syslog",
            Self::File => "file",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Whether a source is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceStatus {
    /// It is.
    Active,
    /// Somebody switched it off; what it sends is refused.
    Disabled,
}

impl SourceStatus {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Active, Self::Disabled];

    /// The name that commands and records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// The status of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// SHA-256 of a client certificate in DER: what TLS clients are known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// The fingerprint of 64 hexadecimal digits, colons between bytes allowed.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
        let mut bytes = [0; 32];
        if digits.len() != 64 {
            return None;
        }
        for (pair, byte) in digits.chunks(2).zip(&mut bytes) {
            let value = |digit: u8| char::from(digit).to_digit(16);
            *byte = u8::try_from(value(pair[0])? << 4 | value(pair[1])?).ok()?;
        }
        Some(Self(bytes))
    }

    /// 64 hexadecimal digits in lower case.
    pub fn to_hex(self) -> String {
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
    }
}

/// What a person settles about a source. Its tokens stand apart, see [`crate::token`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSettings {
    /// What it is called.
    pub name: String,
    /// Formats that it may send, by the names of the readers; any if empty.
    pub formats: BTreeSet<String>,
    /// How much it may send.
    pub rate: Rate,
    /// After how many seconds without an event it counts as silent; `None` if nobody watches.
    pub heartbeat_seconds: Option<u32>,
    /// From where it may send datagrams, which bear no token. Others are refused over UDP.
    pub networks: BTreeSet<Network>,
    /// The client certificate that stands for it over TLS.
    pub certificate: Option<Fingerprint>,
}

/// A source to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSource {
    /// The system whose events it sends.
    pub system: SystemCode,
    /// By which way.
    pub kind: SourceKind,
    /// The rest.
    pub settings: SourceSettings,
    /// When it is registered.
    pub created_at: Timestamp,
}

/// A registered source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its number.
    pub id: SourceId,
    /// The system whose events it sends.
    pub system: SystemCode,
    /// Whose system that is.
    pub agency: AgencyCode,
    /// By which way.
    pub kind: SourceKind,
    /// What a person settles about it.
    pub settings: SourceSettings,
    /// Whether it is listened to.
    pub status: SourceStatus,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// Why a source's settings are not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Too many formats, or a name with a blank.
    #[error("a source has at most {SOURCE_FORMATS} formats, named without blanks")]
    Formats,
    /// Too many networks.
    #[error("a source has at most {SOURCE_NETWORKS} addresses and networks")]
    Networks,
    /// Addresses for a source that does not send datagrams.
    #[error(
        "addresses and networks are for syslog over UDP; other ways use a token or certificate"
    )]
    NetworksOfKind,
    /// A network so wide that half the world could send in the source's name.
    #[error("{0} is too wide: at least /8 for IPv4 and /32 for IPv6")]
    Wide(Network),
    /// A rate of nothing.
    #[error("the rate must let at least one event and 1024 bytes a second through")]
    Rate,
    /// A heartbeat so short that every pause would alert.
    #[error("the heartbeat must be at least {MIN_HEARTBEAT_SECONDS} seconds")]
    Heartbeat,
}

/// The shortest heartbeat.
pub const MIN_HEARTBEAT_SECONDS: u32 = 30;

impl SourceSettings {
    /// The settings with their texts in order, fit for a source of a kind.
    pub fn checked(mut self, kind: SourceKind) -> Result<Self, SourceError> {
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        let blank = |format: &String| format.contains(char::is_whitespace);
        if self.formats.len() > SOURCE_FORMATS || self.formats.iter().any(blank) {
            return Err(SourceError::Formats);
        }
        for format in &self.formats {
            text::line("a format", format, NAME_BYTES)?;
        }
        if self.networks.len() > SOURCE_NETWORKS {
            return Err(SourceError::Networks);
        }
        if kind != SourceKind::Syslog && !self.networks.is_empty() {
            return Err(SourceError::NetworksOfKind);
        }
        let narrowest = |network: &Network| if network.is_ipv4() { 8 } else { 32 };
        if let Some(wide) = self.networks.iter().find(|net| net.prefix() < narrowest(net)) {
            return Err(SourceError::Wide(*wide));
        }
        if self.rate.events_per_second == 0 || self.rate.bytes_per_second < 1024 {
            return Err(SourceError::Rate);
        }
        if self.heartbeat_seconds.is_some_and(|seconds| seconds < MIN_HEARTBEAT_SECONDS) {
            return Err(SourceError::Heartbeat);
        }
        Ok(self)
    }
}

impl Source {
    /// How exactly the source registers an address for datagrams: bits of its longest network that
    /// contains it. Of several sources, the most exact one sends.
    pub fn registers(&self, address: IpAddr) -> Option<u8> {
        let networks = self.settings.networks.iter();
        networks.filter(|network| network.contains(address)).map(Network::prefix).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> SourceSettings {
        SourceSettings {
            name: "rsyslog".into(),
            formats: BTreeSet::new(),
            rate: Rate { events_per_second: 1000, bytes_per_second: 1 << 20 },
            heartbeat_seconds: Some(300),
            networks: BTreeSet::new(),
            certificate: None,
        }
    }

    fn networks(texts: &[&str]) -> BTreeSet<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn settings_are_checked_against_limits_and_kind() {
        let syslog = |settings: SourceSettings| settings.checked(SourceKind::Syslog);
        assert!(syslog(settings()).is_ok());
        let wide = networks(&["0.0.0.0/0"]);
        assert!(matches!(
            syslog(SourceSettings { networks: wide, ..settings() }),
            Err(SourceError::Wide(_))
        ));
        let one = networks(&["192.0.2.7"]);
        assert_eq!(
            SourceSettings { networks: one, ..settings() }.checked(SourceKind::Http),
            Err(SourceError::NetworksOfKind)
        );
        let zero = Rate { events_per_second: 0, bytes_per_second: 1 << 20 };
        assert_eq!(syslog(SourceSettings { rate: zero, ..settings() }), Err(SourceError::Rate));
        assert_eq!(
            syslog(SourceSettings { heartbeat_seconds: Some(1), ..settings() }),
            Err(SourceError::Heartbeat)
        );
        let many = (0..=SOURCE_FORMATS).map(|number| format!("f{number}")).collect();
        assert_eq!(
            syslog(SourceSettings { formats: many, ..settings() }),
            Err(SourceError::Formats)
        );
        let blank = BTreeSet::from(["json lines".to_owned()]);
        assert_eq!(
            syslog(SourceSettings { formats: blank, ..settings() }),
            Err(SourceError::Formats)
        );
    }

    #[test]
    fn the_longest_network_tells_how_exactly_an_address_is_registered() {
        let source = Source {
            id: SourceId(1),
            system: SystemCode::new("cong-dvc").unwrap(),
            agency: AgencyCode::new("sokhcn").unwrap(),
            kind: SourceKind::Syslog,
            settings: SourceSettings {
                networks: networks(&["192.0.2.0/24", "192.0.2.7"]),
                ..settings()
            },
            status: SourceStatus::Active,
            created_at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(source.registers("192.0.2.7".parse().unwrap()), Some(32));
        assert_eq!(source.registers("192.0.2.8".parse().unwrap()), Some(24));
        assert_eq!(source.registers("198.51.100.1".parse().unwrap()), None);
    }

    #[test]
    fn fingerprints_are_read_with_and_without_colons() {
        let hex = "00ff".repeat(16);
        let print = Fingerprint::parse(&hex).unwrap();
        assert_eq!(print.to_hex(), hex);
        let colons = vec!["00:FF"; 16].join(":");
        assert_eq!(Fingerprint::parse(&colons), Some(print));
        for bad in ["", "zz", &hex[..62], &format!("{}g", &hex[..63])] {
            assert_eq!(Fingerprint::parse(bad), None);
        }
    }

    #[test]
    fn only_three_ways_in_exist() {
        assert_eq!(SourceKind::ALL.map(SourceKind::name), ["http", "syslog", "file"]);
        assert_eq!(SourceKind::parse("social"), None);
    }
}
