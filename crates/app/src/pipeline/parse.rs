//! Bytes of a batch to records.
//!
//! In comes a batch with what is known of it; its records and problems go to a [`Sink`]. The
//! format is the one that the batch names, or the one that its first bytes show.

use std::io::Cursor;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::Offset;
use khien_event::format::{self, Context, Format, Sink};
use khien_event::stream::Stream;
use khien_event::time::Clue;
use khien_event::{Packs, Problem, Symbols};

use super::meta::Meta;

/// The format of a batch: the one it names, or the one that its first bytes show.
pub(crate) fn format_of(payload: &[u8], meta: &Meta) -> Option<&'static Format> {
    let named = meta.format.as_deref().and_then(format::find);
    // The stream turns UTF-16 into what formats know.
    named.or_else(|| Stream::new(Cursor::new(payload)).head().ok().and_then(format::detect))
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
    /// Hands all records and problems of a batch to `sink`. Without a format, the whole batch is a
    /// problem.
    pub(crate) fn parse(
        &mut self,
        payload: &[u8],
        format: Option<&'static Format>,
        clue: Clue,
        names: &Names,
        sink: &mut dyn Sink,
    ) {
        let buffer = std::mem::take(&mut self.buffer);
        let mut stream = Stream::with_buffer(Cursor::new(payload), buffer);
        if let Some(format) = format {
            stream.set_framing(format.framing);
            let context = Context {
                symbols: Arc::clone(&names.symbols),
                packs: Arc::clone(&names.packs),
                clue,
            };
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
        } else if !payload.trim_ascii().is_empty() {
            sink.problem(Problem::new(0, "no log format is recognised"));
        }
        self.buffer = stream.into_buffer();
    }
}
