//! `GET /api/v1/controls/{catalogue}/oscal` and `GET /api/v1/systems/{code}/controls/oscal`: OSCAL 1.2.1.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::controls::{self, What};
use serde::Deserialize;
use serde_json::Value;

use super::key;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, Part, one_of, system};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    what: String,
    catalogue: Option<String>,
}

/// Answers with a catalogue.
pub(in crate::api) async fn catalogue(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(name): Part<String>,
) -> Result<Json<Value>, ApiError> {
    let found = controls::export_catalogue(&api.app, &caller, Some(&key(&name)?)).await?;
    Ok(Json(found.value))
}

/// Answers with a document of a system.
pub(in crate::api) async fn of_system(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<Value>, ApiError> {
    let (code, key) = (system(&code)?, asked.catalogue.as_deref().map(key).transpose()?);
    let what = one_of("what", &asked.what, What::parse)?;
    let found = controls::export_system(&api.app, &caller, what, &code, key.as_ref()).await?;
    Ok(Json(found.value))
}
