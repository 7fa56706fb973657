//! `GET /index`: all agencies that whoever visits may see, by cohort and rank.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_domain::code::AgencyCode;
use khien_domain::text::collation;

use super::{GroupShown, Shown, View, called, groups};
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::table::Table;
use crate::console::visit::Visiting;
use crate::console::{asked, register};

#[derive(Template)]
#[template(path = "console/index/board.html")]
struct Board {
    f: Frame,
    at: jiff::Timestamp,
    /// The round that movement is told against.
    since: Option<i16>,
    pack: String,
    pack_id: String,
    note: String,
    hash: String,
    size: u64,
    chips: Vec<(String, String, bool)>,
    cohorts: Vec<Cohort>,
    group_names: Vec<(String, String)>,
    grades: Vec<(String, usize)>,
}

struct Cohort {
    id: String,
    name: String,
    rows: Vec<Row>,
}

impl Cohort {
    fn has_caps(&self) -> bool {
        self.rows.iter().any(|row| !row.shown.caps.is_empty())
    }
}

struct Row {
    code: String,
    name: String,
    shown: Shown,
    groups: Vec<GroupShown>,
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
    let (pack, table) = (view.pack(), &view.now().table);
    let chosen = asked.text("cohort");
    let mut cohorts = Vec::new();
    let mut grades: Vec<(String, usize)> =
        pack.grades.iter().map(|grade| (grade.grade.clone(), 0)).collect();
    for (id, cohort) in &pack.cohorts {
        if !chosen.is_empty() && chosen != id {
            continue;
        }
        let mut rows: Vec<(Option<usize>, Row)> = Vec::new();
        for (score, place) in table.scores.iter().zip(&table.places) {
            let Ok(code) = AgencyCode::new(&score.agency) else { continue };
            let Some(name) = names.get(&code).filter(|_| score.cohort.as_ref() == Some(id)) else {
                continue;
            };
            if let Some(grade) = score.grade.and_then(|grade| grades.get_mut(grade)) {
                grade.1 += 1;
            }
            let shown = Shown::of(&f, &view, score, *place);
            let groups = groups(&f, pack, score);
            let row = Row { code: code.to_string(), name: name.clone(), shown, groups };
            rows.push((place.rank, row));
        }
        rows.sort_by_cached_key(|(rank, row)| (rank.is_none(), *rank, collation(&row.name)));
        let rows: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();
        if !rows.is_empty() {
            let name = called(&f, &cohort.vi, &cohort.en).to_owned();
            cohorts.push(Cohort { id: id.clone(), name, rows });
        }
    }
    if asked.some("form").is_some() {
        return Ok(export(&f, &cohorts).answer(&f, &asked));
    }
    let chip = |id: &str, name: String| {
        (asked::address("/index", &asked, &[("cohort", id)]), name, chosen == id)
    };
    let chips = std::iter::once(chip("", f.t("frame-all"))).chain(
        pack.cohorts
            .iter()
            .map(|(id, cohort)| chip(id, format!("{id} {}", called(&f, &cohort.vi, &cohort.en)))),
    );
    let group_names = pack.groups.iter();
    frame::page(&Board {
        chips: chips.collect(),
        at: view.at(),
        since: view.live.since,
        pack: called(&f, &pack.vi, &pack.en).to_owned(),
        pack_id: pack.id.clone(),
        note: f.source(&pack.note),
        hash: table.hash().to_owned(),
        size: table.size,
        group_names: group_names
            .map(|(id, group)| (id.clone(), called(&f, &group.vi, &group.en).to_owned()))
            .collect(),
        grades,
        cohorts,
        f,
    })
}

fn export(f: &Frame, cohorts: &[Cohort]) -> Table {
    let rows = cohorts.iter().flat_map(|cohort| {
        cohort.rows.iter().map(|row| {
            let rank = row.shown.rank.map_or_else(String::new, |rank| rank.to_string());
            let mut cells = vec![
                cohort.id.clone(),
                rank,
                row.code.clone(),
                row.name.clone(),
                row.shown.total.clone(),
                row.shown.grade.clone(),
                row.shown.caps(),
                row.shown.confidence.clone(),
            ];
            cells.extend(row.groups.iter().map(|group| group.points.clone()));
            cells
        })
    });
    let mut columns = vec![
        ("cohort", f.t("index-cohort")),
        ("rank", f.t("index-rank")),
        ("agency", f.t("register-code")),
        ("name", f.t("register-name")),
        ("score", f.t("index-score")),
        ("grade", f.t("index-grade")),
        ("caps", f.t("index-caps")),
        ("confidence", f.t("index-confidence")),
    ];
    let names = ["n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9"];
    if let Some(row) = cohorts.iter().flat_map(|cohort| &cohort.rows).next() {
        let groups = names.into_iter().zip(&row.groups);
        columns.extend(groups.map(|(name, group)| (name, group.id.clone())));
    }
    Table { name: "index", columns, rows: rows.collect() }
}
