//! A source's token, shown this once, with settings for the machine that sends.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::http::Response;
use khien_app::use_case::register::WithToken;
use khien_domain::source::Source;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::visit::Visiting;
use crate::snippets::{SOME_TOKEN, Snippet, Target, ready};

/// The page.
#[derive(Template)]
#[template(path = "console/sources/token.html")]
struct Page {
    f: Frame,
    source: Source,
    token: String,
    expires_at: jiff::Timestamp,
    snippets: Vec<Snippet>,
    is_new: bool,
}

/// Draws it.
pub(super) async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    made: WithToken,
    is_new: bool,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Sources).await?;
    let token = made.token.reveal().to_owned();
    let snippets = of_source(console, &made.source, visiting, &token);
    let (source, expires_at) = (made.source, made.expires_at);
    frame::page(&Page { f, source, token, expires_at, snippets, is_new })
}

/// Settings for a source's machine without the token, which is not known any more.
pub(super) fn without_token(
    console: &Console,
    source: &Source,
    visiting: &Visiting,
) -> Vec<Snippet> {
    of_source(console, source, visiting, SOME_TOKEN)
}

fn of_source(console: &Console, source: &Source, visiting: &Visiting, token: &str) -> Vec<Snippet> {
    let mut server = console.app.config.server.clone();
    // A centre on a port of the system's choice knows it from those who reach it.
    if let (0, Some(port)) = (server.http.port(), visiting.port()) {
        server.http.set_port(port);
    }
    let to = Target { host: visiting.site(), server: &server, token };
    ready(source.kind, &source.settings.networks, to)
}
