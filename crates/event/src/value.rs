//! What a field holds, as it lies in the log.
//!
//! A [`Value`] is a view of the bytes that were read, not yet turned into text: most fields of
//! most events are never looked at, so decoding waits until somebody asks. [`Value::write_text`]
//! gives the one text that rules match and people read.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A field's content, borrowed from the log where it can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Present without a value (JSON `null`, an empty optional item of a Windows event).
    Null,
    /// True or false, written `true` and `false`.
    Bool(bool),
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// A number as a JSON text writes it.
    Number(&'a str),
    /// Text that stands as it is.
    Text(Cow<'a, str>),
    /// The inside of a JSON string that still carries its escapes.
    JsonText(&'a str),
    /// UTF-16, little endian, as Windows stores it.
    Utf16(&'a [u8]),
    /// A number that its source writes in hexadecimal with `0x`.
    Hex(u64),
    /// A GUID in the byte order of Windows.
    Guid([u8; 16]),
    /// A Windows security identifier in its binary form.
    Sid(&'a [u8]),
    /// 100 ns intervals since 1601-01-01 UTC.
    FileTime(u64),
    /// A Windows SYSTEMTIME: year, month, day of week, day, hour, minute, second, millisecond.
    SystemTime([u16; 8]),
    /// Bytes, written as upper-case hexadecimal.
    Binary(&'a [u8]),
}

impl<'a> Value<'a> {
    /// Text that stands as it is in the log.
    pub fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// Text that had to be made.
    pub fn owned(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }

    /// Appends the text of the value; [`Value::Null`] appends nothing.
    pub fn write_text(&self, out: &mut String) {
        match self {
            Self::Null => {}
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => write_signed(out, *value),
            Self::Uint(value) => write_unsigned(out, *value),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) => out.push_str(text),
            Self::JsonText(text) => unescape_json(text, out),
            Self::Utf16(bytes) => decode_utf16(bytes, out),
            Self::Hex(value) => {
                let _ = write!(out, "0x{value:x}");
            }
            Self::Guid(bytes) => write_guid(bytes, out),
            Self::Sid(bytes) => write_sid(bytes, out),
            Self::FileTime(ticks) => write_file_time(*ticks, out),
            Self::SystemTime(parts) => write_system_time(parts, out),
            Self::Binary(bytes) => {
                for byte in *bytes {
                    let _ = write!(out, "{byte:02X}");
                }
            }
        }
    }

    /// The text of the value.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(text) => Cow::Borrowed(text),
            Self::JsonText(text) if !text.contains('\\') => Cow::Borrowed(text),
            other => {
                let mut out = String::new();
                other.write_text(&mut out);
                Cow::Owned(out)
            }
        }
    }

    /// The value as an unsigned number, where it is one or reads as one.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Uint(value) | Self::Hex(value) => Some(*value),
            Self::Int(value) => u64::try_from(*value).ok(),
            Self::Text(_) | Self::Number(_) | Self::JsonText(_) | Self::Utf16(_) => {
                self.to_text().trim().parse().ok()
            }
            _ => None,
        }
    }

    /// The same value, owning what it holds.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Int(value) => Value::Int(value),
            Value::Uint(value) => Value::Uint(value),
            Value::Hex(value) => Value::Hex(value),
            Value::FileTime(value) => Value::FileTime(value),
            Value::SystemTime(value) => Value::SystemTime(value),
            Value::Guid(value) => Value::Guid(value),
            other => Value::Text(Cow::Owned(other.to_text().into_owned())),
        }
    }
}

fn write_unsigned(out: &mut String, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        if let Some(slot) = digits.get_mut(at) {
            *slot = b'0' + (value % 10) as u8;
        }
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend(digits.iter().skip(at).map(|&digit| char::from(digit)));
}

fn write_signed(out: &mut String, value: i64) {
    if value < 0 {
        out.push('-');
    }
    write_unsigned(out, value.unsigned_abs());
}

fn write_guid(b: &[u8; 16], out: &mut String) {
    let head = u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    let mid = u16::from_le_bytes([b[4], b[5]]);
    let high = u16::from_le_bytes([b[6], b[7]]);
    let _ = write!(
        out,
        "{{{head:08x}-{mid:04x}-{high:04x}-{:02x}{:02x}-{:02x}{:02x}{:02x}{:02x}{:02x}{:02x}}}",
        b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
    );
}

fn write_sid(bytes: &[u8], out: &mut String) {
    let Some(([revision, count, authority @ ..], rest)) = bytes.split_first_chunk::<8>() else {
        return;
    };
    let authority = authority.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let _ = write!(out, "S-{revision}-{authority}");
    let (parts, _) = rest.as_chunks::<4>();
    for part in parts.iter().take(usize::from(*count)) {
        let _ = write!(out, "-{}", u32::from_le_bytes(*part));
    }
}

fn write_file_time(ticks: u64, out: &mut String) {
    match crate::time::from_file_time(ticks) {
        Some(time) => {
            let _ = write!(out, "{time}");
        }
        None => write_unsigned(out, ticks),
    }
}

fn write_system_time(parts: &[u16; 8], out: &mut String) {
    let [year, month, _, day, hour, minute, second, milli] = parts;
    let _ =
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z");
}

/// Appends UTF-16LE text, replacing what is not valid and ending at trailing NULs.
pub fn decode_utf16(bytes: &[u8], out: &mut String) {
    let mut end = bytes.len() & !1;
    while end >= 2 && bytes.get(end - 2..end) == Some(&[0, 0]) {
        end -= 2;
    }
    let bytes = bytes.get(..end).unwrap_or_default();
    out.reserve(bytes.len() / 2);
    let units = bytes.as_chunks::<2>().0;
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        if unit[1] == 0 && unit[0] < 0x80 {
            out.push(char::from(unit[0]));
            at += 1;
            continue;
        }
        let run_end = units
            .iter()
            .skip(at)
            .position(|unit| unit[1] == 0 && unit[0] < 0x80)
            .map_or(units.len(), |length| at + length);
        let run = units.get(at..run_end).unwrap_or_default();
        let wide = run.iter().map(|unit| u16::from_le_bytes(*unit));
        out.extend(char::decode_utf16(wide).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        at = run_end;
    }
}

/// Appends the inside of a JSON string with its escapes resolved. A broken escape stays as it is.
pub fn unescape_json(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (plain, escape) = rest.split_at(at);
        out.push_str(plain);
        let (decoded, length) = json_escape(escape);
        match decoded {
            Some(decoded) => out.push(decoded),
            None => out.push_str(escape.get(..length).unwrap_or(escape)),
        }
        rest = escape.get(length..).unwrap_or("");
    }
    out.push_str(rest);
}

/// The character of the escape that `escape` starts with, and the escape's length in bytes.
fn json_escape(escape: &str) -> (Option<char>, usize) {
    let bytes = escape.as_bytes();
    let simple = match bytes.get(1) {
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(&c @ (b'"' | b'\\' | b'/')) => char::from(c),
        Some(b'u') => return json_unicode_escape(escape),
        _ => return (None, 1),
    };
    (Some(simple), 2)
}

fn json_unicode_escape(escape: &str) -> (Option<char>, usize) {
    let unit = |at: usize| {
        escape.get(at..at + 2).filter(|u| *u == "\\u")?;
        u16::from_str_radix(escape.get(at + 2..at + 6)?, 16).ok()
    };
    let Some(first) = unit(0) else { return (None, 1) };
    if let Some(decoded) = char::from_u32(u32::from(first)) {
        return (Some(decoded), 6);
    }
    let pair = unit(6).and_then(|second| char::decode_utf16([first, second]).next()?.ok());
    match pair {
        Some(decoded) => (Some(decoded), 12),
        None => (Some(char::REPLACEMENT_CHARACTER), 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_they_are_written() {
        let text = |value: Value<'_>| value.to_text().into_owned();
        assert_eq!(text(Value::Uint(u64::MAX)), "18446744073709551615");
        assert_eq!(text(Value::Uint(0)), "0");
        assert_eq!(text(Value::Int(i64::MIN)), "-9223372036854775808");
        assert_eq!(text(Value::Hex(0x3e7)), "0x3e7");
        assert_eq!(text(Value::Number("1.50")), "1.50");
        assert_eq!(text(Value::Null), "");
    }

    #[test]
    fn windows_types_read_as_windows_writes_them() {
        let sid = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
        assert_eq!(Value::Sid(&sid).to_text(), "S-1-5-32-544");
        assert_eq!(Value::Sid(&[1, 2]).to_text(), "");
        let guid = [
            0xff, 0xd3, 0x70, 0x57, 0x2a, 0xc2, 0xe0, 0x43, 0xbf, 0x4c, 6, 0xf5, 0x69, 0x8f, 0xfb,
            0xd9,
        ];
        assert_eq!(Value::Guid(guid).to_text(), "{5770d3ff-c22a-43e0-bf4c-06f5698ffbd9}");
        assert_eq!(Value::FileTime(132_223_104_000_000_000).to_text(), "2020-01-01T00:00:00Z");
        assert_eq!(Value::Utf16(b"c\0m\0d\0\xc7\x1e\0\0").to_text(), "cmdệ");
        assert_eq!(Value::Utf16(b"a\0\x00\xd8b\0x").to_text(), "a\u{fffd}b");
    }

    #[test]
    fn json_escapes_resolve_and_broken_ones_stay() {
        let text = |raw: &'static str| Value::JsonText(raw).to_text().into_owned();
        assert_eq!(text(r"C:\\Windows\\cmd.exe \u00e9 \ud83d\ude00"), "C:\\Windows\\cmd.exe é 😀");
        assert_eq!(text(r"\ud83d x \uZZZZ \q \"), "\u{fffd} x \\uZZZZ \\q \\");
        assert_eq!(text("a\\n\\tb\\/"), "a\n\tb/");
    }
}
