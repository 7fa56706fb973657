//! `GET /alerts/export`: the queue as CSV or JSON.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::alerts;

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// Rows at most.
const ROWS: u32 = 500;
const PAGES: u32 = 20;

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let filter = super::filter(&console, &visiting, &asked);
    let f = Frame::of(&console, &visiting, Room::Alerts).await?;
    let mut rows = Vec::new();
    for page in 0..PAGES {
        let (app, caller, skip) = (&console.app, &visiting.caller, page * ROWS);
        let (found, more) = alerts::queue_alerts(app, caller, &filter, skip, ROWS).await?;
        rows.extend(found.iter().map(|alert| {
            vec![
                alert.id.to_string(),
                f.severity(&alert.severity),
                f.title(alert).into_owned(),
                alert.agency.to_string(),
                alert.system.to_string(),
                alert.entity.clone(),
                alert.count.to_string(),
                f.iso(&alert.first_at),
                f.iso(&alert.last_at),
                f.state(&alert.state),
                alert
                    .state
                    .reason()
                    .map_or_else(String::new, |reason| f.word("reason", reason.name())),
                alert.assignee.clone().unwrap_or_default(),
                alert.attack.join(" "),
                alert.rule.clone(),
            ]
        }));
        if !more {
            break;
        }
    }
    let column = |name, id: &str| (name, f.t(id));
    let table = Table {
        name: "alerts",
        columns: vec![
            column("number", "alerts-number"),
            column("severity", "alerts-severity"),
            column("title", "alerts-alert"),
            column("agency", "alerts-agency"),
            column("system", "alerts-system"),
            column("entity", "alerts-entity"),
            column("count", "alerts-count"),
            column("first_at", "alerts-first"),
            column("last_at", "alerts-last"),
            column("state", "alerts-state"),
            column("reason", "alerts-reason"),
            column("assignee", "alerts-assignee"),
            column("attack", "alerts-attack"),
            column("rule", "alerts-rule"),
        ],
        rows,
    };
    Ok(table.answer(&f, &asked))
}
