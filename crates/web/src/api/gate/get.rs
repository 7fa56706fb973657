//! `GET /api/v1/gate/{system}`: what the gate says, with every reason and a signature.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::gate;
use khien_domain::system::Stage;
use serde::Deserialize;

use super::GateJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, Part, one_of, system};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    stage: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<GateJson>, ApiError> {
    let stage = match asked.stage.as_deref() {
        None => Stage::Operation,
        Some(name) => one_of("stage", name, Stage::parse)?,
    };
    let answer = gate::check(&api.app, &caller, &system(&code)?, stage).await?;
    let (statement, signature) = gate::signed(&api.app, &answer.statement).await?;
    Ok(Json(GateJson::of(answer, statement, signature)))
}
