//! `POST /api/v1/holds/{id}/lift`: lets what was held go when it has had its time.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::holds;
use khien_domain::ids::HoldId;

use super::HoldJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
) -> Result<Json<HoldJson>, ApiError> {
    Ok(Json(holds::lift_hold(&api.app, &caller, HoldId(id)).await?.into()))
}
