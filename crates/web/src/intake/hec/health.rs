//! `GET /services/collector/health`: whether events are taken. Load balancers ask without a token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;

use super::refused;
use crate::intake::Intake;
use crate::protocol::hec::answer::Answer;

/// Tells whether events are taken.
pub(in crate::intake) async fn handle(State(intake): State<Arc<Intake>>) -> Response<Body> {
    refused(if intake.app.is_disk_short() { Answer::Busy } else { Answer::Healthy })
}
