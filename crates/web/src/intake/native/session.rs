//! `POST /api/v1/intake/file/end`: files that were handed in together are complete.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Response};
use khien_app::use_case::upload;
use serde::Deserialize;
use serde_json::json;

use super::file::refused;
use super::{asked, fault, unauthorized};
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
    session: Result<Query<Session>, QueryRejection>,
    headers: HeaderMap,
) -> Response<Body> {
    let source = match sender::of(&intake.app, peer, &headers).await {
        Ok(source) => source,
        Err(refusal) => return unauthorized(refusal),
    };
    let Session { session } = match asked(session) {
        Ok(session) => session,
        Err(reason) => return fault(400, &reason),
    };
    match upload::end(&intake.app, &source, &session).await {
        Ok(ended) => {
            let reaches_back_to = ended.reaches_back_to.to_string();
            let correlations = ended.correlations;
            let told = json!({"correlations": correlations, "reaches_back_to": reaches_back_to});
            answer::json(200, &told)
        }
        Err(error) => refused(&error),
    }
}
