//! `GET /api/v1/rounds/{year}`: one round with its sample and what is left to do.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::rounds;
use serde::Serialize;

use super::RoundJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// A round, with the sample of the agencies that the caller may see.
#[derive(Serialize)]
pub(in crate::api) struct Found {
    round: RoundJson,
    sample: Vec<SampleJson>,
    samples_left: u64,
    appeals_left: u64,
}

/// A record of the sample.
#[derive(Serialize)]
struct SampleJson {
    seq: u64,
    agency: String,
    look: &'static str,
    reason: Option<String>,
    decided_at: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(year): Part<i16>,
) -> Result<Json<Found>, ApiError> {
    let found = rounds::get(&api.app, &caller, year).await?;
    let sample = found.samples.into_iter().map(|one| SampleJson {
        seq: one.sample.seq,
        agency: one.sample.agency.to_string(),
        look: one.sample.look.name(),
        decided_at: one.sample.decided.as_ref().map(|decided| decided.at.to_string()),
        reason: one.sample.decided.map(|decided| decided.reason),
    });
    Ok(Json(Found {
        sample: sample.collect(),
        round: found.round.into(),
        samples_left: found.samples_left,
        appeals_left: found.appeals_left,
    }))
}
