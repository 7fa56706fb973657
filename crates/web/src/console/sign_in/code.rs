//! `/sign-in/code`: the second factor.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use khien_app::use_case::own_account;
use khien_app::use_case::sign_in::{self, Place, SignInError};

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame};
use crate::console::look::local;
use crate::console::posted::{Posted, PostedHalfWay};
use crate::console::visit::{HalfWay, Visiting};

/// The page.
#[derive(Template)]
#[template(path = "console/sign_in/code.html")]
struct Page {
    f: Frame,
    next: String,
    name: String,
    has_totp: bool,
    has_passkey: bool,
    /// Whether a code of the authenticator is not taken.
    by_passkey_alone: bool,
    wrong: Option<String>,
}

fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    next: &str,
    wrong: Option<&SignInError>,
) -> Result<Response<Body>, PageError> {
    let mut f = Frame::bare(console, &visiting.wish);
    f.mark.clone_from(&visiting.mark);
    let status = wrong.map_or(StatusCode::OK, super::status);
    let wrong = wrong.map(|error| match error {
        SignInError::Wait { .. } => super::words(&f, error),
        _ => f.t("account-wrong-code"),
    });
    let person = &visiting.visit.person;
    let page = Page {
        next: local(next).to_owned(),
        name: person.about.name.to_string(),
        has_totp: person.has_totp,
        has_passkey: person.passkeys > 0,
        by_passkey_alone: person.passkeys > 0 && own_account::needs_passkey(&console.app, person),
        wrong,
        f,
    };
    let mut response = frame::page(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// `GET`
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    HalfWay(visiting): HalfWay,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, asked.text("next"), None)
}

/// `POST`
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    PostedHalfWay(Posted { visiting, fields }): PostedHalfWay,
) -> Result<Response<Body>, PageError> {
    let session = &visiting.visit.session;
    let place = Place { origin: visiting.origin().to_owned(), browser: session.browser.clone() };
    let (code, next) = (fields.text("code"), fields.text("next"));
    let entered =
        sign_in::by_code(&console.app, console.random, &visiting.visit, code, &place).await;
    match entered {
        Ok(entered) => Ok(super::enter(&console, &entered, next)),
        Err(SignInError::Use(error)) => Err(error.into()),
        Err(error) => draw(&console, &visiting, next, Some(&error)),
    }
}
