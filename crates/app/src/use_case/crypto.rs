//! Cryptography in use: probes of registered endpoints, what is known of each, and the inventory.

mod cbom;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{NewEvidence, Origin, Record};
use khien_domain::network::Network;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::system::System;
use khien_store::{EvidenceFilter, ProbeOutcome, ProbeRow};

use super::UseError;
use super::register::evidence::day_of;
use crate::access::{Caller, Deed};
use crate::probe::{self, Place, Seen};
use crate::records::Records;

pub use cbom::cbom;
pub use khien_store::{ProbeOutcome as ProbeEnd, ProbeRow as LastProbe};

/// Endpoints are probed again after so long.
const EVERY: SignedDuration = SignedDuration::from_hours(24);
/// So many records of probes are looked through for the latest of each endpoint.
const MOST_RECORDS: usize = 50_000;
/// A certificate that ends within so many days is told of.
const SOON_DAYS: i64 = 30;

/// A registered endpoint.
struct Endpoint {
    resource: Resource,
    place: Place,
}

/// The endpoints that may speak TLS, of agencies in scope.
async fn endpoints(records: &Records, scope: &AgencyScope) -> Result<Vec<Endpoint>, UseError> {
    let found = records.store.list_resources(scope).await?;
    let of = |resource: Resource| {
        resource.system.as_ref()?;
        let place = Place::of(resource.kind, &resource.value)?;
        Some(Endpoint { resource, place })
    };
    Ok(found.into_iter().filter_map(|kept| of(kept.resource)).collect())
}

/// Every range that any agency has registered.
async fn ranges(records: &Records) -> Result<Vec<Network>, UseError> {
    let all = records.store.list_resources(&AgencyScope::All).await?;
    let ranges = all.into_iter().filter(|kept| kept.resource.kind == ResourceKind::AddressRange);
    Ok(ranges.filter_map(|kept| kept.resource.value.parse().ok()).collect())
}

/// Probes the endpoint of an address as it is registered, or all that the caller may work on, one
/// after another. Answers how each ended.
pub async fn probe(
    records: &Records,
    caller: &Caller,
    endpoint: Option<&str>,
) -> Result<Vec<ProbeRow>, UseError> {
    let deed = Deed::new("crypto.probe", endpoint.unwrap_or("all endpoints"), None);
    let scope = records.scope(caller, Permission::EvidenceWrite, &deed).await?;
    let mut found = endpoints(records, &scope).await?;
    if let Some(wanted) = endpoint {
        found.retain(|one| one.resource.value == wanted);
        if found.is_empty() {
            let entry = records.entry(caller, &deed, Outcome::Refused);
            records.audit(&entry).await?;
            return Err(UseError::Invalid(format!(
                "{wanted} is no registered endpoint of a system: only those are probed; register it \
                 with its agency first"
            )));
        }
    }
    let probed = probe_each(records, &found).await?;
    let seen = probed.iter().filter(|row| row.outcome == ProbeOutcome::Seen).count();
    let deed = deed.with(format!("{seen} of {} seen", probed.len()));
    let mut tx = records.store.begin().await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(probed)
}

/// Probes the endpoints that nobody probed for a day. Answers how many.
pub(crate) async fn probe_due(records: &Records) -> Result<usize, UseError> {
    let last = records.store.list_probes(&AgencyScope::All).await?;
    let last: BTreeMap<String, Timestamp> =
        last.into_iter().map(|row| (row.endpoint, row.at)).collect();
    let mut due = endpoints(records, &AgencyScope::All).await?;
    due.retain(|one| {
        let at = last.get(&one.resource.value);
        at.is_none_or(|at| records.now().duration_since(*at) >= EVERY)
    });
    Ok(probe_each(records, &due).await?.len())
}

async fn probe_each(records: &Records, found: &[Endpoint]) -> Result<Vec<ProbeRow>, UseError> {
    let ranges = ranges(records).await?;
    let mut probed = Vec::new();
    for endpoint in found {
        let Some(system) = &endpoint.resource.system else { continue };
        let (outcome, detail, seen) = match ask(&endpoint.place, &ranges).await {
            Ok(seen) => (ProbeOutcome::Seen, String::new(), Some(seen)),
            Err((outcome, detail)) => (outcome, detail, None),
        };
        let mut row = ProbeRow {
            endpoint: endpoint.resource.value.clone(),
            agency: endpoint.resource.agency.clone(),
            system: system.clone(),
            at: records.now(),
            outcome,
            detail,
            record: None,
        };
        let mut new = Vec::new();
        if let Some(seen) = &seen {
            new.push(told(&row, seen));
            if !says_tls(&endpoint.resource) && !is_told(records, &row).await? {
                new.push(with_tls(&row));
            }
        }
        let mut tx = records.store.begin().await?;
        if !new.is_empty() {
            let kept = records.keep_evidence(&mut tx, new).await?;
            row.record = kept.first().map(|about| about.seq);
        }
        tx.note_probe(&row).await?;
        tx.commit().await?;
        probed.push(row);
    }
    Ok(probed)
}

async fn ask(place: &Place, ranges: &[Network]) -> Result<Seen, (ProbeOutcome, String)> {
    let failed = |detail| (ProbeOutcome::Failed, detail);
    let addresses = probe::resolve(place).await.map_err(failed)?;
    let address = probe::permitted(place, &addresses, ranges);
    let address = address.map_err(|detail| (ProbeOutcome::Refused, detail))?;
    probe::handshake(place, address).await.map_err(failed)
}

fn told(row: &ProbeRow, seen: &Seen) -> NewEvidence {
    let certificate = seen.certificate.as_ref();
    let new = NewEvidence {
        subject: row.endpoint.clone(),
        ..NewEvidence::of_system("tls.probe", &row.agency, &row.system, row.at)
    };
    new.with("hybrid", seen.hybrid)
        .with("version", seen.version.as_str())
        .with("group", seen.group.as_str())
        .with("cipher", seen.cipher.as_str())
        .with("address", seen.address.to_string())
        .with_some("certificate", certificate.map(|one| one.subject.as_str()))
        .with_some("issuer", certificate.map(|one| one.issuer.as_str()))
        .with_some("key", certificate.map(|one| one.key.as_str()))
        .with_some("signature", certificate.map(|one| one.signature.as_str()))
        .with_some("valid_from", certificate.map(|one| one.from.to_string()))
        .with_some("valid_to", certificate.map(|one| one.until.to_string()))
        .from(Origin::Probe, row.endpoint.as_str())
}

/// Whether the register takes it by its address for one that speaks TLS.
fn says_tls(resource: &Resource) -> bool {
    resource.value.starts_with("https://") || resource.value.ends_with(":443")
}

fn with_tls(row: &ProbeRow) -> NewEvidence {
    let new = NewEvidence {
        subject: row.endpoint.clone(),
        ..NewEvidence::of_system("service.registered", &row.agency, &row.system, row.at)
    };
    new.with("address", row.endpoint.as_str())
        .with("public", true)
        .with("tls", true)
        .with("retired", false)
        .from(Origin::Probe, row.endpoint.as_str())
}

/// Whether the ledger says already that it speaks TLS.
async fn is_told(records: &Records, row: &ProbeRow) -> Result<bool, UseError> {
    let filter = EvidenceFilter {
        kind: Some("service.registered".into()),
        agency: Some(row.agency.clone()),
        system: Some(row.system.clone()),
        subject: Some(row.endpoint.clone()),
    };
    let scope = AgencyScope::one(row.agency.clone());
    let found = records.store.list_evidence(&scope, &filter, &PageRequest::new(None, 1)).await?;
    let last = found.items.first().and_then(|record| record.content.get("tls"));
    Ok(last.and_then(Content::as_bool) == Some(true))
}

/// What the last probe saw of an endpoint, as its record says it.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The record.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The version of TLS.
    pub version: String,
    /// The cipher suite, if the record says.
    pub cipher: Option<String>,
    /// The group.
    pub group: String,
    /// Whether it is hybrid.
    pub hybrid: bool,
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
    fn of(record: &Record) -> Self {
        let content = &record.content;
        let text = |name: &str| content.get(name).and_then(Content::as_text).map(str::to_owned);
        let day = |name: &str| text(name).and_then(|day| day.parse().ok());
        Self {
            seq: record.about.seq,
            at: record.about.at,
            version: text("version").unwrap_or_default(),
            cipher: text("cipher"),
            group: text("group").unwrap_or_default(),
            hybrid: content.get("hybrid").and_then(Content::as_bool) == Some(true),
            certificate: text("certificate"),
            issuer: text("issuer"),
            key: text("key"),
            signature: text("signature"),
            valid_from: day("valid_from"),
            valid_to: day("valid_to"),
        }
    }
}

/// Why an endpoint is to be changed, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The certificate had its time.
    Expired,
    /// It has no TLS that is still good.
    OldTls,
    /// The certificate ends soon.
    Ends,
    /// Keys are agreed on in a way that a quantum computer would open later.
    Classical,
    /// Nobody has looked.
    Unknown,
}

impl Reason {
    /// The name that pages use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::OldTls => "old-tls",
            Self::Ends => "ends",
            Self::Classical => "classical",
            Self::Unknown => "unknown",
        }
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
}

impl EndpointState {
    /// Why it is to be changed, gravest first.
    pub fn reasons(&self, today: Date) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let left = self.certificate_until.map(|until| (until - today).get_days());
        match left.map(i64::from) {
            Some(..0) => reasons.push(Reason::Expired),
            Some(0..=SOON_DAYS) => reasons.push(Reason::Ends),
            _ => {}
        }
        match &self.observed {
            None => reasons.push(Reason::Unknown),
            Some(seen) => {
                if !matches!(seen.version.as_str(), "TLSv1.2" | "TLSv1.3") {
                    reasons.push(Reason::OldTls);
                }
                if !seen.hybrid {
                    reasons.push(Reason::Classical);
                }
            }
        }
        reasons.sort_unstable();
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
    let resources = records.store.list_resources(&scope).await?;
    let certificates: Vec<Resource> = (resources.into_iter())
        .map(|kept| kept.resource)
        .filter(|resource| resource.kind == ResourceKind::Certificate)
        .collect();
    let mut observed = observed(records, &scope).await?;
    let last = records.store.list_probes(&scope).await?;
    let mut last: BTreeMap<String, ProbeRow> =
        last.into_iter().map(|row| (row.endpoint.clone(), row)).collect();
    let mut states = Vec::new();
    for Endpoint { resource, place } in endpoints(records, &scope).await? {
        let Some(code) = &resource.system else { continue };
        let Some(system) = records.store.find_system(&scope, code).await? else { continue };
        let observed = observed.remove(&resource.value);
        let registered = certificates.iter().filter(|one| names(&one.value, &place.host));
        let registered = registered.filter_map(|one| one.until).min();
        states.push(EndpointState {
            certificate_until: observed.as_ref().and_then(|one| one.valid_to).or(registered),
            last: last.remove(&resource.value),
            observed,
            system,
            resource,
        });
    }
    let today = day_of(records.now());
    states.sort_by_cached_key(|state| {
        let gravest = state.reasons(today).first().copied();
        let system = &state.system;
        let weight =
            (std::cmp::Reverse(system.level), !system.is_critical, !system.holds_personal_data());
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
    let filter = EvidenceFilter { kind: Some("tls.probe".into()), ..EvidenceFilter::default() };
    let (mut found, mut page, mut seen) = (BTreeMap::new(), PageRequest::new(None, 500), 0);
    loop {
        let list = records.store.list_evidence(scope, &filter, &page).await?;
        seen += list.items.len();
        for record in list.items {
            let about = &record.about;
            let known = found.entry(about.subject.clone()).or_insert_with(|| Observed::of(&record));
            if about.at > known.at {
                *known = Observed::of(&record);
            }
        }
        match list.next {
            Some(next) if seen < MOST_RECORDS => page.after = Some(next),
            _ => return Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_wildcard_names_one_label() {
        assert!(names("*.minhhoa.example", "web.minhhoa.example"));
        assert!(!names("*.minhhoa.example", "a.web.minhhoa.example"));
        assert!(!names("*.minhhoa.example", "minhhoa.example"));
        assert!(names("minhhoa.example", "minhhoa.example"));
    }
}
