//! Working on alerts: looking, taking on, closing with a reason, commenting.

use jiff::Timestamp;
use khien_domain::alert::state::comment_text;
use khien_domain::alert::{Alert, AlertEvent, Comment, State};
use khien_domain::audit::Outcome;
use khien_domain::evidence::{NewEvidence, Origin};
use khien_domain::ids::{AlertId, CommentId};
use khien_domain::limits::NAME_BYTES;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::text;
pub use khien_store::AlertFilter;

use super::UseError;
use crate::access::{Caller, Deed};
use crate::news::Topic;
use crate::records::Records;

/// Alerts of a queue's page at most.
const QUEUE: u32 = 500;

/// An alert with everything that is kept of it.
#[derive(Clone, Debug)]
pub struct AlertDetail {
    /// The alert.
    pub alert: Alert,
    /// The first events, with the fields that matched and why.
    pub events: Vec<AlertEvent>,
    /// The newest comments.
    pub comments: Page<Comment>,
}

/// The alerts that the caller may see, newest first.
pub async fn list_alerts(
    records: &Records,
    caller: &Caller,
    filter: &AlertFilter,
    page: &PageRequest,
) -> Result<Page<Alert>, UseError> {
    let deed = Deed::new("alert.list", "", None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    Ok(records.store.list_alerts(&scope, filter, page).await?)
}

/// The alerts that the caller may see as a queue: gravest first, then the last heard of. `skip` are
/// left out; the answer says whether there are more than `limit`.
pub async fn queue_alerts(
    records: &Records,
    caller: &Caller,
    filter: &AlertFilter,
    skip: u32,
    limit: u32,
) -> Result<(Vec<Alert>, bool), UseError> {
    let deed = Deed::new("alert.list", "", None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    Ok(records.store.queue_alerts(&scope, filter, skip, limit.clamp(1, QUEUE)).await?)
}

/// How many alerts that the caller may see nobody has looked at.
pub async fn count_new(records: &Records, caller: &Caller) -> Result<u64, UseError> {
    let deed = Deed::new("alert.list", "", None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    let filter = AlertFilter { state: Some("new".to_owned()), ..AlertFilter::default() };
    Ok(records.store.count_alerts(&scope, &filter).await?)
}

/// How many alerts that the caller may see there are of a filter.
pub async fn count_alerts(
    records: &Records,
    caller: &Caller,
    filter: &AlertFilter,
) -> Result<u64, UseError> {
    let deed = Deed::new("alert.list", "", None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    Ok(records.store.count_alerts(&scope, filter).await?)
}

/// An alert with its events and newest comments.
pub async fn get_alert(
    records: &Records,
    caller: &Caller,
    id: AlertId,
) -> Result<AlertDetail, UseError> {
    let deed = Deed::new("alert.get", format!("alert {id}"), None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    let alert = find(records, &scope, id).await?;
    let events = records.store.list_alert_events(&scope, id).await?;
    let comments = records.store.list_comments(&scope, id, &PageRequest::new(None, 50)).await?;
    Ok(AlertDetail { alert, events, comments })
}

/// The comments on an alert, newest first.
pub async fn list_comments(
    records: &Records,
    caller: &Caller,
    id: AlertId,
    page: &PageRequest,
) -> Result<Page<Comment>, UseError> {
    let deed = Deed::new("alert.get", format!("alert {id}"), None);
    let scope = records.scope(caller, Permission::AlertsRead, &deed).await?;
    find(records, &scope, id).await?;
    Ok(records.store.list_comments(&scope, id, page).await?)
}

/// Takes an alert to another state, with a comment if there is something to say.
pub async fn change_alert(
    records: &Records,
    caller: &Caller,
    id: AlertId,
    to: State,
    comment: Option<&str>,
) -> Result<Alert, UseError> {
    let comment = comment.map(comment_text).transpose().map_err(UseError::invalid)?;
    let (scope, alert, deed) = to_change(records, caller, id, "alert.change").await?;
    let from = alert.state;
    from.step(to).map_err(|wrong| UseError::Conflict(wrong.to_string()))?;
    let reason = to.reason().map_or("", khien_domain::alert::state::Reason::name);
    let deed = deed.with(format!("{} to {} {reason}", from.name(), to.name()).trim_end());
    let now = records.now();
    let mut tx = records.store.begin().await?;
    if !tx.set_alert_state(&scope, id, from, to, now).await? {
        return Err(UseError::Conflict(format!("alert {id} was changed meanwhile")));
    }
    if from == State::New {
        records.keep_evidence(&mut tx, vec![handled(&alert, Some(now), now)]).await?;
    }
    if let Some(comment) = comment {
        tx.comment_alert(&scope, id, &caller.actor.identity.to_string(), &comment, now).await?;
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    records.news.tell(Topic::Alerts);
    find(records, &scope, id).await
}

/// Gives an alert to somebody, or to nobody.
pub async fn assign_alert(
    records: &Records,
    caller: &Caller,
    id: AlertId,
    assignee: Option<&str>,
) -> Result<Alert, UseError> {
    let assignee = assignee.map(|name| text::line("the assignee", name, NAME_BYTES));
    let assignee = assignee.transpose().map_err(UseError::invalid)?;
    let (scope, _, deed) = to_change(records, caller, id, "alert.assign").await?;
    let deed = deed.with(assignee.as_deref().unwrap_or("nobody"));
    let mut tx = records.store.begin().await?;
    tx.assign_alert(&scope, id, assignee.as_deref(), records.now()).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    records.news.tell(Topic::Alerts);
    find(records, &scope, id).await
}

/// Says something about an alert. What is said is never changed.
pub async fn comment_alert(
    records: &Records,
    caller: &Caller,
    id: AlertId,
    comment: &str,
) -> Result<Comment, UseError> {
    let text = comment_text(comment).map_err(UseError::invalid)?;
    let (scope, _, deed) = to_change(records, caller, id, "alert.comment").await?;
    let (author, at) = (caller.actor.identity.to_string(), records.now());
    let mut tx = records.store.begin().await?;
    let added: Option<CommentId> = tx.comment_alert(&scope, id, &author, &text, at).await?;
    let comment = added.ok_or_else(|| UseError::not_found("alert", id))?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    records.news.tell(Topic::Alerts);
    Ok(Comment { id: comment, author, at, text })
}

/// What the ledger says about how fast an alert was taken up; without a moment, that nobody has yet.
pub(crate) fn handled(
    alert: &Alert,
    acknowledged: Option<Timestamp>,
    now: Timestamp,
) -> NewEvidence {
    let new = NewEvidence::of_system("alert.handled", &alert.agency, &alert.system, now)
        .with("severity", alert.severity.name())
        .with("raised", alert.created_at)
        .with_some("acknowledged", acknowledged)
        .with("drill", false)
        .from(Origin::Alert, format!("alert {}", alert.id));
    NewEvidence { subject: format!("alert {}", alert.id), ..new }
}

async fn find(records: &Records, scope: &AgencyScope, id: AlertId) -> Result<Alert, UseError> {
    records.store.find_alert(scope, id).await?.ok_or_else(|| UseError::not_found("alert", id))
}

/// An alert that the caller may work on.
async fn to_change(
    records: &Records,
    caller: &Caller,
    id: AlertId,
    action: &'static str,
) -> Result<(AgencyScope, Alert, Deed), UseError> {
    let deed = Deed::new(action, format!("alert {id}"), None);
    let scope = records.scope(caller, Permission::AlertsWrite, &deed).await?;
    let alert = find(records, &scope, id).await?;
    let deed = Deed { agency: Some(alert.agency.clone()), ..deed };
    Ok((scope, alert, deed))
}
