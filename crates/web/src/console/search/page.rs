//! `GET /search`: a query, when its events happened, their values, the events, one of them open.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use jiff::{SignedDuration, Timestamp};
use khien_app::use_case::UseError;
use khien_app::use_case::saved_searches;
use khien_app::use_case::search::{self, Exploring};
use khien_domain::page::PageRequest;
use khien_domain::permission::Permission;
use khien_domain::saved_search::SavedSearch;
use khien_lake::{Answer, Event, Histogram, Page as Found, Shown, Value};

use super::asked::{ALL, CHOICE, LINE, SPANS, Search, WHAT};
use super::drawer::{self, Drawer};
use super::facets::{self, Facet};
use crate::api::search::cursor_text;
use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::chart::{self, Stack};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::overview::Chart;
use crate::console::posted::Fields;
use crate::console::shown::beginning;
use crate::console::visit::Visiting;

/// Events of a page.
const ROWS: usize = 100;
/// Columns of the histogram.
const BUCKETS: usize = 60;
/// Bytes of a cell.
const CELL_BYTES: usize = 160;
/// Bytes of the cell that tells what happened.
const WHAT_BYTES: usize = 240;

/// The page.
#[derive(Template)]
#[template(path = "console/search/page.html")]
struct Page {
    f: Frame,
    search: Search,
    spans: Vec<(&'static str, String, bool)>,
    chart: Option<Chart>,
    total: u64,
    facets: Option<Vec<Facet>>,
    rows: Vec<Row>,
    open: Option<Drawer>,
    is_gone: bool,
    wider_href: String,
    close_href: String,
    next_href: Option<String>,
    first_href: Option<String>,
    live_href: String,
    export_href: String,
    choice: Vec<(String, bool)>,
    others: String,
    kept: Vec<(String, String)>,
    saved: Vec<Saved>,
    is_damaged: bool,
    wrong: Option<Wrong>,
}

impl Page {
    fn is_wide(&self, name: &str) -> bool {
        is_wide(name)
    }
}

/// Whether a column needs more room than others.
pub(super) fn is_wide(name: &str) -> bool {
    matches!(name, WHAT | "cmd_line" | "message")
}

/// What is wrong with what was asked.
struct Wrong {
    /// In words.
    text: String,
    /// The query before and from the place of the fault.
    at: Option<(String, String)>,
}

/// An event in the table.
pub(super) struct Row {
    /// Its name.
    pub(super) id: String,
    /// When it happened.
    pub(super) at: Timestamp,
    /// The page with it open.
    pub(super) href: String,
    /// Whether it is.
    pub(super) is_open: bool,
    /// What the columns say.
    pub(super) cells: Vec<String>,
}

/// A saved search.
struct Saved {
    id: i64,
    name: String,
    href: String,
    is_own: bool,
    owner: String,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let wanted = Search::of(&asked, console.app.now(), oldest(&console));
    let f = Frame::of(&console, &visiting, Room::Search).await?;
    let (app, caller) = (&console.app, &visiting.caller);
    let shown = wanted.shown();
    let exploring = Exploring {
        shown: shown.clone(),
        limit: ROWS,
        after: wanted.after,
        buckets: BUCKETS,
        fields: facets::fields(),
        values: facets::VALUES,
    };
    let found = search::explore(app, caller, &wanted.wanted(), exploring).await;
    let mut wrong = wanted
        .bad_moment
        .as_ref()
        .map(|text| Wrong { text: f.v("search-bad-moment", "text", f.s(text)), at: None });
    let found = taken(&f, &wanted, &mut wrong, found)?;
    let open = match wanted.open {
        Some(id) => drawer::find(&console, &visiting, &f, &wanted, &asked, id).await?,
        None => None,
    };
    let saved =
        saved_searches::list_saved_searches(app, caller, &PageRequest::new(None, 100)).await?;
    let is_damaged = found.as_ref().is_some_and(|found| !found.damage.is_empty());
    let (mut rows_found, mut next, mut histogram, mut tops) = (Vec::new(), None, None, None);
    if let Some(Answer { found, .. }) = found {
        (rows_found, next) = rows(&wanted, &asked, &shown, found.page);
        (histogram, tops) = (Some(found.histogram), found.tops);
    }
    let total = histogram.as_ref().map_or(0, |histogram| histogram.counts.iter().sum());
    let chart = histogram.map(|histogram| draw(&f, &asked, &histogram));
    let to = |changes: &[(&str, &str)]| address("/search", &asked, changes);
    let kept = ["q", "span", "was", "from", "to", "col"];
    let page = Page {
        spans: spans(&f, &wanted),
        chart,
        total,
        facets: tops.map(|tops| facets::facets(&asked, &wanted.query, tops)),
        rows: rows_found,
        is_gone: wanted.open.is_some() && open.is_none(),
        open,
        wider_href: to(&[("span", "30d"), ("from", ""), ("to", ""), ("after", ""), ("open", "")]),
        close_href: to(&[("open", "")]),
        next_href: next.map(|next| to(&[("after", &next), ("open", "")])),
        first_href: wanted.after.is_some().then(|| to(&[("after", ""), ("open", "")])),
        live_href: address("/search/live", &asked, &[("after", ""), ("open", ""), ("span", "")]),
        export_href: address("/search/export", &asked, &[("after", ""), ("open", "")]),
        choice: choice(&wanted),
        others: others(&wanted),
        kept: asked
            .pairs()
            .filter(|(name, _)| kept.contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        saved: saved.items.into_iter().map(|saved| of_saved(&visiting, saved)).collect(),
        is_damaged,
        wrong,
        search: wanted,
        f,
    };
    frame::page(&page)
}

/// The first moment of what is kept.
pub(super) fn oldest(console: &Console) -> Timestamp {
    let days = i64::from(console.app.config.keep.days);
    let kept = SignedDuration::from_hours(24 * days);
    let now = console.app.now();
    let first = console.app.lake().stats().days.into_iter().map(|day| day.day).min();
    let first = first.and_then(|day| khien_lake::query::moment(&day));
    first.unwrap_or_else(|| now.checked_sub(kept).unwrap_or(Timestamp::MIN))
}

/// What was found; what is wrong with the question is told on the page, anything else is an error.
fn taken<T>(
    f: &Frame,
    wanted: &Search,
    wrong: &mut Option<Wrong>,
    found: Result<T, UseError>,
) -> Result<Option<T>, PageError> {
    let told = match found {
        Ok(found) => return Ok(Some(found)),
        Err(UseError::Query(error)) => {
            let text = if f.is_english() { error.english() } else { error.vietnamese() };
            let split = wanted.query.char_indices().nth(error.at).map(|(at, _)| at);
            let (before, from) = wanted.query.split_at(split.unwrap_or(wanted.query.len()));
            Wrong { text, at: Some((f.whole(before), f.whole(from))) }
        }
        Err(UseError::Invalid(text)) => Wrong { text: f.told(&text), at: None },
        Err(UseError::TooSlow { .. }) => Wrong { text: f.t("errors-too-slow-advice"), at: None },
        Err(UseError::Busy { .. }) => Wrong { text: f.t("errors-busy-advice"), at: None },
        Err(error) => return Err(error.into()),
    };
    wrong.get_or_insert(told);
    Ok(None)
}

fn spans(f: &Frame, wanted: &Search) -> Vec<(&'static str, String, bool)> {
    let names = SPANS.into_iter().map(|(name, _)| name).chain([ALL]);
    names.map(|name| (name, f.word("search-span", name), wanted.span == Some(name))).collect()
}

fn rows(
    wanted: &Search,
    asked: &Fields,
    shown: &[Shown],
    found: Found,
) -> (Vec<Row>, Option<String>) {
    let next = found.next.map(cursor_text);
    let row = |event: Event| {
        let id = format!("{}-{}", event.at.batch, event.at.item);
        let open = wanted.open.map(|open| format!("{}-{}", open.batch, open.item));
        Row {
            href: address("/search", asked, &[("open", &id)]),
            is_open: open.as_ref() == Some(&id),
            at: event.at.time,
            cells: cells(wanted, shown, &event.values),
            id,
        }
    };
    (found.events.into_iter().map(row).collect(), next)
}

/// The cells of an event.
pub(super) fn cells(wanted: &Search, shown: &[Shown], values: &[Value]) -> Vec<String> {
    let value = |wanted: &Shown| {
        let at = shown.iter().position(|shown| shown == wanted)?;
        values.get(at).filter(|value| **value != Value::Null)
    };
    let column = |name: &String| {
        if name != WHAT {
            let text = value(&Shown::named(name)).map(ToString::to_string);
            return beginning(&text.unwrap_or_default(), CELL_BYTES);
        }
        let texts = LINE.into_iter().filter_map(|column| match value(&Shown::Column(column)) {
            Some(Value::Text(text)) if !text.trim().is_empty() => Some(text),
            _ => None,
        });
        texts.map(|text| beginning(text.trim(), WHAT_BYTES)).next().unwrap_or_default()
    };
    wanted.columns.iter().map(column).collect()
}

/// The histogram as a chart, each column leading to its time, and its numbers.
fn draw(f: &Frame, asked: &Fields, histogram: &Histogram) -> Chart {
    let width = SignedDuration::try_from(histogram.width).unwrap_or(SignedDuration::ZERO);
    let is_long = width.as_hours() >= 1;
    let mut begin = histogram.from;
    let (mut stacks, mut rows) = (Vec::new(), Vec::new());
    for (at, count) in histogram.counts.iter().enumerate() {
        let end = begin.checked_add(width).unwrap_or(Timestamp::MAX);
        let when = f.moment(&begin);
        let changes = [
            ("from", &*begin.to_string()),
            ("to", &*end.to_string()),
            ("span", ""),
            ("after", ""),
            ("open", ""),
        ];
        let mark = (at % 10 == 0).then(|| if is_long { f.short(&begin) } else { f.clock(&begin) });
        stacks.push(Stack {
            layers: vec![("f-a", *count)],
            title: f.v2("search-bar", "when", &when, "count", f.count(*count)),
            href: address("/search", asked, &changes),
            mark,
        });
        if *count > 0 {
            rows.push((when, f.count(*count)));
        }
        begin = end;
    }
    Chart { drawn: chart::columns(stacks, 1160, 62), rows }
}

fn choice(wanted: &Search) -> Vec<(String, bool)> {
    let names = CHOICE.into_iter().map(std::borrow::ToOwned::to_owned);
    names.map(|name| (name.clone(), wanted.columns.contains(&name))).collect()
}

/// Columns that are no choice of the list.
fn others(wanted: &Search) -> String {
    let others = wanted.columns.iter().filter(|name| !CHOICE.contains(&name.as_str()));
    others.map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn of_saved(visiting: &Visiting, saved: SavedSearch) -> Saved {
    let is_own = saved.saved.owner == visiting.caller.actor.identity.to_string();
    let mut changes = vec![("q", saved.saved.query.as_str())];
    let span = saved.saved.span.as_str();
    match span.split_once("..") {
        Some((from, to)) => changes.extend([("from", from), ("to", to)]),
        None => changes.push(("span", span)),
    }
    let columns = saved.saved.columns.join(",");
    changes.push(("col", &columns));
    let owner = saved.saved.owner.strip_prefix("person:").unwrap_or(&saved.saved.owner);
    Saved {
        id: saved.id.0,
        href: address("/search", &Fields::default(), &changes),
        is_own,
        owner: owner.to_owned(),
        name: saved.saved.name,
    }
}
