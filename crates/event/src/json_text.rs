//! Fields as JSON text.
//!
//! In come the fields of a record; out comes one JSON object that any reader accepts, whatever
//! bytes an attacker put into names and values. Reading JSON is the matter of
//! [`crate::format::json`].

use std::fmt::Write as _;

use crate::record::Fields;
use crate::value::Value;

/// Appends a JSON string.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' && byte != 0x7f {
            continue;
        }
        out.push_str(text.get(start..at).unwrap_or_default());
        start = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ => {
                let _ = write!(out, "\\u{byte:04x}");
            }
        }
    }
    out.push_str(text.get(start..).unwrap_or_default());
    out.push('"');
}

/// Appends a value: numbers, booleans and nothing as such, all else as a string. `scratch` is any
/// text buffer, reused between calls.
pub fn write_value(out: &mut String, value: &Value<'_>, scratch: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(_) | Value::Int(_) | Value::Uint(_) => value.write_text(out),
        Value::Number(text) if is_number(text) => out.push_str(text),
        _ => {
            scratch.clear();
            value.write_text(scratch);
            write_string(out, scratch);
        }
    }
}

/// Appends all fields as one object; a name with several values holds a list.
pub fn write_fields(out: &mut String, fields: &Fields<'_>) {
    let mut scratch = String::new();
    let same = |left: usize, right: usize| match (fields.at(left), fields.at(right)) {
        (Some(left), Some(right)) if left.sym.is_some() || right.sym.is_some() => {
            left.sym == right.sym
        }
        (Some(left), Some(right)) => fields.name(left) == fields.name(right),
        _ => false,
    };
    out.push('{');
    let mut written = 0;
    for (at, field) in fields.iter().enumerate() {
        // Names seldom repeat, and where they do the repetitions stand close together.
        if (0..at).rev().any(|before| same(before, at)) {
            continue;
        }
        if written > 0 {
            out.push(',');
        }
        written += 1;
        write_string(out, fields.name(field));
        out.push(':');
        let more: Vec<usize> = (at + 1..fields.len()).filter(|other| same(at, *other)).collect();
        if more.is_empty() {
            write_value(out, &field.value, &mut scratch);
            continue;
        }
        out.push('[');
        write_value(out, &field.value, &mut scratch);
        for other in more.iter().filter_map(|other| fields.at(*other)) {
            out.push(',');
            write_value(out, &other.value, &mut scratch);
        }
        out.push(']');
    }
    out.push('}');
}

/// Whether a text is a number as RFC 8259 writes it.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| -> usize { text.bytes().take_while(u8::is_ascii_digit).count() };
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with('0')) {
        return false;
    }
    rest = rest.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = fraction.get(length..).unwrap_or_default();
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::symbols::Symbols;

    #[test]
    fn numbers_are_those_of_json() {
        for good in ["0", "-0", "12", "1.5", "1e5", "-1.25E-3", "10e+2"] {
            assert!(is_number(good), "{good}");
        }
        for bad in ["", "-", "01", "1.", ".5", "1e", "1-2", "0x1", "1 ", "NaN", "--1", "1e+"] {
            assert!(!is_number(bad), "{bad}");
        }
    }

    #[test]
    fn events_become_valid_json_whatever_they_hold() {
        let mut fields = Fields::new(Arc::new(Symbols::default()));
        fields.push("a\"\\", Value::text("x\u{0}\u{7f}\n\t\"\\ệ"));
        fields.push("n", Value::Number("1e5"));
        fields.push("broken", Value::Number("1-2"));
        fields.push("n", Value::Null);
        fields.push("b", Value::Bool(true));
        let mut out = String::new();
        write_fields(&mut out, &fields);
        let value: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(value["a\"\\"], "x\u{0}\u{7f}\n\t\"\\ệ");
        assert_eq!(value["n"], serde_json::json!([1e5, null]));
        assert_eq!(value["broken"], "1-2");
        assert_eq!(value["b"], true);
    }
}
