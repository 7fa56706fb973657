//! `GET /alerts`: the queue, gravest and newest first, with one alert open beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::{alerts, register};
use khien_domain::alert::{Alert, Severity};
use khien_domain::code::AgencyCode;
use khien_domain::ids::AlertId;
use khien_domain::page::PageRequest;

use super::view::{self, View};
use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::Fields;
use crate::console::visit::Visiting;

/// Rows of a page.
const ROWS: u32 = 100;

/// The page.
#[derive(Template)]
#[template(path = "console/alerts/list.html")]
struct Page {
    f: Frame,
    alerts: Vec<Row>,
    chips: Vec<Group>,
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

/// Chips of which one is on.
struct Group {
    chips: Vec<(String, String, bool)>,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let filter = super::filter(&console, &visiting, &asked);
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
        Some(id) => match view::view(&console, &visiting, &f, id).await {
            Ok(view) => Some(view),
            // It may have gone from what this person may see; the queue is shown all the same.
            Err(_) => None,
        },
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
    let agencies =
        names.iter().map(|(code, name)| (code.to_string(), name.clone(), code.as_str() == chosen));
    let page = Page {
        chips: chips(&f, &asked),
        agencies: agencies.collect(),
        total,
        next_open,
        open: view,
        close_href: address("/alerts", &asked, &[("open", "")]),
        export_href: address("/alerts/export", &asked, &[("open", ""), ("page", "")]),
        more_href: more.then(|| page_of(number + 1)),
        first_href: (number > 1).then(|| address("/alerts", &asked, &[("page", "")])),
        fields: asked
            .pairs()
            .filter(|(name, _)| !["agency", "open", "page", "done"].contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        is_filtered: asked.pairs().any(|(name, _)| !["open", "page", "done"].contains(&name)),
        alerts,
        f,
    };
    frame::page(&page)
}

/// The names of the agencies that whoever visits may see, by code.
pub(super) async fn agency_names(
    console: &Arc<Console>,
    visiting: &Visiting,
    f: &Frame,
) -> Result<BTreeMap<AgencyCode, String>, PageError> {
    let agencies =
        register::list_agencies(&console.app, &visiting.caller, &PageRequest::new(None, 500))
            .await?;
    let name = |agency: &khien_domain::agency::Agency| match &agency.name_en {
        Some(name) if f.is_english() => name.clone(),
        _ => agency.name_vi.clone(),
    };
    Ok(agencies.items.iter().map(|agency| (agency.code.clone(), name(agency))).collect())
}

fn chips(f: &Frame, asked: &Fields) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut group = |name: &str, usual: &str, values: Vec<(&str, String)>| {
        let chosen = asked.some(name).unwrap_or(usual);
        let chips = values.into_iter().map(|(value, words)| {
            let set = if value == usual { "" } else { value };
            let href = address("/alerts", asked, &[(name, set), ("page", ""), ("open", "")]);
            (words, href, value == chosen)
        });
        groups.push(Group { chips: chips.collect() });
    };
    group(
        "state",
        "open",
        vec![
            ("open", f.t("alerts-open")),
            ("new", f.t("state-new")),
            ("in_progress", f.t("state-in-progress")),
            ("closed", f.t("state-closed")),
            ("all", f.t("frame-all")),
        ],
    );
    let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
    let mut values = vec![("any", f.t("alerts-any-severity"))];
    values.extend(severities.map(|severity| {
        let word = f.severity(&severity);
        let words = if severity == Severity::Critical {
            word
        } else {
            f.v("alerts-or-graver", "severity", word)
        };
        (severity.name(), words)
    }));
    group("severity", "any", values);
    group(
        "span",
        "any",
        vec![
            ("any", f.t("alerts-any-time")),
            ("1h", f.t("alerts-1h")),
            ("24h", f.t("alerts-24h")),
            ("7d", f.t("alerts-7d")),
            ("30d", f.t("alerts-30d")),
        ],
    );
    group("mine", "any", vec![("any", f.t("alerts-everybodys")), ("1", f.t("alerts-mine"))]);
    groups
}
