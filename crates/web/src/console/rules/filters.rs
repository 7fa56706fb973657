//! `/rules/filters`: the filters that people made from false positives.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::tuning::{self, FilterStatus};
use khien_domain::ids::RuleFilterId;

use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::look::local;
use crate::console::posted::Posted;
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/rules/filters.html")]
struct Page {
    f: Frame,
    filters: Vec<FilterStatus>,
    chips: Vec<(String, String, bool)>,
    is_any: bool,
    may_everywhere: bool,
}

/// How a filter stands, as the address and the texts name it.
fn standing(status: &FilterStatus) -> &'static str {
    match status {
        FilterStatus { holds: false, .. } => "ended",
        FilterStatus { fault: Some(_), .. } => "unfit",
        FilterStatus { .. } => "active",
    }
}

/// `GET`: the list, or as CSV or JSON where a form is asked for.
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let mut filters = tuning::list_filters(&console.app, &visiting.caller, None).await?;
    let f = Frame::of(&console, &visiting, Room::Rules).await?;
    let chosen = asked.some("state").unwrap_or("all").to_owned();
    let is_any = !filters.is_empty();
    filters.retain(|filter| chosen == "all" || standing(filter) == chosen);
    if asked.some("form").is_some() {
        return Ok(table(&f, &filters).answer(&f, &asked));
    }
    let chips = ["all", "active", "unfit", "ended"].map(|state| {
        let set = if state == "all" { "" } else { state };
        let href = address("/rules/filters", &asked, &[("state", set)]);
        (f.word("rules-filters", state), href, state == chosen)
    });
    let may_everywhere = super::may_everywhere(&visiting);
    frame::page(&Page { filters, chips: chips.into(), is_any, may_everywhere, f })
}

fn table(f: &Frame, filters: &[FilterStatus]) -> Table {
    let rows = filters.iter().map(|status| {
        let asked = &status.filter.asked;
        let until = status.filter.ended_at.or(asked.expires_at);
        vec![
            status.filter.id.to_string(),
            f.title_of(&asked.rule, &asked.rule),
            asked.rule.clone(),
            f.word("rules-filters", standing(status)),
            status.fault.clone().unwrap_or_default(),
            f.person(&asked.owner),
            asked.reason.clone(),
            f.iso(&asked.created_at),
            until.map_or_else(String::new, |at| f.iso(&at)),
            asked.text.clone(),
        ]
    });
    let column = |name, id: &str| (name, f.t(id));
    Table {
        name: "rule-filters",
        columns: vec![
            column("number", "alerts-number"),
            column("title", "alerts-rule"),
            column("rule", "rules-id"),
            column("state", "alerts-state"),
            column("fault", "rules-fault"),
            column("owner", "rules-owner"),
            column("reason", "rules-why"),
            column("created_at", "rules-since"),
            column("until", "rules-until"),
            column("text", "rules-text"),
        ],
        rows: rows.collect(),
    }
}

/// `POST /rules/filters/{id}/end`
pub(in crate::console) async fn end(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    tuning::end_filter(&console.app, &visiting.caller, RuleFilterId(id)).await?;
    let back = local(fields.some("back").unwrap_or("/rules/filters"));
    Ok(Redirect::to(&format!("{back}?done=filter-ended")).into_response())
}

impl Page {
    /// How a filter stands, in words.
    fn standing(&self, status: &FilterStatus) -> String {
        self.f.word("rules-filters", standing(status))
    }
}
