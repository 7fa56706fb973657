//! Budgets as CSV or JSON: a year of all agencies, the lines of one.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_app::use_case::budgets;
use khien_domain::budget::{BudgetPack, COLUMNS, Line, Reading, Verdict};

use super::province::by_agency;
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::register::{agencies, name};
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// `GET /budget/export`
pub(in crate::console) async fn province(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Budget).await?;
    let year = super::year_of(asked.text("year"), f.today());
    let found = budgets::budgets_of_year(&console.app, &visiting.caller, year).await?;
    let all = agencies(&console, &visiting).await?;
    let least = super::pack()?.rule(year).map(|rule| rule.least);
    let rows = by_agency(&all, &found, year)?.into_iter().map(|of| {
        let mut row = vec![of.agency.code.to_string(), name(&f, of.agency), year.to_string()];
        for reading in Reading::ALL {
            let sums = of.sums(reading);
            let percent = sums.percent().map(|percent| f.percent(&percent));
            row.extend([
                sums.total().to_string(),
                sums.security().to_string(),
                percent.unwrap_or_default(),
            ]);
        }
        let verdict = of.sums(Reading::Planned).verdict(least);
        let shortfall = match verdict {
            Verdict::Below(missing) => missing.to_string(),
            Verdict::Met | Verdict::NoData | Verdict::NoRule => String::new(),
        };
        row.extend([f.word("budget-verdict", verdict.name()), shortfall, f.plan(of.plan)]);
        row
    });
    let rows = rows.collect();
    let mut columns = vec![
        ("agency", f.t("register-code")),
        ("name", f.t("alerts-agency")),
        ("year", f.t("budget-year")),
    ];
    for (reading, names) in Reading::ALL.into_iter().zip([
        ["planned_total", "planned_security", "planned_percent"],
        ["allocated_total", "allocated_security", "allocated_percent"],
        ["spent_total", "spent_security", "spent_percent"],
    ]) {
        let reading = f.word("budget", reading.name());
        let titles = ["budget-total", "budget-security", "budget-percent"];
        columns.extend(
            names
                .into_iter()
                .zip(titles)
                .map(|(name, title)| (name, format!("{reading}: {}", f.t(title)))),
        );
    }
    columns.extend([
        ("verdict", f.t("budget-verdict")),
        ("shortfall", f.t("budget-shortfall")),
        ("plan", f.t("budget-plan")),
    ]);
    Ok(Table { name: "budget", columns, rows }.answer(&f, &asked))
}

/// `GET /budget/{agency}/{year}/export`: with the titles by which a file is taken in.
pub(in crate::console) async fn lines(
    State(console): State<Arc<Console>>,
    Path((agency, year)): Path<(String, String)>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let (agency, year) = super::place(&agency, &year)?;
    let found = budgets::agency_budgets(&console.app, &visiting.caller, &agency, year).await?;
    let f = Frame::of(&console, &visiting, Room::Budget).await?;
    let pack = super::pack()?;
    let columns = COLUMNS.map(|name| {
        let title = pack.title(name).map(|[vi, en]| if f.is_english() { en } else { vi });
        (name, title.cloned().unwrap_or_default())
    });
    let rows = found.lines.iter().filter(|line| line.year == year);
    let rows = rows.map(|line| row(&f, pack, line)).collect();
    Ok(Table { name: "budget-lines", columns: columns.into(), rows }.answer(&f, &asked))
}

/// The cells of a line, in the order of [`COLUMNS`]: names for programs, words for people; either is taken in.
fn row(f: &Frame, pack: &BudgetPack, line: &Line) -> Vec<String> {
    let mut cells = budgets::cells(&line.about);
    for (column, cell) in COLUMNS.into_iter().zip(&mut cells) {
        *cell = match column {
            "class" => f.cell(cell, f.budget_class(pack, &*cell)),
            "domestic" => f.cell(cell, f.yes(line.about.domestic)),
            _ => continue,
        };
    }
    cells.into()
}
