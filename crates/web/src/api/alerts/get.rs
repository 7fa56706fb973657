//! `GET /api/v1/alerts/{id}`: an alert with its first events, why each matched, and the newest
//! comments.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::alerts;
use khien_domain::ids::AlertId;
use serde::Serialize;

use super::{AlertJson, CommentJson, EventJson};
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// An alert with everything that is kept of it.
#[derive(Serialize)]
pub(in crate::api) struct Detail {
    #[serde(flatten)]
    alert: AlertJson,
    events: Vec<EventJson>,
    comments: Vec<CommentJson>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
) -> Result<Json<Detail>, ApiError> {
    let found = alerts::get_alert(&api.app, &caller, AlertId(id)).await?;
    Ok(Json(Detail {
        alert: found.alert.into(),
        events: found.events.into_iter().map(EventJson::from).collect(),
        comments: found.comments.items.into_iter().map(CommentJson::from).collect(),
    }))
}
