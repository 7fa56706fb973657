//! The values of one event, as its template's substitutions.

use super::Fault;
use super::cursor::Cursor;
use crate::record::Fields;
use crate::symbols::Sym;
use crate::value::{Value, decode_utf16};

const MAX_VALUES: u32 = 4096;
const ARRAY: u8 = 0x80;

/// The values of a template instance.
#[derive(Debug, Default)]
pub(super) struct Substitutions<'a> {
    list: Vec<Slot<'a>>,
}

#[derive(Clone, Copy, Debug)]
struct Slot<'a> {
    kind: u8,
    start: usize,
    bytes: &'a [u8],
}

impl<'a> Substitutions<'a> {
    /// Reads descriptors and values; the cursor ends behind them.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Fault> {
        self.list.clear();
        let count = cursor.take_u32()?;
        if count > MAX_VALUES {
            return Err("a record with too many values");
        }
        let mut descriptors = *cursor;
        cursor.skip(count as usize * 4)?;
        for _ in 0..count {
            let length = usize::from(descriptors.take_u16()?);
            let kind = descriptors.take_u8()?;
            descriptors.skip(1)?;
            let start = cursor.position();
            self.list.push(Slot { kind, start, bytes: cursor.take(length)? });
        }
        Ok(())
    }

    /// Where the binary XML of a value begins and ends, if it is such.
    pub(super) fn nested(&self, index: u16) -> Option<(usize, usize)> {
        let slot = self.list.get(usize::from(index)).filter(|slot| slot.kind == 0x21)?;
        (!slot.bytes.is_empty()).then_some((slot.start, slot.start + slot.bytes.len()))
    }

    /// Adds a value to the fields: an array as several values of one name. An empty value is
    /// left out where `drop_empty` says so.
    pub(super) fn push(
        &self,
        index: u16,
        sym: Sym,
        name: &str,
        drop_empty: bool,
        fields: &mut Fields<'a>,
    ) -> Result<(), Fault> {
        let slot =
            self.list.get(usize::from(index)).ok_or("a template names a value that is missing")?;
        if slot.kind == 0 || slot.kind == 0x21 {
            if !drop_empty {
                fields.push_known(sym, name, Value::Null);
            }
            return Ok(());
        }
        if slot.kind & ARRAY == 0 {
            fields.push_known(sym, name, value(slot.kind, slot.bytes));
            return Ok(());
        }
        each_item(slot, |value| fields.push_known(sym, name, value));
        Ok(())
    }

    /// Appends the text of a value.
    pub(super) fn write_text(&self, index: u16, out: &mut String) {
        let Some(slot) = self.list.get(usize::from(index)) else { return };
        if slot.kind & ARRAY == 0 {
            return value(slot.kind, slot.bytes).write_text(out);
        }
        each_item(slot, |value| {
            value.write_text(out);
            out.push(' ');
        });
    }
}

/// Names the items of an array.
fn each_item<'a>(slot: &Slot<'a>, mut item: impl FnMut(Value<'a>)) {
    let kind = slot.kind & !ARRAY;
    let width = match kind {
        0x01 => {
            let mut rest = slot.bytes;
            while !rest.is_empty() {
                let units = rest.as_chunks::<2>().0;
                let end = units.iter().position(|unit| *unit == [0, 0]).unwrap_or(units.len()) * 2;
                item(Value::Utf16(rest.get(..end).unwrap_or_default()));
                rest = rest.get(end + 2..).unwrap_or_default();
            }
            return;
        }
        0x02 => {
            slot.bytes.split(|byte| *byte == 0).for_each(|text| item(value(0x02, text)));
            return;
        }
        0x03 | 0x04 => 1,
        0x05 | 0x06 => 2,
        0x07 | 0x08 | 0x0b | 0x0d | 0x14 => 4,
        0x09 | 0x0a | 0x0c | 0x11 | 0x15 => 8,
        0x0f | 0x12 => 16,
        _ => slot.bytes.len().max(1),
    };
    slot.bytes.chunks_exact(width).for_each(|bytes| item(value(kind, bytes)));
}

fn value(kind: u8, bytes: &[u8]) -> Value<'_> {
    let unsigned = || {
        let mut wide = [0; 8];
        wide.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        u64::from_le_bytes(wide)
    };
    let signed = |width: u32| {
        let shift = 64 - width;
        (unsigned().wrapping_shl(shift) as i64).wrapping_shr(shift)
    };
    match kind {
        0x01 => Value::Utf16(bytes),
        0x02 => {
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            let text = bytes.get(..end).unwrap_or_default();
            match std::str::from_utf8(text) {
                Ok(text) => Value::text(text),
                Err(_) => Value::owned(text.iter().map(|byte| char::from(*byte)).collect()),
            }
        }
        0x03 => Value::Int(signed(8)),
        0x05 => Value::Int(signed(16)),
        0x07 => Value::Int(signed(32)),
        0x09 => Value::Int(signed(64)),
        0x04 | 0x06 | 0x08 | 0x0a => Value::Uint(unsigned()),
        0x0b => Value::owned(f32::from_bits(unsigned() as u32).to_string()),
        0x0c => Value::owned(f64::from_bits(unsigned()).to_string()),
        0x0d => Value::Bool(unsigned() != 0),
        0x0f => bytes.try_into().map_or(Value::Binary(bytes), Value::Guid),
        0x10 | 0x14 | 0x15 => Value::Hex(unsigned()),
        0x11 => Value::FileTime(unsigned()),
        0x12 => {
            let mut parts = [0; 8];
            let pairs = bytes.as_chunks::<2>().0;
            parts.iter_mut().zip(pairs).for_each(|(to, from)| *to = u16::from_le_bytes(*from));
            Value::SystemTime(parts)
        }
        0x13 => Value::Sid(bytes),
        0x23 => {
            let mut text = String::new();
            decode_utf16(bytes, &mut text);
            Value::owned(text)
        }
        _ => Value::Binary(bytes),
    }
}
