//! `POST /account/sessions/end`: ends one of one's own sessions, or all others.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::own_account;
use khien_domain::ids::SessionId;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::posted::{Posted, PostedBeginning};

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    PostedBeginning(Posted { visiting, fields }): PostedBeginning,
) -> Result<Response<Body>, PageError> {
    let one = match fields.some("session") {
        Some(text) => Some(SessionId(text.parse().map_err(|_| PageError::invalid("session"))?)),
        None => None,
    };
    own_account::end_sessions(&console.app, &visiting.visit, visiting.origin(), one).await?;
    Ok(super::back("sessions"))
}
