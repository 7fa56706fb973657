//! `/controls`: catalogues of controls side by side; under a system, its checklist.

pub(super) mod checklist;

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::controls::{self, Document, Listed, MAX_CATALOGUE_BYTES};
use khien_domain::control::{CatalogueKey, Control, Family};
use khien_domain::facts::SetId;
use khien_domain::permission::Permission;
use khien_domain::system::System;

use super::Console;
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::PostedFile;
use super::register;
use super::visit::Visiting;

/// The largest form with a file.
pub(super) const MAX_BYTES: usize = MAX_CATALOGUE_BYTES + 64 * 1024;

#[derive(Template)]
#[template(path = "console/controls/list.html")]
struct List {
    f: Frame,
    all: Vec<Listed>,
    systems: Vec<(System, String)>,
    may_import: bool,
    most: String,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "console/controls/catalogue.html")]
struct Page {
    f: Frame,
    listed: Listed,
}

impl Page {
    fn of_family(&self, family: &Family) -> Vec<&Control> {
        let all = self.listed.catalogue.controls.iter();
        all.filter(|control| control.family == family.id).collect()
    }

    /// What sets are called in the language.
    fn sets(&self, sets: &[SetId]) -> String {
        let Some(measures) = &self.listed.catalogue.measures else { return String::new() };
        let name = |set: &SetId| {
            let set = measures.sets.get(*set);
            self.f.either(&set.vi, &set.en)
        };
        sets.iter().map(name).collect::<Vec<_>>().join("; ")
    }
}

impl Frame {
    /// A text of a catalogue in the language.
    pub(super) fn either<'t>(&self, vi: &'t str, en: &'t str) -> &'t str {
        if self.is_english() { en } else { vi }
    }

    /// Whether whoever visits may bring a catalogue.
    fn may_import_catalogues(&self) -> bool {
        let actor = self.person.as_ref().map(khien_domain::account::Person::actor);
        actor.is_some_and(|actor| actor.require_global(Permission::AssuranceApprove).is_ok())
    }
}

fn key(text: &str) -> Result<CatalogueKey, PageError> {
    CatalogueKey::parse(text).ok_or_else(PageError::not_found)
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    wrong: Option<UseError>,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Controls).await?;
    let all = controls::list_catalogues(&console.app, &visiting.caller).await?;
    let names = register::agency_names(console, visiting, &f).await?;
    let systems = register::systems(console, visiting).await?;
    let named = |system: System| {
        let agency = names.get(&system.agency).cloned().unwrap_or_default();
        (system, agency)
    };
    let mut systems: Vec<_> = systems.into_iter().map(named).collect();
    // By name within a level, as they came.
    systems.sort_by_key(|(system, _)| std::cmp::Reverse(system.level));
    let wrong = wrong.map(|wrong| register::wrong_of(&f, wrong)).transpose()?;
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let may_import = f.may_import_catalogues();
    let most = f.size(MAX_CATALOGUE_BYTES as u64);
    let mut response = frame::page(&List { f, all, systems, may_import, most, wrong })?;
    *response.status_mut() = status;
    Ok(response)
}

/// `GET /controls`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, None).await
}

/// `POST /controls`: brings a catalogue.
pub(super) async fn import(
    State(console): State<Arc<Console>>,
    PostedFile { visiting, file, .. }: PostedFile,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let (name, bytes) = file.unwrap_or_default();
    match controls::import(app, caller, &name, &bytes).await {
        Ok(brought) => {
            let place = format!("/controls/{}?done=catalogue-imported", brought.catalogue.key);
            Ok(Redirect::to(&place).into_response())
        }
        Err(wrong) => draw(&console, &visiting, Some(wrong)).await,
    }
}

/// `GET /controls/{catalogue}`
pub(super) async fn detail(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let listed = controls::get_catalogue(&console.app, &visiting.caller, &key(&text)?).await?;
    let f = Frame::of(&console, &visiting, Room::Controls).await?;
    frame::page(&Page { f, listed })
}

/// `GET /controls/{catalogue}/oscal`
pub(super) async fn oscal(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let key = key(&text)?;
    let found = controls::export_catalogue(&console.app, &visiting.caller, Some(&key)).await?;
    Ok(file(&found))
}

/// A document as a file.
pub(super) fn file(document: &Document) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{:#}\n", document.value)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let name = format!("attachment; filename=\"{}\"", document.file);
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    response
}
