//! The register: agencies, their systems and what belongs to them, the sources that send for them,
//! and hosts.
//!
//! What changes an agency, a system or what belongs to one tells the ledger of evidence in the same
//! transaction (`evidence`).

pub mod across;
pub mod agencies;
pub mod certificates;
pub mod critical;
pub mod crossings;
pub mod custody;
pub mod ending;
pub(crate) mod evidence;
pub mod import;
pub mod inventory;
pub(super) mod lapsed;
pub mod papers;
pub mod parts;
pub(super) mod restore;
mod retired;
pub(super) mod sheet;
pub mod systems;
pub mod zones;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::code::SystemCode;
use khien_domain::discovered::host_name;
use khien_domain::host::{Host, HostName};
use khien_domain::ids::SourceId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
use khien_domain::source::{NewSource, Source, SourceKind, SourceSettings, SourceStatus};
use khien_domain::system::System;
use khien_domain::token::{Holder, NewToken, TokenBytes, TokenKind, TokenText, end_of_overlap};
pub use khien_store::{Activity, Beat};

pub use agencies::{
    AgencyAccount, AgencySheet, add_agency, assign, change_agency, confirm_agency, get_agency,
    list_accounts, list_agencies, list_appointments,
};
pub use certificates::{import_certificates, list_unregistered, settle};
pub use parts::{
    add_product, add_provider, import_inventory, list_assets, list_equipment, list_products,
    list_products_in_use, list_providers, list_resources, list_sites, put_asset, put_resource,
    put_site, remove_asset, remove_equipment, remove_product, remove_provider, remove_resource,
};
pub use restore::Restore;
pub use systems::{
    Linked, Links, add_system, add_system_of, change_system, change_system_of, confirm_system,
    count_dependents, get_system, links, list_systems, set_needs,
};

pub(super) use systems::put_system;

use super::UseError;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// A token of a source lives as long as this.
const SOURCE_TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Quarters of an hour in a day: as many the pulse of a source has.
pub const BEATS: i64 = 96;

/// A source that was made, or whose token was changed, with the token that is shown this once.
#[derive(Debug)]
pub struct WithToken {
    /// The source.
    pub source: Source,
    /// Its new token.
    pub token: TokenText,
    /// From when on the token is no longer taken.
    pub expires_at: Timestamp,
}

/// Registers a source of a system, with a token unless it only sends datagrams from registered
/// addresses. `random` are bytes drawn from the operating system.
pub async fn add_source(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    kind: SourceKind,
    settings: SourceSettings,
    random: &TokenBytes,
) -> Result<WithToken, UseError> {
    let settings = checked(settings, kind)?;
    let system = visible_system(records, caller, system, "source.add").await?;
    let deed = Deed::new("source.add", system.code.as_str(), Some(system.agency.clone()));
    let deed = deed.with(format!("{} ({})", settings.name, kind.name()));
    records.require(caller, Permission::RegisterWrite, &deed).await?;
    let now = records.now();
    let mut tx = records.store.begin().await?;
    let new = NewSource { system: system.code.clone(), kind, settings, created_at: now };
    let id = tx.add_source(&new).await.map_err(|error| {
        let (name, system) = (&new.settings.name, &new.system);
        UseError::taken(error, || {
            let certificate = match new.settings.certificate {
                Some(_) => ", or a source with this certificate,",
                None => "",
            };
            format!("the system {system} has a source «{name}»{certificate} already; choose another name")
        })
    })?;
    let (token, expires_at) = new_token(&mut tx, id, &new.settings.name, random, now).await?;
    let deed = Deed { target: format!("source {id}"), ..deed };
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    let NewSource { settings, .. } = new;
    let status = SourceStatus::Active;
    let (system, agency) = (system.code, system.agency);
    let source = Source { id, system, agency, kind, settings, status, created_at: now };
    records.registry().refresh(&records.store, now).await?;
    Ok(WithToken { source, token, expires_at })
}

async fn new_token(
    tx: &mut khien_store::Tx,
    source: SourceId,
    name: &str,
    random: &TokenBytes,
    now: Timestamp,
) -> Result<(TokenText, Timestamp), UseError> {
    let token = TokenText::new(TokenKind::Source, random);
    let expires_at = now.checked_add(SOURCE_TOKEN_LIFE).unwrap_or(now);
    let new = NewToken {
        hash: token.hash(),
        name: name.to_owned(),
        holder: Holder::Source(source),
        created_at: now,
        expires_at,
    };
    tx.add_token(&new.checked().map_err(UseError::invalid)?).await?;
    Ok((token, expires_at))
}

/// A source that the caller may see.
pub async fn get_source(
    records: &Records,
    caller: &Caller,
    id: SourceId,
) -> Result<Source, UseError> {
    let deed = Deed::new("source.get", format!("source {id}"), None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    let found = records.store.find_source(&scope, id).await?;
    found.ok_or_else(|| UseError::not_found("source", id))
}

/// The sources that the caller may see with what was heard of them, newest first.
pub async fn list_sources(
    records: &Records,
    caller: &Caller,
    page: &PageRequest,
) -> Result<(Page<Source>, Vec<Activity>), UseError> {
    let deed = Deed::new("source.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    let sources = records.store.list_sources(&scope, page).await?;
    let mut activity = Vec::new();
    let mut next = PageRequest::new(page.after, page.limit());
    // Sources that were never heard have no activity, so the pages differ.
    let last = sources.items.last().map(|source| source.id);
    while let Some(last) = last {
        let found = records.store.list_activity(&scope, &next).await?;
        let beyond = found.items.iter().any(|heard| heard.source < last);
        activity.extend(found.items.into_iter().filter(|heard| heard.source >= last));
        match found.next {
            Some(cursor) if !beyond => next.after = Some(cursor),
            _ => break,
        }
    }
    Ok((sources, activity))
}

/// How many events of the sources that the caller may see happened in each quarter of an hour of the
/// last 24 hours; of one source if given.
pub async fn list_pulse(
    records: &Records,
    caller: &Caller,
    source: Option<SourceId>,
) -> Result<Vec<Beat>, UseError> {
    let deed = Deed::new("source.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    let since = Beat::quarter_of(records.now()) - BEATS + 1;
    Ok(records.store.list_pulse(&scope, source, since).await?)
}

/// Switches a source on or off.
pub async fn set_source_status(
    records: &Records,
    caller: &Caller,
    id: SourceId,
    status: SourceStatus,
) -> Result<Source, UseError> {
    let action = match status {
        SourceStatus::Active => "source.enable",
        SourceStatus::Disabled => "source.disable",
    };
    let (source, deed) = source_to_change(records, caller, id, action).await?;
    let scope = caller.actor.agencies(Permission::RegisterWrite).map_err(UseError::Denied)?;
    let mut tx = records.store.begin().await?;
    if !tx.set_source_status(scope, id, status).await? {
        return Err(UseError::not_found("source", id));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    records.registry().refresh(&records.store, records.now()).await?;
    Ok(Source { status, ..source })
}

/// Says anew which formats a source may send; any if there are none. Records that waited in the
/// quarantine because a wrong format was expected can be read again afterwards.
pub async fn set_source_formats(
    records: &Records,
    caller: &Caller,
    id: SourceId,
    formats: BTreeSet<String>,
) -> Result<Source, UseError> {
    let (source, deed) = source_to_change(records, caller, id, "source.formats").await?;
    let settings = SourceSettings { formats, ..source.settings.clone() };
    let settings = checked(settings, source.kind)?;
    let names: Vec<&str> = settings.formats.iter().map(String::as_str).collect();
    let deed = deed.with(names.join(" "));
    let scope = caller.actor.agencies(Permission::RegisterWrite).map_err(UseError::Denied)?;
    let mut tx = records.store.begin().await?;
    if !tx.update_source(scope, id, &settings).await? {
        return Err(UseError::not_found("source", id));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    records.registry().refresh(&records.store, records.now()).await?;
    Ok(Source { settings, ..source })
}

/// Settings that the domain allows and whose formats there are.
fn checked(settings: SourceSettings, kind: SourceKind) -> Result<SourceSettings, UseError> {
    let settings = settings.checked(kind).map_err(UseError::invalid)?;
    match settings.formats.iter().find(|id| khien_event::format::find(id).is_none()) {
        None => Ok(settings),
        Some(unknown) => Err(UseError::Invalid(format!("no format is called «{unknown}»"))),
    }
}

/// Gives a source a new token; those before are taken for `overlap` longer.
pub async fn rotate_source(
    records: &Records,
    caller: &Caller,
    id: SourceId,
    overlap: SignedDuration,
    random: &TokenBytes,
) -> Result<WithToken, UseError> {
    let (source, deed) = source_to_change(records, caller, id, "source.rotate").await?;
    let now = records.now();
    let end = end_of_overlap(now, overlap);
    let mut tx = records.store.begin().await?;
    tx.end_source_tokens(id, end).await?;
    let (token, expires_at) = new_token(&mut tx, id, &source.settings.name, random, now).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(WithToken { source, token, expires_at })
}

/// Registers hosts of a system, so that they raise no alert when they appear.
pub async fn register_hosts(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    hosts: &[HostName],
) -> Result<(), UseError> {
    let system = visible_system(records, caller, system, "host.register").await?;
    let names: Vec<&str> = hosts.iter().map(HostName::as_str).collect();
    let deed = Deed::new("host.register", system.code.as_str(), Some(system.agency.clone()));
    let deed = deed.with(names.join(" "));
    records.require(caller, Permission::RegisterWrite, &deed).await?;
    let mut teller = evidence::Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    for host in hosts {
        let was_seen = tx.register_host(&system.code, host, records.now()).await?;
        let discovered = match host_name(host.as_str()) {
            Some(name) => certificates::registered(&mut tx, &mut teller, &name).await?,
            None => None,
        };
        if was_seen && discovered.as_ref() != Some(&system.agency) {
            teller.host(&system.agency, host.as_str(), true)?;
        }
    }
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Takes a host of a system off the register; that it was seen stays.
pub async fn unregister_host(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    host: &HostName,
) -> Result<(), UseError> {
    let system = visible_system(records, caller, system, "host.unregister").await?;
    let deed = Deed::new("host.unregister", system.code.as_str(), Some(system.agency.clone()));
    let deed = deed.with(host.as_str());
    records.require(caller, Permission::RegisterWrite, &deed).await?;
    let scope = caller.actor.agencies(Permission::RegisterWrite).map_err(UseError::Denied)?;
    let mut tx = records.store.begin().await?;
    if !tx.unregister_host(scope, &system.code, host).await? {
        return Err(UseError::not_found("host", host.as_str()));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// The hosts of a system, registered or seen, by name.
pub async fn list_hosts(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    page: &PageRequest<HostName>,
) -> Result<Page<Host, HostName>, UseError> {
    let deed = Deed::new("host.list", system.as_str(), None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    Ok(records.store.list_hosts(&scope, system, page).await?)
}

/// A system that the caller may see.
async fn visible_system(
    records: &Records,
    caller: &Caller,
    code: &SystemCode,
    action: &'static str,
) -> Result<System, UseError> {
    let deed = Deed::new(action, code.as_str(), None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    let found = records.store.find_system(&scope, code).await?;
    found.ok_or_else(|| UseError::not_found("system", code.as_str()))
}

/// A source that the caller may change.
async fn source_to_change(
    records: &Records,
    caller: &Caller,
    id: SourceId,
    action: &'static str,
) -> Result<(Source, Deed), UseError> {
    let deed = Deed::new(action, format!("source {id}"), None);
    let scope = records.scope(caller, Permission::RegisterWrite, &deed).await?;
    let source = records.store.find_source(&scope, id).await?;
    let source = source.ok_or_else(|| UseError::not_found("source", id))?;
    let deed = Deed { agency: Some(source.agency.clone()), ..deed };
    Ok((source, deed))
}
