//! JSON objects, one a line or several lines each, flat or nested.
//!
//! The scanner walks an object once and hands out views of the values as they lie there: nothing
//! is unescaped, copied or built into a tree. Members of nested objects get dotted names
//! (`a.b.c`), items of arrays repeat the name, and wrapping that packs name is stripped. An
//! object whose own name a rule mentions is also a field with its JSON text. What the object is
//! (Windows event, Suricata, `CloudTrail`…) is told by its fields, see [`classify`].

use std::sync::Arc;

use super::{Context, Format, LineParser, LineReader, Reader, Refusal, Sample, Sink};
use crate::packs::Enter;
use crate::record::{Kind, Problem, Record};
use crate::stream::{Block, Framing};
use crate::value::{Value, unescape_json};

/// Objects nest no deeper than this.
pub const MAX_DEPTH: usize = 64;

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
    let opens = first == "{" || first == "[" || first.starts_with("[{");
    let member = first.starts_with("{\"") || first.starts_with("{ \"");
    if opens {
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
        let text = String::from_utf8_lossy(block.bytes);
        let mut record = Record::new(Arc::clone(&self.context.symbols));
        let (mut at, mut line, mut counted) = (0, block.first_line, 0);
        while let Some(start) = text.get(at..).and_then(|rest| Some(at + rest.find('{')?)) {
            let Some(value) = text.get(start..) else { break };
            let before = text.as_bytes().get(counted..start).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', before).count() as u64;
            counted = start;
            record.fields.clear();
            record.offset = block.offset + start as u64;
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

/// Says what an object is, from the fields it has.
pub fn classify(record: &mut Record<'_>, context: &Context) {
    record.structured = true;
    let packs = &context.packs;
    let windows = record.fields.get(packs.event_id()).is_some()
        && (record.fields.get(packs.channel()).is_some()
            || record.fields.get(packs.provider()).is_some());
    record.kind = if windows { Kind::Windows } else { Kind::named("json") };
}

/// Reads the object that `text` begins with into the record's fields, and says where it ends.
pub fn object<'a>(
    text: &'a str,
    record: &mut Record<'a>,
    context: &Context,
) -> Result<usize, Refusal> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0, path: String::new(), leaf: 0 };
    scanner.blank();
    if scanner.peek() != Some(b'{') {
        return Err("not a JSON object".into());
    }
    scanner.members(record, context, 0).map_err(|fault| {
        Refusal::Owned(format!("broken JSON: {} at byte {}", fault.0, scanner.at))
    })?;
    Ok(scanner.at)
}

struct Fault(&'static str);

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    path: String,
    /// Above 0 inside an object whose members keep only their last name.
    leaf: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Reads from `{` to after `}`.
    fn members(
        &mut self,
        record: &mut Record<'a>,
        context: &Context,
        depth: usize,
    ) -> Result<(), Fault> {
        if depth >= MAX_DEPTH {
            return Err(Fault("nested too deeply"));
        }
        self.at += 1;
        self.blank();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.blank();
            if self.peek() != Some(b'"') {
                return Err(Fault("a name in quotes is missing"));
            }
            let key = self.string()?;
            self.blank();
            if self.peek() != Some(b':') {
                return Err(Fault("a colon is missing"));
            }
            self.at += 1;
            self.blank();
            let base = self.path.len();
            if depth == 0 && !matches!(self.peek(), Some(b'{' | b'[')) && !key.contains('\\') {
                // The common case: a plain member of the outermost object.
                let value = self.scalar()?;
                record.fields.push(key, value);
            } else {
                self.enter_name(key);
                self.value(record, context, depth)?;
                self.path.truncate(base);
            }
            self.blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Fault("a comma or brace is missing")),
            }
        }
    }

    fn enter_name(&mut self, key: &str) {
        if self.leaf > 0 {
            self.path.clear();
        }
        if !self.path.is_empty() {
            self.path.push('.');
        }
        if key.contains('\\') {
            unescape_json(key, &mut self.path);
        } else {
            self.path.push_str(key);
        }
    }

    fn value(
        &mut self,
        record: &mut Record<'a>,
        context: &Context,
        depth: usize,
    ) -> Result<(), Fault> {
        match self.peek() {
            Some(b'{') => self.nested(record, context, depth),
            Some(b'[') => {
                if depth >= MAX_DEPTH {
                    return Err(Fault("nested too deeply"));
                }
                self.items(record, context, depth + 1)
            }
            _ => {
                let value = self.scalar()?;
                record.fields.push(&self.path, value);
                Ok(())
            }
        }
    }

    fn nested(
        &mut self,
        record: &mut Record<'a>,
        context: &Context,
        depth: usize,
    ) -> Result<(), Fault> {
        let start = self.at;
        let sym = record.fields.symbols().find(&self.path);
        let enter = if self.leaf > 0 { Enter::Leaf } else { context.packs.enter(&self.path) };
        let kept = match enter {
            Enter::Keep => None,
            Enter::Strip | Enter::Leaf => Some(std::mem::take(&mut self.path)),
        };
        self.leaf += usize::from(enter == Enter::Leaf);
        self.members(record, context, depth + 1)?;
        self.leaf -= usize::from(enter == Enter::Leaf);
        if let Some(kept) = kept {
            self.path = kept;
        }
        if sym.is_some() {
            let text = self.text.get(start..self.at).unwrap_or_default();
            record.fields.push_known(sym, "", Value::text(text));
        }
        Ok(())
    }

    fn items(
        &mut self,
        record: &mut Record<'a>,
        context: &Context,
        depth: usize,
    ) -> Result<(), Fault> {
        self.at += 1;
        self.blank();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.blank();
            let base = self.path.len();
            self.value(record, context, depth)?;
            self.path.truncate(base);
            self.blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Fault("a comma or bracket is missing")),
            }
        }
    }

    fn scalar(&mut self) -> Result<Value<'a>, Fault> {
        match self.peek() {
            Some(b'"') => Ok(Value::JsonText(self.string()?)),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                let length = rest
                    .iter()
                    .position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
                    .unwrap_or(rest.len());
                let number = self.text.get(self.at..self.at + length).unwrap_or_default();
                self.at += length;
                Ok(Value::Number(number))
            }
            None => Err(Fault("the object ends early")),
            Some(_) => Err(Fault("a value is missing")),
        }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Fault> {
        if !self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            return Err(Fault("a value is missing"));
        }
        self.at += word.len();
        Ok(value)
    }

    /// Reads from a quote to after the closing quote, and gives what lies between.
    fn string(&mut self) -> Result<&'a str, Fault> {
        let start = self.at + 1;
        let mut search = start;
        loop {
            let rest = self.bytes.get(search..).unwrap_or_default();
            let Some(found) = memchr::memchr(b'"', rest) else {
                return Err(Fault("a quote is not closed"));
            };
            let quote = search + found;
            let inside = self.bytes.get(start..quote).unwrap_or_default();
            let escapes = inside.iter().rev().take_while(|byte| **byte == b'\\').count();
            if escapes % 2 == 0 {
                self.at = quote + 1;
                return self.text.get(start..quote).ok_or(Fault("a quote is not closed"));
            }
            search = quote + 1;
        }
    }
}
