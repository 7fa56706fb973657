//! Cryptography in use: probes of registered endpoints, what is known of each and how it stands by the policy, the
//! plans of systems, and the inventory.

mod cbom;
mod endpoints;
mod plans;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};
use khien_domain::algorithm::{AlgorithmPolicy, AlgorithmPolicyError};
use khien_domain::audit::Outcome;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{NewEvidence, Origin};
use khien_domain::network::Network;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::resource::{Resource, ResourceKind};
use khien_store::{EvidenceFilter, ProbeOutcome, ProbeRow};

use super::UseError;
use crate::access::{Caller, Deed};
use crate::probe::{self, Place, Seen};
use crate::records::Records;

pub use cbom::cbom;
pub use endpoints::{EndpointState, Observed, Reason, Speech, list_endpoints};
pub use khien_store::{ProbeOutcome as ProbeEnd, ProbeRow as LastProbe};
pub use plans::{Plan, SystemPlan, list_plans};

/// Endpoints are probed again after so long.
const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// The policy that comes with the program.
pub fn policy() -> Result<&'static AlgorithmPolicy, UseError> {
    let wrong = |error: AlgorithmPolicyError| UseError::Invalid(error.to_string());
    AlgorithmPolicy::built_in().map_err(wrong)
}

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
    let mut systems = BTreeSet::new();
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
        if let Some((address, seen)) = &seen {
            new.push(told(&row, *address, seen));
            let is_tls = matches!(seen, Seen::Tls(_));
            if is_tls && !says_tls(&endpoint.resource) && !is_told(records, &row).await? {
                new.push(with_tls(&row));
            }
            systems.insert((row.agency.clone(), system.clone()));
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
    count_each(records, &systems).await?;
    Ok(probed)
}

/// Records how much cryptography is known of systems of which every endpoint was seen.
async fn count_each(
    records: &Records,
    systems: &BTreeSet<(AgencyCode, SystemCode)>,
) -> Result<(), UseError> {
    let agencies: BTreeSet<&AgencyCode> = systems.iter().map(|(agency, _)| agency).collect();
    for agency in agencies {
        let states = endpoints::of_scope(records, &AgencyScope::one(agency.clone())).await?;
        for (_, system) in systems.iter().filter(|(of, _)| of == agency) {
            let of: Vec<_> = states.iter().filter(|one| one.system.code == *system).collect();
            if of.iter().all(|one| one.observed.is_some()) {
                count(records, agency, system, &of).await?;
            }
        }
    }
    Ok(())
}

async fn count(
    records: &Records,
    agency: &AgencyCode,
    system: &SystemCode,
    states: &[&EndpointState],
) -> Result<(), UseError> {
    let scope = AgencyScope::one(agency.clone());
    let products = records.store.list_products(&scope, Some(system)).await?;
    let components = cbom::count(states, &products);
    let now = records.now();
    let new = NewEvidence::of_system("crypto.inventory", agency, system, now)
        .with("components", i64::try_from(components).unwrap_or(i64::MAX))
        .from(Origin::Probe, system.as_str());
    let filter = EvidenceFilter {
        kind: Some("crypto.inventory".into()),
        agency: Some(agency.clone()),
        system: Some(system.clone()),
        subject: None,
    };
    let last = records.store.list_evidence(&scope, &filter, &PageRequest::new(None, 1)).await?;
    let again = SignedDuration::from_hours(24 * policy()?.inventory_days);
    let is_same = last.items.first().is_some_and(|record| {
        record.content == new.content && now.duration_since(record.about.at) < again
    });
    if !is_same {
        let mut tx = records.store.begin().await?;
        records.keep_evidence(&mut tx, vec![new]).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn ask(
    place: &Place,
    ranges: &[Network],
) -> Result<(SocketAddr, Seen), (ProbeOutcome, String)> {
    let failed = |detail| (ProbeOutcome::Failed, detail);
    let addresses = probe::resolve(place).await.map_err(failed)?;
    let address = probe::permitted(place, &addresses, ranges);
    let address = address.map_err(|detail| (ProbeOutcome::Refused, detail))?;
    let seen = probe::look(place, address).await.map_err(failed)?;
    Ok((address, seen))
}

fn told(row: &ProbeRow, address: SocketAddr, seen: &Seen) -> NewEvidence {
    let seen_as = |kind| NewEvidence {
        subject: row.endpoint.clone(),
        ..NewEvidence::of_system(kind, &row.agency, &row.system, row.at)
    };
    let new = match seen {
        Seen::Tls(tls) => {
            let certificate = tls.certificate.as_ref();
            seen_as("tls.probe")
                .with("hybrid", tls.hybrid)
                .with("version", tls.version.as_str())
                .with("group", tls.group.as_str())
                .with("cipher", tls.cipher.as_str())
                .with_some("certificate", certificate.map(|one| one.subject.as_str()))
                .with_some("issuer", certificate.map(|one| one.issuer.as_str()))
                .with_some("key", certificate.map(|one| one.key.as_str()))
                .with_some("signature", certificate.map(|one| one.signature.as_str()))
                .with_some("valid_from", certificate.map(|one| one.from.to_string()))
                .with_some("valid_to", certificate.map(|one| one.until.to_string()))
        }
        Seen::Ssh(ssh) => {
            let keys = Some(ssh.host_keys.join(",")).filter(|keys| !keys.is_empty());
            seen_as("ssh.probe")
                .with("hybrid", ssh.is_hybrid())
                .with("version", ssh.version.as_str())
                .with("exchange", ssh.exchange())
                .with("exchanges", ssh.exchanges.join(","))
                .with_some("host_keys", keys)
        }
    };
    new.with("address", address.to_string()).from(Origin::Probe, row.endpoint.as_str())
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
