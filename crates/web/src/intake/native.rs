//! Plain ways in: objects, lines and files, one file an endpoint, and what they share.

pub(super) mod file;
pub(super) mod json;
pub(super) mod lines;
pub(super) mod session;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue, Response};
use khien_app::pipeline::receive::Receipt;
use khien_app::use_case::upload;
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
    let name = match named(headers) {
        Ok(name) => name,
        Err(reason) => return fault(400, &reason),
    };
    let content = match sent(intake, headers, body).await {
        Ok(content) => content,
        Err(response) => return response,
    };
    let (bytes, share) = content.into_parts();
    let origin = peer.address.to_string();
    let bytes = match upload::no_document(&intake.app, &source, origin, bytes).await {
        Ok(bytes) => bytes,
        Err(error) => return file::refused(&error),
    };
    let lines = match parse(&bytes) {
        Ok(lines) => lines,
        Err(error) => return fault(413, &error.to_string()),
    };
    drop((bytes, share));
    let count = lines.count();
    if count == 0 {
        return fault(400, "there is nothing in the body");
    }
    match keep::batch(&intake.app, source, peer, lines, form, name).await {
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

/// What the client calls the batch, or why that will not do: without it, a batch
/// that is sent again would count again.
fn named(headers: &HeaderMap) -> Result<Option<String>, String> {
    let name = keep::name(headers);
    if name.is_none() && headers.contains_key("idempotency-key") {
        return Err("Idempotency-Key has 1 to 255 visible characters of ASCII".to_owned());
    }
    Ok(name)
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
    let (code, vietnamese) = match status {
        400 => ("malformed", "nội dung hoặc tham số không đọc được"),
        401 => ("unauthorized", "cần mã truy cập còn hiệu lực của một nguồn"),
        403 => ("forbidden", "nguồn này đã bị tắt"),
        413 => ("too_large", "nội dung quá lớn"),
        415 => ("unsupported", "không nhận ra định dạng nhật ký hoặc cách nén"),
        422 => ("secrecy_mark", "tệp mang dấu độ mật nên bị từ chối và không được lưu"),
        503 => ("busy", "trung tâm đang bận, xin gửi lại sau"),
        _ => ("fault", "trung tâm gặp lỗi"),
    };
    let told = json!({"code": code, "message": message, "message_vi": vietnamese});
    answer::json(status, &json!({"error": told}))
}

/// Parameters of the address, or why they will not do.
fn asked<T>(read: Result<Query<T>, QueryRejection>) -> Result<T, String> {
    read.map(|Query(asked)| asked).map_err(|rejection| rejection.body_text())
}
