//! `GET /api/v1/appeals`: comments and appeals, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::appeals;
use khien_domain::round::Appeal;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::page::List;

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    /// Only those of the round of this year.
    year: Option<i16>,
}

/// A comment or an appeal.
#[derive(Serialize)]
pub(in crate::api) struct AppealJson {
    id: i64,
    year: i16,
    agency: String,
    indicator: String,
    form: &'static str,
    reason: String,
    r#ref: String,
    state: &'static str,
    lodged_at: String,
    decided_at: Option<String>,
    decision: Option<String>,
    /// The record that corrects what was wrong.
    record: Option<u64>,
}

impl From<Appeal> for AppealJson {
    fn from(appeal: Appeal) -> Self {
        let about = appeal.about;
        Self {
            id: appeal.id,
            year: about.year,
            agency: about.agency.to_string(),
            indicator: about.indicator,
            form: about.form.name(),
            reason: about.reason,
            r#ref: about.reference,
            state: appeal.state.name(),
            lodged_at: about.at.to_string(),
            decided_at: appeal.decided.as_ref().map(|decided| decided.at.to_string()),
            decision: appeal.decided.map(|decided| decided.reason),
            record: appeal.record,
        }
    }
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<List<AppealJson>>, ApiError> {
    let found = appeals::list(&api.app, &caller, asked.year).await?;
    Ok(Json(List::new(found.into_iter().map(AppealJson::from).collect(), None)))
}
