//! `GET /api/v1/tokens`: all tokens without their texts, of one source if given, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::tokens;
use khien_domain::ids::SourceId;
use serde::Deserialize;

use super::TokenJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::page::{List, number, wanted};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    source: Option<i64>,
    limit: Option<u32>,
    after: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<TokenJson>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), number)?;
    let source = asked.source.map(SourceId);
    let found = tokens::list_tokens(&api.app, &caller, source, &page).await?;
    Ok(Json(List::numbered(found, TokenJson::from)))
}
