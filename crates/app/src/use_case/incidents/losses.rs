//! What incidents cost: figures that whoever leads an incident gives, and the incidents of a year with them.

use khien_domain::audit::Outcome;
use khien_domain::ids::IncidentId;
use khien_domain::incident::{Incident, LossFigure, NewLossFigure};
use khien_domain::page::PageRequest;
use khien_domain::permission::Permission;

use super::{IncidentFilter, UseError, find, to_change};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::register::evidence::bounds_of;

/// Incidents of a year that are looked at, at most.
const INCIDENTS: usize = 10_000;

/// Gives a figure of what an incident costs. It takes the place of the one of its kind, which stays in the
/// history; whoever may edit the incident may give it, also when it is closed.
pub async fn record_loss(
    records: &Records,
    caller: &Caller,
    id: IncidentId,
    new: NewLossFigure,
) -> Result<Incident, UseError> {
    let new = new.checked().map_err(UseError::invalid)?;
    let (scope, incident, deed) = to_change(records, caller, id, "incident.loss").await?;
    let (kind, amount) = (new.kind, new.amount);
    let deed = deed.with(match incident.losses.amount(kind) {
        Some(was) => format!("{}: {was} to {amount} đồng", kind.name()),
        None => format!("{}: {amount} đồng", kind.name()),
    });
    let by = caller.actor.identity.to_string();
    let figure = LossFigure { about: new, by, at: records.now() };
    let mut tx = records.store.begin().await?;
    if !tx.add_incident_loss(&scope, id, &figure).await? {
        return Err(UseError::not_found("incident", id.number()));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    find(records, &scope, id).await
}

/// The incidents that were opened in a year of the province, newest first, with what they cost.
pub async fn incidents_of_year(
    records: &Records,
    caller: &Caller,
    year: i16,
) -> Result<Vec<Incident>, UseError> {
    let deed = Deed::new("incident.losses", year.to_string(), None);
    let scope = records.scope(caller, Permission::IncidentsRead, &deed).await?;
    let Some((from, before)) = bounds_of(year) else { return Ok(Vec::new()) };
    let filter = IncidentFilter {
        opened_from: Some(from),
        opened_before: Some(before),
        ..IncidentFilter::default()
    };
    let (mut found, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let part = records.store.list_incidents(&scope, &filter, &page).await?;
        found.extend(part.items);
        match part.next {
            Some(next) if found.len() < INCIDENTS => page.after = Some(next),
            _ => return Ok(found),
        }
    }
}
