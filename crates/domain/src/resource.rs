//! Internet resources of agencies: domains, address ranges, certificates, pages and services.
//!
//! They are the agency's own; nothing of anybody else is registered, and only what is registered is
//! probed.

use jiff::civil::Date;

use crate::code::{AgencyCode, SystemCode};
use crate::host::HostName;
use crate::ids::ResourceId;
use crate::limits::ADDRESS_BYTES;
use crate::network::Network;
use crate::text::{self, TextError};

closed! {
    /// What a resource is.
    ResourceKind {
        /// A domain: `sokhcn.minhhoa.example`.
        Domain = "domain",
        /// A range of addresses: `192.0.2.0/24`.
        AddressRange = "address-range",
        /// A certificate, by the name that it is for.
        Certificate = "certificate",
        /// An official page: `https://minhhoa.example/tin`.
        Page = "page",
        /// A service: `dichvucong.minhhoa.example:443`.
        Service = "service",
    }
}

/// A resource of an agency on the Internet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Whose it is.
    pub agency: AgencyCode,
    /// The system that it is for; a service is always one's.
    pub system: Option<SystemCode>,
    /// What it is.
    pub kind: ResourceKind,
    /// Its name or address.
    pub value: String,
    /// The last day for which it is paid, or valid.
    pub until: Option<Date>,
}

/// A resource as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptResource {
    /// Its number.
    pub id: ResourceId,
    /// The resource.
    pub resource: Resource,
}

/// Why a resource is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResourceError {
    /// The value is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The value is of another kind.
    #[error("«{value}» is no {}: write {}", .kind.words().0, .kind.words().1)]
    Value {
        /// What it was to be.
        kind: ResourceKind,
        /// What was given.
        value: String,
    },
    /// A service without a system.
    #[error("a service names its system")]
    NoSystem,
}

impl ResourceKind {
    /// What it is called, and an example.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Domain => ("domain", "dichvucong.minhhoa.example"),
            Self::AddressRange => ("range of addresses", "192.0.2.0/24"),
            Self::Certificate => ("name of a certificate", "*.minhhoa.example"),
            Self::Page => ("address of a page", "https://minhhoa.example/tin"),
            Self::Service => ("service", "dichvucong.minhhoa.example:443"),
        }
    }
}

/// Whether a text is a name of at least two labels, as domains are.
pub(crate) fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

/// Host and port of a service.
fn is_service(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_host = match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.parse::<std::net::Ipv4Addr>().is_ok() || is_domain(host),
    };
    is_host && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// The host of the address of a page.
pub(crate) fn host_of_page(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.split(':').next()
}

fn is_page(text: &str) -> bool {
    host_of_page(text).is_some_and(is_domain) && !text.contains(char::is_whitespace)
}

impl Resource {
    /// The resource with its value in order: names in lower case.
    pub fn checked(mut self) -> Result<Self, ResourceError> {
        let value = text::line("the value", &self.value, ADDRESS_BYTES)?;
        let wrong = || ResourceError::Value { kind: self.kind, value: value.clone() };
        let host = |text: &str| HostName::new(text).map(|name| name.as_str().to_owned());
        self.value = match self.kind {
            ResourceKind::Domain => {
                host(&value).filter(|name| is_domain(name)).ok_or_else(wrong)?
            }
            ResourceKind::Certificate => host(&value)
                .filter(|name| is_domain(name.strip_prefix("*.").unwrap_or(name)))
                .ok_or_else(wrong)?,
            ResourceKind::AddressRange => {
                value.parse::<Network>().map_err(|_| wrong())?.to_string()
            }
            ResourceKind::Page if is_page(&value) => value,
            ResourceKind::Service => {
                host(&value).filter(|name| is_service(name)).ok_or_else(wrong)?
            }
            ResourceKind::Page => return Err(wrong()),
        };
        if self.kind == ResourceKind::Service && self.system.is_none() {
            return Err(ResourceError::NoSystem);
        }
        Ok(self)
    }

    /// Whether its time is over on a day.
    pub fn has_expired(&self, day: Date) -> bool {
        self.until.is_some_and(|until| until < day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(kind: ResourceKind, value: &str) -> Option<String> {
        let resource = Resource {
            agency: AgencyCode::new("vpubnd").unwrap(),
            system: Some(SystemCode::new("mh-dvc").unwrap()),
            kind,
            value: value.into(),
            until: None,
        };
        resource.checked().ok().map(|resource| resource.value)
    }

    #[test]
    fn a_value_is_of_its_kind() {
        use ResourceKind as K;
        let good = [
            (K::Domain, "DichVuCong.MinhHoa.Example.", "dichvucong.minhhoa.example"),
            (K::Certificate, "*.minhhoa.example", "*.minhhoa.example"),
            (K::AddressRange, "192.0.2.0/24", "192.0.2.0/24"),
            (K::AddressRange, "2001:db8::/32", "2001:db8::/32"),
            (K::Page, "https://minhhoa.example/Tin?x=1", "https://minhhoa.example/Tin?x=1"),
            (K::Service, "Web.minhhoa.example:443", "web.minhhoa.example:443"),
            (K::Service, "[2001:db8::1]:8443", "[2001:db8::1]:8443"),
        ];
        for (kind, value, kept) in good {
            assert_eq!(checked(kind, value).as_deref(), Some(kept), "{value}");
        }
        for (kind, value) in [
            (K::Domain, "minhhoa"),
            (K::Domain, "a..b"),
            (K::Domain, "-a.example"),
            (K::Certificate, "a.*.example"),
            (K::AddressRange, "192.0.2.1/24"),
            (K::AddressRange, "mọi nơi"),
            (K::Page, "ftp://minhhoa.example"),
            (K::Page, "javascript:alert(1)"),
            (K::Service, "web.minhhoa.example"),
            (K::Service, "web.minhhoa.example:0"),
            (K::Service, "web.minhhoa.example:99999"),
        ] {
            assert_eq!(checked(kind, value), None, "{value}");
        }
    }

    #[test]
    fn a_service_is_a_systems_and_time_runs_out() {
        let resource = Resource {
            agency: AgencyCode::new("vpubnd").unwrap(),
            system: None,
            kind: ResourceKind::Service,
            value: "web.minhhoa.example:443".into(),
            until: Some("2026-10-15".parse().unwrap()),
        };
        assert!(!resource.has_expired("2026-10-15".parse().unwrap()));
        assert!(resource.has_expired("2026-10-16".parse().unwrap()));
        assert_eq!(resource.checked(), Err(ResourceError::NoSystem));
    }
}
