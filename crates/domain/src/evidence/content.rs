//! What an evidence record holds, in the one form in which it is written.
//!
//! The form is RFC 8785 (JSON Canonicalization Scheme) without nulls and without fractions: names in
//! order, no blank between tokens, whole numbers only, texts with as few escapes as JSON allows. A
//! reader elsewhere gets the same bytes from `json.dumps(value, sort_keys=True, ensure_ascii=False,
//! separators=(",", ":"))`. Amounts with fractions are texts («14.5»), moments are texts in UTC to the
//! second («2026-10-15T01:00:00Z»), days are texts («2026-10-15»).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;

/// The longest canonical text of one content, in bytes.
pub const CONTENT_BYTES: usize = 256 << 10;
/// How deep lists and maps stand in one another at most.
pub const CONTENT_DEPTH: usize = 8;
/// Whole numbers go from minus this to this (RFC 8785: exact in every reader).
pub const INTEGER: i64 = (1 << 53) - 1;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Yes or no.
    Bool(bool),
    /// A whole number within ±[`INTEGER`].
    Int(i64),
    /// A text.
    Text(String),
    /// Values in their order.
    List(Vec<Content>),
    /// Values by name.
    Map(BTreeMap<String, Content>),
}

/// Why a text is no canonical content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// It ends or goes on where it should not, or has blanks, or another form of number.
    #[error("byte {0}: this is not canonical JSON")]
    Form(usize),
    /// A name is not after the one before.
    #[error("byte {0}: the names of an object must be in order, each once")]
    Order(usize),
    /// A number is out of range.
    #[error("byte {0}: whole numbers go from -(2^53 - 1) to 2^53 - 1")]
    Range(usize),
    /// It is nested too deeply.
    #[error("byte {0}: nested deeper than {CONTENT_DEPTH}")]
    Deep(usize),
    /// It is too long.
    #[error("{0} bytes: a content has at most {CONTENT_BYTES}")]
    Long(usize),
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Content {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Content {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Timestamp> for Content {
    fn from(at: Timestamp) -> Self {
        Self::Text(moment(at))
    }
}

impl From<Vec<Content>> for Content {
    fn from(values: Vec<Content>) -> Self {
        Self::List(values)
    }
}

/// A moment as records hold it: UTC, to the second.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The moment of such a text, of a year from 0001 to 9998: every reader's calendar has those.
pub fn parse_moment(text: &str) -> Option<Timestamp> {
    let at: Timestamp = text.parse().ok()?;
    (moment(at) == text && is_year(text)).then_some(at)
}

/// Whether a text that begins with four digits of a year begins with one that records may hold.
pub(crate) fn is_year(text: &str) -> bool {
    text.get(..4).is_some_and(|year| ("0001"..="9998").contains(&year))
}

impl Content {
    /// An object of names and values.
    pub fn map<Name: Into<String>>(pairs: impl IntoIterator<Item = (Name, Self)>) -> Self {
        Self::Map(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// The value of a name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(values) => values.get(name),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// Yes or no, if it is that.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The canonical text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// Adds the canonical text to another.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => {
                let _ = write!(out, "{value}");
            }
            Self::Text(text) => write_text(text, out),
            Self::List(values) => {
                out.push('[');
                for (place, value) in values.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Map(values) => {
                out.push('{');
                for (place, (name, value)) in values.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Whether it can be written: not too long, not too deep, numbers in range.
    pub fn check(&self) -> Result<(), ContentError> {
        Self::parse(&self.to_text()).map(|_| ())
    }

    /// The value of a canonical text; any other form is refused, so that equal values are equal bytes.
    pub fn parse(text: &str) -> Result<Self, ContentError> {
        if text.len() > CONTENT_BYTES {
            return Err(ContentError::Long(text.len()));
        }
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        if reader.at == text.len() { Ok(value) } else { Err(ContentError::Form(reader.at)) }
    }
}

/// Adds a text in quotes: RFC 8785, 3.2.2.2.
pub(crate) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(place) =
        rest.bytes().position(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\'))
    {
        let (plain, special) = rest.split_at(place);
        out.push_str(plain);
        let (byte, after) = special.split_at(1);
        match byte {
            "\"" => out.push_str("\\\""),
            "\\" => out.push_str("\\\\"),
            "\u{8}" => out.push_str("\\b"),
            "\u{c}" => out.push_str("\\f"),
            "\n" => out.push_str("\\n"),
            "\r" => out.push_str("\\r"),
            "\t" => out.push_str("\\t"),
            control => {
                let code = control.bytes().next().unwrap_or_default();
                let _ = write!(out, "\\u{code:04x}");
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out.push('"');
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), ContentError> {
        if self.take(byte) { Ok(()) } else { Err(ContentError::Form(self.at)) }
    }

    fn value(&mut self, depth: usize) -> Result<Content, ContentError> {
        if depth > CONTENT_DEPTH {
            return Err(ContentError::Deep(self.at));
        }
        match self.peek() {
            Some(b'{') => self.map(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Content::Text),
            Some(b't') => self.word("true").map(|()| Content::Bool(true)),
            Some(b'f') => self.word("false").map(|()| Content::Bool(false)),
            Some(b'-' | b'0'..=b'9') => self.int().map(Content::Int),
            _ => Err(ContentError::Form(self.at)),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), ContentError> {
        word.bytes().try_for_each(|byte| self.expect(byte))
    }

    fn map(&mut self, depth: usize) -> Result<Content, ContentError> {
        self.expect(b'{')?;
        let mut values = BTreeMap::new();
        if self.take(b'}') {
            return Ok(Content::Map(values));
        }
        loop {
            let start = self.at;
            let name = self.string()?;
            if values.last_key_value().is_some_and(|(last, _): (&String, _)| *last >= name) {
                return Err(ContentError::Order(start));
            }
            self.expect(b':')?;
            let value = self.value(depth + 1)?;
            values.insert(name, value);
            if self.take(b'}') {
                return Ok(Content::Map(values));
            }
            self.expect(b',')?;
        }
    }

    fn list(&mut self, depth: usize) -> Result<Content, ContentError> {
        self.expect(b'[')?;
        let mut values = Vec::new();
        if self.take(b']') {
            return Ok(Content::List(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            if self.take(b']') {
                return Ok(Content::List(values));
            }
            self.expect(b',')?;
        }
    }

    fn int(&mut self) -> Result<i64, ContentError> {
        let start = self.at;
        self.take(b'-');
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let digits = self.text.get(start..self.at).unwrap_or_default();
        let value: i64 = digits.parse().map_err(|_| ContentError::Range(start))?;
        if value.unsigned_abs() > INTEGER.unsigned_abs() {
            return Err(ContentError::Range(start));
        }
        // «-0», «007» and «-» are other texts of a number that has one.
        if value.to_string() == digits { Ok(value) } else { Err(ContentError::Form(start)) }
    }

    fn string(&mut self) -> Result<String, ContentError> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let end = rest.bytes().position(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\'));
            let Some(end) = end else { return Err(ContentError::Form(self.text.len())) };
            out.push_str(rest.get(..end).unwrap_or_default());
            self.at += end;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => return Err(ContentError::Form(self.at)),
            }
        }
    }

    /// An escape, if it is the one that its character has.
    fn escape(&mut self) -> Result<char, ContentError> {
        let start = self.at;
        self.at += 1;
        let short = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let digits = self.text.get(self.at + 1..self.at + 5);
                let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                let code = code.ok_or(ContentError::Form(start))?;
                let mut canonical = String::new();
                write_text(char::from(code).encode_utf8(&mut [0; 4]), &mut canonical);
                self.at += 5;
                let found = self.text.get(start..self.at);
                if found != canonical.get(1..canonical.len() - 1) {
                    return Err(ContentError::Form(start));
                }
                return Ok(char::from(code));
            }
            _ => return Err(ContentError::Form(start)),
        };
        self.at += 1;
        Ok(short)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contents() -> impl Strategy<Value = Content> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Content::Bool),
            (-INTEGER..=INTEGER).prop_map(Content::Int),
            "[\\x00-\\x7fạộđ\u{2028}\u{1f600}]{0,12}".prop_map(Content::Text),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Content::List),
                prop::collection::btree_map("[a-z\"\\\\\n]{0,4}", inner, 0..5)
                    .prop_map(Content::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_itself(content in contents()) {
            let text = content.to_text();
            prop_assert_eq!(Content::parse(&text), Ok(content));
        }

        #[test]
        fn no_other_text_has_the_same_value(content in contents(), place in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
            let text = content.to_text();
            let mut bytes = text.clone().into_bytes();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            if let Ok(other) = String::from_utf8(bytes)
                && let Ok(read) = Content::parse(&other)
            {
                prop_assert_eq!(read == content, other == text);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,64}") {
            if let Ok(content) = Content::parse(&text) {
                prop_assert_eq!(content.to_text(), text);
            }
        }
    }

    #[test]
    fn other_forms_of_the_same_value_are_refused() {
        for text in [
            "{ }",
            "{\"a\":1 }",
            "{\"b\":1,\"a\":2}",
            "{\"a\":1,\"a\":1}",
            "1.0",
            "1e3",
            "-0",
            "01",
            "null",
            "\"\\u0041\"",
            "\"\\u000A\"",
            "\"\\/\"",
            "[1,]",
            "",
            "{}{}",
            "9007199254740992",
            "\"\t\"",
            "\"\\u001F\"",
        ] {
            assert!(Content::parse(text).is_err(), "{text}");
        }
        let deep = format!("{}1{}", "[".repeat(9), "]".repeat(9));
        assert!(matches!(Content::parse(&deep), Err(ContentError::Deep(_))));
        let long = format!("\"{}\"", "a".repeat(CONTENT_BYTES));
        assert!(matches!(Content::parse(&long), Err(ContentError::Long(_))));
    }

    #[test]
    fn moments_are_in_utc_to_the_second() {
        let at = parse_moment("2026-10-15T01:00:00Z").unwrap();
        assert_eq!(moment(at), "2026-10-15T01:00:00Z");
        for text in ["2026-10-15T08:00:00+07:00", "2026-10-15T01:00:00.5Z", "2026-10-15"] {
            assert_eq!(parse_moment(text), None, "{text}");
        }
    }
}
