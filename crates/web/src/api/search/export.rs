//! `GET /api/v1/search/export`: the events that match as a file, oldest first.
//!
//! The file is sent as it is written. If it cannot be finished the connection ends in the middle,
//! so that nobody takes a part for the whole.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use khien_app::use_case::export;
use khien_lake::ExportForm;
use serde::Deserialize;

use super::{shown, wanted};
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, one_of};
use crate::api::stream::{Frames, body};

/// Events if nobody says how many.
const USUAL: u64 = 1_000_000;

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    query: Option<String>,
    from: Option<String>,
    to: Option<String>,
    fields: Option<String>,
    form: Option<String>,
    limit: Option<u64>,
}

fn form(name: &str) -> Option<(ExportForm, &'static str, &'static str)> {
    Some(match name {
        "jsonl" => (ExportForm::JsonLines, "application/x-ndjson", "jsonl"),
        "csv" => (ExportForm::Csv, "text/csv; charset=utf-8", "csv"),
        "parquet" => (ExportForm::Parquet, "application/vnd.apache.parquet", "parquet"),
        _ => return None,
    })
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Asked(asked): Asked<Parameters>,
) -> Result<Response<Body>, ApiError> {
    let wanted = wanted(asked.query, asked.from.as_deref(), asked.to.as_deref())?;
    let name = asked.form.as_deref().unwrap_or("jsonl");
    let (form, media_type, ending) = one_of("form", name, form)?;
    let shown = shown(asked.fields.as_deref());
    let limit = asked.limit.unwrap_or(USUAL);
    let pieces = export::export(&api.app, &caller, &wanted, shown, form, limit).await?;
    let mut response = Response::new(body(Frames::new(pieces, Ok::<_, std::convert::Infallible>)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"events.{ending}\"")) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
