//! `POST /api/v1/systems/{code}/hosts`: registers hosts, so that they raise no alert.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::register;
use khien_domain::host::HostName;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, Part, one_of, system};

/// Hosts that may be registered at once.
const MOST: usize = 1000;

/// Hosts to be registered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewHosts {
    hosts: Vec<String>,
}

/// What was done.
#[derive(Serialize)]
pub(in crate::api) struct Registered {
    count: usize,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
    Body(new): Body<NewHosts>,
) -> Result<Json<Registered>, ApiError> {
    if !(1..=MOST).contains(&new.hosts.len()) {
        return Err(ApiError::invalid(format!("1 to {MOST} hosts can be registered at once")));
    }
    let hosts = new.hosts.iter().map(|host| one_of("a host", host, HostName::new));
    let hosts = hosts.collect::<Result<Vec<_>, _>>()?;
    register::register_hosts(&api.app, &caller, &system(&code)?, &hosts).await?;
    Ok(Json(Registered { count: hosts.len() }))
}
