//! `GET /api/v1/agencies`: the agencies that the caller may see, by code.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;
use khien_domain::code::AgencyCode;
use serde::Deserialize;

use super::AgencyJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::page::{List, wanted};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    limit: Option<u32>,
    after: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<AgencyJson>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), |text| AgencyCode::new(text).ok())?;
    let found = register::list_agencies(&api.app, &caller, &page).await?;
    Ok(Json(List::of(found, AgencyJson::from, |next| next.to_string())))
}
