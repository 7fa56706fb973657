//! `GET /search/export`: what was found as a file, as it is written.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use khien_app::use_case::export;
use khien_lake::{Column, ExportForm, Shown};
use serde_json::json;

use super::asked::Search;
use super::page::oldest;
use crate::api::stream::{Frames, body};
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::table::BANNER;
use crate::console::visit::Visiting;

/// Events at most.
const MOST: u64 = 1_000_000;

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let wanted = Search::of(&asked, console.app.now(), oldest(&console));
    let (form, kind, ending) = match asked.text("form") {
        "ndjson" => (ExportForm::JsonLines, "application/x-ndjson", "ndjson"),
        _ => (ExportForm::Csv, "text/csv; charset=utf-8", "csv"),
    };
    let mut shown = vec![Shown::Column(Column::Time)];
    shown.extend(wanted.shown().into_iter().filter(|one| *one != Shown::Column(Column::Time)));
    let (app, caller) = (&console.app, &visiting.caller);
    let pieces = export::export(app, caller, &wanted.wanted(), shown, form, MOST).await?;
    let mut before = first_line(form, console.app.folder.is_demo());
    let frames = Frames::new(pieces, move |piece: Vec<u8>| {
        let mut bytes = std::mem::take(&mut before);
        bytes.extend(piece);
        Ok::<_, Infallible>(bytes)
    });
    let mut response = Response::new(body(frames));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(file) =
        HeaderValue::from_str(&format!("attachment; filename=\"khien-events.{ending}\""))
    {
        headers.insert(CONTENT_DISPOSITION, file);
    }
    Ok(response)
}

/// What stands before the events: the mark by which spreadsheets know UTF-8, and the banner of the
/// demonstration.
fn first_line(form: ExportForm, is_demo: bool) -> Vec<u8> {
    match (form, is_demo) {
        (ExportForm::Csv, true) => format!("\u{feff}{BANNER}\r\n").into_bytes(),
        (ExportForm::Csv, false) => "\u{feff}".into(),
        (_, true) => format!("{}\n", json!({"banner": BANNER})).into_bytes(),
        (_, false) => Vec::new(),
    }
}
