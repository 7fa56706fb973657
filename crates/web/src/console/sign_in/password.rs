//! `POST /sign-in`: by name and password.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request, State};
use axum::http::Response;
use khien_app::use_case::sign_in;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Wish};
use crate::console::posted::PostedByNobody;

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    request: Request,
) -> Result<Response<Body>, PageError> {
    let wish = Wish::of(&console, &request);
    let PostedByNobody { place, fields, .. } =
        PostedByNobody::from_request(request, &console).await?;
    let (name, password, next) =
        (fields.text("name"), fields.text("password"), fields.text("next"));
    let entered = sign_in::by_password(&console.app, console.random, name, password, &place).await;
    match entered {
        Ok(entered) => Ok(super::enter(&console, &entered, next)),
        Err(error) => {
            if let sign_in::SignInError::Use(error) = error {
                return Err(error.into());
            }
            super::draw(Frame::bare(&console, &wish), next, name, Some(&error))
        }
    }
}
