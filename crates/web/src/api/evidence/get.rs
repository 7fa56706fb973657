//! `GET /api/v1/evidence/{seq}`: one record, with what corrects it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::ledger;
use serde::Serialize;

use super::EvidenceJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// A record and the records that correct or withdraw it.
#[derive(Serialize)]
pub(in crate::api) struct Found {
    record: EvidenceJson,
    corrected_by: Vec<EvidenceJson>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(seq): Part<u64>,
) -> Result<Json<Found>, ApiError> {
    let (record, corrections) = ledger::get(&api.app, &caller, seq).await?;
    let corrected_by = corrections.into_iter().map(EvidenceJson::from).collect();
    Ok(Json(Found { record: record.into(), corrected_by }))
}
