//! Base64, UTF-16 and placeholders, as modifiers need them.

use crate::modifier::Placeholders;

/// A form of UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Utf16 {
    /// Low byte first.
    Le,
    /// High byte first.
    Be,
    /// Low byte first, after a byte order mark.
    Bom,
}

/// Text as UTF-16.
pub fn utf16(text: &str, form: Utf16) -> Vec<u8> {
    let mark: &[u8] = if form == Utf16::Bom { &[0xff, 0xfe] } else { &[] };
    let units = text.encode_utf16().flat_map(|unit| match form {
        Utf16::Be => unit.to_be_bytes(),
        Utf16::Le | Utf16::Bom => unit.to_le_bytes(),
    });
    mark.iter().copied().chain(units).collect()
}

/// Bytes as Base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let six = (bits >> (18 - 6 * place)) as usize & 63;
            let digit = ALPHABET.get(six).copied().unwrap_or(b'=');
            out.push(if place <= group.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// The part of the Base64 text that stays the same when `shift` (0 to 2) other bytes stand before
/// and any bytes after.
pub fn base64_at(bytes: &[u8], shift: usize) -> String {
    let shifted: Vec<u8> = std::iter::repeat_n(b' ', shift).chain(bytes.iter().copied()).collect();
    let text = base64(&shifted);
    let start = [0, 2, 3].get(shift).copied().unwrap_or(0);
    let end = [0, 3, 2].get(shifted.len() % 3).copied().unwrap_or(0);
    text.get(start..text.len() - end).unwrap_or_default().to_owned()
}

/// Replaces `%name%` by each of its values; `\%` is a per cent sign. Other backslashes stay, and
/// so do the values' own wildcards.
pub fn expand(text: &str, placeholders: Placeholders<'_>) -> Result<Vec<String>, String> {
    let mut results = vec![String::new()];
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let before = rest.get(..at).unwrap_or_default();
        let after = rest.get(at + 1..).unwrap_or_default();
        if let Some(plain) = before.strip_suffix('\\') {
            results.iter_mut().for_each(|result| {
                result.push_str(plain);
                result.push('%');
            });
            rest = after;
            continue;
        }
        let Some(end) = after.find('%') else { break };
        let name = after.get(..end).unwrap_or_default();
        let values = placeholders(name);
        if results.len().saturating_mul(values.len()) > 10_000 {
            return Err("the placeholders unfold into more than 10,000 values".into());
        }
        results = results
            .iter()
            .flat_map(|result| values.iter().map(move |value| format!("{result}{before}{value}")))
            .collect();
        rest = after.get(end + 1..).unwrap_or_default();
    }
    results.iter_mut().for_each(|result| result.push_str(rest));
    Ok(results)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_as_rfc_4648_says() {
        for (text, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    #[test]
    fn shifted_base64_occurs_wherever_the_text_stands() {
        let needle = b"http://";
        for before in 0..9 {
            for after in 0..9 {
                let mut bytes = vec![b'q'; before];
                bytes.extend_from_slice(needle);
                bytes.extend(std::iter::repeat_n(b'z', after));
                let whole = base64(&bytes);
                assert!((0..3).any(|shift| whole.contains(&base64_at(needle, shift))));
            }
        }
    }

    #[test]
    fn placeholders_unfold_and_escapes_hold() {
        let values = |name: &str| match name {
            "Servers" => vec!["srv*".to_owned(), "dc1".to_owned()],
            _ => Vec::new(),
        };
        assert_eq!(expand("%Servers%-x", &values).unwrap(), ["srv*-x", "dc1-x"]);
        assert_eq!(expand(r"\%plain%Servers%", &values).unwrap(), ["%plainsrv*", "%plaindc1"]);
        assert_eq!(expand("100%", &values).unwrap(), ["100%"]);
        assert!(expand("%nobody%", &values).unwrap().is_empty());
    }
}
