//! Hosts of agencies that certificates name and nobody registered.
//!
//! Certificate logs are public: whoever puts a host on the Internet with a certificate of a public
//! authority is in them. In come names of certificates and the domains that agencies registered; out goes
//! whose host a name is ([`Domains::owner`]). A host stays discovered until it is registered, or until
//! somebody says that it is not the agency's or is switched off; a newer certificate asks again.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::code::AgencyCode;
use crate::host::HostName;
use crate::resource::{self, Resource, ResourceKind};

/// The longest text that is read as a name, in bytes; Unicode takes more room than what it stands for.
const NAME_BYTES: usize = 1_000;

closed! {
    /// How a discovered host stands.
    Standing {
        /// Nobody has said anything of it.
        Open = "open",
        /// It is in the register now.
        Registered = "registered",
        /// The agency says that it is not its own.
        NotOurs = "not-ours",
        /// The agency says that it is switched off.
        Off = "off",
    }
}

/// A host that a certificate names and nobody had registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveredHost {
    /// Its name, in ASCII.
    pub name: HostName,
    /// Whose domain it is below.
    pub agency: AgencyCode,
    /// When it was found.
    pub found_at: Timestamp,
    /// The newest certificate for it.
    pub certificate: Certificate,
    /// How it stands.
    pub standing: Standing,
    /// When somebody said so.
    pub settled_at: Option<Timestamp>,
    /// Who.
    pub settled_by: Option<String>,
    /// What they said.
    pub note: Option<String>,
}

/// What is known of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// From when on it holds.
    pub issued_at: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// Who issued it, as the log says.
    pub issuer: String,
}

impl Certificate {
    /// Whether this one was issued after another.
    pub fn is_newer(&self, other: &Self) -> bool {
        self.issued_at > other.issued_at
    }
}

impl DiscoveredHost {
    /// Whether a log that names it, while it is not in the register, opens it again: it was registered and
    /// is so no more, or a certificate was issued after it was said to be switched off or another's.
    pub fn reopens(&self, certificate: &Certificate) -> bool {
        match self.standing {
            Standing::Open => false,
            Standing::Registered => true,
            Standing::NotOurs | Standing::Off => certificate
                .issued_at
                .is_some_and(|issued| self.settled_at.is_none_or(|at| at < issued)),
        }
    }
}

/// The name of a host as logs compare it: in ASCII and small letters, without a final dot; a wildcard is
/// the domain that it stands below. `None` for what is no name of at least two labels.
pub fn host_name(text: &str) -> Option<HostName> {
    let text = text.trim();
    if text.len() > NAME_BYTES {
        return None;
    }
    let text = text.strip_suffix('.').unwrap_or(text);
    let text = text.strip_prefix("*.").unwrap_or(text);
    let ascii = idna::domain_to_ascii(text).ok()?;
    if !resource::is_domain(&ascii) || ascii.parse::<std::net::Ipv4Addr>().is_ok() {
        return None;
    }
    HostName::new(&ascii)
}

impl Resource {
    /// The host that it names, in the form of [`host_name`]; a range of addresses names none.
    pub fn host(&self) -> Option<HostName> {
        let value = self.value.as_str();
        match self.kind {
            ResourceKind::Domain | ResourceKind::Certificate => host_name(value),
            ResourceKind::Service => host_name(value.rsplit_once(':')?.0),
            ResourceKind::Page => host_name(resource::host_of_page(value)?),
            ResourceKind::AddressRange => None,
        }
    }
}

/// The domains that agencies registered.
#[derive(Clone, Debug, Default)]
pub struct Domains(BTreeMap<HostName, AgencyCode>);

impl Domains {
    /// Those among some resources.
    pub fn of<'r>(resources: impl IntoIterator<Item = &'r Resource>) -> Self {
        let domains = resources.into_iter().filter(|one| one.kind == ResourceKind::Domain);
        Self(domains.filter_map(|one| Some((one.host()?, one.agency.clone()))).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose host a name is: of the longest domain that it is or that it is below.
    pub fn owner(&self, name: &HostName) -> Option<&AgencyCode> {
        let mut rest = name.as_str();
        loop {
            // What follows a dot of a name is a name.
            if let Some(agency) = HostName::new(rest).and_then(|domain| self.0.get(&domain)) {
                return Some(agency);
            }
            rest = rest.split_once('.')?.1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        host_name(text).map(|name| name.as_str().to_owned())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn domains(all: &[(&str, &str)]) -> Domains {
        let resource = |(value, agency): &(&str, &str)| Resource {
            agency: AgencyCode::new(agency).unwrap(),
            system: None,
            kind: ResourceKind::Domain,
            value: (*value).to_owned(),
            until: None,
        };
        let all: Vec<Resource> = all.iter().map(resource).collect();
        Domains::of(&all)
    }

    #[test]
    fn names_come_into_one_form() {
        for (text, name) in [
            ("Lich-Tiep.MinhHoa.example.", "lich-tiep.minhhoa.example"),
            ("*.minhhoa.example", "minhhoa.example"),
            ("đặtlịch.minhhoa.example", "xn--tlch-zua4566bcea.minhhoa.example"),
            ("XN--TLCH-ZUA4566BCEA.minhhoa.example", "xn--tlch-zua4566bcea.minhhoa.example"),
            ("_dmarc.minhhoa.example", "_dmarc.minhhoa.example"),
        ] {
            assert_eq!(read(text).as_deref(), Some(name), "{text}");
        }
        for bad in [
            "",
            "minhhoa",
            "a b.example",
            "*.*.example",
            "a.*.example",
            "an@minhhoa.example",
            "192.0.2.1",
            "a..example",
            "-a.example",
            &format!("{}.example", "a".repeat(64)),
            &"a.".repeat(600),
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_host_is_of_the_longest_domain_at_the_boundary_of_a_label() {
        let domains = domains(&[("minhhoa.example", "vpubnd"), ("saban.minhhoa.example", "saban")]);
        let owner = |name| domains.owner(&host_name(name).unwrap()).map(AgencyCode::as_str);
        assert_eq!(owner("lichtiep.saban.minhhoa.example"), Some("saban"));
        assert_eq!(owner("saban.minhhoa.example"), Some("saban"));
        assert_eq!(owner("xsaban.minhhoa.example"), Some("vpubnd"));
        assert_eq!(owner("xminhhoa.example"), None);
        assert_eq!(owner("minhhoa.example.test"), None);
        assert!(Domains::default().is_empty() && !domains.is_empty());
    }

    #[test]
    fn resources_name_their_host() {
        let host = |kind, value: &str| {
            let agency = AgencyCode::new("saban").unwrap();
            let resource =
                Resource { agency, system: None, kind, value: value.into(), until: None };
            resource.host().map(|name| name.as_str().to_owned())
        };
        let saban = Some("saban.example".to_owned());
        assert_eq!(host(ResourceKind::Domain, "saban.example"), saban);
        assert_eq!(host(ResourceKind::Certificate, "*.saban.example"), saban);
        assert_eq!(host(ResourceKind::Service, "saban.example:443"), saban);
        assert_eq!(host(ResourceKind::Page, "https://saban.example:8443/tin?x"), saban);
        assert_eq!(host(ResourceKind::Service, "192.0.2.1:443"), None);
        assert_eq!(host(ResourceKind::AddressRange, "192.0.2.0/24"), None);
    }

    #[test]
    fn a_newer_certificate_asks_again_about_what_was_settled() {
        let mut host = DiscoveredHost {
            name: host_name("lichtiep.saban.example").unwrap(),
            agency: AgencyCode::new("saban").unwrap(),
            found_at: at("2026-10-01T00:00:00Z"),
            certificate: Certificate::default(),
            standing: Standing::Open,
            settled_at: Some(at("2026-10-15T00:00:00Z")),
            settled_by: None,
            note: None,
        };
        let issued = |text| Certificate { issued_at: Some(at(text)), ..Certificate::default() };
        let (before, after) = (issued("2026-10-14T00:00:00Z"), issued("2026-10-16T00:00:00Z"));
        let mut reopens = |standing, certificate: &Certificate| {
            host.standing = standing;
            host.reopens(certificate)
        };
        for standing in [Standing::Off, Standing::NotOurs] {
            assert!(!reopens(standing, &before) && reopens(standing, &after));
            assert!(
                !reopens(standing, &Certificate::default()),
                "one without a day says nothing new"
            );
        }
        assert!(reopens(Standing::Registered, &before), "it is registered no more");
        assert!(!reopens(Standing::Open, &after));
        assert!(after.is_newer(&before) && !before.is_newer(&after));
    }

    proptest! {
        /// Whatever stands in a file: no panic, and what is taken is a name in its final form.
        #[test]
        fn any_text_is_a_name_in_one_form_or_none(text in "\\PC{0,40}|[*.a-zA-ZđẾ0-9_-]{0,60}") {
            if let Some(name) = read(&text) {
                prop_assert!(name.is_ascii() && name.contains('.') && !name.contains('*'));
                prop_assert_eq!(&name.to_lowercase(), &name);
                prop_assert_eq!(read(&name), Some(name.clone()), "its own form");
                prop_assert_eq!(read(&format!("{name}.")), Some(name.clone()));
                prop_assert_eq!(read(&format!("*.{name}")), Some(name.clone()));
                prop_assert_eq!(read(&name.to_uppercase()), Some(name));
            }
        }

        /// The owner is what comparing labels one by one says.
        #[test]
        fn owners_are_found_as_by_comparing_labels(
            labels in prop::collection::vec("[ab]{1,2}", 2..6),
            others in prop::collection::vec(prop::collection::vec("[ab]{1,2}", 2..4), 0..6),
        ) {
            let known: Vec<(String, String)> = others
                .iter()
                .enumerate()
                .map(|(number, labels)| (labels.join("."), format!("co-quan{number}")))
                .collect();
            let pairs: Vec<(&str, &str)> =
                known.iter().map(|(domain, agency)| (domain.as_str(), agency.as_str())).collect();
            let name = host_name(&labels.join(".")).unwrap();
            let below = others.iter().filter(|domain| labels.ends_with(domain));
            let longest = below.map(Vec::len).max();
            let found = domains(&pairs).owner(&name).map(AgencyCode::to_string);
            prop_assert_eq!(found.is_some(), longest.is_some());
            if let Some(found) = found {
                let domain = &others[found.trim_start_matches("co-quan").parse::<usize>().unwrap()];
                prop_assert_eq!(Some(domain.len()), longest);
                prop_assert!(labels.ends_with(domain));
            }
        }
    }
}
