//! `POST /api/v1/intake/file/end`: files that were handed in together are complete.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Response};
use khien_app::use_case::upload;
use serde::Deserialize;
use serde_json::json;

use super::file::refused;
use super::unauthorized;
use crate::intake::{Intake, Peer, answer, sender};

/// Which session ends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::intake) struct Session {
    session: String,
}

/// Runs the correlations over a session, once its parts are judged, and answers how many came
/// true.
pub(in crate::intake) async fn end(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    Query(Session { session }): Query<Session>,
    headers: HeaderMap,
) -> Response<Body> {
    let source = match sender::of(&intake.app, peer, &headers).await {
        Ok(source) => source,
        Err(refusal) => return unauthorized(refusal),
    };
    match upload::end(&intake.app, &source, &session).await {
        Ok(correlations) => answer::json(200, &json!({"correlations": correlations})),
        Err(error) => refused(&error),
    }
}
