//! ZIP archives as lists of places, read by hand.
//!
//! Only the central directory is walked, entry by entry and up to a limit, so that memory does
//! not grow with what an archive claims. Names stay names: nothing is ever written to disk. Data
//! is found by the sizes of the central directory, which also hold for entries that were written
//! as a stream; its length and checksum are compared with what comes out.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use flate2::Crc;
use jiff::civil::DateTime;

const END_BYTES: u64 = 22;
const MAX_COMMENT: u64 = 0xffff;
const ENTRY_BYTES: usize = 46;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// What all entries of an archive share.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) path: std::path::PathBuf,
    pub(crate) size: u64,
    /// What all entries together have given so far: entries may overlap.
    pub(crate) given: AtomicU64,
}

/// Where an entry lies.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) archive: Arc<Archive>,
    pub(crate) packed: u64,
    size: u64,
    checksum: u32,
    method: u16,
    header: u64,
}

/// An entry as the central directory tells it.
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) encrypted: bool,
    /// Seconds since 1970 on the clock of whoever packed it.
    pub(crate) modified: Option<i64>,
    pub(crate) entry: Entry,
}

/// The central directory of an archive, read entry by entry.
pub(crate) struct Directory {
    archive: Arc<Archive>,
    input: BufReader<File>,
    /// How many entries the archive says it has.
    pub(crate) entries: u64,
    /// Bytes that stand before the archive in its file.
    before: u64,
    read: u64,
}

fn broken(what: &str) -> io::Error {
    io::Error::other(format!("not a readable ZIP archive: {what}"))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |b| u64::from_le_bytes(*b))
}

impl Directory {
    /// Finds the central directory.
    pub(crate) fn open(path: &std::path::Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let size = file.seek(SeekFrom::End(0))?;
        let tail_at = size.saturating_sub(END_BYTES + MAX_COMMENT);
        file.seek(SeekFrom::Start(tail_at))?;
        let mut tail = Vec::new();
        (&mut file).take(END_BYTES + MAX_COMMENT).read_to_end(&mut tail)?;
        let end = memchr::memmem::rfind_iter(&tail, b"PK\x05\x06")
            .find(|at| {
                let comment = usize::from(u16_at(&tail, at + 20));
                at + END_BYTES as usize + comment <= tail.len()
            })
            .ok_or_else(|| broken("it has no end, so that some of it may be missing"))?;
        let record = tail.get(end..).unwrap_or_default();
        let (disk, first_disk) = (u16_at(record, 4), u16_at(record, 6));
        let mut entries = u64::from(u16_at(record, 10));
        let mut length = u64::from(u32_at(record, 12));
        let mut start = u64::from(u32_at(record, 16));
        let mut end_at = tail_at + end as u64;
        if (disk, first_disk) != (0, 0) && (disk, first_disk) != (0xffff, 0xffff) {
            return Err(broken("it is one part of several"));
        }
        // A larger archive has a larger end, and a pointer to it before the small one.
        let locator = end.checked_sub(20).and_then(|at| tail.get(at..end)).unwrap_or_default();
        if locator.starts_with(b"PK\x06\x07") {
            let mut large = [0; 56];
            let at = u64_at(locator, 8);
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut large).map_err(|_| broken("its end is cut off"))?;
            if !large.starts_with(b"PK\x06\x06") {
                return Err(broken("its end is damaged"));
            }
            (entries, length, start) = (u64_at(&large, 32), u64_at(&large, 40), u64_at(&large, 48));
            end_at = at;
        }
        let directory = end_at.checked_sub(length).ok_or_else(|| broken("its list is too long"))?;
        let before =
            directory.checked_sub(start).ok_or_else(|| broken("its list lies outside of it"))?;
        file.seek(SeekFrom::Start(directory))?;
        let archive =
            Arc::new(Archive { path: path.to_owned(), size, given: AtomicU64::default() });
        let input = BufReader::with_capacity(1 << 16, file);
        Ok(Self { archive, input, entries, before, read: 0 })
    }

    /// The next entry. After an error there are no more.
    pub(crate) fn next(&mut self) -> io::Result<Option<Listed>> {
        if self.read >= self.entries {
            return Ok(None);
        }
        let number = self.read;
        self.read += 1;
        let damaged = |_| broken(&format!("its list is damaged at entry {number}"));
        let mut head = [0; ENTRY_BYTES];
        self.input.read_exact(&mut head).map_err(damaged)?;
        if !head.starts_with(b"PK\x01\x02") {
            return Err(broken(&format!("its list is damaged at entry {number}")));
        }
        let mut read = |length: u16| -> io::Result<Vec<u8>> {
            let mut bytes = vec![0; usize::from(length)];
            self.input.read_exact(&mut bytes).map_err(damaged)?;
            Ok(bytes)
        };
        let name = read(u16_at(&head, 28))?;
        let extra = read(u16_at(&head, 30))?;
        read(u16_at(&head, 32))?;
        let mut size = u64::from(u32_at(&head, 24));
        let mut packed = u64::from(u32_at(&head, 20));
        let mut header = u64::from(u32_at(&head, 42));
        let mut large = large_sizes(&extra).as_chunks::<8>().0.iter();
        for number in [&mut size, &mut packed, &mut header] {
            if *number == u64::from(u32::MAX) {
                *number = large.next().map_or(*number, |bytes| u64::from_le_bytes(*bytes));
            }
        }
        let entry = Entry {
            archive: Arc::clone(&self.archive),
            packed,
            size,
            checksum: u32_at(&head, 16),
            method: u16_at(&head, 10),
            header: self.before.saturating_add(header),
        };
        Ok(Some(Listed {
            name: String::from_utf8_lossy(&name).into_owned(),
            encrypted: u16_at(&head, 8) & 1 != 0,
            modified: modified(u16_at(&head, 14), u16_at(&head, 12)),
            entry,
        }))
    }
}

/// The body of the extra field that holds what does not fit into 32 bits.
fn large_sizes(mut extra: &[u8]) -> &[u8] {
    while extra.len() >= 4 {
        let length = usize::from(u16_at(extra, 2));
        let body = extra.get(4..4 + length).unwrap_or_default();
        if u16_at(extra, 0) == 1 {
            return body;
        }
        extra = extra.get(4 + length..).unwrap_or_default();
    }
    &[]
}

fn modified(date: u16, time: u16) -> Option<i64> {
    let part = |bits: u16, from: u16, count: u16| (bits >> from) & ((1 << count) - 1);
    let when = DateTime::new(
        1980 + part(date, 9, 7) as i16,
        part(date, 5, 4) as i8,
        part(date, 0, 5) as i8,
        part(time, 11, 5) as i8,
        part(time, 5, 6) as i8,
        part(time, 0, 5).min(29) as i8 * 2,
        0,
    );
    Some(when.ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// How the data of an entry is packed.
pub(crate) enum Packing {
    Stored,
    Deflated,
}

impl Entry {
    /// Opens the packed data.
    pub(crate) fn open(&self) -> io::Result<(Packing, io::Take<File>)> {
        let packing = match self.method {
            STORED => Packing::Stored,
            DEFLATED => Packing::Deflated,
            other => {
                let reason = format!(
                    "the entry is compressed by method {other}; only deflated and stored entries are read"
                );
                return Err(io::Error::other(reason));
            }
        };
        let mut file = File::open(&self.archive.path)?;
        file.seek(SeekFrom::Start(self.header))?;
        let mut head = [0; 30];
        file.read_exact(&mut head).map_err(|_| broken("an entry lies outside of it"))?;
        if !head.starts_with(b"PK\x03\x04") {
            return Err(broken("an entry is not where the list says"));
        }
        let skip = i64::from(u16_at(&head, 26)) + i64::from(u16_at(&head, 28));
        file.seek(SeekFrom::Current(skip))?;
        Ok((packing, file.take(self.packed)))
    }

    /// Compares what is read from `inner` with the list.
    pub(crate) fn checked<R: Read>(&self, inner: R) -> Checked<R> {
        Checked { inner, sum: Crc::new(), given: 0, size: self.size, checksum: self.checksum }
    }
}

/// Ends with an error if the data is not what the list of the archive says.
pub(crate) struct Checked<R> {
    inner: R,
    sum: Crc,
    given: u64,
    size: u64,
    checksum: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            if self.given != self.size {
                let (given, size) = (self.given, self.size);
                return Err(io::Error::other(format!(
                    "the entry holds {given} bytes and should hold {size}"
                )));
            }
            if self.sum.sum() != self.checksum {
                return Err(io::Error::other("the entry is damaged: its checksum is wrong"));
            }
        }
        self.sum.update(buffer.get(..count).unwrap_or_default());
        self.given += count as u64;
        Ok(count)
    }
}
