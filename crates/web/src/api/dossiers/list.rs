//! `GET /api/v1/dossiers`: the dossiers that the caller may see, the last changed first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::dossiers;
use khien_domain::dossier::{DossierKind, DossierState};
use serde::Deserialize;

use super::DossierJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, one_of, system};
use crate::api::page::List;

/// What may be asked; everything that is given must hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    system: Option<String>,
    kind: Option<String>,
    state: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<DossierJson>>, ApiError> {
    let code = asked.system.as_deref().map(system).transpose()?;
    let kind = asked.kind.as_deref().map(|text| one_of("kind", text, DossierKind::parse));
    let state = asked.state.as_deref().map(|text| one_of("state", text, DossierState::parse));
    let (kind, state) = (kind.transpose()?, state.transpose()?);
    let found = dossiers::list_dossiers(&api.app, &caller, code.as_ref()).await?;
    let fits = found.iter().filter(|dossier| {
        kind.is_none_or(|kind| kind == dossier.kind)
            && state.is_none_or(|state| state == dossier.state)
    });
    Ok(Json(List::new(fits.map(DossierJson::from).collect(), None)))
}
