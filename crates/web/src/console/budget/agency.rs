//! `GET /budget/{agency}/{year}`: the plan of an agency.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_app::use_case::budgets::{self, AgencyBudgets, Changes, Problem};
use khien_domain::budget::{BudgetPack, COLUMNS, Line, NewLine, Reading, Sums, unlinked, years};
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;

use super::SumsShown;
use super::ends::EndsOfYear;
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register::name;
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/budget/agency.html")]
struct Page {
    f: Frame,
    code: AgencyCode,
    name: String,
    year: i16,
    rule: String,
    plan: String,
    pack: &'static BudgetPack,
    readings: Vec<(String, SumsShown)>,
    lines: Vec<Line>,
    unlinked: Vec<String>,
    gaps: Vec<Line>,
    years: Vec<YearShown>,
    file: FileShown,
    /// What the file that was looked at changes.
    changed: Vec<Changed>,
    may_write: bool,
    may_approve: bool,
}

/// What became of a file: what is wrong with it, or what it does.
#[derive(Default)]
pub(super) struct FileShown {
    pub(super) wrong: Option<String>,
    pub(super) problems: Vec<Problem>,
    /// Its name, the digest by which it is held, and what it does.
    pub(super) looked: Option<(String, String, Changes)>,
}

/// A line that a file changes.
struct Changed {
    code: String,
    name: String,
    /// What the column is called, what stands in it, what is to stand in it.
    cells: Vec<(String, String, String)>,
}

/// A year of three.
struct YearShown {
    year: i16,
    planned: SumsShown,
    /// Day, name of the line, whether its support ends before it is renewed.
    renewals: Vec<(String, String, bool)>,
    ends: Vec<(String, String, bool)>,
    register: EndsOfYear,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path((agency, year)): Path<(String, String)>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let (agency, year) = super::place(&agency, &year)?;
    show(&console, &visiting, &agency, year, FileShown::default()).await
}

/// What a file changes, by line and column.
fn changed(f: &Frame, pack: &BudgetPack, changes: &Changes) -> Vec<Changed> {
    let shown = |column: &str, cell: &str| match column {
        "planned" | "allocated" | "spent" => {
            cell.parse::<u64>().map_or_else(|_| cell.into(), |n| f.count(n))
        }
        "class" => f.budget_class(pack, cell),
        "domestic" => f.t(if cell == "yes" { "register-yes" } else { "register-no" }),
        _ => f.s(cell),
    };
    let line = |(was, new): &(NewLine, NewLine)| {
        let pairs = budgets::cells(was).into_iter().zip(budgets::cells(new));
        let apart = COLUMNS.into_iter().zip(pairs).filter(|(_, (old, now))| old != now);
        let cells = apart.map(|(column, (old, now))| {
            let title = pack.title(column).map(|[vi, en]| if f.is_english() { en } else { vi });
            (title.cloned().unwrap_or_default(), shown(column, &old), shown(column, &now))
        });
        Changed { code: was.code.to_string(), name: new.name.clone(), cells: cells.collect() }
    };
    changes.changed.iter().map(line).collect()
}

/// The page, with what became of a file.
pub(super) async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    agency: &AgencyCode,
    year: i16,
    mut file: FileShown,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let AgencyBudgets { agency, lines: all, plan } =
        budgets::agency_budgets(app, caller, agency, year).await?;
    let f = Frame::of(console, visiting, Room::Budget).await?;
    let pack = super::pack()?;
    let lines: Vec<Line> = all.iter().filter(|line| line.year == year).cloned().collect();
    let readings = Reading::ALL.map(|reading| {
        let sums = Sums::of(lines.iter().map(|line| &line.about), reading);
        (f.word("budget", reading.name()), f.sums(sums, pack.rule(year)))
    });
    let days = |days: &[(_, &Line)]| {
        let shown = days
            .iter()
            .map(|(day, line)| (f.date(day), line.about.name.clone(), line.about.has_gap()));
        shown.collect()
    };
    let mut register_ends = budgets::register_ends(app, caller).await?;
    register_ends.retain(|end| end.agency == agency.code);
    let years = years(&all, year).map(|of| YearShown {
        year: of.year,
        planned: f.sums(of.planned, pack.rule(of.year)),
        renewals: days(&of.renewals),
        ends: days(&of.ends),
        register: EndsOfYear::of(&f, &register_ends, &all, of.year, &|_| None),
    });
    for problem in &mut file.problems {
        problem.what = f.told(&problem.what);
    }
    let changed = file.looked.as_ref().map(|(_, _, changes)| changed(&f, pack, changes));
    let code = agency.code.clone();
    frame::page(&Page {
        name: name(&f, &agency),
        year,
        rule: super::rule_words(&f, pack.rule(year)),
        plan: f.plan(plan.as_ref()),
        pack,
        readings: readings.into(),
        unlinked: unlinked(&lines).map(|line| line.about.code.to_string()).collect(),
        gaps: all.iter().filter(|line| line.about.has_gap()).cloned().collect(),
        years: years.into(),
        changed: changed.unwrap_or_default(),
        file,
        may_write: f.may_in(Permission::AssuranceWrite, &code),
        may_approve: f.may_in(Permission::AssuranceApprove, &code)
            && visiting.caller.actor.home() != Some(&code),
        lines,
        code,
        f,
    })
}
