//! Leaks: recorded by number and day, dealt with step by step, seen by few.
//!
//! Whoever answers for an agency sees its leaks (`leaks`, a permission of its own), and records them if they write
//! in its register; analysts, administrators, appraisers and auditors see none. The audit log has who looked at those
//! of an agency and who changed one, by its number in the centre: neither of what it is nor what was done. They are in
//! no list of incidents, in no search and in no export.

use std::collections::BTreeSet;

use jiff::civil::Date;
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::ids::LeakId;
use khien_domain::leak::{KeptLeak, Leak, LeakMove, LeakPack, LeakStep};
use khien_domain::permission::Permission;

use super::UseError;
use super::register::evidence::day_of;
use super::register::get_agency;
use crate::access::{Caller, Deed};
use crate::records::Records;

fn pack() -> Result<&'static LeakPack, UseError> {
    LeakPack::built_in().map_err(UseError::invalid)
}

fn target(id: LeakId) -> String {
    format!("leak {id}")
}

/// The leaks of the agencies for which the caller answers: open ones first, the newest first of both.
pub async fn list_leaks(records: &Records, caller: &Caller) -> Result<Vec<KeptLeak>, UseError> {
    let deed = Deed::new("leak.list", "", None);
    let scope = records.scope(caller, Permission::Leaks, &deed).await?;
    let mut found = records.store.list_leaks(&scope).await?;
    found.sort_by_key(KeptLeak::is_closed);
    let agencies: BTreeSet<&AgencyCode> = found.iter().map(|kept| &kept.leak.agency).collect();
    let looked = |agency: &AgencyCode| {
        let deed = Deed { agency: Some(agency.clone()), ..deed.clone() };
        records.entry(caller, &deed, Outcome::Done)
    };
    let mut tx = records.store.begin().await?;
    tx.add_audit(&agencies.into_iter().map(looked).collect::<Vec<_>>()).await?;
    tx.commit().await?;
    Ok(found)
}

/// Records a leak of an agency for which the caller answers.
pub async fn record_leak(
    records: &Records,
    caller: &Caller,
    leak: Leak,
) -> Result<LeakId, UseError> {
    let deed = Deed::new("leak.record", "", Some(leak.agency.clone()));
    records.require(caller, Permission::Leaks, &deed).await?;
    records.require(caller, Permission::RegisterWrite, &deed).await?;
    let leak = leak.checked(pack()?, day_of(records.now())).map_err(UseError::invalid)?;
    get_agency(records, caller, &leak.agency).await?;
    let who = caller.actor.identity.to_string();
    let mut tx = records.store.begin().await?;
    if leak.number.is_some() && tx.has_open_leak(&leak).await? {
        let agency = &leak.agency;
        return Err(UseError::Conflict(format!(
            "{agency} has an open leak of this document already"
        )));
    }
    let id = tx.add_leak(&leak, &who, records.now()).await?;
    let deed = Deed { target: target(id), ..deed };
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Records what was done about a leak on a day.
pub async fn step_leak(
    records: &Records,
    caller: &Caller,
    id: LeakId,
    what: LeakMove,
    day: Date,
) -> Result<(), UseError> {
    let deed = Deed::new("leak.step", target(id), None);
    let scope = records.scope(caller, Permission::Leaks, &deed).await?;
    records.scope(caller, Permission::RegisterWrite, &deed).await?;
    let kept = records.store.find_leak(&scope, id).await?;
    let kept = kept.ok_or_else(|| UseError::not_found("leak", id))?;
    kept.allows(pack()?, what, day, day_of(records.now())).map_err(UseError::invalid)?;
    let who = caller.actor.identity.to_string();
    let step = LeakStep { what, day, who, at: records.now() };
    let mut tx = records.store.begin().await?;
    if !tx.add_leak_step(id, &step).await? {
        return Err(UseError::Conflict(format!("leak {id} was changed meanwhile")));
    }
    let deed = Deed { agency: Some(kept.leak.agency), ..deed };
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(())
}
