//! A template's XML as a list of fields.
//!
//! The XML of a template is walked once. Each attribute and each text becomes a [`Leaf`]: the
//! name that Sigma rules use (Sigma specification 2.1, «Field Usage»: blanks stripped, attributes
//! of `System` joined with `_`, `Data` named by its `Name`) and the parts of its content.

use super::Fault;
use super::cursor::Cursor;
use crate::symbols::{Sym, Symbols};
use crate::value::decode_utf16;

const MAX_DEPTH: usize = 32;
const MAX_LEAVES: usize = 4096;

/// The fields of a template.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) leaves: Vec<Leaf>,
}

/// A field: a name and where its content comes from.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) name: String,
    pub(super) sym: Sym,
    /// The substitution that holds the name, where the template leaves it open.
    pub(super) name_from: Option<u16>,
    pub(super) parts: Vec<Part>,
    /// Whether it belongs to the event's header, where an empty optional value is left out.
    pub(super) system: bool,
}

/// A piece of a field's content.
#[derive(Debug, PartialEq)]
pub(super) enum Part {
    Text(String),
    Value { index: u16, optional: bool },
}

/// The part of an event an element belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Root,
    System,
    EventData,
    UserData,
    Rendering,
}

impl Section {
    /// The section of an element inside this one.
    fn inside(self, name: &str) -> Self {
        match (self, name) {
            (Self::Root, "System") => Self::System,
            (Self::Root, "EventData") => Self::EventData,
            (Self::Root, "UserData" | "DebugData" | "ProcessingErrorData") => Self::UserData,
            (Self::Root, "RenderingInfo") => Self::Rendering,
            _ => self,
        }
    }
}

impl Plan {
    /// Reads an element with everything in it. `inside` says that the element stands in a value
    /// of another event, where the dependency identifier is left out.
    pub(super) fn read(
        cursor: &mut Cursor<'_>,
        names: Cursor<'_>,
        symbols: &Symbols,
        inside: bool,
    ) -> Result<Self, Fault> {
        let mut builder = Builder { names, symbols, inside, plan: Self::default() };
        builder.element(cursor, Section::Root, 0)?;
        Ok(builder.plan)
    }
}

struct Builder<'b> {
    names: Cursor<'b>,
    symbols: &'b Symbols,
    inside: bool,
    plan: Plan,
}

impl Builder<'_> {
    fn element(
        &mut self,
        cursor: &mut Cursor<'_>,
        outer: Section,
        depth: usize,
    ) -> Result<(), Fault> {
        if depth > MAX_DEPTH {
            return Err("a template nests too deeply");
        }
        let token = cursor.take_u8()?;
        let name = self.element_name(cursor)?;
        let section = outer.inside(&name);
        let mut data_name: Option<Vec<Part>> = None;
        if token & 0x40 != 0 {
            cursor.skip(4)?;
            while matches!(cursor.peek(), Some(0x06 | 0x46)) {
                cursor.skip(1)?;
                let attribute = self.name(cursor)?;
                let parts = content(cursor)?;
                if name == "Data" && attribute == "Name" {
                    data_name = Some(parts);
                } else if !attribute.starts_with("xmlns") {
                    self.leaf(format!("{name}_{attribute}"), None, parts, section)?;
                }
            }
        }
        match cursor.take_u8()? {
            0x03 => return Ok(()),
            0x02 => {}
            _ => return Err("a start tag without its end"),
        }
        let mut parts = Vec::new();
        loop {
            parts.extend(content(cursor)?);
            match cursor.peek() {
                Some(0x01 | 0x41) => self.element(cursor, section, depth + 1)?,
                Some(0x04) => {
                    cursor.skip(1)?;
                    break;
                }
                _ => return Err("an element without its end"),
            }
        }
        if !parts.is_empty() {
            self.text_leaf(&name, data_name.as_deref(), parts, section)?;
        }
        Ok(())
    }

    fn text_leaf(
        &mut self,
        name: &str,
        data_name: Option<&[Part]>,
        parts: Vec<Part>,
        section: Section,
    ) -> Result<(), Fault> {
        match data_name {
            Some([Part::Text(given)]) => {
                let given: String = given.chars().filter(|c| *c != ' ').collect();
                self.leaf(given, None, parts, section)
            }
            Some([Part::Value { index, .. }]) => {
                self.leaf(name.to_owned(), Some(*index), parts, section)
            }
            _ if section == Section::Rendering && name != "Message" => {
                self.leaf(format!("RenderingInfo_{name}"), None, parts, section)
            }
            _ => self.leaf(name.to_owned(), None, parts, section),
        }
    }

    fn leaf(
        &mut self,
        name: String,
        name_from: Option<u16>,
        parts: Vec<Part>,
        section: Section,
    ) -> Result<(), Fault> {
        if self.plan.leaves.len() >= MAX_LEAVES {
            return Err("a template with too many fields");
        }
        let sym = self.symbols.find(&name);
        let system = section == Section::System || section == Section::Root;
        self.plan.leaves.push(Leaf { name, sym, name_from, parts, system });
        Ok(())
    }

    /// The name of an element, after its dependency identifier and size. Some writers leave the
    /// identifier out: then the size read behind it is impossible.
    fn element_name(&self, cursor: &mut Cursor<'_>) -> Result<String, Fault> {
        let start = *cursor;
        if !self.inside {
            cursor.skip(2)?;
        }
        let size = cursor.take_u32()? as usize;
        if size > crate::stream::EVTX_CHUNK_BYTES {
            *cursor = start;
            cursor.skip(if self.inside { 2 } else { 0 })?;
            cursor.skip(4)?;
        }
        self.name(cursor)
    }

    /// A name by its place in the chunk; it may stand right here.
    fn name(&self, cursor: &mut Cursor<'_>) -> Result<String, Fault> {
        let place = cursor.take_u32()? as usize;
        let here = place == cursor.position();
        let mut entry = self.names;
        entry.skip(place)?;
        entry.skip(6)?;
        let length = usize::from(entry.take_u16()?);
        let mut name = String::new();
        decode_utf16(entry.take(length * 2)?, &mut name);
        if here {
            cursor.skip(8 + length * 2 + 2)?;
        }
        Ok(name)
    }
}

/// Reads texts and values up to the next tag.
fn content(cursor: &mut Cursor<'_>) -> Result<Vec<Part>, Fault> {
    let mut parts = Vec::new();
    loop {
        match cursor.peek() {
            Some(0x05 | 0x45) => {
                cursor.skip(2)?;
                push_text(&mut parts, &counted_text(cursor)?);
            }
            Some(0x07 | 0x47) => {
                cursor.skip(1)?;
                push_text(&mut parts, &counted_text(cursor)?);
            }
            Some(0x08 | 0x48) => {
                cursor.skip(1)?;
                let unit = u32::from(cursor.take_u16()?);
                push_text(
                    &mut parts,
                    char::from_u32(unit).unwrap_or('\u{fffd}').encode_utf8(&mut [0; 4]),
                );
            }
            Some(0x09 | 0x49) => return Err("an entity inside a template"),
            Some(token @ (0x0d | 0x0e)) => {
                cursor.skip(1)?;
                let index = cursor.take_u16()?;
                cursor.skip(1)?;
                parts.push(Part::Value { index, optional: token == 0x0e });
            }
            _ => return Ok(parts),
        }
    }
}

fn counted_text(cursor: &mut Cursor<'_>) -> Result<String, Fault> {
    let length = usize::from(cursor.take_u16()?);
    let mut text = String::new();
    decode_utf16(cursor.take(length * 2)?, &mut text);
    Ok(text)
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if let Some(Part::Text(before)) = parts.last_mut() {
        before.push_str(text);
    } else {
        parts.push(Part::Text(text.to_owned()));
    }
}
