//! `GET /api/v1/rules/imported`, `DELETE /api/v1/rules/imported/{code}`: sets that were imported.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::rule_imports;
use serde::Serialize;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// The sets.
#[derive(Serialize)]
pub(in crate::api) struct Sets {
    items: Vec<SetJson>,
}

#[derive(Serialize)]
struct SetJson {
    set: String,
    files: usize,
    /// Rules and correlations of it that are in force.
    rules: usize,
}

/// Answers which there are.
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
) -> Result<Json<Sets>, ApiError> {
    let sets = rule_imports::list_sets(&api.app, &caller).await?.into_iter();
    let items = sets.map(|set| SetJson { set: set.name, files: set.files, rules: set.rules });
    Ok(Json(Sets { items: items.collect() }))
}

/// Removes one; its rules are not in force any more.
pub(in crate::api) async fn remove(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(set): Part<String>,
) -> Result<StatusCode, ApiError> {
    rule_imports::remove_set(&api.app, &caller, &set).await?;
    Ok(StatusCode::NO_CONTENT)
}
