//! `POST /account/password`

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::own_account;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::posted::{Posted, PostedBeginning};

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    PostedBeginning(Posted { visiting, fields }): PostedBeginning,
) -> Result<Response<Body>, PageError> {
    let (old, new) = (fields.text("old"), fields.text("new"));
    if new != fields.text("again") {
        return Err(PageError::invalid("the two passwords differ"));
    }
    let (app, random, origin) = (&console.app, console.random, visiting.origin());
    own_account::change_password(app, random, &visiting.visit, origin, old, new).await?;
    Ok(super::back("password"))
}
