//! `/agencies/{code}/assignment`, `…/confirm`, `…/resources`: what an agency says of itself.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::{UseError, register as use_case};
use khien_domain::agency::{Appointment, Contact, Duty};
use khien_domain::code::SystemCode;
use khien_domain::ids::ResourceId;
use khien_domain::permission::Permission;
use khien_domain::resource::{Resource, ResourceKind};

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register;
use crate::console::visit::Visiting;

/// Rows for contacts in the form.
const CONTACTS: usize = 4;

/// The form of who answers for an agency and whom to reach.
#[derive(Template)]
#[template(path = "console/agencies/assignment.html")]
struct Assignment {
    f: Frame,
    code: String,
    name: String,
    duties: Vec<(&'static str, String, bool, Appointed)>,
    contacts: Vec<[String; 4]>,
    wrong: Option<String>,
}

/// What stands in the fields of a duty.
#[derive(Default)]
struct Appointed {
    holder: String,
    post: String,
    document: String,
    signed: String,
    until: String,
}

/// `GET …/assignment`
pub(in crate::console) async fn assignment(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let code = super::code(&text)?;
    let sheet = use_case::get_agency(&console.app, &visiting.caller, &code).await?;
    let asked = visiting.caller.actor.require(Permission::RegisterWrite, &code);
    asked.map_err(UseError::Denied)?;
    let of = |duty: Duty| {
        let found = sheet.appointments.iter().find(|one| one.duty == duty);
        found.map_or_else(Appointed::default, |one| Appointed {
            holder: one.holder.clone(),
            post: one.post.clone(),
            document: one.document.clone(),
            signed: one.signed.to_string(),
            until: one.until.to_string(),
        })
    };
    let contacts = sheet.contacts.iter().map(|one| {
        let line = one.line.clone().unwrap_or_default();
        [one.role.clone(), one.post.clone(), one.mail.clone(), line]
    });
    let contacts = contacts.collect();
    draw(&console, &visiting, &text, of, contacts, None).await
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    code: &str,
    of: impl Fn(Duty) -> Appointed,
    mut contacts: Vec<[String; 4]>,
    wrong: Option<UseError>,
) -> Result<Response<Body>, PageError> {
    let sheet = use_case::get_agency(&console.app, &visiting.caller, &super::code(code)?).await?;
    let f = Frame::of(console, visiting, Room::Agencies).await?;
    contacts.resize_with(contacts.len().max(CONTACTS - 1) + 1, Default::default);
    let duties = Duty::ALL.iter().map(|duty| {
        let words = f.word("register-duty", duty.name());
        (duty.name(), words, *duty != Duty::Officer, of(*duty))
    });
    let duties = duties.collect();
    let wrong = wrong.map(|wrong| register::wrong_of(&f, wrong)).transpose()?;
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let name = register::name(&f, &sheet.agency);
    let page = Assignment { f, code: code.to_owned(), name, duties, contacts, wrong };
    let mut response = frame::page(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// What was typed for a duty; nothing if its row is empty.
fn appointment(fields: &Fields, duty: Duty) -> Result<Option<Appointment>, String> {
    let field = |name: &str| fields.text(&format!("{}-{name}", duty.name())).to_owned();
    let (holder, post, document) = (field("holder"), field("post"), field("document"));
    let (signed, until) = (field("signed"), field("until"));
    if [&holder, &post, &document, &signed, &until].iter().all(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    let (signed, until) = (register::typed_day(&signed)?, register::typed_day(&until)?);
    Ok(Some(Appointment { duty, holder, post, document, signed, until }))
}

fn contacts(fields: &Fields) -> Vec<[String; 4]> {
    let column = |name: &'static str| fields.all(name).map(|text| text.trim().to_owned());
    let rows = column("role").zip(column("post")).zip(column("mail").zip(column("line")));
    let rows = rows.map(|((role, post), (mail, line))| [role, post, mail, line]);
    rows.filter(|row| row.iter().any(|text| !text.is_empty())).collect()
}

/// `POST …/assignment`
pub(in crate::console) async fn assign(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = super::code(&text)?;
    let typed = contacts(&fields);
    let people: Result<Vec<Option<Appointment>>, String> =
        Duty::ALL.iter().map(|duty| appointment(&fields, *duty)).collect();
    let done = match people {
        Ok(people) => {
            let contacts = typed.iter().map(|[role, post, mail, line]| Contact {
                role: role.clone(),
                post: post.clone(),
                mail: mail.clone(),
                line: (!line.is_empty()).then(|| line.clone()),
            });
            let (people, contacts) = (people.into_iter().flatten().collect(), contacts.collect());
            use_case::assign(&console.app, &visiting.caller, &code, people, contacts).await
        }
        Err(wrong) => Err(UseError::Invalid(wrong)),
    };
    match done {
        Ok(_) => {
            Ok(Redirect::to(&format!("/agencies/{code}?done=agency-assigned")).into_response())
        }
        Err(wrong) => {
            let of = |duty: Duty| {
                let field = |name: &str| fields.text(&format!("{}-{name}", duty.name())).to_owned();
                Appointed {
                    holder: field("holder"),
                    post: field("post"),
                    document: field("document"),
                    signed: field("signed"),
                    until: field("until"),
                }
            };
            draw(&console, &visiting, &text, of, typed, Some(wrong)).await
        }
    }
}

/// `POST …/confirm`
pub(in crate::console) async fn confirm(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, .. }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = super::code(&text)?;
    use_case::confirm_agency(&console.app, &visiting.caller, &code).await?;
    Ok(Redirect::to(&format!("/agencies/{code}?done=agency-confirmed")).into_response())
}

/// `POST …/resources`: registers a resource, or takes one off.
pub(in crate::console) async fn resources(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, code) = (&console.app, &visiting.caller, super::code(&text)?);
    let done = if let Some(id) = fields.some("remove") {
        let id = id.parse().map(ResourceId).map_err(|_| PageError::invalid("remove"))?;
        use_case::remove_resource(app, caller, id).await?;
        "resource-removed"
    } else {
        let resource = Resource {
            agency: code.clone(),
            system: SystemCode::new(fields.text("system")).ok(),
            kind: fields.parsed("kind", ResourceKind::parse)?,
            value: fields.text("value").to_owned(),
            until: register::typed_day_or(&fields, "until").map_err(PageError::invalid)?,
        };
        use_case::put_resource(app, caller, resource).await?;
        "resource-added"
    };
    Ok(Redirect::to(&format!("/agencies/{code}?done={done}#resources")).into_response())
}
