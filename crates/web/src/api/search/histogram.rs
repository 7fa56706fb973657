//! `GET /api/v1/search/histogram`: how many events match in each stretch of time.

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

/// Stretches if nobody says how many.
const USUAL: usize = 60;

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    query: Option<String>,
    from: Option<String>,
    to: Option<String>,
    buckets: Option<usize>,
}

/// A histogram.
#[derive(Serialize)]
pub(in crate::api) struct Buckets {
    /// Where the first stretch begins.
    from: String,
    /// How long each is.
    width_seconds: f64,
    counts: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    damage: Option<Damage>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<Buckets>, ApiError> {
    let wanted = wanted(asked.query, asked.from.as_deref(), asked.to.as_deref())?;
    let buckets = asked.buckets.unwrap_or(USUAL);
    let answer = search::histogram(&api.app, &caller, &wanted, buckets).await?;
    let damage = Damage::of(&answer);
    Ok(Json(Buckets {
        from: answer.found.from.to_string(),
        width_seconds: answer.found.width.as_secs_f64(),
        counts: answer.found.counts,
        damage,
    }))
}
