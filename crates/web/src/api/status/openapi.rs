//! `GET /api/v1/openapi.json`: the description of this API. Anybody may read it.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

/// The description, as it is checked in.
const OPENAPI: &str = include_str!("../../../../../docs/openapi.json");

/// Answers.
pub(in crate::api) async fn handle() -> impl IntoResponse {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], OPENAPI)
}
