//! JSON objects, one a line or several lines each, flat or nested.
//!
//! The scanner walks an object once and hands out views of the values as they lie there: nothing
//! is unescaped, copied or built into a tree. Members of nested objects get dotted names
//! (`a.b.c`), items of arrays repeat the name, and wrapping that packs name is stripped. An
//! object whose own name a rule mentions is also a field with its JSON text. What the object is
//! (Windows event, Suricata, `CloudTrail`…) is told by its fields, see [`classify`].

use std::sync::Arc;

use super::lossy::Places;
use super::{
    Context, Format, LineParser, LineReader, Reader, Refusal, Sample, Sink, inner, lossy, windows,
};
use crate::record::{Kind, Problem, Record};
use crate::stream::{Block, Framing};

mod scanner;
pub mod wrapper;

pub use scanner::{MAX_DEPTH, object};

/// One object a line.
pub const LINES: Format = Format {
    id: "json",
    title: ["JSON, one object a line", "JSON, mỗi dòng một đối tượng"],
    framing: Framing::Lines,
    in_order: false,
    sniff: |sample| sample.share(|line| line.starts_with('{') && line.ends_with('}')) / 2,
    reader: |context| LineReader::boxed(JsonLines, context),
};

/// Objects over several lines, or in one array.
pub const VALUES: Format = Format {
    id: "json-values",
    title: [
        "JSON, objects over several lines or in an array",
        "JSON, đối tượng nhiều dòng hoặc trong mảng",
    ],
    framing: Framing::JsonValues,
    in_order: true,
    sniff: sniff_values,
    reader: |context| Box::new(JsonValues { context: context.clone() }),
};

fn sniff_values(sample: &Sample<'_>) -> u8 {
    let first = sample.first();
    let start = String::from_utf8_lossy(sample.bytes.trim_ascii_start());
    let wrapped = wrapper::opening(&start).is_some();
    let opens = first == "{" || first == "[" || first.starts_with("[{");
    let member = first.starts_with("{\"") || first.starts_with("{ \"");
    if wrapped {
        70
    } else if opens {
        60
    } else if member {
        20
    } else {
        0
    }
}

struct JsonLines;

impl LineParser for JsonLines {
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        context: &Context,
    ) -> Result<bool, Refusal> {
        let end = object(line, record, context)?;
        if line.get(end..).is_some_and(|rest| !rest.trim().is_empty()) {
            return Err("text after the end of the JSON object".into());
        }
        classify(record, context);
        Ok(true)
    }
}

struct JsonValues {
    context: Context,
}

impl Reader for JsonValues {
    fn read(&mut self, block: &Block<'_>, sink: &mut dyn Sink) {
        let (text, mut places) = (lossy::text(block), Places::new(block));
        let mut record = Record::new(Arc::clone(&self.context.symbols));
        let (mut at, mut line, mut counted) = (0, block.first_line, 0);
        loop {
            let rest = text.get(at..).unwrap_or("");
            let length = rest.find('{').unwrap_or(rest.len());
            let (between, value) = rest.split_at_checked(length).unwrap_or((rest, ""));
            if !is_between(between) {
                sink.problem(Problem::new(places.offset(at), "text between the objects"));
            }
            if value.is_empty() {
                break;
            }
            let start = at + length;
            if let Some(items) = wrapper::opening(value) {
                at = start + items;
                continue;
            }
            let before = text.as_bytes().get(counted..start).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', before).count() as u64;
            counted = start;
            record.fields.clear();
            record.offset = places.offset(start);
            record.number = line;
            record.time = None;
            match object(value, &mut record, &self.context) {
                Ok(end) => {
                    record.raw = value.as_bytes().get(..end).unwrap_or_default();
                    classify(&mut record, &self.context);
                    sink.record(&mut record);
                    at = start + end;
                }
                Err(reason) => {
                    sink.problem(Problem::new(record.offset, reason));
                    // The next object begins on a line of its own, if anywhere.
                    match value.find("\n{") {
                        Some(next) => at = start + next + 1,
                        None => break,
                    }
                }
            }
        }
    }
}

/// Whether a text between objects is what lists are made of. Behind the end of a list may stand
/// more members of the object that wraps it.
fn is_between(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | '}'));
    text.is_empty() || text.starts_with(']')
}

/// Says what an object is, from the fields it has, and reads the log line it may carry.
pub fn classify(record: &mut Record<'_>, context: &Context) {
    record.kind = Kind::named("json");
    record.structured = true;
    if let Some(kind) = windows::kind(record, context) {
        record.kind = kind;
    } else if let Some(shape) = context.packs.shape(record) {
        record.kind = shape.kind(record);
        if let Some(message) = shape.message(record).cloned() {
            let program = shape.program(record);
            let known = inner::read(&program, &message, record, context);
            if !known && record.fields.find("message").is_none() {
                record.fields.push("message", message);
            }
        }
    }
}

/// Reads an object that is the message of another format.
pub fn payload<'a>(message: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let before = record.fields.len();
    let text = message.trim();
    if !text.starts_with('{') {
        return false;
    }
    if object(text, record, context).ok() != Some(text.len()) {
        record.fields.truncate(before);
        return false;
    }
    // A line carried by the object stays text: messages do not unfold without end.
    let kind = windows::kind(record, context)
        .or_else(|| context.packs.shape(record).map(|shape| shape.kind(record)));
    match kind {
        Some(kind) => record.kind = kind,
        None if record.kind == Kind::named("") => record.kind = Kind::named("json"),
        None => {}
    }
    true
}
