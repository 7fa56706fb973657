//! `GET /sign-in`

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Wish};
use crate::console::look::local;
use crate::console::posted::Fields;
use crate::console::visit;
use khien_domain::account::Step;

/// Answers. Whoever is in goes on.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    request: Request,
) -> Result<Response<Body>, PageError> {
    let wish = Wish::of(&console, &request);
    let (parts, _) = request.into_parts();
    let asked = Fields::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let next = local(asked.text("next")).to_owned();
    if let Some(visiting) = visit::found(&parts, &console).await?
        && visiting.visit.session.step == Step::Full
    {
        return Ok(Redirect::to(&next).into_response());
    }
    super::draw(Frame::bare(&console, &wish), &next, "", None)
}
