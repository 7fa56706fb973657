//! `GET /api/v1/alerts/{id}/comments`: the comments on an alert, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::alerts;
use khien_domain::ids::AlertId;
use serde::Deserialize;

use super::CommentJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, Part};
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
    Part(id): Part<i64>,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<CommentJson>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), number)?;
    let found = alerts::list_comments(&api.app, &caller, AlertId(id), &page).await?;
    Ok(Json(List::numbered(found, CommentJson::from)))
}
