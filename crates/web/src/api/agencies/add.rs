//! `POST /api/v1/agencies`: registers an agency.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::register;
use khien_domain::agency::{Agency, AgencyKind};
use serde::Deserialize;

use super::AgencyJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, agency, one_of};

/// An agency to be registered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewAgency {
    code: String,
    name: String,
    name_en: Option<String>,
    parent: Option<String>,
    kind: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(new): Body<NewAgency>,
) -> Result<(StatusCode, Json<AgencyJson>), ApiError> {
    let kind = new.kind.as_deref().map(|kind| one_of("kind", kind, AgencyKind::parse));
    let new = Agency {
        code: agency(&new.code)?,
        name_vi: new.name,
        name_en: new.name_en,
        parent: new.parent.as_deref().map(agency).transpose()?,
        kind: kind.transpose()?.unwrap_or(AgencyKind::Government),
        created_at: api.app.now(),
    };
    let added = register::add_agency(&api.app, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}
