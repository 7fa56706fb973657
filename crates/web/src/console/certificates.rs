//! `/resources/certificates`: a file of a certificate log, looked at, then kept or not, and
//! `/resources/settle`: what somebody says of a host that one named.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::register::certificates::{MAX_LOG_BYTES, Report};
use khien_app::use_case::register::{import_certificates, settle as use_case_settle};
use khien_domain::code::AgencyCode;
use khien_domain::discovered::{Standing, host_name};
use khien_domain::host::HostName;
use khien_domain::permission::Permission;

use super::Console;
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::{Posted, PostedFile};
use super::register::{agency_names, wrong_of};
use super::visit::Visiting;

/// The largest form with a file.
pub(super) const MAX_BYTES: usize = MAX_LOG_BYTES + 64 * 1024;
/// Hosts that are shown of a file.
const ROWS: usize = 200;

/// The page.
#[derive(Template)]
#[template(path = "console/systems/certificates.html")]
struct Page {
    f: Frame,
    looked: Option<Looked>,
    wrong: Option<String>,
    most: String,
}

/// What was looked at.
struct Looked {
    digest: String,
    name: String,
    report: Report,
    /// Host, its agency, whether it was settled before.
    hosts: Vec<(String, String, bool)>,
    /// Place and what is wrong there.
    problems: Vec<(String, String)>,
}

impl Page {
    /// How many hosts there is something new of.
    fn news(&self) -> usize {
        let of = |looked: &Looked| looked.report.found.len() + looked.report.reopened.len();
        self.looked.as_ref().map_or(0, of)
    }
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    looked: Option<(String, String, Report)>,
    wrong: Option<UseError>,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Agencies).await?;
    let names = agency_names(console, visiting, &f).await?;
    let looked = looked.map(|(digest, name, report)| {
        let shown = |again: bool| {
            let names = &names;
            move |(host, agency): &(HostName, AgencyCode)| {
                let agency = names.get(agency).cloned().unwrap_or_else(|| agency.to_string());
                (host.as_str().to_owned(), agency, again)
            }
        };
        let found = report.found.iter().map(shown(false));
        let hosts = found.chain(report.reopened.iter().map(shown(true))).take(ROWS).collect();
        let problems = report.problems.iter().map(|one| (one.place.clone(), f.told(&one.what)));
        Looked { digest, name, hosts, problems: problems.collect(), report }
    });
    let wrong = wrong.map(|wrong| wrong_of(&f, wrong)).transpose()?;
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let most = f.size(MAX_LOG_BYTES as u64);
    let mut response = frame::page(&Page { f, looked, wrong, most })?;
    *response.status_mut() = status;
    Ok(response)
}

/// Refuses whoever may not change the register before anything of theirs is held.
fn may_import(visiting: &Visiting) -> Result<(), UseError> {
    let actor = &visiting.caller.actor;
    actor.agencies(Permission::RegisterWrite).map(|_| ()).map_err(UseError::Denied)
}

/// `GET`
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    may_import(&visiting)?;
    draw(&console, &visiting, None, None).await
}

/// `POST`: looks at what was uploaded, and changes nothing.
pub(super) async fn look(
    State(console): State<Arc<Console>>,
    PostedFile { visiting, file, .. }: PostedFile,
) -> Result<Response<Body>, PageError> {
    may_import(&visiting)?;
    let Some((name, bytes)) = file.filter(|(_, bytes)| !bytes.is_empty()) else {
        let wrong = UseError::Invalid("choose a file".into());
        return draw(&console, &visiting, None, Some(wrong)).await;
    };
    match import_certificates(&console.app, &visiting.caller, &bytes, true).await {
        Ok(report) => {
            let person = visiting.visit.person.about.name.as_str();
            let digest = console.lists.hold(person, &name, Arc::new(bytes), console.app.now());
            draw(&console, &visiting, Some((digest, name, report)), None).await
        }
        Err(wrong) => draw(&console, &visiting, None, Some(wrong)).await,
    }
}

/// `POST …/confirm`: keeps what was looked at.
pub(super) async fn confirm(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    may_import(&visiting)?;
    let (person, digest) = (visiting.visit.person.about.name.as_str(), fields.text("digest"));
    let Some((_, bytes)) = console.lists.find(person, digest, console.app.now()) else {
        let wrong = UseError::Invalid("the upload is not held any more: upload it again".into());
        return draw(&console, &visiting, None, Some(wrong)).await;
    };
    match import_certificates(&console.app, &visiting.caller, &bytes, false).await {
        Ok(_) => {
            console.lists.forget(person, digest);
            Ok(Redirect::to("/resources?done=certificates-imported#hosts").into_response())
        }
        Err(wrong) => draw(&console, &visiting, None, Some(wrong)).await,
    }
}

/// `POST /resources/settle`
pub(super) async fn settle(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    may_import(&visiting)?;
    let name = host_name(fields.text("name")).ok_or_else(|| PageError::invalid("name"))?;
    let standing = fields.parsed("standing", Standing::parse)?;
    let note = fields.text("note");
    use_case_settle(&console.app, &visiting.caller, &name, standing, note).await?;
    Ok(Redirect::to("/resources?done=host-settled#hosts").into_response())
}
