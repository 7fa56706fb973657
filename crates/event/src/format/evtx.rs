//! Windows event logs in their binary form (EVTX).
//!
//! Chunks of 64 KiB come in; records go out whose fields are views of the chunk. An event is an
//! instance of a template: the template's XML is read once into a plan (`plan.rs`) that says which
//! field comes from which substitution, so that an event costs a walk over its values and no XML
//! at all. Damage is met record by record: what cannot be read is a problem with its offset, and
//! reading goes on at the next record signature.
//!
//! The layout is that of the published `[MS-EVEN6]` binary XML and of the format's public
//! descriptions.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Context, Format, Reader, Sample, Sink};
use crate::record::{Fields, Kind, Problem, Record};
use crate::stream::{Block, EVTX_CHUNK_BYTES, EVTX_HEADER_BYTES, Framing};
use crate::symbols::Sym;
use crate::time::{self, TimeSource};
use crate::value::Value;

mod cursor;
mod plan;
mod substitution;

use cursor::Cursor;
use plan::{Leaf, Part, Plan};
use substitution::Substitutions;

/// EVTX files.
pub const FORMAT: Format = Format {
    id: "evtx",
    title: ["Windows event log, binary (EVTX)", "Nhật ký sự kiện Windows, nhị phân (EVTX)"],
    framing: Framing::Evtx,
    in_order: false,
    sniff,
    reader: |context| Box::new(Evtx::new(context)),
};

fn sniff(sample: &Sample<'_>) -> u8 {
    let chunk = sample.bytes.get(EVTX_HEADER_BYTES..).unwrap_or_default();
    let header = sample.bytes.starts_with(b"ElfFile\0");
    if header || chunk.starts_with(b"ElfChnk\0") { 100 } else { 0 }
}

/// Events inside a value of another event, and no deeper.
const MAX_NESTING: usize = 8;
const CHUNK_HEADER: usize = 512;
const RECORD_SIGNATURE: [u8; 4] = [0x2a, 0x2a, 0, 0];
const RECORD_HEADER: usize = 24;

/// The numbers of the records of a file or a part of it, whether or not they can be read.
pub fn record_numbers(file: &[u8]) -> impl Iterator<Item = u64> {
    memchr::memmem::find_iter(file, &RECORD_SIGNATURE)
        .filter_map(|at| Cursor::new(file).u64(at + 8))
}

struct Evtx {
    context: Context,
    plans: FxHashMap<u32, Arc<Plan>>,
    time_created: Sym,
}

/// Why a record cannot be read.
type Fault = &'static str;

impl Evtx {
    fn new(context: &Context) -> Self {
        let time_created = context.symbols.find("TimeCreated");
        Self { context: context.clone(), plans: FxHashMap::default(), time_created }
    }
}

impl Reader for Evtx {
    fn read(&mut self, block: &Block<'_>, sink: &mut dyn Sink) {
        let mut bytes = block.bytes;
        let mut offset = block.offset;
        if offset == 0 {
            let header = bytes.get(..EVTX_HEADER_BYTES).unwrap_or(bytes);
            if !header.starts_with(b"ElfFile\0") {
                sink.problem(Problem::new(0, "the file header of an EVTX file is damaged"));
            }
            bytes = bytes.get(EVTX_HEADER_BYTES..).unwrap_or_default();
            offset += EVTX_HEADER_BYTES as u64;
        }
        let mut record = Record::new(Arc::clone(&self.context.symbols));
        let mut substitutions = Vec::new();
        for chunk in bytes.chunks(EVTX_CHUNK_BYTES) {
            self.chunk(chunk, offset, &mut record, &mut substitutions, sink);
            offset += chunk.len() as u64;
        }
    }
}

impl Evtx {
    fn chunk<'a>(
        &mut self,
        chunk: &'a [u8],
        offset: u64,
        record: &mut Record<'a>,
        substitutions: &mut Vec<Substitutions<'a>>,
        sink: &mut dyn Sink,
    ) {
        self.plans.clear();
        if chunk.iter().all(|byte| *byte == 0) {
            return;
        }
        let cursor = Cursor::new(chunk);
        let mut end = cursor.u32(48).map_or(0, |end| end as usize);
        if !chunk.starts_with(b"ElfChnk\0") {
            sink.problem(Problem::new(offset, "the header of a chunk is damaged"));
            end = chunk.len();
        } else if !(CHUNK_HEADER..=EVTX_CHUNK_BYTES).contains(&end) {
            sink.problem(Problem::new(offset + 48, "a chunk does not say where its records end"));
            end = chunk.len();
        } else if chunk.len() < EVTX_CHUNK_BYTES {
            sink.problem(Problem::new(offset + chunk.len() as u64, "the last chunk is cut off"));
        }
        let end = end.min(chunk.len());
        let mut at = CHUNK_HEADER;
        while at + RECORD_HEADER < end {
            let place = offset + at as u64;
            match self.record(chunk, at, record, substitutions) {
                Ok(size) => {
                    record.offset = place;
                    sink.record(record);
                    at += size;
                }
                Err((reason, size)) => {
                    let rest = chunk.get(at..end).unwrap_or_default();
                    if rest.iter().all(|byte| *byte == 0) {
                        return;
                    }
                    sink.problem(Problem::new(place, reason));
                    let from = at + size.unwrap_or(RECORD_SIGNATURE.len());
                    let rest = chunk.get(from..end).unwrap_or_default();
                    let Some(next) = memchr::memmem::find(rest, &RECORD_SIGNATURE) else { return };
                    at = from + next;
                }
            }
        }
    }

    /// Reads the record at `at` and answers its size; with a fault, its size if that is certain.
    fn record<'a>(
        &mut self,
        chunk: &'a [u8],
        at: usize,
        record: &mut Record<'a>,
        substitutions: &mut Vec<Substitutions<'a>>,
    ) -> Result<usize, (Fault, Option<usize>)> {
        let cursor = Cursor::new(chunk);
        if chunk.get(at..at + 4) != Some(&RECORD_SIGNATURE) {
            return Err(("a record does not begin with its signature", None));
        }
        let size = cursor.u32(at + 4).map_or(0, |size| size as usize);
        if size < RECORD_HEADER + 4 || at + size > chunk.len() {
            return Err(("a record's size is impossible", None));
        }
        let written = cursor.u64(at + 16).unwrap_or(0);
        record.fields.clear();
        record.raw = chunk.get(at..at + size).unwrap_or_default();
        record.number = cursor.u64(at + 8).unwrap_or(0);
        record.kind = Kind::Windows;
        record.structured = true;
        record.time = None;
        let mut walk =
            Walk { chunk, plans: &mut self.plans, context: &self.context, substitutions };
        let body = at + RECORD_HEADER;
        walk.fragment(body, at + size - 4, &mut record.fields, 0, false)
            .map_err(|fault| (fault, Some(size)))?;
        if record.fields.is_empty() {
            return Err(("a record without fields", Some(size)));
        }
        if record.fields.get(self.time_created).is_none() {
            record.time = time::from_file_time(written).map(|time| (time, TimeSource::Stated));
        }
        Ok(size)
    }
}

/// Goes through the binary XML of one record.
struct Walk<'a, 'w> {
    chunk: &'a [u8],
    plans: &'w mut FxHashMap<u32, Arc<Plan>>,
    context: &'w Context,
    substitutions: &'w mut Vec<Substitutions<'a>>,
}

impl<'a> Walk<'a, '_> {
    /// Reads a fragment: a template instance, or an element that stands for itself.
    fn fragment(
        &mut self,
        start: usize,
        end: usize,
        fields: &mut Fields<'a>,
        depth: usize,
        inside: bool,
    ) -> Result<(), Fault> {
        if depth > MAX_NESTING {
            return Err("events nest too deeply");
        }
        let window = self.chunk.get(..end).ok_or("a record reaches beyond its chunk")?;
        let mut cursor = Cursor::at(window, start);
        while let Some(token) = cursor.peek() {
            match token {
                0x0f => cursor.skip(4)?,
                0x00 => return Ok(()),
                0x0c => self.instance(&mut cursor, fields, depth)?,
                0x01 | 0x41 => {
                    let names = Cursor::new(self.chunk);
                    let plan = Plan::read(&mut cursor, names, &self.context.symbols, inside)?;
                    self.emit(&plan, &Substitutions::default(), fields, depth)?;
                }
                _ => return Err("binary XML with an unknown token"),
            }
        }
        Ok(())
    }

    fn instance(
        &mut self,
        cursor: &mut Cursor<'a>,
        fields: &mut Fields<'a>,
        depth: usize,
    ) -> Result<(), Fault> {
        cursor.skip(6)?;
        let definition = cursor.take_u32()?;
        let inline = definition as usize == cursor.position();
        let known = self.plans.get(&definition).filter(|_| !inline).cloned();
        let plan = if let Some(plan) = known {
            plan
        } else {
            let mut body = Cursor::at(self.chunk, definition as usize);
            body.skip(20)?;
            let length = body.take_u32()? as usize;
            let data = body.position();
            if inline {
                cursor.skip(24)?;
                cursor.skip(length)?;
            }
            let window = self.chunk.get(..data.saturating_add(length));
            let mut body = Cursor::at(window.ok_or("a template reaches beyond its chunk")?, data);
            if body.peek() == Some(0x0f) {
                body.skip(4)?;
            }
            let names = Cursor::new(self.chunk);
            let plan = Arc::new(Plan::read(&mut body, names, &self.context.symbols, false)?);
            self.plans.insert(definition, Arc::clone(&plan));
            plan
        };
        let mut values = self.substitutions.pop().unwrap_or_default();
        let done = values.read(cursor).and_then(|()| self.emit(&plan, &values, fields, depth));
        self.substitutions.push(values);
        done
    }

    fn emit(
        &mut self,
        plan: &Plan,
        values: &Substitutions<'a>,
        fields: &mut Fields<'a>,
        depth: usize,
    ) -> Result<(), Fault> {
        for leaf in &plan.leaves {
            match leaf.parts.as_slice() {
                [Part::Value { index, optional }] => {
                    self.substituted(leaf, values, *index, *optional, fields, depth)?;
                }
                [Part::Text(text)] => {
                    fields.push_known(leaf.sym, &leaf.name, Value::owned(text.clone()));
                }
                parts => {
                    let mut text = String::new();
                    for part in parts {
                        match part {
                            Part::Text(literal) => text.push_str(literal),
                            Part::Value { index, .. } => values.write_text(*index, &mut text),
                        }
                    }
                    fields.push_known(leaf.sym, &leaf.name, Value::owned(text));
                }
            }
        }
        Ok(())
    }

    fn substituted(
        &mut self,
        leaf: &Leaf,
        values: &Substitutions<'a>,
        index: u16,
        optional: bool,
        fields: &mut Fields<'a>,
        depth: usize,
    ) -> Result<(), Fault> {
        if let Some((start, end)) = values.nested(index) {
            return self.fragment(start, end, fields, depth + 1, true);
        }
        let name = match leaf.name_from {
            // The name itself is a value of the event.
            Some(from) => {
                let mut name = String::new();
                values.write_text(from, &mut name);
                name.retain(|c| c != ' ');
                name
            }
            None => {
                return values.push(index, leaf.sym, &leaf.name, optional && leaf.system, fields);
            }
        };
        let sym = fields.symbols().find(&name);
        values.push(index, sym, &name, optional && leaf.system, fields)
    }
}
