//! `PUT /api/v1/systems/{code}/needs`: which systems a system needs, from now on these alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;
use serde::Deserialize;

use super::SystemSheetJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, Part, system};

/// What it needs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewNeeds {
    needs: Vec<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
    Body(new): Body<NewNeeds>,
) -> Result<Json<SystemSheetJson>, ApiError> {
    let code = system(&code)?;
    let needs = new.needs.iter().map(|needed| system(needed));
    let needs: BTreeSet<_> = needs.collect::<Result<_, ApiError>>()?;
    register::set_needs(&api.app, &caller, &code, needs).await?;
    let found = register::get_system(&api.app, &caller, &code).await?;
    let links = register::links(&api.app, &caller, &code).await?;
    Ok(Json(SystemSheetJson::of(found, links)))
}
