//! The serial audit log of `ModSecurity`: one transaction in parts between boundary lines.
//!
//! `--a1b2c3d4-A--` opens a transaction, `-Z--` ends it; between them stand the addresses (A),
//! the request (B, its body C), the response (F) and the rules that matched (H). Out comes one
//! entry a transaction with the names of access logs, and of each rule `id`, `msg`, `severity`,
//! `tag`. A transaction without an end is an entry all the same, and a problem.

use std::sync::Arc;

use super::web_access::{access_time, request};
use super::web_error::mod_security;
use super::{Context, Format, Reader, Sink};
use crate::record::{Kind, Problem, Record};
use crate::stream::{Block, Framing};

/// Of a transaction no more than this is kept; what is beyond is told as a problem.
const MAX_TRANSACTION_BYTES: usize = 1 << 20;

/// The serial audit log.
pub const AUDIT: Format = Format {
    id: "modsecurity-audit",
    title: ["ModSecurity audit log (serial)", "Nhật ký kiểm toán ModSecurity (serial)"],
    framing: Framing::Lines,
    in_order: true,
    sniff: |sample| {
        let opens = boundary(sample.first().as_bytes()).is_some_and(|(_, part)| part == b'A');
        if opens { 95 } else { 0 }
    },
    reader: |context| Box::new(Audit { context: context.clone(), open: None }),
};

/// Request headers and their names in access logs.
const HEADERS: &[(&str, &str)] = &[
    ("host", "cs-host"),
    ("user-agent", "cs-user-agent"),
    ("referer", "cs-referer"),
    ("cookie", "cs-cookie"),
    ("x-forwarded-for", "x-forwarded-for"),
    ("content-type", "cs-content-type"),
];

struct Audit {
    context: Context,
    open: Option<Transaction>,
}

/// A transaction whose end has not come yet.
struct Transaction {
    id: Vec<u8>,
    bytes: Vec<u8>,
    offset: u64,
    number: u64,
    cut: bool,
}

impl Reader for Audit {
    fn read(&mut self, block: &Block<'_>, sink: &mut dyn Sink) {
        let mut offset = block.offset;
        let lines = block.bytes.split_inclusive(|byte| *byte == b'\n');
        for (number, line) in (block.first_line..).zip(lines) {
            self.line(line, offset, number, sink);
            offset += line.len() as u64;
        }
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        if let Some(open) = self.open.take() {
            sink.problem(Problem::new(open.offset, "a transaction without its end"));
            self.emit(&open, sink);
        }
    }
}

impl Audit {
    fn line(&mut self, line: &[u8], offset: u64, number: u64, sink: &mut dyn Sink) {
        let boundary = boundary(line.trim_ascii());
        if let Some((id, b'A')) = boundary {
            self.finish(sink);
            let (id, bytes) = (id.to_vec(), line.to_vec());
            self.open = Some(Transaction { id, bytes, offset, number, cut: false });
            return;
        }
        let Some(open) = &mut self.open else {
            if !line.trim_ascii().is_empty() {
                sink.problem(Problem::new(offset, "a line outside of any transaction"));
            }
            return;
        };
        let own = boundary.filter(|(id, _)| *id == open.id);
        if own.is_some() || open.bytes.len() + line.len() <= MAX_TRANSACTION_BYTES {
            open.bytes.extend_from_slice(line);
        } else {
            open.cut = true;
        }
        if own.is_some_and(|(_, part)| part == b'Z') {
            let Some(open) = self.open.take() else { return };
            if open.cut {
                sink.problem(Problem::new(open.offset, "a transaction that is too long was cut"));
            }
            self.emit(&open, sink);
        }
    }

    fn emit(&self, open: &Transaction, sink: &mut dyn Sink) {
        let text = String::from_utf8_lossy(&open.bytes);
        let mut record = Record::new(Arc::clone(&self.context.symbols));
        record.raw = open.bytes.trim_ascii_end();
        record.offset = open.offset;
        record.number = open.number;
        record.kind = Kind::named("modsecurity");
        let (mut part, mut first) = (b'A', true);
        for line in text.lines() {
            if let Some((_, next)) = boundary(line.as_bytes()).filter(|(id, _)| *id == open.id) {
                (part, first) = (next, true);
                continue;
            }
            match part {
                b'A' => addresses(line, &mut record, &self.context),
                b'B' if first => request(line, &mut record),
                b'B' => header(line, &mut record),
                b'C' => record.fields.push_text("request_body", line),
                b'F' if first => {
                    let status = line.split(' ').nth(1).unwrap_or("");
                    record.fields.push_text("sc-status", status);
                }
                b'H' => {
                    if let Some(message) = line.strip_prefix("Message: ") {
                        record.fields.push_text("message", message);
                        mod_security(message, &mut record);
                    }
                }
                _ => {}
            }
            first = false;
        }
        sink.record(&mut record);
    }
}

/// The transaction's mark and the part's letter of `--a1b2c3d4-A--`.
fn boundary(line: &[u8]) -> Option<(&[u8], u8)> {
    let inside = line.strip_prefix(b"--")?.strip_suffix(b"--")?;
    let (id, part) = inside.split_at_checked(inside.len().checked_sub(2)?)?;
    let [b'-', part @ b'A'..=b'Z'] = part else { return None };
    let hexadecimal = id.iter().all(u8::is_ascii_alphanumeric) && (4..=32).contains(&id.len());
    hexadecimal.then_some((id, *part))
}

/// `[22/Nov/2026:10:00:00 +0700] Zx1 198.51.100.7 50000 192.0.2.1 443`.
fn addresses<'a>(line: &'a str, record: &mut Record<'a>, context: &Context) {
    let Some((time, rest)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) else {
        return;
    };
    record.time = access_time(time, &context.clue);
    let names = ["unique_id", "c-ip", "c-port", "s-ip", "s-port"];
    for (name, value) in names.into_iter().zip(rest.split_ascii_whitespace()) {
        record.fields.push_text(name, value);
    }
}

fn header<'a>(line: &'a str, record: &mut Record<'a>) {
    let Some((name, value)) = line.split_once(':') else { return };
    let known = HEADERS.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(name.trim()));
    if let Some((_, ours)) = known {
        record.fields.push_text(ours, value.trim());
    }
}
