//! Objects on their way to the output, in the order of time, within bounded memory.
//!
//! Threads hand over [`Batch`]es. Objects stay in memory up to [`MEMORY_BYTES`] and go to a
//! temporary file beyond; what is known about their order stays in memory up to [`MAX_RECENT`]
//! entries and goes to a second file beyond, as sorted runs that are merged at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

/// Batches are handed over at about this size.
const HAND_OVER_BYTES: usize = 256 << 10;
const MEMORY_BYTES: usize = 16 << 20;
const MAX_RECENT: usize = 400_000;
/// So many entries of each run are read at once when runs are merged.
const RUN_BUFFER: usize = 4096;
const ENTRY_BYTES: usize = 40;

/// The sort key of an object: its time in nanoseconds, its source, its place there.
pub(crate) type Key = (i128, u32, u64);

/// Objects of one thread, written one after the other.
#[derive(Default)]
pub(crate) struct Batch {
    /// The objects; what stands after the last entry is not finished yet.
    pub(crate) text: String,
    entries: Vec<(Key, u32)>,
    whole: usize,
}

impl Batch {
    /// What was written since the last call is one object.
    pub(crate) fn close(&mut self, key: Key) {
        self.entries.push((key, (self.text.len() - self.whole) as u32));
        self.whole = self.text.len();
    }

    /// Takes back an object that was begun and never closed.
    pub(crate) fn discard_unfinished(&mut self) {
        self.text.truncate(self.whole);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it is time to hand the batch over.
    pub(crate) fn is_large(&self) -> bool {
        self.text.len() > HAND_OVER_BYTES
    }

    fn clear(&mut self) {
        self.text.clear();
        // A single huge event must not hold memory for the rest of the scan.
        self.text.shrink_to(4 * HAND_OVER_BYTES);
        self.entries.clear();
        self.whole = 0;
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: Key,
    at: u64,
    length: u32,
}

/// Entries that lie sorted in the file of runs, and those of them in memory.
struct Run {
    next: u64,
    end: u64,
    buffer: std::vec::IntoIter<Entry>,
}

#[derive(Default)]
pub(crate) struct Spool {
    memory: Vec<u8>,
    objects: Option<File>,
    written: u64,
    recent: Vec<Entry>,
    order: Option<File>,
    /// Where the runs end in the file of runs, in entries.
    runs: Vec<u64>,
}

impl Spool {
    /// Takes the objects of a batch and leaves it empty.
    pub(crate) fn add(&mut self, batch: &mut Batch) -> io::Result<()> {
        batch.discard_unfinished();
        if self.memory.len() + batch.text.len() > MEMORY_BYTES {
            self.spill(&[])?;
        }
        let mut at = self.written + self.memory.len() as u64;
        for (key, length) in &batch.entries {
            self.recent.push(Entry { key: *key, at, length: *length });
            at += u64::from(*length);
        }
        if batch.text.len() > MEMORY_BYTES {
            self.spill(batch.text.as_bytes())?;
        } else {
            self.memory.extend_from_slice(batch.text.as_bytes());
        }
        batch.clear();
        if self.recent.len() >= MAX_RECENT {
            self.store_run()?;
        }
        Ok(())
    }

    /// How many objects there are.
    pub(crate) fn len(&self) -> usize {
        self.runs.last().map_or(0, |end| *end as usize) + self.recent.len()
    }

    /// Moves what is in memory to the file, and `more` after it.
    fn spill(&mut self, more: &[u8]) -> io::Result<()> {
        let file = match &mut self.objects {
            Some(file) => file,
            none => none.insert(temporary_file()?),
        };
        file.seek(SeekFrom::Start(self.written))?;
        file.write_all(&self.memory)?;
        file.write_all(more)?;
        self.written += (self.memory.len() + more.len()) as u64;
        self.memory.clear();
        Ok(())
    }

    fn store_run(&mut self) -> io::Result<()> {
        self.recent.sort_unstable();
        let start = self.runs.last().copied().unwrap_or(0);
        let file = match &mut self.order {
            Some(file) => file,
            none => none.insert(temporary_file()?),
        };
        file.seek(SeekFrom::Start(start * ENTRY_BYTES as u64))?;
        let mut out = io::BufWriter::with_capacity(1 << 18, file);
        for entry in &self.recent {
            out.write_all(&entry.key.0.to_le_bytes())?;
            out.write_all(&entry.key.2.to_le_bytes())?;
            out.write_all(&entry.at.to_le_bytes())?;
            out.write_all(&entry.key.1.to_le_bytes())?;
            out.write_all(&entry.length.to_le_bytes())?;
        }
        out.flush()?;
        self.runs.push(start + self.recent.len() as u64);
        self.recent.clear();
        Ok(())
    }

    /// Hands on every object in order.
    pub(crate) fn drain(
        &mut self,
        mut object: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.recent.sort_unstable();
        let mut starts = vec![0];
        starts.extend_from_slice(&self.runs);
        let mut runs: Vec<Run> = starts
            .iter()
            .zip(&self.runs)
            .map(|(start, end)| Run { next: *start, end: *end, buffer: Vec::new().into_iter() })
            .collect();
        let mut recent = self.recent.iter().copied();
        let recent_at = runs.len();
        let mut heads = BinaryHeap::new();
        for (at, run) in runs.iter_mut().enumerate() {
            heads.extend(next_of(run, self.order.as_mut())?.map(|entry| Reverse((entry, at))));
        }
        heads.extend(recent.next().map(|entry| Reverse((entry, recent_at))));
        let mut buffer = Vec::new();
        while let Some(Reverse((entry, from))) = heads.pop() {
            let following = match runs.get_mut(from) {
                Some(run) => next_of(run, self.order.as_mut())?,
                None => recent.next(),
            };
            heads.extend(following.map(|entry| Reverse((entry, from))));
            let length = entry.length as usize;
            if entry.at >= self.written {
                let start = (entry.at - self.written) as usize;
                object(self.memory.get(start..start + length).unwrap_or_default())?;
            } else if let Some(file) = &mut self.objects {
                buffer.resize(length, 0);
                file.seek(SeekFrom::Start(entry.at))?;
                file.read_exact(&mut buffer)?;
                object(&buffer)?;
            }
        }
        Ok(())
    }
}

/// The next entry of a run.
fn next_of(run: &mut Run, file: Option<&mut File>) -> io::Result<Option<Entry>> {
    if let Some(entry) = run.buffer.next() {
        return Ok(Some(entry));
    }
    let count = (run.end - run.next).min(RUN_BUFFER as u64);
    let (Some(file), true) = (file, count > 0) else { return Ok(None) };
    let mut bytes = vec![0; count as usize * ENTRY_BYTES];
    file.seek(SeekFrom::Start(run.next * ENTRY_BYTES as u64))?;
    file.read_exact(&mut bytes)?;
    run.next += count;
    let (chunks, _) = bytes.as_chunks::<ENTRY_BYTES>();
    run.buffer = chunks.iter().map(read_entry).collect::<Vec<_>>().into_iter();
    Ok(run.buffer.next())
}

fn read_entry(bytes: &[u8; ENTRY_BYTES]) -> Entry {
    fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
        bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
    }
    Entry {
        key: (
            i128::from_le_bytes(part(bytes, 0)),
            u32::from_le_bytes(part(bytes, 32)),
            u64::from_le_bytes(part(bytes, 16)),
        ),
        at: u64::from_le_bytes(part(bytes, 24)),
        length: u32::from_le_bytes(part(bytes, 36)),
    }
}

/// A file without a name: it is gone when the process ends, however it ends.
fn temporary_file() -> io::Result<File> {
    let folder = std::env::temp_dir();
    let process = std::process::id();
    for attempt in 0..1000 {
        let path = folder.join(format!("khien-{process}-{attempt}.spool"));
        match File::options().read(true).write(true).create_new(true).open(&path) {
            Ok(file) => {
                std::fs::remove_file(&path)?;
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                let message = format!(
                    "cannot keep detections in {}: {error}; TMPDIR names another folder",
                    folder.display()
                );
                return Err(io::Error::new(error.kind(), message));
            }
        }
    }
    Err(io::Error::other(format!("no free name for a temporary file in {}", folder.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_come_back_in_order_from_memory_and_disk() {
        let mut spool = Spool::default();
        let text = "x".repeat(100_000);
        for at in (0..500_u32).rev() {
            let mut batch = Batch { text: format!("{at:04}{text}"), ..Batch::default() };
            batch.close((i128::from(at), 0, 0));
            spool.add(&mut batch).unwrap();
        }
        assert!(spool.written > 0 && !spool.memory.is_empty());
        for _ in 0..2 {
            let mut seen = Vec::new();
            spool
                .drain(|object| {
                    assert_eq!(object.len(), 100_004);
                    seen.push(String::from_utf8_lossy(&object[..4]).parse::<u32>().unwrap());
                    Ok(())
                })
                .unwrap();
            assert_eq!(seen, (0..500).collect::<Vec<_>>());
        }
    }

    #[test]
    fn more_objects_than_are_sorted_at_once_still_come_in_one_order() {
        let count = 2 * MAX_RECENT as u64 + 1000;
        let mut spool = Spool::default();
        let mut batch = Batch::default();
        for at in 0..count {
            // Every number once, in an order that mixes all runs.
            let number = at * 7919 % count;
            batch.text.push('o');
            batch.close((i128::from(number) - 1_000_000_000_000_000_000_000, 7, number));
            if batch.text.len() == 1000 {
                spool.add(&mut batch).unwrap();
            }
        }
        spool.add(&mut batch).unwrap();
        assert_eq!((spool.len() as u64, spool.runs.len()), (count, 2));
        let mut number = 0;
        spool
            .drain(|object| {
                assert_eq!(object, b"o");
                number += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(number, count);
        let mut run = Run { next: 0, end: spool.runs[0], buffer: Vec::new().into_iter() };
        let first = next_of(&mut run, spool.order.as_mut()).unwrap().unwrap();
        assert_eq!(first.key.1, 7);
        assert_eq!(first.key.0 + 1_000_000_000_000_000_000_000, i128::from(first.key.2));
    }

    #[test]
    fn an_object_that_was_never_finished_is_not_handed_over() {
        let mut spool = Spool::default();
        let mut batch = Batch::default();
        batch.text.push_str("whole\n");
        batch.close((2, 0, 0));
        batch.text.push_str("{\"half");
        batch.discard_unfinished();
        batch.text.push_str("next\n");
        batch.close((1, 0, 0));
        batch.text.push_str("{\"another half");
        spool.add(&mut batch).unwrap();
        let mut out = Vec::new();
        spool
            .drain(|object| {
                out.extend_from_slice(object);
                Ok(())
            })
            .unwrap();
        assert_eq!(out, b"next\nwhole\n");
    }
}
