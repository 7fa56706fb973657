//! A phrase looked for anywhere in records, at the speed of memory where that is possible.
//!
//! The meaning is plain: the pattern stands somewhere in the folded text, in JSON after its escapes are
//! resolved. Most records are answered without folding: the longest run of ASCII letters of the phrase
//! is searched in the bytes as they are. What could make bytes and meaning differ, an escape, a
//! combining mark, diacritics that do not count, leads to the plain way.

use memchr::memchr2_iter;
use memchr::memmem::Finder;

use crate::json::{is_json, unescape};
use crate::pattern::Pattern;
use crate::query::Phrase;

/// A phrase to be found anywhere in a text.
#[derive(Debug)]
pub(crate) struct Needle {
    pattern: Pattern,
    /// What must stand in the bytes of a text without escapes.
    run: Option<Run>,
    /// Whether the run is all of the phrase.
    whole: bool,
    /// Whether something of the phrase is not ASCII.
    beyond_ascii: bool,
    escape: Finder<'static>,
}

/// What the bytes of a text say.
enum Answer {
    Yes,
    No,
    /// Only the folded text tells.
    Unsure,
}

impl Needle {
    pub(crate) fn new(phrase: &Phrase) -> Self {
        let pattern = Pattern::new(phrase).anywhere();
        let runs = pattern.texts().flat_map(|text| text.split(|letter| !is_plain(letter)));
        let longest = runs.max_by_key(|run| run.len()).filter(|run| !run.is_empty());
        let texts: Vec<&str> = pattern.texts().collect();
        Self {
            whole: phrase.literal().is_some() && longest.is_some_and(|run| texts == [run]),
            beyond_ascii: texts.iter().any(|text| !text.is_ascii()),
            run: longest.map(Run::new),
            escape: Finder::new("\\u"),
            pattern,
        }
    }

    /// Whether the phrase stands in the text.
    pub(crate) fn finds(&self, text: &str) -> bool {
        match self.look(text) {
            Answer::Yes => true,
            Answer::No => false,
            Answer::Unsure if is_json(text) => self.pattern.matches(&unescape(text)),
            Answer::Unsure => self.pattern.matches(text),
        }
    }

    /// Whether a value within the text could match; if not, none does.
    pub(crate) fn may_find(&self, text: &str) -> bool {
        !matches!(self.look(text), Answer::No)
    }

    fn look(&self, text: &str) -> Answer {
        let json = is_json(text);
        if json && self.escape.find(text.as_bytes()).is_some() {
            return Answer::Unsure;
        }
        let ascii = text.is_ascii();
        if self.beyond_ascii && ascii {
            return Answer::No;
        }
        if self.beyond_ascii || (self.pattern.is_bare() && !ascii) {
            return Answer::Unsure;
        }
        let Some(run) = &self.run else { return Answer::Unsure };
        let bytes = text.as_bytes();
        for at in run.all_in(bytes) {
            if !self.whole {
                return Answer::Unsure;
            }
            if json && is_escaped(bytes, at) {
                continue;
            }
            // A combining mark behind the match may change its last letter.
            return match bytes.get(at + run.folded.len()) {
                Some(0xcc | 0xcd) => Answer::Unsure,
                _ => Answer::Yes,
            };
        }
        Answer::No
    }
}

/// Letters that stand in JSON as themselves.
fn is_plain(letter: char) -> bool {
    letter.is_ascii() && !letter.is_ascii_control() && !matches!(letter, '"' | '\\' | '/')
}

/// Whether a backslash makes the letter at `at` part of an escape.
fn is_escaped(bytes: &[u8], at: usize) -> bool {
    if !matches!(bytes.get(at), Some(b'b' | b'f' | b'n' | b'r' | b't')) {
        return false;
    }
    let before = bytes.get(..at).unwrap_or_default();
    let slashes = before.iter().rev().take_while(|&&byte| byte == b'\\').count();
    slashes % 2 == 1
}

/// Lower-case ASCII searched blind to case: by its rarest letter, then as a whole.
#[derive(Debug)]
struct Run {
    folded: Vec<u8>,
    /// Place of the letter that is rarest in logs.
    rare: usize,
}

impl Run {
    fn new(folded: &str) -> Self {
        let folded = folded.as_bytes().to_vec();
        let places = folded.iter().enumerate();
        let rare = places.min_by_key(|(_, byte)| frequency(**byte)).map_or(0, |(at, _)| at);
        Self { folded, rare }
    }

    fn all_in<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let rare = self.folded.get(self.rare).copied().unwrap_or_default();
        memchr2_iter(rare, rare.to_ascii_uppercase(), bytes).filter_map(move |at| {
            let begin = at.checked_sub(self.rare)?;
            let found = bytes.get(begin..begin + self.folded.len())?;
            found.eq_ignore_ascii_case(&self.folded).then_some(begin)
        })
    }
}

/// How often a letter stands in logs, in classes.
fn frequency(byte: u8) -> u8 {
    match byte {
        b'q' | b'z' | b'j' | b'x' | b'k' | b'~' | b'^' | b'@' | b'#' | b'%' | b'&' | b'!' => 0,
        b'y' | b'v' | b'w' | b'b' | b'g' | b'h' | b'+' | b';' | b'=' | b'\'' | b'(' | b')' => 1,
        b'p' | b'f' | b'u' | b'm' | b'd' | b'l' | b'7' | b'8' | b'9' | b'6' => 2,
        b'c' | b'3' | b'4' | b'5' | b'-' | b'_' | b'.' | b'1' | b'2' => 3,
        b' ' | b':' | b',' | b'{' | b'}' | b'0' => 5,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::Needle;
    use crate::fold::{fold, fold_bare};
    use crate::json::{is_json, unescape};
    use crate::query::{Phrase, Piece};

    fn needle(text: &str, bare: bool) -> Needle {
        Needle::new(&Phrase { bare, ..Phrase::exact(text) })
    }

    #[test]
    fn escapes_do_not_deceive() {
        let json = r#"{"path":"C:\\Windows\\name","text":"a\nbc","unit":"\u0041bc"}"#;
        assert!(needle(r"windows\NAME", false).finds(json));
        assert!(needle("name", false).finds(r#"{"a":"\\name"}"#));
        assert!(!needle("name", false).finds(r#"{"a":"\name"}"#));
        assert!(needle("kb", false).finds(r#"{"a":"\kb"}"#), "what is no escape stays");
        assert!(needle("abc", false).finds(json));
        assert!(!needle("0041", false).finds(json));
        assert!(needle("a\nb", false).finds(json));
        assert!(needle("0041", false).finds(r"plain \u0041"));
    }

    #[test]
    fn forms_do_not_deceive() {
        let composed = "Đăng nhập thất bại từ máy trạm";
        let decomposed: String = composed.nfd().collect();
        for text in [composed, decomposed.as_str()] {
            for form in ["ĐĂNG NHẬP", "đăng nhập", "từ máy"] {
                assert!(needle(form, false).finds(text), "{form}");
                assert!(needle(&form.nfd().collect::<String>(), false).finds(text), "{form}");
            }
            assert!(!needle("tha", false).finds(text), "a letter is not its bare form");
            assert!(!needle("dang nhap", false).finds(text));
            assert!(needle("dang nhap", true).finds(text));
            assert!(needle("đang nhạp", true).finds(text));
        }
    }

    proptest! {
        #[test]
        fn it_finds_what_the_folded_text_contains(
            text in r#"\{?[aAbB\\u0041"/ ậăâđKK\u{301}\u{30a}]{0,24}"#,
            words in r#"[aAb\\"/1 ậaKK\u{301}]{1,3}"#,
            bare: bool,
        ) {
            let plain = if is_json(&text) { unescape(&text) } else { text.as_str().into() };
            let form = if bare { fold_bare } else { fold };
            let expected = form(&plain).contains(form(&words).as_ref());
            let needle = needle(&words, bare);
            prop_assert_eq!(needle.finds(&text), expected);
            prop_assert!(!expected || needle.may_find(&text));
        }

        #[test]
        fn wildcards_stand_for_anything_between(text in "[abc]{0,8}", first in "[ab]{1,2}", last in "[bc]{1,2}") {
            let pieces = vec![Piece::Text(first.clone()), Piece::Any, Piece::Text(last.clone())];
            let expected = text.find(&first).is_some_and(|at| text[at + first.len()..].contains(&last));
            prop_assert_eq!(Needle::new(&Phrase { pieces, bare: false }).finds(&text), expected);
        }
    }
}
