//! What documents and archives say of themselves, as far as marks of secrecy may stand there.
//!
//! In come the bytes of what somebody uploads; out come names, properties and first lines, of the
//! file and of what is packed in it. Nothing is kept, and nothing is decided: whether something is
//! a mark is for [`khien_domain::secrecy`]. Documents are refused in any case, since they are no
//! logs; this is read so that a marked one is refused as such, and is in the audit log.
//!
//! Read are the Office formats of both families (OOXML, ODF), the older Word's text, the
//! properties of PDF, what scans and photographs are said to show (`image`), and zip and gzip with what
//! they hold. Text on the pages of a PDF or in a picture is not read: it is written in numbers of glyphs,
//! or painted. Work is bounded by [`BUDGET`] bytes and [`MEMBERS`] entries,
//! whatever an archive claims.

mod image;

use std::borrow::Cow;
use std::io::{Cursor, Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use khien_domain::secrecy::{self, Found};
use zip::ZipArchive;

/// Bytes that are unpacked at most.
const BUDGET: u64 = 16 << 20;
/// Bytes of one entry that are unpacked at most: marks stand at the head.
const HEAD_BYTES: u64 = 1 << 20;
/// Entries of archives that are looked at.
const MEMBERS: usize = 2000;
/// Archives in archives, and no deeper.
const DEPTH: usize = 4;
/// Streams of a PDF that are unpacked.
const STREAMS: usize = 200;
/// Properties of a PDF that are read.
const PROPERTIES: usize = 200;

const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";
const PDF: &[u8] = b"%PDF-";
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const GZIP: &[u8] = b"\x1f\x8b\x08";
/// What is not looked into: 7-Zip, RAR, xz, Zstandard, RTF.
const OTHERS: [&[u8]; 5] =
    [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"{\\rtf"];

/// Whether these are the first bytes of a document or an archive.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    let known = [ZIP, EMPTY_ZIP, OLE, GZIP];
    known.into_iter().any(|magic| bytes.starts_with(magic))
        || is_closed(bytes)
        || is_pdf(bytes)
        || image::is_one(bytes)
}

/// Whether these are the first bytes of one that is not looked into.
pub(crate) fn is_closed(bytes: &[u8]) -> bool {
    let is_bzip2 = bytes.starts_with(b"BZh") && bytes.get(4..10) == Some(b"1AY&SY");
    OTHERS.into_iter().any(|magic| bytes.starts_with(magic)) || is_bzip2
}

/// A log may speak of a PDF anywhere but at its very beginning.
fn is_pdf(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(PDF)
}

/// The gravest mark of secrecy in a document or an archive.
pub(crate) fn mark(bytes: &[u8]) -> Option<Found> {
    let mut look = Look { left: BUDGET, members: MEMBERS, found: None };
    look.content(bytes, 0);
    look.found
}

/// The gravest mark in a name with folders.
pub(crate) fn mark_of_name(name: &str) -> Option<Found> {
    let parts = name.split(['/', '\\']);
    parts.filter_map(|part| secrecy::find(part, [], "")).max_by_key(|found| found.mark)
}

/// A look through a document and what is in it.
struct Look {
    left: u64,
    members: usize,
    found: Option<Found>,
}

impl Look {
    fn note(&mut self, found: Option<Found>) {
        self.found = self.found.into_iter().chain(found).max_by_key(|found| found.mark);
    }

    fn note_text(&mut self, text: &str) {
        self.note(secrecy::find("", [], text));
    }

    fn note_properties(&mut self, properties: &[String]) {
        self.note(secrecy::find("", properties.iter().map(String::as_str), ""));
    }

    fn content(&mut self, bytes: &[u8], depth: usize) {
        if depth > DEPTH {
            return;
        }
        if bytes.starts_with(ZIP) {
            self.zip(bytes, depth);
        } else if bytes.starts_with(GZIP) {
            let unpacked = self.unpack(MultiGzDecoder::new(bytes));
            self.content(&unpacked, depth + 1);
        } else if bytes.starts_with(OLE) {
            wide_texts(bytes).for_each(|text| self.note_text(&text));
        } else if is_pdf(bytes) {
            self.pdf(bytes);
        } else if image::is_one(bytes) {
            self.note_properties(&image::texts(bytes));
            self.note_properties(&xmp(bytes));
        } else if depth > 0 {
            self.note_text(&crate::use_case::upload::text(bytes));
        }
    }

    /// What a reader gives, as far as it is looked at. Damage ends it early.
    fn unpack(&mut self, reader: impl Read) -> Vec<u8> {
        let mut unpacked = Vec::new();
        let _ = reader.take(self.left.min(HEAD_BYTES)).read_to_end(&mut unpacked);
        self.left = self.left.saturating_sub(unpacked.len() as u64);
        unpacked
    }

    fn zip(&mut self, bytes: &[u8], depth: usize) {
        // Opening reads the whole directory, which is not to be larger than the archive.
        if memchr::memmem::find_iter(bytes, b"PK\x01\x02").nth(10 * MEMBERS).is_some() {
            return;
        }
        let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return };
        for at in 0..archive.len() {
            if self.members == 0 {
                return;
            }
            self.members -= 1;
            let mut name = String::new();
            if let Ok(member) = archive.by_index_raw(at) {
                // Written as UTF-8, perhaps without saying so.
                name = String::from_utf8_lossy(member.name_raw()).into_owned();
                let told = member.name().map(Cow::into_owned);
                self.note(mark_of_name(&name));
                self.note(told.ok().and_then(|told| mark_of_name(&told)));
            }
            // Large ones are bounded, encrypted ones cannot be read.
            let Ok(member) = archive.by_index(at) else { continue };
            let unpacked = self.unpack(member);
            match kind_of(&name) {
                Member::Properties => self.note_properties(&properties(&unpacked)),
                Member::Text => self.note_text(&paragraphs(&unpacked)),
                Member::Other => self.content(&unpacked, depth + 1),
            }
        }
    }

    /// The properties of a PDF: its information dictionary, in the open or in packed objects, and
    /// its metadata in XMP.
    fn pdf(&mut self, bytes: &[u8]) {
        self.pdf_part(bytes);
        let mut at = 0;
        for _ in 0..STREAMS {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(begin) = memchr::memmem::find(rest, b"stream") else { return };
            at += begin + b"stream".len();
            let packed = bytes.get(at..).unwrap_or_default();
            let packed = packed.strip_prefix(b"\r").unwrap_or(packed);
            let Some(packed) = packed.strip_prefix(b"\n") else { continue };
            // Anything but the method of zlib is no object that can be read here.
            if packed.first().is_some_and(|first| first & 15 == 8) {
                let unpacked = self.unpack(ZlibDecoder::new(packed));
                self.pdf_part(&unpacked);
            }
        }
    }

    fn pdf_part(&mut self, bytes: &[u8]) {
        let mut found = Vec::new();
        for key in ["/Title", "/Subject", "/Keywords", "/Category", "/Comments"] {
            for at in memchr::memmem::find_iter(bytes, key).take(PROPERTIES) {
                let value = bytes.get(at + key.len()..).unwrap_or_default();
                found.extend(pdf_string(value.trim_ascii_start()));
            }
        }
        found.extend(xmp(bytes));
        self.note_properties(&found);
    }
}

/// What is read of a member of an archive.
enum Member {
    Properties,
    Text,
    Other,
}

/// Members of OOXML and ODF by their names.
fn kind_of(name: &str) -> Member {
    let file = name.rsplit('/').next().unwrap_or(name);
    let is_xml = file.strip_suffix(".xml").is_some();
    let numbered = |stem: &str| file.starts_with(stem) && is_xml;
    if name.starts_with("docProps/") || name == "meta.xml" {
        return Member::Properties;
    }
    let text = match name.split('/').next() {
        Some("word") => ["document", "header", "footer"].into_iter().any(numbered),
        Some("xl") => numbered("sharedStrings"),
        Some("ppt") => numbered("slide"),
        _ => name == "content.xml" || name == "styles.xml",
    };
    if text { Member::Text } else { Member::Other }
}

/// Pieces of XML: a tag without its brackets, or the text between two.
enum Piece<'x> {
    Tag(&'x str),
    Text(Cow<'x, str>),
}

fn pieces(xml: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = xml;
    std::iter::from_fn(move || {
        if let Some(tag) = rest.strip_prefix('<') {
            let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
            rest = after;
            return Some(Piece::Tag(tag));
        }
        let end = rest.find('<').unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        rest = after;
        (!text.is_empty()).then(|| Piece::Text(entities(text)))
    })
}

/// A text with the characters that its entities stand for.
fn entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once(';').unwrap_or(("", part));
        let number = |digits: &str, base| u32::from_str_radix(digits, base).ok();
        let code = match name.strip_prefix('#') {
            Some(digits) => match digits.strip_prefix(['x', 'X']) {
                Some(digits) => number(digits, 16),
                None => number(digits, 10),
            },
            None => match name {
                "lt" => Some(60),
                "gt" => Some(62),
                "quot" => Some(34),
                "apos" => Some(39),
                _ => Some(38),
            },
        };
        plain.extend(code.and_then(char::from_u32));
        plain.push_str(after);
    }
    Cow::Owned(plain)
}

/// The values of properties; of one that bears a name, `name: value`.
fn properties(xml: &[u8]) -> Vec<String> {
    let xml = String::from_utf8_lossy(xml);
    let (mut found, mut named) = (Vec::new(), None);
    for piece in pieces(&xml) {
        match piece {
            Piece::Tag(tag) => {
                let names = [" name=\"", " meta:name=\""];
                let name = names.iter().find_map(|name| tag.split_once(name));
                let name = name.and_then(|(_, rest)| rest.split_once('"'));
                named = name.map(|(name, _)| entities(name).into_owned()).or(named);
                if tag.starts_with("/property") || tag.starts_with("/meta:user-defined") {
                    named = None;
                }
            }
            Piece::Text(text) if text.trim().is_empty() => {}
            Piece::Text(text) => {
                found.extend(named.as_ref().map(|name| format!("{name}: {text}")));
                found.push(text.into_owned());
            }
        }
    }
    found
}

/// The values of properties in XMP, between tags and in them.
fn xmp(bytes: &[u8]) -> Vec<String> {
    let Some(begin) = memchr::memmem::find(bytes, b"<x:xmpmeta") else { return Vec::new() };
    let rest = bytes.get(begin..).unwrap_or_default();
    let end = memchr::memmem::find(rest, b"</x:xmpmeta>").unwrap_or(rest.len());
    let xml = rest.get(..end).unwrap_or_default();
    let mut found = properties(xml);
    for piece in pieces(&String::from_utf8_lossy(xml)) {
        if let Piece::Tag(tag) = piece {
            let values = tag.split(['"', '\'']).skip(1).step_by(2).take(PROPERTIES);
            found.extend(values.map(|value| entities(value).into_owned()));
        }
    }
    found
}

/// The text of a document, a line a paragraph.
fn paragraphs(xml: &[u8]) -> String {
    let xml = String::from_utf8_lossy(xml);
    let mut text = String::new();
    for piece in pieces(&xml) {
        match piece {
            Piece::Text(piece) => text.push_str(&piece),
            Piece::Tag("/w:p" | "/text:p" | "/text:h" | "/a:p" | "/si") => text.push('\n'),
            Piece::Tag(tag) => {
                let name = tag.split([' ', '/']).next().unwrap_or_default();
                match name {
                    "w:br" | "w:cr" | "text:line-break" | "a:br" => text.push('\n'),
                    "w:tab" | "text:tab" | "text:s" => text.push(' '),
                    _ => {}
                }
            }
        }
    }
    text
}

/// Texts in UTF-16 in a file of the older Office, as its documents and properties have them. They
/// begin on even places.
fn wide_texts(bytes: &[u8]) -> impl Iterator<Item = String> {
    const LONGEST: usize = 200;
    let (pairs, _) = bytes.as_chunks::<2>();
    let is_text = |unit: u16| matches!(unit, 9 | 10 | 13 | 32..=126 | 0xa0..=0x24f | 0x300..=0x36f | 0x1e00..=0x1eff | 0x2010..=0x201f);
    let runs = pairs.split(move |pair| {
        let unit = u16::from_le_bytes(*pair);
        !is_text(unit) || matches!(unit, 9 | 10 | 13)
    });
    runs.filter(|run| (3..=LONGEST).contains(&run.len())).map(|run| {
        String::from_utf16_lossy(&run.iter().map(|p| u16::from_le_bytes(*p)).collect::<Vec<_>>())
    })
}

/// A string of PDF: in brackets with escapes, or in hexadecimal digits.
fn pdf_string(bytes: &[u8]) -> Option<String> {
    const LONGEST: usize = 4096;
    let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
    let plain = match bytes.split_first()? {
        (b'(', rest) => pdf_literal(rest),
        (b'<', rest) if rest.first() != Some(&b'<') => {
            let digits = rest.iter().take_while(|byte| **byte != b'>');
            let digits: Vec<u8> = digits
                .filter_map(|byte| char::from(*byte).to_digit(16))
                .filter_map(|digit| u8::try_from(digit).ok())
                .collect();
            let (pairs, _) = digits.as_chunks::<2>();
            pairs.iter().map(|[high, low]| high << 4 | low).collect()
        }
        _ => return None,
    };
    let wide = |unit: fn([u8; 2]) -> u16, units: &[u8]| {
        let (pairs, _) = units.as_chunks::<2>();
        String::from_utf16_lossy(&pairs.iter().map(|pair| unit(*pair)).collect::<Vec<_>>())
    };
    Some(match plain.as_slice() {
        [0xfe, 0xff, units @ ..] => wide(u16::from_be_bytes, units),
        [0xff, 0xfe, units @ ..] => wide(u16::from_le_bytes, units),
        text => {
            let text = text.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(text);
            String::from_utf8_lossy(text).into_owned()
        }
    })
}

fn pdf_literal(bytes: &[u8]) -> Vec<u8> {
    let (mut plain, mut depth) = (Vec::new(), 0_usize);
    let mut bytes = bytes.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => break,
            b')' => depth -= 1,
            b'\\' => {
                let Some(escaped) = bytes.next() else { break };
                let octal = |byte: u8| matches!(byte, b'0'..=b'7');
                if octal(escaped) {
                    let mut code = u16::from(escaped - b'0');
                    for _ in 0..2 {
                        let Some(digit) = bytes.next_if(|byte| octal(*byte)) else { break };
                        code = code * 8 + u16::from(digit - b'0');
                    }
                    plain.push(code as u8);
                } else {
                    plain.push(match escaped {
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        other => other,
                    });
                }
                continue;
            }
            _ => {}
        }
        plain.push(byte);
    }
    plain
}

#[cfg(test)]
#[path = "document/tests.rs"]
mod tests;
