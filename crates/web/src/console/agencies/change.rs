//! `/agencies/{code}/assignment`, `…/confirm`, `…/resources`: what an agency says of itself.

use std::fmt::Display;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::register::AgencyAccount;
use khien_app::use_case::{UseError, register as use_case};
use khien_domain::account::UserName;
use khien_domain::agency::{Appointment, Contact, Duty};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::ResourceId;
use khien_domain::permission::Permission;
use khien_domain::resource::{Resource, ResourceKind};

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register;
use crate::console::typed::{self, Mistakes, Refused, Typed};
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
    accounts: Vec<AgencyAccount>,
    contacts: Vec<[String; 4]>,
    typed: Typed,
}

impl Assignment {
    /// The name of a field of a duty, or of a row.
    fn field(&self, of: &str, name: impl Display) -> String {
        format!("{of}-{name}")
    }
}

/// What stands in the fields of a duty.
#[derive(Default)]
pub(super) struct Appointed {
    pub(super) holder: String,
    pub(super) post: String,
    pub(super) document: String,
    pub(super) signed: String,
    pub(super) until: String,
    pub(super) account: String,
}

impl Appointed {
    /// What was typed for a duty.
    pub(super) fn typed(fields: &Fields, duty: Duty) -> Self {
        let field = |name: &str| fields.text(&format!("{}-{name}", duty.name())).to_owned();
        Self {
            holder: field("holder"),
            post: field("post"),
            document: field("document"),
            signed: field("signed"),
            until: field("until"),
            account: field("account"),
        }
    }
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
            account: one.account.as_ref().map_or_else(String::new, ToString::to_string),
        })
    };
    let contacts = sheet.contacts.iter().map(|one| {
        let line = one.line.clone().unwrap_or_default();
        [one.role.clone(), one.post.clone(), one.mail.clone(), line]
    });
    let contacts = contacts.collect();
    draw(&console, &visiting, &text, of, contacts, Typed::default()).await
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    code: &str,
    of: impl Fn(Duty) -> Appointed,
    mut contacts: Vec<[String; 4]>,
    typed: Typed,
) -> Result<Response<Body>, PageError> {
    let (app, caller, agency) = (&console.app, &visiting.caller, super::code(code)?);
    let sheet = use_case::get_agency(app, caller, &agency).await?;
    let accounts = use_case::list_accounts(app, caller, &agency).await?;
    let f = Frame::of(console, visiting, Room::Agencies).await?;
    contacts.resize_with(contacts.len().max(CONTACTS - 1) + 1, Default::default);
    let duties = Duty::ALL.iter().map(|duty| {
        let words = f.word("register-duty", duty.name());
        (duty.name(), words, *duty != Duty::Officer, of(*duty))
    });
    let duties = duties.collect();
    let (name, status) = (register::name(&f, &sheet.agency), typed.status());
    let page = Assignment { f, code: code.to_owned(), name, duties, accounts, contacts, typed };
    typed::page(status, &page)
}

/// What was typed for a duty; nothing if its row is empty.
pub(super) fn appointment(
    fields: &Fields,
    duty: Duty,
    wrong: &mut Mistakes,
) -> Option<Appointment> {
    let names = ["holder", "post", "document", "signed", "until"];
    let [holder, post, document, signed, until] =
        names.map(|name| format!("{}-{name}", duty.name()));
    let all = [&holder, &post, &document, &signed, &until];
    if all.iter().all(|name| fields.some(name).is_none()) {
        return None;
    }
    let [holder, post, document] =
        [holder, post, document].map(|name| wrong.must(fields, &name).map(str::to_owned));
    let [signed, until] = [signed, until].map(|name| wrong.day(fields, &name));
    let account = format!("{}-account", duty.name());
    let account = wrong.chosen_or(fields, &account, |text| UserName::new(text).ok());
    Some(Appointment {
        duty,
        holder: holder?,
        post: post?,
        document: document?,
        signed: signed?,
        until: until?,
        account,
    })
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
    let (rows, mut wrong) = (contacts(&fields), Mistakes::default());
    let people: Vec<Appointment> =
        Duty::ALL.iter().filter_map(|duty| appointment(&fields, *duty, &mut wrong)).collect();
    for (at, [role, post, mail, _]) in rows.iter().enumerate() {
        let said = [("the role", role), ("the post", post), ("the mail address", mail)];
        for (what, _) in said.into_iter().filter(|(_, text)| text.is_empty()) {
            wrong.add(&format!("contact-{at}"), format!("{what} is empty"));
        }
    }
    let contacts = rows.iter().map(|[role, post, mail, line]| Contact {
        role: role.clone(),
        post: post.clone(),
        mail: mail.clone(),
        line: (!line.is_empty()).then(|| line.clone()),
    });
    let contacts = contacts.collect();
    let refused: Refused = match wrong.end(Some(people)) {
        Ok(people) => {
            match use_case::assign(&console.app, &visiting.caller, &code, people, contacts).await {
                Ok(_) => {
                    let place = format!("/agencies/{code}?done=agency-assigned");
                    return Ok(Redirect::to(&place).into_response());
                }
                Err(error) => error.into(),
            }
        }
        Err(mistakes) => {
            let may = visiting.caller.actor.require(Permission::RegisterWrite, &code);
            may.map_err(UseError::Denied)?;
            mistakes.into()
        }
    };
    let of = |duty: Duty| Appointed::typed(&fields, duty);
    let f = Frame::of(&console, &visiting, Room::Agencies).await?;
    let places = places(&fields, &rows);
    let places: Vec<(&str, &str)> =
        places.iter().map(|(words, field)| (words.as_str(), field.as_str())).collect();
    let typed = Typed::refused(&f, "", Fields::none(), refused, &places)?;
    draw(&console, &visiting, &text, of, rows, typed).await
}

/// What sentences about a duty are about.
const DUTY: [(&str, &str); 3] = [
    ("assignment names the {}", "holder"),
    ("the duty {}", "holder"),
    ("the appointment of the {}", "until"),
];

/// What sentences of a refusal are about.
pub(super) fn places(fields: &Fields, contacts: &[[String; 4]]) -> Vec<(String, String)> {
    let duties = Duty::ALL.iter().flat_map(|duty| {
        let name = duty.name();
        DUTY.map(|(words, field)| (words.replace("{}", name), format!("{name}-{field}")))
    });
    let accounts = Duty::ALL.iter().filter_map(|duty| {
        let field = format!("{}-account", duty.name());
        Some((["account ", fields.some(&field)?, " "].concat(), field))
    });
    let rows = contacts.iter().enumerate().flat_map(|(at, [_, _, mail, line])| {
        let said = [mail, line].into_iter().filter(|text| !text.is_empty());
        said.map(move |text| (format!("«{text}»"), format!("contact-{at}")))
    });
    duties.chain(accounts).chain(rows).collect()
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
    let done = async {
        if let Some(id) = fields.some("remove") {
            let id = id.parse().map(ResourceId);
            let id = id.map_err(|_| Mistakes::one("", "this must be one of the list"))?;
            use_case::remove_resource(app, caller, id).await?;
            return Ok("resource-removed");
        }
        use_case::put_resource(app, caller, resource(&code, &fields)?).await?;
        Ok::<_, Refused>("resource-added")
    };
    let refused = match done.await {
        Ok(done) => {
            let place = format!("/agencies/{code}?done={done}#resources");
            return Ok(Redirect::to(&place).into_response());
        }
        Err(refused) => refused,
    };
    if let Refused::Mistakes(_) = refused {
        use_case::get_agency(app, caller, &code).await?;
        let may = caller.actor.require(Permission::RegisterWrite, &code);
        may.map_err(UseError::Denied)?;
    }
    let f = Frame::of(&console, &visiting, Room::Agencies).await?;
    let typed = Typed::refused(&f, "resource", fields, refused, &RESOURCE)?;
    super::show(&console, &visiting, &code, typed).await
}

/// What sentences of a refusal of a resource are about.
const RESOURCE: [(&str, &str); 4] = [
    ("a service names its system", "system"),
    ("there is no system", "system"),
    ("has no system", "system"),
    ("", "value"),
];

fn resource(agency: &AgencyCode, fields: &Fields) -> Result<Resource, Mistakes> {
    let mut wrong = Mistakes::default();
    let kind = wrong.chosen(fields, "kind", ResourceKind::parse);
    let value = wrong.must(fields, "value").map(str::to_owned);
    let system = wrong.chosen_or(fields, "system", |text| SystemCode::new(text).ok());
    let until = wrong.day_or(fields, "until");
    let resource =
        || Some(Resource { agency: agency.clone(), system, kind: kind?, value: value?, until });
    let resource = resource();
    wrong.end(resource)
}
