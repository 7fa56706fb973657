//! `GET /api/v1/suppressions`: the suppressions that the caller may see, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::suppressions;
use serde::Deserialize;

use super::SuppressionJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::page::{List, number, wanted};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    /// Only those that hold now.
    #[serde(default)]
    holding: bool,
    limit: Option<u32>,
    after: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<SuppressionJson>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), number)?;
    let found = suppressions::list_suppressions(&api.app, &caller, asked.holding, &page).await?;
    Ok(Json(List::numbered(found, SuppressionJson::from)))
}
