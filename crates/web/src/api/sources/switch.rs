//! `POST /api/v1/sources/{id}/enable` and `…/disable`: switches a source on or off.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;
use khien_domain::ids::SourceId;
use khien_domain::source::SourceStatus;

use super::SourceJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// Switches it on.
pub(in crate::api) async fn enable(
    state: State<Arc<Api>>,
    asking: Asking,
    id: Part<i64>,
) -> Result<Json<SourceJson>, ApiError> {
    switch(state, asking, id, SourceStatus::Active).await
}

/// Switches it off.
pub(in crate::api) async fn disable(
    state: State<Arc<Api>>,
    asking: Asking,
    id: Part<i64>,
) -> Result<Json<SourceJson>, ApiError> {
    switch(state, asking, id, SourceStatus::Disabled).await
}

async fn switch(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
    status: SourceStatus,
) -> Result<Json<SourceJson>, ApiError> {
    let source = register::set_source_status(&api.app, &caller, SourceId(id), status).await?;
    Ok(Json(source.into()))
}
