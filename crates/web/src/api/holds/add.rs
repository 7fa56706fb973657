//! `POST /api/v1/holds`: holds events back from being forgotten.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::holds;
use khien_domain::hold::{Held, NewHold};
use serde::Deserialize;

use super::HoldJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, agency, moment};

/// A hold to be placed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct New {
    agency: Option<String>,
    from: Option<String>,
    to: Option<String>,
    /// Who answers for it; whoever asks, if nobody is named.
    owner: Option<String>,
    reason: String,
    expires_at: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<HoldJson>), ApiError> {
    let at = |name, text: Option<String>| text.map(|text| moment(name, &text)).transpose();
    let new = NewHold {
        held: Held {
            agency: new.agency.as_deref().map(agency).transpose()?,
            from: at("from", new.from)?,
            to: at("to", new.to)?,
        },
        owner: new.owner.unwrap_or_else(|| caller.actor.identity.to_string()),
        reason: new.reason,
        placed_at: api.app.now(),
        expires_at: at("expires_at", new.expires_at)?,
    };
    let added = holds::add_hold(&api.app, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}
