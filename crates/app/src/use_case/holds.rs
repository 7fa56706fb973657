//! Legal holds: what must not go, whatever its age.
//!
//! The care of the lake asks for them before it forgets anything; when they cannot be read, nothing
//! is forgotten.

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::hold::{Held, Hold, NewHold};
use khien_domain::ids::HoldId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
use khien_store::{Store, StoreError};

use super::UseError;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// Places a hold.
pub async fn add_hold(records: &Records, caller: &Caller, new: NewHold) -> Result<Hold, UseError> {
    let new = new.checked().map_err(UseError::invalid)?;
    let deed = Deed::new("hold.add", describe(&new.held), new.held.agency.clone());
    let deed = deed.with(&new.reason);
    records.require(caller, Permission::Operate, &deed).await?;
    let mut tx = records.store.begin().await?;
    let id = tx.add_hold(&new).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(Hold { id, asked: new, lifted_at: None })
}

/// The holds, newest first; only those that nobody has lifted if asked.
pub async fn list_holds(
    records: &Records,
    caller: &Caller,
    not_lifted: bool,
    page: &PageRequest,
) -> Result<Page<Hold>, UseError> {
    let deed = Deed::new("hold.list", "", None);
    let scope = records.scope(caller, Permission::Operate, &deed).await?;
    Ok(records.store.list_holds(&scope, not_lifted, page).await?)
}

/// Lifts a hold; what it held goes when it has had its time.
pub async fn lift_hold(records: &Records, caller: &Caller, id: HoldId) -> Result<Hold, UseError> {
    let deed = Deed::new("hold.lift", format!("hold {id}"), None);
    let scope = records.scope(caller, Permission::Operate, &deed).await?;
    let found = records.store.find_hold(&scope, id).await?;
    let found = found.ok_or_else(|| UseError::not_found("hold", id))?;
    let deed = Deed { agency: found.asked.held.agency.clone(), ..deed };
    let now = records.now();
    let mut tx = records.store.begin().await?;
    if !tx.lift_hold(&scope, id, now).await? {
        return Err(UseError::Conflict(format!("hold {id} was lifted before")));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(Hold { lifted_at: Some(now), ..found })
}

/// The holds that hold now, as the lake takes them.
pub(crate) async fn holding(
    store: &Store,
    now: Timestamp,
) -> Result<Vec<khien_lake::Hold>, StoreError> {
    let (mut holds, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let found = store.list_holds(&AgencyScope::All, true, &page).await?;
        holds.extend(found.items.into_iter().filter(|hold| hold.holds(now)).map(|hold| {
            let Held { agency, from, to } = hold.asked.held;
            khien_lake::Hold { agency: agency.map(|agency| agency.to_string()), from, to }
        }));
        let Some(next) = found.next else { return Ok(holds) };
        page.after = Some(next);
    }
}

/// What is held, in words for the audit log.
fn describe(held: &Held) -> String {
    let moment = |at: Option<Timestamp>| at.map_or("…".to_owned(), |at| at.to_string());
    format!("events from {} to {}", moment(held.from), moment(held.to))
}
