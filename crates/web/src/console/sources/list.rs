//! `GET /sources`: every source and how it is doing, those that need somebody first.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::register::{self, Beat};
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;

use super::pulse::{self, Pulse};
use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::Fields;
use crate::console::register::{Health, Heard, agency_names, by_name, sources};
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// Rows of a page.
const ROWS: usize = 100;
/// The states in the order in which they need somebody.
const STATES: [&str; 4] = ["silent", "never", "alive", "off"];

/// The page.
#[derive(Template)]
#[template(path = "console/sources/list.html")]
struct Page {
    f: Frame,
    rows: Vec<Row>,
    chips: Vec<(String, String, bool)>,
    agencies: Vec<(String, String, bool)>,
    state: String,
    total: usize,
    is_filtered: bool,
    next_href: Option<String>,
    first_href: Option<String>,
}

/// A source.
struct Row {
    heard: Heard,
    agency: String,
    pulse: Pulse,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Sources).await?;
    let names = agency_names(&console, &visiting, &f).await?;
    let all = sources(&console, &visiting).await?;
    let (state, agency, system) = (asked.text("state"), asked.text("agency"), asked.text("system"));
    let mut counts = BTreeMap::<&str, usize>::new();
    let total = all.len();
    let mut found = Vec::new();
    for heard in all {
        let source = &heard.source;
        if !(agency.is_empty() || source.agency.as_str() == agency)
            || !(system.is_empty() || source.system.as_str() == system)
        {
            continue;
        }
        *counts.entry(heard.health.name()).or_default() += 1;
        if state.is_empty() || heard.health.name() == state {
            found.push(heard);
        }
    }
    found.sort_by_key(|heard| {
        let at = STATES.iter().position(|state| *state == heard.health.name());
        (at, heard.source.settings.name.clone())
    });
    if asked.some("form").is_some() {
        return Ok(table(&f, &found, &names).answer(&f, &asked));
    }
    let number: usize = asked.text("page").parse().unwrap_or(1).clamp(1, 1000);
    let more = found.len() > number * ROWS;
    let shown: Vec<Heard> = found.into_iter().skip((number - 1) * ROWS).take(ROWS).collect();
    let beats = register::list_pulse(&console.app, &visiting.caller, None).await?;
    let pulses = pulse::of(&beats, Beat::quarter_of(f.now));
    let rows = shown.into_iter().map(|heard| {
        let is_silent = matches!(heard.health, Health::Silent(_));
        Row {
            agency: names.get(&heard.source.agency).cloned().unwrap_or_default(),
            pulse: pulse::draw(pulses.get(&heard.source.id), is_silent),
            heard,
        }
    });
    let page_of = |number: usize| address("/sources", &asked, &[("page", &number.to_string())]);
    let options = by_name(&names);
    let options =
        options.map(|(code, name)| (code.to_string(), name.to_owned(), code.as_str() == agency));
    let page = Page {
        rows: rows.collect(),
        chips: chips(&f, &asked, &counts),
        agencies: options.collect(),
        state: state.to_owned(),
        total,
        is_filtered: !(state.is_empty() && agency.is_empty() && system.is_empty()),
        next_href: more.then(|| page_of(number + 1)),
        first_href: (number > 1).then(|| address("/sources", &asked, &[("page", "")])),
        f,
    };
    frame::page(&page)
}

fn chips(f: &Frame, asked: &Fields, counts: &BTreeMap<&str, usize>) -> Vec<(String, String, bool)> {
    let chosen = asked.text("state");
    let all: usize = counts.values().sum();
    let chip = |name: &str, words: String, count: usize| {
        let href = address("/sources", asked, &[("state", name), ("page", "")]);
        (format!("{words} {}", f.count(count)), href, chosen == name)
    };
    let mut chips = vec![chip("", f.t("frame-all"), all)];
    chips.extend(STATES.map(|name| {
        chip(name, f.word("sources-state", name), counts.get(name).copied().unwrap_or_default())
    }));
    chips
}

fn table(f: &Frame, found: &[Heard], names: &BTreeMap<AgencyCode, String>) -> Table {
    let rows = found.iter().map(|heard| {
        let source = &heard.source;
        vec![
            source.id.to_string(),
            source.settings.name.clone(),
            f.word("sources-state", heard.health.name()),
            heard.last.map_or_else(String::new, |at| f.iso(&at)),
            heard.events.to_string(),
            names.get(&source.agency).cloned().unwrap_or_default(),
            source.system.to_string(),
            source.kind.name().to_owned(),
            source.settings.heartbeat_seconds.map_or_else(String::new, |at| at.to_string()),
        ]
    });
    Table {
        name: "sources",
        columns: vec![
            ("id", f.t("sources-number")),
            ("name", f.t("sources-name")),
            ("state", f.t("sources-state")),
            ("last_heard", f.t("sources-last")),
            ("events", f.t("sources-events")),
            ("agency", f.t("alerts-agency")),
            ("system", f.t("alerts-system")),
            ("kind", f.t("sources-kind")),
            ("heartbeat_seconds", f.t("sources-heartbeat")),
        ],
        rows: rows.collect(),
    }
}
