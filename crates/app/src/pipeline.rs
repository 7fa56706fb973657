//! One event, top to bottom: taken in, read, judged, kept, told.
//!
//! [`receive`] runs for every batch that a listener hands over, before it is acknowledged. What
//! follows is done by threads: a worker takes a batch from the journal, reads and judges it
//! (`detect`), puts its rows into the lake (`store_events`), and hands what was found to the
//! one task that raises alerts (`raise_alert`). Another thread writes the lake's rows into files
//! (`flush`). A batch leaves the journal when it is both in files and judged (`progress`).

mod correlate;
mod detect;
pub(crate) mod flush;
mod meta;
mod parse;
mod progress;
pub(crate) mod raise_alert;
pub mod receive;
mod sessions;
mod store_events;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use jiff::tz::Offset;
use khien_domain::ids::SourceId;
use khien_event::Problem;
use khien_lake::{Lake, LakeError, Numbers, Rows};
use tokio::sync::mpsc;

use crate::figures::Figures;
use crate::journal::{Batch, Journal, JournalError};
use crate::news::News;
use crate::registry::{Origin, Registry};
use crate::rules::{Rules, RulesInForce};

use detect::{Detecting, Found, arrival_of};
pub(crate) use progress::Progress;
use raise_alert::Ask;
use receive::Known;
pub(crate) use sessions::Sessions;
use store_events::{Of, Storing};

pub(crate) use correlate::longest_span;
pub use meta::Meta;
pub(crate) use parse::Names;

/// What the steps share.
pub(crate) struct Pipeline {
    pub(crate) journal: Journal,
    pub(crate) lake: Lake,
    pub(crate) registry: Arc<Registry>,
    pub(crate) rules: RulesInForce,
    pub(crate) progress: Progress,
    pub(crate) known: Arc<Known>,
    pub(crate) sessions: Sessions,
    pub(crate) figures: Figures,
    pub(crate) news: Arc<News>,
    pub(crate) zone: Offset,
    /// Batches from this number on came after the start.
    pub(crate) first_new: u64,
    /// Batches that were in files when the centre started.
    pub(crate) stored_before: Numbers,
    /// Batches whose alerts were recorded when the centre started.
    pub(crate) judged_before: Numbers,
}

/// How long a worker waits for memory before it looks whether it should stop.
const PAUSE: Duration = Duration::from_millis(100);

/// Works off batches until the journal closes.
pub(crate) fn work(pipeline: &Pipeline, found: &mpsc::Sender<Ask>, flush: &SyncSender<()>) {
    let mut next = None;
    loop {
        let rules = pipeline.rules.current();
        let mut detecting = Detecting::new(&rules, pipeline.zone);
        loop {
            let batch = match next.take() {
                Some(batch) => batch,
                None => match take(pipeline) {
                    Some(Ok(batch)) => batch,
                    Some(Err(error)) => {
                        tracing::error!(%error, "a batch cannot be read; its file is kept");
                        pipeline.journal.worked();
                        continue;
                    }
                    None => return,
                },
            };
            if pipeline.rules.have_changed_since(&rules) {
                next = Some(batch);
                break;
            }
            let judged =
                catch_unwind(AssertUnwindSafe(|| work_off(pipeline, &mut detecting, &batch)));
            let failed = judged.is_err();
            match judged {
                Ok(Ok(judged)) => hand_on(pipeline, judged, found, flush),
                Ok(Err(error)) => {
                    tracing::error!(%error, batch = batch.number, "a batch waits for the next start");
                }
                Err(_) => {
                    tracing::error!(batch = batch.number, "a fault while reading a batch");
                    match set_aside(pipeline, &batch, &rules) {
                        Ok(judged) => hand_on(pipeline, judged, found, flush),
                        Err(error) => tracing::error!(%error, "a batch waits for the next start"),
                    }
                }
            }
            pipeline.journal.worked();
            if failed {
                // What a fault left behind is not used again.
                break;
            }
        }
    }
}

/// Waits for the next batch, and while the lake's memory is full: when files cannot be written, what
/// was taken in waits in the journal. `None` when the journal is closed.
fn take(pipeline: &Pipeline) -> Option<Result<Batch, JournalError>> {
    while !pipeline.lake.wait_for_room(PAUSE) {
        if pipeline.journal.is_closed() {
            return None;
        }
    }
    pipeline.journal.take()
}

/// What became of a batch: what was found in it, and whether the lake's memory is full.
struct Judged {
    found: Found,
    should_flush: bool,
}

fn origin_of(pipeline: &Pipeline, batch: &Batch) -> Arc<Origin> {
    let source = pipeline.registry.find(SourceId(batch.source.0));
    // Only a register restored from an older backup does not know a source that has sent.
    let unknown = || Origin {
        agency: String::new(),
        system: String::new(),
        source: batch.source.0.to_string(),
        expected: BTreeSet::new(),
        whose: None,
    };
    source.map_or_else(|| Arc::new(unknown()), |source| Arc::clone(&source.origin))
}

fn work_off(
    pipeline: &Pipeline,
    detecting: &mut Detecting<'_>,
    batch: &Batch,
) -> Result<Judged, LakeError> {
    let (rows, found) = detecting.judge(batch, &origin_of(pipeline, batch))?;
    let should_flush = keep(pipeline, batch.number, rows)?;
    Ok(Judged { found, should_flush })
}

/// Puts the rows of a batch into the lake, unless they are there. Answers whether its memory is full.
fn keep(pipeline: &Pipeline, number: u64, rows: Rows) -> Result<bool, LakeError> {
    if pipeline.stored_before.contains(number) {
        pipeline.progress.stored(number);
        return Ok(false);
    }
    let mut numbers = Numbers::default();
    numbers.insert(number);
    pipeline.progress.appended(number);
    Ok(pipeline.lake.append(rows, &numbers)?.should_flush)
}

/// Keeps a batch whose reading failed by a fault of the program: whole, in the quarantine.
fn set_aside(pipeline: &Pipeline, batch: &Batch, rules: &Arc<Rules>) -> Result<Judged, LakeError> {
    let origin = origin_of(pipeline, batch);
    let meta = Meta::from_bytes(&batch.meta);
    let arrival = arrival_of(batch);
    let mut rows = Rows::new();
    let of = Of {
        batch: batch.number,
        arrival,
        agency: &origin.agency,
        system: &origin.system,
        source: &origin.source,
        origin: &meta.origin,
    };
    let problem = Problem::new(0, "a fault in the program ended the reading of this batch");
    Storing::problem(&mut rows, &of, 0, &problem, &batch.payload, meta.format.as_deref(), None)?;
    let should_flush = keep(pipeline, batch.number, rows)?;
    let found = Found::nothing(batch, origin, meta, Arc::clone(rules));
    Ok(Judged { found: Found { unreadable: 1, ..found }, should_flush })
}

fn hand_on(pipeline: &Pipeline, judged: Judged, found: &mpsc::Sender<Ask>, flush: &SyncSender<()>) {
    let Judged { found: what, should_flush } = judged;
    pipeline.figures.judged(what.events, what.unreadable, what.matches.len() as u64);
    if should_flush {
        // A flush that is asked for already will take these rows too.
        let _ = flush.try_send(());
    }
    if pipeline.judged_before.contains(what.number) {
        pipeline.sessions.recovered_judged();
        pipeline.journal.finish(pipeline.progress.judged([what.number]));
    } else if found.blocking_send(Ask::Record(Box::new(what))).is_err() {
        tracing::error!(
            "nobody raises alerts any more; the batch is judged again at the next start"
        );
    }
}
