//! `GET /audit`: who did what, to what, from where, and what came of it. Nothing here changes anything.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::audit::{self, AuditFilter, Checked};
use khien_domain::audit::{Entry, Outcome};
use khien_domain::page::PageRequest;

use super::Console;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::Fields;
use super::table::Table;
use super::visit::Visiting;
use super::words::Words;

/// Rows of a page.
const ROWS: u32 = 100;
/// Rows of a file.
const MOST: usize = 100_000;

/// The page.
#[derive(Template)]
#[template(path = "console/audit.html")]
struct Page {
    f: Frame,
    asked: Fields,
    rows: Vec<Row>,
    outcomes: Vec<(&'static str, bool)>,
    /// Names of deeds, with their words.
    deeds: Vec<(String, String)>,
    next_href: Option<String>,
    first_href: Option<String>,
    is_filtered: bool,
    checked: Option<Checked>,
    wrong: Option<String>,
}

/// An entry, with addresses that narrow the list to what it says.
struct Row {
    entry: Entry,
    who_href: String,
    action_href: String,
}

/// Answers.
pub(super) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Audit).await?;
    let mut bad = None;
    let mut moment = |name| {
        let text: &str = asked.some(name)?;
        let found = khien_lake::query::moment(text.trim());
        if found.is_none() {
            bad = Some(f.v("search-bad-moment", "text", f.s(text)));
        }
        found
    };
    let filter = AuditFilter {
        who: asked.some("who").map(ToOwned::to_owned),
        action: asked.some("action").map(ToOwned::to_owned),
        text: asked.some("q").map(|text| text.trim().to_owned()),
        outcome: Outcome::parse(asked.text("outcome")),
        from: moment("from"),
        to: moment("to"),
    };
    let (app, caller) = (&console.app, &visiting.caller);
    if asked.some("form").is_some() {
        let (mut entries, mut page) = (Vec::new(), PageRequest::first());
        loop {
            let found = audit::list_audit(app, caller, &filter, &page).await?;
            entries.extend(found.items);
            match found.next {
                Some(next) if entries.len() < MOST => page.after = Some(next),
                _ => break,
            }
        }
        return Ok(table(&f, &entries).answer(&f, &asked));
    }
    let after = asked.text("after").parse().ok();
    let found = audit::list_audit(app, caller, &filter, &PageRequest::new(after, ROWS)).await?;
    let to = |changes: &[(&str, &str)]| address("/audit", &asked, changes);
    let rows = found.items.into_iter().map(|entry| Row {
        who_href: to(&[("who", &entry.said.who), ("after", "")]),
        action_href: to(&[("action", &entry.said.action), ("after", "")]),
        entry,
    });
    let chosen = asked.text("outcome");
    let page = Page {
        rows: rows.collect(),
        outcomes: Outcome::ALL.map(|one| (one.name(), one.name() == chosen)).to_vec(),
        deeds: deeds(&f),
        next_href: found.next.map(|next| to(&[("after", &next.to_string())])),
        first_href: after.map(|_| to(&[("after", "")])),
        is_filtered: filter != AuditFilter::default(),
        checked: audit::last_check(app, caller).await?,
        wrong: bad,
        asked,
        f,
    };
    frame::page(&page)
}

/// What people and programs do: `source.add`, and in words.
fn deeds(f: &Frame) -> Vec<(String, String)> {
    let ends = Words::ends("audit-deed-").map(|end| end.replacen('-', ".", 1).replace('-', "_"));
    let named = ends.map(|action| {
        let words = f.word_or_name("audit-deed", &action);
        (action, words)
    });
    named.collect()
}

fn table(f: &Frame, entries: &[Entry]) -> Table {
    let rows = entries.iter().map(|entry| {
        let said = &entry.said;
        vec![
            entry.id.0.to_string(),
            f.iso(&said.at),
            said.who.clone(),
            said.action.clone(),
            said.target.clone(),
            said.agency.as_ref().map_or_else(String::new, ToString::to_string),
            said.origin.clone(),
            said.outcome.name().to_owned(),
            said.detail.clone(),
        ]
    });
    Table {
        name: "audit",
        columns: vec![
            ("id", f.t("sources-number")),
            ("at", f.t("search-when")),
            ("who", f.t("audit-who")),
            ("action", f.t("audit-action")),
            ("target", f.t("audit-target")),
            ("agency", f.t("alerts-agency")),
            ("origin", f.t("audit-origin")),
            ("outcome", f.t("audit-outcome")),
            ("detail", f.t("audit-detail")),
        ],
        rows: rows.collect(),
    }
}
