//! `POST /incidents`: opens an incident from alerts, or adds them to one that is open.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::incidents;
use khien_domain::alert::Severity;
use khien_domain::ids::AlertId;
use khien_domain::incident::NewIncident;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::posted::Posted;

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let alerts: Vec<AlertId> =
        fields.all("alert").filter_map(|text| text.parse().ok()).map(AlertId).collect();
    if let Some(number) = fields.some("incident") {
        let id = super::number(number)?;
        for alert in alerts {
            incidents::add_alert(app, caller, id, alert).await?;
        }
        let place = format!("/incidents/{}?done=incident-joined", id.number());
        return Ok(Redirect::to(&place).into_response());
    }
    let new = NewIncident {
        title: fields.text("title").to_owned(),
        severity: fields.parsed("severity", Severity::parse)?,
        lead: Some(visiting.visit.person.about.name.to_string()),
        alerts,
    };
    let incident = incidents::open_incident(app, caller, new).await?;
    let place = format!("/incidents/{}?done=incident-opened", incident.id.number());
    Ok(Redirect::to(&place).into_response())
}
