//! `/account`: one's own account.

pub(super) mod authenticator;
pub(super) mod page;
pub(super) mod passkey;
pub(super) mod password;
pub(super) mod sessions;

use axum::body::Body;
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};

/// Back to the page, which says what was done.
fn back(done: &str) -> Response<Body> {
    Redirect::to(&format!("/account?done={done}")).into_response()
}
