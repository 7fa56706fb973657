//! `GET /api/v1/search/tail`: the events that match as they arrive, one object a line.
//!
//! `{"event": …}` is an event; `{"missed": n}` says that so many, matching or not, came faster than
//! they were taken; an empty line says that the connection lives.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response};
use khien_app::use_case::tail;
use khien_lake::{Heard, Shown};
use serde::{Deserialize, Serialize};

use super::{EventJson, event, shown};
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::stream::{Frames, body};

/// How long somebody watches if nobody says how long.
const USUAL: u32 = 300;

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    query: Option<String>,
    fields: Option<String>,
    seconds: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Event(EventJson),
    Missed(u64),
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Response<Body>, ApiError> {
    let (query, shown) = (asked.query.unwrap_or_default(), shown(asked.fields.as_deref()));
    let seconds = asked.seconds.unwrap_or(USUAL);
    let hearing = tail::tail(&api.app, &caller, &query, shown.clone(), seconds).await?;
    let frames = Frames::new(hearing, move |heard| lines(heard, &shown));
    let mut response = Response::new(body(frames));
    let lines = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(CONTENT_TYPE, lines);
    Ok(response)
}

fn lines(heard: Heard, shown: &[Shown]) -> Result<Vec<u8>, serde_json::Error> {
    let events = heard.events.into_iter().map(|found| Line::Event(event(found, shown)));
    let missed = (heard.missed > 0).then_some(Line::Missed(heard.missed));
    let mut bytes = Vec::new();
    for line in missed.into_iter().chain(events) {
        serde_json::to_writer(&mut bytes, &line)?;
        bytes.push(b'\n');
    }
    if bytes.is_empty() {
        bytes.push(b'\n');
    }
    Ok(bytes)
}
