//! What the pipeline needs to know of a batch, beside its bytes.
//!
//! It is written into the journal with the batch, as JSON of a few dozen bytes, so that a restart
//! works on with exactly what was known when the batch came.

use serde_json::{Value, json};

/// How the bytes of a batch are to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// The format by its id, if it is known; otherwise the bytes tell.
    pub format: Option<String>,
    /// The file it came from, or the address of the sender.
    pub origin: String,
    /// Lines of that file before this batch.
    pub lines_before: u64,
    /// When the file was last changed, in seconds since 1970: times without a year are reckoned
    /// from there. Otherwise from the arrival.
    pub modified: Option<i64>,
    /// The files that were handed in together: correlations join events within them by their own
    /// times. Without, events are joined as they arrive.
    pub session: Option<String>,
    /// Numbers of records that are kept already: a chunk of an EVTX file that is read again brings
    /// the records that could be read the first time once more.
    pub read_before: Vec<u64>,
}

impl Meta {
    /// As it stands in the journal.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut members = serde_json::Map::new();
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        add("format", self.format.as_ref().map(|format| json!(format)));
        add("origin", Some(json!(self.origin)));
        add("lines_before", (self.lines_before > 0).then(|| json!(self.lines_before)));
        add("modified", self.modified.map(|modified| json!(modified)));
        add("session", self.session.as_ref().map(|session| json!(session)));
        add("read_before", (!self.read_before.is_empty()).then(|| json!(self.read_before)));
        Value::Object(members).to_string().into_bytes()
    }

    /// Read from the journal; what is missing or not understood is left at its default, because
    /// the bytes of the batch must not be lost for it.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            format: text("format"),
            origin: text("origin").unwrap_or_default(),
            lines_before: value.get("lines_before").and_then(Value::as_u64).unwrap_or_default(),
            modified: value.get("modified").and_then(Value::as_i64),
            session: text("session"),
            read_before: read_before(&value),
        }
    }

    /// What was read before, as it is kept with a record that could not be read; nothing if nothing
    /// was.
    pub(crate) fn read_before_text(&self) -> Option<String> {
        let numbers = &self.read_before;
        (!numbers.is_empty()).then(|| json!({"read_before": numbers}).to_string())
    }

    /// The same, read again.
    pub(crate) fn read_before_of(text: &str) -> Vec<u64> {
        read_before(&serde_json::from_str(text).unwrap_or_default())
    }
}

fn read_before(value: &Value) -> Vec<u64> {
    let numbers = value.get("read_before").and_then(Value::as_array);
    numbers.into_iter().flatten().filter_map(Value::as_u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let full = Meta {
            format: Some("evtx".into()),
            origin: "nhật ký/Security.evtx".into(),
            lines_before: 7,
            modified: Some(1_767_225_600),
            session: Some("s".into()),
            read_before: vec![3, 5],
        };
        for meta in [full, Meta::default()] {
            assert_eq!(Meta::from_bytes(&meta.to_bytes()), meta);
        }
        assert_eq!(Meta::from_bytes(b"no json"), Meta::default());
    }
}
