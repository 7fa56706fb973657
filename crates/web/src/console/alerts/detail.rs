//! `GET /alerts/{id}`: one alert with everything that is kept of it.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_domain::alert::Severity;
use khien_domain::ids::AlertId;
use khien_domain::permission::Permission;

use super::view::{self, View};
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register;
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/alerts/detail.html")]
struct Page {
    f: Frame,
    view: View,
    agency: String,
    next_open: Option<i64>,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Alerts).await?;
    let view = view::view(&console, &visiting, &f, AlertId(id)).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let code = &view.detail.alert.agency;
    let agency = names.get(code).cloned().unwrap_or_else(|| code.to_string());
    frame::page(&Page { agency, view, next_open: None, f })
}
