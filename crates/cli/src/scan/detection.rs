//! A detection as one JSON object.
//!
//! The object is the product's contract with scripts: `time`, `rule`, `logsource`, `host`,
//! `user`, `source`, `matched`, `event`. It is written once, by the thread that found the
//! detection; every other output is made from it.

use std::fmt::Write as _;

use jiff::Timestamp;
use khien_event::json_text::{write_string, write_value};
use khien_event::time::TimeSource;
use khien_event::{Fields, LogSource, Packs};
use khien_sigma::engine::Matched;
use khien_sigma::rule::About;

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
