//! Results in the forms that people and programs take.

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::language::Language;

pub(crate) mod csv;
pub(crate) mod html;
pub(crate) mod progress;
pub(crate) mod table;
pub(crate) mod timesketch;

/// How a result is told.
pub(crate) struct Options {
    pub(crate) language: Language,
    pub(crate) colour: bool,
    pub(crate) quiet: bool,
    /// When the result was made.
    pub(crate) now: Timestamp,
    /// What was scanned, as it was asked for.
    pub(crate) scanned: String,
    /// Where the rules are from, as it was asked for.
    pub(crate) rules: String,
}

/// Results show times in the zone of Viet Nam.
pub(crate) const ZONE: Offset = Offset::constant(7);

/// A time as people write it, to the second or to the minute.
pub(crate) fn written(time: Timestamp, l: Language, seconds: bool) -> String {
    let t = ZONE.to_datetime(time);
    let day = match l {
        Language::Vi => format!("{:02}/{:02}/{}", t.day(), t.month(), t.year()),
        Language::En => format!("{}-{:02}-{:02}", t.year(), t.month(), t.day()),
    };
    let clock = format!("{:02}:{:02}", t.hour(), t.minute());
    if seconds { format!("{day} {clock}:{:02}", t.second()) } else { format!("{day} {clock}") }
}

/// The title of a detection's rule.
pub(crate) fn title(object: &serde_json::Value, l: Language) -> &str {
    match text(object, "/rule/title_vi") {
        title if !title.is_empty() && l == Language::Vi => title,
        _ => text(object, "/rule/title"),
    }
}

/// Text from a log with nothing in it that a terminal would obey.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| {
            let hidden = c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if hidden { '·' } else { c }
        })
        .collect()
}

/// Shortens text to a number of characters.
pub(crate) fn shorten(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(length.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// The text of a member of a JSON object; empty where it is null or missing.
pub(crate) fn text<'v>(object: &'v serde_json::Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default()
}

/// The texts of a list in a JSON object.
pub(crate) fn texts(object: &serde_json::Value, pointer: &str) -> Vec<String> {
    let list = object.pointer(pointer).and_then(serde_json::Value::as_array);
    list.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// What matched, in one line: `field: value`, joined.
pub(crate) fn matched_line(object: &serde_json::Value, each: usize) -> String {
    let list = object.get("matched").and_then(serde_json::Value::as_array);
    let mut parts: Vec<String> = Vec::new();
    // The number of an event says little beside what was found in it.
    let number = |one: &&serde_json::Value| text(one, "/field") == "EventID";
    let list: Vec<_> = list.into_iter().flatten().collect();
    let only_number = list.iter().all(number);
    for one in list.into_iter().filter(|one| only_number || !number(one)) {
        let value = shorten(text(one, "/value"), each);
        let part = match text(one, "/field") {
            "" => value,
            field => format!("{field}: {value}"),
        };
        // Several patterns are often found in one value.
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join(" | ")
}
