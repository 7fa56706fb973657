//! The doors: `/sign-in` and what belongs to it.

pub(super) mod code;
pub(super) mod invitation;
pub(super) mod out;
pub(super) mod page;
pub(super) mod passkey;
pub(super) mod password;

use askama::Template;
use axum::body::Body;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::sign_in::{Entered, SignInError};
use khien_domain::account::Step;

use super::Console;
use super::cookie;
use super::error::PageError;
use super::frame::{self, Frame};
use super::look::local;

/// The page on which somebody signs in.
#[derive(Template)]
#[template(path = "console/sign_in/page.html")]
struct Page {
    f: Frame,
    /// Where to go afterwards.
    next: String,
    /// The name that was typed.
    name: String,
    /// What went wrong.
    wrong: Option<String>,
}

/// Draws the page, after an attempt with what went wrong.
fn draw(
    f: Frame,
    next: &str,
    name: &str,
    wrong: Option<&SignInError>,
) -> Result<Response<Body>, PageError> {
    let status = wrong.map_or(StatusCode::OK, status);
    let wrong = wrong.map(|error| words(&f, error));
    let page = Page { next: local(next).to_owned(), name: name.to_owned(), wrong, f };
    let mut response = frame::page(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// What went wrong, in words.
fn words(f: &Frame, error: &SignInError) -> String {
    match error {
        SignInError::Wait { seconds } => {
            f.v("account-wait", "span", f.span(&jiff::SignedDuration::from_secs((*seconds).into())))
        }
        SignInError::Wrong | SignInError::Use(_) => f.t("account-wrong"),
    }
}

fn status(error: &SignInError) -> StatusCode {
    match error {
        SignInError::Wrong => StatusCode::UNAUTHORIZED,
        SignInError::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
        SignInError::Use(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Lets somebody in: the cookie, and on to where they wanted.
fn enter(console: &Console, entered: &Entered, next: &str) -> Response<Body> {
    let next = match entered.step {
        Step::Full => local(next).to_owned(),
        Step::Password => {
            let next: String = form_urlencoded::byte_serialize(local(next).as_bytes()).collect();
            format!("/sign-in/code?next={next}")
        }
    };
    let response = Redirect::to(&next).into_response();
    with_cookie(response, &cookie::set_session(&entered.text, console.is_secure))
}

fn with_cookie(mut response: Response<Body>, cookie: &str) -> Response<Body> {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
