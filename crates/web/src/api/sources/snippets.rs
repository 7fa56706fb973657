//! `GET /api/v1/sources/{id}/snippets`: settings for shippers, with a placeholder for the token,
//! which is only shown when it is made.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use khien_app::use_case::register;
use khien_domain::ids::SourceId;
use serde::Serialize;

use super::{SnippetJson, snippets_of};
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;
use crate::snippets::SOME_TOKEN;

/// What is answered.
#[derive(Serialize)]
pub(in crate::api) struct Snippets {
    snippets: Vec<SnippetJson>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
    headers: HeaderMap,
) -> Result<Json<Snippets>, ApiError> {
    let source = register::get_source(&api.app, &caller, SourceId(id)).await?;
    Ok(Json(Snippets { snippets: snippets_of(&api, &headers, &source, SOME_TOKEN) }))
}
