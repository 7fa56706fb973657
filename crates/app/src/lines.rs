//! Where something stands in a file of lines.

/// The number of the line of a record, of where its reader says that it begins: between the two bytes
/// that end the line before, if there are two.
pub(crate) fn line_at(text: &str, byte: u64) -> u64 {
    let begins = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
    let (before, rest) = text.as_bytes().split_at(begins);
    let between = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let ends = before.iter().chain(between).filter(|byte| **byte == b'\n');
    ends.count() as u64 + 1
}
