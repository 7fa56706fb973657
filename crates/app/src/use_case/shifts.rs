//! Handing a shift over: the outgoing one writes, the next one takes over.

use khien_domain::audit::Outcome;
use khien_domain::ids::ShiftNoteId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::shift::{self, CannotAcknowledge, OpenMatters, ShiftNote};

use super::UseError;
use super::operate::silent;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// What is not done at this moment: what a note would say.
pub async fn open_matters(records: &Records, caller: &Caller) -> Result<OpenMatters, UseError> {
    let deed = Deed::new("shift.open_matters", "", None);
    records.require(caller, Permission::Shifts, &deed).await?;
    count(records).await
}

async fn count(records: &Records) -> Result<OpenMatters, UseError> {
    let alerts = records.store.count_open_alerts(&AgencyScope::All).await?;
    let incidents = records.store.count_open_incidents(&AgencyScope::All).await?.iter().sum();
    let silent_sources = silent(records).await?.len() as u64;
    Ok(OpenMatters { alerts, incidents, silent_sources })
}

/// Writes what the next shift has to know, with what is not done.
pub async fn write_note(
    records: &Records,
    caller: &Caller,
    text: &str,
) -> Result<ShiftNote, UseError> {
    let deed = Deed::new("shift.write", "", None);
    records.require(caller, Permission::Shifts, &deed).await?;
    let text = shift::note_text(text).map_err(UseError::invalid)?;
    let open = count(records).await?;
    let (author, at) = (caller.actor.identity.to_string(), records.now());
    let mut tx = records.store.begin().await?;
    let id = tx.add_shift_note(&author, &text, &open, at).await?;
    let deed = Deed { target: format!("shift note {id}"), ..deed };
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(ShiftNote { id, author, at, text, open, acknowledged: None })
}

/// Takes over by a note. Somebody else than its author does, once.
pub async fn acknowledge(
    records: &Records,
    caller: &Caller,
    id: ShiftNoteId,
) -> Result<ShiftNote, UseError> {
    let deed = Deed::new("shift.acknowledge", format!("shift note {id}"), None);
    records.require(caller, Permission::Shifts, &deed).await?;
    let found = records.store.find_shift_note(id).await?;
    let found = found.ok_or_else(|| UseError::not_found("shift note", id))?;
    let (by, now) = (caller.actor.identity.to_string(), records.now());
    let refused = |why: CannotAcknowledge| UseError::Conflict(why.to_string());
    found.may_acknowledge(&by).map_err(refused)?;
    let mut tx = records.store.begin().await?;
    if !tx.acknowledge_shift_note(id, &by, now).await? {
        return Err(refused(CannotAcknowledge::Already));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(ShiftNote { acknowledged: Some((by, now)), ..found })
}

/// The latest note, whether or not somebody took over by it.
pub async fn current_note(
    records: &Records,
    caller: &Caller,
) -> Result<Option<ShiftNote>, UseError> {
    let latest = list_notes(records, caller, &PageRequest::new(None, 1)).await?;
    Ok(latest.items.into_iter().next())
}

/// The notes, newest first.
pub async fn list_notes(
    records: &Records,
    caller: &Caller,
    page: &PageRequest,
) -> Result<Page<ShiftNote>, UseError> {
    let deed = Deed::new("shift.list", "", None);
    records.require(caller, Permission::Shifts, &deed).await?;
    Ok(records.store.list_shift_notes(page).await?)
}
