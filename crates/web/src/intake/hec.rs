//! Splunk's HTTP Event Collector: one file an endpoint, and what they share.

pub(super) mod ack;
pub(super) mod event;
pub(super) mod health;
pub(super) mod raw;

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use khien_app::pipeline::receive::Receipt;
use khien_app::registry::Registered;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::keep::{self, Form, NotKept};
use super::sender::Refusal;
use super::{Intake, Peer, answer, body, sender};
use crate::protocol::hec::HecError;
use crate::protocol::hec::acks::{self, Meaning};
use crate::protocol::hec::answer::{Answer, kept};
use crate::protocol::lines::Lines;

/// What the address of a request may say.
#[derive(Deserialize)]
pub(super) struct Asked {
    channel: Option<String>,
}

/// A request whose sender and channel are known.
struct Request {
    source: Arc<Registered>,
    peer: Peer,
    /// The channel, apart from the same of another source.
    channel: Option<String>,
}

fn refused(answered: Answer) -> Response<Body> {
    let response = answer::json(answered.status(), &answered.body());
    if answered.status() == 503 { answer::later(response, 2) } else { response }
}

/// Tells who sends on which channel.
async fn request(
    intake: &Intake,
    peer: Peer,
    headers: &HeaderMap,
    asked: Asked,
) -> Result<Request, Answer> {
    let source = sender::of(&intake.app, peer, headers).await.map_err(|refusal| match refusal {
        Refusal::Missing => Answer::NoToken,
        Refusal::Unreadable => Answer::BadAuthorization,
        Refusal::Token => Answer::BadToken,
        Refusal::Disabled => Answer::Disabled,
        Refusal::Fault => Answer::Busy,
    })?;
    let header = headers.get("x-splunk-request-channel").map(|value| value.to_str());
    let channel = match (header, asked.channel) {
        (Some(header), _) => Some(header.map_err(|_| Answer::BadChannel)?.to_owned()),
        (None, asked) => asked,
    };
    if channel.as_deref().is_some_and(|channel| !acks::is_channel(channel)) {
        return Err(Answer::BadChannel);
    }
    let channel = channel.map(|channel| format!("{}/{channel}", source.source.id));
    Ok(Request { source, peer, channel })
}

/// Reads a body, keeps its events and answers.
async fn take(
    intake: &Arc<Intake>,
    request: Request,
    headers: &HeaderMap,
    body: Body,
    form: Form,
    parse: fn(&[u8]) -> Result<Lines, HecError>,
) -> Result<Response<Body>, Answer> {
    let content = match body::read(&intake.memory, headers, body).await {
        Ok(content) => content,
        Err(body::ReadError::Busy) => return Err(Answer::Busy),
        Err(error) => {
            let body = serde_json::json!({"text": error.to_string(), "code": 6});
            return Ok(answer::json(error.status(), &body));
        }
    };
    let lines = parse(content.bytes()).map_err(Answer::Body)?;
    let Request { source, peer, channel } = request;
    let Some(channel) = channel else {
        let name = keep::name(headers);
        let receipt = keep::batch(&intake.app, source, peer, lines, form, name).await;
        return receipt
            .map(|_| answer::json(200, &kept(None)))
            .or_else(|not_kept| later(&not_kept));
    };
    let hash: [u8; 32] = Sha256::digest(content.bytes()).into();
    drop(content);
    let meaning = lock(intake).begin(&channel, hash);
    match meaning {
        Meaning::Safe(ack) => Ok(answer::json(200, &kept(Some(ack)))),
        Meaning::Same(_) => Err(Answer::Busy),
        Meaning::New(_) => {
            let intake = Arc::clone(intake);
            // What becomes of the batch is noted even if the client goes away.
            let keeping = tokio::spawn(async move {
                let receipt = keep::batch(&intake.app, source, peer, lines, form, None).await;
                note(&intake, &channel, hash, receipt)
            });
            match keeping.await {
                Ok(Ok(ack)) => Ok(answer::json(200, &kept(Some(ack)))),
                Ok(Err(not_kept)) => later(&not_kept),
                Err(_) => Err(Answer::Fault),
            }
        }
    }
}

/// Notes what became of a batch, and answers the number to ask about it by.
fn note(
    intake: &Intake,
    channel: &str,
    hash: acks::BatchHash,
    receipt: Result<Receipt, NotKept>,
) -> Result<u64, NotKept> {
    let mut known = lock(intake);
    match receipt {
        Ok(receipt) => {
            let ack = match receipt {
                Receipt::Kept(number) => number,
                // Kept before the centre was started anew: every earlier number stands for it.
                Receipt::Repeated => intake.last_ack.load(Ordering::Relaxed),
            };
            intake.last_ack.fetch_max(ack, Ordering::Relaxed);
            known.safe(channel, hash, ack);
            Ok(ack)
        }
        Err(not_kept) => {
            known.failed(channel, hash);
            Err(not_kept)
        }
    }
}

fn lock(intake: &Intake) -> std::sync::MutexGuard<'_, acks::Acks> {
    intake.acks.lock().unwrap_or_else(PoisonError::into_inner)
}

fn later(not_kept: &NotKept) -> Result<Response<Body>, Answer> {
    match not_kept {
        NotKept::TooLarge => {
            Err(Answer::Body(HecError::TooLarge(crate::protocol::lines::TooLarge)))
        }
        NotKept::Later(seconds) => {
            let busy = answer::json(Answer::Busy.status(), &Answer::Busy.body());
            Ok(answer::later(busy, *seconds))
        }
    }
}
