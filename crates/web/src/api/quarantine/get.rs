//! `GET /api/v1/quarantine/{id}`: a record that could not be read, with its bytes.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use khien_app::use_case::quarantine;
use serde::Serialize;

use super::UnreadJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Part, event};

/// A record and its bytes: as text where they are UTF-8, else in base64.
#[derive(Serialize)]
pub(in crate::api) struct Detail {
    #[serde(flatten)]
    record: UnreadJson,
    raw: Option<String>,
    raw_base64: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<String>,
) -> Result<Json<Detail>, ApiError> {
    let id = event(&id).ok_or_else(|| ApiError::not_found("there is no such record"))?;
    let (record, raw) = quarantine::get_unread(&api.app, &caller, id).await?;
    let (raw, raw_base64) = match String::from_utf8(raw) {
        Ok(text) => (Some(text), None),
        Err(bytes) => (None, Some(STANDARD.encode(bytes.as_bytes()))),
    };
    Ok(Json(Detail { record: record.into(), raw, raw_base64 }))
}
