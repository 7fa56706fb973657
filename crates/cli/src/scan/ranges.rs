//! Large plain files, cut into ranges that threads read side by side.
//!
//! A range of lines owns the lines that begin in it; a range of an EVTX file is a run of chunks.
//! The number of a range's first line is found only when a detection needs it.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

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
    breaks: Rc<Cell<u64>>,
}

impl<R: Read> LinesOf<R> {
    pub(crate) fn new(inner: R, range: Range) -> Self {
        let at = range.start.saturating_sub(1);
        let started = range.start == 0;
        Self { inner, at, range, started, done: false, breaks: Rc::default() }
    }

    /// The line breaks in what has been read.
    pub(crate) fn breaks(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.breaks)
    }

    /// Goes to the first line that begins in the range, and answers where that is; `None` if
    /// there is none. What was read too much is in `rest`.
    pub(crate) fn seek_first_line(&mut self, rest: &mut Vec<u8>) -> io::Result<Option<u64>> {
        let mut buffer = vec![0; 1 << 16];
        while !self.started {
            let count = match self.inner.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
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
        let kept = self.owned(bytes);
        let breaks = memchr::memchr_iter(b'\n', bytes.get(..kept).unwrap_or_default()).count();
        self.breaks.set(self.breaks.get() + breaks as u64);
        kept
    }

    fn owned(&mut self, bytes: &[u8]) -> usize {
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

/// How many lines each range of a file owns, as far as that is known.
///
/// A thread that has read a range notes it here, so that the numbers of later lines are found
/// without reading the file from its beginning for each range.
#[derive(Debug, Default)]
pub(crate) struct LineTable {
    ranges: Vec<(Range, Option<u64>)>,
}

impl LineTable {
    pub(crate) fn new(ranges: &[Range]) -> Self {
        Self { ranges: ranges.iter().map(|range| (*range, None)).collect() }
    }

    /// Notes the lines of a range that has been read to its end.
    pub(crate) fn note(&mut self, range: Range, lines: u64) {
        if let Some(entry) = self.ranges.iter_mut().find(|entry| entry.0 == range) {
            entry.1 = Some(lines);
        }
    }

    /// The first range before `range` whose lines are not known yet.
    pub(crate) fn missing(&self, range: Range) -> Option<Range> {
        let before = self.ranges.iter().take_while(|entry| entry.0.start < range.start);
        before.filter(|entry| entry.1.is_none()).map(|entry| entry.0).next()
    }

    /// The lines before a range, if all ranges before it are known.
    pub(crate) fn before(&self, range: Range) -> u64 {
        let before = self.ranges.iter().take_while(|entry| entry.0.start < range.start);
        before.filter_map(|entry| entry.1).sum()
    }
}

/// Counts the lines that a range owns. `input` is the file from `start - 1` (or 0).
pub(crate) fn count_lines(input: impl Read, range: Range) -> io::Result<u64> {
    let mut lines = LinesOf::new(input, range);
    let breaks = lines.breaks();
    let mut buffer = Vec::new();
    if lines.seek_first_line(&mut buffer)?.is_some() {
        buffer.resize(1 << 18, 0);
        loop {
            match lines.read(&mut buffer) {
                Ok(0) => break,
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
        }
    }
    Ok(breaks.get())
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
    }

    #[test]
    fn lines_are_counted_once_by_whichever_range_owns_them() {
        let text = b"a\nbb\n\nccc\ndddddddddd\n\n\ne";
        for first in 1..text.len() as u64 {
            for second in first + 1..=text.len() as u64 {
                let ranges = [(0, first), (first, second), (second, u64::MAX)]
                    .map(|(start, end)| Range { start, end });
                let mut table = LineTable::new(&ranges);
                while let Some(range) = table.missing(ranges[2]) {
                    let from = range.start.saturating_sub(1) as usize;
                    table.note(range, count_lines(&text[from..], range).unwrap());
                }
                let from = second as usize - 1;
                let last = LinesOf::new(&text[from..], ranges[2]).seek_first_line(&mut Vec::new());
                if let Some(start) = last.unwrap() {
                    let breaks = memchr::memchr_iter(b'\n', &text[..start as usize]).count();
                    assert_eq!(table.before(ranges[2]), breaks as u64, "{first} {second}");
                }
            }
        }
    }
}
