//! `QRadar`'s Log Event Extended Format, versions 1.0 and 2.0.
//!
//! `LEEF:1.0|vendor|product|version|id|` is followed by pairs with tabs between them; 2.0 names
//! its own delimiter in one more header field, as a character or as `x` with hexadecimal digits.
//! The kind is `leef/<vendor>/<product>`, as for CEF.

use super::payload::Lines;
use super::{Context, Format, LineReader, Sample, cef, device_time};
use crate::record::Record;

/// Log Event Extended Format.
pub const FORMAT: Format = Format {
    id: "leef",
    title: ["Log Event Extended Format (LEEF)", "Định dạng LEEF"],
    framing: crate::stream::Framing::Lines,
    in_order: false,
    sniff: |sample: &Sample<'_>| sample.share(|line| line.starts_with(MARK)) / 20 * 19,
    reader: |context| LineReader::boxed(Lines { payload, otherwise: "no LEEF header" }, context),
};

const MARK: &str = "LEEF:";
/// The mark stands no further behind.
const HEADER_BYTES: usize = 512;

const HEADER: [&str; 5] =
    ["LEEFVersion", "DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID"];

/// Reads a LEEF message.
pub fn payload<'a>(text: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let head = text.as_bytes().get(..HEADER_BYTES).unwrap_or(text.as_bytes());
    let after = memchr::memmem::find(head, MARK.as_bytes());
    let Some(mut rest) = after.and_then(|at| text.get(at + MARK.len()..)) else { return false };
    let mut header: [&str; HEADER.len()] = [""; HEADER.len()];
    for slot in &mut header {
        let Some(end) = cef::bar(rest) else { return false };
        (*slot, rest) = (rest.get(..end).unwrap_or(""), rest.get(end + 1..).unwrap_or(""));
    }
    for (name, value) in HEADER.into_iter().zip(header) {
        record.fields.push_text(name, value.trim());
    }
    record.kind = cef::kind("leef", header.get(1..3).unwrap_or_default());
    let mut sign = '\t';
    if header.first().is_some_and(|version| version.starts_with('2'))
        && let Some((stated, pairs)) = rest.split_once('|').filter(|(sign, _)| sign.len() <= 6)
    {
        sign = delimiter(stated).unwrap_or(sign);
        rest = pairs;
    }
    for pair in rest.split(sign) {
        if let Some((name, value)) = pair.split_once('=') {
            record.fields.push_text(name.trim(), value.trim());
        }
    }
    let text = |name| record.fields.text(name);
    let time = text("devTime").and_then(|time| device_time::parse(&time, &context.clue));
    record.time = time.or(record.time);
    true
}

/// The delimiter that a header field states; `None` where it is empty.
fn delimiter(stated: &str) -> Option<char> {
    let digits = stated.strip_prefix("0x").or_else(|| stated.strip_prefix('x'));
    match digits.filter(|digits| !digits.is_empty()) {
        Some(digits) => char::from_u32(u32::from_str_radix(digits, 16).ok()?),
        None => stated.chars().next(),
    }
}
