//! `ArcSight` Common Event Format: `CEF:0|vendor|product|version|id|name|severity|key=value …`.
//!
//! Values of the extension hold blanks and reach to the next key; `\=`, `\\`, `\n` and `\r` are
//! resolved, and an equals sign that was left unescaped after no proper key stays in the value.
//! A custom field (`cs1`, with `cs1Label`) also gets its label for a name. The kind is
//! `cef/<vendor>/<product>` in lower case with `_` for blanks.

use std::borrow::Cow;

use super::payload::Lines;
use super::{Context, Format, LineReader, Sample, device_time};
use crate::record::{Kind, Record};
use crate::value::Value;

/// Common Event Format.
pub const FORMAT: Format = Format {
    id: "cef",
    title: ["Common Event Format (CEF)", "Định dạng CEF"],
    framing: crate::stream::Framing::Lines,
    in_order: false,
    sniff: |sample: &Sample<'_>| sample.share(|line| line.starts_with(MARK)) / 20 * 19,
    reader: |context| LineReader::boxed(Lines { payload, otherwise: "no CEF header" }, context),
};

const MARK: &str = "CEF:";
/// The mark stands no further behind.
const HEADER_BYTES: usize = 512;

/// The fields of the header, as the format calls them.
const HEADER: [&str; 7] = [
    "CEFVersion",
    "DeviceVendor",
    "DeviceProduct",
    "DeviceVersion",
    "DeviceEventClassID",
    "Name",
    "Severity",
];

/// Reads a CEF message.
pub fn payload<'a>(text: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let head = text.as_bytes().get(..HEADER_BYTES).unwrap_or(text.as_bytes());
    let after = memchr::memmem::find(head, MARK.as_bytes());
    let Some(mut rest) = after.and_then(|at| text.get(at + MARK.len()..)) else { return false };
    let mut header: [&str; HEADER.len()] = [""; HEADER.len()];
    for (at, slot) in header.iter_mut().enumerate() {
        // The extension and the bar before it may be absent.
        let end = bar(rest).or((at + 1 == HEADER.len()).then_some(rest.len()));
        let Some(end) = end else { return false };
        (*slot, rest) = (rest.get(..end).unwrap_or(""), rest.get(end + 1..).unwrap_or(""));
    }
    for (name, value) in HEADER.into_iter().zip(header) {
        if !value.is_empty() {
            record.fields.push(name, Value::Text(resolve(value.trim())));
        }
    }
    record.kind = kind("cef", header.get(1..3).unwrap_or_default());
    extension(rest, record);
    labels(record);
    let time = ["rt", "end", "start"]
        .into_iter()
        .find_map(|name| device_time::parse(&record.fields.text(name)?, &context.clue));
    record.time = time.or(record.time);
    true
}

/// The kind of a vendor's product.
pub(super) fn kind(family: &str, names: &[&str]) -> Kind<'static> {
    let mut kind = family.to_owned();
    for name in names {
        kind.push('/');
        let plain = name.trim().chars().map(|c| if matches!(c, ' ' | '/') { '_' } else { c });
        kind.extend(plain.flat_map(char::to_lowercase));
    }
    Kind::Named(Cow::Owned(kind))
}

/// The position of the first bar that is not escaped.
pub(super) fn bar(text: &str) -> Option<usize> {
    let mut search = 0;
    loop {
        let at = search + memchr::memchr2(b'|', b'\\', text.as_bytes().get(search..)?)?;
        if text.as_bytes().get(at) == Some(&b'|') {
            return Some(at);
        }
        search = at + 2;
    }
}

fn extension<'a>(text: &'a str, record: &mut Record<'a>) {
    // The key whose value is being read, and where that value begins.
    let mut open: Option<(&str, usize)> = None;
    let mut word = 0;
    let mut search = 0;
    let bytes = text.as_bytes();
    while let Some(at) = bytes
        .get(search..)
        .and_then(|rest| memchr::memchr3(b'=', b'\\', b' ', rest))
        .map(|at| search + at)
    {
        search = at + 1;
        match bytes.get(at) {
            Some(b'\\') => search = at + 2,
            Some(b' ') => word = at + 1,
            _ => {
                let key = text.get(word..at).unwrap_or("");
                if is_key(key) {
                    if let Some((name, start)) = open {
                        push(name, text.get(start..word).unwrap_or(""), record);
                    }
                    open = Some((key, at + 1));
                    // A second equals sign in the same word belongs to the value.
                    word = at + 1;
                }
            }
        }
        if bytes.get(at) == Some(&b'=') && open.is_some_and(|(_, start)| start == at + 1) {
            // Until the next blank, no key can begin.
            let rest = bytes.get(at + 1..).unwrap_or_default();
            match memchr::memchr2(b' ', b'\\', rest) {
                Some(next) => search = at + 1 + next,
                None => break,
            }
        }
    }
    if let Some((name, start)) = open {
        push(name, text.get(start..).unwrap_or(""), record);
    }
}

fn is_key(key: &str) -> bool {
    (1..=128).contains(&key.len())
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'[' | b']'))
}

fn push<'a>(name: &str, value: &'a str, record: &mut Record<'a>) {
    let value = value.trim();
    if !value.is_empty() {
        record.fields.push(name, Value::Text(resolve(value)));
    }
}

/// Resolves the escapes of a value or header field.
fn resolve(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some(sign @ ('=' | '\\' | '|')) => out.push(sign),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    Cow::Owned(out)
}

/// Gives custom fields the names that their labels say.
fn labels(record: &mut Record<'_>) {
    let named: Vec<(String, Value<'_>)> = record
        .fields
        .iter()
        .filter_map(|field| {
            let custom = record.fields.name(field).strip_suffix("Label")?;
            let value = record.fields.find(custom)?.clone();
            Some((field.value.to_text().into_owned(), value))
        })
        .take(32)
        .collect();
    for (label, value) in named {
        record.fields.push(&label, value);
    }
}
