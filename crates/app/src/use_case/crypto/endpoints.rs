//! What is known of each registered endpoint, and what of it is to be changed, by the policy and the calendar.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use khien_domain::algorithm::{AlgorithmPolicy, Standing, Term, Use};
use khien_domain::evidence::Record;
use khien_domain::evidence::content::Content;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::system::{Stage, System};
use khien_store::{EvidenceFilter, ProbeRow};

use super::{Endpoint, endpoints, policy};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;
use crate::use_case::register::across::systems_of;
use crate::use_case::register::evidence::day_of;

/// So many records of probes are looked through for the latest of each endpoint.
const MOST_RECORDS: usize = 50_000;
/// What parts names in a record.
const COMMA: char = ',';

/// What an endpoint speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    /// TLS.
    Tls,
    /// SSH.
    Ssh,
}

impl Speech {
    /// The kind of records that probes of it leave.
    fn kind(self) -> &'static str {
        match self {
            Self::Tls => "tls.probe",
            Self::Ssh => "ssh.probe",
        }
    }
}

/// What the last probe saw of an endpoint, as its record says it.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The record.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What it speaks.
    pub speech: Speech,
    /// The version of that.
    pub version: String,
    /// The cipher suite, if the record says.
    pub cipher: Option<String>,
    /// How keys are agreed on.
    pub group: String,
    /// Whether that is hybrid.
    pub hybrid: bool,
    /// All key exchanges that a server of SSH takes.
    pub exchanges: Vec<String>,
    /// The kinds of host keys of a server of SSH.
    pub host_keys: Vec<String>,
    /// Whom the certificate names.
    pub certificate: Option<String>,
    /// Who signed it.
    pub issuer: Option<String>,
    /// Its key.
    pub key: Option<String>,
    /// How it is signed.
    pub signature: Option<String>,
    /// The first day on which it holds.
    pub valid_from: Option<Date>,
    /// The last.
    pub valid_to: Option<Date>,
}

impl Observed {
    fn of(record: &Record, speech: Speech) -> Self {
        let content = &record.content;
        let text = |name: &str| content.get(name).and_then(Content::as_text).map(str::to_owned);
        let day = |name: &str| text(name).and_then(|day| day.parse().ok());
        let list = |name: &str| {
            let names = text(name).unwrap_or_default();
            names.split(COMMA).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        let group = match speech {
            Speech::Tls => "group",
            Speech::Ssh => "exchange",
        };
        Self {
            seq: record.about.seq,
            at: record.about.at,
            speech,
            version: text("version").unwrap_or_default(),
            cipher: text("cipher"),
            group: text(group).unwrap_or_default(),
            hybrid: content.get("hybrid").and_then(Content::as_bool) == Some(true),
            exchanges: list("exchanges"),
            host_keys: list("host_keys"),
            certificate: text("certificate"),
            issuer: text("issuer"),
            key: text("key"),
            signature: text("signature"),
            valid_from: day("valid_from"),
            valid_to: day("valid_to"),
        }
    }

    /// How all that it uses stands by the policy. Of what a server of SSH offers beside its best, what may not be
    /// used any more is told too.
    fn standings(
        &self,
        policy: &'static AlgorithmPolicy,
        system: &System,
        today: Date,
    ) -> Vec<Standing> {
        let stands = |of, name: &str| policy.standing(of, name, system, today);
        let one = |of, name: Option<&str>| {
            name.filter(|name| !name.is_empty()).map(|name| stands(of, name))
        };
        let over = |of, names: &[String], best: &str| -> Vec<Standing> {
            let others = names.iter().filter(|name| *name != best).map(|name| stands(of, name));
            others.filter(|one| one.term == Term::Over).collect()
        };
        let mut found = Vec::new();
        found.extend(one(Use::Protocol, Some(&self.version)));
        found.extend(one(Use::KeyExchange, Some(&self.group)));
        found.extend(over(Use::KeyExchange, &self.exchanges, &self.group));
        found.extend(one(Use::CertificateKey, self.key.as_deref()));
        let keys = self.host_keys.iter().map(|name| stands(Use::CertificateKey, name));
        if let Some(best) = keys.max_by_key(|key| key.term) {
            found.extend(over(Use::CertificateKey, &self.host_keys, &best.name));
            found.push(best);
        }
        found.extend(one(Use::Signature, self.signature.as_deref()));
        found
    }
}

/// Why an endpoint is to be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason<'s> {
    /// The certificate had its time.
    Expired,
    /// It uses what may not be used any more.
    Over(&'s Standing),
    /// The certificate ends soon.
    Ends,
    /// It uses what ends soon.
    Soon(&'s Standing),
    /// It uses what ends so soon that somebody has to plan it now.
    Plan(&'s Standing),
    /// It uses what the policy does not know.
    Unnamed(&'s Standing),
    /// Nobody has looked.
    Unknown,
}

impl<'s> Reason<'s> {
    fn of(one: &'s Standing) -> Option<Self> {
        match one.term {
            Term::Over => Some(Self::Over(one)),
            Term::Soon => Some(Self::Soon(one)),
            Term::Plan => Some(Self::Plan(one)),
            Term::Unnamed => Some(Self::Unnamed(one)),
            Term::Later | Term::Open => None,
        }
    }

    /// The name that pages use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Over(_) => "over",
            Self::Ends => "ends",
            Self::Soon(_) => "soon",
            Self::Plan(_) => "plan",
            Self::Unnamed(_) => "unnamed",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it cannot wait.
    pub fn is_grave(&self) -> bool {
        matches!(self, Self::Expired | Self::Over(_) | Self::Ends | Self::Soon(_))
    }

    /// What of the endpoint it is about.
    pub fn standing(&self) -> Option<&Standing> {
        match self {
            Self::Over(one) | Self::Soon(one) | Self::Plan(one) | Self::Unnamed(one) => Some(one),
            Self::Expired | Self::Ends | Self::Unknown => None,
        }
    }

    /// Gravest first, and of the same gravity what ends first.
    fn rank(&self) -> (u8, Option<Date>) {
        let rank = match self {
            Self::Expired => 0,
            Self::Over(_) => 1,
            Self::Ends => 2,
            Self::Soon(_) => 3,
            Self::Plan(_) => 4,
            Self::Unnamed(_) => 5,
            Self::Unknown => 6,
        };
        (rank, self.standing().and_then(|one| one.until))
    }
}

/// A registered endpoint with what is known of it.
#[derive(Clone, Debug)]
pub struct EndpointState {
    /// The resource.
    pub resource: Resource,
    /// Its system.
    pub system: System,
    /// What the last probe that saw it says.
    pub observed: Option<Observed>,
    /// How the last probe ended.
    pub last: Option<ProbeRow>,
    /// The last day of its certificate: as seen, or as registered.
    pub certificate_until: Option<Date>,
    /// How what it uses stands by the policy.
    pub standings: Vec<Standing>,
}

impl EndpointState {
    /// Whether it uses anything that a rule of the policy is about.
    pub fn uses(&self, rule: &str) -> bool {
        self.standings.iter().any(|one| one.rule.is_some_and(|found| found.id == rule))
    }

    /// Why it is to be changed, gravest first. A certificate is told of `certificate_days` before its end.
    pub fn reasons(&self, today: Date, certificate_days: i64) -> Vec<Reason<'_>> {
        let mut reasons = Vec::new();
        match self.certificate_until.map(|until| i64::from((until - today).get_days())) {
            Some(..0) => reasons.push(Reason::Expired),
            Some(left) if left <= certificate_days => reasons.push(Reason::Ends),
            _ => {}
        }
        if self.observed.is_none() {
            reasons.push(Reason::Unknown);
        }
        reasons.extend(self.standings.iter().filter_map(Reason::of));
        reasons.sort_by_key(Reason::rank);
        reasons
    }
}

/// Every registered endpoint that the caller may see, what is to be changed first at the top.
pub async fn list_endpoints(
    records: &Records,
    caller: &Caller,
) -> Result<Vec<EndpointState>, UseError> {
    let deed = Deed::new("crypto.list", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    of_scope(records, &scope).await
}

/// Every registered endpoint of agencies in scope; those of retired systems are used no more.
pub(super) async fn of_scope(
    records: &Records,
    scope: &AgencyScope,
) -> Result<Vec<EndpointState>, UseError> {
    let (policy, today) = (policy()?, day_of(records.now()));
    let resources = records.store.list_resources(scope).await?;
    let certificates: Vec<Resource> = (resources.into_iter())
        .map(|kept| kept.resource)
        .filter(|resource| resource.kind == ResourceKind::Certificate)
        .collect();
    let mut observed = observed(records, scope).await?;
    let last = records.store.list_probes(scope).await?;
    let mut last: BTreeMap<String, ProbeRow> =
        last.into_iter().map(|row| (row.endpoint.clone(), row)).collect();
    let systems = systems_of(records, scope).await?;
    let mut states = Vec::new();
    for Endpoint { resource, place } in endpoints(records, scope).await? {
        let code = resource.system.as_ref();
        let system = code.and_then(|code| systems.get(code)).cloned();
        let system = system.filter(|system| system.stage != Stage::Retired);
        let Some(system) = system else { continue };
        let observed = observed.remove(&resource.value);
        let registered = certificates.iter().filter(|one| names(&one.value, &place.host));
        let registered = registered.filter_map(|one| one.until).min();
        let speaks_tls = observed.as_ref().is_none_or(|one| one.speech == Speech::Tls);
        let seen = observed.as_ref().and_then(|one| one.valid_to);
        states.push(EndpointState {
            certificate_until: seen.or(registered).filter(|_| speaks_tls),
            last: last.remove(&resource.value),
            standings: observed
                .as_ref()
                .map_or_else(Vec::new, |one| one.standings(policy, &system, today)),
            observed,
            system,
            resource,
        });
    }
    states.sort_by_cached_key(|state| {
        let reasons = state.reasons(today, policy.certificate_days);
        let gravest = reasons.first().map(Reason::rank);
        let system = &state.system;
        let weight = (Reverse(system.level), !system.is_critical, !system.holds_personal_data());
        (gravest.is_none(), gravest, weight, state.resource.value.clone())
    });
    Ok(states)
}

/// Whether a certificate's name is one for a host.
fn names(certificate: &str, host: &str) -> bool {
    match certificate.strip_prefix("*.") {
        Some(domain) => host.split_once('.').is_some_and(|(_, rest)| rest == domain),
        None => certificate == host,
    }
}

/// What the latest record says of each endpoint.
async fn observed(
    records: &Records,
    scope: &AgencyScope,
) -> Result<BTreeMap<String, Observed>, UseError> {
    let mut found: BTreeMap<String, Observed> = BTreeMap::new();
    for speech in [Speech::Tls, Speech::Ssh] {
        let kind = Some(speech.kind().to_owned());
        let filter = EvidenceFilter { kind, ..EvidenceFilter::default() };
        let (mut page, mut seen) = (PageRequest::new(None, 500), 0);
        loop {
            let list = records.store.list_evidence(scope, &filter, &page).await?;
            seen += list.items.len();
            for record in list.items {
                let subject = &record.about.subject;
                if found.get(subject).is_none_or(|known| record.about.at > known.at) {
                    found.insert(subject.clone(), Observed::of(&record, speech));
                }
            }
            match list.next {
                Some(next) if seen < MOST_RECORDS => page.after = Some(next),
                _ => break,
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_names_one_label() {
        assert!(names("*.minhhoa.example", "web.minhhoa.example"));
        assert!(!names("*.minhhoa.example", "a.web.minhhoa.example"));
        assert!(!names("*.minhhoa.example", "minhhoa.example"));
        assert!(names("minhhoa.example", "minhhoa.example"));
    }

    #[test]
    fn of_what_a_server_of_ssh_takes_the_best_counts_and_what_is_over() {
        let policy = policy().unwrap();
        let today: Date = "2026-11-22".parse().unwrap();
        let system = System::new(
            khien_domain::code::SystemCode::new("quan-tri").unwrap(),
            khien_domain::code::AgencyCode::new("sokhcn").unwrap(),
            "Máy quản trị".into(),
            khien_domain::system::Level::ALL[1],
            khien_domain::system::Stage::Operation,
            Timestamp::UNIX_EPOCH,
        );
        let list = |names: &str| names.split(COMMA).map(str::to_owned).collect();
        let seen = Observed {
            seq: 1,
            at: Timestamp::UNIX_EPOCH,
            speech: Speech::Ssh,
            version: "SSH-2.0".into(),
            cipher: None,
            group: "mlkem768x25519-sha256".into(),
            hybrid: true,
            exchanges: list("mlkem768x25519-sha256,curve25519-sha256,diffie-hellman-group1-sha1"),
            host_keys: list("ssh-rsa,ssh-ed25519,ssh-dss"),
            certificate: None,
            issuer: None,
            key: None,
            signature: None,
            valid_from: None,
            valid_to: None,
        };
        let found = seen.standings(policy, &system, today);
        let found: Vec<(&str, Term)> =
            found.iter().map(|one| (one.name.as_str(), one.term)).collect();
        assert_eq!(
            found,
            [
                ("SSH-2.0", Term::Open),
                ("mlkem768x25519-sha256", Term::Open),
                ("diffie-hellman-group1-sha1", Term::Over),
                ("ssh-rsa", Term::Over),
                ("ssh-dss", Term::Over),
                ("ssh-ed25519", Term::Later),
            ]
        );
    }
}
