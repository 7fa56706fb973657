//! `POST /api/v1/hunts/{id}/pause`, `…/resume`, `…/cancel`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::access::Caller;
use khien_app::use_case::hunts::{self, Change};
use khien_domain::ids::JobId;

use super::HuntJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// Stops it until it is resumed.
pub(in crate::api) async fn pause(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
) -> Result<Json<HuntJson>, ApiError> {
    changed(&api, &caller, id, Change::Pause).await
}

/// Lets it go on where it stopped.
pub(in crate::api) async fn resume(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
) -> Result<Json<HuntJson>, ApiError> {
    changed(&api, &caller, id, Change::Resume).await
}

/// Ends it; what it found stays.
pub(in crate::api) async fn cancel(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
) -> Result<Json<HuntJson>, ApiError> {
    changed(&api, &caller, id, Change::Cancel).await
}

async fn changed(
    api: &Api,
    caller: &Caller,
    id: i64,
    change: Change,
) -> Result<Json<HuntJson>, ApiError> {
    let hunt = hunts::change_hunt(&api.app, caller, JobId(id), change).await?;
    Ok(Json(hunt.into()))
}
