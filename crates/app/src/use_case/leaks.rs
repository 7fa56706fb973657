//! Leaks: recorded by number and day, dealt with step by step, seen by few.
//!
//! Whoever answers for an agency sees its leaks (`leaks`, a permission of its own), and records them if they write
//! in its register; analysts, administrators, appraisers and auditors see none. Looking at them stands in the audit log like changing them, without the number
//! of the document. They are in no list of incidents, in no search and in no export.

use jiff::civil::Date;
use khien_domain::audit::Outcome;
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

/// The leaks of the agencies for which the caller answers, newest first.
pub async fn list_leaks(records: &Records, caller: &Caller) -> Result<Vec<KeptLeak>, UseError> {
    let deed = Deed::new("leak.list", "", None);
    let scope = records.scope(caller, Permission::Leaks, &deed).await?;
    let found = records.store.list_leaks(&scope).await?;
    let mut tx = records.store.begin().await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
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
    let id = tx.add_leak(&leak, &who, records.now()).await?;
    let deed = Deed { target: target(id), ..deed }.with(leak.kind.name());
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
    let deed = Deed { agency: Some(kept.leak.agency), ..deed }.with(what.name());
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(())
}
