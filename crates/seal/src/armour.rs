//! Bytes as text that survives mail and clipboards: base64 between two lines that name the kind.

use std::io::{self, BufRead, BufReader, Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Letters of a line.
const WIDTH: usize = 64;
/// Bytes of a line.
const BYTES: usize = WIDTH / 4 * 3;
/// The most bytes of a line that is read: some editors add spaces.
const LONGEST: usize = 256;

/// Why a text is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArmourError {
    /// The first or the last line is not there.
    #[error("this is no {0}: the lines «-----BEGIN {0}-----» and «-----END {0}-----» are missing")]
    Missing(&'static str),
    /// There are several.
    #[error("there are several of «-----BEGIN {0}-----»: keep one in a file")]
    Several(&'static str),
    /// Between or after them is something else than base64.
    #[error("the {0} is damaged: its lines were changed or cut, or more follows them")]
    Damaged(&'static str),
}

/// The line that a text of a kind begins with.
pub(crate) fn first_line(kind: &str) -> String {
    format!("-----BEGIN {kind}-----")
}

fn last_line(kind: &str) -> String {
    format!("-----END {kind}-----")
}

fn lines(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / BYTES * (WIDTH + 1) + WIDTH + 1);
    for line in bytes.chunks(BYTES) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    text
}

/// The text of bytes of a kind.
pub(crate) fn write(kind: &str, bytes: &[u8]) -> String {
    format!("{}\n{}{}\n", first_line(kind), lines(bytes), last_line(kind))
}

/// The bytes of the one text of a kind. Lines before and after it do not matter, nor do blanks and line
/// breaks within, nor a mark of the byte order before all.
pub(crate) fn read(kind: &'static str, text: &str) -> Result<Vec<u8>, ArmourError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.split('\n').map(str::trim_ascii);
    let (first, last) = (first_line(kind), last_line(kind));
    if !lines.any(|line| line == first) {
        return Err(ArmourError::Missing(kind));
    }
    let mut letters = String::with_capacity(text.len());
    loop {
        match lines.next() {
            None => return Err(ArmourError::Missing(kind)),
            Some(line) if line == last => break,
            Some(line) => {
                letters.extend(line.chars().filter(|letter| !letter.is_ascii_whitespace()));
            }
        }
    }
    if lines.any(|line| line == first) {
        return Err(ArmourError::Several(kind));
    }
    STANDARD.decode(letters).map_err(|_| ArmourError::Damaged(kind))
}

/// Writes bytes of any length as a text, a few lines at a time.
pub(crate) struct Writer<'a> {
    kind: &'static str,
    out: &'a mut dyn Write,
    /// What does not fill a line yet.
    rest: Vec<u8>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(kind: &'static str, out: &'a mut dyn Write) -> io::Result<Self> {
        writeln!(out, "{}", first_line(kind))?;
        Ok(Self { kind, out, rest: Vec::new() })
    }

    pub(crate) fn finish(self) -> io::Result<()> {
        writeln!(self.out, "{}{}", lines(&self.rest), last_line(self.kind))
    }
}

impl Write for Writer<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(buf);
        let left = self.rest.split_off(self.rest.len() / BYTES * BYTES);
        self.out.write_all(lines(&self.rest).as_bytes())?;
        self.rest = left;
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Reads the bytes of a text of any length, line by line. It ends well only after the text's last
/// line, with nothing but blanks behind it.
pub(crate) struct Reader<R: Read> {
    kind: &'static str,
    text: BufReader<R>,
    line: Vec<u8>,
    bytes: Vec<u8>,
    /// How many of the bytes are handed out.
    taken: usize,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Within,
    /// After a line that was not full: only the last may be.
    Short,
    After,
}

impl<R: Read> Reader<R> {
    pub(crate) fn new(kind: &'static str, text: R) -> Self {
        let text = BufReader::with_capacity(1 << 16, text);
        Self { kind, text, line: vec![], bytes: vec![], taken: 0, place: Place::Before }
    }

    fn damaged(&self) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, ArmourError::Damaged(self.kind))
    }

    /// Takes in the next line. Whether there was one.
    fn advance(&mut self) -> io::Result<bool> {
        self.line.clear();
        let read = (&mut self.text).take(LONGEST as u64).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return if self.place == Place::After { Ok(false) } else { Err(self.damaged()) };
        }
        let line = self.line.trim_ascii();
        if self.place == Place::After {
            return if line.is_empty() { Ok(true) } else { Err(self.damaged()) };
        }
        if self.place == Place::Before {
            if line != first_line(self.kind).as_bytes() {
                return Err(self.damaged());
            }
            self.place = Place::Within;
        } else if line == last_line(self.kind).as_bytes() {
            self.place = Place::After;
        } else {
            self.bytes.clear();
            self.taken = 0;
            let is_good = self.place == Place::Within
                && line.len() <= WIDTH
                && STANDARD.decode_vec(line, &mut self.bytes).is_ok();
            if !is_good {
                return Err(self.damaged());
            }
            if self.bytes.len() < BYTES {
                self.place = Place::Short;
            }
        }
        Ok(true)
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.bytes.len() {
            if !self.advance()? {
                return Ok(0);
            }
        }
        let count = self.bytes.get(self.taken..).unwrap_or_default().read(buf)?;
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: Vec<u8>) {
            let text = write("KHIEN TEST", &bytes);
            prop_assert!(text.lines().all(|line| line.len() <= WIDTH));
            let with_mail = format!("> hello\r\n{}\r\n--\r\n", text.replace('\n', "\r\n"));
            prop_assert_eq!(read("KHIEN TEST", &with_mail), Ok(bytes));
        }
    }

    const KIND: &str = "KHIEN TEST";

    fn streamed(bytes: &[u8], piece: usize) -> String {
        let mut text = Vec::new();
        let mut writer = Writer::new(KIND, &mut text).unwrap();
        bytes.chunks(piece).for_each(|piece| writer.write_all(piece).unwrap());
        writer.flush().unwrap();
        writer.finish().unwrap();
        String::from_utf8(text).unwrap()
    }

    fn unstreamed(text: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        Reader::new(KIND, text.as_bytes()).read_to_end(&mut bytes).map(|_| bytes)
    }

    proptest! {
        #[test]
        fn a_stream_is_the_same_text(bytes: Vec<u8>, piece in 1..200_usize) {
            let text = streamed(&bytes, piece);
            prop_assert_eq!(&text, &write(KIND, &bytes));
            prop_assert_eq!(unstreamed(&text).unwrap(), bytes.clone());
            prop_assert_eq!(unstreamed(&(text.replace('\n', " \r\n") + "\r\n")).unwrap(), bytes);
        }

        #[test]
        fn a_cut_stream_is_damaged(bytes: Vec<u8>, at in 0..usize::MAX) {
            let text = streamed(&bytes, 10);
            // Without its last line break it is whole.
            let cut = &text[..at % (text.len() - 1)];
            prop_assert!(unstreamed(cut).is_err(), "{}", cut);
        }

        #[test]
        fn no_text_makes_a_reader_panic(text: String) {
            let _ = unstreamed(&text);
            let inside = format!("{}\n{text}\n{}\n", first_line(KIND), last_line(KIND));
            let (one, other) = (unstreamed(&inside), read(KIND, &inside));
            // Whatever the stricter one takes, both take alike.
            if let Ok(bytes) = one {
                prop_assert_eq!(other, Ok(bytes));
            }
        }
    }

    #[test]
    fn a_stream_has_one_text_and_nothing_else() {
        let text = streamed(&[7; 100], 100);
        assert!(unstreamed(&text).is_ok());
        let line = text.lines().nth(1).unwrap();
        for bad in [
            String::new(),
            format!("x{text}"),
            format!("\n{text}"),
            format!("{text}x"),
            text.repeat(2),
            text.replace("TEST", "REST"),
            text.replacen(line, "", 1).replace("\n\n", "\n\n\n"),
            text.replacen(line, &format!("{line}AAAA"), 1),
            text.replacen(line, &line[4..], 1),
            text.replacen(line, "?", 1),
            text.replacen(line, &" ".repeat(LONGEST + 1), 1),
        ] {
            let error = unstreamed(&bad).unwrap_err();
            assert!(error.to_string().contains("KHIEN TEST is damaged"), "{error} {bad}");
        }
    }

    #[test]
    fn one_text_is_found_among_other_lines() {
        let text = write(KIND, b"abc");
        for good in [
            format!("\u{feff}{text}"),
            format!("{text}x"),
            format!("x\n \t{text}"),
            text.replace("YWJj", "YW\n \nJ j"),
            text.replace('\n', "\r\n"),
        ] {
            assert_eq!(read(KIND, &good), Ok(b"abc".to_vec()), "{good}");
        }
        assert_eq!(read(KIND, &text.repeat(2)), Err(ArmourError::Several(KIND)));
        for missing in [format!("x{text}"), text.replace("-----\nYWJj", "-----YWJj")] {
            assert_eq!(read(KIND, &missing), Err(ArmourError::Missing(KIND)), "{missing}");
        }
        for damaged in ["YWJ", "YWJk=", "YWJ\u{b}j", "YWI", "YR==", "YQ==YQ=="] {
            let damaged = text.replace("YWJj", damaged);
            assert_eq!(read(KIND, &damaged), Err(ArmourError::Damaged(KIND)), "{damaged}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(read("KHIEN TEST", "x"), Err(ArmourError::Missing("KHIEN TEST")));
        let cut = write("KHIEN TEST", b"abc").replace("END", "ENDE");
        assert_eq!(read("KHIEN TEST", &cut), Err(ArmourError::Missing("KHIEN TEST")));
        let damaged = write("KHIEN TEST", b"abc").replace('Y', "?");
        assert_eq!(read("KHIEN TEST", &damaged), Err(ArmourError::Damaged("KHIEN TEST")));
    }
}
