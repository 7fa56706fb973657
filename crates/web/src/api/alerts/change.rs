//! `POST /api/v1/alerts/{id}/state`: takes an alert on, closes it with a reason, opens it again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::alerts;
use khien_domain::alert::State as AlertState;
use khien_domain::alert::state::Reason;
use khien_domain::ids::AlertId;
use serde::Deserialize;

use super::AlertJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, Part, one_of};

/// Where it is to go.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Change {
    state: String,
    /// Why it is closed; only with `closed`.
    reason: Option<String>,
    comment: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
    Body(change): Body<Change>,
) -> Result<Json<AlertJson>, ApiError> {
    let reason = change.reason.as_deref().map(|reason| one_of("reason", reason, Reason::parse));
    let to = AlertState::parse(&change.state, reason.transpose()?);
    let to = to
        .ok_or_else(|| ApiError::invalid("state is new or in_progress, or closed with a reason"))?;
    let comment = change.comment.as_deref();
    let alert = alerts::change_alert(&api.app, &caller, AlertId(id), to, comment).await?;
    Ok(Json(alert.into()))
}
