//! `POST /api/v1/crypto/probe`: looks how one registered endpoint speaks TLS.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::crypto;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Body;

/// Which.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Wanted {
    endpoint: String,
}

/// How it ended.
#[derive(Serialize)]
pub(in crate::api) struct ProbedJson {
    endpoint: String,
    system: String,
    outcome: &'static str,
    detail: String,
    /// The record of what was seen.
    record: Option<u64>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Vec<ProbedJson>>, ApiError> {
    let probed = crypto::probe(&api.app, &caller, Some(&wanted.endpoint)).await?;
    let of = probed.into_iter().map(|row| ProbedJson {
        endpoint: row.endpoint,
        system: row.system.to_string(),
        outcome: row.outcome.name(),
        detail: row.detail,
        record: row.record,
    });
    Ok(Json(of.collect()))
}
