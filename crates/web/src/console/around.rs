//! What every request of the console has around it: a number, a time limit, headers, a line in the
//! log, and the drawing of what went wrong.
//!
//! What changes something must come from a page of ours: browsers say from where a request comes
//! (`Sec-Fetch-Site`, `Origin`), and one from elsewhere is refused before anything is read. The
//! form's own mark is the second lock ([`super::posted`]).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, RETRY_AFTER,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use axum::middleware::Next;
use axum::response::IntoResponse;
use tracing::Instrument;

use super::Console;
use super::error::PageError;
use super::frame;
use crate::intake::Peer;

/// How long an answer may take to begin.
const LIMIT: Duration = Duration::from_secs(90);

/// What pages may do: show themselves, with our style and modules, ask us, send forms to us.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// Runs a request with all of it.
pub(super) async fn handle(
    State(console): State<Arc<Console>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let number = console.requests.fetch_add(1, Ordering::Relaxed);
    let begun = console.app.now();
    let id = format!("{:x}-c{number:x}", begun.as_microsecond());
    let method = request.method().clone();
    let path =
        request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let asked = frame::Wish::of(&console, &request);
    let span = tracing::info_span!("request", id);
    async {
        let peer = request.extensions().get::<Peer>().map(|peer| peer.address);
        let is_asset = path.starts_with("/static/");
        let is_slow_enough = is_asset || peer.is_none_or(|peer| console.pace.allows(peer, begun));
        let mut response = if !is_slow_enough {
            PageError::too_many().into_response()
        } else if changes(&method) && !is_ours(request.headers()) {
            PageError::stale_form().into_response()
        } else {
            match tokio::time::timeout(LIMIT, next.run(request)).await {
                Ok(response) => response,
                Err(_) => PageError::from(khien_app::use_case::UseError::TooSlow { seconds: 90 })
                    .into_response(),
            }
        };
        if let Some(error) = response.extensions_mut().remove::<PageError>() {
            response = frame::draw_error(&console, &asked, &error, &id).await;
        }
        let milliseconds = console.app.now().duration_since(begun).as_millis();
        let status = response.status().as_u16();
        tracing::debug!(%method, path, status, milliseconds, "answered");
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().entry(RETRY_AFTER).or_insert(HeaderValue::from_static("5"));
        }
        protect(response.headers_mut(), console.is_secure);
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
        }
        response
    }
    .instrument(span)
    .await
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a request that changes something comes from a page of ours, as far as the browser says.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(&HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    match text(&ORIGIN) {
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(&HOST)
        }
        // No browser of today: the form's mark has to do.
        None => true,
    }
}

fn protect(headers: &mut HeaderMap, is_secure: bool) {
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), usb=(), payment=(), publickey-credentials-get=(self), publickey-credentials-create=(self)",
        ),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_secure {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(value);
    }
}

/// An answer of a status without a body, for what programs ask.
pub(super) fn bare(status: StatusCode) -> Response<Body> {
    status.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn what_other_sites_make_a_browser_send_is_not_ours() {
        for (pairs, ours) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "https://khien.example"), ("host", "khien.example")], true),
            (&[("origin", "https://evil.test"), ("host", "khien.example")], false),
            (&[("origin", "null"), ("host", "khien.example")], false),
            (&[("host", "khien.example")], true),
        ] {
            assert_eq!(is_ours(&headers(pairs)), ours, "{pairs:?}");
        }
    }
}
