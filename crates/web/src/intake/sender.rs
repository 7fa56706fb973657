//! Who sends a request: the source of its token, or of the connection's certificate.
//!
//! A request of nobody is refused and counted by its address; the reason is a word for figures and
//! never repeats what was sent.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use khien_app::App;
use khien_app::access::AccessError;
use khien_app::registry::Registered;

use super::Peer;
use crate::protocol::credential;

/// The listener's name in figures.
const LISTENER: &str = "http";

/// Why a request has no sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It bears neither token nor certificate.
    Missing,
    /// What it bears as authorization cannot be read.
    Unreadable,
    /// The token is nobody's, any more or yet.
    Token,
    /// The token or certificate is of a source that is switched off.
    Disabled,
    /// It cannot be found out now.
    Fault,
}

impl Refusal {
    /// Status of an answer for it.
    pub(super) fn status(self) -> u16 {
        match self {
            Self::Missing | Self::Unreadable | Self::Token => 401,
            Self::Disabled => 403,
            Self::Fault => 503,
        }
    }

    /// What to tell the client.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::Missing => "a token of a source is needed: Authorization: Bearer khien_src_…",
            Self::Unreadable => "the Authorization header bears no token that can be read",
            Self::Token => "the token is not known, has expired or was revoked",
            Self::Disabled => "the source is disabled",
            Self::Fault => "tokens cannot be looked up now",
        }
    }
}

/// The source that sends a request.
pub(super) async fn of(
    app: &App,
    peer: Peer,
    headers: &HeaderMap,
) -> Result<Arc<Registered>, Refusal> {
    let found = find(app, peer, headers).await;
    if let Err(refusal) = found {
        let reason = match refusal {
            Refusal::Missing => "no_token",
            Refusal::Unreadable => "unreadable_token",
            Refusal::Token => "unknown_token",
            Refusal::Disabled => "disabled_source",
            Refusal::Fault => return found,
        };
        app.figures().refused(peer.address, LISTENER, reason);
    }
    found
}

async fn find(app: &App, peer: Peer, headers: &HeaderMap) -> Result<Arc<Registered>, Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        let certificate = peer.certificate.ok_or(Refusal::Missing)?;
        return app.registry().by_certificate(certificate).ok_or(Refusal::Missing);
    };
    let token = header.to_str().ok().and_then(credential::token).ok_or(Refusal::Unreadable)?;
    app.source_of_token(&token).await.map_err(|error| match error {
        AccessError::Disabled => Refusal::Disabled,
        AccessError::Store(error) => {
            tracing::error!(%error, "a token cannot be looked up");
            Refusal::Fault
        }
        _ => Refusal::Token,
    })
}
