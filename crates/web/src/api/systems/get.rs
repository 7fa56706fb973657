//! `GET /api/v1/systems/{code}`: a system with what it needs and what needs it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;

use super::SystemSheetJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Part, system};

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
) -> Result<Json<SystemSheetJson>, ApiError> {
    let code = system(&code)?;
    let found = register::get_system(&api.app, &caller, &code).await?;
    let links = register::links(&api.app, &caller, &code).await?;
    Ok(Json(SystemSheetJson::of(found, links)))
}
