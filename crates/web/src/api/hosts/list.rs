//! `GET /api/v1/systems/{code}/hosts`: the hosts of a system, registered or seen, by name.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;
use khien_domain::host::HostName;
use serde::Deserialize;

use super::HostJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, Part, system};
use crate::api::page::{List, wanted};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    limit: Option<u32>,
    after: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<HostJson>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), HostName::new)?;
    let found = register::list_hosts(&api.app, &caller, &system(&code)?, &page).await?;
    Ok(Json(List::of(found, HostJson::from, |next| next.as_str().to_owned())))
}
