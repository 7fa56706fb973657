//! `GET /tasks`: what agencies have to do by a day, and what begot it.
//!
//! In comes what the ledger last tells of each task; each row leads to its record and to the page on which it
//! is done. Nothing is changed here: a task ends when what it asks for is in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use jiff::civil::Date;
use khien_app::use_case::tasks::{Listed, list_tasks};
use khien_domain::code::AgencyCode;

use super::Console;
use super::alerts::view::encoded;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::narrow::{Bar, Narrow};
use super::register;
use super::table::{Part, Table};
use super::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/tasks.html")]
struct Page {
    f: Frame,
    rows: Vec<Row>,
    part: Part,
    /// How many are open, and how many of these are late.
    open: usize,
    late: usize,
    chips: Vec<(String, String, bool)>,
    bar: Bar,
}

struct Row {
    task: Listed,
    agency: String,
    /// What is to be done.
    what: String,
    /// The page on which it is done.
    place: Option<String>,
    state: Stand,
}

/// How a task stands.
struct Stand {
    name: &'static str,
    words: String,
    /// The class of its text.
    class: &'static str,
}

/// The states that the list is narrowed to; the first is what is open.
const STATES: [&str; 4] = ["open", "late", "done", "all"];

/// Answers.
pub(super) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Tasks).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let tasks = list_tasks(&console.app, &visiting.caller).await?;
    let narrow = Narrow::of(&asked);
    let mut rows: Vec<Row> = tasks.into_iter().map(|task| row(&f, &names, task)).collect();
    rows.retain(|row| narrow.takes(&row.task.agency, [&row.what, &row.task.subject]));
    let is_in = |row: &Row, state: &str| match state {
        "all" => true,
        "open" => row.task.done.is_none(),
        name => row.state.name == name,
    };
    let count = |state| rows.iter().filter(|row| is_in(row, state)).count();
    let (open, late) = (count("open"), count("late"));
    let state = asked.some("state").filter(|state| STATES.contains(state)).unwrap_or("open");
    let chips = STATES.map(|one| {
        let words = format!("{} {}", f.word("tasks-state", one), f.count(count(one)));
        (words, address("/tasks", &asked, &[("state", one), ("page", "")]), one == state)
    });
    let chips = chips.to_vec();
    rows.retain(|row| is_in(row, state));
    if asked.some("form").is_some() {
        return Ok(table(&f, &rows).answer(&f, &asked));
    }
    let bar = narrow.bar(&f, &asked, &names, Vec::new());
    let (part, rows) = Part::of(rows, "/tasks", &asked);
    frame::page(&Page { f, rows, part, open, late, chips, bar })
}

fn row(f: &Frame, names: &BTreeMap<AgencyCode, String>, task: Listed) -> Row {
    let (what, place) = told(f, &task);
    let agency = names.get(&task.agency).cloned().unwrap_or_else(|| task.agency.to_string());
    Row { agency, what, place, state: state(f, &task, f.today()), task }
}

fn state(f: &Frame, task: &Listed, today: Date) -> Stand {
    let (name, class) = match task.done {
        None if task.is_overdue(today) => ("late", "bad-word"),
        None => ("open", "mid-word"),
        Some(_) if task.is_accepted => ("done", "good"),
        Some(_) => ("dropped", "dim"),
    };
    Stand { name, words: f.word("tasks-state", name), class }
}

/// What a task asks for in words, and the page on which that is done. What the centre did not beget is told
/// as its agency or a document calls it.
fn told(f: &Frame, task: &Listed) -> (String, Option<String>) {
    let subject = task.subject.as_str();
    let (kind, rest) = subject.split_once(' ').unwrap_or((subject, ""));
    let first = rest.split(' ').next().unwrap_or_default();
    let last = rest.rsplit(' ').next().unwrap_or_default();
    let (name, place) = match kind {
        "gate" => (rest, format!("/gate/{}", encoded(rest))),
        "gate-review" => (first, format!("/gate/{}#reviews", encoded(first))),
        "zones" => (rest, format!("/assets?text={}", encoded(rest))),
        "custody" => (rest, format!("/custody?text={}", encoded(rest))),
        "host" => (rest, "/resources/certificates".to_owned()),
        "ends" => {
            let name = rest.split_once(' ').map_or(rest, |(_, name)| name);
            let is_address = name.contains('.') && !name.contains(' ');
            let list = if is_address { "resources" } else { "products" };
            (name, format!("/{list}?text={}", encoded(name)))
        }
        "support" => (last, format!("/budget/{}/{first}/lines/{}", task.agency, encoded(last))),
        _ => return (subject.to_owned(), None),
    };
    (f.v(&format!("tasks-of-{kind}"), "name", name), Some(place))
}

fn table(f: &Frame, rows: &[Row]) -> Table {
    let cells = rows.iter().map(|row| {
        vec![
            row.task.agency.to_string(),
            row.task.subject.clone(),
            row.what.clone(),
            row.task.due.to_string(),
            row.task.done.map_or_else(String::new, |day| day.to_string()),
            f.cell(row.state.name, row.state.words.as_str()),
            row.task.seq.to_string(),
        ]
    });
    let columns = [
        ("agency", "alerts-agency"),
        ("subject", "tasks-subject"),
        ("task", "tasks-what"),
        ("due", "tasks-due"),
        ("done", "tasks-done"),
        ("state", "tasks-state"),
        ("record", "evidence-record"),
    ];
    Table {
        name: "tasks",
        columns: columns.map(|(name, title)| (name, f.t(title))).into(),
        rows: cells.collect(),
    }
}
