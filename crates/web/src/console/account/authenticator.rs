//! `/account/authenticator`: setting up an authenticator, recovery codes.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use khien_app::use_case::UseError;
use khien_app::use_case::own_account;
use qrcode::QrCode;
use qrcode::types::Color;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Posted, PostedBeginning};
use crate::console::visit::{Beginning, Visiting};

/// The page on which an authenticator is set up.
#[derive(Template)]
#[template(path = "console/account/authenticator.html")]
struct Page {
    f: Frame,
    secret: String,
    /// Sides of the drawn code, in squares.
    side: usize,
    /// Its dark squares as a path.
    path: String,
    is_needed: bool,
    /// Whether it is not enough: the role needs a passkey.
    needs_passkey: bool,
    wrong: Option<String>,
}

/// The page that shows recovery codes, once.
#[derive(Template)]
#[template(path = "console/account/codes.html")]
struct Codes {
    f: Frame,
    codes: Vec<String>,
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    let made = own_account::begin_authenticator(&console.app, console.random, &visiting.visit)?;
    let f = Frame::of(console, visiting, Room::Account).await?;
    let (side, path) = squares(&made.address).ok_or_else(PageError::fault)?;
    let secret: Vec<&str> = (0..made.secret.len())
        .step_by(4)
        .filter_map(|at| made.secret.get(at..(at + 4).min(made.secret.len())))
        .collect();
    let page = Page {
        secret: secret.join(" "),
        side,
        path,
        is_needed: own_account::needs_second_factor(&console.app, &visiting.visit),
        needs_passkey: own_account::needs_passkey(&console.app, &visiting.visit.person),
        wrong: wrong.map(|wrong| f.told(wrong)),
        f,
    };
    let mut response = frame::page(&page)?;
    if wrong.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

/// The dark squares of a code that phones read, as a path over a canvas of squares.
fn squares(text: &str) -> Option<(usize, String)> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", at % width + 4, at / width + 4));
        }
    }
    Some((width + 8, path))
}

/// `GET`
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    Beginning(visiting): Beginning,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, None).await
}

/// `POST`: the first code proves that the authenticator has the secret.
pub(in crate::console) async fn set(
    State(console): State<Arc<Console>>,
    PostedBeginning(Posted { visiting, fields }): PostedBeginning,
) -> Result<Response<Body>, PageError> {
    let (app, random, origin) = (&console.app, console.random, visiting.origin());
    let code = fields.text("code");
    match own_account::end_authenticator(app, random, &visiting.visit, origin, code).await {
        Ok(codes) => show(&console, &visiting, codes).await,
        Err(UseError::Invalid(wrong)) => draw(&console, &visiting, Some(&wrong)).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST /account/authenticator/remove`
pub(in crate::console) async fn remove(
    State(console): State<Arc<Console>>,
    PostedBeginning(Posted { visiting, fields }): PostedBeginning,
) -> Result<Response<Body>, PageError> {
    let (app, password) = (&console.app, fields.text("password"));
    own_account::remove_authenticator(app, &visiting.visit, visiting.origin(), password).await?;
    Ok(super::back("authenticator-removed"))
}

/// `POST /account/recovery`
pub(in crate::console) async fn renew(
    State(console): State<Arc<Console>>,
    PostedBeginning(Posted { visiting, fields }): PostedBeginning,
) -> Result<Response<Body>, PageError> {
    let (app, random, origin) = (&console.app, console.random, visiting.origin());
    let password = fields.text("password");
    let codes =
        own_account::renew_recovery_codes(app, random, &visiting.visit, origin, password).await?;
    show(&console, &visiting, codes).await
}

async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    codes: Vec<String>,
) -> Result<Response<Body>, PageError> {
    frame::page(&Codes { f: Frame::of(console, visiting, Room::Account).await?, codes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_with_a_quiet_border() {
        let (side, path) = squares("otpauth://totp/Khien:an?secret=ABC").unwrap();
        assert!(side >= 21 + 8 && path.starts_with("M4 4h1v1h-1z"), "{side} {path}");
    }
}
