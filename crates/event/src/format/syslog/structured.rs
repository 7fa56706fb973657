//! The header of RFC 5424 and its structured data.

use super::Header;
use crate::record::Record;
use crate::time::{self, Clue};
use crate::value::Value;

/// Reads what follows the version.
pub(super) fn rfc5424<'a>(text: &'a str, clue: &Clue, header: &mut Header<'a>) {
    let mut rest = text;
    let mut word = || {
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = after;
        if word == "-" { "" } else { word }
    };
    let time = word();
    header.time = time::parse(time, clue);
    header.host = word();
    header.process = word();
    header.pid = word();
    let message_id = word();
    let id_start = text.len() - rest.len();
    // Junos's message is its tag with the list: its reader wants both.
    if rest.starts_with("[junos@") {
        let from = text.get(..id_start).unwrap_or("").trim_end().rfind(' ').map_or(0, |at| at + 1);
        header.message = text.get(from..).unwrap_or(rest);
        return;
    }
    header.message_id = message_id;
    let end = structured_end(rest);
    header.structured = rest.get(..end).unwrap_or("");
    let message = rest.get(end..).unwrap_or("");
    let message = message.strip_prefix('-').filter(|_| end == 0).unwrap_or(message);
    header.message = message.trim_start().trim_start_matches('\u{feff}');
}

/// The length of the structured data that `text` begins with.
fn structured_end(text: &str) -> usize {
    let (mut quoted, mut escaped, mut open, mut end) = (false, false, false, 0);
    // Check Point puts its own list there: `[action:"Accept"; …]`.
    let id = text.split([' ', ']', '=']).next().unwrap_or("");
    if id.contains(":\"") {
        return 0;
    }
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if open => quoted = !quoted,
            b'[' if !open => open = true,
            b']' if open && !quoted => {
                open = false;
                end = at + 1;
            }
            _ if !open => break,
            _ => {}
        }
    }
    end
}

/// Adds `id.param` fields of `[id param="value" …][…]`.
pub(super) fn elements<'a>(structured: &'a str, record: &mut Record<'a>) {
    let mut rest = structured;
    while let Some(inside) = rest.strip_prefix('[') {
        let end = inside.find([' ', ']']).unwrap_or(inside.len());
        let id = inside.get(..end).unwrap_or("");
        rest = inside.get(end..).unwrap_or("").trim_start();
        while !rest.starts_with(']') {
            let Some((name, after)) = rest.split_once("=\"") else { break };
            if name.contains(']') {
                break;
            }
            let (value, after) = quoted(after);
            let value = if value.contains('\\') {
                Value::owned(unescape(value))
            } else {
                Value::text(value)
            };
            record.fields.push(&format!("{id}.{}", name.trim()), value);
            rest = after.trim_start();
        }
        rest = rest.strip_prefix(']').unwrap_or("");
    }
}

/// Splits after the quote that is not escaped.
fn quoted(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return (text.get(..at).unwrap_or(""), text.get(at + 1..).unwrap_or("")),
            _ => {}
        }
    }
    (text, "")
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(&next @ ('"' | '\\' | ']')) if c == '\\' => {
                out.push(next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}
