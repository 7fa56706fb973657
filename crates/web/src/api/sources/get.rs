//! `GET /api/v1/sources/{id}`: a source.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;
use khien_domain::ids::SourceId;

use super::SourceJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
) -> Result<Json<SourceJson>, ApiError> {
    Ok(Json(register::get_source(&api.app, &caller, SourceId(id)).await?.into()))
}
