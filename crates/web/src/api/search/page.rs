//! `GET /api/v1/search`: the events that match, newest first, page by page.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::search;
use serde::{Deserialize, Serialize};

use super::{Damage, EventJson, cursor, cursor_text, event, shown, wanted};
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::page::{after, limit};

/// Events of a page if nobody says how many, and at most.
const USUAL: u32 = 100;
const MOST: u32 = 1000;

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    query: Option<String>,
    from: Option<String>,
    to: Option<String>,
    fields: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

/// A page of events.
#[derive(Serialize)]
pub(in crate::api) struct Found {
    events: Vec<EventJson>,
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    damage: Option<Damage>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<Found>, ApiError> {
    let wanted = wanted(asked.query, asked.from.as_deref(), asked.to.as_deref())?;
    let limit = limit(asked.limit, USUAL, MOST)? as usize;
    let after = after(asked.after.as_deref(), cursor)?;
    let shown = shown(asked.fields.as_deref());
    let answer = search::page(&api.app, &caller, &wanted, shown.clone(), limit, after).await?;
    let damage = Damage::of(&answer);
    let next = answer.found.next.map(cursor_text);
    let events = answer.found.events.into_iter().map(|found| event(found, &shown)).collect();
    Ok(Json(Found { events, next, damage }))
}
