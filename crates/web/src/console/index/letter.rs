//! `GET /index/agencies/{code}/letter`: one printed page for the head of the agency.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_domain::code::AgencyCode;
use khien_domain::index::Indicator;

use super::todo::{Gain, gains};
use super::{GroupShown, Shown, View, groups};
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::evidence::said::Names;
use crate::console::frame::{self, Frame, Room};
use crate::console::register;
use crate::console::visit::Visiting;

/// What would raise the score most.
const GAINS: usize = 5;

#[derive(Template)]
#[template(path = "console/index/letter.html")]
struct Letter {
    f: Frame,
    code: String,
    name: String,
    at: jiff::Timestamp,
    note: String,
    pack: String,
    hash: String,
    shown: Shown,
    groups: Vec<GroupShown>,
    gains: Vec<Gain>,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let code = AgencyCode::new(&text).map_err(|_| PageError::not_found())?;
    let f = Frame::of(&console, &visiting, Room::Index).await?;
    let view = View::of(&console, &visiting).await?;
    let (score, place) = view.agency(&visiting, &code)?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let pack = view.pack();
    let now = view.now();
    let id = now.view.agency(code.as_str()).ok_or_else(PageError::not_found)?;
    let why = |indicator: &Indicator| pack.explain(&now.view, id, indicator);
    let known = Names::of(&console, &visiting, &f).await?;
    frame::page(&Letter {
        name: names.get(&code).cloned().unwrap_or_else(|| code.to_string()),
        code: code.to_string(),
        at: view.at(),
        note: f.source(&pack.note),
        pack: pack.id.clone(),
        hash: view.now().table.hash().to_owned(),
        shown: Shown::of(&f, &view, score, place),
        groups: groups(&f, pack, score),
        gains: gains(&f, pack, score, &known, why, GAINS),
        f,
    })
}
