//! `POST /api/v1/alerts/{id}/assignee`: gives an alert to somebody, or to nobody.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::alerts;
use khien_domain::ids::AlertId;
use serde::Deserialize;

use super::AlertJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, Part};

/// To whom.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Assignment {
    /// Nothing means nobody.
    assignee: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
    Body(to): Body<Assignment>,
) -> Result<Json<AlertJson>, ApiError> {
    let assignee = to.assignee.as_deref();
    let alert = alerts::assign_alert(&api.app, &caller, AlertId(id), assignee).await?;
    Ok(Json(alert.into()))
}
