//! What went wrong, as a page tells it: what, and what to do.
//!
//! A handler answers with a [`PageError`]; `around` draws the page, in the language and the frame
//! of whoever asked.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;

use crate::api;

/// Why a page is not shown.
#[derive(Clone, Debug)]
pub(super) enum PageError {
    /// Nobody has signed in, or the session has ended; the address that was wanted.
    SignIn(String),
    /// Go elsewhere first.
    Elsewhere(&'static str),
    /// Something is told: a status, the id of a text, and details in the program's own words.
    Told {
        /// The status.
        status: StatusCode,
        /// The id of the text that says what.
        id: &'static str,
        /// More about it.
        detail: Detail,
    },
}

/// More about what went wrong.
#[derive(Clone, Debug)]
pub(super) enum Detail {
    /// In the program's own words, which [`told`](super::told) knows in Vietnamese.
    Words(String),
    /// What has both languages itself.
    Both {
        /// In Vietnamese.
        vi: String,
        /// In English.
        en: String,
    },
}

impl From<&str> for Detail {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl From<String> for Detail {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl PageError {
    fn told(status: StatusCode, id: &'static str, detail: impl Into<Detail>) -> Self {
        Self::Told { status, id, detail: detail.into() }
    }

    /// What was asked will not do.
    pub(super) fn invalid(detail: impl Into<Detail>) -> Self {
        Self::told(StatusCode::BAD_REQUEST, "errors-invalid", detail)
    }

    /// There is nothing of that kind.
    pub(super) fn not_found() -> Self {
        Self::told(StatusCode::NOT_FOUND, "errors-not-found", "")
    }

    /// The form was not ours, or is too old.
    pub(super) fn stale_form() -> Self {
        Self::told(StatusCode::FORBIDDEN, "errors-stale-form", "")
    }

    /// The body is larger than a form may be.
    pub(super) fn too_large() -> Self {
        Self::told(StatusCode::PAYLOAD_TOO_LARGE, "errors-too-large", "")
    }

    /// More requests came from an address than people make.
    pub(super) fn too_many() -> Self {
        Self::told(StatusCode::TOO_MANY_REQUESTS, "errors-too-many", "")
    }

    /// The program failed.
    pub(super) fn fault() -> Self {
        Self::told(StatusCode::INTERNAL_SERVER_ERROR, "errors-fault", "")
    }
}

impl From<UseError> for PageError {
    fn from(error: UseError) -> Self {
        match error {
            UseError::Denied(denied) => {
                Self::told(StatusCode::FORBIDDEN, "errors-denied", denied.to_string())
            }
            UseError::NotFound { .. } => Self::not_found(),
            UseError::Invalid(detail) => Self::invalid(detail),
            UseError::Conflict(detail) => {
                Self::told(StatusCode::CONFLICT, "errors-conflict", detail)
            }
            UseError::OutOfScope(refused) => Self::invalid(Detail::Both {
                vi: refused.reason_vi.clone(),
                en: refused.reason_en.clone(),
            }),
            UseError::Query(error) => {
                Self::invalid(Detail::Both { vi: error.vietnamese(), en: error.english() })
            }
            // Not the centre is busy, but somebody guesses.
            UseError::Busy { seconds } if seconds > 30 => Self::too_many(),
            UseError::Busy { .. } => Self::told(StatusCode::SERVICE_UNAVAILABLE, "errors-busy", ""),
            UseError::TooSlow { .. } => {
                Self::told(StatusCode::SERVICE_UNAVAILABLE, "errors-too-slow", "")
            }
            UseError::Store(_)
            | UseError::Lake(_)
            | UseError::Ledger(_)
            | UseError::Index(_)
            | UseError::Fault(_) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, cause, "a page failed");
                Self::fault()
            }
        }
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page cannot be written");
        Self::fault()
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response<Body> {
        let mut response = match &self {
            Self::SignIn(next) => {
                let encoded: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
                return Redirect::to(&format!("/sign-in?next={encoded}")).into_response();
            }
            Self::Elsewhere(place) => return Redirect::to(place).into_response(),
            Self::Told { status, .. } => status.into_response(),
        };
        response.extensions_mut().insert(self);
        response
    }
}

/// There is no such address: as JSON where programs ask.
pub(super) async fn no_page(request: Request) -> Response<Body> {
    if is_of_programs(&request) {
        return api::no_route();
    }
    PageError::not_found().into_response()
}

/// The address does not know the method.
pub(super) async fn no_method() -> Response<Body> {
    PageError::told(StatusCode::METHOD_NOT_ALLOWED, "errors-not-found", "").into_response()
}

fn is_of_programs(request: &Request) -> bool {
    let path = request.uri().path();
    let accept = request.headers().get(axum::http::header::ACCEPT);
    let browses = accept.is_some_and(|accept| accept.to_str().unwrap_or("").contains("text/html"));
    path.starts_with("/api/") || path.starts_with("/v1/") || !browses
}
