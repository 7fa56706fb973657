//! `GET /api/v1/gate/{system}/leave`: whether a system may be used now, by the status alone: 204, or 403
//! with what is against it. What nginx's `auth_request` and `curl --fail` ask.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::gate;
use khien_domain::system::Stage;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Part, system};

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
) -> Result<StatusCode, ApiError> {
    let code = system(&code)?;
    let answer = gate::check(&api.app, &caller, &code, Stage::Operation).await?;
    if answer.allows() {
        return Ok(StatusCode::NO_CONTENT);
    }
    if answer.is_retired {
        return Err(ApiError::denied(format!("{code} is retired")));
    }
    let against = answer.statement.reasons.iter().filter(|reason| !reason.holds);
    let against: Vec<&str> = against.map(|reason| reason.condition.as_str()).collect();
    Err(ApiError::denied(format!("{code} may not be used: {}", against.join(", "))))
}
