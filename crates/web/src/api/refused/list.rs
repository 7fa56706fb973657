//! `GET /api/v1/refused`: senders that were refused, counted by address, listener and reason.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::operate::{self, Refused, RefusedCursor};
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::page::{List, wanted};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    limit: Option<u32>,
    after: Option<String>,
}

/// What was refused of one address.
#[derive(Serialize)]
pub(in crate::api) struct RefusedJson {
    address: String,
    listener: String,
    reason: String,
    count: u64,
    first_at: String,
    last_at: String,
}

impl From<Refused> for RefusedJson {
    fn from(refused: Refused) -> Self {
        Self {
            address: refused.address,
            listener: refused.listener,
            reason: refused.reason,
            count: refused.count,
            first_at: refused.first_at.to_string(),
            last_at: refused.last_at.to_string(),
        }
    }
}

/// Neither addresses nor the names of listeners and reasons have a blank.
fn cursor(text: &str) -> Option<RefusedCursor> {
    let mut parts = text.splitn(3, ' ').map(str::to_owned);
    Some((parts.next()?, parts.next()?, parts.next()?))
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<RefusedJson>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), cursor)?;
    let found = operate::list_refused(&api.app, &caller, &page).await?;
    let next = |(address, listener, reason)| format!("{address} {listener} {reason}");
    Ok(Json(List::of(found, RefusedJson::from, next)))
}
