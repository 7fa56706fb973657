//! `/controls`: catalogues of controls side by side and what they correspond to; under a system, its
//! checklist.

pub(super) mod checklist;
pub(super) mod mapping;

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::controls::{
    self, Called, Compared, Document, Listed, ListedMapping, MAX_CATALOGUE_BYTES,
};
use khien_domain::control::mapping::{Corresponds, HUB, Problem};
use khien_domain::control::{CatalogueKey, Control, Family};
use khien_domain::facts::SetId;
use khien_domain::permission::Permission;
use khien_domain::system::System;

use super::Console;
use super::asked::Asked;
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::{Fields, PostedFile};
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
    mappings: Vec<ListedMapping>,
    may_import: bool,
    most: String,
    wrong: Option<String>,
    /// What is wrong with a mapping: where, and what.
    problems: Vec<(String, String)>,
    typed: Fields,
}

impl List {
    /// As many problems as a page shows.
    fn shown(&self) -> &[(String, String)] {
        const MOST: usize = 100;
        &self.problems[..self.problems.len().min(MOST)]
    }
}

/// Why a file was not taken.
enum Refusal {
    /// The whole file.
    Whole(UseError),
    /// Places of a mapping.
    Mapping(Vec<Problem>),
}

#[derive(Template)]
#[template(path = "console/controls/catalogue.html")]
struct Page {
    f: Frame,
    listed: Listed,
    /// What it corresponds to in each other catalogue.
    compared: Vec<Compared>,
    /// Which of those is shown beside it.
    with: Option<usize>,
    /// Whether only what corresponds to nothing there is shown.
    only_unmapped: bool,
}

impl Page {
    fn of_family(&self, family: &Family) -> Vec<&Control> {
        let all = self.listed.catalogue.controls.iter();
        let is_shown = |control: &&Control| !self.only_unmapped || self.beside(control).is_empty();
        all.filter(|control| control.family == family.id).filter(is_shown).collect()
    }

    /// The catalogue that is shown beside it.
    fn there(&self) -> Option<&Compared> {
        self.compared.get(self.with?)
    }

    fn is_beside(&self, place: &usize) -> bool {
        self.with == Some(*place)
    }

    fn beside(&self, control: &Control) -> &[Corresponds] {
        self.there().map_or(&[], |there| there.pair.of(&control.id))
    }

    /// Whether nothing is left to show of what corresponds to nothing.
    fn is_all_mapped(&self) -> bool {
        self.only_unmapped && self.there().is_some_and(|there| self.unmapped(there) == 0)
    }

    fn unmapped(&self, compared: &Compared) -> usize {
        self.listed.catalogue.controls.len() - compared.pair.mapped()
    }

    /// Whether it says itself which outcomes of CSF 2.0 its controls serve.
    fn has_outcomes(&self) -> bool {
        self.listed.catalogue.measures.is_some()
            && self.compared.iter().any(|one| one.pair.to.name == HUB)
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
    refusal: Option<Refusal>,
    typed: Fields,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Controls).await?;
    let mappings = controls::list_mappings(&console.app, &visiting.caller).await?;
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
    let status = if refusal.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let (wrong, problems) = match refusal {
        None => (None, Vec::new()),
        Some(Refusal::Whole(wrong)) => (Some(register::wrong_of(&f, wrong)?), Vec::new()),
        Some(Refusal::Mapping(problems)) => {
            let told = |one: &Problem| (f.told(&one.place), f.told(&one.what.to_string()));
            (None, problems.iter().map(told).collect())
        }
    };
    let may_import = f.may_import_catalogues();
    let most = f.size(MAX_CATALOGUE_BYTES as u64);
    let mut response =
        frame::page(&List { f, all, systems, mappings, may_import, most, wrong, problems, typed })?;
    *response.status_mut() = status;
    Ok(response)
}

/// `GET /controls`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, None, Fields::none()).await
}

/// `POST /controls`: brings a catalogue.
pub(super) async fn import(
    State(console): State<Arc<Console>>,
    PostedFile { visiting, fields, file }: PostedFile,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let (name, bytes) = file.unwrap_or_default();
    let taken = match called(&fields) {
        Ok(called) => controls::import(app, caller, &name, &bytes, called.as_ref()).await,
        Err(wrong) => Err(UseError::Invalid(wrong)),
    };
    match taken {
        Ok(brought) => {
            let place = format!("/controls/{}?done=catalogue-imported", brought.catalogue.key);
            Ok(Redirect::to(&place).into_response())
        }
        Err(wrong) => draw(&console, &visiting, Some(Refusal::Whole(wrong)), fields).await,
    }
}

/// What a table is called, if anything was typed.
fn called(fields: &Fields) -> Result<Option<Called>, String> {
    let (name, title) = (fields.text("name").trim(), fields.text("title").trim());
    if name.is_empty() && title.is_empty() {
        return Ok(None);
    }
    let key = CatalogueKey::parse(name)
        .ok_or_else(|| format!("«{name}» is no name of a catalogue such as cis@8.1"))?;
    Ok(Some(Called { key, title: title.to_owned() }))
}

/// `GET /controls/{catalogue}`
pub(super) async fn detail(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let (listed, compared) = controls::compare(app, caller, &key(&text)?).await?;
    let wanted = asked.some("with").map(key).transpose()?;
    let with = compared.iter().position(|one| Some(&one.pair.to) == wanted.as_ref());
    let only_unmapped = with.is_some() && asked.text("show") == "unmapped";
    let f = Frame::of(&console, &visiting, Room::Controls).await?;
    frame::page(&Page { f, listed, compared, with, only_unmapped })
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
