//! Approving a plan, and taking in a file of lines.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::access::Deed;
use khien_app::use_case::UseError;
use khien_app::use_case::budgets::{self, Imported};
use khien_domain::budget::Decision;
use khien_domain::permission::Permission;

use super::agency::FileShown;
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::posted::{Posted, PostedFile};
use crate::console::register::{typed_day, wrong_of};

/// The largest form with a file.
pub(in crate::console) const MAX_BYTES: usize = budgets::MAX_IMPORT_BYTES + 64 * 1024;

/// `POST /budget/{agency}/{year}/approve`
pub(in crate::console) async fn approve(
    State(console): State<Arc<Console>>,
    Path((agency, year)): Path<(String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (agency, year) = super::place(&agency, &year)?;
    let day = typed_day(fields.text("day")).map_err(PageError::invalid)?;
    let decision = Decision { number: fields.text("number").to_owned(), day };
    budgets::approve_plan(&console.app, &visiting.caller, &agency, year, decision).await?;
    Ok(Redirect::to(&format!("/budget/{agency}/{year}?done=budget-approved")).into_response())
}

/// `POST /budget/{agency}/{year}/import`: looks at a file, and keeps what was looked at when it comes back.
pub(in crate::console) async fn import(
    State(console): State<Arc<Console>>,
    Path((agency, year)): Path<(String, String)>,
    PostedFile { visiting, fields, file }: PostedFile,
) -> Result<Response<Body>, PageError> {
    let (agency, year) = super::place(&agency, &year)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let person = visiting.visit.person.about.name.as_str();
    let digest = fields.some("digest");
    let found = match digest {
        Some(digest) => console.lists.find(person, digest, app.now()).ok_or(GONE),
        None => file.map(|(name, bytes)| (name, Arc::new(bytes))).ok_or("choose a file"),
    };
    let done = match &found {
        Ok((_, bytes)) => {
            let dry_run = digest.is_none();
            budgets::import_lines(app, caller, &agency, year, bytes, dry_run).await
        }
        Err(wrong) => {
            let deed = Deed::new("budget.import", agency.as_str(), Some(agency.clone()));
            let may = app.require(caller, Permission::AssuranceWrite, &deed).await;
            may.and(Err(UseError::Invalid((*wrong).to_owned())))
        }
    };
    let mut file = FileShown::default();
    match (done, digest) {
        (Ok(Imported::Taken(_)), Some(digest)) => {
            console.lists.forget(person, digest);
            let place = format!("/budget/{agency}/{year}?done=budget");
            return Ok(Redirect::to(&place).into_response());
        }
        (Ok(Imported::Taken(changes)), None) => {
            let Ok((name, bytes)) = found else { return Err(PageError::fault()) };
            let digest = console.lists.hold(person, &name, bytes, app.now());
            file.looked = Some((name, digest, changes));
        }
        (Ok(Imported::Refused(problems)), _) => file.problems = problems,
        (Err(error), _) => {
            let f = Frame::of(&console, &visiting, Room::Budget).await?;
            file.wrong = Some(wrong_of(&f, error)?);
        }
    }
    let status = if file.looked.is_some() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let mut response = super::agency::show(&console, &visiting, &agency, year, file).await?;
    *response.status_mut() = status;
    Ok(response)
}

/// What is told when what was looked at is held no more.
const GONE: &str = "the upload is not held any more: upload it again";
