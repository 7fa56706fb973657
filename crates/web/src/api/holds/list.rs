//! `GET /api/v1/holds`: the legal holds, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::holds;
use serde::Deserialize;

use super::HoldJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::page::{List, number, wanted};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    /// Only those that nobody has lifted.
    #[serde(default)]
    not_lifted: bool,
    limit: Option<u32>,
    after: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<HoldJson>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), number)?;
    let found = holds::list_holds(&api.app, &caller, asked.not_lifted, &page).await?;
    Ok(Json(List::numbered(found, HoldJson::from)))
}
