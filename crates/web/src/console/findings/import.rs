//! `/findings/import`: a file of a scanner or an advisory, looked at place by place, then kept or not.
//!
//! What was uploaded is held for a while, so that what is confirmed is what was looked at.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use jiff::Timestamp;
use khien_app::use_case::UseError;
use khien_app::use_case::findings::{self, MAX_FINDINGS_BYTES, Report, Upload};
use khien_domain::code::SystemCode;
use khien_domain::evidence::typed::typed_moment;
use khien_domain::permission::Permission;

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted, PostedFile};
use crate::console::register::{systems, wrong_of};
use crate::console::visit::Visiting;

/// The largest form with a file.
pub(in crate::console) const MAX_BYTES: usize = MAX_FINDINGS_BYTES + 64 * 1024;

/// The page.
#[derive(Template)]
#[template(path = "console/findings/import.html")]
struct Page {
    f: Frame,
    systems: Vec<(String, String)>,
    typed: Fields,
    looked: Option<Looked>,
    wrong: Option<String>,
    most: String,
}

/// What was looked at.
struct Looked {
    digest: String,
    name: String,
    report: Report,
    /// Place and what is wrong there.
    problems: Vec<(String, String)>,
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    typed: Fields,
    looked: Option<(String, String, Report)>,
    wrong: Option<UseError>,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Findings).await?;
    let mine = systems(console, visiting).await?.into_iter();
    let mine = mine.filter(|system| f.may_in(Permission::EvidenceWrite, &system.agency));
    let systems = mine.map(|system| (system.code.to_string(), system.name)).collect();
    let looked = looked.map(|(digest, name, report)| {
        let told = |one: &findings::Problem| (one.place.clone(), f.told(&one.what));
        Looked { digest, name, problems: report.problems.iter().map(told).collect(), report }
    });
    let wrong = wrong.map(|wrong| wrong_of(&f, wrong)).transpose()?;
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let most = f.size(MAX_FINDINGS_BYTES as u64);
    let mut response = frame::page(&Page { f, systems, typed, looked, wrong, most })?;
    *response.status_mut() = status;
    Ok(response)
}

/// Refuses whoever may not hand in findings before anything of theirs is held.
fn may_import(visiting: &Visiting) -> Result<(), UseError> {
    let actor = &visiting.caller.actor;
    actor.agencies(Permission::EvidenceWrite).map(|_| ()).map_err(UseError::Denied)
}

fn system(fields: &Fields) -> Result<SystemCode, UseError> {
    SystemCode::new(fields.text("system")).map_err(|error| UseError::Invalid(error.to_string()))
}

/// When it was run, if that was typed.
fn run_at(fields: &Fields) -> Result<Option<Timestamp>, UseError> {
    let said = fields.some("at").map(|text| {
        let what = || UseError::Invalid(format!("«{text}» is no day with a time"));
        typed_moment(text.trim()).ok_or_else(what)
    });
    said.transpose()
}

async fn import(
    console: &Console,
    visiting: &Visiting,
    fields: &Fields,
    (name, bytes): (String, Vec<u8>),
    dry_run: bool,
) -> Result<Report, UseError> {
    let (code, tool, at) = (system(fields)?, fields.text("tool").to_owned(), run_at(fields)?);
    let upload = Upload { name, bytes, tool, at };
    findings::import_findings(&console.app, &visiting.caller, &code, upload, dry_run).await
}

/// `GET`
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    may_import(&visiting)?;
    draw(&console, &visiting, asked, None, None).await
}

/// `POST`: looks at what was uploaded, and changes nothing.
pub(in crate::console) async fn look(
    State(console): State<Arc<Console>>,
    PostedFile { visiting, fields, file }: PostedFile,
) -> Result<Response<Body>, PageError> {
    may_import(&visiting)?;
    let Some((name, bytes)) = file.filter(|(_, bytes)| !bytes.is_empty()) else {
        let wrong = UseError::Invalid("choose a file".into());
        return draw(&console, &visiting, fields, None, Some(wrong)).await;
    };
    let held = Arc::new(bytes.clone());
    match import(&console, &visiting, &fields, (name.clone(), bytes), true).await {
        Ok(report) => {
            let person = visiting.visit.person.about.name.as_str();
            let digest = console.lists.hold(person, &name, held, console.app.now());
            draw(&console, &visiting, fields, Some((digest, name, report)), None).await
        }
        Err(wrong) => draw(&console, &visiting, fields, None, Some(wrong)).await,
    }
}

/// `POST …/confirm`: keeps what was looked at.
pub(in crate::console) async fn confirm(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    may_import(&visiting)?;
    let (person, digest) = (visiting.visit.person.about.name.as_str(), fields.text("digest"));
    let Some((name, bytes)) = console.lists.find(person, digest, console.app.now()) else {
        let wrong = UseError::Invalid("the upload is not held any more: upload it again".into());
        return draw(&console, &visiting, fields, None, Some(wrong)).await;
    };
    match import(&console, &visiting, &fields, (name.clone(), bytes.to_vec()), false).await {
        Ok(report) if !report.problems.is_empty() => {
            let looked = Some((digest.to_owned(), name, report));
            draw(&console, &visiting, fields, looked, None).await
        }
        Ok(report) => {
            console.lists.forget(person, digest);
            let code = fields.text("system");
            let done = if report.advice.is_some() { "advisory" } else { "findings" };
            let to = format!("/findings?system={code}&state=all&done={done}-imported");
            Ok(Redirect::to(&to).into_response())
        }
        Err(wrong) => draw(&console, &visiting, fields, None, Some(wrong)).await,
    }
}
