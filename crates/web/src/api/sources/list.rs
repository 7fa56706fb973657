//! `GET /api/v1/sources`: the sources that the caller may see with what was heard of them, newest
//! first.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register::{self, Activity};
use serde::{Deserialize, Serialize};

use super::SourceJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::page::{List, number, wanted};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    limit: Option<u32>,
    after: Option<String>,
}

/// A source and what was heard of it.
#[derive(Serialize)]
pub(in crate::api) struct Heard {
    #[serde(flatten)]
    source: SourceJson,
    events: u64,
    bytes: u64,
    last_received_at: Option<String>,
    silent_since: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<Heard>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), number)?;
    let (sources, activity) = register::list_sources(&api.app, &caller, &page).await?;
    let heard: BTreeMap<_, Activity> =
        activity.into_iter().map(|heard| (heard.source, heard)).collect();
    Ok(Json(List::numbered(sources, |source| {
        let heard = heard.get(&source.id);
        let last = heard.and_then(|heard| heard.last_received_at);
        let silent = heard.and_then(|heard| heard.silent_since);
        Heard {
            source: source.into(),
            events: heard.map_or(0, |heard| heard.events),
            bytes: heard.map_or(0, |heard| heard.bytes),
            last_received_at: last.map(|at| at.to_string()),
            silent_since: silent.map(|at| at.to_string()),
        }
    })))
}
