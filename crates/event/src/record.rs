//! One entry of a log, as a reader hands it on.
//!
//! A [`Record`] borrows from the block it was read from and lives only as long as the call that
//! passes it. Fields keep their order; a name that stands twice is a field with two values.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use crate::symbols::{Sym, Symbols};
use crate::time::TimeSource;
use crate::value::Value;

/// No record keeps more fields than this; what is beyond is counted in [`Fields::dropped`].
pub const MAX_FIELDS: usize = 4096;
/// No record keeps more text of names than this.
const MAX_NAMES_BYTES: usize = 1 << 20;

/// What a record is, for finding its log source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A Windows event: channel, provider and event id are fields of the record.
    Windows,
    /// Everything else, by a short name that `packs/logsources.yml` knows, such as `sshd`.
    Named(Cow<'a, str>),
}

impl Kind<'_> {
    /// A kind whose name is fixed.
    pub const fn named(name: &'static str) -> Self {
        Self::Named(Cow::Borrowed(name))
    }
}

/// A name with its value.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    /// The name, if a rule or pack mentions it.
    pub sym: Sym,
    /// The content.
    pub value: Value<'a>,
    name: (u32, u32),
}

/// The fields of one record.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    symbols: Arc<Symbols>,
    list: Vec<Field<'a>>,
    names: String,
    dropped: usize,
}

impl<'a> Fields<'a> {
    /// No fields yet.
    pub fn new(symbols: Arc<Symbols>) -> Self {
        Self { symbols, list: Vec::with_capacity(64), names: String::new(), dropped: 0 }
    }

    /// The names that have symbols.
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// Forgets all fields and keeps the memory.
    pub fn clear(&mut self) {
        self.list.clear();
        self.names.clear();
        self.dropped = 0;
    }

    /// Forgets the fields after the first `length`.
    pub fn truncate(&mut self, length: usize) {
        self.list.truncate(length);
        let names = self.list.last().map_or(0, |field| field.name.1);
        self.names.truncate(names as usize);
    }

    /// Adds a field.
    pub fn push(&mut self, name: &str, value: Value<'a>) {
        self.push_known(self.symbols.find(name), name, value);
    }

    /// Adds a field with text content, unless the text is empty or `-`, the sign for «nothing».
    pub fn push_text(&mut self, name: &str, text: &'a str) {
        if !text.is_empty() && text != "-" {
            self.push(name, Value::text(text));
        }
    }

    /// Adds a field whose symbol has been looked up already.
    pub fn push_known(&mut self, sym: Sym, name: &str, value: Value<'a>) {
        let room = sym.is_some() || self.names.len() + name.len() <= MAX_NAMES_BYTES;
        if self.list.len() >= MAX_FIELDS || !room {
            self.dropped += 1;
            return;
        }
        let start = self.names.len() as u32;
        if !sym.is_some() {
            self.names.push_str(name);
        }
        self.list.push(Field { sym, value, name: (start, self.names.len() as u32) });
    }

    /// The fields in the order they were added.
    pub fn iter(&self) -> std::slice::Iter<'_, Field<'a>> {
        self.list.iter()
    }

    /// The field at a position.
    pub fn at(&self, index: usize) -> Option<&Field<'a>> {
        self.list.get(index)
    }

    /// The name of a field of this record.
    pub fn name(&self, field: &Field<'_>) -> &str {
        if field.sym.is_some() {
            return self.symbols.name(field.sym);
        }
        self.names.get(field.name.0 as usize..field.name.1 as usize).unwrap_or("")
    }

    /// The first value of a known name.
    pub fn get(&self, sym: Sym) -> Option<&Value<'a>> {
        if !sym.is_some() {
            return None;
        }
        self.list.iter().find(|field| field.sym == sym).map(|field| &field.value)
    }

    /// The first value of a name, known or not. Slow; for reports and tests.
    pub fn find(&self, name: &str) -> Option<&Value<'a>> {
        let sym = self.symbols.find(name);
        self.list
            .iter()
            .find(|field| if sym.is_some() { field.sym == sym } else { self.name(field) == name })
            .map(|field| &field.value)
    }

    /// The text of the first value of a name. Slow; for reports and tests.
    pub fn text(&self, name: &str) -> Option<String> {
        self.find(name).map(|value| value.to_text().into_owned())
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many fields were left out for being beyond [`MAX_FIELDS`].
    pub fn dropped(&self) -> usize {
        self.dropped
    }
}

impl<'f, 'a> IntoIterator for &'f Fields<'a> {
    type Item = &'f Field<'a>;
    type IntoIter = std::slice::Iter<'f, Field<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One entry of a log.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// The bytes that the entry was read from.
    pub raw: &'a [u8],
    /// Where those bytes begin in the source, after decompression.
    pub offset: u64,
    /// The EVTX record id, or the number of the entry's first line counted from 1.
    pub number: u64,
    /// When it happened, if the reader knows; otherwise fields tell (see `Packs::time`).
    pub time: Option<(Timestamp, TimeSource)>,
    /// What it is.
    pub kind: Kind<'a>,
    /// Whether all of the text lies in the fields, as in JSON; otherwise a search of the whole
    /// message looks at [`Record::raw`].
    pub structured: bool,
    /// What it says.
    pub fields: Fields<'a>,
}

impl Record<'_> {
    /// An empty record, to be filled and reused.
    pub fn new(symbols: Arc<Symbols>) -> Self {
        Self {
            raw: &[],
            offset: 0,
            number: 0,
            time: None,
            kind: Kind::named(""),
            structured: false,
            fields: Fields::new(symbols),
        }
    }
}

/// Something that could not be read: it is counted and told, never silently skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the source, in bytes after decompression.
    pub offset: u64,
    /// How many entries are affected, as far as that is known (at least 1).
    pub entries: u64,
    /// What is wrong.
    pub reason: String,
}

impl Problem {
    /// One entry that could not be read.
    pub fn new(offset: u64, reason: impl Into<String>) -> Self {
        Self { offset, entries: 1, reason: reason.into() }
    }
}
