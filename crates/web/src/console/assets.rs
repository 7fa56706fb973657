//! The console's own style, modules and icon, each under an address that changes with its content.
//!
//! Nothing is fetched from elsewhere and nothing is built: what stands in `static/` is what a
//! browser gets, for as long as it likes, since a new content has a new address.

use std::sync::{Arc, LazyLock};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use sha2::{Digest, Sha256};

use super::Console;

/// What is served.
struct Asset {
    name: &'static str,
    kind: &'static str,
    body: &'static str,
}

macro_rules! assets {
    ($($name:literal $kind:literal)*) => {
        const ASSETS: &[Asset] = &[$(Asset {
            name: $name,
            kind: $kind,
            body: include_str!(concat!("../../static/", $name)),
        }),*];
    };
}

assets![
    "app.css" "text/css; charset=utf-8"
    "app.js" "text/javascript; charset=utf-8"
    "swap.js" "text/javascript; charset=utf-8"
    "live.js" "text/javascript; charset=utf-8"
    "keys.js" "text/javascript; charset=utf-8"
    "passkey.js" "text/javascript; charset=utf-8"
    "tail.js" "text/javascript; charset=utf-8"
    "shield.svg" "image/svg+xml"
];

/// One mark for all contents: modules name each other by their plain names, so they change together.
static MARK: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for asset in ASSETS {
        digest.update(asset.body.as_bytes());
    }
    let digest: [u8; 32] = digest.finalize().into();
    super::hex(&digest[..6])
});

/// The address of what is served under a name.
pub(super) fn address(name: &str) -> String {
    format!("/static/{}/{name}", *MARK)
}

/// `GET /static/{mark}/{name}`. An old mark is answered too: a page may be older than the program.
pub(super) async fn handle(
    State(_): State<Arc<Console>>,
    Path((mark, name)): Path<(String, String)>,
) -> Response<Body> {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keep = if mark == *MARK { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::new(Body::from(asset.body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sheet of paper is as narrow as a phone, and has room for columns that a phone has not.
    #[test]
    fn paper_is_no_phone() {
        let style = ASSETS.iter().find(|asset| asset.name == "app.css").unwrap().body;
        assert!(style.contains("@media screen and (max-width: 720px)"));
        let widths = style.split("@media").skip(1).filter_map(|rule| rule.split_once('{'));
        for (query, _) in widths.filter(|(query, _)| query.contains("width")) {
            assert!(query.contains("screen"), "{query}");
        }
    }

    /// Inline scripts, styles and `eval` are forbidden by the policy; no asset may need them or
    /// anything from another place.
    #[test]
    fn assets_need_nothing_that_the_policy_forbids() {
        for asset in ASSETS {
            for word in ["eval(", "new Function", ".style.", "setAttribute(\"style\"", "innerHTML"]
            {
                assert!(!asset.body.contains(word), "{} has {word}", asset.name);
            }
            let plain = asset.body.replace("http://www.w3.org/2000/svg", "");
            assert!(!plain.contains("http:") && !plain.contains("https:"), "{}", asset.name);
        }
    }
}
