//! `POST /api/v1/sources/{id}/formats`: says anew which formats a source may send.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;
use khien_domain::ids::SourceId;
use serde::Deserialize;

use super::SourceJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, Part};

/// The formats; any if there are none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Formats {
    formats: Vec<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
    Body(asked): Body<Formats>,
) -> Result<Json<SourceJson>, ApiError> {
    let formats = asked.formats.into_iter().collect();
    let source = register::set_source_formats(&api.app, &caller, SourceId(id), formats).await?;
    Ok(Json(source.into()))
}
