//! `GET /api/v1/findings`: the findings that the caller may see, by the day on which they are due.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::findings;
use khien_domain::finding::FindingState;
use khien_domain::limits::PAGE;
use serde::Deserialize;

use super::FindingJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, one_of, system};
use crate::api::page::{List, after, limit};

/// Findings of a page if nobody says how many.
const USUAL: u32 = 100;

/// What may be asked; everything that is given must hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    system: Option<String>,
    state: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<FindingJson>>, ApiError> {
    let code = asked.system.as_deref().map(system).transpose()?;
    let known = |name: &str| FindingState::NAMES.into_iter().find(|known| *known == name);
    let state = asked.state.as_deref().map(|text| one_of("state", text, known)).transpose()?;
    let most = limit(asked.limit, USUAL, PAGE)? as usize;
    // A day and a number: where in the order the page before ended.
    let cursor = |text: &str| {
        let (day, id) = text.split_once('_')?;
        Some((day.parse().ok()?, id.parse().ok()?))
    };
    let start: Option<(jiff::civil::Date, i64)> = after(asked.after.as_deref(), cursor)?;
    let found = findings::list_findings(&api.app, &caller, code.as_ref()).await?;
    let mut rest = found.into_iter().filter(|finding| {
        state.is_none_or(|state| state == finding.state.name())
            && start.is_none_or(|start| (finding.due, finding.id.0) > start)
    });
    let page: Vec<_> = rest.by_ref().take(most).collect();
    let last = page.last().filter(|_| rest.next().is_some());
    let next = last.map(|finding| format!("{}_{}", finding.due, finding.id));
    Ok(Json(List::new(page.into_iter().map(FindingJson::from).collect(), next)))
}
