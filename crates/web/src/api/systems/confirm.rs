//! `POST /api/v1/systems/{code}/confirm`: somebody of the agency confirms what is registered of a
//! system.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;

use super::ConfirmedJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Part, system};

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
) -> Result<Json<ConfirmedJson>, ApiError> {
    let at = register::confirm_system(&api.app, &caller, &system(&code)?).await?;
    Ok(Json(ConfirmedJson::at(at)))
}
