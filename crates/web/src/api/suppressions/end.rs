//! `POST /api/v1/suppressions/{id}/end`: ends a suppression before its time.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::suppressions;
use khien_domain::ids::SuppressionId;

use super::SuppressionJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
) -> Result<Json<SuppressionJson>, ApiError> {
    let ended = suppressions::end_suppression(&api.app, &caller, SuppressionId(id)).await?;
    Ok(Json(ended.into()))
}
