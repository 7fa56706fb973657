//! The formats: how to recognise each and how to read it.
//!
//! Each format is a file in this folder with a `FORMAT`; [`FORMATS`] lists them and [`detect`]
//! picks the one that is surest of the first bytes. See the crate's documentation for the recipe.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use crate::packs::Packs;
use crate::record::{Kind, Problem, Record};
use crate::stream::{Block, Framing};
use crate::symbols::Symbols;
use crate::time::Clue;

pub mod accounts;
pub mod application;
pub mod auditd;
pub mod cef;
pub mod cisco;
pub mod cri;
pub mod csv;
pub mod daemon;
pub mod device_time;
pub mod dns;
pub mod evtx;
pub mod huawei;
pub mod inner;
pub mod json;
pub mod junos;
pub mod key_value;
pub mod leef;
pub mod lossy;
pub mod mail;
pub mod mikrotik;
pub mod mod_security;
pub mod netfilter;
pub mod netscreen;
pub mod palo_alto;
pub mod pam;
pub mod pattern;
pub mod payload;
pub mod services;
pub mod sshd;
pub mod sudo;
pub mod syslog;
pub mod system;
pub mod template;
pub mod w3c;
pub mod web_access;
pub mod web_error;
pub mod windows;
pub mod windows_message;
pub mod windows_text;
pub mod windows_xml;
pub mod zeek;

/// All formats, in the order in which equally sure ones are preferred.
pub static FORMATS: &[Format] = &[
    evtx::FORMAT,
    json::LINES,
    json::VALUES,
    windows_xml::FORMAT,
    windows_text::FORMAT,
    cri::FORMAT,
    auditd::FORMAT,
    syslog::FORMAT,
    daemon::FORMAT,
    web_access::FORMAT,
    web_error::APACHE,
    web_error::NGINX,
    mod_security::AUDIT,
    w3c::FORMAT,
    cef::FORMAT,
    leef::FORMAT,
    palo_alto::FORMAT,
    cisco::FORMAT,
    huawei::FORMAT,
    junos::FORMAT,
    netscreen::FORMAT,
    mikrotik::FORMAT,
    key_value::FORMAT,
    zeek::FORMAT,
    csv::FORMAT,
    application::FORMAT,
];

/// What readers share.
#[derive(Clone, Debug)]
pub struct Context {
    /// The field names that rules and packs mention.
    pub symbols: Arc<Symbols>,
    /// What they mean.
    pub packs: Arc<Packs>,
    /// What is known about the source's times.
    pub clue: Clue,
}

/// One way in which logs are written.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The name for `--input-format`.
    pub id: &'static str,
    /// What it is, in English and in Vietnamese.
    pub title: [&'static str; 2],
    /// How the stream is cut into blocks.
    pub framing: Framing,
    /// Whether entries can only be read after those before them, because of a header or because
    /// an event has several lines. Otherwise a large file may be read in pieces, side by side.
    pub in_order: bool,
    /// How sure it is, 0 to 100, that a source that begins like this is of this format.
    pub sniff: fn(&Sample<'_>) -> u8,
    /// Makes a reader for one source.
    pub reader: fn(&Context) -> Box<dyn Reader>,
}

/// Reads the blocks of one source in their order.
pub trait Reader: Send {
    /// Hands every entry of the block to `sink`, and everything that is no entry as a problem.
    fn read(&mut self, block: &Block<'_>, sink: &mut dyn Sink);

    /// Hands on what was still waiting for its end. Called once, after the last block.
    fn finish(&mut self, sink: &mut dyn Sink) {
        let _ = sink;
    }
}

/// Takes what a reader finds.
pub trait Sink {
    /// An entry; it may be changed but not kept.
    fn record(&mut self, record: &mut Record<'_>);
    /// Something that is no entry.
    fn problem(&mut self, problem: Problem);
}

/// The first bytes of a source, prepared for sniffing.
#[derive(Debug)]
pub struct Sample<'a> {
    /// The bytes as they are.
    pub bytes: &'a [u8],
    lines: OnceCell<Vec<Cow<'a, str>>>,
}

impl<'a> Sample<'a> {
    /// Looks at up to 64 lines, each up to 16 KiB, once a format asks for them.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, lines: OnceCell::new() }
    }

    fn split(&self) -> &[Cow<'a, str>] {
        self.lines.get_or_init(|| {
            self.bytes
                .split(|byte| *byte == b'\n')
                .map(|line| line.get(..16 << 10).unwrap_or(line).trim_ascii())
                .filter(|line| !line.is_empty())
                .take(64)
                .map(String::from_utf8_lossy)
                .collect()
        })
    }

    /// The lines that are not blank, trimmed.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.split().iter().map(AsRef::as_ref)
    }

    /// The first line that is not blank.
    pub fn first(&self) -> &str {
        self.lines().next().unwrap_or("")
    }

    /// How many of 100 lines fulfil a condition.
    pub fn share(&self, condition: impl Fn(&str) -> bool) -> u8 {
        let hits = self.lines().filter(|line| condition(line)).count();
        (hits * 100 / self.split().len().max(1)) as u8
    }
}

/// The format that is surest of a source that begins with `head`, if any is.
pub fn detect(head: &[u8]) -> Option<&'static Format> {
    detect_among(head, |_| true)
}

/// The same of the formats that are `allowed`.
pub fn detect_among(head: &[u8], allowed: impl Fn(&Format) -> bool) -> Option<&'static Format> {
    let sample = Sample::new(head);
    let mut best: Option<(u8, &Format)> = None;
    for format in FORMATS.iter().filter(|format| allowed(format)) {
        let score = (format.sniff)(&sample);
        if score > best.map_or(0, |(score, _)| score) {
            best = Some((score, format));
        }
        if score >= 100 {
            break;
        }
    }
    best.map(|(_, format)| format)
}

/// The format with this id.
pub fn find(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

/// Why a line is no entry of its format.
pub type Refusal = Cow<'static, str>;

/// A format of which every line is an entry.
pub trait LineParser: Send {
    /// Fills the record from a line without its line break. The record arrives empty but for its
    /// place. An error makes the line a problem; `Ok(false)` passes over a line that is no entry
    /// and no fault, such as a header.
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        context: &Context,
    ) -> Result<bool, Refusal>;
}

/// Makes a reader of a [`LineParser`].
pub struct LineReader<P> {
    parser: P,
    context: Context,
}

impl<P: LineParser + 'static> LineReader<P> {
    /// A boxed reader, as [`Format::reader`] wants it.
    pub fn boxed(parser: P, context: &Context) -> Box<dyn Reader> {
        Box::new(Self { parser, context: context.clone() })
    }
}

impl<P: LineParser> Reader for LineReader<P> {
    fn read(&mut self, block: &Block<'_>, sink: &mut dyn Sink) {
        let mut record = Record::new(Arc::clone(&self.context.symbols));
        for line in lines(block) {
            if let Ok(text) = std::str::from_utf8(line.bytes) {
                parse_line(&mut self.parser, text, &line, &mut record, &self.context, sink);
            } else {
                let text = String::from_utf8_lossy(line.bytes);
                let mut record = Record::new(Arc::clone(&self.context.symbols));
                parse_line(&mut self.parser, &text, &line, &mut record, &self.context, sink);
            }
        }
    }
}

fn parse_line<'a, P: LineParser>(
    parser: &mut P,
    text: &'a str,
    line: &Line<'_>,
    record: &mut Record<'a>,
    context: &Context,
    sink: &mut dyn Sink,
) {
    record.fields.clear();
    record.raw = text.as_bytes();
    record.offset = line.offset;
    record.number = line.number;
    record.time = None;
    record.kind = Kind::named("");
    record.structured = false;
    match parser.parse(text, record, context) {
        Ok(true) => sink.record(record),
        Ok(false) => {}
        Err(reason) => sink.problem(Problem::new(line.offset, reason)),
    }
}

/// A line with its place.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The bytes without the line break.
    pub bytes: &'a [u8],
    /// Where the line begins in the source.
    pub offset: u64,
    /// Its number, counted from 1.
    pub number: u64,
}

/// The lines of a block that are not blank.
pub fn lines<'a>(block: &Block<'a>) -> impl Iterator<Item = Line<'a>> {
    let mut at = 0;
    let (bytes, offset, mut number) = (block.bytes, block.offset, block.first_line);
    std::iter::from_fn(move || {
        loop {
            let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..end).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let found = Line { bytes: line, offset: offset + at as u64, number };
            at += end + 1;
            number += 1;
            if !line.trim_ascii().is_empty() {
                return Some(found);
            }
        }
    })
}
