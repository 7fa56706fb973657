//! Budgets as CSV or JSON: a year of all agencies, the lines of one.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_app::use_case::budgets;
use khien_domain::budget::{COLUMNS, Line, Reading, Verdict};
use khien_domain::risk::RiskCode;

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
    let rows = found.lines.iter().filter(|line| line.year == year).map(row).collect();
    Ok(Table { name: "budget-lines", columns: columns.into(), rows }.answer(&f, &asked))
}

/// The cells of a line, in the order of [`COLUMNS`].
fn row(line: &Line) -> Vec<String> {
    let about = &line.about;
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let risks: Vec<&str> = about.risks.iter().map(RiskCode::as_str).collect();
    vec![
        about.code.to_string(),
        about.name.clone(),
        about.class.clone(),
        about.share.to_string(),
        about.reason.clone(),
        about.planned.to_string(),
        about.allocated.to_string(),
        about.spent.to_string(),
        if about.domestic { "yes" } else { "no" }.to_owned(),
        about.domestic_reason.clone(),
        risks.join(" "),
        about.purchase.clone().unwrap_or_default(),
        day(about.bought),
        day(about.support_end),
        day(about.renewal),
    ]
}
