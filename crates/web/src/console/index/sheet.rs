//! `GET /index/agencies/{code}`: one agency: every indicator with its value, and what would raise it.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_domain::code::AgencyCode;
use khien_domain::index::explain::Explanation;
use khien_domain::index::{Indicator, Outcome, State as Known};

use super::{GroupShown, Meter, Shown, View, called, groups, known, value, with_unit};
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
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

/// An indicator that could bring more.
pub(super) struct Gain {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) points: String,
    pub(super) missing: String,
}

/// How many of how many count, in words.
pub(super) fn counted(f: &Frame, why: &Explanation) -> String {
    let elements: Vec<_> = why.parts.iter().flat_map(|part| &part.elements).collect();
    let counts = elements.iter().filter(|element| element.counts).count();
    if elements.is_empty() {
        return String::new();
    }
    f.v2("index-counted", "n", f.count(counts), "all", f.count(elements.len()))
}

pub(super) fn row(f: &Frame, indicator: &Indicator, outcome: &Outcome, why: &Explanation) -> Row {
    let (points, weight) = super::points(f, &outcome.points, &outcome.weight);
    Row {
        id: indicator.id.clone(),
        name: called(f, &indicator.vi, &indicator.en).to_owned(),
        under: counted(f, why),
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
    let gains = score.gains().into_iter().take(GAINS).map(|gain| {
        let indicator = &pack.indicators[gain.indicator];
        let missing: Vec<String> = (why(indicator).missing())
            .map(|element| element.system.clone().unwrap_or_else(|| element.subject.clone()))
            .collect();
        let more = missing.len().saturating_sub(4);
        let mut text = missing.into_iter().take(4).collect::<Vec<_>>().join(", ");
        if more > 0 {
            text.push_str(&f.n("index-and-more", more));
        }
        Gain {
            id: indicator.id.clone(),
            name: called(&f, &indicator.vi, &indicator.en).to_owned(),
            points: f.ratio(&gain.points),
            missing: text,
        }
    });
    let cohort = score.cohort.as_ref().and_then(|id| Some((id, pack.cohorts.get(id)?)));
    frame::page(&Sheet {
        code: code.to_string(),
        name: names.get(&code).cloned().unwrap_or_else(|| code.to_string()),
        cohort: cohort.map_or_else(String::new, |(id, cohort)| {
            format!("{id} {}", called(&f, &cohort.vi, &cohort.en))
        }),
        at: view.at(),
        note: pack.note.clone(),
        shown: Shown::of(&f, &view, score, place),
        groups: groups(&f, pack, score),
        gains: gains.collect(),
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
