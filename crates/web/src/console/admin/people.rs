//! `/admin/people`: who is let in, inviting somebody, and what can be changed about somebody.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use jiff::Timestamp;
use jiff::civil::Date;
use khien_app::use_case::UseError;
use khien_app::use_case::people::{self, Change, Invitation};
use khien_domain::account::{NewPerson, Person, Role, UserName};
use khien_domain::code::AgencyCode;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};

use super::{agencies, codes};
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register;
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// People at most.
const MOST: usize = 5000;

/// The list.
#[derive(Template)]
#[template(path = "console/admin/people.html")]
struct List {
    f: Frame,
    people: Vec<Person>,
    fields: Fields,
    agencies: Vec<(String, String, bool)>,
    wrong: Option<String>,
}

/// Somebody.
#[derive(Template)]
#[template(path = "console/admin/person.html")]
struct Detail {
    f: Frame,
    about: Person,
    agencies: Vec<(String, String, bool)>,
    wrong: Option<String>,
}

/// An invitation, whose address is shown this once.
#[derive(Template)]
#[template(path = "console/admin/invitation.html")]
struct Invited {
    f: Frame,
    about: Person,
    path: String,
    expires_at: Timestamp,
}

impl List {
    /// Those who are let in and whose last day is near, the nearest first.
    fn leaving(&self) -> Vec<(&Person, Date)> {
        let near = |day: &Date| self.f.lapse(day) == "mid-word";
        let open = self.people.iter().filter(|person| person.disabled_at.is_none());
        let mut found: Vec<_> =
            open.filter_map(|person| Some((person, person.about.until.filter(near)?))).collect();
        found.sort_by_key(|(_, day)| *day);
        found
    }

    fn has_left(&self, person: &Person) -> bool {
        !person.is_let_in(self.f.today())
    }

    fn codes(&self, person: &Person) -> Option<String> {
        codes(&person.about.agencies)
    }
}

async fn all(console: &Console, visiting: &Visiting) -> Result<Vec<Person>, PageError> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first());
    loop {
        let found = people::list_people(&console.app, &visiting.caller, &page).await?;
        all.extend(found.items);
        match found.next {
            Some(next) if all.len() < MOST => page.after = Some(next),
            _ => return Ok(all),
        }
    }
}

async fn choice(
    console: &Arc<Console>,
    visiting: &Visiting,
    f: &Frame,
    chosen: &AgencyScope,
) -> Result<Vec<(String, String, bool)>, PageError> {
    let only = |code: &_| matches!(chosen, AgencyScope::Only(codes) if codes.contains(code));
    let all = register::agencies(console, visiting).await?.into_iter();
    Ok(all
        .map(|agency| (agency.code.to_string(), register::name(f, &agency), only(&agency.code)))
        .collect())
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    fields: Fields,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    let people = all(console, visiting).await?;
    let f = Frame::of(console, visiting, Room::Admin).await?;
    let agencies = choice(console, visiting, &f, &agencies(&fields)).await?;
    let wrong = wrong.map(|wrong| f.told(wrong));
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut response = frame::page(&List { f, people, fields, agencies, wrong })?;
    *response.status_mut() = status;
    Ok(response)
}

/// `GET /admin/people`
pub(in crate::console) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    if asked.some("form").is_some() {
        let people = all(&console, &visiting).await?;
        let f = Frame::of(&console, &visiting, Room::Admin).await?;
        return Ok(table(&f, &people).answer(&f, &asked));
    }
    draw(&console, &visiting, Fields::default(), None).await
}

/// `POST /admin/people`: invites somebody.
pub(in crate::console) async fn invite(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let name = match UserName::new(fields.text("name")) {
        Ok(name) => name,
        Err(wrong) => return draw(&console, &visiting, fields, Some(&wrong.to_string())).await,
    };
    let new = NewPerson {
        name,
        called: fields.text("called").to_owned(),
        role: fields.parsed("role", Role::parse)?,
        agencies: agencies(&fields),
        home: home(&fields)?,
        created_at: console.app.now(),
        until: last_day(&fields)?,
    };
    let random = (console.random)().map_err(|_| PageError::fault())?;
    let (app, pack) = (&console.app, &console.app.doors().pack);
    match people::add_person(app, pack, &visiting.caller, new, &random).await {
        Ok(invitation) => invited(&console, &visiting, invitation).await,
        Err(UseError::Invalid(wrong) | UseError::Conflict(wrong)) => {
            draw(&console, &visiting, fields, Some(&wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn invited(
    console: &Arc<Console>,
    visiting: &Visiting,
    invitation: Invitation,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Admin).await?;
    let Invitation { person, text, expires_at } = invitation;
    let path = format!("{}/invitation/{text}", visiting.address(console.is_secure));
    frame::page(&Invited { f, about: person, path, expires_at })
}

/// Of whom somebody is, if that was chosen.
fn home(fields: &Fields) -> Result<Option<AgencyCode>, PageError> {
    let code = fields.some("home").map(AgencyCode::new).transpose();
    code.map_err(|_| PageError::invalid("home"))
}

/// The last day of somebody, if one was typed.
fn last_day(fields: &Fields) -> Result<Option<Date>, PageError> {
    register::typed_day_or(fields, "until").map_err(PageError::invalid)
}

fn user(name: &str) -> Result<UserName, PageError> {
    UserName::new(name).map_err(|_| PageError::not_found())
}

async fn draw_one(
    console: &Arc<Console>,
    visiting: &Visiting,
    name: &UserName,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    let about = people::get_person(&console.app, &visiting.caller, name).await?;
    let f = Frame::of(console, visiting, Room::Admin).await?;
    let agencies = choice(console, visiting, &f, &about.about.agencies).await?;
    let wrong = wrong.map(|wrong| f.told(wrong));
    let status = if wrong.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let mut response = frame::page(&Detail { f, about, agencies, wrong })?;
    *response.status_mut() = status;
    Ok(response)
}

impl Detail {
    /// How somebody's last day stands.
    fn standing(&self, day: &Date) -> String {
        let is_over = self.f.lapse(day) == "bad-word";
        let words = if is_over { "admin-left-on" } else { "admin-leaves-on" };
        self.f.v(words, "day", self.f.date(day))
    }

    fn home(&self) -> &str {
        self.about.about.home.as_ref().map_or("", AgencyCode::as_str)
    }

    fn is_for_all(&self) -> bool {
        self.about.about.agencies == AgencyScope::All
    }
}

/// `GET /admin/people/{name}`
pub(in crate::console) async fn detail(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    draw_one(&console, &visiting, &user(&name)?, None).await
}

/// `POST /admin/people/{name}`: changes something about somebody, as the button says.
pub(in crate::console) async fn change(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, name) = (&console.app, &visiting.caller, user(&name)?);
    let changed = match fields.text("do") {
        "change" => {
            let role = fields.parsed("role", Role::parse)?;
            let called = fields.text("called").to_owned();
            let (agencies, home, until) = (agencies(&fields), home(&fields)?, last_day(&fields)?);
            let change = Change { called, role, agencies, home, until };
            people::change_person(app, caller, &name, change).await
        }
        "disable" => people::disable_person(app, caller, &name, true).await,
        "enable" => people::disable_person(app, caller, &name, false).await,
        "sessions" => people::end_sessions(app, caller, &name).await,
        "invite" => {
            let random = (console.random)().map_err(|_| PageError::fault())?;
            let (pack, forget) = (&console.app.doors().pack, fields.text("forget") == "1");
            let made = people::invite_again(app, pack, caller, &name, forget, &random).await?;
            return invited(&console, &visiting, made).await;
        }
        _ => return Err(PageError::invalid("do")),
    };
    match changed {
        Ok(_) => {
            Ok(Redirect::to(&format!("/admin/people/{name}?done=person-changed")).into_response())
        }
        Err(UseError::Invalid(wrong) | UseError::Conflict(wrong)) => {
            draw_one(&console, &visiting, &name, Some(&wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn table(f: &Frame, people: &[Person]) -> Table {
    let rows = people.iter().map(|person| {
        let about = &person.about;
        vec![
            about.name.to_string(),
            about.called.clone(),
            f.word("role", about.role.name()),
            codes(&about.agencies).unwrap_or_else(|| f.t("alerts-all-agencies")),
            f.t(if person.has_second_factor() { "admin-yes" } else { "admin-no" }),
            about.until.map_or_else(String::new, |day| day.to_string()),
            person.disabled_at.as_ref().map_or_else(String::new, |at| f.iso(at)),
        ]
    });
    Table {
        name: "people",
        columns: vec![
            ("name", f.t("admin-user")),
            ("called", f.t("admin-called")),
            ("role", f.t("admin-role")),
            ("agencies", f.t("frame-room-agencies")),
            ("second_factor", f.t("admin-second")),
            ("until", f.t("admin-last-day")),
            ("disabled_at", f.t("admin-disabled-at")),
        ],
        rows: rows.collect(),
    }
}
