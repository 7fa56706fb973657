//! Elasticsearch's API, as far as shippers speak it: one file an endpoint.

pub(super) mod bulk;
pub(super) mod info;
pub(super) mod setup;

use axum::body::Body;
use axum::http::header::{ACCEPT, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Response};
use serde_json::Value;

use super::answer;
use super::sender::Refusal;
use crate::protocol::elastic;

/// An answer with what clients check before they believe it.
fn reply(request: &HeaderMap, status: u16, body: Vec<u8>) -> Response<Body> {
    let accept = request.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = answer::of(status, elastic::media_type(accept), body);
    let product = HeaderValue::from_static("Elasticsearch");
    response.headers_mut().insert("x-elastic-product", product);
    response
}

/// An answer in JSON.
fn json(request: &HeaderMap, body: &Value) -> Response<Body> {
    reply(request, 200, body.to_string().into_bytes())
}

/// An answer that tells a fault.
fn fault(request: &HeaderMap, status: u16, kind: &str, reason: &str) -> Response<Body> {
    reply(request, status, elastic::error(status, kind, reason).to_string().into_bytes())
}

/// The answer to a request of nobody.
fn refused(request: &HeaderMap, refusal: Refusal) -> Response<Body> {
    let mut response = fault(request, refusal.status(), "security_exception", refusal.message());
    if refusal == Refusal::Fault {
        return answer::later(response, 5);
    }
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey"));
    response
}
