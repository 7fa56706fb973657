//! One walk over a JSON object, from bytes to fields.
//!
//! Names are joined with dots as objects nest. Inside the wrapping that packs name the path is
//! left out, blanks in names are removed as Sigma does, and items of `Data` that carry their name
//! in a member become fields of that name.

use crate::format::{Context, Refusal};
use crate::packs::Enter;
use crate::record::{MAX_FIELDS, Record};
use crate::symbols::Sym;
use crate::value::{Value, unescape_json};

/// Objects nest no deeper than this.
pub const MAX_DEPTH: usize = 64;
/// No name, joined with those around it, is longer than this.
const MAX_NAME_BYTES: usize = 4096;

/// Reads the object that `text` begins with into the record's fields, and says where it ends.
pub fn object<'a>(
    text: &'a str,
    record: &mut Record<'a>,
    context: &Context,
) -> Result<usize, Refusal> {
    let mut scanner = Scanner::new(text);
    scanner.blank();
    if scanner.peek() != Some(b'{') {
        return Err("not a JSON object".into());
    }
    scanner.members(record, context, 0).map_err(|fault| {
        Refusal::Owned(format!("broken JSON: {} at byte {}", fault.0, scanner.at))
    })?;
    Ok(scanner.at)
}

pub(super) struct Fault(pub(super) &'static str);

pub(super) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pub(super) at: usize,
    path: String,
    /// Above 0 inside an object whose members keep only their last name.
    leaf: usize,
    /// Above 0 inside an object whose own name is left out.
    wrapped: usize,
    /// Above 0 inside an object whose names lost their capital.
    capital: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            path: String::new(),
            leaf: 0,
            wrapped: 0,
            capital: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn blank(&mut self) {
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
                self.push(key, value, record, context);
            } else {
                self.enter_name(key)?;
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

    fn enter_name(&mut self, key: &str) -> Result<(), Fault> {
        if self.path.len() + key.len() > MAX_NAME_BYTES {
            return Err(Fault("a name is too long"));
        }
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
        Ok(())
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
                self.push(&self.path, value, record, context);
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
        if self.wrapped > 0 && self.path == "Data" {
            return self.data_item(record, depth);
        }
        let start = self.at;
        // Where only another spelling is meant, the object is none of that field's values.
        let symbols = record.fields.symbols();
        let sym = Some(symbols.find(&self.path)).filter(|sym| symbols.name(*sym) == self.path);
        let sym = sym.unwrap_or(Sym::NONE);
        let enter = if self.leaf > 0 { Enter::Leaf } else { context.packs.enter(&self.path) };
        let kept = match enter {
            Enter::Keep => None,
            Enter::Strip | Enter::Leaf | Enter::Capital => Some(std::mem::take(&mut self.path)),
        };
        let (leaf, wrapped) = (enter == Enter::Leaf, enter != Enter::Keep);
        let capital = enter == Enter::Capital;
        self.leaf += usize::from(leaf);
        self.wrapped += usize::from(wrapped);
        self.capital += usize::from(capital);
        self.members(record, context, depth + 1)?;
        self.leaf -= usize::from(leaf);
        self.wrapped -= usize::from(wrapped);
        self.capital -= usize::from(capital);
        if let Some(kept) = kept {
            self.path = kept;
        }
        if sym.is_some() {
            let text = self.text.get(start..self.at).unwrap_or_default();
            record.fields.push_known(sym, "", Value::text(text));
        }
        Ok(())
    }

    /// Adds a field under the name that Sigma gives it.
    fn push(&self, name: &str, value: Value<'a>, record: &mut Record<'a>, context: &Context) {
        let mut buffer = String::new();
        let name = if self.capital > 0 { capitalised(name, &mut buffer) } else { name };
        let sym = record.fields.symbols().find(name);
        if sym.is_some() || memchr::memchr2(b'.', b' ', name.as_bytes()).is_none() {
            record.fields.push_known(sym, name, value);
            return;
        }
        let short = context.packs.unwrap_name(name);
        let whole = short.len() == name.len();
        let dense: String = short.split(' ').collect();
        // Outside the data of an event, only a name that somebody knows without its blanks is
        // taken for that name.
        if whole && self.wrapped == 0 && !record.fields.symbols().find(&dense).is_some() {
            record.fields.push_known(sym, name, value);
        } else {
            record.fields.push(&dense, value);
        }
    }

    /// Reads an item of `Data` as XML converters write it: a name in `@Name`, `Name` or
    /// `#attributes.Name`, and the content in `#text`.
    fn data_item(&mut self, record: &mut Record<'a>, depth: usize) -> Result<(), Fault> {
        let (mut name, mut values) = ("", Vec::new());
        self.data_members(&mut name, &mut values, depth)?;
        let dense;
        let name = match name {
            "" => "Data",
            blank if blank.contains(' ') => {
                dense = blank.split(' ').collect::<String>();
                &dense
            }
            plain => plain,
        };
        if values.is_empty() {
            values.push(Value::Null);
        }
        for value in values {
            record.fields.push(name, value);
        }
        Ok(())
    }

    fn data_members(
        &mut self,
        name: &mut &'a str,
        values: &mut Vec<Value<'a>>,
        depth: usize,
    ) -> Result<(), Fault> {
        if depth >= MAX_DEPTH {
            return Err(Fault("nested too deeply"));
        }
        let (opening, closing) = match self.peek() {
            Some(b'[') => (b'[', b']'),
            _ => (b'{', b'}'),
        };
        self.at += 1;
        self.blank();
        if self.peek() == Some(closing) {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.blank();
            let mut key = "#text";
            if opening == b'{' {
                key = self.string()?;
                self.blank();
                if self.peek() != Some(b':') {
                    return Err(Fault("a colon is missing"));
                }
                self.at += 1;
                self.blank();
            }
            match (self.peek(), key) {
                (Some(b'{' | b'['), _) => self.data_members(name, values, depth + 1)?,
                (Some(b'"'), "@Name" | "Name" | "_Name") => *name = self.string()?,
                (_, key) => {
                    let value = self.scalar()?;
                    let content =
                        matches!(key, "#text" | "$" | "_" | "Value" | "value" | "content");
                    if content && values.len() < MAX_FIELDS {
                        values.push(value);
                    }
                }
            }
            self.blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(end) if end == closing => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Fault("a comma or brace is missing")),
            }
        }
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

    pub(super) fn scalar(&mut self) -> Result<Value<'a>, Fault> {
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
    pub(super) fn string(&mut self) -> Result<&'a str, Fault> {
        if self.peek() != Some(b'"') {
            return Err(Fault("a name in quotes is missing"));
        }
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

fn capitalised<'n>(name: &str, buffer: &'n mut String) -> &'n str {
    let mut letters = name.chars();
    buffer.extend(letters.next().map(|first| first.to_ascii_uppercase()));
    buffer.push_str(letters.as_str());
    buffer
}
