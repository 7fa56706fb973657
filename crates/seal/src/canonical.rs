//! Canonical JSON, walked over where it stands: one pass over the bytes, nothing is copied.
//!
//! The form is that of `docs/ledger-format.md`: names in order, each once, no blank between tokens,
//! whole numbers within ±(2^53 - 1), no null, one way to write each character, nested at most eight
//! deep. What has any other form is refused, so that a reader elsewhere that writes again what it has
//! read gets the same bytes. What the values mean is for others.

/// How deep lists and objects stand in one another at most.
const DEPTH: usize = 8;
/// Whole numbers go from minus this to this.
const INTEGER: u64 = (1 << 53) - 1;
/// The longest code of an agency or a system.
const CODE_BYTES: usize = 40;

/// A place in a text. What is asked for is walked over, or the answer is `None`: then the text is not
/// what was expected, and the place means nothing any more.
#[derive(Clone, Copy)]
pub(crate) struct Walker<'t> {
    rest: &'t [u8],
}

impl<'t> Walker<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { rest: text.as_bytes() }
    }

    /// What was not walked over yet.
    pub(crate) fn rest(&self) -> &'t [u8] {
        self.rest
    }

    /// What this one has walked over since that one.
    pub(crate) fn since(&self, before: &Self) -> &'t [u8] {
        before.rest.get(..before.rest.len() - self.rest.len()).unwrap_or_default()
    }

    /// These bytes.
    #[inline]
    pub(crate) fn tag(&mut self, tag: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(tag.as_bytes())?;
        Some(())
    }

    #[inline]
    fn take(&mut self, count: usize) -> Option<&'t [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// Any value.
    pub(crate) fn value(&mut self) -> Option<()> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        match self.rest.first()? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.string().map(|_| ()),
            b't' => self.tag("true"),
            b'f' => self.tag("false"),
            _ => self.int(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.tag("{")?;
        if self.tag("}").is_some() {
            return Some(());
        }
        let mut before: Option<&[u8]> = None;
        loop {
            let name = self.string()?;
            if before.is_some_and(|before| !is_before(before, name)) {
                return None;
            }
            before = Some(name);
            self.tag(":")?;
            self.nested(depth + 1)?;
            match self.take(1)? {
                b"," => {}
                b"}" => return Some(()),
                _ => return None,
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<()> {
        self.tag("[")?;
        if self.tag("]").is_some() {
            return Some(());
        }
        loop {
            self.nested(depth + 1)?;
            match self.take(1)? {
                b"," => {}
                b"]" => return Some(()),
                _ => return None,
            }
        }
    }

    /// A whole number.
    pub(crate) fn int(&mut self) -> Option<()> {
        let is_negative = self.tag("-").is_some();
        match self.count()? {
            0 if is_negative => None,
            _ => Some(()),
        }
    }

    /// A whole number from 0.
    pub(crate) fn count(&mut self) -> Option<u64> {
        // Sixteen digits stay far from the end of the type.
        let digits = self.rest.iter().take(17).take_while(|byte| byte.is_ascii_digit()).count();
        let taken = self.take(digits).filter(|digits| (1..=16).contains(&digits.len()))?;
        if taken.len() > 1 && taken.starts_with(b"0") {
            return None;
        }
        let value = taken.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        (value <= INTEGER).then_some(value)
    }

    /// A text, as it stands between its quotation marks.
    pub(crate) fn string(&mut self) -> Option<&'t [u8]> {
        self.tag("\"")?;
        let mut end = 0;
        loop {
            end += plain(self.rest.get(end..)?);
            match self.rest.get(end)? {
                b'"' => {
                    let text = self.take(end)?;
                    self.take(1)?;
                    return Some(text);
                }
                b'\\' => end += escape(self.rest.get(end + 1..)?)?,
                _ => return None,
            }
        }
    }

    /// A code of an agency or a system.
    pub(crate) fn code(&mut self) -> Option<()> {
        let code = self.string()?;
        let is_edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let is_inner = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let is_code = code.len() <= CODE_BYTES
            && is_edge(code.first())
            && is_edge(code.last())
            && code.iter().all(is_inner);
        is_code.then_some(())
    }

    /// One of these words.
    pub(crate) fn word(&mut self, words: &[&str]) -> Option<()> {
        let found = self.string()?;
        words.iter().any(|word| word.as_bytes() == found).then_some(())
    }

    /// The digits of a hash.
    pub(crate) fn hash(&mut self) -> Option<&'t [u8]> {
        self.tag("\"")?;
        let digits = self.take(64)?;
        self.tag("\"")?;
        // All of them are looked at, so that many are at once.
        let is_digit = |byte: &u8| byte.is_ascii_digit() | (b'a'..=b'f').contains(byte);
        digits.iter().fold(true, |all, byte| all & is_digit(byte)).then_some(digits)
    }

    /// A moment: UTC, to the second, of a year from 0001 to 9998.
    pub(crate) fn moment(&mut self) -> Option<()> {
        let &[
            b'"',
            y1,
            y2,
            y3,
            y4,
            b'-',
            m1,
            m2,
            b'-',
            d1,
            d2,
            b'T',
            h1,
            h2,
            b':',
            n1,
            n2,
            b':',
            s1,
            s2,
            b'Z',
            b'"',
        ] = self.take(22)?
        else {
            return None;
        };
        let (year, month, day) = (two(y1, y2)? * 100 + two(y3, y4)?, two(m1, m2)?, two(d1, d2)?);
        let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 => 28 + u32::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let is_moment = (1..=9998).contains(&year)
            && (1..=length).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        is_moment.then_some(())
    }
}

/// How many bytes of a text come before the first quotation mark, backslash or control character.
fn plain(text: &[u8]) -> usize {
    const EACH: u64 = u64::MAX / 255;
    const HIGH: u64 = EACH << 7;
    let (words, rest) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The lowest high bit that is set stands in the first byte that is smaller than the other; those
        // above it may be wrong.
        let smaller = |word: u64, than: u64| word.wrapping_sub(EACH * than) & !word & HIGH;
        let found = smaller(word, 0x20)
            | smaller(word ^ (EACH * u64::from(b'"')), 1)
            | smaller(word ^ (EACH * u64::from(b'\\')), 1);
        if found != 0 {
            return at * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    text.len() - rest.len() + rest.iter().position(special).unwrap_or(rest.len())
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    let are_digits = tens.is_ascii_digit() && ones.is_ascii_digit();
    are_digits.then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

/// How long an escape is that begins with a backslash and goes on so, if its character has no other
/// way to be written.
fn escape(after: &[u8]) -> Option<usize> {
    match after {
        [b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(2),
        [b'u', b'0', b'0', b'1', b'0'..=b'9' | b'a'..=b'f', ..]
        | [b'u', b'0', b'0', b'0', b'0'..=b'7' | b'b' | b'e' | b'f', ..] => Some(6),
        _ => None,
    }
}

/// Whether a name comes before another in the order of their characters.
fn is_before(one: &[u8], other: &[u8]) -> bool {
    if one.contains(&b'\\') || other.contains(&b'\\') {
        return Characters(one).lt(Characters(other));
    }
    one < other
}

/// The bytes of a text whose escapes are good.
struct Characters<'t>(&'t [u8]);

impl Iterator for Characters<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        let (byte, rest) = match (byte, rest) {
            (b'\\', [b'u', _, _, tens, ones, rest @ ..]) => {
                let ones = char::from(*ones).to_digit(16)?;
                ((tens - b'0') * 16 + ones as u8, rest)
            }
            (b'\\', [short, rest @ ..]) => (
                match short {
                    b'b' => 0x8,
                    b'f' => 0xc,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => *other,
                },
                rest,
            ),
            plain => plain,
        };
        self.0 = rest;
        Some(byte)
    }
}

#[cfg(test)]
mod tests {
    use khien_domain::code::AgencyCode;
    use khien_domain::evidence::content::{Content, parse_moment};
    use proptest::prelude::*;

    use super::*;

    fn is_canonical(text: &str) -> bool {
        let mut walker = Walker::new(text);
        walker.value().is_some() && walker.rest().is_empty()
    }

    fn contents() -> impl Strategy<Value = Content> {
        let most = INTEGER as i64;
        let leaf = prop_oneof![
            any::<bool>().prop_map(Content::Bool),
            (-most..=most).prop_map(Content::Int),
            prop_oneof![Just(-most), Just(most), -9..9_i64].prop_map(Content::Int),
            "[\\x00-\\x7fạộđ\u{2028}\u{1f600}]{0,12}".prop_map(Content::Text),
        ];
        leaf.prop_recursive(10, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Content::List),
                prop::collection::btree_map("[\\x00-\\x7fạ\u{ff01}\u{1f600}]{0,3}", inner, 0..5)
                    .prop_map(Content::Map),
            ]
        })
    }

    /// Texts of all kinds that look like JSON.
    fn texts() -> impl Strategy<Value = String> {
        let tokens = "(\\{|\\}|\\[|\\]|,|:|\"[ab]\"|\"a\\\\(u00[01][0-9a-fA-F]|[bfnrt\"\\\\/u])\"|-?[0-9]{1,2}|true|false|null| ){1,9}";
        prop_oneof![tokens, "[\\[{]{0,10}[0-9]{0,18}[\\]}]{0,10}", ".{0,12}"]
    }

    /// The text with a byte put in, taken out or replaced.
    fn changed(text: &str, place: prop::sample::Index, byte: u8, how: u8) -> Option<String> {
        let mut bytes = text.as_bytes().to_vec();
        let place = place.index(bytes.len());
        match how {
            0 => bytes.insert(place, byte),
            1 => drop(bytes.remove(place)),
            _ => bytes[place] = byte,
        }
        String::from_utf8(bytes).ok()
    }

    proptest! {
        #[test]
        fn what_is_written_is_walked_over_and_nothing_else(content in contents(), place: prop::sample::Index, byte in 0x20_u8..0x7f, how in 0..3_u8) {
            let text = content.to_text();
            prop_assert_eq!(is_canonical(&text), content.check().is_ok(), "{}", text);
            if let Some(other) = changed(&text, place, byte, how) {
                prop_assert_eq!(is_canonical(&other), Content::parse(&other).is_ok(), "{}", other);
            }
        }

        #[test]
        fn any_text_is_judged_as_the_domain_does(text in texts()) {
            prop_assert_eq!(is_canonical(&text), Content::parse(&text).is_ok(), "{}", text);
        }

        #[test]
        fn codes_and_moments_are_those_of_the_domain(
            code in "[a-z0-9-]{0,42}|[a-zA-Z_ạ]{0,3}",
            moment in "[0-9]{4}-(0[0-9]|1[0-3])-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z",
        ) {
            let text = format!("\"{code}\"");
            prop_assert_eq!(Walker::new(&text).code().is_some(), AgencyCode::new(&code).is_ok(), "{}", code);
            let text = format!("\"{moment}\"");
            prop_assert_eq!(Walker::new(&text).moment().is_some(), parse_moment(&moment).is_some(), "{}", moment);
        }
    }

    proptest! {
        #[test]
        fn what_is_plain_ends_where_it_does_byte_by_byte(text in "[ -~\\x00-\\x1f\"\\\\ạđ\u{1f600}]{0,40}") {
            let special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
            let bytes = text.as_bytes();
            for from in 0..bytes.len() {
                let rest = &bytes[from..];
                let expected = rest.iter().position(special).unwrap_or(rest.len());
                prop_assert_eq!(plain(rest), expected);
            }
        }
    }

    #[test]
    fn moments_are_of_the_calendar() {
        for (moment, is_one) in [
            ("0000-01-01T00:00:00Z", false),
            ("0001-01-01T00:00:00Z", true),
            ("9998-12-31T23:59:59Z", true),
            ("9999-01-01T00:00:00Z", false),
            ("2028-02-29T23:59:59Z", true),
            ("2026-02-29T00:00:00Z", false),
            ("2100-02-29T00:00:00Z", false),
            ("2026-10-15T24:00:00Z", false),
            ("2026-10-15T01:00:60Z", false),
            ("2026-10-15T01:00:00z", false),
            ("2026-10-15 01:00:00Z", false),
        ] {
            let text = format!("\"{moment}\"");
            assert_eq!(Walker::new(&text).moment().is_some(), is_one, "{moment}");
            assert_eq!(parse_moment(moment).is_some(), is_one, "{moment}");
        }
    }
}
