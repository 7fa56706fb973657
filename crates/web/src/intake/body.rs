//! Bodies of requests, read within bounds.
//!
//! All bodies together take no more than [`MEMORY_KIB`]: a request waits a moment for its share
//! and is then sent away, so that many large bodies at once do not take the machine's memory.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::protocol::body::{BodyError, unpack};

/// The largest body, as it is sent and unpacked.
pub(super) const MAX_BYTES: usize = 32 << 20;
/// Memory for all bodies at once, in KiB.
pub(super) const MEMORY_KIB: usize = 256 << 10;
/// How long a request waits for its share of the memory.
const SHARE_WAIT: Duration = Duration::from_secs(2);
/// How long a client may leave the body it is sending.
const PAUSE: Duration = Duration::from_secs(30);
/// What a compressed body is reckoned to unpack to, in times of its length.
const UNPACKED: usize = 12;

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// It is too large, or its encoding is at fault.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// Too many bodies are being read.
    #[error("too many large requests at once; send it again")]
    Busy,
    /// The client stopped sending.
    #[error("the body ended early")]
    Torn,
}

impl ReadError {
    /// Status of an answer for it.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Body(BodyError::TooLarge { .. }) => 413,
            Self::Body(BodyError::Encoding(_)) => 415,
            Self::Busy => 503,
            Self::Body(BodyError::Damaged(_)) | Self::Torn => 400,
        }
    }
}

/// A body with its share of the memory.
pub(super) struct Content {
    bytes: Vec<u8>,
    share: OwnedSemaphorePermit,
}

impl Content {
    /// What was sent, unpacked, and its share of the memory.
    pub(super) fn into_parts(self) -> (Vec<u8>, OwnedSemaphorePermit) {
        (self.bytes, self.share)
    }

    /// What was sent, unpacked.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a body and unpacks it.
pub(super) async fn read(
    memory: &Arc<Semaphore>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Content, ReadError> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let length = text(CONTENT_LENGTH).and_then(|length| length.trim().parse().ok());
    let length: usize = length.unwrap_or(MAX_BYTES);
    if length > MAX_BYTES {
        return Err(BodyError::TooLarge { limit: MAX_BYTES }.into());
    }
    let encoding = text(CONTENT_ENCODING);
    let reckoned = if encoding.is_some() { (length * UNPACKED).min(MAX_BYTES) } else { 0 };
    let kib = (length + reckoned).div_ceil(1024) as u32;
    let share = timeout(SHARE_WAIT, Arc::clone(memory).acquire_many_owned(kib)).await;
    let share = share.map_err(|_| ReadError::Busy)?.map_err(|_| ReadError::Busy)?;
    let sent = collect(body, length).await?;
    let bytes = match unpack(&sent, encoding, MAX_BYTES)? {
        std::borrow::Cow::Owned(unpacked) => unpacked,
        std::borrow::Cow::Borrowed(_) => sent,
    };
    Ok(Content { bytes, share })
}

async fn collect(mut body: Body, length: usize) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::with_capacity(length.min(1 << 20));
    loop {
        let frame = timeout(PAUSE, body.frame()).await.map_err(|_| ReadError::Torn)?;
        let Some(frame) = frame else { return Ok(bytes) };
        let frame = frame.map_err(|_| ReadError::Torn)?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > MAX_BYTES {
                return Err(BodyError::TooLarge { limit: MAX_BYTES }.into());
            }
            bytes.extend_from_slice(&data);
        }
    }
}
