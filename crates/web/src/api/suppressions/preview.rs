//! `POST /api/v1/suppressions/preview`: what a suppression would have hidden in the last 30 days.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::suppressions;
use serde::{Deserialize, Serialize};

use super::{ConditionJson, scope};
use crate::api::Api;
use crate::api::alerts::AlertJson;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Body;

/// What would be hidden.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Hiding {
    agency: Option<String>,
    rule: Option<String>,
    entity: Option<String>,
    #[serde(default)]
    conditions: Vec<ConditionJson>,
}

/// What it would have done.
#[derive(Serialize)]
pub(in crate::api) struct Preview {
    /// Alerts that would not have been raised.
    alerts: u64,
    /// Alerts that would have been raised with fewer events.
    partly: u64,
    /// Events in the alerts that would not have been raised.
    events: u64,
    /// The newest of those alerts.
    examples: Vec<AlertJson>,
    /// Whether there were more alerts than were looked at.
    partial: bool,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(hiding): Body<Hiding>,
) -> Result<Json<Preview>, ApiError> {
    let Hiding { agency, rule, entity, conditions } = hiding;
    let hiding = scope(agency.as_deref(), rule, entity, conditions)?;
    let found = suppressions::preview_suppression(&api.app, &caller, hiding).await?;
    Ok(Json(Preview {
        alerts: found.alerts,
        partly: found.partly,
        events: found.events,
        examples: found.examples.into_iter().map(AlertJson::from).collect(),
        partial: found.is_partial,
    }))
}
