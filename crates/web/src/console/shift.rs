//! `/shift`: what one shift tells the next, and who took over.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::shifts;
use khien_domain::ids::ShiftNoteId;
use khien_domain::page::PageRequest;
use khien_domain::shift::{OpenMatters, ShiftNote};

use super::Console;
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::Posted;
use super::visit::Visiting;

/// Notes that are shown.
const ROWS: u32 = 30;

/// The page.
#[derive(Template)]
#[template(path = "console/shift.html")]
struct Page {
    f: Frame,
    open: OpenMatters,
    current: Option<ShiftNote>,
    may_acknowledge: bool,
    notes: Vec<ShiftNote>,
}

/// `GET`
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let open = shifts::open_matters(app, caller).await?;
    let current = shifts::current_note(app, caller).await?;
    let notes = shifts::list_notes(app, caller, &PageRequest::new(None, ROWS)).await?.items;
    let who = caller.actor.identity.to_string();
    let may_acknowledge = current.as_ref().is_some_and(|note| note.may_acknowledge(&who).is_ok());
    let f = Frame::of(&console, &visiting, Room::Shift).await?;
    frame::page(&Page { f, open, current, may_acknowledge, notes })
}

/// `POST`: writes a note.
pub(super) async fn write(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    shifts::write_note(&console.app, &visiting.caller, fields.text("text")).await?;
    Ok(Redirect::to("/shift?done=shift-written").into_response())
}

/// `POST /shift/{id}/acknowledge`: takes over.
pub(super) async fn acknowledge(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, .. }: Posted,
) -> Result<Response<Body>, PageError> {
    shifts::acknowledge(&console.app, &visiting.caller, ShiftNoteId(id)).await?;
    Ok(Redirect::to("/shift?done=shift-taken").into_response())
}
