//! Threads that read sources and match rules.
//!
//! Work is a list of [`Item`]s: whole sources, or ranges of large files. Each thread takes the
//! next item, reads it block by block and hands what it finds to the shared spools in pieces. A
//! fault inside one item ends that item and is counted; the others go on.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::tz::Offset;
use khien_event::format::{self, Format};
use khien_event::stream::{Framing, Stream};
use khien_sigma::compile::RuleSet;
use khien_sigma::correlate::Lost;
use khien_sigma::engine::Matcher;
use rustc_hash::FxHashMap;

use super::correlations::{self, Plan};
use super::ranges::{self, LineTable, Range};
use super::reading::read_item;
use super::sources::{Place, Source};
use super::spool::{Batch, Spool};
use super::summary::Counts;

/// Smaller files are not cut.
const CUT_FROM_BYTES: u64 = 16 << 20;

/// What a scan is asked to do.
pub(crate) struct Job<'j> {
    pub(crate) set: &'j RuleSet,
    pub(crate) sources: &'j [Source],
    /// For each rule, whether its detections are wanted.
    pub(crate) wanted: Vec<bool>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) format: Option<&'static Format>,
    pub(crate) now: Timestamp,
    pub(crate) zone: Offset,
    pub(crate) threads: usize,
}

/// What threads share.
pub(crate) struct Shared<'j> {
    /// Detections.
    pub(crate) spool: Mutex<Spool>,
    /// Matches that correlations count.
    noted: Mutex<Spool>,
    pub(crate) plan: Plan<'j>,
    /// Bytes taken from disk.
    pub(crate) progress: Arc<AtomicU64>,
    pub(crate) events: AtomicU64,
    queue: Mutex<VecDeque<Item>>,
    /// For each source that is cut into ranges of lines.
    lines: FxHashMap<usize, Mutex<LineTable>>,
    fault: Mutex<Option<io::Error>>,
}

/// A piece of work: a source or a range of one.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    pub(crate) source: usize,
    pub(crate) range: Range,
    pub(crate) format: Option<&'static Format>,
}

/// Takes a lock even if a thread died holding it: what is inside stays whole between calls.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'j> Shared<'j> {
    pub(crate) fn new(job: &Job<'j>) -> Self {
        let mut items: Vec<(u64, Item)> = Vec::new();
        let mut lines = FxHashMap::default();
        for (at, source) in job.sources.iter().enumerate() {
            let (format, ranges) = cut(source, job.format);
            if ranges.len() > 1 {
                lines.insert(at, Mutex::new(LineTable::new(&ranges)));
            }
            let share = source.size / ranges.len().max(1) as u64;
            let item = |range| (share, Item { source: at, range, format });
            items.extend(ranges.into_iter().map(item));
        }
        // The largest first, so that no thread is left with a large one at the end.
        items.sort_by_key(|(size, item)| (std::cmp::Reverse(*size), item.source, item.range.start));
        Self {
            spool: Mutex::default(),
            noted: Mutex::default(),
            plan: Plan::new(job.set),
            progress: Arc::default(),
            events: AtomicU64::new(0),
            queue: Mutex::new(items.into_iter().map(|(_, item)| item).collect()),
            lines,
            fault: Mutex::default(),
        }
    }

    /// A fault that ends the scan, such as a full disk under the temporary file.
    pub(crate) fn fault(&self) -> Option<io::Error> {
        lock(&self.fault).take()
    }

    /// Runs the correlations, once everything has been read.
    pub(crate) fn correlate(&self, job: &Job<'j>, counts: &mut Counts) -> io::Result<Lost> {
        correlations::run(job, &mut lock(&self.noted), &mut lock(&self.spool), counts)
    }

    /// Notes how many lines an item has that was read to its end.
    pub(crate) fn note_lines(&self, item: &Item, lines: u64) {
        if let Some(table) = self.lines.get(&item.source) {
            lock(table).note(item.range, lines);
        }
    }

    /// The lines before an item. Ranges that are still being read are counted here.
    pub(crate) fn lines_before(&self, item: &Item, source: &Source) -> io::Result<u64> {
        let Some(table) = self.lines.get(&item.source) else { return Ok(0) };
        loop {
            let missing = lock(table).missing(item.range);
            let Some(range) = missing else { return Ok(lock(table).before(item.range)) };
            let input = source.open_at(range.start.saturating_sub(1), &Arc::default())?;
            let lines = ranges::count_lines(input, range)?;
            lock(table).note(range, lines);
        }
    }
}

/// The ranges of a source, and its format where that had to be looked at; one range, unless it
/// is a large file of a format that can be cut.
fn cut(source: &Source, forced: Option<&'static Format>) -> (Option<&'static Format>, Vec<Range>) {
    let whole = || (forced, vec![Range::WHOLE]);
    if !matches!(source.place, Place::File(_)) || source.size < CUT_FROM_BYTES {
        return whole();
    }
    let Ok(file) = source.open(&Arc::default()) else { return whole() };
    let mut stream = Stream::new(file);
    let Ok(head) = stream.head() else { return whole() };
    let Some(format) = forced.or_else(|| format::detect(head)) else { return whole() };
    match format.framing {
        Framing::Evtx => (Some(format), ranges::cut_evtx(source.size)),
        Framing::Lines if !format.in_order && !stream.is_transcoded() => {
            (Some(format), ranges::cut(source.size, 0))
        }
        _ => whole(),
    }
}

/// Works until no item is left, and answers what was counted.
pub(crate) fn work<'j>(job: &Job<'j>, shared: &Shared<'j>) -> Counts {
    let mut worker = Worker {
        job,
        shared,
        matcher: Matcher::new(job.set),
        counts: Counts::default(),
        found: Batch::default(),
        noted: Batch::default(),
        event: String::new(),
        buffer: Vec::new(),
    };
    loop {
        let Some(item) = lock(&shared.queue).pop_front() else { break };
        let Some(source) = job.sources.get(item.source) else { continue };
        worker.guard(&item, source, |worker| read_item(worker, &item, source));
    }
    worker.hand_over();
    worker.counts
}

/// What a thread has.
pub(crate) struct Worker<'w, 'j> {
    pub(crate) job: &'w Job<'j>,
    pub(crate) shared: &'w Shared<'j>,
    pub(crate) matcher: Matcher<'j>,
    pub(crate) counts: Counts,
    /// Detections that are not handed over yet.
    pub(crate) found: Batch,
    /// Matches for correlations that are not handed over yet.
    pub(crate) noted: Batch,
    /// The event of a detection as JSON, for all rules that match it.
    pub(crate) event: String,
    /// The memory of the stream before.
    pub(crate) buffer: Vec<u8>,
}

impl Worker<'_, '_> {
    /// Does something with an item; if that ends in a panic, the item is told as unreadable and
    /// nothing half done is left.
    fn guard(&mut self, item: &Item, source: &Source, read: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| read(self))).is_err() {
            self.matcher = Matcher::new(self.job.set);
            self.found.discard_unfinished();
            self.noted.discard_unfinished();
            let reason = "a fault in the program ended the reading of this file".to_owned();
            self.counts.unreadable(&source.name, item.range.start, 1, reason);
        }
    }

    pub(crate) fn hand_over_if_large(&mut self) {
        if self.found.is_large() || self.noted.is_large() {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        let batches =
            [(&self.shared.spool, &mut self.found), (&self.shared.noted, &mut self.noted)];
        for (spool, batch) in batches {
            let added = if batch.is_empty() { Ok(()) } else { lock(spool).add(batch) };
            if let Err(error) = added {
                lock(&self.shared.fault).get_or_insert(error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use khien_event::{Packs, Symbols};
    use khien_sigma::load::Loaded;

    use super::*;

    #[test]
    fn a_panic_inside_a_file_is_told_and_leaves_nothing_half_written() {
        let mut symbols = Symbols::default();
        let packs = Packs::builtin(&mut symbols).unwrap();
        let set = RuleSet::new(Loaded::default(), Arc::new(packs), symbols);
        let sources =
            [Source { name: "a.log".into(), size: 1, place: Place::Standard, modified: None }];
        let job = Job {
            set: &set,
            sources: &sources,
            wanted: Vec::new(),
            since: None,
            until: None,
            format: None,
            now: Timestamp::UNIX_EPOCH,
            zone: Offset::UTC,
            threads: 1,
        };
        let shared = Shared::new(&job);
        let mut worker = Worker {
            job: &job,
            shared: &shared,
            matcher: Matcher::new(&set),
            counts: Counts::default(),
            found: Batch::default(),
            noted: Batch::default(),
            event: String::new(),
            buffer: Vec::new(),
        };
        let item = Item { source: 0, range: Range::WHOLE, format: None };
        worker.guard(&item, &sources[0], |worker| {
            worker.found.text.push_str("whole\n");
            worker.found.close((0, 0, 0));
            worker.found.text.push_str("{\"half");
            panic!("on purpose");
        });
        worker.found.text.push_str("next\n");
        worker.found.close((1, 0, 0));
        worker.hand_over();
        let mut out = Vec::new();
        lock(&shared.spool)
            .drain(|object| {
                out.extend_from_slice(object);
                Ok(())
            })
            .unwrap();
        assert_eq!(out, b"whole\nnext\n");
        assert_eq!(worker.counts.unreadable_count, 1);
        assert_eq!(worker.counts.unreadable[0].file, "a.log");
    }
}
