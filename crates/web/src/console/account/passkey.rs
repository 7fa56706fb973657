//! `/account/passkey`: registering a passkey by the module `passkey.js`, removing one.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use khien_app::identity::Site;
use khien_app::use_case::UseError;
use khien_app::use_case::own_account;
use khien_domain::ids::PasskeyId;
use serde_json::json;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::format::Format;
use crate::console::posted::{Posted, PostedBeginning};
use crate::console::told::in_language;

fn site(request: &Request) -> Option<Site> {
    let origin = request.headers().get(ORIGIN).and_then(|value| value.to_str().ok());
    origin.and_then(Site::of)
}

/// Begins: answers what the browser is asked.
pub(in crate::console) async fn begin(
    State(console): State<Arc<Console>>,
    request: Request,
) -> Result<Response<Body>, PageError> {
    let site = site(&request);
    let PostedBeginning(posted) = PostedBeginning::from_request(request, &console).await?;
    let Some(site) = site else {
        return Ok((StatusCode::BAD_REQUEST, Json(json!({"wrong": "no-site"}))).into_response());
    };
    let asked = own_account::begin_passkey(&console.app, &site, &posted.visiting.visit).await?;
    let mut response = Response::new(Body::from(format!("{{\"ask\":{asked}}}")));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Ends: keeps what the browser made.
pub(in crate::console) async fn end(
    State(console): State<Arc<Console>>,
    request: Request,
) -> Result<Response<Body>, PageError> {
    let site = site(&request);
    let PostedBeginning(Posted { visiting, fields }) =
        PostedBeginning::from_request(request, &console).await?;
    let Some(site) = site else {
        return Ok((StatusCode::BAD_REQUEST, Json(json!({"wrong": "no-site"}))).into_response());
    };
    let (app, origin, answer) = (&console.app, visiting.origin(), fields.text("answer"));
    let day = Format(visiting.wish.language).day(app.now());
    let called = fields.some("called").unwrap_or(&day);
    match own_account::end_passkey(app, &site, &visiting.visit, origin, called, answer).await {
        Ok(_) => Ok(Json(json!({"go": "/account?done=passkey"})).into_response()),
        Err(UseError::Invalid(wrong) | UseError::Conflict(wrong)) => {
            let told = in_language(visiting.wish.language, &wrong);
            Ok((StatusCode::BAD_REQUEST, Json(json!({"told": told}))).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes one.
pub(in crate::console) async fn remove(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    PostedBeginning(Posted { visiting, fields }): PostedBeginning,
) -> Result<Response<Body>, PageError> {
    let (visit, origin) = (&visiting.visit, visiting.origin());
    let password = fields.text("password");
    own_account::remove_passkey(&console.app, visit, origin, PasskeyId(id), password).await?;
    Ok(super::back("passkey-removed"))
}
