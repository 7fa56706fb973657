//! `GET /api/v1/dossiers/{id}`: a dossier with what it says and its history.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::dossiers;
use khien_domain::ids::DossierId;

use super::DossierSheetJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
) -> Result<Json<DossierSheetJson>, ApiError> {
    let detail = dossiers::get_dossier(&api.app, &caller, DossierId(id)).await?;
    Ok(Json(DossierSheetJson::of(detail.dossier, detail.steps)))
}
