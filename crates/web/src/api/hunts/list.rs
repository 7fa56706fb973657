//! `GET /api/v1/hunts`: the hunts that the caller may see, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::hunts;
use serde::Deserialize;

use super::HuntJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::page::{List, number, wanted};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    limit: Option<u32>,
    after: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<HuntJson>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), number)?;
    let found = hunts::list_hunts(&api.app, &caller, &page).await?;
    Ok(Json(List::numbered(found, HuntJson::from)))
}
