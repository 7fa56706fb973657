//! Hosts of agencies that certificate logs name: found from a file that somebody brings, settled by
//! whoever looks after the agency.
//!
//! The centre asks no log: what is known is what stands in the file ([`read::read`]). A name below a
//! registered domain that is neither a registered resource nor a registered host of a system is the
//! finding «system.discovered» of the agency of the domain, as an unregistered host in events is. No alert
//! is raised, since alerts are about systems, and of which system such a host is nobody knows. The same
//! file twice changes nothing.

pub mod read;

use std::collections::BTreeSet;

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::discovered::{Certificate, DiscoveredHost, Domains, Standing};
use khien_domain::host::{Host, HostName};
use khien_domain::limits::NAME_BYTES;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::resource::Resource;
use khien_domain::{evidence, text};
use khien_store::Tx;
use sha2::{Digest as _, Sha256};

use super::evidence::Teller;
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::{UseError, unmarked_file};

pub use read::{MAX_LOG_BYTES, Problem};

/// What a file of a certificate log has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Certificates that were read.
    pub certificates: usize,
    /// Different names.
    pub names: usize,
    /// Names outside of the domains of the agencies that the caller looks after, and texts that name no
    /// host.
    pub outside: usize,
    /// Names that are in the register.
    pub registered: usize,
    /// Names that were discovered before and stay as they are.
    pub known: usize,
    /// Hosts that are discovered now, with their agency.
    pub found: Vec<(HostName, AgencyCode)>,
    /// Hosts that were settled and are open again.
    pub reopened: Vec<(HostName, AgencyCode)>,
    /// The first places that cannot be read.
    pub problems: Vec<Problem>,
    /// How many there are.
    pub wrong: usize,
}

/// Hosts that nobody registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unregistered {
    /// Those that certificates name, settled ones too.
    pub by_certificate: Vec<DiscoveredHost>,
    /// Those that appeared in events of a system.
    pub in_events: Vec<Host>,
}

/// Takes a file of a certificate log; with `dry_run` it only tells what would be done.
pub async fn import_certificates(
    records: &Records,
    caller: &Caller,
    bytes: &[u8],
    dry_run: bool,
) -> Result<Report, UseError> {
    let deed = Deed::new("host.discover", "certificate log", None);
    let scope = records.scope(caller, Permission::RegisterWrite, &deed).await?;
    unmarked_file("", bytes)?;
    let log = read::read(bytes).map_err(UseError::Invalid)?;
    let resources = records.store.list_resources(&AgencyScope::All).await?;
    let domains = Domains::of(resources.iter().map(|kept| &kept.resource));
    if domains.is_empty() {
        let why = "no agency has a registered domain: register the domains first";
        return Err(UseError::Invalid(why.into()));
    }
    let mut registered: BTreeSet<HostName> =
        resources.iter().filter_map(|kept| kept.resource.host()).collect();
    registered.extend(records.store.registered_host_names().await?);
    let digest = evidence::hex(&Sha256::digest(bytes));
    let mut teller = Teller::new(records, caller)?;
    let mut report = Report {
        certificates: log.certificates,
        names: log.names.len(),
        outside: log.other,
        problems: log.problems,
        wrong: log.wrong,
        ..Report::default()
    };
    let mut tx = records.store.begin().await?;
    let mut discovered_before = tx.all_discovered().await?;
    for (name, certificate) in log.names {
        let owner = domains.owner(&name).filter(|agency| scope.contains(agency));
        let Some(agency) = owner else {
            report.outside += 1;
            continue;
        };
        if registered.contains(&name) {
            report.registered += 1;
            continue;
        }
        let known = discovered_before.remove(&name);
        let before = report.found.len() + report.reopened.len();
        let host = discovered(&name, agency, certificate, known, teller.now, &mut report);
        let Some(host) = host else { continue };
        tx.put_discovered(&host).await?;
        if report.found.len() + report.reopened.len() > before {
            teller.discovered(&host.agency, name.as_str(), &digest)?;
        }
    }
    if dry_run {
        tx.rollback().await?;
        return Ok(report);
    }
    teller.keep(&mut tx).await?;
    let deed = deed.with(format!(
        "sha256 {digest}: {} names, {} discovered, {} open again",
        report.names,
        report.found.len(),
        report.reopened.len(),
    ));
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(report)
}

/// The host as it is from now on, if anything about it is new.
fn discovered(
    name: &HostName,
    agency: &AgencyCode,
    certificate: Certificate,
    known: Option<DiscoveredHost>,
    now: Timestamp,
    report: &mut Report,
) -> Option<DiscoveredHost> {
    let open = |certificate| DiscoveredHost {
        name: name.clone(),
        agency: agency.clone(),
        found_at: now,
        certificate,
        standing: Standing::Open,
        settled_at: None,
        settled_by: None,
        note: None,
    };
    match known {
        None => {
            report.found.push((name.clone(), agency.clone()));
            Some(open(certificate))
        }
        Some(known) if known.reopens(&certificate) => {
            report.reopened.push((name.clone(), agency.clone()));
            Some(open(certificate))
        }
        Some(known) => {
            report.known += 1;
            let is_newer = certificate.is_newer(&known.certificate);
            is_newer.then_some(DiscoveredHost { certificate, ..known })
        }
    }
}

/// The hosts that nobody registered, of the agencies that the caller may see.
pub async fn list_unregistered(
    records: &Records,
    caller: &Caller,
) -> Result<Unregistered, UseError> {
    let deed = Deed::new("host.unregistered", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    Ok(Unregistered {
        by_certificate: records.store.list_discovered(&scope).await?,
        in_events: records.store.list_unregistered_hosts(&scope).await?,
    })
}

/// Says of a discovered host that it is not the agency's, or that it is switched off.
pub async fn settle(
    records: &Records,
    caller: &Caller,
    name: &HostName,
    standing: Standing,
    note: &str,
) -> Result<(), UseError> {
    let deed = Deed::new("host.settle", name.as_str(), None);
    let scope = records.scope(caller, Permission::RegisterWrite, &deed).await?;
    if !matches!(standing, Standing::NotOurs | Standing::Off) {
        let why = "say that it is not yours or that it is switched off; otherwise register it";
        return Err(UseError::Invalid(why.into()));
    }
    let note = text::line("the note", note, NAME_BYTES).map_err(UseError::invalid)?;
    let mut teller = Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    let known = tx.find_discovered(name).await?.filter(|host| scope.contains(&host.agency));
    let known = known.ok_or_else(|| UseError::not_found("discovered host", name.as_str()))?;
    if known.standing != Standing::Open {
        return Err(UseError::Conflict("this host is settled already".into()));
    }
    let deed = Deed { agency: Some(known.agency.clone()), ..deed };
    let deed = deed.with(format!("{}: {note}", standing.name()));
    let settled = settled(known, standing, &teller, Some(note));
    tx.put_discovered(&settled).await?;
    teller.host(&settled.agency, name.as_str(), true)?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Notes that a discovered host is in the register now, as a resource or as a host of a system. Answers
/// whose it was, if that was told.
pub(super) async fn registered(
    tx: &mut Tx,
    teller: &mut Teller,
    name: &HostName,
) -> Result<Option<AgencyCode>, UseError> {
    let known = tx.find_discovered(name).await?;
    let Some(known) = known.filter(|host| host.standing != Standing::Registered) else {
        return Ok(None);
    };
    let was_open = known.standing == Standing::Open;
    let settled = settled(known, Standing::Registered, teller, None);
    tx.put_discovered(&settled).await?;
    if was_open {
        teller.host(&settled.agency, name.as_str(), true)?;
    }
    Ok(was_open.then_some(settled.agency))
}

/// The same of what a resource names.
pub(super) async fn resource_registered(
    tx: &mut Tx,
    teller: &mut Teller,
    resource: &Resource,
) -> Result<(), UseError> {
    if let Some(name) = resource.host() {
        registered(tx, teller, &name).await?;
    }
    Ok(())
}

fn settled(
    host: DiscoveredHost,
    standing: Standing,
    teller: &Teller,
    note: Option<String>,
) -> DiscoveredHost {
    DiscoveredHost {
        standing,
        settled_at: Some(teller.now),
        settled_by: Some(teller.by().to_owned()),
        note,
        ..host
    }
}
