//! What every request of the API has around it: a number, a time limit, headers, a line in the log.
//!
//! The log tells the route and not the address with its parameters: queries are for the audit log.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response};
use axum::middleware::Next;
use axum::response::IntoResponse;
use tracing::Instrument;

use super::Api;
use super::error::ApiError;

/// How long an answer may take to begin. Longer than any search may.
const LIMIT: Duration = Duration::from_secs(90);

/// Runs a request with all of it.
pub(super) async fn handle(
    State(api): State<Arc<Api>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let number = api.requests.fetch_add(1, Ordering::Relaxed);
    let begun = api.app.now();
    // Unique over restarts, without a random number.
    let id = format!("{:x}-{number:x}", begun.as_microsecond());
    let method = request.method().clone();
    let path =
        request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", id);
    async {
        let mut response = match tokio::time::timeout(LIMIT, next.run(request)).await {
            Ok(response) => response,
            Err(_) => ApiError::too_slow(LIMIT.as_secs()).into_response(),
        };
        let milliseconds = api.app.now().duration_since(begun).as_millis();
        let status = response.status().as_u16();
        tracing::info!(%method, path, status, milliseconds, "answered");
        protect(response.headers_mut());
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
        }
        response
    }
    .instrument(span)
    .await
}

/// Headers that keep browsers from doing anything with an answer but show it. A handler may have
/// set a policy of its own.
fn protect(headers: &mut HeaderMap) {
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
