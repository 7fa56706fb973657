//! A stream of bytes, cut into blocks that hold whole entries.
//!
//! Memory stays bounded whatever comes in: a block is [`BLOCK_BYTES`] long, or as long as one
//! entry needs up to [`MAX_ENTRY_BYTES`]; a longer entry is passed over and reported. UTF-16 with
//! a byte order mark is turned into UTF-8 first, so that offsets count bytes of UTF-8 there.

use std::io::{self, Read};

use crate::format::json::wrapper;
use crate::record::Problem;

/// The usual length of a block.
pub const BLOCK_BYTES: usize = 1 << 20;
/// The longest entry that is read.
pub const MAX_ENTRY_BYTES: usize = 16 << 20;
/// How much of a source is looked at to tell its format.
pub const HEAD_BYTES: usize = 64 << 10;

/// The header of an EVTX file.
pub const EVTX_HEADER_BYTES: usize = 4096;
/// The length of a chunk of an EVTX file.
pub const EVTX_CHUNK_BYTES: usize = 65536;

/// How a stream is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// One entry a line.
    Lines,
    /// An EVTX header, then chunks of fixed length.
    Evtx,
    /// `<Event>` elements.
    XmlEvents,
    /// JSON values one after the other, over several lines or inside one array.
    JsonValues,
    /// Lines, except that a quoted field may hold line breaks.
    Csv,
}

/// A piece of a source that holds whole entries.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Where they begin in the source.
    pub offset: u64,
    /// The number of the first line, counted from 1.
    pub first_line: u64,
    /// Whether the source ends with this block.
    pub last: bool,
}

/// Cuts what `R` gives into blocks.
pub struct Stream<R> {
    input: R,
    framing: Option<Framing>,
    buffer: Vec<u8>,
    filled: usize,
    taken: usize,
    offset: u64,
    line: u64,
    ended: bool,
    started: bool,
    wide: Option<Wide>,
    scan: JsonScan,
    bytes_read: u64,
}

/// UTF-16 input that is being turned into UTF-8.
struct Wide {
    big_endian: bool,
    pending: Vec<u8>,
}

impl<R: Read> Stream<R> {
    /// A stream whose format is not known yet: look at [`Stream::head`], then call
    /// [`Stream::set_framing`].
    pub fn new(input: R) -> Self {
        Self {
            input,
            framing: None,
            buffer: Vec::new(),
            filled: 0,
            taken: 0,
            offset: 0,
            line: 1,
            ended: false,
            started: false,
            wide: None,
            scan: JsonScan::default(),
            bytes_read: 0,
        }
    }

    /// The same with the memory of a stream that is done.
    pub fn with_buffer(input: R, buffer: Vec<u8>) -> Self {
        Self { buffer, ..Self::new(input) }
    }

    /// Ends the stream and gives its memory back for the next.
    pub fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// A stream that begins somewhere in a source, on the boundary of an entry. Its lines are
    /// counted from 1.
    pub fn resume(input: R, offset: u64, buffer: Vec<u8>) -> Self {
        Self { offset, started: true, buffer, ..Self::new(input) }
    }

    /// Whether the input is UTF-16, so that offsets are not those of the input. Known once the
    /// head has been read.
    pub fn is_transcoded(&self) -> bool {
        self.wide.is_some()
    }

    /// Says how the stream is cut.
    pub fn set_framing(&mut self, framing: Framing) {
        self.framing = Some(framing);
    }

    /// Bytes taken from the input so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The first bytes, byte order mark removed.
    pub fn head(&mut self) -> io::Result<&[u8]> {
        while self.filled < HEAD_BYTES && !self.ended {
            self.fill()?;
        }
        Ok(self.buffer.get(..self.filled.min(HEAD_BYTES)).unwrap_or_default())
    }

    /// The next block, or `None` at the end. Entries that are too long go to `problem`.
    pub fn next(&mut self, problem: &mut dyn FnMut(Problem)) -> io::Result<Option<Block<'_>>> {
        self.discard_taken();
        let framing = self.framing.unwrap_or(Framing::Lines);
        let mut want = BLOCK_BYTES;
        loop {
            while self.filled < want && !self.ended {
                self.fill()?;
            }
            let window = self.buffer.get(..self.filled).unwrap_or_default();
            if window.is_empty() {
                return Ok(None);
            }
            let end = if self.ended { window.len() } else { self.cut(framing) };
            if end > 0 {
                self.taken = end;
                break;
            }
            if want >= MAX_ENTRY_BYTES {
                self.pass_over(framing, problem)?;
                want = BLOCK_BYTES;
                continue;
            }
            want *= 2;
        }
        let bytes = self.buffer.get(..self.taken).unwrap_or_default();
        let last = self.ended && self.taken == self.filled;
        Ok(Some(Block { bytes, offset: self.offset, first_line: self.line, last }))
    }

    /// Where the last whole entry of the buffer ends; 0 if there is none.
    fn cut(&mut self, framing: Framing) -> usize {
        let window = self.buffer.get(..self.filled).unwrap_or_default();
        match framing {
            Framing::Lines => memchr::memrchr(b'\n', window).map_or(0, |at| at + 1),
            Framing::Evtx => {
                let header = if self.offset == 0 { EVTX_HEADER_BYTES } else { 0 };
                let chunks = window.len().saturating_sub(header) / EVTX_CHUNK_BYTES;
                if chunks == 0 { 0 } else { header + chunks * EVTX_CHUNK_BYTES }
            }
            Framing::XmlEvents => {
                memchr::memmem::rfind(window, b"</Event>").map_or(0, |at| at + b"</Event>".len())
            }
            Framing::JsonValues => self.scan.advance(window),
            Framing::Csv => csv_cut(window),
        }
    }

    /// Drops an entry that is longer than [`MAX_ENTRY_BYTES`], up to the next line break.
    fn pass_over(&mut self, framing: Framing, problem: &mut dyn FnMut(Problem)) -> io::Result<()> {
        let start = self.offset;
        self.scan = JsonScan { started: true, ..JsonScan::default() };
        loop {
            let window = self.buffer.get(..self.filled).unwrap_or_default();
            // A quoted line break or one inside a value is no boundary; the next entry is found
            // again at the first line that reads as one.
            let end = memchr::memchr(b'\n', window).map(|at| at + 1);
            let end = if framing == Framing::Lines { end } else { end.or(Some(window.len())) };
            self.taken = end.unwrap_or(window.len());
            self.discard_taken();
            if end.is_some() || self.ended {
                break;
            }
            self.fill()?;
        }
        problem(Problem::new(
            start,
            format!("an entry longer than {} MiB was passed over", MAX_ENTRY_BYTES >> 20),
        ));
        Ok(())
    }

    fn discard_taken(&mut self) {
        if self.taken == 0 {
            return;
        }
        let gone = self.buffer.get(..self.taken).unwrap_or_default();
        if self.framing != Some(Framing::Evtx) {
            self.line += memchr::memchr_iter(b'\n', gone).count() as u64;
        }
        self.offset += self.taken as u64;
        self.buffer.copy_within(self.taken..self.filled, 0);
        self.filled -= self.taken;
        self.taken = 0;
        if self.buffer.len() > 4 * BLOCK_BYTES && self.filled < BLOCK_BYTES {
            self.buffer.truncate(2 * BLOCK_BYTES);
            self.buffer.shrink_to_fit();
        }
        self.scan.taken();
    }

    fn fill(&mut self) -> io::Result<()> {
        // Small sources are many: a buffer begins small and grows with what comes.
        if self.buffer.len() < self.filled + HEAD_BYTES {
            let length = (self.filled * 2).clamp(2 * HEAD_BYTES, self.filled + BLOCK_BYTES);
            self.buffer.resize(length, 0);
        }
        let count = loop {
            let space = self.buffer.get_mut(self.filled..).unwrap_or_default();
            match self.input.read(space) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.bytes_read += count as u64;
        self.ended = count == 0;
        let first = !self.started && self.filled == 0;
        if first && count == 1 {
            // One byte cannot show a byte order mark.
            self.filled += 1;
            return Ok(());
        }
        self.filled += count;
        if !self.started {
            self.started = true;
            self.byte_order_mark();
        } else if self.wide.is_some() {
            self.widen(count);
        }
        Ok(())
    }

    fn byte_order_mark(&mut self) {
        let window = self.buffer.get(..self.filled).unwrap_or_default();
        let big_endian = match window {
            [0xef, 0xbb, 0xbf, ..] => {
                self.buffer.copy_within(3..self.filled, 0);
                self.filled -= 3;
                // Offsets count the bytes of the source, whether it is read whole or in ranges.
                self.offset = 3;
                return;
            }
            [0xff, 0xfe, ..] => false,
            [0xfe, 0xff, ..] => true,
            _ => return,
        };
        self.buffer.copy_within(2..self.filled, 0);
        self.filled -= 2;
        self.wide = Some(Wide { big_endian, pending: Vec::new() });
        self.widen(self.filled);
    }

    /// Turns the last `count` bytes of the buffer from UTF-16 into UTF-8.
    fn widen(&mut self, count: usize) {
        let Some(wide) = &mut self.wide else { return };
        let start = self.filled - count;
        wide.pending.extend_from_slice(self.buffer.get(start..self.filled).unwrap_or_default());
        let (pairs, _) = wide.pending.as_chunks::<2>();
        let unit = |pair: &[u8; 2]| {
            if wide.big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) }
        };
        let mut used = pairs.len();
        // The first half of a surrogate pair waits for the second.
        if !self.ended && pairs.last().is_some_and(|pair| (0xd800..0xdc00).contains(&unit(pair))) {
            used -= 1;
        }
        let text: String = char::decode_utf16(pairs.iter().take(used).map(unit))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        wide.pending.drain(..used * 2);
        self.buffer.truncate(start);
        self.buffer.extend_from_slice(text.as_bytes());
        self.filled = self.buffer.len();
    }
}

/// The end of the last line whose quotes are closed.
fn csv_cut(window: &[u8]) -> usize {
    let mut quoted = false;
    let mut end = 0;
    for at in memchr::memchr2_iter(b'"', b'\n', window) {
        match window.get(at) {
            Some(b'"') => quoted = !quoted,
            _ if !quoted => end = at + 1,
            _ => {}
        }
    }
    end
}

/// Finds where JSON values end, remembering how far it got.
#[derive(Default)]
struct JsonScan {
    at: usize,
    depth: usize,
    in_string: bool,
    escaped: bool,
    end: usize,
    started: bool,
}

impl JsonScan {
    /// Looks at the bytes not seen yet; the answer is the end of the last whole value. An outer
    /// array does not count as depth, nor does an object that only wraps a list: the items are
    /// the values.
    fn advance(&mut self, window: &[u8]) -> usize {
        if !self.started {
            self.started = true;
            let head = window.get(..HEAD_BYTES).unwrap_or(window).utf8_chunks().next();
            self.at = head.and_then(|head| wrapper::opening(head.valid())).unwrap_or(0);
        }
        for (at, byte) in window.iter().enumerate().skip(self.at) {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' => self.depth += 1,
                b'[' if self.depth > 0 => self.depth += 1,
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        self.end = at + 1;
                    }
                }
                _ => {}
            }
        }
        self.at = window.len();
        self.end
    }

    /// The bytes up to the last answer are gone.
    fn taken(&mut self) {
        self.at = self.at.saturating_sub(self.end);
        self.end = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Offset, number of the first line, and bytes of a block.
    type Kept = (u64, u64, Vec<u8>);

    fn blocks(input: &[u8], framing: Framing) -> (Vec<Kept>, Vec<Problem>) {
        let mut stream = Stream::new(input);
        stream.set_framing(framing);
        let (mut blocks, mut problems) = (Vec::new(), Vec::new());
        while let Some(block) = stream.next(&mut |p| problems.push(p)).unwrap() {
            blocks.push((block.offset, block.first_line, block.bytes.to_vec()));
        }
        (blocks, problems)
    }

    #[test]
    fn blocks_end_at_lines_and_count_them() {
        let line = [b'x'; 999];
        let mut input = Vec::new();
        for _ in 0..5000 {
            input.extend_from_slice(&line);
            input.push(b'\n');
        }
        let (blocks, problems) = blocks(&input, Framing::Lines);
        assert!(problems.is_empty());
        assert!(blocks.len() > 2);
        assert!(blocks.iter().all(|(offset, line, bytes)| {
            bytes.ends_with(b"\n") && *offset == (line - 1) * 1000
        }));
        assert_eq!(blocks.concat_bytes(), input);
    }

    trait Concat {
        fn concat_bytes(&self) -> Vec<u8>;
    }
    impl Concat for Vec<Kept> {
        fn concat_bytes(&self) -> Vec<u8> {
            self.iter().flat_map(|block| block.2.clone()).collect()
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_told() {
        let mut input = b"before\n".to_vec();
        input.resize(input.len() + 3 * MAX_ENTRY_BYTES, b'x');
        input.extend_from_slice(b"\nafter\n");
        let (blocks, problems) = blocks(&input, Framing::Lines);
        assert_eq!(blocks.concat_bytes(), b"before\nafter\n");
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].offset, 7);
    }

    #[test]
    fn utf_16_becomes_utf_8_whatever_the_byte_order() {
        let text = "Đặng nhập 😀\nlỗi\n";
        let units: Vec<u16> = std::iter::once(0xfeff).chain(text.encode_utf16()).collect();
        let little: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
        for input in [little, big] {
            assert_eq!(blocks(&input, Framing::Lines).0.concat_bytes(), text.as_bytes());
        }
        let marked = blocks(b"\xef\xbb\xbfa\n", Framing::Lines).0;
        assert_eq!((marked[0].0, marked.concat_bytes()), (3, b"a\n".to_vec()));
    }

    #[test]
    fn json_values_are_cut_between_values() {
        let value =
            format!("{{\"a\": [1, {{\"b\": \"}}]\\\"\"}}],\n \"c\": \"{}\"}}", "y".repeat(700));
        let input = format!("[{}]", vec![value.as_str(); 3000].join(",\n"));
        let (blocks, problems) = blocks(input.as_bytes(), Framing::JsonValues);
        assert!(problems.is_empty() && blocks.len() > 1);
        for (_, _, bytes) in blocks.iter().rev().skip(1) {
            assert_eq!(bytes.last(), Some(&b'}'));
        }
        assert_eq!(blocks.concat_bytes(), input.as_bytes());
        let input = format!("{{\"Records\": {input}}}");
        let (wrapped, problems) = super::tests::blocks(input.as_bytes(), Framing::JsonValues);
        assert!(problems.is_empty() && wrapped.len() > 1);
        assert_eq!(wrapped.concat_bytes(), input.as_bytes());
    }
}
