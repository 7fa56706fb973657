//! `GET /index/pillars`: the indicators by the pillars of the Global Cybersecurity Index, for information.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_domain::code::AgencyCode;
use khien_domain::index::ratio::{Ratio, shown_beside, whole};
use khien_domain::index::{Mapped, Mean, Pillar, Score, pillars};

use super::{Meter, View, called};
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register;
use crate::console::table::Table;
use crate::console::visit::Visiting;

#[derive(Template)]
#[template(path = "console/index/pillars.html")]
struct Page {
    f: Frame,
    at: jiff::Timestamp,
    pack: String,
    /// Whose points are looked at: of how many agencies, or the name of the one.
    whose: String,
    pillars: Vec<PillarShown>,
}

struct PillarShown {
    name: &'static str,
    title: String,
    weight: i64,
    share: ShareShown,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    weight: i64,
    seed: String,
    share: ShareShown,
}

/// A mean share of points.
struct ShareShown {
    /// In hundredths, or a dash.
    percent: String,
    meter: Meter,
    /// How many agencies it is the mean of.
    of: usize,
}

impl ShareShown {
    fn of(f: &Frame, mean: &Mean) -> Self {
        let share = mean.value.clone().unwrap_or_default();
        Self {
            percent: mean.value.as_ref().map_or_else(|| "–".to_owned(), |share| percent(f, share)),
            meter: Meter::of_points(&share, &whole(1)),
            of: mean.of,
        }
    }
}

/// A share in hundredths, which reads as all of it only if it is.
fn percent(f: &Frame, share: &Ratio) -> String {
    let all = whole(100);
    format!("{}%", f.decimal(shown_beside(&(share * &all), &all)))
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Index).await?;
    let view = View::of(&console, &visiting).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let name = |score: &&Score| names.get(&AgencyCode::new(&score.agency).ok()?);
    let seen: Vec<&Score> =
        view.now().table.scores.iter().filter(|score| name(score).is_some()).collect();
    let whose = match seen.as_slice() {
        [] => f.t("pillars-of-nobody"),
        [one] => name(one).cloned().unwrap_or_default(),
        all => f.n("pillars-of-agencies", all.len()),
    };
    let found = pillars(view.pack(), &seen);
    let shown: Vec<PillarShown> = found.iter().map(|pillar| shown(&f, pillar)).collect();
    if asked.some("form").is_some() {
        return Ok(export(&f, shown).answer(&f, &asked));
    }
    frame::page(&Page { at: view.at(), pack: view.pack().id.clone(), whose, pillars: shown, f })
}

fn shown(f: &Frame, pillar: &Pillar<'_>) -> PillarShown {
    let row = |mapped: &Mapped<'_>| Row {
        id: mapped.indicator.id.clone(),
        name: called(f, &mapped.indicator.vi, &mapped.indicator.en).to_owned(),
        weight: mapped.indicator.weight,
        seed: f.source_short(&mapped.indicator.seed),
        share: ShareShown::of(f, &mapped.share),
    };
    PillarShown {
        name: pillar.name,
        title: f.word("pillars", pillar.name),
        weight: pillar.weight,
        share: ShareShown::of(f, &pillar.share),
        rows: pillar.indicators.iter().map(row).collect(),
    }
}

fn export(f: &Frame, pillars: Vec<PillarShown>) -> Table {
    let rows = pillars.into_iter().flat_map(|pillar| {
        pillar.rows.into_iter().map(move |row| {
            vec![
                pillar.name.to_owned(),
                row.id,
                row.name,
                row.weight.to_string(),
                row.seed,
                row.share.percent,
                row.share.of.to_string(),
            ]
        })
    });
    Table {
        name: "index-pillars",
        columns: vec![
            ("pillar", f.t("pillars-pillar")),
            ("indicator", f.t("index-id")),
            ("name", f.t("index-indicator")),
            ("weight", f.t("index-weight")),
            ("source", f.t("index-source")),
            ("share", f.t("pillars-share")),
            ("agencies", f.t("pillars-agencies")),
        ],
        rows: rows.collect(),
    }
}
