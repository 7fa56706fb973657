//! Bytes of a batch to records.
//!
//! In comes a batch with what is known of it; its records and problems go to a [`Sink`]. The
//! format is the one that the batch names, or the one that its first bytes show, if the source may
//! send it.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::Offset;
use khien_event::format::{self, Context, Format, Sink};
use khien_event::stream::Stream;
use khien_event::time::Clue;
use khien_event::{Packs, Symbols};

use super::meta::Meta;

/// The format of a batch, or why there is none: the one that it names, or the one that its first
/// bytes show; of those that are `expected` of its source, unless any is.
pub(crate) fn format_of(
    payload: &[u8],
    meta: &Meta,
    expected: &BTreeSet<String>,
) -> Result<&'static Format, String> {
    let is_expected = |format: &Format| expected.is_empty() || expected.contains(format.id);
    let named = meta.format.as_deref().and_then(format::find);
    let found = named.or_else(|| {
        let mut ids = expected.iter();
        // There is nothing to choose, even where the bytes do not show it.
        if let (Some(only), None) = (ids.next(), ids.next()) {
            return format::find(only);
        }
        // The stream turns UTF-16 into what formats know.
        let mut stream = Stream::new(Cursor::new(payload));
        stream.head().ok().and_then(|head| format::detect_among(head, is_expected))
    });
    let expected = || expected.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    match found {
        Some(format) if is_expected(format) => Ok(format),
        Some(other) => {
            Err(format!("the source is to send {}, and this is {}", expected(), other.id))
        }
        None if expected().is_empty() => Err("no log format is recognised".to_owned()),
        None => Err(format!("none of the formats that the source is to send: {}", expected())),
    }
}

/// Reads batches; keeps its memory between them.
#[derive(Default)]
pub(crate) struct Parser {
    buffer: Vec<u8>,
}

/// Names and packs of the rules in force.
#[derive(Clone)]
pub(crate) struct Names {
    pub(crate) symbols: Arc<Symbols>,
    pub(crate) packs: Arc<Packs>,
    /// The zone of times that do not say theirs.
    pub(crate) zone: Offset,
}

impl Names {
    /// What is known about the times of a batch.
    pub(crate) fn clue(&self, meta: &Meta, arrival: Timestamp) -> Clue {
        let modified = meta.modified.and_then(|second| Timestamp::from_second(second).ok());
        Clue { zone: self.zone, reference: modified.unwrap_or(arrival) }
    }
}

impl Parser {
    /// Hands all records and problems of a batch to `sink`.
    pub(crate) fn parse(
        &mut self,
        payload: &[u8],
        format: &'static Format,
        clue: Clue,
        names: &Names,
        sink: &mut dyn Sink,
    ) {
        let buffer = std::mem::take(&mut self.buffer);
        let mut stream = Stream::with_buffer(Cursor::new(payload), buffer);
        stream.set_framing(format.framing);
        let context =
            Context { symbols: Arc::clone(&names.symbols), packs: Arc::clone(&names.packs), clue };
        let mut reader = (format.reader)(&context);
        loop {
            let mut too_long = Vec::new();
            // A payload in memory gives no errors.
            let block = stream.next(&mut |problem| too_long.push(problem));
            too_long.into_iter().for_each(|problem| sink.problem(problem));
            let Ok(Some(block)) = block else { break };
            reader.read(&block, sink);
        }
        reader.finish(sink);
        self.buffer = stream.into_buffer();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(payload: &str, named: Option<&str>, expected: &[&str]) -> Result<&'static str, String> {
        let meta = Meta { format: named.map(str::to_owned), ..Meta::default() };
        let expected = expected.iter().map(|id| (*id).to_owned()).collect();
        format_of(payload.as_bytes(), &meta, &expected).map(|format| format.id)
    }

    #[test]
    fn a_format_is_named_or_shown_and_is_expected() {
        let (line, object) = ("<38>Nov 20 08:00:00 srv-01 sshd[7]: x\n", "{\"a\":1}\n");
        assert_eq!(of(line, None, &[]).unwrap(), "syslog");
        assert_eq!(of(object, Some("json"), &["json"]).unwrap(), "json");
        assert_eq!(of(line, None, &["cef"]).unwrap(), "cef");
        assert_eq!(of(line, None, &["cef", "syslog"]).unwrap(), "syslog");
        let told = of(object, Some("json"), &["cef", "syslog"]).unwrap_err();
        assert_eq!(told, "the source is to send cef, syslog, and this is json");
        assert!(of(object, None, &["cef", "evtx"]).unwrap_err().contains("cef, evtx"));
        assert_eq!(of("\u{1}\u{2}", None, &[]).unwrap_err(), "no log format is recognised");
    }
}
