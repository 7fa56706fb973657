//! Working on an incident: its state, what it is called, its lead, its alerts, its notes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::incidents::{self, Edit};
use khien_domain::alert::Severity;
use khien_domain::budget::amount;
use khien_domain::ids::{AlertId, IncidentId};
use khien_domain::incident::{LossKind, NewLossFigure, Outcome, State as IncidentState};

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::posted::Posted;
use crate::console::register::wrong_of;

fn back(id: IncidentId, done: &str) -> Response<Body> {
    Redirect::to(&format!("/incidents/{}?done={done}", id.number())).into_response()
}

/// `POST /incidents/{number}/state`
pub(in crate::console) async fn state(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let id = super::number(&number)?;
    let outcome = match fields.text("state") {
        "closed" => Some(fields.parsed("outcome", Outcome::parse)?),
        _ => None,
    };
    let to = IncidentState::parse(fields.text("state"), outcome);
    let to = to.ok_or_else(|| PageError::invalid("state"))?;
    incidents::change_incident(&console.app, &visiting.caller, id, to).await?;
    if let Some(note) = fields.some("note") {
        incidents::note_incident(&console.app, &visiting.caller, id, note).await?;
    }
    Ok(back(id, "incident-changed"))
}

/// `POST /incidents/{number}/edit`
pub(in crate::console) async fn edit(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let id = super::number(&number)?;
    let edit = Edit {
        title: Some(fields.text("title").to_owned()),
        severity: Some(fields.parsed("severity", Severity::parse)?),
        lead: Some(fields.some("lead").map(ToOwned::to_owned)),
    };
    incidents::edit_incident(&console.app, &visiting.caller, id, &edit).await?;
    Ok(back(id, "incident-changed"))
}

/// `POST /incidents/{number}/loss`
pub(in crate::console) async fn loss(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let id = super::number(&number)?;
    let kind = fields.parsed("kind", LossKind::parse)?;
    let text = fields.text("amount");
    let done = match amount(text) {
        Some(amount) => {
            let new = NewLossFigure { kind, amount, reason: fields.text("reason").to_owned() };
            incidents::record_loss(&console.app, &visiting.caller, id, new).await.map(|_| ())
        }
        None => Err(UseError::Invalid(format!("amount: «{text}» is not whole đồng"))),
    };
    let Err(error) = done else { return Ok(back(id, "incident-loss")) };
    let f = Frame::of(&console, &visiting, Room::Incidents).await?;
    let wrong = wrong_of(&f, error)?;
    let mut response = super::detail::show(&console, &visiting, id, Some((wrong, fields))).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}

/// `POST /incidents/{number}/note`
pub(in crate::console) async fn note(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let id = super::number(&number)?;
    incidents::note_incident(&console.app, &visiting.caller, id, fields.text("note")).await?;
    Ok(back(id, "incident-noted"))
}

/// `POST /incidents/{number}/alerts/{alert}/remove`
pub(in crate::console) async fn remove_alert(
    State(console): State<Arc<Console>>,
    Path((number, alert)): Path<(String, i64)>,
    Posted { visiting, .. }: Posted,
) -> Result<Response<Body>, PageError> {
    let id = super::number(&number)?;
    incidents::remove_alert(&console.app, &visiting.caller, id, AlertId(alert)).await?;
    Ok(back(id, "incident-changed"))
}
