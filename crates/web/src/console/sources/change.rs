//! Changing a source: `POST /sources/{id}/status`, `/sources/{id}/formats`, `/sources/{id}/rotate`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use jiff::SignedDuration;
use khien_app::use_case::register;
use khien_domain::ids::SourceId;
use khien_domain::limits::ROTATION_HOURS;
use khien_domain::source::SourceStatus;

use super::token;
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::posted::Posted;

fn back(id: i64, done: &str) -> Response<Body> {
    Redirect::to(&format!("/sources/{id}?done={done}")).into_response()
}

/// On or off.
pub(in crate::console) async fn status(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let status = fields.parsed("status", SourceStatus::parse)?;
    register::set_source_status(&console.app, &visiting.caller, SourceId(id), status).await?;
    Ok(back(id, if status == SourceStatus::Active { "source-on" } else { "source-off" }))
}

/// Which formats it may send.
pub(in crate::console) async fn formats(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let formats = fields.all("format").map(ToOwned::to_owned).collect();
    register::set_source_formats(&console.app, &visiting.caller, SourceId(id), formats).await?;
    Ok(back(id, "source-formats"))
}

/// A new token, shown in this answer.
pub(in crate::console) async fn rotate(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let hours = fields.parsed("hours", |text| text.trim().parse::<i64>().ok())?;
    let overlap = SignedDuration::from_hours(hours.clamp(0, ROTATION_HOURS));
    let random = (console.random)().map_err(|_| PageError::fault())?;
    let (app, caller) = (&console.app, &visiting.caller);
    let made = register::rotate_source(app, caller, SourceId(id), overlap, &random).await?;
    token::draw(&console, &visiting, made, false).await
}
