//! `POST /api/v1/rules/reload`: loads the rules anew. If they cannot be loaded, those in force stay.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::operate;
use serde::Serialize;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;

/// How many rules are in force.
#[derive(Serialize)]
pub(in crate::api) struct InForce {
    count: usize,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
) -> Result<Json<InForce>, ApiError> {
    let count = operate::reload_rules(&api.app, &caller).await?;
    Ok(Json(InForce { count }))
}
