//! `/admin/keeping`: how long events are kept, what is held for longer, how to back up.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use jiff::Timestamp;
use khien_app::use_case::{UseError, holds};
use khien_domain::code::AgencyCode;
use khien_domain::hold::{Held, Hold, NewHold};
use khien_domain::ids::HoldId;
use khien_domain::page::PageRequest;
use khien_domain::permission::Permission;
use khien_lake::query::moment;

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register;
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/admin/keeping.html")]
struct Page {
    f: Frame,
    days: u32,
    rules: Vec<(String, String)>,
    holds: Vec<Hold>,
    agencies: Vec<(String, String)>,
    fields: Fields,
    data: String,
    wrong: Option<String>,
}

impl Page {
    fn holds_now(&self, hold: &Hold) -> bool {
        hold.holds(self.f.now)
    }
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    fields: Fields,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let holds = holds::list_holds(app, caller, false, &PageRequest::first()).await?.items;
    let f = Frame::of(console, visiting, Room::Admin).await?;
    let keep = &app.config.keep;
    let rules = keep.rules.iter().map(|rule| {
        let class = rule.class.map(|class| format!("class_uid {class}"));
        let parts: Vec<String> = rule.agency.iter().cloned().chain(class).collect();
        (parts.join(" · "), f.n("frame-days", rule.days))
    });
    let agencies = register::agencies(console, visiting).await?.into_iter();
    let page = Page {
        days: keep.days,
        rules: rules.collect(),
        holds,
        agencies: agencies
            .map(|agency| (agency.code.to_string(), register::name(&f, &agency)))
            .collect(),
        fields,
        data: app.folder.path().display().to_string(),
        wrong: wrong.map(|wrong| f.told(wrong)),
        f,
    };
    let mut response = frame::page(&page)?;
    if wrong.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

/// `GET /admin/keeping`
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    if asked.some("form").is_some() {
        let (app, caller) = (&console.app, &visiting.caller);
        let found = holds::list_holds(app, caller, false, &PageRequest::first()).await?;
        let f = Frame::of(&console, &visiting, Room::Admin).await?;
        return Ok(table(&f, &found.items).answer(&f, &asked));
    }
    draw(&console, &visiting, Fields::default(), None).await
}

/// `POST /admin/keeping/holds`: places a hold.
pub(in crate::console) async fn add(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let mut bad = false;
    let mut at = |name| {
        let typed: &str = fields.some(name)?;
        let found = moment(typed.trim());
        bad |= found.is_none();
        found
    };
    let (from, to, expires_at) = (at("from"), at("to"), at("expires"));
    if bad {
        let wrong = "a time is not one such as 2026-11-22T08:30";
        return draw(&console, &visiting, fields, Some(wrong)).await;
    }
    let new = NewHold {
        held: Held { agency: AgencyCode::new(fields.text("agency")).ok(), from, to },
        owner: fields.text("owner").to_owned(),
        reason: fields.text("reason").to_owned(),
        placed_at: console.app.now(),
        expires_at,
    };
    match holds::add_hold(&console.app, &visiting.caller, new).await {
        Ok(_) => Ok(Redirect::to("/admin/keeping?done=hold-added").into_response()),
        Err(UseError::Invalid(wrong)) => draw(&console, &visiting, fields, Some(&wrong)).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST /admin/keeping/holds/{id}/lift`
pub(in crate::console) async fn lift(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    Posted { visiting, .. }: Posted,
) -> Result<Response<Body>, PageError> {
    holds::lift_hold(&console.app, &visiting.caller, HoldId(id)).await?;
    Ok(Redirect::to("/admin/keeping?done=hold-lifted").into_response())
}

fn table(f: &Frame, holds: &[Hold]) -> Table {
    let at = |at: &Option<Timestamp>| at.as_ref().map_or_else(String::new, |at| f.iso(at));
    let rows = holds.iter().map(|hold| {
        let asked = &hold.asked;
        vec![
            hold.id.to_string(),
            asked.held.agency.as_ref().map_or_else(String::new, ToString::to_string),
            at(&asked.held.from),
            at(&asked.held.to),
            f.person(&asked.owner),
            asked.reason.clone(),
            f.iso(&asked.placed_at),
            at(&asked.expires_at),
            at(&hold.lifted_at),
        ]
    });
    Table {
        name: "holds",
        columns: vec![
            ("id", f.t("sources-number")),
            ("agency", f.t("alerts-agency")),
            ("from", f.t("search-from")),
            ("to", f.t("search-to")),
            ("owner", f.t("alerts-owner")),
            ("reason", f.t("suppressions-reason")),
            ("placed_at", f.t("admin-placed")),
            ("expires_at", f.t("admin-until")),
            ("lifted_at", f.t("admin-lifted-at")),
        ],
        rows: rows.collect(),
    }
}
