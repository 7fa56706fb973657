//! `POST /services/collector/ack`: whether batches of a channel are safe.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Response};
use serde::Deserialize;
use serde_json::json;

use super::{Asked, lock, refused, request};
use crate::intake::{Intake, Peer, answer, body};
use crate::protocol::hec::HecError;
use crate::protocol::hec::answer::Answer;

/// Numbers that one request may ask about.
const MAX_ACKS: usize = 10_000;

#[derive(Deserialize)]
struct Question {
    acks: Vec<u64>,
}

/// Tells which batches are safe. Every number that a client has seen is of one that is; numbers
/// of an earlier run are, too.
pub(in crate::intake) async fn handle(
    State(intake): State<Arc<Intake>>,
    Extension(peer): Extension<Peer>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let told = async {
        let request = request(&intake, peer, &headers, asked).await?;
        let channel = request.channel.ok_or(Answer::NoChannel)?;
        let malformed = Answer::Body(HecError::Format(0));
        let content = body::read(&intake.memory, &headers, body).await.map_err(|_| malformed)?;
        let question: Question = serde_json::from_slice(content.bytes()).map_err(|_| malformed)?;
        if question.acks.len() > MAX_ACKS {
            return Err(malformed);
        }
        let last = match intake.last_ack.load(Ordering::Relaxed) {
            0 => u64::MAX,
            last => last,
        };
        let mut known = lock(&intake);
        let acks: BTreeMap<String, bool> = question
            .acks
            .into_iter()
            .map(|ack| (ack.to_string(), known.told(&channel, ack, last)))
            .collect();
        Ok(answer::json(200, &json!({"acks": acks})))
    };
    told.await.unwrap_or_else(refused)
}
