//! Messages in a stream (RFC 6587, RFC 5425): counted in octets or ended by a line break.
//!
//! In come the bytes of one connection, cut anywhere; out come its messages, one a line. Which way
//! a connection frames is told by its first bytes: a number, a blank and `<` begin a counted
//! message. A counted stream that loses its count cannot be found again and is given up.

use super::{MAX_MESSAGE_BYTES, push_line};

/// Digits of a count at most.
const MAX_DIGITS: usize = 7;

/// A count that is none, or larger than any message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stream lost its count of octets")]
pub struct LostCount;

/// Messages of one connection.
#[derive(Debug, Default)]
pub struct Framer {
    framing: Option<Framing>,
    /// Bytes that are no whole message yet, never more than a message and its count.
    waiting: Vec<u8>,
    /// Bytes of a message beyond its limit that are still to be passed over.
    skip: usize,
    /// Whether the rest of a line is to be passed over.
    skip_line: bool,
    /// Messages that were cut because they are too long.
    cut: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Counted,
    Lines,
}

impl Framer {
    /// Takes bytes and adds the messages that they complete to `out`, one a line. Answers how many.
    pub fn push(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<u64, LostCount> {
        let mut count = 0;
        while !input.is_empty() {
            match self.framing {
                None => input = self.tell(input),
                Some(Framing::Lines) => {
                    count += self.lines(input, out);
                    break;
                }
                Some(Framing::Counted) => {
                    let (added, rest) = self.counted(input, out)?;
                    count += added;
                    input = rest;
                }
            }
        }
        // What told the framing may hold whole messages already.
        if self.framing.is_some() && !self.waiting.is_empty() && count == 0 {
            count += self.again(out)?;
        }
        Ok(count)
    }

    /// Adds what stands at the end of a connection that was closed in good order. Answers whether
    /// there was a message. A counted message that is not whole is none: its sender knows that it
    /// was not taken.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> bool {
        let rest = std::mem::take(&mut self.waiting);
        self.framing != Some(Framing::Counted) && !self.skip_line && push_line(&rest, out)
    }

    /// Whether a message has begun and is not whole.
    pub fn is_torn(&self) -> bool {
        !self.waiting.is_empty() || self.skip > 0
    }

    /// Messages that were cut since this was last asked.
    pub fn take_cut(&mut self) -> u64 {
        std::mem::take(&mut self.cut)
    }

    /// Tells the framing from the first bytes.
    fn tell<'a>(&mut self, input: &'a [u8]) -> &'a [u8] {
        let (first, rest) = input.split_at(1.min(input.len()));
        self.waiting.extend_from_slice(first);
        let digits = self.waiting.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let starts = self.waiting.first().is_some_and(|byte| (b'1'..=b'9').contains(byte));
        let after = self.waiting.get(digits..).unwrap_or_default();
        self.framing = match after {
            [] if starts && digits <= MAX_DIGITS => None,
            [b' '] if starts => None,
            [b' ', b'<'] if starts => Some(Framing::Counted),
            _ => Some(Framing::Lines),
        };
        rest
    }

    /// Reads what waits, once the framing is known.
    fn again(&mut self, out: &mut Vec<u8>) -> Result<u64, LostCount> {
        let waiting = std::mem::take(&mut self.waiting);
        match self.framing {
            Some(Framing::Lines) => Ok(self.lines(&waiting, out)),
            Some(Framing::Counted) => {
                let mut count = 0;
                let mut rest = waiting.as_slice();
                while !rest.is_empty() {
                    let (added, after) = self.counted(rest, out)?;
                    count += added;
                    rest = after;
                }
                Ok(count)
            }
            None => Ok(0),
        }
    }

    /// Takes whole lines from the input and keeps the rest.
    fn lines(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> u64 {
        let mut count = 0;
        while let Some(end) = memchr::memchr(b'\n', input) {
            let (line, rest) = input.split_at(end);
            input = rest.get(1..).unwrap_or_default();
            if std::mem::take(&mut self.skip_line) {
                continue;
            }
            let room = MAX_MESSAGE_BYTES.saturating_sub(self.waiting.len());
            if line.len() > room {
                self.cut += 1;
            }
            let line = line.get(..room).unwrap_or(line);
            let added = if self.waiting.is_empty() {
                push_line(line, out)
            } else {
                let mut whole = std::mem::take(&mut self.waiting);
                whole.extend_from_slice(line);
                push_line(&whole, out)
            };
            count += u64::from(added);
        }
        if self.skip_line {
            return count;
        }
        let room = MAX_MESSAGE_BYTES.saturating_sub(self.waiting.len());
        self.waiting.extend_from_slice(input.get(..room).unwrap_or(input));
        if input.len() > room {
            let cut = std::mem::take(&mut self.waiting);
            count += u64::from(push_line(&cut, out));
            self.cut += 1;
            self.skip_line = true;
        }
        count
    }

    /// Takes one counted message from what waits and the input, and gives the rest of the input.
    fn counted<'a>(
        &mut self,
        input: &'a [u8],
        out: &mut Vec<u8>,
    ) -> Result<(u64, &'a [u8]), LostCount> {
        if self.skip > 0 {
            let (passed, rest) = input.split_at(self.skip.min(input.len()));
            self.skip -= passed.len();
            return Ok((0, rest));
        }
        // Some senders end counted messages with a line break of their own.
        if self.waiting.is_empty()
            && let [b'\n', rest @ ..] = input
        {
            return Ok((0, rest));
        }
        let Some((header, length)) = self.count(input)? else {
            self.waiting.extend_from_slice(input);
            return Ok((0, &[]));
        };
        let kept = header + length.min(MAX_MESSAGE_BYTES);
        let missing = kept.saturating_sub(self.waiting.len());
        let Some((message, rest)) = input.split_at_checked(missing) else {
            self.waiting.extend_from_slice(input);
            return Ok((0, &[]));
        };
        if length > MAX_MESSAGE_BYTES {
            self.cut += 1;
            self.skip = length - MAX_MESSAGE_BYTES;
        }
        let added = if self.waiting.is_empty() {
            push_line(message.get(header..).unwrap_or_default(), out)
        } else {
            let mut whole = std::mem::take(&mut self.waiting);
            whole.extend_from_slice(message);
            push_line(whole.get(header..).unwrap_or_default(), out)
        };
        Ok((u64::from(added), rest))
    }

    /// The length of the header that begins with what waits and goes on with the input, and the
    /// length that it tells. `None` if it is not whole yet.
    fn count(&self, input: &[u8]) -> Result<Option<(usize, usize)>, LostCount> {
        let mut length = 0_usize;
        for (at, byte) in self.waiting.iter().chain(input).enumerate() {
            match byte {
                b'0'..=b'9' if at < MAX_DIGITS => {
                    length = length * 10 + usize::from(byte - b'0');
                }
                b' ' if at > 0 => return Ok(Some((at + 1, length))),
                _ => return Err(LostCount),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(chunks: &[&[u8]]) -> (String, u64) {
        let mut framer = Framer::default();
        let mut out = Vec::new();
        let mut count = 0;
        for chunk in chunks {
            count += framer.push(chunk, &mut out).unwrap();
        }
        count += u64::from(framer.finish(&mut out));
        (String::from_utf8(out).unwrap(), count)
    }

    #[test]
    fn both_framings_are_told_by_the_first_bytes() {
        for (input, expected, count) in [
            ("<34>a b\n<34>c\n", "<34>a b\n<34>c\n", 2),
            ("<34>a b\r\n\n<34>c", "<34>a b\n<34>c\n", 2),
            ("7 <34>a b5 <34>c", "<34>a b\n<34>c\n", 2),
            ("8 <34>a\nb\n5 <34>c", "<34>a#012b\n<34>c\n", 2),
            ("7 <34>a b\n5 <34>c\n", "<34>a b\n<34>c\n", 2),
            ("2026-11-20T08:00:00 h a: b\n", "2026-11-20T08:00:00 h a: b\n", 1),
            ("7 lines\nof text\n", "7 lines\nof text\n", 2),
            ("Nov 20 08:00:00 h a: b", "Nov 20 08:00:00 h a: b\n", 1),
            ("4 <3>", "", 0),
            ("", "", 0),
        ] {
            assert_eq!(read(&[input.as_bytes()]), (expected.to_owned(), count), "{input:?}");
        }
    }

    #[test]
    fn line_breaks_and_nul_inside_a_message_are_written_out() {
        let mut out = Vec::new();
        assert!(push_line(b"<1>a\r\nb\0c\n\0", &mut out));
        assert!(!push_line(b" \n", &mut out));
        assert_eq!(out, b"<1>a#015#012b#000c\n");
    }

    #[test]
    fn messages_that_are_too_long_are_cut_and_counted() {
        let long = "x".repeat(MAX_MESSAGE_BYTES * 2);
        for input in [format!("<1>{long}\n<1>a\n"), format!("{} <1>{long}5 <1>a\n", long.len() + 3)]
        {
            let mut framer = Framer::default();
            let mut out = Vec::new();
            let count: u64 = input
                .as_bytes()
                .chunks(10_000)
                .map(|chunk| framer.push(chunk, &mut out).unwrap())
                .sum();
            let lines: Vec<&[u8]> = out.split(|byte| *byte == b'\n').collect();
            assert_eq!((count, lines[0].len()), (2, MAX_MESSAGE_BYTES));
            assert_eq!(lines[1], b"<1>a");
            assert_eq!((framer.take_cut(), framer.take_cut()), (1, 0));
        }
    }

    #[test]
    fn a_stream_that_loses_its_count_is_given_up() {
        for input in ["5 <34>cx5 <34>c", "5 <34>c99999999 <", "5 <34>c <34>"] {
            let mut framer = Framer::default();
            let mut out = Vec::new();
            assert_eq!(framer.push(input.as_bytes(), &mut out), Err(LostCount), "{input}");
            assert_eq!(out, b"<34>c\n");
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_a_stream_is_cut(
            messages in proptest::collection::vec("<[0-9]{1,3}>[ -~\u{e0}]{1,40}", 1..12),
            counted in any::<bool>(),
            size in 1_usize..60,
        ) {
            let mut stream = Vec::new();
            let mut expected = String::new();
            for message in &messages {
                if counted {
                    stream.extend_from_slice(format!("{} {message}", message.len()).as_bytes());
                } else {
                    stream.extend_from_slice(format!("{message}\n").as_bytes());
                }
                expected.push_str(message);
                expected.push('\n');
            }
            let chunks: Vec<&[u8]> = stream.chunks(size).collect();
            prop_assert_eq!(read(&chunks), (expected, messages.len() as u64));
        }

        #[test]
        fn any_stream_is_read_or_given_up(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut framer = Framer::default();
            let mut out = Vec::new();
            let mut count = 0;
            for chunk in input.chunks(7) {
                let Ok(added) = framer.push(chunk, &mut out) else { return Ok(()) };
                count += added;
            }
            count += u64::from(framer.finish(&mut out));
            prop_assert_eq!(memchr::memchr_iter(b'\n', &out).count() as u64, count);
        }
    }
}
