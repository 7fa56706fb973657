//! `POST /sign-in/passkey` and `/sign-in/passkey/answer`: signing in with a passkey, by the module
//! `passkey.js`. Bodies are forms; the first answers JSON, the second where to go.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use khien_app::identity::Site;
use khien_app::use_case::sign_in::{self, SignInError};
use serde_json::json;

use crate::console::Console;
use crate::console::cookie;
use crate::console::error::PageError;
use crate::console::look::local;
use crate::console::posted::PostedByNobody;

/// Begins.
pub(in crate::console) async fn begin(
    State(console): State<Arc<Console>>,
    posted: PostedByNobody,
) -> Result<Response<Body>, PageError> {
    let Some(site) = Site::of(&posted.origin) else {
        return Ok(told(StatusCode::BAD_REQUEST, "no-site"));
    };
    let name = posted.fields.text("name");
    let asked =
        sign_in::ask_passkey(&console.app, console.random, &site, name, &posted.place).await;
    match asked {
        Ok((asked, ceremony)) => {
            let body = format!("{{\"ceremony\":\"{ceremony}\",\"ask\":{asked}}}");
            let mut response = Response::new(Body::from(body));
            let kind = HeaderValue::from_static("application/json");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            Ok(response)
        }
        Err(error) => refused(error),
    }
}

/// Ends.
pub(in crate::console) async fn end(
    State(console): State<Arc<Console>>,
    posted: PostedByNobody,
) -> Result<Response<Body>, PageError> {
    let Some(site) = Site::of(&posted.origin) else {
        return Ok(told(StatusCode::BAD_REQUEST, "no-site"));
    };
    let fields = &posted.fields;
    let [name, ceremony, answer] = ["name", "ceremony", "answer"].map(|name| fields.text(name));
    let (app, random, place) = (&console.app, console.random, &posted.place);
    match sign_in::by_passkey(app, random, &site, name, ceremony, answer, place).await {
        Ok(entered) => {
            let go = Json(json!({"go": local(fields.text("next"))})).into_response();
            let cookie = cookie::set_session(&entered.text, console.is_secure);
            Ok(super::with_cookie(go, &cookie))
        }
        Err(error) => refused(error),
    }
}

fn refused(error: SignInError) -> Result<Response<Body>, PageError> {
    match error {
        SignInError::Wrong => Ok(told(StatusCode::UNAUTHORIZED, "wrong")),
        SignInError::Wait { .. } => Ok(told(StatusCode::TOO_MANY_REQUESTS, "wait")),
        SignInError::Use(error) => Err(error.into()),
    }
}

/// A word for the module, which has the texts from the page.
fn told(status: StatusCode, word: &str) -> Response<Body> {
    (status, Json(json!({"wrong": word}))).into_response()
}
