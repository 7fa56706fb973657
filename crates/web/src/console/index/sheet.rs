//! `GET /index/agencies/{code}`: one agency: every indicator with its value, and what would raise it.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_domain::code::AgencyCode;
use khien_domain::index::explain::Explanation;
use khien_domain::index::{Indicator, Outcome, State as Known};
use khien_domain::permission::Permission;

use super::todo::{Gain, Money, counted, gains, money};
use super::{GroupShown, Meter, Shown, View, called, groups, known, value, with_unit};
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::evidence::said::Names;
use crate::console::frame::{self, Frame, Room};
use crate::console::register;
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// What would raise the score is told for so many indicators.
const GAINS: usize = 8;

#[derive(Template)]
#[template(path = "console/index/sheet.html")]
struct Sheet {
    f: Frame,
    code: String,
    name: String,
    cohort: String,
    at: jiff::Timestamp,
    note: String,
    shown: Shown,
    groups: Vec<GroupShown>,
    rows: Vec<Row>,
    gains: Vec<Gain>,
    money: Option<Money>,
}

/// An indicator of the agency.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) under: String,
    pub(super) value: String,
    pub(super) target: String,
    pub(super) points: String,
    pub(super) weight: String,
    pub(super) meter: Meter,
    pub(super) known: String,
    pub(super) is_out: bool,
}

pub(super) fn row(f: &Frame, indicator: &Indicator, outcome: &Outcome, why: &Explanation) -> Row {
    let (points, weight) = super::points(f, &outcome.points, &outcome.weight);
    Row {
        id: indicator.id.clone(),
        name: called(f, &indicator.vi, &indicator.en).to_owned(),
        under: counted(f, indicator, why),
        value: value(f, indicator, outcome),
        target: with_unit(f, indicator, &indicator.target),
        points,
        weight,
        meter: Meter::of_points(&outcome.points, &outcome.weight),
        known: known(f, outcome),
        is_out: outcome.state == Known::NotApplicable,
    }
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let code = AgencyCode::new(&text).map_err(|_| PageError::not_found())?;
    let f = Frame::of(&console, &visiting, Room::Index).await?;
    let view = View::of(&console, &visiting).await?;
    let (score, place) = view.agency(&visiting, &code)?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let (pack, now) = (view.pack(), view.now());
    let id = now.view.agency(code.as_str()).ok_or_else(PageError::not_found)?;
    let why = |indicator: &Indicator| pack.explain(&now.view, id, indicator);
    let rows: Vec<Row> = (pack.indicators.iter().zip(&score.outcomes))
        .map(|(indicator, outcome)| row(&f, indicator, outcome, &why(indicator)))
        .collect();
    if asked.some("form").is_some() {
        return Ok(export(&f, rows).answer(&f, &asked));
    }
    let known = Names::of(&console, &visiting, &f).await?;
    let cohort = score.cohort.as_ref().and_then(|id| Some((id, pack.cohorts.get(id)?)));
    frame::page(&Sheet {
        code: code.to_string(),
        name: names.get(&code).cloned().unwrap_or_else(|| code.to_string()),
        cohort: cohort.map_or_else(String::new, |(id, cohort)| {
            format!("{id} {}", called(&f, &cohort.vi, &cohort.en))
        }),
        at: view.at(),
        note: f.source(&pack.note),
        shown: Shown::of(&f, &view, score, place),
        groups: groups(&f, pack, score),
        gains: gains(&f, pack, score, &known, why, GAINS),
        money: money(&f, pack, score, why),
        rows,
        f,
    })
}

fn export(f: &Frame, rows: Vec<Row>) -> Table {
    let rows = rows.into_iter().map(|row| {
        vec![row.id, row.name, row.value, row.target, row.points, row.weight, row.known, row.under]
    });
    Table {
        name: "index-agency",
        columns: vec![
            ("indicator", f.t("index-id")),
            ("name", f.t("index-indicator")),
            ("value", f.t("index-value")),
            ("target", f.t("index-target")),
            ("points", f.t("index-points")),
            ("weight", f.t("index-weight")),
            ("known", f.t("index-known")),
            ("counted", f.t("index-evidence")),
        ],
        rows: rows.collect(),
    }
}
