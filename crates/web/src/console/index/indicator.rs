//! `GET /index/indicators/{id}`: one indicator across the agencies.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_domain::code::AgencyCode;
use khien_domain::index::State as Known;
use khien_domain::text::collation;

use super::{Meter, View, called, known, value, with_unit};
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register;
use crate::console::table::Table;
use crate::console::visit::Visiting;

#[derive(Template)]
#[template(path = "console/index/indicator.html")]
struct Page {
    f: Frame,
    id: String,
    name: String,
    group: String,
    formula: String,
    validity: String,
    target: String,
    floor: String,
    weight: i64,
    csf: String,
    gci: String,
    pillar: String,
    seed: String,
    rows: Vec<Row>,
    counts: [(String, usize); 3],
}

struct Row {
    code: String,
    name: String,
    cohort: String,
    value: String,
    points: String,
    weight: String,
    meter: Meter,
    known: String,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Index).await?;
    let view = View::of(&console, &visiting).await?;
    let pack = view.pack();
    let place = pack.indicators.iter().position(|indicator| indicator.id == id);
    let place = place.ok_or_else(PageError::not_found)?;
    let indicator = &pack.indicators[place];
    let names = register::agency_names(&console, &visiting, &f).await?;
    let mut counts = [Known::Scored, Known::NoEvidence, Known::NotApplicable]
        .map(|state| (f.word("index-state", state.name()), 0));
    let mut rows = Vec::new();
    for score in &view.now().table.scores {
        let name = AgencyCode::new(&score.agency).ok().and_then(|code| names.get(&code));
        let Some(name) = name else { continue };
        let outcome = &score.outcomes[place];
        counts[match outcome.state {
            Known::Scored => 0,
            Known::NoEvidence => 1,
            Known::NotApplicable => 2,
        }]
        .1 += 1;
        let (points, weight) = super::points(&f, &outcome.points, &outcome.weight);
        let row = Row {
            code: score.agency.clone(),
            name: name.clone(),
            cohort: score.cohort.clone().unwrap_or_default(),
            value: value(&f, indicator, outcome),
            points,
            weight,
            meter: Meter::of_points(&outcome.points, &outcome.weight),
            known: known(&f, outcome),
        };
        rows.push((outcome.state == Known::NotApplicable, outcome.earned.clone(), row));
    }
    rows.sort_by_cached_key(|(out, earned, row)| (*out, earned.clone(), collation(&row.name)));
    let rows: Vec<Row> = rows.into_iter().map(|(_, _, row)| row).collect();
    if asked.some("form").is_some() {
        return Ok(export(&f, rows).answer(&f, &asked));
    }
    let group = pack.groups.get(&indicator.group);
    frame::page(&Page {
        name: called(&f, &indicator.vi, &indicator.en).to_owned(),
        group: group.map_or_else(String::new, |group| called(&f, &group.vi, &group.en).to_owned()),
        formula: called(&f, &indicator.formula_vi, &indicator.formula_en).to_owned(),
        validity: called(&f, &indicator.validity_vi, &indicator.validity_en).to_owned(),
        target: with_unit(&f, indicator, &indicator.target),
        floor: with_unit(&f, indicator, &indicator.floor),
        weight: indicator.weight,
        csf: indicator.csf.join(", "),
        gci: f.word("index-gci", &indicator.gci),
        pillar: indicator.gci.clone(),
        seed: f.source(&indicator.seed),
        id,
        rows,
        counts,
        f,
    })
}

fn export(f: &Frame, rows: Vec<Row>) -> Table {
    let rows = rows.into_iter().map(|row| {
        vec![row.code, row.name, row.cohort, row.value, row.points, row.weight, row.known]
    });
    Table {
        name: "index-indicator",
        columns: vec![
            ("agency", f.t("register-code")),
            ("name", f.t("register-name")),
            ("cohort", f.t("index-cohort")),
            ("value", f.t("index-value")),
            ("points", f.t("index-points")),
            ("weight", f.t("index-weight")),
            ("known", f.t("index-known")),
        ],
        rows: rows.collect(),
    }
}
