//! `POST /api/v1/alerts/{id}/comments`: says something about an alert.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::alerts;
use khien_domain::ids::AlertId;
use serde::Deserialize;

use super::CommentJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, Part};

/// What is said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewComment {
    text: String,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
    Body(new): Body<NewComment>,
) -> Result<(StatusCode, Json<CommentJson>), ApiError> {
    let comment = alerts::comment_alert(&api.app, &caller, AlertId(id), &new.text).await?;
    Ok((StatusCode::CREATED, Json(comment.into())))
}
