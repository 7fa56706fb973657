//! Splunk's HTTP Event Collector.
//!
//! In come bodies of `/services/collector`: objects one after another, each an envelope around an
//! event; out comes one line an event. An event that is an object gives its own members, so that
//! rules meet the names that it has; a text stands in `event`, where its line is read as if it
//! had come alone. What the envelope says stands under `hec`. [`acks`] keeps which batches of a
//! channel have been asked about; [`answer`] has the codes.

pub mod acks;
pub mod answer;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lines::{Lines, TooLarge};

/// What is around an event.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    host: Option<&'a RawValue>,
    #[serde(borrow)]
    source: Option<&'a RawValue>,
    #[serde(borrow)]
    sourcetype: Option<&'a RawValue>,
    #[serde(borrow)]
    index: Option<&'a RawValue>,
    #[serde(borrow)]
    fields: Option<&'a RawValue>,
}

/// What an event is said to be if nobody says it.
const SOURCE_TYPE: &str = "\"httpevent\"";

/// Why a body is refused, with the number of the event at fault, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HecError {
    /// There is nothing in it.
    #[error("No data")]
    NoData,
    /// It is not JSON, or an envelope is no object.
    #[error("Invalid data format")]
    Format(usize),
    /// An envelope holds no event.
    #[error("Event field is required")]
    NoEvent(usize),
    /// An event is empty.
    #[error("Event field cannot be blank")]
    Blank(usize),
    /// What is beside the event is not flat.
    #[error("Error in handling indexed fields")]
    Fields(usize),
    /// More than one batch holds.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// Reads a body of `/services/collector/event`.
pub fn events(body: &[u8]) -> Result<Lines, HecError> {
    let mut lines = Lines::default();
    let values = serde_json::Deserializer::from_slice(body).into_iter::<Envelope<'_>>();
    for (number, envelope) in values.enumerate() {
        let envelope = envelope.map_err(|_| HecError::Format(number))?;
        envelope.write(number, &mut lines)?;
    }
    if lines.is_empty() { Err(HecError::NoData) } else { Ok(lines) }
}

/// Reads a body of `/services/collector/raw`: lines of text.
pub fn raw(body: &[u8]) -> Result<Lines, HecError> {
    let lines = super::lines::text(body)?;
    if lines.is_empty() { Err(HecError::NoData) } else { Ok(lines) }
}

impl Envelope<'_> {
    fn write(&self, number: usize, lines: &mut Lines) -> Result<(), HecError> {
        let event = self.event.ok_or(HecError::NoEvent(number))?.get();
        if event == "null" {
            return Err(HecError::NoEvent(number));
        }
        if event == "\"\"" {
            return Err(HecError::Blank(number));
        }
        if self.fields.is_some_and(|fields| !is_flat(fields.get())) {
            return Err(HecError::Fields(number));
        }
        match members(event) {
            Some("") => lines.append(b"{")?,
            Some(members) => {
                lines.append(b"{")?;
                lines.append_json(members.as_bytes())?;
                lines.append(b",")?;
            }
            None => {
                lines.append(b"{\"event\":")?;
                lines.append_json(event.as_bytes())?;
                lines.append(b",")?;
            }
        }
        lines.append(b"\"hec\":{\"sourcetype\":")?;
        let named = self.sourcetype.map(RawValue::get).filter(|text| text.starts_with('"'));
        lines.append_json(named.unwrap_or(SOURCE_TYPE).as_bytes())?;
        let rest = [
            (",\"time\":", self.time),
            (",\"host\":", self.host),
            (",\"source\":", self.source),
            (",\"index\":", self.index),
            (",\"fields\":", self.fields),
        ];
        for (name, value) in rest {
            if let Some(value) = value {
                lines.append(name.as_bytes())?;
                lines.append_json(value.get().as_bytes())?;
            }
        }
        lines.append(b"}}")?;
        lines.end();
        Ok(())
    }
}

/// What stands between the braces of an object.
fn members(event: &str) -> Option<&str> {
    Some(event.strip_prefix('{')?.strip_suffix('}')?.trim())
}

/// Whether a value is an object of texts, numbers and lists of them.
fn is_flat(fields: &str) -> bool {
    members(fields).is_some_and(|inside| !has_object(inside))
}

/// Whether an object opens outside of texts.
fn has_object(json: &str) -> bool {
    let mut in_text = false;
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if in_text => drop(bytes.next()),
            b'"' => in_text = !in_text,
            b'{' if !in_text => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn envelopes_become_lines() {
        let body = "{\"time\":1795136523.4,\"host\":\"web-01\",\"sourcetype\":\"linux_secure\",\
            \"event\":\"Failed password\",\"fields\":{\"env\":\"{x}\"}}{\"event\":{\"EventID\":1,\n\"a\":{\"b\":2}}}\n\
            {\"event\":{},\"time\":\"1795136523\"} {\"event\":7}";
        let lines = events(body.as_bytes()).unwrap();
        let text = std::str::from_utf8(lines.bytes()).unwrap();
        let expected = [
            r#"{"event":"Failed password","hec":{"sourcetype":"linux_secure","time":1795136523.4,"host":"web-01","fields":{"env":"{x}"}}}"#,
            r#"{"EventID":1, "a":{"b":2},"hec":{"sourcetype":"httpevent"}}"#,
            r#"{"hec":{"sourcetype":"httpevent","time":"1795136523"}}"#,
            r#"{"event":7,"hec":{"sourcetype":"httpevent"}}"#,
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
        assert_eq!(lines.count(), 4);
    }

    #[test]
    fn a_fault_is_told_with_the_number_of_the_event() {
        for (body, expected) in [
            ("", HecError::NoData),
            (" \n", HecError::NoData),
            ("no", HecError::Format(0)),
            (r#"{"event":"a"}{"event":"#, HecError::Format(1)),
            (r#"{"event":"a"}{"host":"h"}"#, HecError::NoEvent(1)),
            (r#"{"event":null}"#, HecError::NoEvent(0)),
            (r#"{"event":""}"#, HecError::Blank(0)),
            (r#"{"event":"a","fields":{"a":{}}}"#, HecError::Fields(0)),
            (r#"{"event":"a","fields":[]}"#, HecError::Fields(0)),
            (r#"[{"event":"a"}]"#, HecError::Format(0)),
        ] {
            assert_eq!(events(body.as_bytes()), Err(expected), "{body}");
        }
        assert_eq!(raw(b"\n\n"), Err(HecError::NoData));
        assert_eq!(raw(b"a\nb").unwrap().count(), 2);
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(body in "[\\[\\]{}\",:a-f1 \n\\\\]{0,80}") {
            let _ = events(body.as_bytes());
        }

        #[test]
        fn every_line_is_an_object(text in ".{1,30}", number in any::<i32>(), nested in any::<bool>()) {
            let event = if nested {
                serde_json::json!({"event": {"text": text, "deep": {"n": number}}, "host": text})
            } else {
                serde_json::json!({"event": text, "time": number})
            };
            let body = serde_json::to_string_pretty(&event).unwrap();
            let lines = events(body.repeat(2).as_bytes()).unwrap();
            prop_assert_eq!(lines.count(), 2);
            let parsed: Vec<Value> = std::str::from_utf8(lines.bytes()).unwrap()
                .lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let found = if nested { &parsed[1]["text"] } else { &parsed[1]["event"] };
            prop_assert_eq!(found.as_str(), Some(text.as_str()));
        }
    }
}
