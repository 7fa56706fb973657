//! `POST /api/v1/systems`: registers a system of an agency.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::register;
use khien_domain::system::{Level, Stage, System};
use serde::Deserialize;

use super::SystemJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, agency, one_of, system};

/// A system to be registered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewSystem {
    code: String,
    agency: String,
    name: String,
    level: u8,
    stage: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(new): Body<NewSystem>,
) -> Result<(StatusCode, Json<SystemJson>), ApiError> {
    let level = Level::new(new.level.into());
    let stage = new.stage.as_deref().map(|stage| one_of("stage", stage, Stage::parse));
    let new = System {
        code: system(&new.code)?,
        agency: agency(&new.agency)?,
        name: new.name,
        level: level.ok_or_else(|| ApiError::invalid("level is a number from 1 to 5"))?,
        stage: stage.transpose()?.unwrap_or(Stage::Operating),
        created_at: api.app.now(),
    };
    let added = register::add_system(&api.app, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}
