//! Plain JSON: objects one a line, over several lines, one after another, or in one array.
//!
//! In comes a body; out come its objects, one a line. A body that is none of these is taken line
//! by line as it is: what is wrong with a line is found, told and kept by whoever reads it.

use std::fmt;

use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::lines::{self, Lines, TooLarge};

/// The entries of a body.
pub fn parse(body: &[u8]) -> Result<Lines, TooLarge> {
    if lines::split(body).all(|(_, line)| is_whole(line)) {
        return lines::text(body);
    }
    let parsed = if body.trim_ascii_start().starts_with(b"[") { array(body) } else { stream(body) };
    match parsed {
        Some(lines) => lines,
        None => lines::text(body),
    }
}

/// Whether a line looks like one whole object. What looks like more is read with care.
fn is_whole(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let more = [b"}{".as_slice(), b"} {"];
    line.starts_with(b"{")
        && line.ends_with(b"}")
        && more.iter().all(|more| memchr::memmem::find(line, more).is_none())
}

/// Values one after another. `None` if they are not well formed.
fn stream(body: &[u8]) -> Option<Result<Lines, TooLarge>> {
    let mut lines = Lines::default();
    for value in serde_json::Deserializer::from_slice(body).into_iter::<&RawValue>() {
        if let Err(error) = lines.push_json(value.ok()?.get().as_bytes()) {
            return Some(Err(error));
        }
    }
    Some(Ok(lines))
}

/// The items of an array. `None` if it is not well formed.
fn array(body: &[u8]) -> Option<Result<Lines, TooLarge>> {
    let mut items = Items { lines: Lines::default(), full: None };
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    (&mut items).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(items.full.map_or(Ok(items.lines), Err))
}

struct Items {
    lines: Lines,
    full: Option<TooLarge>,
}

impl<'de> DeserializeSeed<'de> for &mut Items {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Items {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<&RawValue>()? {
            if self.full.is_none() {
                self.full = self.lines.push_json(item.get().as_bytes()).err();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn objects_come_out_one_a_line_however_they_were_written() {
        for body in [
            "{\"a\":1}\n{\"b\":[2]}\n",
            "{\"a\":1}{\"b\":[2]}",
            "{\"a\":1} {\"b\":[2]}\n",
            "[{\"a\":1},{\"b\":[2]}]",
            "\n{\"a\":1}\r\n\r\n{\"b\":[2]}",
        ] {
            let lines = parse(body.as_bytes()).unwrap();
            assert_eq!(lines.bytes(), b"{\"a\":1}\n{\"b\":[2]}\n", "{body}");
            assert_eq!(lines.count(), 2);
        }
        let spread = parse(b"{\n\"a\": 1\n}\n{\"b\":\n[2]}").unwrap();
        assert_eq!(spread.bytes(), b"{ \"a\": 1 }\n{\"b\": [2]}\n");
    }

    #[test]
    fn what_is_no_json_is_kept_line_by_line() {
        let lines = parse(b"{\"a\":1}\nno json\n{\"b\":").unwrap();
        assert_eq!(lines.bytes(), b"{\"a\":1}\nno json\n{\"b\":\n");
        assert_eq!(lines.count(), 3);
        assert_eq!(parse(b"[1,").unwrap().bytes(), b"[1,\n");
        assert!(parse(b" \n ").unwrap().is_empty());
    }

    #[test]
    fn deep_nesting_is_no_trouble() {
        let deep = format!("{{\"a\":\n{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(parse(deep.as_bytes()).unwrap().count(), 1);
        let deep = format!("[{}{}", "[".repeat(100_000), "]".repeat(100_001));
        assert!(parse(deep.as_bytes()).is_ok());
    }

    proptest! {
        #[test]
        fn any_body_is_read(body in "[\\[\\]{}\",:a1 \n]{0,60}") {
            let lines = parse(body.as_bytes()).unwrap();
            let content = |bytes: &[u8]| memchr::memchr_iter(b'a', bytes).count();
            prop_assert_eq!(content(body.as_bytes()), content(lines.bytes()));
        }
    }
}
