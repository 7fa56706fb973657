//! The thread that writes the journal.
//!
//! It takes all entries that wait, numbers them, writes them with one call and flushes the disk
//! once; then it answers all their tickets and hands the batches to the queue. When the disk
//! refuses, what was half written is cut off again and the tickets say so.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use super::segment::{FILE_HEADER_BYTES, file_header, seal};
use super::{JournalError, Segment, Shared, Unwritten, Waiting, lock, segment_path, wait};

/// So much is written with one call at most.
const WRITE_BYTES: usize = 16 << 20;

/// The file that is being written.
struct Current {
    file: File,
    first: u64,
    length: u64,
}

/// Starts the thread; its first batch gets the number `next`.
pub(super) fn start(shared: Arc<Shared>, next: u64) -> io::Result<JoinHandle<()>> {
    let mut writer = Writer { current: None, next, buffer: Vec::new(), shared };
    Builder::new().name("journal".into()).spawn(move || writer.run())
}

struct Writer {
    shared: Arc<Shared>,
    current: Option<Current>,
    next: u64,
    buffer: Vec<u8>,
}

impl Writer {
    fn run(&mut self) {
        loop {
            let mut entries = Vec::new();
            let mut state = lock(&self.shared.state);
            loop {
                let mut bytes = 0;
                while let Some(next) = state.to_write.front() {
                    bytes += next.entry.len();
                    if bytes > WRITE_BYTES && !entries.is_empty() {
                        break;
                    }
                    entries.extend(state.to_write.pop_front());
                }
                if !entries.is_empty() {
                    break;
                }
                if state.closed {
                    return;
                }
                state = wait(&self.shared.written, state);
            }
            drop(state);
            match self.write(&mut entries) {
                Ok(first_at) => self.hand_over(entries, first_at),
                Err(error) => self.refuse(entries, error),
            }
        }
    }

    /// Writes entries and flushes the disk. Answers where the first of them stands.
    fn write(&mut self, entries: &mut [Unwritten]) -> io::Result<u64> {
        let mut current = match self.current.take() {
            Some(current) if current.length < self.shared.limits.segment_bytes => current,
            full => {
                self.retire(full);
                self.begin()?
            }
        };
        self.buffer.clear();
        for (number, unwritten) in (self.next..).zip(entries.iter_mut()) {
            seal(&mut unwritten.entry, number);
            self.buffer.extend_from_slice(&unwritten.entry);
        }
        let begin = current.length;
        let written = current.file.write_all(&self.buffer).and_then(|()| current.file.sync_data());
        if let Err(error) = written {
            // What the disk has of it is unknown, so no further entry goes into this file. If it
            // cannot be cut, its end is taken for acknowledged at the next start: then a batch
            // that its client repeats is known by its key.
            let _ = current.file.set_len(begin).and_then(|()| current.file.sync_all());
            self.retire(Some(current));
            return Err(error);
        }
        current.length += self.buffer.len() as u64;
        self.current = Some(current);
        if self.buffer.capacity() > WRITE_BYTES {
            self.buffer = Vec::new();
        }
        Ok(begin)
    }

    fn begin(&self) -> io::Result<Current> {
        let first = self.next;
        let path = segment_path(&self.shared.folder, first);
        // A file of this name can only be one that failed before its first entry.
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
        let begun = file
            .write_all(&file_header(first))
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_folder(&self.shared.folder));
        if let Err(error) = begun {
            // A disk that stays full would gather one such file for each batch that it refuses.
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
        let safe = FILE_HEADER_BYTES as u64;
        let segment = Segment { needed: 0, closed: false, safe };
        lock(&self.shared.state).segments.insert(first, segment);
        Ok(Current { file, first, length: FILE_HEADER_BYTES as u64 })
    }

    /// Adds nothing more to a file; it goes when none of its batches is needed.
    fn retire(&self, full: Option<Current>) {
        let Some(full) = full else { return };
        let mut state = lock(&self.shared.state);
        let is_empty = state.segments.get_mut(&full.first).is_some_and(|segment| {
            segment.closed = true;
            segment.needed == 0
        });
        if is_empty && state.take_out(full.first) {
            drop(state);
            self.shared.remove_file(full.first);
        }
    }

    fn hand_over(&mut self, entries: Vec<Unwritten>, first_at: u64) {
        let Some(segment) = self.current.as_ref().map(|current| current.first) else { return };
        let mut offset = first_at;
        let mut state = lock(&self.shared.state);
        if let Some(segment) = state.segments.get_mut(&segment) {
            segment.needed += entries.len() as u64;
            segment.safe = first_at + entries.iter().map(|one| one.entry.len() as u64).sum::<u64>();
        }
        let mut answers = Vec::with_capacity(entries.len());
        for unwritten in entries {
            let Unwritten { source, raw_length, entry, answer } = unwritten;
            let (number, length) = (self.next, entry.len() as u32);
            self.next += 1;
            let fits =
                state.queue.in_memory() + u64::from(length) <= self.shared.limits.memory_bytes;
            let payload = fits.then_some(entry);
            state.to_write_bytes -= u64::from(raw_length);
            let waiting = Waiting { number, source, segment, offset, length, raw_length, payload };
            state.queue.push(waiting);
            offset += u64::from(length);
            answers.push((answer, number));
        }
        drop(state);
        self.shared.ready.notify_all();
        for (answer, number) in answers {
            // Whoever asked may have gone; the batch is kept all the same.
            let _ = answer.send(Ok(number));
        }
    }

    fn refuse(&mut self, entries: Vec<Unwritten>, error: io::Error) {
        let error = Arc::new(error);
        // The numbers may stand in what could not be cut off; they are not used again.
        self.next += entries.len() as u64;
        let bytes: u64 = entries.iter().map(|entry| u64::from(entry.raw_length)).sum();
        lock(&self.shared.state).to_write_bytes -= bytes;
        for unwritten in entries {
            let _ = unwritten.answer.send(Err(JournalError::Disk(Arc::clone(&error))));
        }
    }
}

/// Makes new and removed names of a folder safe.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
