//! `POST /api/v1/rules/import`: looks at rules file by file and, unless that is all, puts those that
//! have no fault in force.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::rules::imported::MAX_SET_BYTES;
use khien_app::use_case::rule_imports::{self, FileReport, Import, Report, RuleFile};
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::Body;

/// The largest body: texts stand in it with the escapes of JSON.
pub(in crate::api) const MAX_BYTES: usize = MAX_SET_BYTES + (16 << 20);

/// What is imported.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ImportJson {
    /// What the set is called.
    pub set: String,
    /// Its files, by their paths within the set.
    pub files: Vec<RuleFile>,
    /// Only look, and change nothing.
    #[serde(default)]
    pub dry_run: bool,
}

impl From<ImportJson> for Import {
    fn from(asked: ImportJson) -> Self {
        Self { set: asked.set, files: asked.files, dry_run: asked.dry_run }
    }
}

/// What came of an import.
#[derive(Serialize)]
pub struct ImportReportJson {
    set: String,
    accepted: usize,
    rules: usize,
    written: bool,
    files: Vec<FileJson>,
}

#[derive(Serialize)]
struct FileJson {
    file: String,
    rules: usize,
    accepted: bool,
    said: Vec<SaidJson>,
}

#[derive(Serialize)]
struct SaidJson {
    kind: &'static str,
    line: u32,
    message: String,
}

impl From<Report> for ImportReportJson {
    fn from(report: Report) -> Self {
        Self {
            accepted: report.accepted(),
            set: report.set,
            rules: report.rules,
            written: report.is_written,
            files: report.files.into_iter().map(FileJson::from).collect(),
        }
    }
}

impl From<FileReport> for FileJson {
    fn from(file: FileReport) -> Self {
        let said = file.said.into_iter().map(|said| SaidJson {
            kind: said.kind.name(),
            line: said.line,
            message: said.message,
        });
        Self {
            file: file.file,
            rules: file.rules,
            accepted: file.is_accepted,
            said: said.collect(),
        }
    }
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Body(asked): Body<ImportJson, MAX_BYTES>,
) -> Result<Json<ImportReportJson>, ApiError> {
    let report = rule_imports::import_rules(&api.app, &caller, asked.into()).await?;
    Ok(Json(report.into()))
}
