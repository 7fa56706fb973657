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
        }
    }
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
        };
        for meta in [full, Meta::default()] {
            assert_eq!(Meta::from_bytes(&meta.to_bytes()), meta);
        }
        assert_eq!(Meta::from_bytes(b"no json"), Meta::default());
    }
}
