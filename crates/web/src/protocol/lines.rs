//! Entries of which each is one line: what every way in makes of what it is sent.
//!
//! In come entries one by one; out comes a payload for one batch, never larger than a batch may
//! be. What the entries mean is not looked at.

use memchr::{memchr, memchr2};

/// No payload is larger than this: a batch is kept whole or not at all.
pub const MAX_BYTES: usize = 32 << 20;

/// More entries than one batch holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the entries come to more than {} MiB at once; send smaller batches", MAX_BYTES >> 20)]
pub struct TooLarge;

/// A payload that grows by whole entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    bytes: Vec<u8>,
    count: u64,
}

impl Lines {
    /// The bytes: every entry ends with a line break.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many entries there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The bytes and how many entries they hold.
    pub fn into_parts(self) -> (Vec<u8>, u64) {
        (self.bytes, self.count)
    }

    /// Adds an entry that holds no line break.
    pub fn push(&mut self, line: &[u8]) -> Result<(), TooLarge> {
        self.room(line.len() + 1)?;
        self.bytes.extend_from_slice(line);
        self.end();
        Ok(())
    }

    /// Adds a JSON value; line breaks between its parts become blanks.
    pub fn push_json(&mut self, value: &[u8]) -> Result<(), TooLarge> {
        self.append_json(value)?;
        self.room(1)?;
        self.end();
        Ok(())
    }

    /// Adds a part of an entry, a JSON value; [`Lines::end`] ends the entry.
    pub(super) fn append_json(&mut self, value: &[u8]) -> Result<(), TooLarge> {
        self.room(value.len())?;
        let from = self.bytes.len();
        self.bytes.extend_from_slice(value);
        let mut rest = self.bytes.get_mut(from..).unwrap_or_default();
        while let Some(at) = memchr2(b'\n', b'\r', rest) {
            let (found, after) = rest.split_at_mut(at + 1);
            if let Some(last) = found.last_mut() {
                *last = b' ';
            }
            rest = after;
        }
        Ok(())
    }

    /// Adds a part of an entry that holds no line break.
    pub(super) fn append(&mut self, part: &[u8]) -> Result<(), TooLarge> {
        self.room(part.len())?;
        self.bytes.extend_from_slice(part);
        Ok(())
    }

    /// Adds a part of an entry: a text as a JSON string.
    pub(super) fn append_text(&mut self, text: &str) -> Result<(), TooLarge> {
        // Each character may take six bytes when it is escaped; what is over is told afterwards.
        self.room(text.len())?;
        if serde_json::to_writer(&mut self.bytes, text).is_err() {
            return Err(TooLarge);
        }
        self.room(0)
    }

    /// Takes back the last byte if it is this one.
    pub(super) fn take_back(&mut self, byte: u8) {
        if self.bytes.last() == Some(&byte) {
            self.bytes.pop();
        }
    }

    /// Ends an entry made of parts.
    pub(super) fn end(&mut self) {
        self.bytes.push(b'\n');
        self.count += 1;
    }

    fn room(&self, more: usize) -> Result<(), TooLarge> {
        if self.bytes.len() + more > MAX_BYTES { Err(TooLarge) } else { Ok(()) }
    }
}

/// The lines of a body that are not blank, each with its number counted from 1 and without its
/// line break.
pub fn split(body: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = body;
    let mut number = 0;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            let (line, after) = rest.split_at(end);
            rest = after.get(1..).unwrap_or_default();
            number += 1;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.trim_ascii().is_empty() {
                return Some((number, line));
            }
        }
    })
}

/// A body of text, each line of it an entry.
pub fn text(body: &[u8]) -> Result<Lines, TooLarge> {
    let mut lines = Lines::default();
    for (_, line) in split(body) {
        lines.push(line)?;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_that_are_blank_are_no_entries() {
        let lines = text(b"a\r\n\n  \nb").unwrap();
        assert_eq!((lines.bytes(), lines.count()), (b"a\nb\n".as_slice(), 2));
        assert!(text(b"").unwrap().is_empty());
    }

    #[test]
    fn json_over_several_lines_becomes_one() {
        let mut lines = Lines::default();
        lines.push_json(b"{\r\n \"a\":\n1}").unwrap();
        assert_eq!(lines.bytes(), b"{   \"a\": 1}\n");
    }

    #[test]
    fn a_payload_never_grows_beyond_a_batch() {
        let mut lines = Lines::default();
        let long = vec![b'x'; MAX_BYTES - 1];
        assert_eq!(lines.push(&long), Ok(()));
        assert_eq!(lines.push(b""), Err(TooLarge));
        let mut lines = Lines::default();
        let escaped = "\u{1}".repeat(MAX_BYTES / 4);
        assert_eq!(lines.append_text(&escaped), Err(TooLarge));
    }

    proptest! {
        #[test]
        fn every_line_with_content_is_kept(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let lines = text(&body).unwrap();
            let ends = memchr::memchr_iter(b'\n', lines.bytes()).count() as u64;
            prop_assert_eq!(ends, lines.count());
            let content = |bytes: &[u8]| {
                bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).count()
            };
            prop_assert_eq!(content(&body), content(lines.bytes()));
        }
    }
}
