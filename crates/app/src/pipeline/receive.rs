//! The first step: what a source sends is on disk before anybody says «thank you».
//!
//! In comes a batch of a source that has proved who it is; out comes a receipt once the journal
//! has it. A batch that its client repeats is answered like the first time and kept once: known by
//! the client's name for it, or, for batches that were kept shortly before the centre stopped
//! without warning, by its content.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use khien_store::Store;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::Pipeline;
use super::meta::Meta;
use crate::journal::{Batch, BatchKey, JournalError, NewBatch, SourceKey};
use crate::registry::Registered;

/// No batch is larger; a larger file comes in parts.
pub const MAX_BATCH_BYTES: usize = 32 << 20;
/// For so long after a start, a batch that came shortly before the stop is known by its content.
const UNANSWERED_FOR: SignedDuration = SignedDuration::from_mins(15);

/// What a source hands in.
pub struct Incoming {
    /// Who sends it.
    pub source: Arc<Registered>,
    /// The bytes.
    pub payload: Vec<u8>,
    /// How they are to be read.
    pub meta: Meta,
    /// How the batch is known if it is sent again.
    pub repeats: Repeats,
    /// How many events it seems to hold, for the source's rate.
    pub events: u64,
}

/// How a batch is known that its client sends again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// By what the client calls it: the same name is the same batch.
    Named(String),
    /// By its content, if the centre stopped before the client could hear that it was kept.
    Unnamed,
    /// The client waits for no answer and sends nothing again: the same content is another batch.
    Never,
}

impl Repeats {
    /// By a name, if there is one.
    pub fn by(name: Option<String>) -> Self {
        name.map_or(Self::Unnamed, Self::Named)
    }
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It is on disk, under this number.
    Kept(u64),
    /// It was already kept.
    Repeated,
}

/// Why a batch was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// Too much is under way; the client should come again.
    #[error("too busy; send it again in {seconds} s")]
    Busy {
        /// When to come again.
        seconds: u32,
    },
    /// More than [`MAX_BATCH_BYTES`].
    #[error("a batch has at most {MAX_BATCH_BYTES} bytes; this one has {bytes}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The disk did not take it, or has too little room left.
    #[error("the disk does not take it: {reason}")]
    Disk {
        /// What the disk says.
        reason: String,
    },
    /// The centre is stopping.
    #[error("the centre is stopping")]
    Stopping,
}

/// The batches in the journal that are known by their names. What has left the journal is known to
/// the store.
#[derive(Default)]
pub(crate) struct Known {
    state: Mutex<KnownState>,
}

#[derive(Default)]
struct KnownState {
    /// `None` while the batch is being kept.
    named: FxHashMap<BatchKey, Option<u64>>,
    unanswered: FxHashMap<BatchKey, u64>,
    unanswered_until: Option<Timestamp>,
}

/// The key of a batch that its client names.
pub(crate) fn key_of_name(source: SourceKey, name: &str) -> BatchKey {
    key(b"name", source, name.as_bytes())
}

fn key_of_content(source: SourceKey, payload: &[u8]) -> BatchKey {
    key(b"content", source, payload)
}

fn key(kind: &[u8], source: SourceKey, bytes: &[u8]) -> BatchKey {
    let digest = Sha256::new()
        .chain_update(kind)
        .chain_update(source.0.to_le_bytes())
        .chain_update(bytes)
        .finalize();
    let mut key = [0; 16];
    key.iter_mut().zip(digest).for_each(|(byte, from)| *byte = from);
    BatchKey(key)
}

/// What [`Known::begin`] found.
enum Begun {
    New,
    Kept,
    UnderWay,
}

impl Known {
    /// Remembers what was kept before the start.
    pub(crate) fn recall(
        &self,
        named: impl IntoIterator<Item = (BatchKey, u64)>,
        unanswered: &[Batch],
        now: Timestamp,
    ) {
        let mut state = self.lock();
        state.named.extend(named.into_iter().map(|(key, number)| (key, Some(number))));
        for batch in unanswered.iter().filter(|batch| batch.key.is_none()) {
            let key = key_of_content(batch.source, &batch.payload);
            state.unanswered.insert(key, batch.number);
        }
        state.unanswered_until = now.checked_add(UNANSWERED_FOR).ok();
    }

    /// Forgets names of batches that no client repeats any more.
    pub(crate) fn forget(&self, keys: &[BatchKey]) {
        let mut state = self.lock();
        for key in keys {
            state.named.remove(key);
        }
    }

    fn begin(&self, key: BatchKey) -> Begun {
        let mut state = self.lock();
        match state.named.get(&key) {
            Some(Some(_)) => Begun::Kept,
            Some(None) => Begun::UnderWay,
            None => {
                state.named.insert(key, None);
                Begun::New
            }
        }
    }

    fn end(&self, key: Option<BatchKey>, number: Option<u64>) {
        let Some(key) = key else { return };
        let mut state = self.lock();
        match number {
            Some(number) => state.named.insert(key, Some(number)),
            None => state.named.remove(&key),
        };
    }

    /// Whether the batch was kept shortly before the start and is now repeated. Each counts once.
    fn was_unanswered(&self, source: SourceKey, payload: &[u8], now: Timestamp) -> bool {
        let mut state = self.lock();
        if state.unanswered.is_empty() {
            return false;
        }
        if state.unanswered_until.is_none_or(|until| now > until) {
            state.unanswered.clear();
            return false;
        }
        drop(state);
        // Hashing a large batch takes its time; nobody waits for it.
        let key = key_of_content(source, payload);
        self.lock().unanswered.remove(&key).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, KnownState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a batch in. When this answers `Ok`, the batch is on disk. When the caller goes away before,
/// the batch may be kept all the same, and is then known by its name.
pub(crate) async fn receive(
    pipeline: &Arc<Pipeline>,
    store: &Store,
    incoming: Incoming,
    now: Timestamp,
) -> Result<Receipt, ReceiveError> {
    let Incoming { source, payload, meta, repeats, events } = incoming;
    let bytes = payload.len();
    if bytes > MAX_BATCH_BYTES {
        return Err(ReceiveError::TooLarge { bytes });
    }
    source.admit(now).map_err(|wait| ReceiveError::Busy { seconds: wait.0 })?;
    let source_key = SourceKey(source.source.id.0);
    let key = match &repeats {
        Repeats::Named(name) => Some(key_of_name(source_key, name)),
        Repeats::Unnamed | Repeats::Never => None,
    };
    let known = &pipeline.known;
    match key.map(|key| known.begin(key)) {
        Some(Begun::Kept) => return Ok(Receipt::Repeated),
        Some(Begun::UnderWay) => return Err(ReceiveError::Busy { seconds: 1 }),
        Some(Begun::New) | None => {}
    }
    let begun = Beginning { known, key };
    if let Some(key) = key {
        let found = store.find_batch(source.source.id, &key.0).await;
        if found.map_err(|error| ReceiveError::Disk { reason: error.to_string() })?.is_some() {
            return Ok(Receipt::Repeated);
        }
    } else if repeats == Repeats::Unnamed && known.was_unanswered(source_key, &payload, now) {
        return Ok(Receipt::Repeated);
    }
    let session = meta.session.clone();
    let arrival = now.as_microsecond();
    let batch = NewBatch { source: source_key, arrival, key, meta: meta.to_bytes(), payload };
    let ticket = pipeline.journal.append(&batch).map_err(refusal)?;
    begun.goes_on();
    let pipeline = Arc::clone(pipeline);
    let keeping = tokio::spawn(async move {
        let kept = ticket.safe().await;
        pipeline.known.end(key, kept.as_ref().ok().copied());
        if kept.is_ok() {
            source.count(events, bytes as u64, now);
            pipeline.figures.received(bytes as u64);
            if let Some(session) = session {
                pipeline.sessions.kept(&session);
            }
        }
        kept
    });
    match keeping.await {
        Ok(kept) => kept.map(Receipt::Kept).map_err(refusal),
        Err(_) => Err(ReceiveError::Stopping),
    }
}

/// Ends what [`Known::begin`] began, unless it goes on elsewhere.
struct Beginning<'k> {
    known: &'k Known,
    key: Option<BatchKey>,
}

impl Beginning<'_> {
    fn goes_on(mut self) {
        self.key = None;
    }
}

impl Drop for Beginning<'_> {
    fn drop(&mut self) {
        self.known.end(self.key, None);
    }
}

fn refusal(error: JournalError) -> ReceiveError {
    match error {
        JournalError::Full => ReceiveError::Busy { seconds: 2 },
        JournalError::Closed => ReceiveError::Stopping,
        other => ReceiveError::Disk { reason: other.to_string() },
    }
}
