//! `/systems/new`, `/systems/{code}/edit`: what a system is.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
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
use crate::console::frame::{Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register;
use crate::console::typed::{self, Mistakes, Refused, Typed};
use crate::console::visit::Visiting;

/// The form.
#[derive(Template)]
#[template(path = "console/systems/form.html")]
struct Form {
    f: Frame,
    /// The system that is changed; a new one if there is none.
    code: Option<String>,
    typed: Typed,
    agencies: Vec<(String, String, bool)>,
    operators: Vec<(String, String, bool)>,
    sites: Vec<Site>,
}

/// What sentences of a refusal are about.
const PLACES: [(&str, &str); 14] = [
    ("the name ", "name"),
    ("the owner's name", "owner"),
    ("the head's name", "head"),
    ("the operator ", "operator_name"),
    ("an isolated network", "zone"),
    ("both recovery objectives", "rto_minutes"),
    ("a recovery objective", "rto_minutes"),
    ("there is no site", "site"),
    ("there is a system", "code"),
    ("conditions of the gate", "stage"),
    ("the level", "level"),
    ("systems need", "stage"),
    ("the scope is one of", "scope"),
    ("there is no agency", "agency"),
];

impl Form {
    fn action(&self) -> String {
        let code = self.code.as_ref();
        code.map_or_else(|| "/systems/new".to_owned(), |code| format!("/systems/{code}/edit"))
    }

    fn back(&self) -> String {
        let code = self.code.as_ref();
        code.map_or_else(|| "/systems".to_owned(), |code| format!("/systems/{code}"))
    }
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    code: Option<String>,
    fields: Fields,
    refused: Option<Refused>,
) -> Result<Response<Body>, PageError> {
    let asked = visiting.caller.actor.agencies(Permission::RegisterWrite);
    asked.map_err(UseError::Denied)?;
    let f = Frame::of(console, visiting, Room::Systems).await?;
    let names = register::agency_names(console, visiting, &f).await?;
    let agencies = register::owners(&names, fields.text("agency"));
    let operators = register::owners(&names, fields.text("operator_agency"));
    let sites = use_case::list_sites(&console.app, &visiting.caller).await?;
    let typed = match refused {
        Some(refused) => Typed::refused(&f, "", fields, refused, &PLACES)?,
        None => Typed::new(fields),
    };
    let status = typed.status();
    typed::page(status, &Form { f, code, typed, agencies, operators, sites })
}

fn read(
    console: &Console,
    known: Option<(SystemCode, AgencyCode)>,
    fields: &Fields,
) -> Result<System, Mistakes> {
    let mut wrong = Mistakes::default();
    let (agency, code) = match known {
        Some((code, agency)) => (Some(agency), Some(code)),
        None => (
            wrong.chosen(fields, "agency", |text| AgencyCode::new(text).ok()),
            wrong.must(fields, "code").and_then(|text| wrong.keep("code", SystemCode::new(text))),
        ),
    };
    let name = wrong.must(fields, "name").map(ToOwned::to_owned);
    let level = wrong.chosen(fields, "level", |text| Level::new(text.parse().ok()?));
    let stage = wrong.chosen(fields, "stage", Stage::parse);
    let kind = wrong.chosen_or(fields, "kind", SystemKind::parse);
    let operator = wrong.chosen_or(fields, "operator_agency", |text| AgencyCode::new(text).ok());
    let data = fields.all("data").map(DataCategory::parse).collect::<Option<_>>();
    let data = wrong.keep("data", data.ok_or("this must be one of the list"));
    let zone = wrong.chosen_or(fields, "zone", Zone::parse);
    let site = wrong.chosen_or(fields, "site", |text| SiteCode::new(text).ok());
    let rto_minutes = wrong.number(fields, "rto_minutes");
    let rpo_minutes = wrong.number(fields, "rpo_minutes");
    let system = || {
        let new = System::new(code?, agency?, name?, level?, stage?, console.app.now());
        Some(System {
            kind: kind.unwrap_or(new.kind),
            operator: match (register::typed(fields, "operator_name"), operator) {
                (Some(name), _) => Operator::Provider(name),
                (None, Some(agency)) => Operator::Agency(agency),
                (None, None) => Operator::Owner,
            },
            data: data?,
            zone: zone.unwrap_or(new.zone),
            is_exposed: fields.some("exposed").is_some(),
            site,
            rto_minutes,
            rpo_minutes,
            is_critical: fields.some("critical").is_some(),
            owner: register::typed(fields, "owner"),
            head: register::typed(fields, "head"),
            ..new
        })
    };
    let system = system();
    wrong.end(system)
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
    let scope = fields.some("scope").unwrap_or(CIVIL);
    let refused = match read(&console, None, &fields) {
        Ok(system) => {
            let place = format!("/systems/{}?done=system-added", system.code);
            match use_case::add_system_of(&console.app, &visiting.caller, system, scope).await {
                Ok(_) => return Ok(Redirect::to(&place).into_response()),
                Err(error) => error.into(),
            }
        }
        Err(mistakes) => mistakes.into(),
    };
    draw(&console, &visiting, None, fields, Some(refused)).await
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
    let refused = match read(&console, Some((code.clone(), known.agency)), &fields) {
        Ok(system) => match use_case::change_system(&console.app, &visiting.caller, system).await {
            Ok(_) => {
                let place = format!("/systems/{code}?done=system-changed");
                return Ok(Redirect::to(&place).into_response());
            }
            Err(error) => error.into(),
        },
        Err(mistakes) => mistakes.into(),
    };
    draw(&console, &visiting, Some(text), fields, Some(refused)).await
}
