//! `POST /api/v1/systems/{code}/findings`: hands in what a scan of a system has found, or an
//! advisory.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use khien_app::use_case::findings::{self, MAX_FINDINGS_BYTES, Report, Upload};
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, Part, moment, system};

/// The largest body.
pub(in crate::api) const MAX_BYTES: usize = MAX_FINDINGS_BYTES;

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    /// What found it, for a table, which does not say so.
    #[serde(default)]
    tool: String,
    /// When it was run, for a file that does not say so; now if it is left out.
    at: Option<String>,
    /// Only look, and change nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What came of it.
#[derive(Serialize)]
pub(in crate::api) struct ReportJson {
    tool: String,
    at: String,
    findings: usize,
    added: usize,
    seen: usize,
    reopened: usize,
    fixed: usize,
    left_out: usize,
    /// What will not do; nothing is kept if there is any.
    problems: Vec<ProblemJson>,
    /// Whether the same run was handed in before.
    again: bool,
    /// Whether it was kept.
    kept: bool,
    /// Of an advisory, which is no scan.
    advisory: Option<AdviceJson>,
}

#[derive(Serialize)]
struct AdviceJson {
    title: String,
    version: String,
    /// Of its findings, those that are only possible.
    possible: usize,
    /// Findings of an earlier version of which it says nothing; they stay open.
    unsaid: usize,
    /// Whether it concerns anything that the system has.
    concerns: bool,
}

#[derive(Serialize)]
struct ProblemJson {
    place: String,
    what: String,
}

impl ReportJson {
    fn of(report: Report, dry_run: bool) -> Self {
        let kept = report.problems.is_empty() && !dry_run;
        let concerns = !report.touches_nothing();
        let advisory = report.advice.map(|advice| AdviceJson {
            title: advice.title,
            version: advice.version,
            possible: advice.possible,
            unsaid: advice.unsaid,
            concerns,
        });
        let problems = report.problems.into_iter();
        Self {
            tool: report.tool,
            at: report.at.to_string(),
            findings: report.findings,
            added: report.added,
            seen: report.seen,
            reopened: report.reopened,
            fixed: report.fixed,
            left_out: report.left_out,
            problems: problems
                .map(|problem| ProblemJson { place: problem.place, what: problem.what })
                .collect(),
            again: report.again,
            kept: kept && concerns,
            advisory,
        }
    }
}

/// Answers: 201 for what was kept, 200 for what was there already, only looked at, or an advisory that concerns
/// nothing of the system, 422 with the places for a file that will not do.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
    Asked(asked): Asked<Parameters>,
    request: Request<Body>,
) -> Result<(StatusCode, Json<ReportJson>), ApiError> {
    let code = system(&code)?;
    let bytes = to_bytes(request.into_body(), MAX_BYTES).await;
    let bytes = bytes.map_err(|_| ApiError::too_large(MAX_BYTES))?.to_vec();
    let at = asked.at.map(|at| moment("at", &at)).transpose()?;
    let upload = Upload { name: String::new(), bytes, tool: asked.tool, at };
    let report = findings::import_findings(&api.app, &caller, &code, upload, asked.dry_run).await?;
    let status = if !report.problems.is_empty() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else if report.again || asked.dry_run || report.touches_nothing() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(ReportJson::of(report, asked.dry_run))))
}
