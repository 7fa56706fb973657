//! Zeek's own logs: tab-separated values under a header of `#` lines.
//!
//! The header names the separator, the columns, their types and the log (`#path conn`), which
//! becomes the kind `zeek/conn`. Sets and vectors become fields with several values, `T` and `F`
//! become true and false, and unset values are left out. Zeek's logs in JSON are read as JSON.

use std::borrow::Cow;

use super::{Context, Format, LineParser, LineReader, Refusal, Sample};
use crate::record::{Kind, Record};
use crate::time;
use crate::value::Value;

/// Zeek logs with their header.
pub const FORMAT: Format = Format {
    id: "zeek",
    title: ["Zeek logs (TSV)", "Nhật ký Zeek (TSV)"],
    framing: crate::stream::Framing::Lines,
    in_order: true,
    sniff: |sample: &Sample<'_>| {
        let first = sample.first();
        let header = first.starts_with("#separator ") || first.starts_with("#fields");
        if header { 100 } else { 0 }
    },
    reader: |context| LineReader::boxed(Log::default(), context),
};

struct Log {
    separator: String,
    set_separator: String,
    empty: String,
    unset: String,
    path: String,
    columns: Vec<(String, Type)>,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            separator: "\t".into(),
            set_separator: ",".into(),
            empty: "(empty)".into(),
            unset: "-".into(),
            path: String::new(),
            columns: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Type {
    Plain,
    Bool,
    Many,
}

impl Log {
    fn header(&mut self, line: &str) {
        if let Some(separator) = line.strip_prefix("separator ") {
            self.separator = resolve(separator).into_owned();
            return;
        }
        let mut parts = line.split(self.separator.as_str());
        let key = parts.next().unwrap_or("");
        let value = || line.split(self.separator.as_str()).nth(1).unwrap_or("").to_owned();
        match key {
            "set_separator" => self.set_separator = value(),
            "empty_field" => self.empty = value(),
            "unset_field" => self.unset = value(),
            "path" => self.path = value(),
            "fields" => self.columns = parts.map(|name| (name.into(), Type::Plain)).collect(),
            "types" => {
                for ((_, kind), name) in self.columns.iter_mut().zip(parts) {
                    *kind = match name {
                        "bool" => Type::Bool,
                        name if name.starts_with("set[") || name.starts_with("vector[") => {
                            Type::Many
                        }
                        _ => Type::Plain,
                    };
                }
            }
            _ => {}
        }
    }
}

impl LineParser for Log {
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        _: &Context,
    ) -> Result<bool, Refusal> {
        if let Some(header) = line.strip_prefix('#') {
            self.header(header);
            return Ok(false);
        }
        if self.columns.is_empty() {
            return Err("a Zeek entry before the line with `#fields`".into());
        }
        let count = line.split(self.separator.as_str()).count();
        if count != self.columns.len() {
            let names = self.columns.len();
            return Err(format!("{count} columns where the header names {names}").into());
        }
        for ((name, kind), value) in self.columns.iter().zip(line.split(self.separator.as_str())) {
            if value == self.unset || value == self.empty {
                continue;
            }
            match kind {
                Type::Bool => record.fields.push(name, Value::Bool(value == "T")),
                Type::Many => {
                    for item in value.split(self.set_separator.as_str()) {
                        record.fields.push(name, Value::Text(resolve(item)));
                    }
                }
                Type::Plain => record.fields.push(name, Value::Text(resolve(value))),
            }
            if name == "ts" {
                record.time = time::epoch(value);
            }
        }
        // As in Zeek's JSON: what is kept of the entry tells its log without the header.
        if !self.path.is_empty() && !self.columns.iter().any(|(name, _)| name == "_path") {
            record.fields.push("_path", Value::owned(self.path.clone()));
        }
        record.kind = Kind::Named(Cow::Owned(format!("zeek/{}", self.path)));
        Ok(true)
    }
}

/// Resolves `\xHH`; anything else after a backslash stays.
fn resolve(text: &str) -> Cow<'_, str> {
    if !text.contains("\\x") {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x") {
        out.extend_from_slice(before.as_bytes());
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = byte {
            out.push(byte);
            rest = after.get(2..).unwrap_or("");
        } else {
            out.extend_from_slice(b"\\x");
            rest = after;
        }
    }
    out.extend_from_slice(rest.as_bytes());
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}
