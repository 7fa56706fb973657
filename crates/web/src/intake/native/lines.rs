//! `POST /api/v1/intake/lines`: lines of text, of whatever format their content tells.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};

use super::take;
use crate::intake::keep::Form;
use crate::intake::{Intake, Peer};
use crate::protocol::lines;

/// Takes entries.
pub(in crate::intake) async fn handle(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    take(&intake, peer, &headers, body, Form::Any, lines::text).await
}
