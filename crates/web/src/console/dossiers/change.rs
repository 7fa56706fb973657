//! Working on a dossier: beginning, changing, submitting, returning, appraising, approving, commenting.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::{UseError, dossiers};
use khien_domain::code::SystemCode;
use khien_domain::dossier::DossierKind;

use super::{detail, id, typed_about};
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::posted::Posted;
use crate::console::register::{typed_day, wrong_of};
use crate::console::visit::Visiting;

fn to(id: impl std::fmt::Display, done: &str) -> Response<Body> {
    Redirect::to(&format!("/dossiers/{id}?done=dossier-{done}")).into_response()
}

/// `POST /dossiers`: begins one.
pub(in crate::console) async fn begin(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let kind = fields.parsed("kind", DossierKind::parse)?;
    let system = fields.parsed("system", |text| SystemCode::new(text).ok())?;
    let id = dossiers::begin_dossier(&console.app, &visiting.caller, &system, kind).await?;
    Ok(to(id, "begin"))
}

/// `POST /dossiers/{dossier}`: changes what it says.
pub(in crate::console) async fn change(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, id) = (&console.app, &visiting.caller, id(&text)?);
    let kind = dossiers::get_dossier(app, caller, id).await?.dossier.kind;
    let (typed, error) = match typed_about(dossiers::pack()?, kind, &fields) {
        Ok(about) => match dossiers::change_dossier(app, caller, id, about.clone()).await {
            Ok(()) => return Ok(to(id, "change")),
            Err(error) => (Some(about), error),
        },
        Err(wrong) => (None, UseError::Invalid(wrong)),
    };
    refused(&console, &visiting, &text, typed, error).await
}

/// `POST /dossiers/{dossier}/act`
pub(in crate::console) async fn act(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, id) = (&console.app, &visiting.caller, id(&text)?);
    let (act, word) = (fields.text("do"), fields.text("word"));
    let done = match act {
        "submit" => dossiers::submit_dossier(app, caller, id, word).await,
        "return" => dossiers::return_dossier(app, caller, id, word).await,
        "appraise" => dossiers::appraise_dossier(app, caller, id, word).await,
        "comment" => dossiers::comment_dossier(app, caller, id, word).await,
        "approve" => match typed_day(fields.text("day")) {
            Ok(day) => dossiers::approve_dossier(app, caller, id, fields.text("number"), day).await,
            Err(wrong) => Err(UseError::Invalid(wrong)),
        },
        _ => return Err(PageError::invalid("do")),
    };
    match done {
        Ok(()) => Ok(to(id, act)),
        Err(error) => refused(&console, &visiting, &text, None, error).await,
    }
}

async fn refused(
    console: &Arc<Console>,
    visiting: &Visiting,
    text: &str,
    typed: Option<khien_domain::dossier::DossierAbout>,
    error: UseError,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Dossiers).await?;
    let wrong = wrong_of(&f, error)?;
    let mut response = detail::show(console, visiting, text, typed, Some(wrong)).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}
