//! `GET /api/v1/alerts`: the alerts that the caller may see, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::alerts::{self, AlertFilter};
use khien_domain::alert::{AlertKind, Severity};
use serde::Deserialize;

use super::AlertJson;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, agency, moment, one_of, system};
use crate::api::page::{List, number, wanted};

/// What may be asked; everything that is given must hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    state: Option<String>,
    /// At least this grave.
    severity: Option<String>,
    kind: Option<String>,
    rule: Option<String>,
    agency: Option<String>,
    system: Option<String>,
    assignee: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

impl Parameters {
    fn filter(self) -> Result<AlertFilter, ApiError> {
        let state = |text: &str| ["new", "in_progress", "closed"].contains(&text).then_some(());
        if let Some(text) = &self.state {
            one_of("state", text, state)?;
        }
        let severity = self.severity.as_deref();
        let kind = self.kind.as_deref();
        Ok(AlertFilter {
            state: self.state,
            severity: severity.map(|s| one_of("severity", s, Severity::parse)).transpose()?,
            kind: kind.map(|kind| one_of("kind", kind, AlertKind::parse)).transpose()?,
            rule: self.rule,
            agency: self.agency.as_deref().map(agency).transpose()?,
            system: self.system.as_deref().map(system).transpose()?,
            assignee: self.assignee,
            from: self.from.as_deref().map(|text| moment("from", text)).transpose()?,
            to: self.to.as_deref().map(|text| moment("to", text)).transpose()?,
            ..AlertFilter::default()
        })
    }
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<AlertJson>>, ApiError> {
    let page = wanted(asked.limit, asked.after.as_deref(), number)?;
    let found = alerts::list_alerts(&api.app, &caller, &asked.filter()?, &page).await?;
    Ok(Json(List::numbered(found, AlertJson::from)))
}
