//! `POST /api/v1/intake/file`: a part of a file, as its bytes lie.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Response};
use khien_app::pipeline::receive::{Receipt, ReceiveError};
use khien_app::use_case::upload::{self, Upload, UploadError};
use serde::Deserialize;
use serde_json::json;

use super::{asked, fault, named, sent, unauthorized};
use crate::intake::{Intake, Peer, answer, sender};

/// Where a part belongs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::intake) struct Part {
    name: String,
    #[serde(default, rename = "part")]
    number: u64,
    session: Option<String>,
    format: Option<String>,
    #[serde(default)]
    lines_before: u64,
    modified: Option<i64>,
}

/// Takes a part.
pub(in crate::intake) async fn handle(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    part: Result<Query<Part>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let source = match sender::of(&intake.app, peer, &headers).await {
        Ok(source) => source,
        Err(refusal) => return unauthorized(refusal),
    };
    let part = match asked(part) {
        Ok(part) => part,
        Err(reason) => return fault(400, &reason),
    };
    let key = match named(&headers) {
        Ok(key) => key,
        Err(reason) => return fault(400, &reason),
    };
    let content = match sent(&intake, &headers, body).await {
        Ok(content) => content,
        Err(response) => return response,
    };
    let (payload, _share) = content.into_parts();
    if payload.is_empty() {
        return fault(400, "there is nothing in the body");
    }
    let upload = Upload {
        name: part.name,
        part: part.number,
        session: part.session,
        format: part.format,
        lines_before: part.lines_before,
        modified: part.modified,
        origin: peer.address.to_string(),
        key,
        payload,
    };
    match upload::upload(&intake.app, source, upload).await {
        Ok(receipt) => {
            answer::json(200, &json!({"accepted": 1, "repeated": receipt == Receipt::Repeated}))
        }
        Err(error) => refused(&error),
    }
}

/// The answer to a part or session that was not taken.
pub(super) fn refused(error: &UploadError) -> Response<Body> {
    let message = error.to_string();
    match error {
        UploadError::Marked(_) => fault(422, &message),
        UploadError::Name | UploadError::Format(_) => fault(400, &message),
        UploadError::NoLog => fault(415, &message),
        UploadError::Receive(ReceiveError::TooLarge { .. }) => fault(413, &message),
        UploadError::Receive(ReceiveError::Busy { seconds }) => {
            answer::later(fault(503, &message), *seconds)
        }
        UploadError::Receive(_) => answer::later(fault(503, &message), 10),
    }
}
