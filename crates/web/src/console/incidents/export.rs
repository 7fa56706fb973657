//! `GET /incidents/export`: the list as CSV or JSON.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::incidents;
use khien_domain::incident::LossKind;
use khien_domain::page::PageRequest;

use super::losses;
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// Rows at most.
const ROWS: usize = 10_000;

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let filter = super::filter(&visiting, &asked);
    let f = Frame::of(&console, &visiting, Room::Incidents).await?;
    let (mut rows, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let (app, caller) = (&console.app, &visiting.caller);
        let found = incidents::list_incidents(app, caller, &filter, &page).await?;
        rows.extend(found.items.iter().map(|incident| {
            vec![
                incident.id.number().to_string(),
                incident.title.clone(),
                f.severity(&incident.severity),
                f.word("incidents-state", incident.state.name()),
                incident.lead.clone().unwrap_or_default(),
                incident.agency.to_string(),
                incident.alerts.to_string(),
                f.iso(&incident.opened_at),
                incident.closed_at.map_or_else(String::new, |at| f.iso(&at)),
                losses::cell(incident, LossKind::Estimated),
                losses::cell(incident, LossKind::Actual),
            ]
        }));
        match found.next {
            Some(next) if rows.len() < ROWS => page.after = Some(next),
            _ => break,
        }
    }
    let column = |name, id: &str| (name, f.t(id));
    let table = Table {
        name: "incidents",
        columns: vec![
            column("number", "alerts-number"),
            column("title", "incidents-title"),
            column("severity", "alerts-severity"),
            column("state", "alerts-state"),
            column("lead", "incidents-lead"),
            column("agency", "alerts-agency"),
            column("alerts", "frame-room-alerts"),
            column("opened_at", "incidents-opened"),
            column("closed_at", "incidents-closed"),
            column("estimated_loss", "losses-estimated"),
            column("actual_loss", "losses-actual"),
        ],
        rows,
    };
    Ok(table.answer(&f, &asked))
}
