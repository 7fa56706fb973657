//! `GET /rules/coverage`: what of ATT&CK the rules in force speak of, and what was found of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::rules::{self, Covered};
use khien_domain::attack;

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// From so many rules on, a cell is a shade darker.
const SHADES: [usize; 4] = [1, 3, 10, 30];

/// The page.
#[derive(Template)]
#[template(path = "console/rules/coverage.html")]
struct Page {
    f: Frame,
    columns: Vec<Column>,
    rules: usize,
    untagged: usize,
    techniques: usize,
    found: usize,
}

/// A tactic.
struct Column {
    title: String,
    id: &'static str,
    href: String,
    all: Covered,
    cells: Vec<Cell>,
}

/// A technique, its parts counted in.
struct Cell {
    name: String,
    href: String,
    covered: Covered,
    /// From 1, the lightest, to 4.
    shade: usize,
    /// What it says in words.
    title: String,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let coverage = rules::coverage(&console.app, &visiting.caller).await?;
    let f = Frame::of(&console, &visiting, Room::Rules).await?;
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut columns = Vec::new();
    for tactic in coverage.tactics {
        // The matrix split a tactic: those of the other age, of which no rule speaks, are no gap.
        let ages = attack::SPLIT.into_iter().chain([attack::DEFENSE_EVASION]);
        if tactic.all.rules == 0 && ages.into_iter().any(|name| name == tactic.name) {
            continue;
        }
        let [english, vietnamese] = tactic.titles;
        let cells = cells(&f, Some(tactic.name), tactic.techniques, &mut seen);
        columns.push(Column {
            title: if f.is_english() { english } else { vietnamese }.to_owned(),
            id: tactic.id,
            href: format!("/rules?tactic={}", tactic.name),
            all: tactic.all,
            cells,
        });
    }
    if !coverage.without_tactic.is_empty() {
        let cells = cells(&f, None, coverage.without_tactic, &mut seen);
        columns.push(Column {
            title: f.t("rules-no-tactic"),
            id: "",
            href: "/rules".to_owned(),
            all: Covered::default(),
            cells,
        });
    }
    if asked.some("form").is_some() {
        return Ok(table(&f, &columns).answer(&f, &asked));
    }
    frame::page(&Page {
        columns,
        rules: coverage.rules,
        untagged: coverage.untagged,
        techniques: seen.len(),
        found: seen.values().filter(|hits| **hits > 0).count(),
        f,
    })
}

fn table(f: &Frame, columns: &[Column]) -> Table {
    let rows = columns.iter().flat_map(|column| {
        column.cells.iter().map(|cell| {
            vec![
                column.title.clone(),
                column.id.to_owned(),
                cell.name.clone(),
                cell.covered.rules.to_string(),
                cell.covered.hits.to_string(),
                cell.covered.alerts.to_string(),
            ]
        })
    });
    let column = |name, id: &str| (name, f.t(id));
    Table {
        name: "coverage",
        columns: vec![
            column("tactic", "rules-tactic"),
            ("tactic_id", "ATT&CK".to_owned()),
            column("technique", "rules-techniques"),
            column("rules", "frame-room-rules"),
            column("hits_30d", "rules-hits"),
            column("alerts_30d", "frame-room-alerts"),
        ],
        rows: rows.collect(),
    }
}

/// The whole techniques of a tactic; their parts are counted in them.
fn cells(
    f: &Frame,
    tactic: Option<&str>,
    techniques: BTreeMap<String, Covered>,
    seen: &mut BTreeMap<String, u64>,
) -> Vec<Cell> {
    let wholes = techniques.into_iter().filter(|(name, _)| !name.contains('.'));
    let cells = wholes.map(|(name, covered)| {
        let hits = seen.entry(name.clone()).or_default();
        *hits = (*hits).max(covered.hits);
        let (rules, hits) = (f.n("rules-n", covered.rules), f.n("rules-n-hits", covered.hits));
        Cell {
            href: match tactic {
                Some(tactic) => format!("/rules?tactic={tactic}&technique={name}"),
                None => format!("/rules?technique={name}"),
            },
            shade: SHADES.iter().filter(|least| covered.rules >= **least).count(),
            title: format!("{name}: {rules}, {hits}"),
            name,
            covered,
        }
    });
    cells.collect()
}
