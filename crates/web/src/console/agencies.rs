//! `/agencies`: the agencies, one with its systems, and registering another.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::{UseError, alerts, register as use_case};
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;
use khien_domain::system::System;

use super::Console;
use super::asked::Asked;
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::{Fields, Posted};
use super::register::{self, Health, Heard};
use super::table::Table;
use super::visit::Visiting;

/// The list.
#[derive(Template)]
#[template(path = "console/agencies/list.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
}

/// An agency with what it has.
struct Row {
    code: String,
    name: String,
    kind: String,
    systems: usize,
    sources: usize,
    silent: usize,
}

/// One agency.
#[derive(Template)]
#[template(path = "console/agencies/detail.html")]
struct Detail {
    f: Frame,
    agency: Agency,
    name: String,
    systems: Vec<System>,
    sources: Vec<Heard>,
    open_alerts: u64,
}

/// The form.
#[derive(Template)]
#[template(path = "console/agencies/new.html")]
struct New {
    f: Frame,
    fields: Fields,
    kinds: Vec<(&'static str, bool)>,
    parents: Vec<(String, String, bool)>,
    wrong: Option<String>,
}

/// `GET /agencies`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Agencies).await?;
    let all = register::agencies(&console, &visiting).await?;
    let systems = register::systems(&console, &visiting).await?;
    let sources = register::sources(&console, &visiting).await?;
    let rows = all.into_iter().map(|agency| {
        let own = || sources.iter().filter(|heard| heard.source.agency == agency.code);
        Row {
            name: register::name(&f, &agency),
            kind: f.word("register-kind", agency.kind.name()),
            systems: systems.iter().filter(|system| system.agency == agency.code).count(),
            sources: own().count(),
            silent: own().filter(|heard| matches!(heard.health, Health::Silent(_))).count(),
            code: agency.code.to_string(),
        }
    });
    let rows: Vec<Row> = rows.collect();
    if asked.some("form").is_some() {
        let cells = rows.into_iter().map(|row| {
            let [systems, sources, silent] =
                [row.systems, row.sources, row.silent].map(|number| number.to_string());
            vec![row.code, row.name, row.kind, systems, sources, silent]
        });
        let table = Table {
            name: "agencies",
            columns: vec![
                ("code", f.t("register-code")),
                ("name", f.t("register-name")),
                ("kind", f.t("register-kind")),
                ("systems", f.t("frame-room-systems")),
                ("sources", f.t("frame-room-sources")),
                ("silent", f.t("sources-state-silent")),
            ],
            rows: cells.collect(),
        };
        return Ok(table.answer(&f, &asked));
    }
    frame::page(&List { f, rows })
}

/// `GET /agencies/{code}`
pub(super) async fn detail(
    State(console): State<Arc<Console>>,
    Path(code): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Agencies).await?;
    let all = register::agencies(&console, &visiting).await?;
    let agency = all.into_iter().find(|agency| agency.code.as_str() == code);
    let agency = agency.ok_or_else(PageError::not_found)?;
    let systems = register::systems(&console, &visiting).await?;
    let sources = register::sources(&console, &visiting).await?;
    let filter = alerts::AlertFilter {
        not_closed: true,
        agency: Some(agency.code.clone()),
        ..alerts::AlertFilter::default()
    };
    let open_alerts = alerts::count_alerts(&console.app, &visiting.caller, &filter).await?;
    frame::page(&Detail {
        name: register::name(&f, &agency),
        systems: systems.into_iter().filter(|system| system.agency == agency.code).collect(),
        sources: sources.into_iter().filter(|heard| heard.source.agency == agency.code).collect(),
        agency,
        open_alerts,
        f,
    })
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    fields: Fields,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    visiting.caller.actor.agencies(Permission::RegisterWrite).map_err(UseError::Denied)?;
    let f = Frame::of(console, visiting, Room::Agencies).await?;
    let kind = fields.some("kind").unwrap_or(AgencyKind::Government.name());
    let kinds = AgencyKind::ALL.map(|one| (one.name(), one.name() == kind)).to_vec();
    let parents = register::agencies(console, visiting).await?.into_iter().map(|agency| {
        let chosen = fields.text("parent") == agency.code.as_str();
        (agency.code.to_string(), register::name(&f, &agency), chosen)
    });
    let parents = parents.collect();
    let wrong = wrong.map(|wrong| f.told(wrong));
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut response = frame::page(&New { f, fields, kinds, parents, wrong })?;
    *response.status_mut() = status;
    Ok(response)
}

/// `GET /agencies/new`
pub(super) async fn new(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, Fields::default(), None).await
}

/// `POST /agencies/new`
pub(super) async fn add(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = match AgencyCode::new(fields.text("code").trim()) {
        Ok(code) => code,
        Err(wrong) => return draw(&console, &visiting, fields, Some(&wrong.to_string())).await,
    };
    let agency = Agency {
        code: code.clone(),
        name_vi: fields.text("name_vi").to_owned(),
        name_en: fields.some("name_en").map(ToOwned::to_owned),
        parent: AgencyCode::new(fields.text("parent")).ok(),
        kind: fields.parsed("kind", AgencyKind::parse)?,
        created_at: console.app.now(),
    };
    match use_case::add_agency(&console.app, &visiting.caller, agency).await {
        Ok(_) => Ok(Redirect::to(&format!("/agencies/{code}?done=agency-added")).into_response()),
        Err(UseError::Invalid(wrong) | UseError::Conflict(wrong)) => {
            draw(&console, &visiting, fields, Some(&wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}
