//! The shape that nearly every rule file has, read without a general parser.
//!
//! [`parse`] takes one document of block maps and lists whose values are plain or quoted texts or
//! `|` blocks. It answers only where it is certain to give what the general parser would give;
//! for everything else — flow collections, anchors, tags, folded blocks, several documents, empty
//! values and every fault — it answers `None`, so that there is one place that says what is wrong.
//! A property test beside the general parser holds both to the same tree.

use std::borrow::Cow;

use super::{Content, Node};

/// Far below what the general parser refuses, so that nothing here counts exactly as it does.
const MAX_DEPTH: usize = 32;
/// Every value takes a byte at least.
const MAX_BYTES: usize = super::MAX_NODES / 2;
/// Longer keys are looked up by the general parser, whose limit is near.
const MAX_KEY: usize = 512;
/// Keys are compared with all before them.
const MAX_KEYS: usize = 256;

/// Reads a text of one document, or answers `None` where it is not of the common shape.
pub(super) fn parse(text: &str) -> Option<Vec<Node<'_>>> {
    if text.len() > MAX_BYTES || !is_common(text) {
        return None;
    }
    let mut reader = Reader { text, at: 0, number: 0, gap: 0, comment: false, line: None };
    reader.advance()?;
    let Some(line) = reader.line else { return Some(Vec::new()) };
    if line.indent > 0 {
        return None;
    }
    let root = reader.block(line, 0)?;
    reader.line.is_none().then(|| vec![root])
}

/// Whether there are only characters that mean themselves everywhere: no tabs, no control
/// characters, no lone carriage returns, no byte order marks.
fn is_common(text: &str) -> bool {
    let bytes = text.as_bytes();
    let odd = |byte: &u8| (*byte < b' ' && *byte != b'\n' && *byte != b'\r') || *byte == 0x7f;
    // Counted without stopping, which the compiler turns into wide instructions.
    let found = bytes.iter().fold(false, |found, byte| found | odd(byte));
    let next = |at: usize| bytes.get(at + 1).copied().unwrap_or_default();
    !found
        && memchr::memchr_iter(b'\r', bytes).all(|at| next(at) == b'\n')
        && memchr::memchr_iter(0xc2, bytes).all(|at| next(at) >= 0xa0)
        && memchr::memchr_iter(0xef, bytes).all(|at| next(at) < 0xbb)
}

/// A line that is neither blank nor a comment, without indentation and blanks at the end.
#[derive(Clone, Copy)]
struct Line<'t> {
    number: u32,
    indent: usize,
    text: &'t str,
}

/// How far a plain text goes in its line.
enum End {
    /// To the colon at this position: it is a key.
    Key(usize),
    /// To the comment at this position.
    Comment(usize),
    /// To the end of the line.
    Line,
}

struct Reader<'t> {
    text: &'t str,
    /// Where the next line begins.
    at: usize,
    /// The number of the last line that was read.
    number: u32,
    /// How many blank lines were passed before `line`.
    gap: usize,
    /// Whether comments were passed before `line`.
    comment: bool,
    line: Option<Line<'t>>,
}

impl<'t> Reader<'t> {
    /// The next line as it stands, without its end, and where the one after it begins.
    fn raw(&self) -> Option<(&'t str, usize)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest.as_bytes());
        let line = rest.get(..end.unwrap_or(rest.len()))?;
        let next = self.at + end.map_or(rest.len(), |end| end + 1);
        Some((line.strip_suffix('\r').unwrap_or(line), next))
    }

    /// Goes on to the next line that is neither blank nor a comment.
    fn advance(&mut self) -> Option<()> {
        (self.line, self.gap, self.comment) = (None, 0, false);
        while let Some((raw, next)) = self.raw() {
            self.at = next;
            self.number += 1;
            let text = raw.trim_start_matches(' ');
            let indent = raw.len() - text.len();
            let text = text.trim_end_matches(' ');
            if text.is_empty() {
                self.gap += 1;
            } else if text.starts_with('#') {
                self.comment = true;
            } else {
                let marks = ["---", "...", "%"];
                if indent == 0 && marks.iter().any(|mark| text.starts_with(mark)) {
                    return None;
                }
                self.line = Some(Line { number: self.number, indent, text });
                break;
            }
        }
        Some(())
    }

    /// A map or a list that begins at the current line.
    fn block(&mut self, line: Line<'t>, depth: usize) -> Option<Node<'t>> {
        if depth > MAX_DEPTH {
            return None;
        }
        if item(line.text).is_some() { self.list(line, depth) } else { self.map(line, depth) }
    }

    fn map(&mut self, first: Line<'t>, depth: usize) -> Option<Node<'t>> {
        let mut entries: Vec<(Node<'t>, Node<'t>)> = Vec::with_capacity(4);
        while let Some(line) = self.line.filter(|line| line.indent >= first.indent) {
            if line.indent > first.indent || item(line.text).is_some() || entries.len() > MAX_KEYS {
                return None;
            }
            let (key, rest) = key(line)?;
            if entries.iter().any(|(other, _)| other.as_str() == key.as_str()) {
                return None;
            }
            let rest = rest.trim_start_matches(' ');
            let value = if is_nothing(rest) {
                self.advance()?;
                let next = self.line?;
                let list = next.indent == line.indent && item(next.text).is_some();
                if next.indent <= line.indent && !list {
                    return None;
                }
                self.block(next, depth + 1)?
            } else {
                self.scalar(line, rest)?
            };
            entries.push((key, value));
        }
        Some(Node { line: first.number, content: Content::Map(entries) })
    }

    fn list(&mut self, first: Line<'t>, depth: usize) -> Option<Node<'t>> {
        let mut items = Vec::with_capacity(4);
        while let Some(line) = self.line.filter(|line| line.indent >= first.indent) {
            if line.indent > first.indent {
                return None;
            }
            let Some(rest) = item(line.text) else { break };
            items.push(if is_nothing(rest) {
                self.advance()?;
                let next = self.line.filter(|next| next.indent > line.indent)?;
                self.block(next, depth + 1)?
            } else if item(rest).is_some() {
                return None;
            } else {
                let indent = line.indent + (line.text.len() - rest.len());
                let inner = Line { indent, text: rest, ..line };
                if key(inner).is_some() {
                    self.line = Some(inner);
                    self.block(inner, depth + 1)?
                } else {
                    self.scalar(line, rest)?
                }
            });
        }
        Some(Node { line: first.number, content: Content::List(items) })
    }

    /// A text that begins in `line`, whose collection has the indentation of the line.
    fn scalar(&mut self, line: Line<'t>, text: &'t str) -> Option<Node<'t>> {
        match text.as_bytes().first()? {
            b'|' => self.literal(line, text),
            b'\'' | b'"' => {
                let (text, rest) = quoted(text)?;
                if !rest.is_empty() && !is_nothing(rest.strip_prefix(' ')?.trim_start()) {
                    return None;
                }
                self.advance()?;
                if self.line.is_some_and(|next| next.indent > line.indent) {
                    return None;
                }
                Some(scalar(line.number, text, false))
            }
            _ => self.plain(line, text),
        }
    }

    fn plain(&mut self, line: Line<'t>, text: &'t str) -> Option<Node<'t>> {
        if !may_begin(text) {
            return None;
        }
        let (first, commented) = match end(text) {
            End::Key(_) => return None,
            End::Comment(at) => (text.get(..at)?.trim_end_matches(' '), true),
            End::Line => (text, false),
        };
        let mut text = Cow::Borrowed(first);
        self.advance()?;
        while let Some(next) = self.line.filter(|next| next.indent > line.indent) {
            if commented || self.comment || !matches!(end(next.text), End::Line) {
                return None;
            }
            let joined = text.to_mut();
            match self.gap {
                0 => joined.push(' '),
                gap => joined.extend(std::iter::repeat_n('\n', gap)),
            }
            joined.push_str(next.text);
            self.advance()?;
        }
        Some(scalar(line.number, text, true))
    }

    /// The lines after `|`, as they stand.
    fn literal(&mut self, line: Line<'t>, header: &str) -> Option<Node<'t>> {
        let strip = match header {
            "|" => false,
            "|-" => true,
            _ => return None,
        };
        let (mut text, mut gap, mut widest) = (String::new(), 0, 0);
        let mut begun: Option<(usize, u32)> = None;
        while let Some((raw, next)) = self.raw() {
            let content = raw.trim_start_matches(' ');
            let mut indent = raw.len() - content.len();
            if content.is_empty() {
                if begun.is_some_and(|(begun, _)| indent > begun) {
                    return None;
                }
                widest = widest.max(indent);
                gap += 1;
            } else {
                match begun {
                    None if indent <= line.indent || widest > indent => return None,
                    None => begun = Some((indent, self.number + 1)),
                    Some((begun, _)) if indent < begun => {
                        if indent > line.indent {
                            return None;
                        }
                        break;
                    }
                    Some((begun, _)) => indent = begun,
                }
                text.extend(std::iter::repeat_n('\n', gap));
                text.push_str(raw.get(indent..)?);
                gap = 1;
            }
            self.at = next;
            self.number += 1;
        }
        let (_, number) = begun?;
        if !strip {
            if !self.text.get(..self.at)?.ends_with('\n') {
                return None;
            }
            text.push('\n');
        }
        self.advance()?;
        if self.line.is_some_and(|next| next.indent > line.indent) {
            return None;
        }
        Some(scalar(number, Cow::Owned(text), false))
    }
}

fn scalar(line: u32, text: Cow<'_, str>, plain: bool) -> Node<'_> {
    Node { line, content: Content::Scalar { text, plain } }
}

/// What follows the `-` of an item of a list.
fn item(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('-')?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim_start_matches(' '))
}

/// Whether nothing or only a comment is left of a line, after blanks.
fn is_nothing(text: &str) -> bool {
    text.is_empty() || text.starts_with('#')
}

/// Whether a plain text can begin so, and nothing else.
fn may_begin(text: &str) -> bool {
    match text.as_bytes() {
        [b'-', next, ..] => *next != b' ',
        [first, ..] => !b"-?:,[]{}#&*!|>'\"%@`".contains(first),
        [] => false,
    }
}

fn end(text: &str) -> End {
    let bytes = text.as_bytes();
    for at in memchr::memchr2_iter(b':', b'#', bytes) {
        if bytes.get(at) == Some(&b':') {
            if matches!(bytes.get(at + 1), None | Some(b' ')) {
                return End::Key(at);
            }
        } else if at.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b' ') {
            return End::Comment(at);
        }
    }
    End::Line
}

/// The key that a line begins with, and what follows its colon.
fn key(line: Line<'_>) -> Option<(Node<'_>, &str)> {
    let (text, rest, plain) = if line.text.starts_with(['\'', '"']) {
        let (text, rest) = quoted(line.text)?;
        (
            text,
            rest.strip_prefix(':').filter(|rest| rest.is_empty() || rest.starts_with(' '))?,
            false,
        )
    } else {
        let End::Key(at) = end(line.text) else { return None };
        let text = line.text.get(..at).filter(|text| may_begin(text) && !text.ends_with(' '))?;
        (Cow::Borrowed(text), line.text.get(at + 1..)?, true)
    };
    (text.len() <= MAX_KEY).then(|| (scalar(line.number, text, plain), rest))
}

/// A quoted text that ends in its line, and what follows it.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let quote = *text.as_bytes().first()?;
    let inner = text.get(1..)?;
    let mut owned: Option<String> = None;
    let mut from = 0;
    let mut at = 0;
    loop {
        let bytes = inner.as_bytes().get(at..)?;
        let found = at + memchr::memchr2(quote, b'\\', bytes)?;
        let next = inner.as_bytes().get(found + 1).copied();
        let escaped = match inner.as_bytes().get(found)? {
            b'\\' if quote == b'\'' => {
                at = found + 1;
                continue;
            }
            b'\\' if matches!(next, Some(b'"' | b'\\')) => true,
            b'\\' => return None,
            _ => quote == b'\'' && next == Some(quote),
        };
        let piece = inner.get(from..found)?;
        if !escaped {
            let text = match owned {
                Some(owned) => Cow::Owned(owned + piece),
                None => Cow::Borrowed(piece),
            };
            return Some((text, inner.get(found + 1..)?));
        }
        let owned = owned.get_or_insert_default();
        owned.push_str(piece);
        owned.push(char::from(next?));
        (from, at) = (found + 2, found + 2);
    }
}
