//! `POST /api/v1/intake/json`: objects of JSON, one a line, one after another, or in an array.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};

use super::take;
use crate::intake::keep::Form;
use crate::intake::{Intake, Peer};
use crate::protocol::json_lines;

/// Takes entries.
pub(in crate::intake) async fn handle(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    take(&intake, peer, &headers, body, Form::Json, json_lines::parse).await
}
