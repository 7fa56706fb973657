//! Large plain files, cut into ranges that threads read side by side.
//!
//! A range of lines owns the lines that begin in it; a range of an EVTX file is a run of chunks.
//! The number of a range's first line is found only when a detection needs it.

use std::io::{self, Read};

use khien_event::stream::{EVTX_CHUNK_BYTES, EVTX_HEADER_BYTES};

/// The usual length of a range.
const RANGE_BYTES: u64 = 128 * EVTX_CHUNK_BYTES as u64;

/// A part of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Range {
    /// All of a source, however long.
    pub(crate) const WHOLE: Self = Self { start: 0, end: u64::MAX };
}

/// The ranges of a file of this size. `first` is the length of what must stay with the first.
pub(crate) fn cut(size: u64, first: u64) -> Vec<Range> {
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < size {
        let end = if start == 0 { first + RANGE_BYTES } else { start + RANGE_BYTES };
        ranges.push(Range { start, end });
        start = end;
    }
    if let Some(last) = ranges.last_mut() {
        last.end = u64::MAX;
    }
    ranges
}

/// The ranges of an EVTX file: the header stays with the first chunks.
pub(crate) fn cut_evtx(size: u64) -> Vec<Range> {
    cut(size, EVTX_HEADER_BYTES as u64)
}

/// The lines of a range of a file that was opened at `start - 1` (or at 0).
pub(crate) struct LinesOf<R> {
    inner: R,
    at: u64,
    range: Range,
    started: bool,
    done: bool,
}

impl<R: Read> LinesOf<R> {
    pub(crate) fn new(inner: R, range: Range) -> Self {
        let at = range.start.saturating_sub(1);
        Self { inner, at, range, started: range.start == 0, done: false }
    }

    /// Goes to the first line that begins in the range, and answers where that is; `None` if
    /// there is none. What was read too much is in `rest`.
    pub(crate) fn seek_first_line(&mut self, rest: &mut Vec<u8>) -> io::Result<Option<u64>> {
        let mut buffer = vec![0; 1 << 16];
        while !self.started {
            let count = self.inner.read(&mut buffer)?;
            if count == 0 || self.at >= self.range.end {
                return Ok(None);
            }
            let read = buffer.get(..count).unwrap_or_default();
            if let Some(newline) = memchr::memchr(b'\n', read) {
                let start = self.at + newline as u64 + 1;
                if start >= self.range.end {
                    return Ok(None);
                }
                self.started = true;
                rest.extend_from_slice(read.get(newline + 1..).unwrap_or_default());
                self.at = start;
                let kept = self.keep(rest);
                rest.truncate(kept);
                return Ok(Some(start));
            }
            self.at += count as u64;
        }
        Ok(Some(self.range.start))
    }

    /// How many of the bytes at the current place belong to the range. Moves the place.
    fn keep(&mut self, bytes: &[u8]) -> usize {
        let from = self.at;
        self.at += bytes.len() as u64;
        // The line that begins before the end belongs to the range; it ends at the first line
        // break at or after the byte before the end.
        let last = self.range.end - 1;
        if self.at <= last {
            return bytes.len();
        }
        let skip = last.saturating_sub(from) as usize;
        match memchr::memchr(b'\n', bytes.get(skip..).unwrap_or_default()) {
            Some(newline) => {
                self.done = true;
                skip + newline + 1
            }
            None => bytes.len(),
        }
    }
}

impl<R: Read> Read for LinesOf<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.done {
            return Ok(0);
        }
        let count = self.inner.read(buffer)?;
        Ok(self.keep(buffer.get(..count).unwrap_or_default()))
    }
}

/// Counts the line breaks before an offset.
pub(crate) fn lines_before(mut input: impl Read, offset: u64) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 18];
    let (mut at, mut lines) = (0, 0);
    while at < offset {
        let count = input.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        let wanted = usize::try_from(offset - at).unwrap_or(usize::MAX).min(count);
        lines +=
            memchr::memchr_iter(b'\n', buffer.get(..wanted).unwrap_or_default()).count() as u64;
        at += count as u64;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_range(text: &[u8], range: Range) -> Vec<u8> {
        let from = range.start.saturating_sub(1) as usize;
        let mut lines = LinesOf::new(&text[from..], range);
        let mut out = Vec::new();
        if lines.seek_first_line(&mut out).unwrap().is_some() {
            lines.read_to_end(&mut out).unwrap();
        }
        out
    }

    #[test]
    fn ranges_together_are_the_file_whatever_the_cut() {
        let text = b"a\nbb\n\nccc\ndddddddddd\n\n\ne";
        for first in 1..text.len() as u64 {
            for second in first + 1..=text.len() as u64 {
                let mut whole = Vec::new();
                for (start, end) in [(0, first), (first, second), (second, u64::MAX)] {
                    whole.extend(read_range(text, Range { start, end }));
                }
                assert_eq!(whole, text, "{first} {second}");
            }
        }
    }

    #[test]
    fn cuts_cover_everything() {
        let ranges = cut_evtx(3 * RANGE_BYTES + 5000);
        assert_eq!(ranges[0], Range { start: 0, end: RANGE_BYTES + 4096 });
        assert_eq!(ranges.len(), 4);
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!(lines_before(&b"a\nb\nc\n"[..], 3).unwrap(), 1);
    }
}
