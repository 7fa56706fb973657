//! `GET /api/v1/evidence`: records of the ledger, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::ledger::{self, EvidenceFilter};
use serde::Deserialize;

use super::EvidenceJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, agency, system};
use crate::api::page::{List, number, wanted};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    r#type: Option<String>,
    agency: Option<String>,
    system: Option<String>,
    subject: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<EvidenceJson>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), number)?;
    let filter = EvidenceFilter {
        kind: asked.r#type,
        agency: asked.agency.as_deref().map(agency).transpose()?,
        system: asked.system.as_deref().map(system).transpose()?,
        subject: asked.subject,
    };
    let found = ledger::list(&api.app, &caller, &filter, &page).await?;
    Ok(Json(List::numbered(found, EvidenceJson::from)))
}
