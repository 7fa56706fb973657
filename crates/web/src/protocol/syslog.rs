//! Syslog on the wire: where a message begins and ends ([`frame`]), and the token that a message
//! may bear ([`token`]). What a message says is read later, by the formats.

pub mod frame;
pub mod token;

/// A message longer than this is cut, and counted.
pub const MAX_MESSAGE_BYTES: usize = 64 << 10;

/// Adds a message as one line: what ends it is taken off, line breaks inside are written as `#012`
/// and NUL as `#000`, as rsyslog does. Answers whether there was anything to add.
pub fn push_line(message: &[u8], out: &mut Vec<u8>) -> bool {
    let end = message.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r' | 0));
    let Some(message) = end.and_then(|end| message.get(..=end)) else { return false };
    if message.trim_ascii().is_empty() {
        return false;
    }
    let mut rest = message;
    while let Some(at) = memchr::memchr3(b'\n', b'\r', 0, rest) {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        out.extend_from_slice(match after.first() {
            Some(b'\n') => b"#012",
            Some(b'\r') => b"#015",
            _ => b"#000",
        });
        rest = after.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out.push(b'\n');
    true
}
