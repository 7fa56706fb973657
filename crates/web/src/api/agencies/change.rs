//! `PUT /api/v1/agencies/{code}`: changes what an agency is called and is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;

use super::AgencyJson;
use super::add::NewAgency;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, Part};

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
    Body(new): Body<NewAgency>,
) -> Result<Json<AgencyJson>, ApiError> {
    let sheet = new.read(&api)?;
    if sheet.agency.code.as_str() != code {
        return Err(ApiError::invalid("code is that of the address"));
    }
    let changed = register::change_agency(&api.app, &caller, sheet).await?;
    Ok(Json(changed.into()))
}
