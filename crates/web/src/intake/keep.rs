//! Keeping what a request brought: one batch, on disk before anything is answered.

use std::sync::Arc;

use axum::http::HeaderMap;
use khien_app::App;
use khien_app::pipeline::Meta;
use khien_app::pipeline::receive::{Incoming, Receipt, ReceiveError, Repeats};
use khien_app::registry::Registered;

use super::Peer;
use crate::protocol::lines::Lines;

/// The longest name of a batch.
const MAX_NAME_BYTES: usize = 255;

/// How the lines of a batch are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Objects of JSON.
    Json,
    /// Whatever their content tells.
    Any,
}

/// Why a batch was not kept.
#[derive(Debug)]
pub(super) enum NotKept {
    /// It should be sent again after so many seconds.
    Later(u32),
    /// It is larger than any batch.
    TooLarge,
}

/// Keeps a batch. It is kept to the end even if the client goes away.
pub(super) async fn batch(
    app: &Arc<App>,
    source: Arc<Registered>,
    peer: Peer,
    lines: Lines,
    form: Form,
    name: Option<String>,
) -> Result<Receipt, NotKept> {
    let (payload, events) = lines.into_parts();
    let format = match form {
        Form::Json => Some("json".to_owned()),
        Form::Any => None,
    };
    let meta = Meta { format, origin: peer.address.to_string(), ..Meta::default() };
    let repeats = Repeats::by(name);
    app.receive(Incoming { source, payload, meta, repeats, events }).await.map_err(|error| {
        match error {
            ReceiveError::Busy { seconds } => NotKept::Later(seconds),
            ReceiveError::TooLarge { .. } => NotKept::TooLarge,
            ReceiveError::Stopping => NotKept::Later(5),
            ReceiveError::Disk { .. } => NotKept::Later(10),
        }
    })
}

/// What the client calls the batch, if it says so.
pub(super) fn name(headers: &HeaderMap) -> Option<String> {
    let name = headers.get("idempotency-key")?.to_str().ok()?.trim();
    (1..=MAX_NAME_BYTES).contains(&name.len()).then(|| format!("key/{name}"))
}
