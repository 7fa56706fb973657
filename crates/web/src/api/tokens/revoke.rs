//! `DELETE /api/v1/tokens/{id}`: revokes a token.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::tokens;
use khien_domain::ids::TokenId;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Part;

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(id): Part<i64>,
) -> Result<StatusCode, ApiError> {
    tokens::revoke_token(&api.app, &caller, TokenId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
