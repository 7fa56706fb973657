//! `DELETE /api/v1/snapshot`: removes the snapshot, if there is one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::backup;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
) -> Result<StatusCode, ApiError> {
    backup::end_snapshot(&api.app, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
