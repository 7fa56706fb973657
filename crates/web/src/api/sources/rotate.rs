//! `POST /api/v1/sources/{id}/rotate`: gives a source a new token.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use jiff::SignedDuration;
use khien_app::use_case::register;
use khien_domain::ids::SourceId;
use khien_domain::limits::ROTATION_HOURS;
use serde::Deserialize;

use super::SourceWithToken;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, Part};

/// Hours that the token before is still taken, if nobody says how many.
const USUAL_HOURS: u32 = 24;

/// How to do it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Rotation {
    overlap_hours: Option<u32>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
    headers: HeaderMap,
    Body(how): Body<Rotation>,
) -> Result<Json<SourceWithToken>, ApiError> {
    let hours = i64::from(how.overlap_hours.unwrap_or(USUAL_HOURS));
    if hours > ROTATION_HOURS {
        return Err(ApiError::invalid(format!("overlap_hours is at most {ROTATION_HOURS}")));
    }
    let (overlap, random) = (SignedDuration::from_hours(hours), api.token_bytes()?);
    let made = register::rotate_source(&api.app, &caller, SourceId(id), overlap, &random).await?;
    Ok(Json(SourceWithToken::new(&api, &headers, made)))
}
