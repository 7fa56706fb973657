//! Working on alerts: `POST /alerts/{id}/change`, `/alerts/{id}/comment`, `/alerts/change` for many.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::alerts;
use khien_domain::alert::State as AlertState;
use khien_domain::alert::state::Reason;
use khien_domain::ids::AlertId;
use khien_domain::permission::Permission;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::look::local;
use crate::console::posted::{Fields, Posted};
use crate::console::visit::Visiting;

/// Alerts that are changed at once.
const MANY: usize = 200;

/// What is to happen.
enum Change {
    /// It is taken on by whoever asks.
    Take,
    /// It goes to another state.
    To(AlertState),
}

fn change(fields: &Fields) -> Result<Change, PageError> {
    match fields.text("to") {
        "take" => Ok(Change::Take),
        "reopen" => Ok(Change::To(AlertState::InProgress)),
        "close" => {
            let reason = fields.parsed("reason", Reason::parse)?;
            Ok(Change::To(AlertState::Closed(reason)))
        }
        _ => Err(PageError::invalid("to")),
    }
}

async fn apply(
    console: &Console,
    visiting: &Visiting,
    id: AlertId,
    change: &Change,
    comment: Option<&str>,
) -> Result<(), UseError> {
    let (app, caller) = (&console.app, &visiting.caller);
    match change {
        Change::Take => {
            let name = visiting.visit.person.about.name.to_string();
            let detail = alerts::get_alert(app, caller, id).await?;
            if detail.alert.state == AlertState::New {
                alerts::change_alert(app, caller, id, AlertState::InProgress, comment).await?;
            }
            alerts::assign_alert(app, caller, id, Some(&name)).await?;
        }
        Change::To(state) => {
            alerts::change_alert(app, caller, id, *state, comment).await?;
        }
    }
    Ok(())
}

/// Back to where the form stood.
fn back(fields: &Fields, done: &str) -> Response<Body> {
    let back = local(fields.some("back").unwrap_or("/alerts"));
    let mark = if back.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{back}{mark}done={done}")).into_response()
}

/// One.
pub(in crate::console) async fn one(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let change = change(&fields)?;
    apply(&console, &visiting, AlertId(id), &change, fields.some("comment")).await?;
    let done = match change {
        Change::Take => "alert-taken",
        Change::To(AlertState::Closed(_)) => "alert-closed",
        Change::To(_) => "alert-reopened",
    };
    Ok(back(&fields, done))
}

/// Many, chosen in the queue. Those that cannot take the step stay as they are.
pub(in crate::console) async fn many(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let may = visiting.caller.actor.agencies(Permission::AlertsWrite);
    may.map_err(UseError::Denied)?;
    let change = change(&fields)?;
    let ids: Vec<AlertId> =
        fields.all("alert").filter_map(|text| text.parse().ok()).map(AlertId).collect();
    if ids.is_empty() || ids.len() > MANY {
        return Ok(back(&fields, "alerts-none-chosen"));
    }
    for id in ids {
        match apply(&console, &visiting, id, &change, fields.some("comment")).await {
            Ok(()) | Err(UseError::Conflict(_) | UseError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(back(&fields, "alerts-changed"))
}

/// Says something about one.
pub(in crate::console) async fn comment(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let text = fields.text("comment");
    alerts::comment_alert(&console.app, &visiting.caller, AlertId(id), text).await?;
    Ok(back(&fields, "alert-commented"))
}
