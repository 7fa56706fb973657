//! `GET /api/v1/crypto/cbom`: the inventory of cryptography as CycloneDX 1.6.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::crypto;
use serde_json::Value;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(crypto::cbom(&api.app, &caller).await?))
}
