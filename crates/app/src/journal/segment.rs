//! The bytes of a journal file.
//!
//! A file is a header and entries, one after another. Every entry says how long it is and carries
//! a checksum of all that follows, so a torn end or a damaged middle is seen; it begins with a
//! mark, so what stands behind damage is found again. All numbers are little-endian.
//!
//! ```text
//! file   "KHIENJ1\n"  first number u64
//! entry  "KHJE"  length u32  crc32 u32 | number u64  arrival i64  source i64  key [16]  flags u8
//!        meta length u16  raw length u32  meta  payload
//! ```

use std::io::{self, Read};

use super::{BatchKey, SourceKey};

/// What a journal file begins with.
const FILE_MARK: &[u8; 8] = b"KHIENJ1\n";
/// Bytes of a file's header.
pub(super) const FILE_HEADER_BYTES: usize = 16;
/// What an entry begins with.
const ENTRY_MARK: &[u8; 4] = b"KHJE";
/// Bytes before those that the checksum covers.
const PREFIX_BYTES: usize = 12;
/// Bytes between the prefix and the meta.
const FIXED_BYTES: usize = 8 + 8 + 8 + 16 + 1 + 2 + 4;
/// No entry is longer than this, before or after compression.
pub const MAX_PAYLOAD_BYTES: usize = 64 << 20;
/// Shorter payloads are kept as they are.
const COMPRESS_FROM_BYTES: usize = 512;
const HAS_KEY: u8 = 1;
const COMPRESSED: u8 = 2;

/// The header of a file whose first entry will have this number.
pub(super) fn file_header(first: u64) -> [u8; FILE_HEADER_BYTES] {
    let mut header = [0; FILE_HEADER_BYTES];
    let (mark, number) = header.split_at_mut(FILE_MARK.len());
    mark.copy_from_slice(FILE_MARK);
    number.copy_from_slice(&first.to_le_bytes());
    header
}

/// An entry without its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) number: u64,
    /// Microseconds since 1970, UTC.
    pub(super) arrival: i64,
    pub(super) source: SourceKey,
    pub(super) key: Option<BatchKey>,
    pub(super) meta: Vec<u8>,
}

/// Makes entries; keeps the memory of compression.
pub(super) struct Encoder(zstd::bulk::Compressor<'static>);

impl Encoder {
    pub(super) fn new() -> io::Result<Self> {
        // Level 1 costs about a second of processor time a gigabyte and spares twenty times the
        // writing; higher levels cost more than the disk does.
        zstd::bulk::Compressor::new(1).map(Self)
    }

    /// An entry as it stands in the file, once [`seal`] has given it its number and checksum.
    pub(super) fn encode(&mut self, head: &Head, payload: &[u8]) -> io::Result<Vec<u8>> {
        let too_long = || io::Error::new(io::ErrorKind::InvalidInput, "a batch is too long");
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(too_long());
        }
        let meta_length = u16::try_from(head.meta.len()).map_err(|_| too_long())?;
        let compressed = match payload.len() {
            0..COMPRESS_FROM_BYTES => None,
            _ => Some(self.0.compress(payload)?).filter(|short| short.len() < payload.len()),
        };
        let stored = compressed.as_deref().unwrap_or(payload);
        let length = FIXED_BYTES + head.meta.len() + stored.len();
        let mut entry = Vec::with_capacity(PREFIX_BYTES + length);
        entry.extend_from_slice(ENTRY_MARK);
        entry.extend_from_slice(&(length as u32).to_le_bytes());
        entry.extend_from_slice(&[0; 4]);
        entry.extend_from_slice(&head.number.to_le_bytes());
        entry.extend_from_slice(&head.arrival.to_le_bytes());
        entry.extend_from_slice(&head.source.0.to_le_bytes());
        entry.extend_from_slice(&head.key.map_or([0; 16], |key| key.0));
        let has_key = if head.key.is_some() { HAS_KEY } else { 0 };
        entry.push(has_key | if compressed.is_some() { COMPRESSED } else { 0 });
        entry.extend_from_slice(&meta_length.to_le_bytes());
        entry.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        entry.extend_from_slice(&head.meta);
        entry.extend_from_slice(stored);
        Ok(entry)
    }
}

/// Gives an encoded entry its number and its checksum.
pub(super) fn seal(entry: &mut [u8], number: u64) {
    if let Some(place) = entry.get_mut(PREFIX_BYTES..PREFIX_BYTES + 8) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    let sum = crc32fast::hash(entry.get(PREFIX_BYTES..).unwrap_or_default());
    if let Some(place) = entry.get_mut(8..PREFIX_BYTES) {
        place.copy_from_slice(&sum.to_le_bytes());
    }
}

/// Reads one whole entry. `None` if these bytes are not one.
pub(super) fn decode(entry: &[u8]) -> Option<(Head, Vec<u8>)> {
    let mut rest = entry;
    let mut take = |length: usize| {
        let (taken, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(taken)
    };
    if take(4)? != ENTRY_MARK {
        return None;
    }
    let length = u32_of(take(4)?)? as usize;
    let sum = u32_of(take(4)?)?;
    if entry.len() != PREFIX_BYTES + length || crc32fast::hash(entry.get(PREFIX_BYTES..)?) != sum {
        return None;
    }
    let number = u64::from_le_bytes(take(8)?.try_into().ok()?);
    let arrival = i64::from_le_bytes(take(8)?.try_into().ok()?);
    let source = SourceKey(i64::from_le_bytes(take(8)?.try_into().ok()?));
    let key = BatchKey(take(16)?.try_into().ok()?);
    let flags = take(1)?.first().copied()?;
    let meta_length = u16::from_le_bytes(take(2)?.try_into().ok()?);
    let raw_length = u32_of(take(4)?)? as usize;
    let meta = take(usize::from(meta_length))?.to_vec();
    if raw_length > MAX_PAYLOAD_BYTES {
        return None;
    }
    let payload = match flags & COMPRESSED {
        0 => rest.to_vec(),
        _ => zstd::bulk::decompress(rest, raw_length).ok()?,
    };
    let key = (flags & HAS_KEY != 0).then_some(key);
    (payload.len() == raw_length).then_some((Head { number, arrival, source, key, meta }, payload))
}

fn u32_of(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// An entry in a file.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) head: Head,
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) payload_length: u32,
}

/// What a file was found to hold.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// The number that the header promises for the first entry.
    pub(super) first: Option<u64>,
    /// Whole entries, in the order of the file.
    pub(super) entries: Vec<Found>,
    /// Ranges of bytes that are no entry, with whole entries behind them: something acknowledged
    /// was damaged.
    pub(super) damaged: Vec<(u64, u64)>,
    /// Bytes at the end that are no whole entry: written when the machine stopped, before they
    /// were acknowledged.
    pub(super) torn: u64,
}

/// Reads a file from its beginning; what is damaged is stepped over.
pub(super) fn scan(mut input: impl Read) -> io::Result<Scanned> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let mut found = Scanned::default();
    let header = bytes.get(..FILE_HEADER_BYTES).and_then(|header| header.split_at_checked(8));
    if let Some((_, first)) = header.filter(|(mark, _)| mark == FILE_MARK) {
        found.first = first.try_into().ok().map(u64::from_le_bytes);
    }
    let mut at = FILE_HEADER_BYTES.min(bytes.len());
    let mut bad_from = None;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let whole = rest.get(4..8).and_then(u32_of).map(|length| length as usize + PREFIX_BYTES);
        let entry = whole.and_then(|whole| rest.get(..whole));
        if let Some((entry, (head, payload))) = entry.and_then(|e| Some((e, decode(e)?))) {
            if let Some(from) = bad_from.take() {
                found.damaged.push((from as u64, at as u64));
            }
            let (offset, length) = (at as u64, entry.len() as u32);
            let payload_length = payload.len() as u32;
            found.entries.push(Found { head, offset, length, payload_length });
            at += entry.len();
            continue;
        }
        bad_from.get_or_insert(at);
        let next = rest.get(1..).and_then(|rest| memchr::memmem::find(rest, ENTRY_MARK));
        at = next.map_or(bytes.len(), |next| at + 1 + next);
    }
    found.torn = bad_from.map_or(0, |from| (bytes.len() - from) as u64);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn head(number: u64) -> Head {
        Head {
            number,
            arrival: 1_767_225_600_000_000,
            source: SourceKey(7),
            key: number.is_multiple_of(2).then_some(BatchKey([9; 16])),
            meta: b"{\"kind\":\"lines\"}".to_vec(),
        }
    }

    fn file(payloads: &[Vec<u8>]) -> Vec<u8> {
        let mut encoder = Encoder::new().unwrap();
        let mut file = file_header(1).to_vec();
        for (at, payload) in payloads.iter().enumerate() {
            let number = at as u64 + 1;
            let mut entry = encoder.encode(&head(number), payload).unwrap();
            seal(&mut entry, number);
            file.extend(entry);
        }
        file
    }

    fn payloads() -> Vec<Vec<u8>> {
        vec![b"one".to_vec(), vec![b'x'; 4000], Vec::new(), b"four".repeat(300)]
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = file(&payloads());
        let found = scan(bytes.as_slice()).unwrap();
        assert_eq!(found.first, Some(1));
        assert_eq!((found.entries.len(), found.damaged.len(), found.torn), (4, 0, 0));
        for (found, payload) in found.entries.iter().zip(payloads()) {
            let at = found.offset as usize;
            let (again, bytes) = decode(&bytes[at..at + found.length as usize]).unwrap();
            assert_eq!((&again, bytes), (&found.head, payload));
            assert_eq!(again, head(found.head.number));
        }
    }

    #[test]
    fn a_torn_end_is_left_out_at_every_length() {
        let bytes = file(&payloads());
        let ends: Vec<usize> = (scan(bytes.as_slice()).unwrap().entries.iter())
            .map(|found| found.offset as usize + found.length as usize)
            .collect();
        for length in 0..bytes.len() {
            let found = scan(&bytes[..length]).unwrap();
            assert_eq!(found.entries.len(), ends.iter().filter(|end| **end <= length).count());
            assert!(found.damaged.is_empty());
        }
    }

    proptest! {
        #[test]
        fn one_changed_byte_costs_one_entry_and_is_told(at in 0usize..1000, flip in 1u8..) {
            let bytes = file(&payloads());
            let at = FILE_HEADER_BYTES + at % (bytes.len() - FILE_HEADER_BYTES);
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            let found = scan(changed.as_slice()).unwrap();
            prop_assert_eq!(found.entries.len(), 3);
            prop_assert!(!found.damaged.is_empty() || found.torn > 0);
        }

        #[test]
        fn anything_at_all_is_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let found = scan(bytes.as_slice()).unwrap();
            prop_assert!(found.entries.is_empty());
        }
    }
}
