//! `DELETE /api/v1/systems/{code}/hosts/{host}`: takes a host off the register.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::register;
use khien_domain::host::HostName;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Part, one_of, system};

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part((code, host)): Part<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let host = one_of("a host", &host, HostName::new)?;
    register::unregister_host(&api.app, &caller, &system(&code)?, &host).await?;
    Ok(StatusCode::NO_CONTENT)
}
