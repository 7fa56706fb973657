//! `POST /v1/logs`: records of OpenTelemetry, in protobuf or JSON.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Response};

use super::keep::{self, Form, NotKept};
use super::{Intake, Peer, answer, body, sender};
use crate::protocol::body::media_type;
use crate::protocol::otlp::{self, Encoding, OtlpError};

/// Takes records.
pub(super) async fn handle(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let encoding = media.and_then(|media| Encoding::of(&media_type(media)));
    let fault = |status: u16, message: &str| {
        let encoding = encoding.unwrap_or(Encoding::Json);
        answer::of(status, encoding.media_type(), otlp::refusal(encoding, message))
    };
    let source = match sender::of(&intake.app, peer, &headers).await {
        Ok(source) => source,
        Err(refusal) => return fault(refusal.status(), refusal.message()),
    };
    let Some(encoding) = encoding else {
        return fault(415, "send application/x-protobuf or application/json");
    };
    let content = match body::read(&intake.memory, &headers, body).await {
        Ok(content) => content,
        Err(error) => return answer::later(fault(error.status(), &error.to_string()), 1),
    };
    let now = u64::try_from(intake.app.now().as_nanosecond()).unwrap_or_default();
    let logs = match otlp::parse(content.bytes(), encoding, now) {
        Ok(logs) => logs,
        Err(error) => {
            let status = if matches!(error, OtlpError::TooLarge(_)) { 413 } else { 400 };
            return fault(status, &error.to_string());
        }
    };
    drop(content);
    if !logs.lines.is_empty() {
        let name = keep::name(&headers);
        match keep::batch(&intake.app, source, peer, logs.lines, Form::Json, name).await {
            Ok(_) => {}
            Err(NotKept::TooLarge) => return fault(413, "the batch is too large"),
            Err(NotKept::Later(seconds)) => {
                return answer::later(fault(503, "too much is under way"), seconds);
            }
        }
    }
    answer::of(200, encoding.media_type(), otlp::answer(encoding, logs.empty))
}
