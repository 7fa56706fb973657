//! Hosts: which belong to a system, and which appear in its events.

use jiff::Timestamp;

use crate::code::{AgencyCode, SystemCode};
use crate::ids::SourceId;
use crate::limits::HOST_BYTES;

/// The name of a host as it stands in events, in lower case without a final dot: the form in which
/// two names are compared. A short name and the full one are two names; both may be registered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

impl HostName {
    /// The name, unless it is empty, too long or has blanks or control characters.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('.');
        let refused = |c: char| c.is_control() || c.is_whitespace();
        if text.is_empty() || text.len() > HOST_BYTES || text.contains(refused) {
            return None;
        }
        let lower = text.to_lowercase();
        (lower.len() <= HOST_BYTES).then_some(Self(lower))
    }

    /// The name as somebody types it: letters without marks, digits, hyphens, underscores, full stops, or an
    /// address. Names in other letters are typed as DNS has them (`xn--…`).
    pub fn typed(text: &str) -> Option<Self> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
        Self::new(text).filter(|name| name.0.chars().all(fits))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host that appeared in the events of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSeen {
    /// The system of the source.
    pub system: SystemCode,
    /// The host.
    pub name: HostName,
    /// The source.
    pub source: SourceId,
    /// When, by the arrival of the event.
    pub at: Timestamp,
}

/// A host of a system, registered, seen or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The system.
    pub system: SystemCode,
    /// The agency of the system.
    pub agency: AgencyCode,
    /// The host.
    pub name: HostName,
    /// When somebody registered it; `None` if nobody did.
    pub registered_at: Option<Timestamp>,
    /// When it first appeared.
    pub first_seen_at: Option<Timestamp>,
    /// When it last appeared.
    pub last_seen_at: Option<Timestamp>,
    /// Through which source it last appeared.
    pub last_source: Option<SourceId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_in_lower_case_without_final_dot() {
        let name = |text| HostName::new(text).map(|name| name.as_str().to_owned());
        assert_eq!(name("WEB01.MinhHoa.Example."), Some("web01.minhhoa.example".into()));
        assert_eq!(name("192.0.2.7"), Some("192.0.2.7".into()));
        assert_eq!(
            HostName::typed(" xn--my-ch-r8a.example "),
            HostName::new("xn--my-ch-r8a.example")
        );
        assert_eq!(HostName::typed("2001:db8::7"), HostName::new("2001:db8::7"));
        for bad in ["máy", "web01,web02", "web01;", "máy chủ một"] {
            assert_eq!(HostName::typed(bad), None, "{bad}");
        }
        for bad in ["", " . ", "a b", "a\u{0}b", &"a".repeat(HOST_BYTES + 1)] {
            assert_eq!(name(bad), None, "{bad}");
        }
    }
}
