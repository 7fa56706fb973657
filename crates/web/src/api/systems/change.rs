//! `PUT /api/v1/systems/{code}`: changes what is registered of a system.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;

use super::SystemJson;
use super::add::NewSystem;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, Part};

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
    Body(new): Body<NewSystem>,
) -> Result<Json<SystemJson>, ApiError> {
    let (system, scope) = new.read(&api)?;
    if system.code.as_str() != code {
        return Err(ApiError::invalid("code is that of the address"));
    }
    let changed = register::change_system_of(&api.app, &caller, system, &scope).await?;
    Ok(Json(changed.into()))
}
