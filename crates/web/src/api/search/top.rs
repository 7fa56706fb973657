//! `GET /api/v1/search/top`: the most frequent values of a field among the events that match.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::search;
use khien_lake::Shown;
use serde::{Deserialize, Serialize};

use super::{Damage, wanted};
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;

/// Values if nobody says how many.
const USUAL: usize = 10;

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    query: Option<String>,
    from: Option<String>,
    to: Option<String>,
    field: String,
    limit: Option<usize>,
}

/// A value and how many events have it.
#[derive(Serialize)]
struct Counted {
    value: String,
    count: u64,
}

/// The most frequent values.
#[derive(Serialize)]
pub(in crate::api) struct Top {
    field: String,
    values: Vec<Counted>,
    /// Events with another value.
    others: u64,
    /// Events without one.
    missing: u64,
    /// Whether every value was counted.
    exact: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    damage: Option<Damage>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<Top>, ApiError> {
    if asked.field.trim().is_empty() {
        return Err(ApiError::invalid("field names no field"));
    }
    let wanted = wanted(asked.query, asked.from.as_deref(), asked.to.as_deref())?;
    let field = Shown::named(asked.field.trim());
    let name = field.name().to_owned();
    let limit = asked.limit.unwrap_or(USUAL);
    let answer = search::top(&api.app, &caller, &wanted, field, limit).await?;
    let damage = Damage::of(&answer);
    let top = answer.found;
    let values = top.values.into_iter().map(|(value, count)| Counted { value, count });
    Ok(Json(Top {
        field: name,
        values: values.collect(),
        others: top.others,
        missing: top.missing,
        exact: top.exact,
        damage,
    }))
}
