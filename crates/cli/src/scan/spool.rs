//! Detections on their way to the output, in the order of time, within bounded memory.
//!
//! Objects are kept in memory up to [`MEMORY_BYTES`] and in a temporary file beyond; only their
//! times and places stay in memory, up to [`MAX_SORTED`] of them. Beyond that number detections
//! form a further part that is sorted on its own and follows the first.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

const MEMORY_BYTES: usize = 32 << 20;
const MAX_SORTED: usize = 2_000_000;

/// The sort key of a detection: its time in nanoseconds, its source, its place there.
pub(crate) type Key = (i128, u32, u64);

#[derive(Default)]
pub(crate) struct Spool {
    memory: Vec<u8>,
    file: Option<File>,
    written: u64,
    index: Vec<(Key, u64, u32)>,
    parts: Vec<usize>,
}

impl Spool {
    /// Takes several objects that stand one after the other in `bytes`.
    pub(crate) fn add(&mut self, bytes: &[u8], entries: &[(Key, u32)]) -> io::Result<()> {
        let mut at = self.written + self.memory.len() as u64;
        for (key, length) in entries {
            self.index.push((*key, at, *length));
            at += u64::from(*length);
        }
        self.memory.extend_from_slice(bytes);
        if self.memory.len() > MEMORY_BYTES {
            self.spill()?;
        }
        let started = self.parts.last().copied().unwrap_or(0);
        if self.index.len() - started >= MAX_SORTED {
            self.sort_from(started);
            self.parts.push(self.index.len());
        }
        Ok(())
    }

    /// How many objects there are.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether some objects could not be put into one order with the others.
    pub(crate) fn is_in_parts(&self) -> bool {
        !self.parts.is_empty()
    }

    fn sort_from(&mut self, start: usize) {
        if let Some(part) = self.index.get_mut(start..) {
            part.sort_unstable();
        }
    }

    fn spill(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            self.file = Some(temporary_file()?);
        }
        if let Some(file) = &mut self.file {
            file.write_all(&self.memory)?;
            self.written += self.memory.len() as u64;
            self.memory.clear();
        }
        Ok(())
    }

    /// Hands on every object in order.
    pub(crate) fn drain(
        &mut self,
        mut object: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let started = self.parts.last().copied().unwrap_or(0);
        self.sort_from(started);
        let mut buffer = Vec::new();
        for (_, at, length) in &self.index {
            let length = *length as usize;
            if *at >= self.written {
                let start = (*at - self.written) as usize;
                object(self.memory.get(start..start + length).unwrap_or_default())?;
            } else if let Some(file) = &mut self.file {
                buffer.resize(length, 0);
                file.seek(SeekFrom::Start(*at))?;
                file.read_exact(&mut buffer)?;
                object(&buffer)?;
            }
        }
        Ok(())
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
                let message = format!("cannot keep detections in {}: {error}", folder.display());
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
        for at in (0..1000_u32).rev() {
            let object = format!("{at:04}{text}");
            spool.add(object.as_bytes(), &[((i128::from(at), 0, 0), object.len() as u32)]).unwrap();
        }
        let mut seen = Vec::new();
        spool
            .drain(|object| {
                assert_eq!(object.len(), 100_004);
                seen.push(String::from_utf8_lossy(&object[..4]).parse::<u32>().unwrap());
                Ok(())
            })
            .unwrap();
        assert_eq!(seen, (0..1000).collect::<Vec<_>>());
        assert!(spool.written > 0 && !spool.memory.is_empty());
    }
}
