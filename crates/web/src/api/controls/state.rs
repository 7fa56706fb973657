//! `POST /api/v1/systems/{code}/controls`: states something about a control of a system.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::controls;
use khien_domain::control::Stated;
use serde::Deserialize;

use super::checklist::ChecklistJson;
use super::key;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, Part, one_of, system};

/// What is stated.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewStatement {
    catalogue: String,
    control: String,
    state: String,
    note: String,
}

/// Answers with the checklist as it stands now.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
    Body(new): Body<NewStatement>,
) -> Result<Json<ChecklistJson>, ApiError> {
    let (code, key) = (system(&code)?, key(&new.catalogue)?);
    let said = (one_of("state", &new.state, Stated::parse)?, new.note.as_str());
    controls::state(&api.app, &caller, &code, &key, &new.control, said).await?;
    let of = controls::of_system(&api.app, &caller, &code, Some(&key)).await?;
    Ok(Json(ChecklistJson::of(&of)))
}
