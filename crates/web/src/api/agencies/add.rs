//! `POST /api/v1/agencies`: registers an agency.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::register::{self, AgencySheet};
use khien_domain::agency::{Agency, AgencyKind};
use serde::Deserialize;

use super::AgencyJson;
use super::assign::Assigned;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, agency, one_of};

/// An agency to be registered, or all that is to be registered of one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewAgency {
    code: String,
    name: String,
    name_en: Option<String>,
    parent: Option<String>,
    kind: Option<String>,
    in_scope: Option<bool>,
    centre: Option<bool>,
    assignment: Option<Assigned>,
}

impl NewAgency {
    /// The agency that is meant, with who answers for it.
    pub(in crate::api) fn read(self, api: &Api) -> Result<AgencySheet, ApiError> {
        let kind = self.kind.as_deref().map(|kind| one_of("kind", kind, AgencyKind::parse));
        let kind = kind.transpose()?.unwrap_or(AgencyKind::Government);
        let assigned = self.assignment.map(Assigned::read).transpose()?;
        let (appointments, contacts) = assigned.unwrap_or_default();
        let agency = Agency {
            name_en: self.name_en,
            parent: self.parent.as_deref().map(agency).transpose()?,
            in_scope: self.in_scope.unwrap_or(true),
            is_centre: self.centre.unwrap_or(false),
            ..Agency::new(agency(&self.code)?, self.name, kind, api.app.now())
        };
        Ok(AgencySheet { agency, appointments, contacts })
    }
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(new): Body<NewAgency>,
) -> Result<(StatusCode, Json<AgencyJson>), ApiError> {
    let added = register::add_agency(&api.app, &caller, new.read(&api)?).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}
