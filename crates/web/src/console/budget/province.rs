//! `GET /budget`: the province and its agencies in a year.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::budgets::{self, YearBudgets};
use khien_domain::agency::Agency;
use khien_domain::budget::{Line, Plan, Reading, Sums, Verdict, overlaps};
use khien_domain::code::AgencyCode;
use khien_domain::text::collation;

use super::SumsShown;
use super::ahead::Ahead;
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register::{agencies, name};
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/budget/province.html")]
struct Page {
    f: Frame,
    year: i16,
    rule: String,
    note: &'static str,
    readings: Vec<(String, SumsShown)>,
    rows: Vec<Row>,
    /// How many lines the year has.
    lines: usize,
    overlaps: Vec<Shared>,
    /// How much of each reading goes to what is domestic: of what, the share, in đồng.
    domestic: Vec<(String, String, String)>,
    foreign: Vec<Foreign>,
    ahead: Ahead,
}

/// A line for what is not domestic, with the reason.
struct Foreign {
    href: String,
    agency: String,
    name: String,
    planned: String,
    reason: String,
}

/// An agency.
struct Row {
    code: String,
    name: String,
    lines: usize,
    planned: SumsShown,
    allocated: String,
    spent: String,
    plan: String,
}

/// The same thing that several agencies pay for.
struct Shared {
    what: String,
    class: String,
    is_joint: bool,
    total: String,
    lines: Vec<(String, String, String, String)>,
}

/// An agency of a year: its lines and the decision on them.
pub(super) struct OfAgency<'b> {
    pub(super) agency: &'b Agency,
    pub(super) lines: Vec<&'b Line>,
    pub(super) plan: Option<&'b Plan>,
}

impl OfAgency<'_> {
    /// What is planned, allocated or spent.
    pub(super) fn sums(&self, reading: Reading) -> Sums {
        Sums::of(self.lines.iter().map(|line| &line.about), reading)
    }
}

/// Agencies that are rated, those that miss the rule by most first.
pub(super) fn by_agency<'b>(
    all: &'b [Agency],
    found: &'b YearBudgets,
    year: i16,
) -> Result<Vec<OfAgency<'b>>, PageError> {
    let least = super::pack()?.rule(year).map(|rule| rule.least);
    let of = |agency: &'b Agency| OfAgency {
        agency,
        lines: found.lines.iter().filter(|line| line.agency == agency.code).collect(),
        plan: found.plans.iter().find(|plan| plan.agency == agency.code),
    };
    let mut rows: Vec<OfAgency<'b>> = all.iter().filter(|agency| agency.in_scope).map(of).collect();
    rows.sort_by_cached_key(|row| {
        let place = match row.sums(Reading::Planned).verdict(least) {
            Verdict::Below(missing) => (0, u64::MAX - missing),
            Verdict::NoData => (1, 0),
            Verdict::Met | Verdict::NoRule => (2, 0),
        };
        (place, collation(&row.agency.name_vi))
    });
    Ok(rows)
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Budget).await?;
    let year = super::year_of(asked.text("year"), f.today());
    let found = budgets::budgets_of_year(&console.app, &visiting.caller, year).await?;
    let all = agencies(&console, &visiting).await?;
    let pack = super::pack()?;
    let rule = pack.rule(year);
    let of_all = |reading| Sums::of(found.lines.iter().map(|line| &line.about), reading);
    let readings = Reading::ALL
        .map(|reading| (f.word("budget", reading.name()), f.sums(of_all(reading), rule)));
    let row = |of: OfAgency<'_>| Row {
        code: of.agency.code.to_string(),
        name: name(&f, of.agency),
        lines: of.lines.len(),
        planned: f.sums(of.sums(Reading::Planned), rule),
        allocated: f.sums(of.sums(Reading::Allocated), rule).percent,
        spent: f.sums(of.sums(Reading::Spent), rule).percent,
        plan: f.plan(of.plan),
    };
    let named = |code: &AgencyCode| {
        let agency = all.iter().find(|agency| agency.code == *code);
        agency.map_or_else(|| code.to_string(), |agency| name(&f, agency))
    };
    let shared = overlaps(&found.lines).into_iter().map(|overlap| Shared {
        what: overlap.what.to_owned(),
        class: overlap
            .lines
            .first()
            .map(|line| f.budget_class(pack, &line.about.class))
            .unwrap_or_default(),
        is_joint: overlap.is_joint,
        total: f.count(overlap.sums.total()),
        lines: overlap
            .lines
            .iter()
            .map(|line| {
                let href = format!("/budget/{}/{year}", line.agency);
                let planned = f.count(line.about.planned);
                (href, named(&line.agency), line.about.name.clone(), planned)
            })
            .collect(),
    });
    let domestic = Reading::ALL.map(|reading| {
        let sums = Sums::of_domestic(found.lines.iter().map(|line| &line.about), reading);
        let percent = sums.percent().map_or_else(|| "—".to_owned(), |percent| f.percent(&percent));
        let amounts = f.v2(
            "budget-domestic-of",
            "domestic",
            f.count(sums.security()),
            "total",
            f.count(sums.total()),
        );
        (f.word("budget", reading.name()), percent, amounts)
    });
    let mut foreign: Vec<&Line> = found.lines.iter().filter(|line| !line.about.domestic).collect();
    foreign.sort_by_key(|line| std::cmp::Reverse(line.about.planned));
    let foreign = foreign.into_iter().map(|line| Foreign {
        href: super::ahead::href(line),
        agency: named(&line.agency),
        name: line.about.name.clone(),
        planned: f.count(line.about.planned),
        reason: line.about.domestic_reason.clone(),
    });
    let foreign = foreign.collect();
    let lines = budgets::all_lines(&console.app, &visiting.caller).await?;
    let ends = budgets::register_ends(&console.app, &visiting.caller).await?;
    let ahead = Ahead::of(&f, (&lines, &ends), year, &named)?;
    let rows = by_agency(&all, &found, year)?.into_iter().map(row).collect();
    let overlaps = shared.collect();
    frame::page(&Page {
        year,
        rule: super::rule_words(&f, rule),
        note: &pack.note,
        readings: readings.into(),
        lines: found.lines.len(),
        rows,
        overlaps,
        domestic: domestic.into(),
        foreign,
        ahead,
        f,
    })
}
