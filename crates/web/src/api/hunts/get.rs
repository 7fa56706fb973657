//! `GET /api/v1/hunts/{id}`: a hunt, how far it is and what it has found.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::hunts;
use khien_domain::ids::JobId;

use super::HuntJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
) -> Result<Json<HuntJson>, ApiError> {
    let hunt = hunts::get_hunt(&api.app, &caller, JobId(id)).await?;
    Ok(Json(hunt.into()))
}
