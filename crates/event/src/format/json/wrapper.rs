//! Files that are one JSON object around a list of events.
//!
//! `CloudTrail` writes `{"Records":[…]}`, Azure `{"records":[…]}` or `{"value":[…]}`, Elasticsearch
//! `{"took":1,"hits":{"hits":[…]}}`, Kubernetes `{"kind":"EventList","items":[…]}`. The events are
//! the items; the wrapping is passed over.

use super::scanner::Scanner;

/// Members that hold the list.
const LISTS: &[&str] = &["Records", "records", "value", "items", "hits", "Events", "logEvents"];
/// Members that hold the object that holds the list.
const PATHS: &[&str] = &["hits", "result"];
/// How much may stand before the list.
const MAX_PREFIX_BYTES: usize = 4096;
/// How many objects may stand around the list.
const MAX_LEVELS: usize = 3;

/// If `text` begins with a wrapping, where the first item begins: after the opening bracket.
pub fn opening(text: &str) -> Option<usize> {
    let mut end = MAX_PREFIX_BYTES.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end)?;
    let mut scanner = Scanner::new(text);
    let mut levels = 0;
    scanner.blank();
    if scanner.peek() != Some(b'{') {
        return None;
    }
    scanner.at += 1;
    loop {
        scanner.blank();
        let key = scanner.string().ok()?;
        scanner.blank();
        if scanner.peek() != Some(b':') {
            return None;
        }
        scanner.at += 1;
        scanner.blank();
        match scanner.peek()? {
            b'[' if LISTS.contains(&key) => {
                let after = scanner.at + 1;
                let first = text.get(after..)?.trim_start();
                return first.starts_with('{').then_some(after);
            }
            b'{' if PATHS.contains(&key) && levels < MAX_LEVELS => {
                levels += 1;
                scanner.at += 1;
                continue;
            }
            b'{' => skip(&mut scanner)?,
            b'[' => return None,
            _ => drop(scanner.scalar().ok()?),
        }
        scanner.blank();
        if scanner.peek() != Some(b',') {
            return None;
        }
        scanner.at += 1;
    }
}

/// Passes over an object.
fn skip(scanner: &mut Scanner<'_>) -> Option<()> {
    let mut depth = 0;
    loop {
        match scanner.peek()? {
            b'"' => drop(scanner.string().ok()?),
            byte => {
                scanner.at += 1;
                match byte {
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    return Some(());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::opening;

    #[test]
    fn wrappings_end_where_the_first_item_begins() {
        for (text, expected) in [
            (r#"{"Records":[{"a":1}]}"#, Some(12)),
            ("{\n \"value\" : [\n {", Some(14)),
            (
                r#"{"took":5,"_shards":{"total":1,"x":["}"]},"hits":{"total":{"value":2},"hits":[{"_i"#,
                Some(78),
            ),
            (r#"{"kind":"EventList","items":[{}"#, Some(29)),
            (r#"{"Records":[1]}"#, None),
            (r#"{"a":{"b":1}}"#, None),
            (r#"{"a":[{"b":1}]}"#, None),
            ("{\"Records", None),
            ("[{}]", None),
        ] {
            assert_eq!(opening(text), expected, "{text}");
        }
        assert_eq!(opening(&format!("{{\"é\":\"{}\"", "é".repeat(5000))), None);
    }
}
