//! Who asks: the bearer of a token of the API.

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

impl FromRequestParts<Arc<Api>> for Asking {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, ApiError> {
        let peer = parts.extensions.get::<Peer>().copied();
        let found = caller(parts, api, peer).await;
        if let (Err((reason, _)), Some(peer)) = (&found, peer)
            && !reason.is_empty()
        {
            api.app.figures().refused(peer.address, LISTENER, reason);
        }
        found.map(Self).map_err(|(_, error)| error)
    }
}

/// The caller, or the reason why there is none in a word for figures, and the answer.
async fn caller(
    parts: &Parts,
    api: &Api,
    peer: Option<Peer>,
) -> Result<Caller, (&'static str, ApiError)> {
    let needed = "a token is needed: Authorization: Bearer khien_api_…";
    let Some(header) = parts.headers.get(AUTHORIZATION) else {
        return Err(("no_token", ApiError::unauthorized(needed)));
    };
    let Some(token) = header.to_str().ok().and_then(credential::token) else {
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
