//! Approving a plan, and taking in a file of lines.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::budgets::{self, Imported};
use khien_domain::budget::Decision;

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

/// `POST /budget/{agency}/{year}/import`
pub(in crate::console) async fn import(
    State(console): State<Arc<Console>>,
    Path((agency, year)): Path<(String, String)>,
    PostedFile { visiting, file, .. }: PostedFile,
) -> Result<Response<Body>, PageError> {
    let (agency, year) = super::place(&agency, &year)?;
    let (_, bytes) = file.ok_or_else(|| PageError::invalid("file"))?;
    let (app, caller) = (&console.app, &visiting.caller);
    let (wrong, problems) = match budgets::import_lines(app, caller, &agency, year, &bytes).await {
        Ok(Imported::Kept(_)) => {
            let place = format!("/budget/{agency}/{year}?done=budget");
            return Ok(Redirect::to(&place).into_response());
        }
        Ok(Imported::Refused(problems)) => (None, problems),
        Err(error) => {
            let f = Frame::of(&console, &visiting, Room::Budget).await?;
            (Some(wrong_of(&f, error)?), Vec::new())
        }
    };
    let mut response =
        super::agency::show(&console, &visiting, &agency, year, wrong, problems).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}
