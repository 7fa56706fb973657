//! `GET /api/v1/hunts/{id}/hits`: what a hunt has found, in the order in which it found it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::hunts;
use khien_domain::ids::JobId;
use serde::Deserialize;
use serde_json::Value;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, Part};
use crate::api::page::{List, number, wanted};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    limit: Option<u32>,
    after: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<Value>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), number)?;
    let found = hunts::list_hits(&api.app, &caller, JobId(id), &page).await?;
    let hit = |payload: String| serde_json::from_str(&payload).unwrap_or_default();
    Ok(Json(List::numbered(found, |row| hit(row.payload))))
}
