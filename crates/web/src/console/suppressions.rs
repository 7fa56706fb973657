//! `/suppressions`: what is hidden, by whom, why, until when and how often it hid something; ending one.
//! They are made from an alert.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::suppressions;
use khien_domain::alert::suppression::Suppression;
use khien_domain::ids::SuppressionId;
use khien_domain::page::PageRequest;

use super::Console;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::Posted;
use super::table::Table;
use super::visit::Visiting;

/// Rows of a page.
const ROWS: u32 = 100;
/// Rows of a file.
const MOST: usize = 10_000;

/// The page.
#[derive(Template)]
#[template(path = "console/suppressions.html")]
struct Page {
    f: Frame,
    rows: Vec<Row>,
    all: bool,
    next_href: Option<String>,
}

/// A suppression.
struct Row {
    suppression: Suppression,
    hides: Vec<String>,
    holds: bool,
}

/// `GET /suppressions`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Suppressions).await?;
    let all = asked.text("state") == "all";
    let is_export = asked.some("form").is_some();
    let mut page = PageRequest::new(asked.text("after").parse().ok(), ROWS);
    let (mut found, mut next);
    let mut items = Vec::new();
    loop {
        found =
            suppressions::list_suppressions(&console.app, &visiting.caller, !all, &page).await?;
        items.extend(found.items);
        next = found.next;
        match next {
            Some(more) if is_export && items.len() < MOST => page.after = Some(more),
            _ => break,
        }
    }
    let rows = items.into_iter().map(|suppression| Row {
        hides: hides(&f, &suppression),
        holds: suppression.ended_at.is_none() && suppression.asked.expires_at > f.now,
        suppression,
    });
    let rows: Vec<Row> = rows.collect();
    if is_export {
        return Ok(table(&f, &rows).answer(&f, &asked));
    }
    let next_href =
        next.map(|next| address("/suppressions", &asked, &[("after", &next.to_string())]));
    frame::page(&Page { f, rows, all, next_href })
}

/// `POST /suppressions/{id}/end`
pub(super) async fn end(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, .. }: Posted,
) -> Result<Response<Body>, PageError> {
    suppressions::end_suppression(&console.app, &visiting.caller, SuppressionId(id)).await?;
    Ok(Redirect::to("/suppressions?done=suppression-ended").into_response())
}

/// What it hides, part by part; all of them have to fit.
fn hides(f: &Frame, suppression: &Suppression) -> Vec<String> {
    let scope = &suppression.asked.scope;
    let mut parts = Vec::new();
    if let Some(rule) = &scope.rule {
        parts.push(f.v("suppressions-rule", "rule", f.title_of(rule, rule)));
    }
    parts.extend(scope.entity.iter().map(|entity| f.s(f.entity(entity))));
    let conditions = scope.conditions.iter();
    parts.extend(conditions.map(|known| f.s(format!("{} = {}", known.field, known.value))));
    parts.extend(scope.agency.iter().map(|code| f.v("alerts-only-agency", "agency", code)));
    parts
}

fn table(f: &Frame, rows: &[Row]) -> Table {
    let at = |at: &Option<jiff::Timestamp>| at.as_ref().map_or_else(String::new, |at| f.iso(at));
    let rows = rows.iter().map(|row| {
        let one = &row.suppression;
        vec![
            one.id.to_string(),
            row.hides.join("; "),
            one.asked.reason.clone(),
            f.person(&one.asked.owner),
            f.iso(&one.asked.created_at),
            f.iso(&one.asked.expires_at),
            at(&one.ended_at),
            one.hidden.to_string(),
            at(&one.last_hidden_at),
        ]
    });
    Table {
        name: "suppressions",
        columns: vec![
            ("id", f.t("sources-number")),
            ("hides", f.t("suppressions-hides")),
            ("reason", f.t("suppressions-reason")),
            ("owner", f.t("alerts-owner")),
            ("created_at", f.t("suppressions-since")),
            ("expires_at", f.t("suppressions-until")),
            ("ended_at", f.t("suppressions-ended")),
            ("hidden", f.t("alerts-events-hidden")),
            ("last_hidden_at", f.t("suppressions-last")),
        ],
        rows: rows.collect(),
    }
}
