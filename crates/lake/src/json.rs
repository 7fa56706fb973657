//! Fields of a JSON object by name, without building the object; escapes resolved where they stand.
//!
//! It is lenient: what is not JSON yields nothing, never an error. Names are blind to case. `a.b` means
//! the member `b` of the object `a` and also a member that is called `a.b`. Of an array every element
//! counts.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// How deep objects are followed.
const MAX_DEPTH: usize = 32;

/// A value that was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// A text without its quotes and escapes, or a number or truth value as it is written.
    Text(Cow<'a, str>),
    /// An object as it is written.
    Object(&'a str),
}

/// Whether a text is treated as JSON: its escapes stand for signs.
pub(crate) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// Shows the values under `path` to `see` until it says true; says whether it did. Null is no value.
pub(crate) fn find<'a>(json: &'a str, path: &str, see: &mut dyn FnMut(Found<'a>) -> bool) -> bool {
    let mut scanner = Scanner { text: json, at: 0 };
    scanner.skip_space();
    scanner.object(path, MAX_DEPTH, see).unwrap_or(false)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Walks the object that begins here; nothing if it is none or ends early.
    fn object(
        &mut self,
        path: &str,
        depth: usize,
        see: &mut dyn FnMut(Found<'a>) -> bool,
    ) -> Option<bool> {
        self.expect(b'{')?;
        loop {
            self.skip_space();
            if self.peek()? == b'}' {
                self.at += 1;
                return Some(false);
            }
            let name = self.string()?;
            self.skip_space();
            self.expect(b':')?;
            self.skip_space();
            let begin = self.at;
            if is_name(name, path) {
                if self.value(see)? {
                    return Some(true);
                }
            } else {
                self.skip_value()?;
            }
            if let (Some(rest), true) = (below(name, path), depth > 0) {
                let mut inner = Scanner { text: self.text, at: begin };
                if inner.each_object(rest, depth - 1, see)? {
                    return Some(true);
                }
            }
            self.skip_space();
            if self.peek()? == b',' {
                self.at += 1;
            }
        }
    }

    /// Follows the object here, or every object of the array here.
    fn each_object(
        &mut self,
        path: &str,
        depth: usize,
        see: &mut dyn FnMut(Found<'a>) -> bool,
    ) -> Option<bool> {
        match self.peek()? {
            b'{' => self.object(path, depth, see),
            b'[' => {
                self.at += 1;
                while self.next_element()? {
                    let begin = self.at;
                    self.skip_value()?;
                    let mut inner = Scanner { text: self.text, at: begin };
                    if inner.peek()? == b'{' && inner.object(path, depth, see)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            _ => Some(false),
        }
    }

    fn value(&mut self, see: &mut dyn FnMut(Found<'a>) -> bool) -> Option<bool> {
        let begin = self.at;
        match self.peek()? {
            b'"' => {
                let text = self.string()?;
                Some(see(Found::Text(unescape(text))))
            }
            b'{' => {
                self.skip_value()?;
                Some(see(Found::Object(self.text.get(begin..self.at)?)))
            }
            b'[' => {
                self.at += 1;
                let mut seen = false;
                while self.next_element()? {
                    if seen || self.peek()? == b'[' {
                        self.skip_value()?;
                    } else {
                        seen = self.value(see)?;
                    }
                }
                Some(seen)
            }
            _ => {
                self.skip_value()?;
                let word = self.text.get(begin..self.at)?;
                Some(word != "null" && see(Found::Text(Cow::Borrowed(word))))
            }
        }
    }

    /// Stands on the next element of an array, or behind its end.
    fn next_element(&mut self) -> Option<bool> {
        self.skip_space();
        if self.peek()? == b',' {
            self.at += 1;
            self.skip_space();
        }
        if self.peek()? == b']' {
            self.at += 1;
            return Some(false);
        }
        Some(true)
    }

    /// The string here with its escapes, without its quotes.
    fn string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let begin = self.at;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            self.at += memchr2(b'"', b'\\', rest)?;
            if self.peek()? == b'"' {
                self.at += 1;
                return self.text.get(begin..self.at - 1);
            }
            self.at += 2;
        }
    }

    fn skip_value(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(|_| ()),
            b'{' | b'[' => self.skip_nested(),
            _ => {
                let rest = self.text.as_bytes().get(self.at..)?;
                let ends =
                    |&byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                self.at += length;
                (length > 0).then_some(())
            }
        }
    }

    fn skip_nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        let found = self.peek()? == byte;
        self.at += usize::from(found);
        found.then_some(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

fn is_name(name: &str, path: &str) -> bool {
    if !name.contains('\\') && name.is_ascii() {
        return name.eq_ignore_ascii_case(path);
    }
    crate::fold::fold(&unescape(name)) == crate::fold::fold(path)
}

/// What is left of the path below a member of this name.
fn below<'p>(name: &str, path: &'p str) -> Option<&'p str> {
    let mut dots = path.match_indices('.');
    dots.find(|&(at, _)| is_name(name, path.get(..at).unwrap_or_default()))
        .and_then(|(at, _)| path.get(at + 1..))
}

/// The text with JSON's escapes resolved; what is no escape stays.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'\\', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut plain = String::with_capacity(text.len());
    let (before, mut rest) = text.split_at(first);
    plain.push_str(before);
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let (letter, length) = escaped(escape);
        plain.push(letter);
        rest = escape.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The sign that the escape at the beginning stands for, and its length.
fn escaped(escape: &str) -> (char, usize) {
    match escape.as_bytes().get(1) {
        Some(b'"') => ('"', 2),
        Some(b'\\') => ('\\', 2),
        Some(b'/') => ('/', 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'u') => unicode(escape).unwrap_or(('\\', 1)),
        _ => ('\\', 1),
    }
}

/// A letter written as `\u` with four digits, as two of these beyond the first plane; a half of two
/// is the replacement sign.
fn unicode(escape: &str) -> Option<(char, usize)> {
    let unit = |at: usize| -> Option<u16> {
        let digits = escape.get(at..at + 6)?.strip_prefix("\\u")?;
        let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        plain.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    };
    let first = unit(0)?;
    let pair = [first, unit(6).unwrap_or_default()];
    Some(match char::decode_utf16(pair).next() {
        Some(Ok(letter)) => (letter, 6 * letter.len_utf16()),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Found, find, unescape};

    fn values(json: &str, path: &str) -> Vec<String> {
        let mut values = Vec::new();
        find(json, path, &mut |found| {
            values.push(match found {
                Found::Text(text) => text.into_owned(),
                Found::Object(json) => json.to_owned(),
            });
            false
        });
        values
    }

    #[test]
    fn values_are_found_by_name_and_path() {
        let json = r#" {"A":"x\ny", "b":{"c":[1,null,{"d":true},"\u0111"], "e.f":-2e3}, "b.c":"flat",
            "n":null, "list":[{"k":1},{"k":"2"}]} "#;
        assert_eq!(values(json, "a"), ["x\ny"]);
        assert_eq!(values(json, "B.C"), ["1", r#"{"d":true}"#, "đ", "flat"]);
        assert_eq!(values(json, "b.c.d"), ["true"]);
        assert_eq!(values(json, "b.e.f"), ["-2e3"]);
        assert_eq!(values(json, "list.k"), ["1", "2"]);
        assert_eq!(values(json, "n"), Vec::<String>::new());
        assert_eq!(values(json, "missing"), Vec::<String>::new());
        assert_eq!(values(r#"{"a":1"#, "a"), ["1"]);
        assert_eq!(values("not json", "a"), Vec::<String>::new());
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(
            unescape(r#"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83dx\q\"#),
            "\"\\/\u{8}\u{c}\n\r\té😀\u{fffd}x\\q\\"
        );
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_whole_parser(texts in prop::collection::vec("[a-c\"\\\\\nđ]{0,5}", 1..6)) {
            let object: serde_json::Map<String, serde_json::Value> = texts
                .iter()
                .enumerate()
                .map(|(at, text)| (format!("k{at}"), serde_json::Value::from(text.clone())))
                .collect();
            let json = serde_json::Value::Object(object).to_string();
            for (at, text) in texts.iter().enumerate() {
                prop_assert_eq!(values(&json, &format!("K{at}")), [text.clone()]);
            }
        }

        #[test]
        fn nothing_is_too_strange(json in "[{}\\[\\]\":,\\\\ua1 ]{0,60}") {
            values(&format!("{{{json}"), "a.a");
        }
    }
}
