//! Suppressions: what is known to be harmless, hidden by somebody for a reason and a time.

use jiff::{SignedDuration, Timestamp};
use khien_domain::alert::suppression::{NewSuppression, Scope, Suppression};
use khien_domain::audit::Outcome;
use khien_domain::ids::SuppressionId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
pub use khien_store::Preview;

use super::UseError;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// A preview looks back this long.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Adds a suppression. One that names no agency holds for all, and needs a caller for all.
pub async fn add_suppression(
    records: &Records,
    caller: &Caller,
    new: NewSuppression,
) -> Result<Suppression, UseError> {
    let new = new.checked().map_err(UseError::invalid)?;
    let deed = Deed::new("suppression.add", describe(&new.scope), new.scope.agency.clone());
    let deed = deed.with(&new.reason);
    records.require(caller, Permission::AlertsWrite, &deed).await?;
    let mut tx = records.store.begin().await?;
    let id = tx.add_suppression(&new).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(Suppression { id, asked: new, ended_at: None, hidden: 0, last_hidden_at: None })
}

/// The suppressions that the caller may see, newest first; only those that hold now if asked.
pub async fn list_suppressions(
    records: &Records,
    caller: &Caller,
    only_holding: bool,
    page: &PageRequest,
) -> Result<Page<Suppression>, UseError> {
    let deed = Deed::new("suppression.list", "", None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    let holding_at = only_holding.then(|| records.now());
    Ok(records.store.list_suppressions(&scope, holding_at, page).await?)
}

/// Ends a suppression before its time.
pub async fn end_suppression(
    records: &Records,
    caller: &Caller,
    id: SuppressionId,
) -> Result<Suppression, UseError> {
    let deed = Deed::new("suppression.end", format!("suppression {id}"), None);
    let scope = records.scope(caller, Permission::AlertsWrite, &deed).await?;
    let found = records.store.find_suppression(&scope, id).await?;
    let found = found.ok_or_else(|| UseError::not_found("suppression", id))?;
    let deed = Deed { agency: found.asked.scope.agency.clone(), ..deed };
    let now = records.now();
    let mut tx = records.store.begin().await?;
    if !tx.end_suppression(&scope, id, now).await? {
        return Err(UseError::Conflict(format!("suppression {id} was ended before")));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(Suppression { ended_at: Some(now), ..found })
}

/// What a suppression would have hidden in the last 30 days of what the caller may see.
pub async fn preview_suppression(
    records: &Records,
    caller: &Caller,
    hiding: Scope,
) -> Result<Preview, UseError> {
    let deed = Deed::new("suppression.preview", describe(&hiding), None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    let now = records.now();
    // What could not be made is not worth a preview.
    let made = NewSuppression {
        scope: hiding,
        owner: "preview".to_owned(),
        reason: "preview".to_owned(),
        created_at: now,
        expires_at: now.checked_add(LOOK_BACK).unwrap_or(Timestamp::MAX),
    };
    let made = made.checked().map_err(UseError::invalid)?;
    let since = now.checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN);
    Ok(records.store.preview_suppression(&scope, &made.scope, since).await?)
}

/// What a suppression hides, in words for the audit log.
fn describe(scope: &Scope) -> String {
    let mut parts = Vec::new();
    parts.extend(scope.rule.iter().map(|rule| format!("rule {rule}")));
    parts.extend(scope.entity.iter().map(|entity| format!("entity {entity}")));
    let conditions = scope.conditions.iter();
    parts.extend(conditions.map(|known| format!("{} = {}", known.field, known.value)));
    khien_domain::text::cut(&parts.join(", "), 2000)
}
