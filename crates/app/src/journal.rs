//! The journal: what was taken in and is not worked off yet, safe on disk.
//!
//! In come batches of bytes, each of one source; a batch is acknowledged when the disk has it
//! ([`Journal::append`] and its [`Ticket`]). Many batches that arrive together share one write and
//! one flush of the disk. Out come batches for the workers ([`Journal::take`]), fairly by source,
//! and after a restart those that were not worked off. [`Journal::finish`] says that a batch is no
//! longer needed; files of which no batch is needed are removed. What a batch means, and whether a
//! client has sent it before, is not known here: that is for [`crate`]'s `receive`.
//!
//! The form of the files is in [`segment`]; the only thread of its own writes them (`writer`).

mod queue;
pub mod segment;
mod writer;

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use queue::Queue;
use segment::{Encoder, Found, Head, Scanned};

pub use segment::MAX_PAYLOAD_BYTES;

/// A file that is there after a stop in order: all who sent were answered.
const IN_ORDER: &str = "stopped-in-order";

/// Batches that came so shortly before a stop may not have been answered.
const UNANSWERED_MICROSECONDS: i64 = 5_000_000;

/// The source that a batch came from, as the journal tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceKey(pub i64);

/// What tells a repeated batch: the first half of a hash of its source and of what its client
/// calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchKey(pub [u8; 16]);

/// What can go wrong with the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Nothing more is taken in until what waits has been worked off.
    #[error("too much waits to be worked off; send it again later")]
    Full,
    /// The disk refused.
    #[error("the journal cannot be written: {0}")]
    Disk(Arc<io::Error>),
    /// The folder or a file in it cannot be used.
    #[error("the journal {path} cannot be opened")]
    Open {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The journal is being closed.
    #[error("the centre is stopping")]
    Closed,
}

/// How much the journal may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of payload that may wait in all, on disk or in memory.
    pub waiting_bytes: u64,
    /// The part of them that one source may take.
    pub waiting_bytes_of_one: u64,
    /// Bytes of payload that are kept in memory; what is beyond is read from disk again.
    pub memory_bytes: u64,
    /// A file is closed when it has grown to this.
    pub segment_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            waiting_bytes: 4 << 30,
            waiting_bytes_of_one: 2 << 30,
            memory_bytes: 96 << 20,
            segment_bytes: 32 << 20,
        }
    }
}

/// A batch to be kept.
#[derive(Clone, Debug)]
pub struct NewBatch {
    /// Where it came from.
    pub source: SourceKey,
    /// When it came, in microseconds since 1970, UTC.
    pub arrival: i64,
    /// What tells it when it is sent again.
    pub key: Option<BatchKey>,
    /// What the pipeline needs to know of it, at most 64 KiB.
    pub meta: Vec<u8>,
    /// The bytes.
    pub payload: Vec<u8>,
}

/// A batch that is safe on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Unique for ever and ever growing.
    pub number: u64,
    /// Where it came from.
    pub source: SourceKey,
    /// When it came, in microseconds since 1970, UTC.
    pub arrival: i64,
    /// What tells it when it is sent again.
    pub key: Option<BatchKey>,
    /// What the pipeline needs to know of it.
    pub meta: Vec<u8>,
    /// The bytes.
    pub payload: Vec<u8>,
}

/// A batch that waits for a worker.
struct Waiting {
    number: u64,
    source: SourceKey,
    segment: u64,
    offset: u64,
    length: u32,
    raw_length: u32,
    /// The entry as it stands in the file, if it is still in memory.
    payload: Option<Vec<u8>>,
}

/// What was found when the journal was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Batches that were not worked off.
    pub batches: usize,
    /// The number of the first batch that comes from now on.
    pub first_new: u64,
    /// Bytes that were being written when the machine stopped and had not been acknowledged.
    pub torn_bytes: u64,
    /// Damaged places: file and range of bytes. Something acknowledged stood there.
    pub damaged: Vec<(PathBuf, u64, u64)>,
    /// Batches with a key, whether or not they need work: number and key.
    pub keys: Vec<(u64, BatchKey)>,
    /// The last batches before the stop. The answer may not have reached the client, so it may
    /// send them again without saying so.
    pub unanswered: Vec<Batch>,
}

/// Answers when a batch is safe.
#[derive(Debug)]
pub struct Ticket(oneshot::Receiver<Result<u64, JournalError>>);

impl Ticket {
    /// Waits until the disk has the batch, and answers its number.
    pub async fn safe(self) -> Result<u64, JournalError> {
        self.0.await.unwrap_or(Err(JournalError::Closed))
    }

    /// The same for a thread that may block.
    pub fn wait(self) -> Result<u64, JournalError> {
        self.0.blocking_recv().unwrap_or(Err(JournalError::Closed))
    }
}

/// How full the journal is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// Bytes of payload that wait for a worker.
    pub waiting_bytes: u64,
    /// Batches that a worker is working on.
    pub working: usize,
    /// Batches that a worker has taken and that are not finished.
    pub taken: usize,
    /// Files on disk.
    pub segments: usize,
}

/// Batches on disk between intake and the lake.
pub struct Journal {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
    encoders: Mutex<Vec<Encoder>>,
}

struct Shared {
    folder: PathBuf,
    limits: Limits,
    state: Mutex<State>,
    /// Something was asked to be written, or the journal closes.
    written: Condvar,
    /// Something may be taken, or the journal closes.
    ready: Condvar,
}

struct State {
    /// Entries to be written next, in the order of their numbers.
    to_write: VecDeque<Unwritten>,
    to_write_bytes: u64,
    queue: Queue,
    segments: BTreeMap<u64, Segment>,
    /// Batches that workers are working on.
    working: usize,
    /// Batches that workers have, or that were worked on and are not finished.
    taken: usize,
    closed: bool,
    /// How many copies of the files are being made: until all are, no file goes.
    holds: usize,
    /// Files of which no batch is needed, kept for those copies.
    held: Vec<u64>,
}

/// An entry before it is on disk.
struct Unwritten {
    source: SourceKey,
    raw_length: u32,
    entry: Vec<u8>,
    answer: oneshot::Sender<Result<u64, JournalError>>,
}

/// A file of the journal, by the number that its header promises.
struct Segment {
    /// Batches in it that are still needed.
    needed: u64,
    /// No more entries will be added.
    closed: bool,
    /// Bytes up to the end of the last batch that is safe on disk.
    safe: u64,
}

impl Journal {
    /// Opens the journal in a folder, which is made if it is not there. Batches are numbered from
    /// `floor` at least. `is_done` says which of the batches found need no more work.
    pub fn open(
        folder: &Path,
        floor: u64,
        limits: Limits,
        is_done: impl Fn(u64) -> bool,
    ) -> Result<(Self, Recovered), JournalError> {
        let failed = |source| JournalError::Open { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let mut recovered = Recovered::default();
        let mut state = State::new();
        let mut last_file = None;
        let mut next = floor.max(1);
        for path in segment_files(folder).map_err(failed)? {
            let opened = |source| JournalError::Open { path: path.clone(), source };
            let found = segment::scan(File::open(&path).map_err(opened)?).map_err(opened)?;
            let Some(first) = number_of(&path) else { continue };
            next = next.max(first);
            if let Some(last) = found.entries.last() {
                next = next.max(last.head.number + 1);
            }
            recovered.torn_bytes += found.torn;
            let damage = found.damaged.iter().map(|(from, to)| (path.clone(), *from, *to));
            recovered.damaged.extend(damage);
            let is_damaged = !found.damaged.is_empty();
            if let Some(last) = found.entries.last() {
                last_file = Some(read_late(&path, &found, last.head.arrival).map_err(opened)?);
            }
            let needed = state.take_over(first, found, &is_done, &mut recovered.keys);
            recovered.batches += needed;
            match (needed, is_damaged) {
                (0, false) => {
                    state.segments.remove(&first);
                    fs::remove_file(&path).map_err(opened)?;
                }
                // Kept for whoever can still read more out of it.
                (0, true) => {
                    state.segments.remove(&first);
                    fs::rename(&path, path.with_extension("damaged")).map_err(opened)?;
                }
                _ => {}
            }
        }
        let in_order = folder.join(IN_ORDER);
        if in_order.exists() {
            // Everything was answered before the stop; the same content now is another batch.
            fs::remove_file(&in_order).map_err(failed)?;
        } else {
            recovered.unanswered = last_file.unwrap_or_default();
        }
        recovered.first_new = next;
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            limits,
            state: Mutex::new(state),
            written: Condvar::new(),
            ready: Condvar::new(),
        });
        let writer = writer::start(Arc::clone(&shared), next).map_err(failed)?;
        let journal = Self { shared, writer: Mutex::new(Some(writer)), encoders: Mutex::default() };
        Ok((journal, recovered))
    }

    /// Asks for a batch to be kept. It is compressed on the calling thread and written by the
    /// journal's; the ticket answers when it is safe. Refuses at once when too much waits.
    pub fn append(&self, batch: &NewBatch) -> Result<Ticket, JournalError> {
        let head = Head {
            number: 0,
            arrival: batch.arrival,
            source: batch.source,
            key: batch.key,
            meta: batch.meta.clone(),
        };
        if !self.has_room(batch.source, batch.payload.len() as u64) {
            return Err(JournalError::Full);
        }
        let disk = |error| JournalError::Disk(Arc::new(error));
        let kept = lock(&self.encoders).pop();
        let mut encoder = kept.map_or_else(Encoder::new, Ok).map_err(disk)?;
        let entry = encoder.encode(&head, &batch.payload).map_err(disk)?;
        lock(&self.encoders).push(encoder);
        let (answer, ticket) = oneshot::channel();
        let raw_length = batch.payload.len() as u32;
        let unwritten = Unwritten { source: batch.source, raw_length, entry, answer };
        let mut state = lock(&self.shared.state);
        if state.closed {
            return Err(JournalError::Closed);
        }
        state.to_write_bytes += u64::from(raw_length);
        state.to_write.push_back(unwritten);
        self.shared.written.notify_one();
        Ok(Ticket(ticket))
    }

    /// Whether a source may add so many bytes now.
    pub fn has_room(&self, source: SourceKey, bytes: u64) -> bool {
        let limits = &self.shared.limits;
        let state = lock(&self.shared.state);
        state.queue.bytes() + state.to_write_bytes + bytes <= limits.waiting_bytes
            && state.queue.bytes_of(source) + bytes <= limits.waiting_bytes_of_one
    }

    /// Waits for a batch to work on. `None` when the journal is closed.
    pub fn take(&self) -> Option<Result<Batch, JournalError>> {
        let mut state = lock(&self.shared.state);
        loop {
            if state.closed {
                return None;
            }
            if let Some(waiting) = state.queue.pop() {
                state.taken += 1;
                state.working += 1;
                drop(state);
                return Some(self.read(waiting));
            }
            state = wait(&self.shared.ready, state);
        }
    }

    /// Whether nothing is taken in or handed out any more.
    pub fn is_closed(&self) -> bool {
        lock(&self.shared.state).closed
    }

    /// Says that a worker has done its part with what it took last.
    pub fn worked(&self) {
        let mut state = lock(&self.shared.state);
        state.working = state.working.saturating_sub(1);
    }

    /// Says that a batch is no longer needed: its events are in the lake and its alerts recorded.
    pub fn finish(&self, numbers: impl IntoIterator<Item = u64>) {
        let mut gone = Vec::new();
        let mut state = lock(&self.shared.state);
        for number in numbers {
            state.taken = state.taken.saturating_sub(1);
            let segment = state.segments.range_mut(..=number).next_back();
            let Some((first, segment)) = segment else { continue };
            segment.needed = segment.needed.saturating_sub(1);
            if segment.needed == 0 && segment.closed {
                gone.push(*first);
            }
        }
        gone.retain(|first| state.take_out(*first));
        drop(state);
        gone.into_iter().for_each(|first| self.shared.remove_file(first));
    }

    /// Keeps all files as long as the guard lives, so that a copy can be made of what the journal
    /// holds together with what the lake and the store hold.
    pub fn hold(&self) -> Hold {
        lock(&self.shared.state).holds += 1;
        Hold(Arc::clone(&self.shared))
    }

    /// How full the journal is.
    pub fn level(&self) -> Level {
        let state = lock(&self.shared.state);
        Level {
            waiting_bytes: state.queue.bytes() + state.to_write_bytes,
            working: state.working,
            taken: state.taken,
            segments: state.segments.len(),
        }
    }

    /// Takes no more batches, writes what was asked for, and wakes all who wait.
    pub fn close(&self) {
        lock(&self.shared.state).closed = true;
        self.shared.written.notify_all();
        self.shared.ready.notify_all();
        if let Some(writer) = lock(&self.writer).take() {
            // Its tickets have told of any fault.
            let _ = writer.join();
            // Without the mark, the next start takes the last batches for unanswered.
            let _ = File::create(self.shared.folder.join(IN_ORDER));
        }
    }

    fn read(&self, waiting: Waiting) -> Result<Batch, JournalError> {
        let disk = |error| JournalError::Disk(Arc::new(error));
        let entry = if let Some(entry) = waiting.payload {
            entry
        } else {
            let path = segment_path(&self.shared.folder, waiting.segment);
            let mut entry = vec![0; waiting.length as usize];
            let file = File::open(path).map_err(disk)?;
            file.read_exact_at(&mut entry, waiting.offset).map_err(disk)?;
            entry
        };
        let unreadable = || {
            let reason = format!("batch {} was damaged after it was written", waiting.number);
            disk(io::Error::new(io::ErrorKind::InvalidData, reason))
        };
        let (head, payload) = segment::decode(&entry).ok_or_else(unreadable)?;
        Ok(batch_of(head, payload))
    }
}

/// Keeps the files of the journal while a copy is made.
pub struct Hold(Arc<Shared>);

impl Hold {
    /// Copies every batch that is acknowledged, and those of the time since the guard was made, into
    /// a folder that is no journal yet. Files that are not written any more are linked where the
    /// disk allows. Answers how many files there are.
    pub fn copy_to(&self, folder: &Path) -> Result<usize, JournalError> {
        let failed = |source| JournalError::Open { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let mut files: Vec<(u64, Option<u64>)> = {
            let state = lock(&self.0.state);
            let open = |segment: &Segment| (!segment.closed).then_some(segment.safe);
            let held = state.held.iter().map(|first| (*first, None));
            held.chain(state.segments.iter().map(|(first, found)| (*first, open(found)))).collect()
        };
        files.sort_unstable();
        for (first, safe) in &files {
            let (from, to) = (segment_path(&self.0.folder, *first), segment_path(folder, *first));
            let failed = |source| JournalError::Open { path: from.clone(), source };
            match safe {
                None if fs::hard_link(&from, &to).is_ok() => {}
                None => copy_beginning(&from, &to, u64::MAX).map_err(failed)?,
                Some(safe) => copy_beginning(&from, &to, *safe).map_err(failed)?,
            }
        }
        // Whoever sent these batches is answered by the centre that is being copied.
        File::create(folder.join(IN_ORDER)).map_err(failed)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(files.len())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.holds -= 1;
        let gone = if state.holds == 0 { std::mem::take(&mut state.held) } else { Vec::new() };
        drop(state);
        gone.into_iter().for_each(|first| self.0.remove_file(first));
    }
}

impl Shared {
    fn remove_file(&self, first: u64) {
        // A file that stays is found done at the next start and removed then.
        let _ = fs::remove_file(segment_path(&self.folder, first));
    }
}

/// Copies the journal of a centre that does not run into a folder that is no journal yet.
pub(crate) fn copy_stopped(from: &Path, to: &Path) -> Result<(), JournalError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| JournalError::Open { path, source }
    };
    fs::create_dir_all(to).map_err(failed(to))?;
    let mut files = segment_files(from).map_err(failed(from))?;
    files.extend(Some(from.join(IN_ORDER)).filter(|mark| mark.exists()));
    for path in files {
        let Some(name) = path.file_name() else { continue };
        let copy = to.join(name);
        if fs::hard_link(&path, &copy).is_err() {
            copy_beginning(&path, &copy, u64::MAX).map_err(failed(&path))?;
        }
    }
    File::open(to).and_then(|folder| folder.sync_all()).map_err(failed(to))
}

/// Copies the first bytes of a file, safely on disk.
fn copy_beginning(from: &Path, to: &Path, bytes: u64) -> io::Result<()> {
    let mut copy = File::create_new(to)?;
    io::copy(&mut File::open(from)?.take(bytes), &mut copy)?;
    copy.sync_all()
}

/// What the files of a journal are found to be, read beside whoever writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspected {
    /// Files.
    pub segments: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Whole batches in them, whether or not they were worked off.
    pub batches: usize,
    /// When the oldest and the newest of them came, in microseconds since 1970, UTC.
    pub arrivals: Option<(i64, i64)>,
    /// Damaged places: file and range of bytes. Something acknowledged stood there.
    pub damaged: Vec<(PathBuf, u64, u64)>,
    /// Files that were set aside as damaged at an earlier start.
    pub set_aside: Vec<PathBuf>,
}

/// Looks at the journal in a folder without opening it; nothing is changed.
pub fn inspect(folder: &Path) -> Result<Inspected, JournalError> {
    let failed = |source| JournalError::Open { path: folder.to_owned(), source };
    let mut inspected = Inspected::default();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|kind| kind == "damaged") {
            inspected.set_aside.push(path);
        }
    }
    for path in segment_files(folder).map_err(failed)? {
        let failed = |source| JournalError::Open { path: path.clone(), source };
        let file = match File::open(&path) {
            Ok(file) => file,
            // Worked off and removed a moment ago.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error)),
        };
        inspected.segments += 1;
        inspected.bytes += file.metadata().map_err(failed)?.len();
        let found = segment::scan(file).map_err(failed)?;
        inspected.batches += found.entries.len();
        for arrival in found.entries.iter().map(|found| found.head.arrival) {
            let (first, last) = inspected.arrivals.unwrap_or((arrival, arrival));
            inspected.arrivals = Some((first.min(arrival), last.max(arrival)));
        }
        let damaged = found.damaged.into_iter().map(|(from, to)| (path.clone(), from, to));
        inspected.damaged.extend(damaged);
    }
    Ok(inspected)
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

impl State {
    fn new() -> Self {
        Self {
            to_write: VecDeque::new(),
            to_write_bytes: 0,
            queue: Queue::default(),
            segments: BTreeMap::new(),
            working: 0,
            taken: 0,
            closed: false,
            holds: 0,
            held: Vec::new(),
        }
    }

    /// Takes a file out of the journal. Answers whether it may leave the disk: not while a copy is
    /// being made.
    fn take_out(&mut self, first: u64) -> bool {
        self.segments.remove(&first);
        if self.holds > 0 {
            self.held.push(first);
        }
        self.holds == 0
    }

    /// Takes over a file of an earlier run, and answers how many batches of it need work.
    fn take_over(
        &mut self,
        segment: u64,
        found: Scanned,
        is_done: &impl Fn(u64) -> bool,
        keys: &mut Vec<(u64, BatchKey)>,
    ) -> usize {
        let mut needed = 0;
        for Found { head, offset, length, payload_length: raw_length } in found.entries {
            let Head { number, source, key, .. } = head;
            if let Some(key) = key {
                keys.push((number, key));
            }
            if is_done(number) {
                continue;
            }
            needed += 1;
            let payload = None;
            let waiting = Waiting { number, source, segment, offset, length, raw_length, payload };
            self.queue.push(waiting);
        }
        let safe = u64::MAX;
        self.segments.insert(segment, Segment { needed: needed as u64, closed: true, safe });
        needed
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait<'g, T>(condition: &Condvar, guard: MutexGuard<'g, T>) -> MutexGuard<'g, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// The batches of a file that came in the last moments before its last one.
fn read_late(path: &Path, found: &Scanned, last: i64) -> io::Result<Vec<Batch>> {
    let file = File::open(path)?;
    let late = |found: &&Found| found.head.arrival >= last - UNANSWERED_MICROSECONDS;
    let read = |found: &Found| {
        let mut entry = vec![0; found.length as usize];
        file.read_exact_at(&mut entry, found.offset)?;
        Ok(segment::decode(&entry).map(|(head, payload)| batch_of(head, payload)))
    };
    found.entries.iter().filter(late).filter_map(|found| read(found).transpose()).collect()
}

fn batch_of(head: Head, payload: Vec<u8>) -> Batch {
    let Head { number, arrival, source, key, meta } = head;
    Batch { number, source, arrival, key, meta, payload }
}

fn segment_path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}.journal"))
}

fn number_of(path: &Path) -> Option<u64> {
    path.file_stem()?.to_str()?.parse().ok()
}

/// The files of the journal, oldest first.
fn segment_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "journal")
            && number_of(&path).is_some()
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests;
