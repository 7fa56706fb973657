//! What the centre speaks with the world.
//!
//! In come connections: HTTP with TLS, syslog over UDP, TCP and TLS. Out go answers in the shapes
//! that each protocol's clients expect. This crate knows protocols, JSON shapes and sockets; what
//! a batch, a source or a permission is, and whether something is safe on disk, is for `app`.
//!
//! [`protocol`] says what the protocols of intake mean, as functions over bytes without any I/O.
//! [`intake`] answers requests with it, [`listen`] opens the sockets and closes them in order.
//!
//! To teach the centre another way in over HTTP: a module in [`protocol`] that turns the body into
//! [`protocol::lines::Lines`], a file with the handler in [`intake`], and a line in
//! [`intake::router`]. The REST API is [`api`], which says how an endpoint is added.

pub mod api;
pub mod certificate;
pub mod console;
mod handler;
pub mod intake;
pub mod listen;
pub mod protocol;
pub mod snippets;

use std::sync::Arc;

use axum::Router;
use khien_app::App;

/// Everything that is answered over HTTP. `random` draws the bytes of tokens.
pub fn router(app: Arc<App>, random: api::Random) -> Router {
    let api = api::router(Arc::clone(&app), random);
    intake::router(Arc::clone(&app)).merge(api).merge(console::router(app, random))
}
