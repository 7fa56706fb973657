//! `GET /api/v1/rounds`: the rounds of the index, the last year first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::rounds;

use super::RoundJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::page::List;

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
) -> Result<Json<List<RoundJson>>, ApiError> {
    let found = rounds::list(&api.app, &caller).await?;
    Ok(Json(List::new(found.into_iter().map(RoundJson::from).collect(), None)))
}
