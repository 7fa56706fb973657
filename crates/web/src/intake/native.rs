//! Plain ways in: objects, lines and files, one file an endpoint, and what they share.

pub(super) mod file;
pub(super) mod json;
pub(super) mod lines;
pub(super) mod session;

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue, Response};
use khien_app::pipeline::receive::Receipt;
use serde_json::json;

use super::keep::{self, Form, NotKept};
use super::sender::Refusal;
use super::{Intake, Peer, answer, body, sender};
use crate::protocol::lines::{Lines, TooLarge};

/// Reads a body, keeps its entries and answers with their number.
async fn take(
    intake: &Arc<Intake>,
    peer: Peer,
    headers: &HeaderMap,
    body: Body,
    form: Form,
    parse: fn(&[u8]) -> Result<Lines, TooLarge>,
) -> Response<Body> {
    let source = match sender::of(&intake.app, peer, headers).await {
        Ok(source) => source,
        Err(refusal) => return unauthorized(refusal),
    };
    let content = match sent(intake, headers, body).await {
        Ok(content) => content,
        Err(response) => return response,
    };
    let lines = match parse(content.bytes()) {
        Ok(lines) => lines,
        Err(error) => return fault(413, &error.to_string()),
    };
    drop(content);
    let count = lines.count();
    if count == 0 {
        return fault(400, "there is nothing in the body");
    }
    match keep::batch(&intake.app, source, peer, lines, form, keep::name(headers)).await {
        Ok(receipt) => {
            let repeated = receipt == Receipt::Repeated;
            answer::json(200, &json!({"accepted": count, "repeated": repeated}))
        }
        Err(NotKept::TooLarge) => fault(413, "the batch is too large"),
        Err(NotKept::Later(seconds)) => {
            let reason = format!("too much is under way; send it again in {seconds} s");
            answer::later(fault(503, &reason), seconds)
        }
    }
}

/// What was sent, or the answer to what cannot be read.
async fn sent(
    intake: &Intake,
    headers: &HeaderMap,
    body: Body,
) -> Result<body::Content, Response<Body>> {
    body::read(&intake.memory, headers, body).await.map_err(|error| {
        let response = fault(error.status(), &error.to_string());
        if error.status() == 503 { answer::later(response, 1) } else { response }
    })
}

/// The answer to a request of nobody.
fn unauthorized(refusal: Refusal) -> Response<Body> {
    let mut response = fault(refusal.status(), refusal.message());
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// An answer that tells what is wrong.
fn fault(status: u16, message: &str) -> Response<Body> {
    let code = match status {
        400 => "malformed",
        401 => "unauthorized",
        403 => "forbidden",
        413 => "too_large",
        415 => "unsupported",
        422 => "secrecy_mark",
        503 => "busy",
        _ => "fault",
    };
    answer::json(status, &json!({"error": {"code": code, "message": message}}))
}
