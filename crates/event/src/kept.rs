//! Records that were kept, read again as they were read when they came.
//!
//! In comes what is kept of one record: its format, its bytes, and its fields where the bytes do not
//! tell them alone; out comes the record. Most formats read their bytes again, so that rules see in
//! them whatever they would have seen then, also fields that nobody asked for at the time. What
//! needs the chunk or the header around it is made of its fields.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::Offset;
use rustc_hash::FxHashMap;

use crate::format::{self, Context, Format, Reader, Sink, json};
use crate::packs::Packs;
use crate::record::{Kind, Problem, Record};
use crate::stream::Block;
use crate::symbols::Symbols;
use crate::time::Clue;

/// What is kept of a record.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// The id of the format it was read as.
    pub format: &'a str,
    /// Its bytes as they came; none if they mean nothing alone.
    pub raw: &'a [u8],
    /// Its fields as a JSON object, unless its bytes are just that object.
    pub fields: Option<&'a str>,
}

/// Reads records again; keeps readers and their memory between them.
pub struct Again {
    context: Context,
    readers: FxHashMap<&'static str, Box<dyn Reader>>,
}

/// Formats whose entries mean nothing without the header of their file.
const WITH_HEADER: [&str; 3] = ["csv", "w3c", "zeek"];

impl Again {
    /// For rules with these names and packs.
    pub fn new(symbols: Arc<Symbols>, packs: Arc<Packs>) -> Self {
        // Times are kept beside the record and not read again.
        let clue = Clue { zone: Offset::UTC, reference: Timestamp::UNIX_EPOCH };
        Self { context: Context { symbols, packs, clue }, readers: FxHashMap::default() }
    }

    /// Hands on the record, or the reason why it cannot be read.
    pub fn read(&mut self, kept: &Kept<'_>, sink: &mut dyn Sink) {
        let Some(format) = format::find(kept.format) else {
            sink.problem(Problem::new(0, "its format is not known"));
            return;
        };
        if kept.raw.is_empty() || WITH_HEADER.contains(&format.id) {
            self.of_fields(kept, format, sink);
            return;
        }
        let block = Block { bytes: kept.raw, offset: 0, first_line: 1, last: true };
        if format.in_order {
            // Nothing of one record shall be taken for a part of the next.
            let mut reader = (format.reader)(&self.context);
            reader.read(&block, sink);
            reader.finish(sink);
        } else {
            let context = &self.context;
            let reader = self.readers.entry(format.id).or_insert_with(|| (format.reader)(context));
            reader.read(&block, sink);
        }
    }

    fn of_fields(&self, kept: &Kept<'_>, format: &Format, sink: &mut dyn Sink) {
        let Some(text) = kept.fields else {
            sink.problem(Problem::new(0, "neither its bytes nor its fields are kept"));
            return;
        };
        let mut record = Record::new(Arc::clone(&self.context.symbols));
        if let Err(reason) = json::object(text, &mut record, &self.context) {
            sink.problem(Problem::new(0, reason));
            return;
        }
        record.raw = text.as_bytes();
        if format.id == "evtx" {
            record.kind = Kind::Windows;
            record.structured = true;
        } else {
            json::classify(&mut record, &self.context);
        }
        match format.id {
            "csv" if record.kind == Kind::named("json") => record.kind = Kind::named("csv"),
            "w3c" => record.kind = Kind::named(w3c_kind(&record)),
            _ => {}
        }
        if matches!(format.id, "w3c" | "zeek") {
            record.raw = kept.raw;
            record.structured = false;
        }
        sink.record(&mut record);
    }
}

/// Whose log a line in the format of W3C is: columns tell that only one of them writes.
fn w3c_kind(record: &Record<'_>) -> &'static str {
    let has = |names: &[&str]| names.iter().any(|name| record.fields.find(name).is_some());
    if has(&["r-ip", "s-action", "r-host"]) {
        "w3c/proxy"
    } else if has(&["sc-win32-status", "sc-substatus", "s-sitename"]) {
        "iis"
    } else {
        "w3c"
    }
}
