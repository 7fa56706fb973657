//! `POST /api/v1/agencies/{code}/confirm`: somebody of the agency confirms that the register has all
//! its systems.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Part, agency};
use crate::api::systems::ConfirmedJson;

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
) -> Result<Json<ConfirmedJson>, ApiError> {
    let at = register::confirm_agency(&api.app, &caller, &agency(&code)?).await?;
    Ok(Json(ConfirmedJson::at(at)))
}
