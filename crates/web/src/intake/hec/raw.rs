//! `POST /services/collector/raw`: lines of text.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Response};

use super::{Asked, refused, request, take};
use crate::intake::keep::Form;
use crate::intake::{Intake, Peer};
use crate::protocol::hec;

/// Takes lines.
pub(in crate::intake) async fn handle(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let taken = async {
        let request = request(&intake, peer, &headers, asked).await?;
        take(&intake, request, &headers, body, Form::Any, hec::raw).await
    };
    taken.await.unwrap_or_else(refused)
}
