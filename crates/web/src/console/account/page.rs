//! `GET /account`

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::own_account::{self, OwnAccount};
use khien_domain::account::Person;
use khien_domain::ids::SessionId;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::visit::Beginning;

/// The page.
#[derive(Template)]
#[template(path = "console/account/page.html")]
struct Page {
    f: Frame,
    person: Person,
    account: OwnAccount,
    this: SessionId,
    least: String,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Beginning(visiting): Beginning,
) -> Result<Response<Body>, PageError> {
    let account = own_account::get(&console.app, &visiting.visit).await?;
    let f = Frame::of(&console, &visiting, Room::Account).await?;
    frame::page(&Page {
        person: visiting.visit.person.clone(),
        account,
        this: visiting.visit.session.id,
        least: f.count(console.app.doors().pack.password_min as u64),
        f,
    })
}
