//! `GET /index/sensitivity`: how firm the order is when each weight is a fifth more or less.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::index;
use khien_domain::code::AgencyCode;
use khien_domain::index::Shift;
use khien_domain::index::ratio::whole;
use khien_domain::text::collation;

use super::{View, called};
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register;
use crate::console::visit::Visiting;

#[derive(Template)]
#[template(path = "console/index/sensitivity.html")]
struct Page {
    f: Frame,
    at: jiff::Timestamp,
    pack: String,
    cohorts: Vec<Cohort>,
    /// Indicators whose weight moves ranks, most ranks first: id, name, ranks by more and by less.
    indicators: Vec<(String, String, usize, usize)>,
}

struct Cohort {
    name: String,
    /// The least tau.
    tau: String,
    firm: usize,
    rows: Vec<Row>,
}

/// An agency of a cohort.
struct Row {
    code: String,
    name: String,
    rank: usize,
    /// The best and the worst rank it comes to.
    best: usize,
    worst: usize,
    /// By how many changes it moves.
    moves: usize,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Index).await?;
    let view = View::of(&console, &visiting).await?;
    let found = index::sensitivity(&view.live).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let (pack, table) = (view.pack(), &view.now().table);
    let mut ranks: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    let mut moving: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for shift in &found.shifts {
        for (agency, old, new) in &shift.moved {
            let its = ranks.entry(agency).or_insert((*old, *old, 0));
            *its = (its.0.min(*new), its.1.max(*new), its.2 + 1);
            let (more, less) = moving.entry(&shift.indicator).or_default();
            let side = if shift.by > whole(0) { more } else { less };
            side.insert(agency);
        }
    }
    let mut cohorts = Vec::new();
    for (id, cohort) in &pack.cohorts {
        let mut rows = Vec::new();
        for (score, place) in table.scores.iter().zip(&table.places) {
            let Some(rank) = place.rank.filter(|_| score.cohort.as_ref() == Some(id)) else {
                continue;
            };
            let Some(name) = AgencyCode::new(&score.agency).ok().and_then(|code| names.get(&code))
            else {
                continue;
            };
            let (best, worst, moves) =
                ranks.get(score.agency.as_str()).copied().unwrap_or((rank, rank, 0));
            let (code, name) = (score.agency.clone(), name.clone());
            rows.push(Row { code, name, rank, best, worst, moves });
        }
        rows.sort_by_cached_key(|row| (row.rank, collation(&row.name)));
        let Some(tau) = found.least(id).filter(|_| !rows.is_empty()) else { continue };
        cohorts.push(Cohort {
            name: format!("{id} {}", called(&f, &cohort.vi, &cohort.en)),
            tau: f.ratio(tau),
            firm: rows.iter().filter(|row| row.moves == 0).count(),
            rows,
        });
    }
    let ids = found.shifts.iter().map(|shift: &Shift| shift.indicator.as_str());
    let mut seen = BTreeSet::new();
    let indicators = ids.filter(|id| seen.insert(*id)).filter_map(|id| {
        let (more, less) = moving.get(id)?;
        let indicator = pack.indicators.iter().find(|known| known.id == id)?;
        let name = called(&f, &indicator.vi, &indicator.en).to_owned();
        Some((id.to_owned(), name, more.len(), less.len()))
    });
    let mut indicators: Vec<_> = indicators.collect();
    indicators.sort_by_key(|(_, _, more, less)| std::cmp::Reverse(more + less));
    frame::page(&Page { at: view.at(), pack: pack.id.clone(), cohorts, indicators, f })
}
