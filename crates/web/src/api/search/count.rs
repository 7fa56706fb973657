//! `GET /api/v1/search/count`: how many events match.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::search;
use serde::{Deserialize, Serialize};

use super::{Damage, wanted};
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    query: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// The number.
#[derive(Serialize)]
pub(in crate::api) struct Count {
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    damage: Option<Damage>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<Count>, ApiError> {
    let wanted = wanted(asked.query, asked.from.as_deref(), asked.to.as_deref())?;
    let answer = search::count(&api.app, &caller, &wanted).await?;
    Ok(Json(Count { count: answer.found, damage: Damage::of(&answer) }))
}
