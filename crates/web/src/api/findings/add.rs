//! `POST /api/v1/findings`: records one finding.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use khien_app::use_case::findings::{self, Noted, One, Recorded};
use khien_domain::risk::Rating;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, day, one_of, system};

/// A finding to be recorded.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct New {
    system: String,
    title: String,
    /// More about it, and what to do.
    #[serde(default)]
    description: String,
    severity: String,
    /// A CVE or the number of a check; the title stands for it if it is left out.
    #[serde(default)]
    rule: String,
    place: String,
    /// The tool, or the organisation that assessed.
    tool: String,
    /// The day on which it was found.
    found: String,
}

/// What became of it.
#[derive(Serialize)]
pub(in crate::api) struct RecordedJson {
    id: i64,
    /// By which name the ledger knows it.
    subject: String,
    /// Whether it is new, there again, open again, or there already.
    noted: &'static str,
    state: &'static str,
    due: String,
}

/// Answers: 201 for what is new, 200 for what was known.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<RecordedJson>), ApiError> {
    let one = One {
        system: system(&new.system)?,
        title: new.title,
        advice: new.description,
        severity: one_of("severity", &new.severity, Rating::parse)?,
        rule: new.rule,
        place: new.place,
        tool: new.tool,
        found: day("found", &new.found)?,
    };
    let Recorded { finding, noted } = findings::record_finding(&api.app, &caller, one).await?;
    let status = if noted == Noted::Added { StatusCode::CREATED } else { StatusCode::OK };
    let told = RecordedJson {
        id: finding.id.0,
        subject: finding.subject,
        noted: noted.name(),
        state: finding.state.name(),
        due: finding.due.to_string(),
    };
    Ok((status, Json(told)))
}
