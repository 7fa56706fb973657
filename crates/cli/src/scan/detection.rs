//! A detection as one JSON object.
//!
//! The object is the product's contract with scripts: `time`, `rule`, `logsource`, `host`,
//! `user`, `source`, `matched`, `event`. It is written once, by the thread that found the
//! detection; every other output is made from it.

use std::fmt::Write as _;

use jiff::Timestamp;
use khien_event::time::TimeSource;
use khien_event::{Fields, LogSource, Packs, Value};
use khien_sigma::engine::Matched;
use khien_sigma::rule::About;

/// Appends a JSON string.
pub(crate) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' && byte != 0x7f {
            continue;
        }
        out.push_str(text.get(start..at).unwrap_or_default());
        start = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ => {
                let _ = write!(out, "\\u{byte:04x}");
            }
        }
    }
    out.push_str(text.get(start..).unwrap_or_default());
    out.push('"');
}

fn write_member(out: &mut String, name: &str, text: &str) {
    write_string(out, name);
    out.push(':');
    write_string(out, text);
}

fn write_strings(out: &mut String, texts: &[String]) {
    out.push('[');
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_string(out, text);
    }
    out.push(']');
}

fn write_optional(out: &mut String, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        write_member(out, name, text);
    } else {
        write_string(out, name);
        out.push_str(":null");
    }
    out.push(',');
}

fn write_value(out: &mut String, value: &Value<'_>, scratch: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(_) | Value::Int(_) | Value::Uint(_) => value.write_text(out),
        Value::Number(text) if serde_json::from_str::<serde_json::Number>(text).is_ok() => {
            out.push_str(text);
        }
        _ => {
            scratch.clear();
            value.write_text(scratch);
            write_string(out, scratch);
        }
    }
}

/// Writes all fields as one object; a name with several values holds a list.
pub(crate) fn write_event(out: &mut String, fields: &Fields<'_>) {
    let mut scratch = String::new();
    let same = |left: usize, right: usize| match (fields.at(left), fields.at(right)) {
        (Some(left), Some(right)) if left.sym.is_some() || right.sym.is_some() => {
            left.sym == right.sym
        }
        (Some(left), Some(right)) => fields.name(left) == fields.name(right),
        _ => false,
    };
    out.push('{');
    let mut written = 0;
    for (at, field) in fields.iter().enumerate() {
        // Names seldom repeat, and where they do the repetitions stand close together.
        if (0..at).rev().any(|before| same(before, at)) {
            continue;
        }
        if written > 0 {
            out.push(',');
        }
        written += 1;
        write_string(out, fields.name(field));
        out.push(':');
        let more: Vec<usize> = (at + 1..fields.len()).filter(|other| same(at, *other)).collect();
        if more.is_empty() {
            write_value(out, &field.value, &mut scratch);
            continue;
        }
        out.push('[');
        write_value(out, &field.value, &mut scratch);
        for other in more.iter().filter_map(|other| fields.at(*other)) {
            out.push(',');
            write_value(out, &other.value, &mut scratch);
        }
        out.push(']');
    }
    out.push('}');
}

/// Writes the OCSF attributes of the fields that have one; the first value of each counts.
pub(crate) fn write_ocsf(out: &mut String, fields: &Fields<'_>, packs: &Packs) {
    let mut scratch = String::new();
    let mut seen: Vec<&str> = Vec::new();
    out.push('{');
    for field in fields {
        let Some(name) = packs.ocsf(field.sym).filter(|name| !seen.contains(name)) else {
            continue;
        };
        if !seen.is_empty() {
            out.push(',');
        }
        seen.push(name);
        write_string(out, name);
        out.push(':');
        write_value(out, &field.value, &mut scratch);
    }
    out.push('}');
}

/// What is told of every event a detection rests on.
pub(crate) struct Seen<'s> {
    pub(crate) time: Option<(Timestamp, TimeSource)>,
    pub(crate) host: Option<&'s str>,
    pub(crate) user: Option<&'s str>,
    pub(crate) addresses: &'s [String],
    pub(crate) file: &'s str,
    pub(crate) record: u64,
    pub(crate) offset: u64,
}

/// Writes everything up to what differs between a rule's and a correlation's detection.
pub(crate) fn write_head(out: &mut String, about: &About, log_source: &LogSource, seen: &Seen<'_>) {
    out.push('{');
    match seen.time {
        Some((time, _)) => {
            let _ = write!(out, "\"time\":\"{time}\",");
        }
        None => out.push_str("\"time\":null,"),
    }
    let source = seen.time.map_or(TimeSource::Missing, |(_, source)| source);
    let _ = write!(out, "\"time_source\":\"{}\",\"rule\":{{", source.name());
    write_member(out, "id", &about.id);
    out.push(',');
    write_member(out, "title", &about.title);
    out.push(',');
    if let Some(title) = &about.title_vi {
        write_member(out, "title_vi", title);
        out.push(',');
    }
    let _ = write!(out, "\"level\":\"{}\",\"tags\":", about.level.name());
    write_strings(out, &about.tags);
    out.push_str("},\"logsource\":{");
    write_optional(out, "product", log_source.product.as_deref());
    write_optional(out, "category", log_source.category.as_deref());
    write_optional(out, "service", log_source.service.as_deref());
    out.pop();
    out.push_str("},");
    write_optional(out, "host", seen.host);
    write_optional(out, "user", seen.user);
    out.push_str("\"addresses\":");
    write_strings(out, seen.addresses);
    out.push_str(",\"source\":{");
    write_member(out, "file", seen.file);
    let _ = write!(out, ",\"record\":{},\"offset\":{}}},", seen.record, seen.offset);
}

/// Writes what matched.
pub(crate) fn write_matched(out: &mut String, matched: &[Matched]) {
    out.push_str("\"matched\":[");
    for (at, one) in matched.iter().enumerate() {
        out.push_str(if at > 0 { ",{" } else { "{" });
        write_member(out, "field", &one.field);
        out.push(',');
        write_member(out, "value", &one.value);
        out.push(',');
        write_member(out, "pattern", &one.pattern);
        out.push(',');
        write_member(out, "modifier", &one.modifiers);
        out.push('}');
    }
    out.push_str("],");
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use khien_event::Symbols;

    use super::*;

    #[test]
    fn events_become_valid_json_whatever_they_hold() {
        let mut fields = Fields::new(Arc::new(Symbols::default()));
        fields.push("a\"\\", Value::text("x\u{0}\u{7f}\n\t\"\\ệ"));
        fields.push("n", Value::Number("1e5"));
        fields.push("broken", Value::Number("1-2"));
        fields.push("n", Value::Null);
        fields.push("b", Value::Bool(true));
        let mut out = String::new();
        write_event(&mut out, &fields);
        let value: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(value["a\"\\"], "x\u{0}\u{7f}\n\t\"\\ệ");
        assert_eq!(value["n"], serde_json::json!([1e5, null]));
        assert_eq!(value["broken"], "1-2");
        assert_eq!(value["b"], true);
    }
}
