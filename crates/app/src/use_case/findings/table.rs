//! Findings in a table, CSV or XLSX: a line of titles, then a finding a row.
//!
//! Columns are known by their names in English or Vietnamese, in any order: `rule`, `title`, `severity` and
//! `place`, and `cve` if there is one.

use std::collections::BTreeMap;

use khien_domain::finding::NewFinding;
use khien_domain::risk::Rating;
use khien_domain::text::without_diacritics;

use super::{PROBLEMS, Problem, Sheet, cves_of};
use crate::use_case::register::sheet::{cell_name, read as rows};

/// The columns with what they are called, without diacritics, in lower case.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("rule", &["rule", "check", "ma", "luat", "ma kiem tra", "ma luat"]),
    ("title", &["title", "name", "ten", "tieu de", "noi dung", "phat hien"]),
    ("severity", &["severity", "level", "muc", "muc do", "muc nghiem trong"]),
    ("place", &["place", "location", "host", "vi tri", "noi phat hien", "may"]),
    ("cve", &["cve", "cves", "ma cve"]),
];
/// How many of them have to be there: the place too, by which a finding is known again.
const NEEDED: usize = 4;

fn folded(text: &str) -> String {
    without_diacritics(text.trim()).to_lowercase()
}

/// How grave something is by its word.
pub(super) fn severity(text: &str) -> Option<Rating> {
    match folded(text).as_str() {
        "low" | "thap" => Some(Rating::Low),
        "medium" | "moderate" | "trung binh" => Some(Rating::Medium),
        "high" | "cao" => Some(Rating::High),
        "critical" | "nghiem trong" => Some(Rating::Critical),
        _ => None,
    }
}

/// Reads a file.
pub(super) fn read(name: &str, bytes: &[u8], tool: &str) -> Result<Sheet, String> {
    let rows = rows(name, bytes)?;
    let mut places: Option<[Option<u32>; 5]> = None;
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for (row, cells) in &rows {
        let Some(places) = places else {
            places = titles(cells);
            continue;
        };
        let cell = |column: usize| {
            let text = places[column].and_then(|column| cells.get(&column));
            text.map_or("", String::as_str)
        };
        let mut wrong = |column: usize, what: String| {
            if problems.len() < PROBLEMS {
                let place = cell_name(places[column].unwrap_or_default(), *row);
                problems.push(Problem { place, what });
            }
        };
        let is_missing = (0..NEEDED).find(|column| cell(*column).is_empty());
        if let Some(column) = is_missing {
            wrong(column, "the cell is empty".to_owned());
            continue;
        }
        let Some(severity) = severity(cell(2)) else {
            let stands = khien_domain::text::cut(cell(2), 40);
            wrong(2, format!("«{stands}» is none of low, medium, high, critical"));
            continue;
        };
        let cves = cves_of([cell(4)]);
        if cves.is_empty() && !cell(4).is_empty() {
            wrong(4, format!("«{}» names no CVE", khien_domain::text::cut(cell(4), 40)));
            continue;
        }
        let new = NewFinding {
            rule: cell(0).to_owned(),
            title: cell(1).to_owned(),
            severity,
            place: cell(3).to_owned(),
            cves: cves.into_iter().chain(cves_of([cell(0), cell(1)])).collect(),
        };
        found.push((cell_name(places[0].unwrap_or_default(), *row), new));
    }
    if places.is_none() {
        return Err("there is no line of titles with rule, title, severity and place".into());
    }
    Ok(Sheet { tool: tool.to_owned(), at: None, found, left_out: 0, problems })
}

/// Where the columns stand, if these cells are their titles.
fn titles(cells: &BTreeMap<u32, String>) -> Option<[Option<u32>; 5]> {
    let places = COLUMNS.map(|(_, names)| {
        let is_it = |(_, text): &(&u32, &String)| names.contains(&folded(text).as_str());
        cells.iter().find(is_it).map(|(column, _)| *column)
    });
    places[..NEEDED].iter().all(Option::is_some).then_some(places)
}
