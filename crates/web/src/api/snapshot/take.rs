//! `POST /api/v1/snapshot`: makes, in the data folder, a copy of everything as of one moment.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::backup;
use serde::Serialize;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;

/// A snapshot.
#[derive(Serialize)]
pub(in crate::api) struct Taken {
    /// The folder, on the machine of the centre.
    folder: String,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
) -> Result<(StatusCode, Json<Taken>), ApiError> {
    let folder = backup::take_snapshot(&api.app, &caller).await?;
    Ok((StatusCode::CREATED, Json(Taken { folder: folder.display().to_string() })))
}
