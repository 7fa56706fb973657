//! `GET /api/v1/audit`: who did what, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::audit::{self, AuditFilter};
use khien_domain::audit::{Entry, Outcome};
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, moment, one_of};
use crate::api::page::{List, number, wanted};

/// What may be asked; everything that is given must hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    who: Option<String>,
    action: Option<String>,
    outcome: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

/// An entry.
#[derive(Serialize)]
pub(in crate::api) struct EntryJson {
    id: i64,
    at: String,
    who: String,
    action: String,
    target: String,
    agency: Option<String>,
    /// From where.
    origin: String,
    outcome: &'static str,
    detail: String,
}

impl From<Entry> for EntryJson {
    fn from(Entry { id, said }: Entry) -> Self {
        Self {
            id: id.0,
            at: said.at.to_string(),
            who: said.who,
            action: said.action,
            target: said.target,
            agency: said.agency.map(|agency| agency.to_string()),
            origin: said.origin,
            outcome: said.outcome.name(),
            detail: said.detail,
        }
    }
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<EntryJson>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), number)?;
    let outcome = asked.outcome.as_deref();
    let filter = AuditFilter {
        who: asked.who,
        action: asked.action,
        text: None,
        outcome: outcome.map(|name| one_of("outcome", name, Outcome::parse)).transpose()?,
        from: asked.from.as_deref().map(|text| moment("from", text)).transpose()?,
        to: asked.to.as_deref().map(|text| moment("to", text)).transpose()?,
    };
    let found = audit::list_audit(&api.app, &caller, &filter, &page).await?;
    Ok(Json(List::numbered(found, EntryJson::from)))
}
