//! Tables of text: a line with the names of the columns, then one entry a line.
//!
//! Columns may be parted by commas, semicolons, tabs or bars; the first rows show by which. Quotes
//! follow RFC 4180: a quoted value may hold separators, line breaks and doubled quotes. A row with
//! more or fewer columns than names is a problem, not an entry. A table without a line of names is
//! not read.

use std::borrow::Cow;
use std::sync::Arc;

use super::lossy::{self, Places};
use super::{Context, Format, Reader, Sample, Sink, json};
use crate::record::{Kind, Problem, Record};
use crate::stream::{Block, Framing};
use crate::value::Value;

/// Tables with a header line.
pub const FORMAT: Format = Format {
    id: "csv",
    title: ["CSV or TSV with a header line", "CSV hoặc TSV có dòng tiêu đề"],
    framing: Framing::Csv,
    in_order: true,
    sniff: |sample: &Sample<'_>| separator(&String::from_utf8_lossy(sample.bytes)).1,
    reader: |context| Box::new(Table { context: context.clone(), columns: None }),
};

const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];
/// So many rows are looked at to find the separator.
const ROWS_LOOKED_AT: usize = 32;
/// How sure a table is at best: what has a format of its own is preferred.
const SURE: usize = 45;

/// The separator that splits the first rows alike, and how sure that is.
fn separator(text: &str) -> (char, u8) {
    let mut best = (',', 0);
    for sign in SEPARATORS {
        let mut rows = Rows { text, at: 0, sign, literal: false }.filter(|row| !row.is_blank());
        let Some(header) = rows.next() else { continue };
        if header.columns.len() < 2 || !header.columns.iter().all(|name| is_name(name)) {
            continue;
        }
        let (mut alike, mut all) = (0, 0);
        for row in rows.take(ROWS_LOOKED_AT) {
            alike += usize::from(row.fault(header.columns.len()).is_none());
            all += 1;
        }
        // The last row may be cut off.
        let share = (alike * 100).checked_div(all).unwrap_or(0);
        let score = if share < 60 { 0 } else { SURE * share / 100 };
        if score > best.1 {
            best = (sign, score);
        }
    }
    (best.0, best.1 as u8)
}

fn is_name(name: &str) -> bool {
    let name = name.trim();
    name.len() <= 128
        && name.chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '@' | '#'))
        && !name.contains(['=', '{', '}', '<', '>'])
}

struct Table {
    context: Context,
    /// The separator and the names, once the first row has been read.
    columns: Option<(char, Vec<String>)>,
}

impl Reader for Table {
    fn read(&mut self, block: &Block<'_>, sink: &mut dyn Sink) {
        let (text, mut places) = (lossy::text(block), Places::new(block));
        let sign = match &self.columns {
            Some((sign, _)) => *sign,
            None => separator(&text).0,
        };
        let mut record = Record::new(Arc::clone(&self.context.symbols));
        let mut number = block.first_line;
        for row in (Rows { text: &text, at: 0, sign, literal: false }) {
            let first = number;
            number += memchr::memchr_iter(b'\n', row.raw.as_bytes()).count() as u64;
            if row.is_blank() {
                continue;
            }
            let Some((_, names)) = &self.columns else {
                let names = row.columns.iter().map(|name| name.trim().to_owned()).collect();
                self.columns = Some((sign, names));
                continue;
            };
            let offset = places.offset(row.start);
            if let Some(reason) = row.fault(names.len()) {
                sink.problem(Problem::new(offset, reason));
                continue;
            }
            record.fields.clear();
            record.raw = row.raw.trim_end_matches(['\r', '\n']).as_bytes();
            record.offset = offset;
            record.number = first;
            record.time = None;
            for (name, value) in names.iter().zip(row.columns) {
                if !value.is_empty() && value != "-" {
                    record.fields.push(name, Value::Text(value));
                }
            }
            json::classify(&mut record, &self.context);
            if record.kind == Kind::named("json") {
                record.kind = Kind::named("csv");
            }
            sink.record(&mut record);
        }
    }
}

/// A row as it was found.
struct Row<'a> {
    columns: Vec<Cow<'a, str>>,
    raw: &'a str,
    start: usize,
    unclosed: bool,
}

impl Row<'_> {
    fn is_blank(&self) -> bool {
        self.raw.trim().is_empty()
    }

    /// Why the row is no entry of a table with so many columns.
    fn fault(&self, names: usize) -> Option<String> {
        let count = self.columns.len();
        // A separator at the end of the line opens no column.
        let spare = count == names + 1 && self.columns.last().is_some_and(|last| last.is_empty());
        if self.unclosed {
            Some("a quote is not closed".to_owned())
        } else if count == names || spare {
            None
        } else {
            Some(format!("{count} columns where the header names {names}"))
        }
    }
}

/// The rows of a text.
struct Rows<'a> {
    text: &'a str,
    at: usize,
    sign: char,
    /// After a quote that is never closed, quotes mean nothing more in this text.
    literal: bool,
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        let start = self.at;
        let mut columns = Vec::new();
        let mut unclosed = false;
        let mut rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        loop {
            let inside = rest.strip_prefix('"').filter(|_| !self.literal);
            let quoted = inside.map(quoted);
            if let Some(None) = quoted {
                self.literal = true;
                unclosed = true;
            }
            let (value, after) = quoted.flatten().unwrap_or((Cow::Borrowed(""), rest));
            let end = after.find([self.sign, '\n']).unwrap_or(after.len());
            let (plain, next) = after.split_at(end);
            let plain = plain.trim_end_matches('\r');
            columns.push(match value {
                value if value.is_empty() => Cow::Borrowed(plain),
                value if plain.trim().is_empty() => value,
                value => Cow::Owned(value.into_owned() + plain),
            });
            let Some(next) = next.strip_prefix(self.sign) else {
                rest = next.strip_prefix('\n').unwrap_or(next);
                break;
            };
            rest = next;
        }
        self.at = self.text.len() - rest.len();
        let raw = self.text.get(start..self.at).unwrap_or("");
        Some(Row { columns, raw, start, unclosed })
    }
}

/// The value inside quotes, and what follows the closing one.
fn quoted(inside: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut search = 0;
    let mut doubled = false;
    loop {
        let end = search + memchr::memchr(b'"', inside.as_bytes().get(search..)?)?;
        if inside.as_bytes().get(end + 1) == Some(&b'"') {
            doubled = true;
            search = end + 2;
            continue;
        }
        let value = inside.get(..end)?;
        let value =
            if doubled { Cow::Owned(value.replace("\"\"", "\"")) } else { Cow::Borrowed(value) };
        return Some((value, inside.get(end + 1..)?));
    }
}
