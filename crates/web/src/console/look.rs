//! `POST /look`: the language, and dark or light. Anybody may; nothing but wishes is kept.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, Response};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::own_account;
use khien_domain::account::Language;

use super::Console;
use super::cookie;
use super::error::PageError;
use super::posted::PostedByNobody;
use super::visit;

/// Answers.
pub(super) async fn handle(
    State(console): State<Arc<Console>>,
    request: Request,
) -> Result<Response<Body>, PageError> {
    let (parts, body) = request.into_parts();
    let visiting = visit::found(&parts, &console).await?;
    let posted = PostedByNobody::from_request(Request::from_parts(parts, body), &console).await?;
    let fields = posted.fields;
    let mut response = Redirect::to(local(fields.text("back"))).into_response();
    let mut wish = |name, value: &str| {
        let cookie = cookie::set_wish(name, value, console.is_secure);
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    };
    if let Some(language) = Language::parse(fields.text("lang")) {
        wish("lang", language.tag());
        if let Some(visiting) = visiting {
            own_account::set_language(&console.app, &visiting.visit, language).await?;
        }
    }
    if let theme @ ("dark" | "light" | "system") = fields.text("theme") {
        wish("theme", theme);
    }
    Ok(response)
}

/// An address of this site, whatever was handed in.
pub(super) fn local(address: &str) -> &str {
    let plain = address.bytes().all(|byte| (b'!'..=b'~').contains(&byte) && byte != b'\\');
    if plain && address.starts_with('/') && !address.starts_with("//") {
        address
    } else {
        "/overview"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(local("/alerts?state=new"), "/alerts?state=new");
        for bad in ["", "//evil.test", "https://evil.test", "/\\evil.test", "/a\r\nb", "alerts"] {
            assert_eq!(local(bad), "/overview", "{bad}");
        }
    }
}
