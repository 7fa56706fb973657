//! `/systems/new`, `/systems/{code}/edit`: what a system is.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::{UseError, register as use_case};
use khien_domain::code::{AgencyCode, SiteCode, SystemCode};
use khien_domain::permission::Permission;
use khien_domain::register_pack::CIVIL;
use khien_domain::site::Site;
use khien_domain::system::{DataCategory, Level, Operator, Stage, System, SystemKind, Zone};

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register;
use crate::console::visit::Visiting;

/// The form.
#[derive(Template)]
#[template(path = "console/systems/form.html")]
struct Form {
    f: Frame,
    /// The system that is changed; a new one if there is none.
    code: Option<String>,
    fields: Fields,
    agencies: Vec<(String, String, bool)>,
    operators: Vec<(String, String, bool)>,
    sites: Vec<Site>,
    wrong: Option<String>,
}

impl Form {
    fn action(&self) -> String {
        let code = self.code.as_ref();
        code.map_or_else(|| "/systems/new".to_owned(), |code| format!("/systems/{code}/edit"))
    }

    fn back(&self) -> String {
        let code = self.code.as_ref();
        code.map_or_else(|| "/systems".to_owned(), |code| format!("/systems/{code}"))
    }

    /// Whether a value of a field is chosen; `usual` is, if nothing was typed yet.
    fn is(&self, field: &str, value: &str, usual: &str) -> bool {
        self.fields.some(field).unwrap_or(usual) == value
    }

    fn holds(&self, category: &DataCategory) -> bool {
        self.fields.all("data").any(|name| name == category.name())
    }

    fn has(&self, field: &str) -> bool {
        self.fields.some(field).is_some()
    }
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    code: Option<String>,
    fields: Fields,
    wrong: Option<UseError>,
) -> Result<Response<Body>, PageError> {
    let asked = visiting.caller.actor.agencies(Permission::RegisterWrite);
    asked.map_err(UseError::Denied)?;
    let f = Frame::of(console, visiting, Room::Systems).await?;
    let names = register::agency_names(console, visiting, &f).await?;
    let agencies = register::owners(&names, fields.text("agency"));
    let operators = register::owners(&names, fields.text("operator_agency"));
    let sites = use_case::list_sites(&console.app, &visiting.caller).await?;
    let wrong = wrong.map(|wrong| register::wrong_of(&f, wrong)).transpose()?;
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut response = frame::page(&Form { f, code, fields, agencies, operators, sites, wrong })?;
    *response.status_mut() = status;
    Ok(response)
}

/// A whole number that may be left out.
fn minutes(fields: &Fields, name: &'static str) -> Result<Option<u32>, PageError> {
    let Some(text) = fields.some(name) else { return Ok(None) };
    text.trim().parse().map(Some).map_err(|_| PageError::invalid(name))
}

fn read(
    console: &Console,
    (code, agency): (SystemCode, AgencyCode),
    fields: &Fields,
) -> Result<System, PageError> {
    let level = fields.parsed("level", |text| Level::new(text.parse().ok()?))?;
    let stage = fields.parsed("stage", Stage::parse)?;
    let name = fields.text("name").to_owned();
    let new = System::new(code, agency, name, level, stage, console.app.now());
    let operator = match (register::typed(fields, "operator_name"), fields.some("operator_agency"))
    {
        (Some(name), _) => Operator::Provider(name),
        (None, Some(agency)) => {
            let agency = AgencyCode::new(agency);
            Operator::Agency(agency.map_err(|_| PageError::invalid("operator_agency"))?)
        }
        (None, None) => Operator::Owner,
    };
    let data = fields.all("data").map(DataCategory::parse).collect::<Option<_>>();
    let site = fields.some("site").map(SiteCode::new).transpose();
    Ok(System {
        kind: fields
            .some("kind")
            .map_or(Some(new.kind), SystemKind::parse)
            .ok_or_else(|| PageError::invalid("kind"))?,
        operator,
        data: data.ok_or_else(|| PageError::invalid("data"))?,
        zone: fields
            .some("zone")
            .map_or(Some(new.zone), Zone::parse)
            .ok_or_else(|| PageError::invalid("zone"))?,
        is_exposed: fields.some("exposed").is_some(),
        site: site.map_err(|_| PageError::invalid("site"))?,
        rto_minutes: minutes(fields, "rto_minutes")?,
        rpo_minutes: minutes(fields, "rpo_minutes")?,
        is_critical: fields.some("critical").is_some(),
        owner: register::typed(fields, "owner"),
        head: register::typed(fields, "head"),
        ..new
    })
}

/// `GET /systems/new`
pub(in crate::console) async fn new(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let mut fields = vec![("exposed", "1")];
    fields.extend(asked.some("agency").map(|agency| ("agency", agency)));
    draw(&console, &visiting, None, Fields::of(&fields), None).await
}

/// `POST /systems/new`
pub(in crate::console) async fn add(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = match SystemCode::new(fields.text("code").trim()) {
        Ok(code) => code,
        Err(wrong) => {
            let wrong = UseError::Invalid(wrong.to_string());
            return draw(&console, &visiting, None, fields, Some(wrong)).await;
        }
    };
    let agency = fields.parsed("agency", |text| AgencyCode::new(text).ok())?;
    let system = read(&console, (code.clone(), agency), &fields)?;
    let scope = fields.some("scope").unwrap_or(CIVIL);
    match use_case::add_system_of(&console.app, &visiting.caller, system, scope).await {
        Ok(_) => Ok(Redirect::to(&format!("/systems/{code}?done=system-added")).into_response()),
        Err(wrong) => draw(&console, &visiting, None, fields, Some(wrong)).await,
    }
}

/// `GET /systems/{code}/edit`
pub(in crate::console) async fn edit(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let system = register::system(&console, &visiting, &super::code(&text)?).await?;
    let asked = visiting.caller.actor.require(Permission::RegisterWrite, &system.agency);
    asked.map_err(UseError::Denied)?;
    let (operator_agency, operator_name) = super::operator(&system);
    let level = system.level.number().to_string();
    let number = |number: Option<u32>| number.map_or_else(String::new, |n| n.to_string());
    let (rto, rpo) = (number(system.rto_minutes), number(system.rpo_minutes));
    let mut pairs = vec![
        ("agency", system.agency.as_str()),
        ("name", &system.name),
        ("kind", system.kind.name()),
        ("level", &level),
        ("stage", system.stage.name()),
        ("operator_agency", &operator_agency),
        ("operator_name", &operator_name),
        ("zone", system.zone.name()),
        ("site", system.site.as_ref().map_or("", SiteCode::as_str)),
        ("rto_minutes", &rto),
        ("rpo_minutes", &rpo),
        ("owner", system.owner.as_deref().unwrap_or_default()),
        ("head", system.head.as_deref().unwrap_or_default()),
    ];
    pairs.extend(system.data.iter().map(|category| ("data", category.name())));
    pairs.extend(system.is_exposed.then_some(("exposed", "1")));
    pairs.extend(system.is_critical.then_some(("critical", "1")));
    draw(&console, &visiting, Some(text), Fields::of(&pairs), None).await
}

/// `POST /systems/{code}/edit`
pub(in crate::console) async fn change(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = super::code(&text)?;
    let known = register::system(&console, &visiting, &code).await?;
    let system = read(&console, (code.clone(), known.agency), &fields)?;
    match use_case::change_system(&console.app, &visiting.caller, system).await {
        Ok(_) => Ok(Redirect::to(&format!("/systems/{code}?done=system-changed")).into_response()),
        Err(wrong) => draw(&console, &visiting, Some(text), fields, Some(wrong)).await,
    }
}
