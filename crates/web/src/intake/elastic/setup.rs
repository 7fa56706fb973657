//! Templates, policies, pipelines, data streams: what shippers ask for and put before they send.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};

use super::{json, refused};
use crate::intake::{Intake, Peer, sender};
use crate::protocol::elastic::cluster;

/// Any method on `/{kind}/{name}`: what is asked for is there, what is put is acknowledged.
pub(in crate::intake) async fn handle(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    if let Err(refusal) = sender::of(&intake.app, peer, &headers).await {
        return refused(&headers, refusal);
    }
    if method == Method::GET || method == Method::HEAD {
        let path = uri.path().trim_start_matches('/');
        let (kind, name) = path.rsplit_once('/').unwrap_or((path, ""));
        json(&headers, &cluster::resource(kind, name))
    } else {
        json(&headers, &cluster::acknowledged())
    }
}
