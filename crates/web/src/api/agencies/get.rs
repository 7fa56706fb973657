//! `GET /api/v1/agencies/{code}`: an agency with who answers for it and whom to reach.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;

use super::AgencySheetJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Part, agency};

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
) -> Result<Json<AgencySheetJson>, ApiError> {
    let sheet = register::get_agency(&api.app, &caller, &agency(&code)?).await?;
    Ok(Json(sheet.into()))
}
