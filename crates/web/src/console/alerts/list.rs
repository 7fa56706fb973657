//! `GET /alerts`: the queue, gravest and newest first, with one alert open beside it.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::alert_figures::{self, AlertFilter, AlertGroup, GroupBy};
use khien_app::use_case::alerts;
use khien_domain::alert::{Alert, Severity};
use khien_domain::ids::AlertId;
use khien_domain::page::PageRequest;
use khien_domain::permission::Permission;

use super::view::{self, View};
use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::Fields;
use crate::console::register::{agency_names, owners};
use crate::console::visit::Visiting;

/// Rows of a page.
const ROWS: u32 = 100;
/// Groups of a page.
const GROUPS: u32 = 200;

/// The page.
#[derive(Template)]
#[template(path = "console/alerts/list.html")]
struct Page {
    f: Frame,
    alerts: Vec<Row>,
    chips: Vec<(String, String, bool)>,
    choices: Vec<Choice>,
    groups: Option<Groups>,
    agencies: Vec<(String, String, bool)>,
    total: u64,
    open: Option<View>,
    /// Where a change leads back to: the next alert.
    next_open: Option<i64>,
    close_href: String,
    export_href: String,
    more_href: Option<String>,
    first_href: Option<String>,
    fields: Vec<(String, String)>,
    is_filtered: bool,
}

/// The queue in groups.
struct Groups {
    rows: Vec<GroupRow>,
    /// Whether there are more than are shown.
    is_cut: bool,
}

/// A group.
struct GroupRow {
    words: String,
    href: String,
    group: AlertGroup,
}

/// A row.
pub(super) struct Row {
    /// The alert.
    pub(super) alert: Alert,
    /// The agency's name.
    pub(super) agency: String,
    /// The page with it open.
    pub(super) href: String,
    /// Whether it is open.
    pub(super) is_open: bool,
}

impl Row {
    /// Whether nobody has looked at it.
    fn is_new(&self) -> bool {
        self.alert.state == khien_domain::alert::State::New
    }
}

/// A list to choose from.
struct Choice {
    name: &'static str,
    title: String,
    /// Value, words, whether chosen.
    values: Vec<(String, String, bool)>,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let filter = super::filter(&console, &visiting, &asked);
    if let Some(by) = group_by(asked.text("group")) {
        return grouped(&console, &visiting, &asked, &filter, by).await;
    }
    let number: u32 = asked.text("page").parse().unwrap_or(1).clamp(1, 1000);
    let skip = (number - 1) * ROWS;
    let caller = &visiting.caller;
    let (found, more) = alerts::queue_alerts(&console.app, caller, &filter, skip, ROWS).await?;
    let total = alerts::count_alerts(&console.app, caller, &filter).await?;
    let f = Frame::of(&console, &visiting, Room::Alerts).await?;
    let names = agency_names(&console, &visiting, &f).await?;
    let open: Option<AlertId> = asked.text("open").parse().ok().map(AlertId);
    let next_open = open.and_then(|open| {
        let at = found.iter().position(|alert| alert.id == open)?;
        found.get(at + 1).or_else(|| found.get(at.checked_sub(1)?)).map(|alert| alert.id.0)
    });
    let view = match open {
        // It may have gone from what this person may see; the queue is shown all the same.
        Some(id) => view::view(&console, &visiting, &f, id).await.ok(),
        None => None,
    };
    let alerts = found.into_iter().map(|alert| Row {
        agency: names.get(&alert.agency).cloned().unwrap_or_else(|| alert.agency.to_string()),
        href: address("/alerts", &asked, &[("open", &alert.id.to_string())]),
        is_open: Some(alert.id) == open,
        alert,
    });
    let alerts: Vec<Row> = alerts.collect();
    let page_of = |number: u32| address("/alerts", &asked, &[("page", &number.to_string())]);
    let chosen = asked.text("agency");
    let page = Page {
        chips: chips(&f, &asked),
        choices: choices(&f, &asked),
        groups: None,
        agencies: owners(&names, chosen),
        total,
        next_open,
        open: view,
        close_href: address("/alerts", &asked, &[("open", "")]),
        export_href: address("/alerts/export", &asked, &[("open", ""), ("page", "")]),
        more_href: more.then(|| page_of(number + 1)),
        first_href: (number > 1).then(|| address("/alerts", &asked, &[("page", "")])),
        fields: kept(&asked),
        is_filtered: asked.pairs().any(|(name, _)| !["open", "page", "done"].contains(&name)),
        alerts,
        f,
    };
    frame::page(&page)
}

fn group_by(text: &str) -> Option<GroupBy> {
    match text {
        "rule" => Some(GroupBy::Rule),
        "entity" => Some(GroupBy::Entity),
        _ => None,
    }
}

/// The queue in groups: each leads to its alerts.
async fn grouped(
    console: &Arc<Console>,
    visiting: &Visiting,
    asked: &Fields,
    filter: &AlertFilter,
    by: GroupBy,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let page = PageRequest::new(None, GROUPS);
    let found = alert_figures::grouped(app, caller, filter, by, &page).await?;
    let total = alerts::count_alerts(app, caller, filter).await?;
    let f = Frame::of(console, visiting, Room::Alerts).await?;
    let names = agency_names(console, visiting, &f).await?;
    let chosen = asked.text("agency");
    let name = if by == GroupBy::Rule { "rule" } else { "entity" };
    let rows = found.items.into_iter().map(|group| GroupRow {
        words: match by {
            GroupBy::Rule => f.title_of(&group.key, &group.title),
            GroupBy::Entity => f.entity(&group.key),
        },
        href: address("/alerts", asked, &[(name, &group.key), ("group", "")]),
        group,
    });
    let groups = Groups { rows: rows.collect(), is_cut: found.next.is_some() };
    frame::page(&Page {
        chips: chips(&f, asked),
        choices: choices(&f, asked),
        groups: Some(groups),
        agencies: owners(&names, chosen),
        total,
        next_open: None,
        open: None,
        close_href: address("/alerts", asked, &[]),
        export_href: address("/alerts/export", asked, &[("group", "")]),
        more_href: None,
        first_href: None,
        fields: kept(asked),
        is_filtered: true,
        alerts: Vec::new(),
        f,
    })
}

/// What the address says beside what the lists choose.
fn kept(asked: &Fields) -> Vec<(String, String)> {
    let chosen = ["agency", "severity", "span", "mine", "group", "open", "page", "done"];
    let rest = asked.pairs().filter(|(name, _)| !chosen.contains(name));
    rest.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The states as chips.
fn chips(f: &Frame, asked: &Fields) -> Vec<(String, String, bool)> {
    let chosen = asked.some("state").unwrap_or("open");
    let states = [
        ("open", "alerts-open"),
        ("new", "state-new"),
        ("in_progress", "state-in-progress"),
        ("closed", "state-closed"),
        ("all", "frame-all"),
    ];
    let chips = states.into_iter().map(|(state, id)| {
        let set = if state == "open" { "" } else { state };
        let href = address("/alerts", asked, &[("state", set), ("page", ""), ("open", "")]);
        (f.t(id), href, state == chosen)
    });
    chips.collect()
}

/// What else can be chosen, each a list.
fn choices(f: &Frame, asked: &Fields) -> Vec<Choice> {
    let choice = |name: &'static str, title: &str, values: Vec<(&str, String)>| {
        let chosen = asked.text(name);
        let values = values.into_iter().map(|(value, words)| {
            let is_chosen = value == chosen;
            (value.to_owned(), words, is_chosen)
        });
        Choice { name, title: f.t(title), values: values.collect() }
    };
    let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
    let mut grave = vec![("", f.t("alerts-any-severity"))];
    grave.extend(severities.map(|severity| {
        let word = f.severity(&severity);
        let words = if severity == Severity::Critical {
            word
        } else {
            f.v("alerts-or-graver", "severity", word)
        };
        (severity.name(), words)
    }));
    let spans = ["1h", "24h", "7d", "30d"].map(|span| (span, f.word("alerts", span)));
    let mut times = vec![("", f.t("alerts-any-time"))];
    times.extend(spans);
    let whose = vec![("", f.t("alerts-everybodys")), ("1", f.t("alerts-mine"))];
    let groups = vec![
        ("", f.t("alerts-ungrouped")),
        ("rule", f.t("alerts-by-rule")),
        ("entity", f.t("alerts-by-entity")),
    ];
    vec![
        choice("severity", "alerts-severity", grave),
        choice("span", "alerts-time", times),
        choice("mine", "alerts-assignee", whose),
        choice("group", "alerts-group", groups),
    ]
}
