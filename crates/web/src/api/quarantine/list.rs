//! `GET /api/v1/quarantine`: the records that could not be read and wait, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::quarantine;
use khien_domain::ids::SourceId;
use khien_domain::limits::PAGE;
use serde::Deserialize;

use super::UnreadJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::page::{List, after, limit};
use crate::api::search::{cursor, cursor_text};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    source: Option<i64>,
    limit: Option<u32>,
    after: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<UnreadJson>>, ApiError> {
    let (source, limit) = (asked.source.map(SourceId), limit(asked.limit, 100, PAGE)? as usize);
    let after = after(asked.after.as_deref(), cursor)?;
    let found = quarantine::list_quarantine(&api.app, &caller, source, limit, after).await?;
    let records = found.records.into_iter().map(UnreadJson::from).collect();
    Ok(Json(List::new(records, found.next.map(cursor_text))))
}
