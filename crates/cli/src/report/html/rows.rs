//! Detections as the page's script takes them, each cut to a bounded size.
//!
//! The script only ever sets text, never markup; here, what would end the script block early or
//! turn the direction of text is taken out of the data.

use jiff::Timestamp;
use khien_sigma::rule::Level;
use serde_json::{Value, json};

use crate::language::Language;
use crate::report::{matched_line, shorten, text, texts, written};

/// No event takes more bytes of the page.
const MAX_EVENT_BYTES: usize = 8 << 10;
/// No value of an event takes more.
const MAX_VALUE_BYTES: usize = 2 << 10;
const MAX_MATCHED: usize = 40;
const MAX_ADDRESSES: usize = 20;
const MAX_JOINED: usize = 50;

/// JSON for a script block: nothing in it can end the block.
pub(super) fn script_json(value: &Value) -> String {
    value
        .to_string()
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// Text from a log with nothing in it that hides or reorders what stands beside it; line ends and
/// tabs stay.
pub(super) fn plain(text: &str) -> String {
    text.split_inclusive(['\n', '\t', '\r'])
        .map(|part| {
            let body = part.trim_end_matches(['\n', '\t', '\r']);
            let end = part.get(body.len()..).unwrap_or_default();
            crate::report::harmless(body) + &end.replace('\r', "")
        })
        .collect()
}

/// Cuts text to a number of bytes, at a character; whether anything was cut.
fn cut(text: &str, bytes: usize) -> (&str, bool) {
    if text.len() <= bytes {
        return (text, false);
    }
    let end = (0..=bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    (text.get(..end).unwrap_or_default(), true)
}

/// The part of a long value around what matched.
fn around(value: &str, pattern: &str) -> String {
    if value.len() <= MAX_VALUE_BYTES {
        return plain(value);
    }
    let literal = pattern.split(['*', '?']).max_by_key(|part| part.len()).unwrap_or_default();
    let at = value.to_ascii_lowercase().find(&literal.to_ascii_lowercase()).unwrap_or(0);
    let from = at.saturating_sub(MAX_VALUE_BYTES / 4);
    let from = (0..=from).rev().find(|at| value.is_char_boundary(*at)).unwrap_or(0);
    let rest = value.get(from..).unwrap_or_default();
    let (kept, more) = cut(rest, MAX_VALUE_BYTES);
    let mark = |there: bool| if there { "…" } else { "" };
    format!("{}{}{}", mark(from > 0), plain(kept), mark(more))
}

/// The fields of an event, and how much of it was left out, in bytes.
fn event(object: &Value) -> (Vec<Value>, usize) {
    let mut left = MAX_EVENT_BYTES;
    let mut dropped = 0;
    let mut fields = Vec::new();
    for (name, value) in object.get("event").and_then(Value::as_object).into_iter().flatten() {
        let whole = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let (name, _) = cut(name, 256);
        if left <= name.len() + 16 {
            dropped += name.len() + whole.len();
            continue;
        }
        let (kept, more) = cut(&whole, MAX_VALUE_BYTES.min(left - name.len()));
        dropped += whole.len() - kept.len();
        left = left.saturating_sub(name.len() + kept.len());
        fields.push(json!([plain(name), plain(kept) + if more { "…" } else { "" }]));
    }
    (fields, dropped)
}

/// A detection for the script. `rule` is the place of its rule in the script's list.
pub(super) fn row(object: &Value, rule: usize, l: Language) -> Value {
    let matched: Vec<Value> = object
        .get("matched")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .take(MAX_MATCHED)
        .map(|one| {
            let pattern = text(one, "/pattern");
            json!([
                plain(cut(text(one, "/field"), 256).0),
                around(text(one, "/value"), pattern),
                plain(cut(pattern, 1024).0),
                text(one, "/modifier"),
            ])
        })
        .collect();
    let (event, dropped) = event(object);
    let time = time(object);
    let addresses: Vec<String> =
        texts(object, "/addresses").iter().take(MAX_ADDRESSES).map(|a| key(a)).collect();
    let joined: Vec<Value> = object
        .pointer("/correlation/events")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .take(MAX_JOINED)
        .map(|one| {
            let when = text(one, "/time").parse().map(|time| written(time, l, true));
            let place = format!("{}:{}", text(one, "/file"), number(one, "/record"));
            json!([when.unwrap_or_default(), plain(&place)])
        })
        .collect();
    json!({
        "r": rule,
        "s": time.map(Timestamp::as_second),
        "t": time.map(|time| written(time, l, true)),
        "h": key(text(object, "/host")),
        "u": key(text(object, "/user")),
        "a": addresses,
        "m": matched,
        "e": event,
        "x": dropped,
        "f": plain(text(object, "/source/file")),
        "n": number(object, "/source/record"),
        "o": number(object, "/source/offset"),
        "c": object.pointer("/correlation/count"),
        "j": joined,
    })
}

fn number(object: &Value, pointer: &str) -> u64 {
    object.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
}

pub(super) fn time(object: &Value) -> Option<Timestamp> {
    text(object, "/time").parse().ok()
}

/// A name of a host, user or address as it is counted, shown and filtered by.
pub(super) fn key(name: &str) -> String {
    plain(&shorten(name, 120))
}

/// A detection for readers without script.
pub(super) struct StaticRow {
    pub(super) level: Level,
    pub(super) time: String,
    pub(super) title: String,
    pub(super) host: String,
    pub(super) user: String,
    pub(super) matched: String,
    pub(super) place: String,
}

impl StaticRow {
    pub(super) fn new(object: &Value, level: Level, title: &str, l: Language) -> Self {
        Self {
            level,
            time: time(object).map_or_else(String::new, |time| written(time, l, true)),
            title: title.to_owned(),
            host: key(text(object, "/host")),
            user: key(text(object, "/user")),
            matched: plain(&shorten(&matched_line(object, 160), 400)),
            place: plain(&format!(
                "{}:{}",
                text(object, "/source/file"),
                number(object, "/source/record")
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_data_ends_the_script_block() {
        let value = json!({"a": "</script><!--<script>", "b": "\u{2028}"});
        let text = script_json(&value);
        assert!(!text.contains('<') && !text.contains('\u{2028}'), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn hidden_characters_are_shown_and_lines_kept() {
        assert_eq!(plain("a\u{202e}b\u{0}c\r\nd\te"), "a·b·c\nd\te");
    }

    #[test]
    fn events_are_cut_and_what_was_left_out_is_told() {
        let long = "ệ".repeat(50_000);
        let mut fields = serde_json::Map::new();
        for at in 0..100 {
            fields.insert(format!("f{at}"), long.clone().into());
        }
        let object = json!({"event": fields, "matched": []});
        let row = row(&object, 0, Language::Vi);
        assert!(row.to_string().len() < MAX_EVENT_BYTES + 1024);
        assert!(row["x"].as_u64().unwrap() > 14_000_000);
    }

    #[test]
    fn long_values_are_cut_around_what_matched() {
        let value = format!("{}MiniDump{}", "ă".repeat(9000), "b".repeat(9000));
        let kept = around(&value, "*absent*");
        assert!(kept.len() < MAX_VALUE_BYTES + 16 && kept.starts_with('ă'), "{}", kept.len());
        let kept = around(&value, "*minidump*");
        assert!(kept.contains("MiniDump") && kept.starts_with('…') && kept.ends_with('…'));
    }
}
