//! `POST /api/v1/suppressions`: hides what is known to be harmless, for a reason and a time.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::suppressions;
use khien_domain::alert::suppression::NewSuppression;
use serde::Deserialize;

use super::{ConditionJson, SuppressionJson, scope};
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, moment};

/// A suppression to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct New {
    agency: Option<String>,
    rule: Option<String>,
    entity: Option<String>,
    #[serde(default)]
    conditions: Vec<ConditionJson>,
    /// Who answers for it; whoever asks, if nobody is named.
    owner: Option<String>,
    reason: String,
    expires_at: String,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<SuppressionJson>), ApiError> {
    let new = NewSuppression {
        scope: scope(new.agency.as_deref(), new.rule, new.entity, new.conditions)?,
        owner: new.owner.unwrap_or_else(|| caller.actor.identity.to_string()),
        reason: new.reason,
        created_at: api.app.now(),
        expires_at: moment("expires_at", &new.expires_at)?,
    };
    let added = suppressions::add_suppression(&api.app, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}
