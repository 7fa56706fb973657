//! `/invitation/{text}`: whoever was invited sets their password.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::own_account;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Wish};
use crate::console::posted::PostedByNobody;

/// The page.
#[derive(Template)]
#[template(path = "console/sign_in/invitation.html")]
struct Page {
    f: Frame,
    text: String,
    called: String,
    name: String,
    role: String,
    least: String,
    wrong: Option<String>,
}

async fn draw(
    console: &Arc<Console>,
    wish: &Wish,
    text: &str,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    let person = own_account::invited(&console.app, text).await?;
    let person = person.ok_or_else(PageError::not_found)?;
    let f = Frame::bare(console, wish);
    let page = Page {
        text: text.to_owned(),
        called: person.about.called.clone(),
        name: person.about.name.to_string(),
        role: f.word("role", person.about.role.name()),
        least: f.count(console.app.doors().pack.password_min as u64),
        wrong: wrong.map(|wrong| f.told(wrong)),
        f,
    };
    let mut response = frame::page(&page)?;
    if wrong.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

/// `GET`
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    request: Request,
) -> Result<Response<Body>, PageError> {
    draw(&console, &Wish::of(&console, &request), &text, None).await
}

/// `POST`
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    request: Request,
) -> Result<Response<Body>, PageError> {
    let wish = Wish::of(&console, &request);
    let PostedByNobody { place, fields, .. } =
        PostedByNobody::from_request(request, &console).await?;
    let password = fields.text("password");
    if password != fields.text("again") {
        let wrong = Some("the two passwords differ");
        return draw(&console, &wish, &text, wrong).await;
    }
    let (app, random) = (&console.app, console.random);
    match own_account::accept_invitation(app, random, &text, password, &place).await {
        Ok(_) => Ok(Redirect::to("/sign-in?done=password").into_response()),
        Err(UseError::Invalid(wrong)) => draw(&console, &wish, &text, Some(&wrong)).await,
        Err(error) => Err(error.into()),
    }
}
