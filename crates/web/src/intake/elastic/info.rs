//! What clients ask before they send: `GET` of `/`, `/_license`, `/_xpack`, `/_cluster/health`.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, Response};
use axum::response::{IntoResponse, Redirect};
use serde_json::Value;

use super::{json, refused};
use crate::intake::{Intake, Peer, sender};
use crate::protocol::elastic::cluster;

/// What stands for the cluster's id; clients only compare it.
const CLUSTER: &str = "khien00000000000000000";

/// `GET /`: who answers. A browser is sent to the console.
pub(in crate::intake) async fn handle(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Response<Body> {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/html") {
        return Redirect::to("/overview").into_response();
    }
    tell(&intake, peer, &headers, &cluster::info(CLUSTER)).await
}

/// `GET /_license`.
pub(in crate::intake) async fn license(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Response<Body> {
    tell(&intake, peer, &headers, &cluster::license(CLUSTER)).await
}

/// `GET /_xpack`.
pub(in crate::intake) async fn xpack(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Response<Body> {
    tell(&intake, peer, &headers, &cluster::xpack(CLUSTER)).await
}

/// `GET /_cluster/health`.
pub(in crate::intake) async fn health(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Response<Body> {
    tell(&intake, peer, &headers, &cluster::health()).await
}

async fn tell(intake: &Intake, peer: Peer, headers: &HeaderMap, body: &Value) -> Response<Body> {
    match sender::of(&intake.app, peer, headers).await {
        Ok(_) => json(headers, body),
        Err(refusal) => refused(headers, refusal),
    }
}
