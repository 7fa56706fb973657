//! `GET /healthz` and `GET /readyz`: for whoever watches over the process. Anybody may ask.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::operate;

use super::Api;

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The centre takes events in, or why not.
pub(super) async fn ready(State(api): State<Arc<Api>>) -> (StatusCode, &'static str) {
    match operate::readiness(&api.app).await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason),
    }
}
