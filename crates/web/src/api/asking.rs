//! Who asks: the bearer of a token of the API.
//!
//! The API takes `Bearer` only. Browsers remember what somebody typed as a password and send it
//! along with requests that other sites make them send; so that form of a token opens nothing but
//! the page that is meant for browsers.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use khien_app::access::{AccessError, Caller};

use super::Api;
use super::error::ApiError;
use crate::intake::Peer;
use crate::protocol::credential;

/// The listener's name in figures.
const LISTENER: &str = "api";

/// Whoever asks has proved who they are. What they may is for the use case.
pub(super) struct Asking(pub(super) Caller);

/// The same for a page: the token may also be the password of any name.
pub(super) struct Browsing(pub(super) Caller);

impl FromRequestParts<Arc<Api>> for Asking {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, ApiError> {
        counted(parts, api, false).await.map(Self)
    }
}

impl FromRequestParts<Arc<Api>> for Browsing {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, ApiError> {
        counted(parts, api, true).await.map(Self)
    }
}

/// The caller; who is nobody is counted by address.
async fn counted(parts: &Parts, api: &Api, may_browse: bool) -> Result<Caller, ApiError> {
    let peer = parts.extensions.get::<Peer>().copied();
    let found = caller(parts, api, peer, may_browse).await;
    if let (Err((reason, _)), Some(peer)) = (&found, peer)
        && !reason.is_empty()
    {
        api.app.figures().refused(peer.address, LISTENER, reason);
    }
    found.map_err(|(_, error)| error)
}

/// The token of a header. `Basic` is for browsers.
fn token(header: &str, may_browse: bool) -> Option<Cow<'_, str>> {
    let scheme = header.trim().split(' ').next().unwrap_or_default();
    let allowed = scheme.eq_ignore_ascii_case("bearer")
        || (may_browse && scheme.eq_ignore_ascii_case("basic"));
    allowed.then(|| credential::token(header)).flatten()
}

/// The caller, or the reason why there is none in a word for figures, and the answer.
async fn caller(
    parts: &Parts,
    api: &Api,
    peer: Option<Peer>,
    may_browse: bool,
) -> Result<Caller, (&'static str, ApiError)> {
    let needed = "a token is needed: Authorization: Bearer khien_api_…";
    let Some(header) = parts.headers.get(AUTHORIZATION) else {
        return Err(("no_token", ApiError::unauthorized(needed)));
    };
    let token = header.to_str().ok().and_then(|header| token(header, may_browse));
    let Some(token) = token else {
        return Err(("unreadable_token", ApiError::unauthorized(needed)));
    };
    let actor = api.app.actor_of_token(&token).await.map_err(|error| match error {
        AccessError::Store(error) => {
            tracing::error!(%error, "a token cannot be looked up");
            ("", ApiError::fault())
        }
        AccessError::Kind(_) => ("token_of_a_source", ApiError::unauthorized(error.to_string())),
        // Whether a token was ever known is nobody's business.
        _ => {
            let reason = "the token is not known, has expired or was revoked";
            ("unknown_token", ApiError::unauthorized(reason))
        }
    })?;
    let origin = peer.map_or_else(String::new, |peer| peer.address.to_string());
    Ok(Caller { actor, origin })
}
