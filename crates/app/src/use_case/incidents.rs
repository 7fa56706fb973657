//! Incidents: opened from alerts, led, noted, closed.
//!
//! Whoever may see one of the agencies of an incident sees it, its notes, and those of its alerts
//! that are of their agencies. To change it takes all of its agencies; to say something, one.

mod losses;

use khien_domain::alert::{Alert, Severity, State as AlertState};
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::ids::{AlertId, IncidentId};
use khien_domain::incident::{self, Incident, IncidentError, LossFigure, NewIncident, Note, State};
use khien_domain::limits::INCIDENT_ALERTS;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
pub use khien_store::IncidentFilter;
use khien_store::Tx;

pub use losses::{incidents_of_year, record_loss};

use super::UseError;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// Notes that come with an incident; further ones are listed apart.
const NOTES: u32 = 50;

/// An incident with what the caller may see of it.
#[derive(Clone, Debug)]
pub struct IncidentDetail {
    /// The incident.
    pub incident: Incident,
    /// Its alerts that are of the caller's agencies, newest first.
    pub alerts: Vec<Alert>,
    /// The newest notes.
    pub notes: Page<Note>,
    /// The figures that were given of what it costs, newest first.
    pub losses: Vec<LossFigure>,
}

/// What is changed of an incident; what is not given stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// Another title.
    pub title: Option<String>,
    /// Another severity.
    pub severity: Option<Severity>,
    /// Another lead, or nobody.
    pub lead: Option<Option<String>>,
}

/// Opens an incident from alerts. Alerts that nobody had looked at are in progress by it, and each
/// says in a comment which incident it belongs to.
pub async fn open_incident(
    records: &Records,
    caller: &Caller,
    new: NewIncident,
) -> Result<Incident, UseError> {
    let deed = Deed::new("incident.open", "", None);
    let scope = records.scope(caller, Permission::IncidentsWrite, &deed).await?;
    records.scope(caller, Permission::AlertsWrite, &deed).await?;
    let new = new.checked().map_err(UseError::invalid)?;
    let mut alerts = Vec::with_capacity(new.alerts.len());
    for id in &new.alerts {
        alerts.push(alert_to_link(records, &scope, *id).await?);
    }
    let first = alerts.first().ok_or_else(|| UseError::invalid(IncidentError::NoAlert))?;
    let agency = first.agency.clone();
    let (by, now) = (caller.actor.identity.to_string(), records.now());
    let mut tx = records.store.begin().await?;
    let id = tx.open_incident(&new, &agency, &by, now).await?;
    let mut entries = Vec::new();
    let deed = Deed { target: id.number().to_string(), agency: Some(agency), ..deed };
    let deed = deed.with(format!("{} alerts: {}", alerts.len(), new.title));
    entries.push(records.entry(caller, &deed, Outcome::Done));
    for alert in &alerts {
        link(records, &mut tx, &scope, id, alert, &by).await?;
        let deed = link_deed("incident.add_alert", id, alert);
        entries.push(records.entry(caller, &deed, Outcome::Done));
    }
    tx.add_audit(&entries).await?;
    tx.commit().await?;
    find(records, &scope, id).await
}

fn link_deed(action: &'static str, id: IncidentId, alert: &Alert) -> Deed {
    let deed = Deed::new(action, id.number().to_string(), Some(alert.agency.clone()));
    deed.with(format!("alert {}", alert.id))
}

/// An alert that no incident has which is not closed.
async fn alert_to_link(
    records: &Records,
    scope: &AgencyScope,
    id: AlertId,
) -> Result<Alert, UseError> {
    let found = records.store.find_alert(scope, id).await?;
    let found = found.ok_or_else(|| UseError::not_found("alert", id))?;
    match records.store.open_incident_of_alert(scope, id).await? {
        None => Ok(found),
        Some(other) => {
            let other = other.number();
            Err(UseError::Conflict(format!("alert {id} belongs to {other}, which is not closed")))
        }
    }
}

/// Links an alert, takes it on if nobody has, and says so on it.
async fn link(
    records: &Records,
    tx: &mut Tx,
    scope: &AgencyScope,
    id: IncidentId,
    alert: &Alert,
    by: &str,
) -> Result<(), UseError> {
    let (now, number) = (records.now(), id.number());
    let taken = || format!("alert {} belongs to another incident that is not closed", alert.id);
    let linked = tx.link_alert(scope, id, alert.id, by, now).await;
    if !linked.map_err(|error| UseError::taken(error, taken))? {
        return Err(UseError::Conflict(format!("alert {} belongs to {number} already", alert.id)));
    }
    if alert.state == AlertState::New {
        // Whoever was faster has looked at it, which is what is wanted.
        tx.set_alert_state(scope, alert.id, alert.state, AlertState::InProgress, now).await?;
    }
    let comment = format!("→ {number}");
    tx.comment_alert(scope, alert.id, by, &comment, now).await?;
    Ok(())
}

/// Links another alert to an incident.
pub async fn add_alert(
    records: &Records,
    caller: &Caller,
    id: IncidentId,
    alert: AlertId,
) -> Result<Incident, UseError> {
    let (scope, incident, deed) = to_change(records, caller, id, "incident.add_alert").await?;
    records.scope(caller, Permission::AlertsWrite, &deed).await?;
    if incident.alerts >= INCIDENT_ALERTS as u64 {
        return Err(UseError::invalid(IncidentError::Alerts));
    }
    if incident.state.is_closed() {
        let message = format!("{} is closed; open it again to add to it", id.number());
        return Err(UseError::Conflict(message));
    }
    let alert = alert_to_link(records, &scope, alert).await?;
    let mut tx = records.store.begin().await?;
    let by = caller.actor.identity.to_string();
    link(records, &mut tx, &scope, id, &alert, &by).await?;
    let deed = link_deed("incident.add_alert", id, &alert);
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    find(records, &scope, id).await
}

/// Takes an alert out of an incident. The incident's own agency stays.
pub async fn remove_alert(
    records: &Records,
    caller: &Caller,
    id: IncidentId,
    alert: AlertId,
) -> Result<Incident, UseError> {
    let (scope, _, _) = to_change(records, caller, id, "incident.remove_alert").await?;
    let found = records.store.find_alert(&scope, alert).await?;
    let found = found.ok_or_else(|| UseError::not_found("alert", alert))?;
    let mut tx = records.store.begin().await?;
    if !tx.unlink_alert(&scope, id, alert, records.now()).await? {
        return Err(UseError::not_found("alert of the incident", alert));
    }
    let deed = link_deed("incident.remove_alert", id, &found);
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    find(records, &scope, id).await
}

/// Takes an incident to another state.
pub async fn change_incident(
    records: &Records,
    caller: &Caller,
    id: IncidentId,
    to: State,
) -> Result<Incident, UseError> {
    let (scope, incident, deed) = to_change(records, caller, id, "incident.change").await?;
    let from = incident.state;
    from.step(to).map_err(|wrong| UseError::Conflict(wrong.to_string()))?;
    let outcome = to.outcome().map_or("", incident::Outcome::name);
    let deed = deed.with(format!("{} to {} {outcome}", from.name(), to.name()).trim_end());
    let mut tx = records.store.begin().await?;
    let changed = tx.set_incident_state(&scope, id, from, to, records.now()).await;
    let taken = || {
        let number = id.number();
        format!("an alert of {number} belongs to another incident by now; take it out of one first")
    };
    if !changed.map_err(|error| UseError::taken(error, taken))? {
        return Err(UseError::Conflict(format!("{} was changed meanwhile", id.number())));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    find(records, &scope, id).await
}

/// Changes title, severity or lead.
pub async fn edit_incident(
    records: &Records,
    caller: &Caller,
    id: IncidentId,
    edit: &Edit,
) -> Result<Incident, UseError> {
    let title = edit.title.as_deref().map(incident::title);
    let title = title.transpose().map_err(UseError::invalid)?;
    let lead = edit.lead.as_ref().map(|lead| lead.as_deref().map(incident::lead).transpose());
    let lead = lead.transpose().map_err(|error| UseError::invalid(format!("the lead: {error}")))?;
    let (scope, incident, deed) = to_change(records, caller, id, "incident.edit").await?;
    let mut said = Vec::new();
    said.extend(title.iter().map(|title| format!("title: {title}")));
    said.extend(edit.severity.map(|severity| format!("severity: {}", severity.name())));
    said.extend(lead.iter().map(|lead| format!("lead: {}", lead.as_deref().unwrap_or("nobody"))));
    let deed = deed.with(said.join("; "));
    let title = title.unwrap_or(incident.title);
    let (severity, lead) =
        (edit.severity.unwrap_or(incident.severity), lead.unwrap_or(incident.lead));
    let mut tx = records.store.begin().await?;
    tx.edit_incident(&scope, id, &title, severity, lead.as_deref(), records.now()).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    find(records, &scope, id).await
}

/// Says something about an incident. What is said is never changed.
pub async fn note_incident(
    records: &Records,
    caller: &Caller,
    id: IncidentId,
    note: &str,
) -> Result<Note, UseError> {
    let text = incident::note_text(note).map_err(UseError::invalid)?;
    let deed = Deed::new("incident.note", id.number().to_string(), None);
    let scope = records.scope(caller, Permission::IncidentsWrite, &deed).await?;
    let incident = find(records, &scope, id).await?;
    let deed = Deed { agency: Some(incident.agency), ..deed };
    let (author, at) = (caller.actor.identity.to_string(), records.now());
    let mut tx = records.store.begin().await?;
    let added = tx.note_incident(&scope, id, &author, &text, at).await?;
    let note = added.ok_or_else(|| UseError::not_found("incident", id.number()))?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(Note { id: note, author, at, text })
}

/// The incidents that the caller may see, newest first.
pub async fn list_incidents(
    records: &Records,
    caller: &Caller,
    filter: &IncidentFilter,
    page: &PageRequest,
) -> Result<Page<Incident>, UseError> {
    let deed = Deed::new("incident.list", "", None);
    let scope = records.scope(caller, Permission::IncidentsRead, &deed).await?;
    Ok(records.store.list_incidents(&scope, filter, page).await?)
}

/// An incident with its alerts and newest notes.
pub async fn get_incident(
    records: &Records,
    caller: &Caller,
    id: IncidentId,
) -> Result<IncidentDetail, UseError> {
    let deed = Deed::new("incident.get", id.number().to_string(), None);
    let scope = records.scope(caller, Permission::IncidentsRead, &deed).await?;
    let incident = find(records, &scope, id).await?;
    let alerts = records.store.list_incident_alerts(&scope, id).await?;
    let first = PageRequest::new(None, NOTES);
    let notes = records.store.list_incident_notes(&scope, id, &first).await?;
    let losses = records.store.list_incident_losses(&scope, id).await?;
    Ok(IncidentDetail { incident, alerts, notes, losses })
}

/// The notes on an incident, newest first.
pub async fn list_notes(
    records: &Records,
    caller: &Caller,
    id: IncidentId,
    page: &PageRequest,
) -> Result<Page<Note>, UseError> {
    let deed = Deed::new("incident.get", id.number().to_string(), None);
    let scope = records.scope(caller, Permission::IncidentsRead, &deed).await?;
    find(records, &scope, id).await?;
    Ok(records.store.list_incident_notes(&scope, id, page).await?)
}

/// The incident that is not closed and has an alert, for the page of the alert.
pub async fn incident_of_alert(
    records: &Records,
    caller: &Caller,
    alert: AlertId,
) -> Result<Option<IncidentId>, UseError> {
    let deed = Deed::new("incident.of_alert", format!("alert {alert}"), None);
    let scope = records.scope(caller, Permission::IncidentsRead, &deed).await?;
    Ok(records.store.open_incident_of_alert(&scope, alert).await?)
}

/// The incidents that the caller may see and that are not closed, by severity, the lowest first.
pub async fn count_open(records: &Records, caller: &Caller) -> Result<[u64; 5], UseError> {
    let deed = Deed::new("incident.count", "", None);
    let scope = records.scope(caller, Permission::IncidentsRead, &deed).await?;
    Ok(records.store.count_open_incidents(&scope).await?)
}

async fn find(
    records: &Records,
    scope: &AgencyScope,
    id: IncidentId,
) -> Result<Incident, UseError> {
    let found = records.store.find_incident(scope, id).await?;
    found.ok_or_else(|| UseError::not_found("incident", id.number()))
}

/// An incident that the caller may change: all its agencies are theirs.
async fn to_change(
    records: &Records,
    caller: &Caller,
    id: IncidentId,
    action: &'static str,
) -> Result<(AgencyScope, Incident, Deed), UseError> {
    let deed = Deed::new(action, id.number().to_string(), None);
    let scope = records.scope(caller, Permission::IncidentsWrite, &deed).await?;
    let incident = find(records, &scope, id).await?;
    let of = |agency: &AgencyCode| Deed { agency: Some(agency.clone()), ..deed.clone() };
    for agency in &incident.agencies {
        records.require(caller, Permission::IncidentsWrite, &of(agency)).await?;
    }
    let deed = of(&incident.agency);
    Ok((scope, incident, deed))
}
