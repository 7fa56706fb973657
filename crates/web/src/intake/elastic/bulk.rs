//! `POST` and `PUT` of `/_bulk` and `/{index}/_bulk`: documents to keep.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response};
use khien_app::pipeline::receive::Receipt;

use super::{fault, refused, reply};
use crate::intake::keep::{self, Form, NotKept};
use crate::intake::{Intake, Peer, answer, body, sender};
use crate::protocol::elastic::bulk::{self, BulkError};

/// `/_bulk`.
pub(in crate::intake) async fn handle(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    take(&intake, peer, &headers, body, None).await
}

/// `/{index}/_bulk`.
pub(in crate::intake) async fn of_index(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    Path(index): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    take(&intake, peer, &headers, body, Some(&index)).await
}

async fn take(
    intake: &Arc<Intake>,
    peer: Peer,
    headers: &HeaderMap,
    body: Body,
    index: Option<&str>,
) -> Response<Body> {
    let source = match sender::of(&intake.app, peer, headers).await {
        Ok(source) => source,
        Err(refusal) => return refused(headers, refusal),
    };
    let content = match body::read(&intake.memory, headers, body).await {
        Ok(content) => content,
        Err(error) => return unread(headers, &error),
    };
    let mut bulk = match bulk::parse(content.bytes()) {
        Ok(bulk) => bulk,
        Err(error) => {
            let large = matches!(error, BulkError::TooLarge(_) | BulkError::TooMany);
            let status = if large { 413 } else { 400 };
            return fault(headers, status, "illegal_argument_exception", &error.to_string());
        }
    };
    let lines = std::mem::take(&mut bulk.lines);
    if lines.is_empty() {
        return reply(headers, 200, bulk::answer(&bulk, index, "none"));
    }
    let name = keep::name(headers).or_else(|| bulk.name.clone());
    match keep::batch(&intake.app, source, peer, lines, Form::Json, name).await {
        Ok(Receipt::Kept(number)) => {
            reply(headers, 200, bulk::answer(&bulk, index, &number.to_string()))
        }
        Ok(Receipt::Repeated) => reply(headers, 200, bulk::answer(&bulk, index, "again")),
        Err(not_kept) => later(headers, &not_kept),
    }
}

fn unread(headers: &HeaderMap, error: &body::ReadError) -> Response<Body> {
    let response = fault(headers, error.status(), "parse_exception", &error.to_string());
    if error.status() == 503 { answer::later(response, 1) } else { response }
}

fn later(headers: &HeaderMap, not_kept: &NotKept) -> Response<Body> {
    match not_kept {
        NotKept::TooLarge => {
            fault(headers, 413, "circuit_breaking_exception", "the batch is too large")
        }
        NotKept::Later(seconds) => {
            let kind = "es_rejected_execution_exception";
            let reason = format!("too much is under way; send it again in {seconds} s");
            answer::later(fault(headers, 503, kind, &reason), *seconds)
        }
    }
}
