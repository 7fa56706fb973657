//! `/agencies/new`, `/agencies/{code}/edit`: what an agency is called and is.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::{UseError, register as use_case};
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register;
use crate::console::visit::Visiting;

/// The form.
#[derive(Template)]
#[template(path = "console/agencies/form.html")]
struct Form {
    f: Frame,
    /// The agency that is changed; a new one if there is none.
    code: Option<String>,
    fields: Fields,
    kinds: Vec<(&'static str, bool)>,
    parents: Vec<(String, String, bool)>,
    wrong: Option<String>,
}

impl Form {
    /// What sends the form and leaves it: addresses.
    fn action(&self) -> String {
        let code = self.code.as_ref();
        code.map_or_else(|| "/agencies/new".to_owned(), |code| format!("/agencies/{code}/edit"))
    }

    fn back(&self) -> String {
        let code = self.code.as_ref();
        code.map_or_else(|| "/agencies".to_owned(), |code| format!("/agencies/{code}"))
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
    let f = Frame::of(console, visiting, Room::Agencies).await?;
    let kind = fields.some("kind").unwrap_or(AgencyKind::Government.name());
    let kinds = AgencyKind::ALL.map(|one| (one.name(), one.name() == kind)).to_vec();
    let all = register::agencies(console, visiting).await?.into_iter();
    let parents = all.filter(|one| Some(one.code.as_str()) != code.as_deref()).map(|agency| {
        let chosen = fields.text("parent") == agency.code.as_str();
        (agency.code.to_string(), register::name(&f, &agency), chosen)
    });
    let parents = parents.collect();
    let wrong = wrong.map(|wrong| register::wrong_of(&f, wrong)).transpose()?;
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut response = frame::page(&Form { f, code, fields, kinds, parents, wrong })?;
    *response.status_mut() = status;
    Ok(response)
}

fn read(console: &Console, code: AgencyCode, fields: &Fields) -> Result<Agency, PageError> {
    let kind = fields.parsed("kind", AgencyKind::parse)?;
    let name = fields.text("name_vi").to_owned();
    Ok(Agency {
        name_en: register::typed(fields, "name_en"),
        parent: AgencyCode::new(fields.text("parent")).ok(),
        in_scope: fields.some("outside").is_none(),
        is_centre: fields.some("centre").is_some(),
        ..Agency::new(code, name, kind, console.app.now())
    })
}

/// `GET /agencies/new`
pub(in crate::console) async fn new(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, None, Fields::default(), None).await
}

/// `POST /agencies/new`
pub(in crate::console) async fn add(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = match AgencyCode::new(fields.text("code").trim()) {
        Ok(code) => code,
        Err(wrong) => {
            let wrong = UseError::Invalid(wrong.to_string());
            return draw(&console, &visiting, None, fields, Some(wrong)).await;
        }
    };
    let agency = read(&console, code.clone(), &fields)?;
    match use_case::add_agency(&console.app, &visiting.caller, agency).await {
        Ok(_) => Ok(Redirect::to(&format!("/agencies/{code}?done=agency-added")).into_response()),
        Err(wrong) => draw(&console, &visiting, None, fields, Some(wrong)).await,
    }
}

/// `GET /agencies/{code}/edit`
pub(in crate::console) async fn edit(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let code = super::code(&text)?;
    let agency = use_case::get_agency(&console.app, &visiting.caller, &code).await?.agency;
    let asked = visiting.caller.actor.require_global(Permission::RegisterWrite);
    asked.map_err(UseError::Denied)?;
    let parent = agency.parent.as_ref().map_or("", AgencyCode::as_str);
    let mut pairs = vec![
        ("name_vi", agency.name_vi.as_str()),
        ("name_en", agency.name_en.as_deref().unwrap_or_default()),
        ("kind", agency.kind.name()),
        ("parent", parent),
    ];
    pairs.extend((!agency.in_scope).then_some(("outside", "1")));
    pairs.extend(agency.is_centre.then_some(("centre", "1")));
    draw(&console, &visiting, Some(text), Fields::of(&pairs), None).await
}

/// `POST /agencies/{code}/edit`
pub(in crate::console) async fn change(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = super::code(&text)?;
    let agency = read(&console, code.clone(), &fields)?;
    match use_case::change_agency(&console.app, &visiting.caller, agency).await {
        Ok(_) => Ok(Redirect::to(&format!("/agencies/{code}?done=agency-changed")).into_response()),
        Err(wrong) => draw(&console, &visiting, Some(text), fields, Some(wrong)).await,
    }
}
