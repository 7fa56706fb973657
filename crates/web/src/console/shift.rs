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
use super::asked::Asked;
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::Posted;
use super::table::Table;
use super::visit::Visiting;

/// Notes that are shown.
const ROWS: u32 = 30;
/// Notes of a file at most.
const MOST: usize = 50_000;

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
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let f = Frame::of(&console, &visiting, Room::Shift).await?;
    if asked.some("form").is_some() {
        let (mut notes, mut page) = (Vec::new(), PageRequest::first());
        loop {
            let found = shifts::list_notes(app, caller, &page).await?;
            notes.extend(found.items);
            match found.next {
                Some(next) if notes.len() < MOST => page.after = Some(next),
                _ => break,
            }
        }
        return Ok(table(&f, &notes).answer(&f, &asked));
    }
    let open = shifts::open_matters(app, caller).await?;
    let current = shifts::current_note(app, caller).await?;
    let notes = shifts::list_notes(app, caller, &PageRequest::new(None, ROWS)).await?.items;
    let who = caller.actor.identity.to_string();
    let may_acknowledge = current.as_ref().is_some_and(|note| note.may_acknowledge(&who).is_ok());
    frame::page(&Page { f, open, current, may_acknowledge, notes })
}

fn table(f: &Frame, notes: &[ShiftNote]) -> Table {
    let column = |name, id: &str| (name, f.t(id));
    let rows = notes.iter().map(|note| {
        let (taker, taken_at) = match &note.acknowledged {
            Some((who, at)) => (f.person(who), f.iso(at)),
            None => Default::default(),
        };
        vec![
            f.iso(&note.at),
            f.person(&note.author),
            note.text.clone(),
            note.open.alerts.iter().sum::<u64>().to_string(),
            note.open.incidents.to_string(),
            note.open.silent_sources.to_string(),
            taker,
            taken_at,
        ]
    });
    Table {
        name: "shifts",
        columns: vec![
            column("at", "alerts-when"),
            column("author", "shift-who"),
            column("text", "shift-said"),
            column("open_alerts", "frame-room-alerts"),
            column("open_incidents", "frame-room-incidents"),
            column("silent_sources", "overview-silent"),
            column("taken_over_by", "shift-taken-over"),
            column("taken_over_at", "shift-taken-at"),
        ],
        rows: rows.collect(),
    }
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
