//! `POST /sign-out`

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::sign_in;

use crate::console::Console;
use crate::console::cookie;
use crate::console::error::PageError;
use crate::console::posted::PostedBeginning;

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    PostedBeginning(posted): PostedBeginning,
) -> Result<Response<Body>, PageError> {
    let visiting = &posted.visiting;
    sign_in::sign_out(&console.app, &visiting.visit, visiting.origin().to_owned()).await?;
    let response = Redirect::to("/sign-in").into_response();
    Ok(super::with_cookie(response, &cookie::end_session(console.is_secure)))
}
