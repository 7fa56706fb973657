//! `/agencies/new`, `/agencies/{code}/edit`: what an agency is called and is.

use std::fmt::Display;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::register::AgencyAccount;
use khien_app::use_case::register::AgencySheet;
use khien_app::use_case::{UseError, register as use_case};
use khien_domain::agency::{Agency, AgencyKind, Duty};
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;

use super::change::{self, Appointed};
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register;
use crate::console::typed::{self, Mistakes, Refused, Typed};
use crate::console::visit::Visiting;

/// The form.
#[derive(Template)]
#[template(path = "console/agencies/form.html")]
struct Form {
    f: Frame,
    /// The agency that is changed; a new one if there is none.
    code: Option<String>,
    typed: Typed,
    kinds: Vec<(&'static str, bool)>,
    parents: Vec<(String, String, bool)>,
    /// Who answers for it: duty, its name, whether it must be filled in, what stands there. Asked of an
    /// agency of which nobody is named yet; a box that takes it out of the scope leaves them empty.
    duties: Vec<(&'static str, String, bool, Appointed)>,
    /// Those who can be named with their account; a new agency has none yet.
    accounts: Vec<AgencyAccount>,
}

/// What sentences of a refusal are about.
const PLACES: [(&str, &str); 10] = [
    ("the name ", "name_vi"),
    ("the English name", "name_en"),
    ("own parent", "parent"),
    ("stands above", "parent"),
    ("there is no agency", "parent"),
    ("there is an agency", "code"),
    ("cannot run the centre", "centre"),
    ("leaves the scope", "outside"),
    ("only its name is kept", "outside"),
    ("centre", "centre"),
];

/// Who must be named of an agency in the scope.
const HEADS: [Duty; 2] = [Duty::Head, Duty::Deputy];

impl Form {
    /// The name of a field of a duty.
    fn field(&self, of: &str, name: impl Display) -> String {
        format!("{of}-{name}")
    }

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
    refused: Option<Refused>,
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
    let (names_nobody, accounts) = match &code {
        Some(code) => {
            let (app, caller, agency) = (&console.app, &visiting.caller, super::code(code)?);
            let sheet = use_case::get_agency(app, caller, &agency).await?;
            let accounts = use_case::list_accounts(app, caller, &agency).await?;
            (sheet.appointments.is_empty(), accounts)
        }
        None => (true, Vec::new()),
    };
    let asked = HEADS.into_iter().filter(|_| names_nobody);
    let duties = asked.map(|duty| {
        let name = duty.name();
        (name, f.word("register-duty", name), false, Appointed::typed(&fields, duty))
    });
    let duties = duties.collect();
    let typed = match refused {
        Some(refused) => {
            let of_duties = change::places(&fields, &[]);
            let of_duties = of_duties.iter().map(|(words, field)| (words.as_str(), field.as_str()));
            let places: Vec<(&str, &str)> = of_duties.chain(PLACES).collect();
            Typed::refused(&f, "", fields, refused, &places)?
        }
        None => Typed::new(fields),
    };
    let status = typed.status();
    typed::page(status, &Form { f, code, typed, kinds, parents, duties, accounts })
}

fn read(
    console: &Console,
    known: Option<AgencyCode>,
    fields: &Fields,
) -> Result<AgencySheet, Mistakes> {
    let is_new = known.is_none();
    let mut wrong = Mistakes::default();
    let code = known.or_else(|| {
        let text = wrong.must(fields, "code")?;
        wrong.keep("code", AgencyCode::new(text))
    });
    let name = wrong.must(fields, "name_vi").map(ToOwned::to_owned);
    let kind = wrong.chosen(fields, "kind", AgencyKind::parse);
    let parent = wrong.chosen_or(fields, "parent", |text| AgencyCode::new(text).ok());
    let agency = || {
        Some(Agency {
            name_en: register::typed(fields, "name_en"),
            parent,
            in_scope: fields.some("outside").is_none(),
            is_centre: fields.some("centre").is_some(),
            ..Agency::new(code?, name?, kind?, console.app.now())
        })
    };
    let agency = agency();
    let mut appointments = Vec::new();
    for duty in HEADS {
        match change::appointment(fields, duty, &mut wrong) {
            Some(appointment) => appointments.push(appointment),
            None if is_new && fields.some("outside").is_none() => {
                wrong.must(fields, &format!("{}-holder", duty.name()));
            }
            None => {}
        }
    }
    let sheet = agency.map(|agency| AgencySheet { agency, appointments, contacts: Vec::new() });
    wrong.end(sheet)
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
    let refused = match read(&console, None, &fields) {
        Ok(sheet) => {
            let place = format!("/agencies/{}?done=agency-added", sheet.agency.code);
            match use_case::add_agency(&console.app, &visiting.caller, sheet).await {
                Ok(_) => return Ok(Redirect::to(&place).into_response()),
                Err(error) => error.into(),
            }
        }
        Err(mistakes) => mistakes.into(),
    };
    draw(&console, &visiting, None, fields, Some(refused)).await
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
    let refused = match read(&console, Some(code.clone()), &fields) {
        Ok(sheet) => match use_case::change_agency(&console.app, &visiting.caller, sheet).await {
            Ok(_) => {
                let place = format!("/agencies/{code}?done=agency-changed");
                return Ok(Redirect::to(&place).into_response());
            }
            Err(error) => error.into(),
        },
        Err(mistakes) => mistakes.into(),
    };
    draw(&console, &visiting, Some(text), fields, Some(refused)).await
}
