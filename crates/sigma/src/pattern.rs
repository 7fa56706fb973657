//! Text with wildcards.
//!
//! A rule's string becomes a [`Pattern`]: literal pieces, `*` and `?`. Modifiers such as
//! `contains` only add a `*` at an end. Matching is on text that has been folded the same way as
//! the pattern (see [`crate::fold`]), so that this module knows nothing of case.

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// This text.
    Literal(String),
    /// Any text, also none (`*`).
    Any,
    /// Exactly one character (`?`).
    One,
}

/// Text with wildcards; no two literals and no two `*` stand side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    parts: Vec<Part>,
}

/// The simplest way to test a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape<'p> {
    /// The whole text.
    Exact(&'p str),
    /// The text's beginning.
    Prefix(&'p str),
    /// The text's end.
    Suffix(&'p str),
    /// Anywhere in the text.
    Contains(&'p str),
    /// Any text at all.
    Anything,
    /// None of these.
    Wild,
}

impl Pattern {
    /// Reads a rule's string: `*` and `?` are wildcards, a backslash before one of them or before
    /// a backslash that stands before one of them takes its meaning away, and every other
    /// backslash is itself (Sigma specification 2.1, «Escape Character»).
    pub fn parse(text: &str) -> Self {
        let mut pattern = Self::default();
        let mut rest = text;
        // Where to look for the next special character: a plain backslash is passed over.
        let mut from = 0;
        while let Some(found) =
            memchr::memchr3(b'*', b'?', b'\\', rest.as_bytes().get(from..).unwrap_or_default())
        {
            let at = from + found;
            let after = rest.get(at + 1..).unwrap_or_default();
            let special = rest.as_bytes().get(at).copied();
            if special == Some(b'\\') {
                if after.starts_with(['*', '?', '\\']) {
                    pattern.push_text(rest.get(..at).unwrap_or_default());
                    // What is escaped begins the rest, and is not looked at again.
                    (rest, from) = (after, 1);
                } else {
                    from = at + 1;
                }
                continue;
            }
            pattern.push_text(rest.get(..at).unwrap_or_default());
            match special {
                Some(b'*') => pattern.push_any(),
                _ => pattern.parts.push(Part::One),
            }
            (rest, from) = (after, 0);
        }
        pattern.push_text(rest);
        pattern
    }

    /// Text without any wildcard.
    pub fn literal(text: &str) -> Self {
        let mut pattern = Self::default();
        pattern.push_text(text);
        pattern
    }

    fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Part::Literal(before)) = self.parts.last_mut() {
            before.push_str(text);
        } else {
            self.parts.push(Part::Literal(text.to_owned()));
        }
    }

    fn push_any(&mut self) {
        if self.parts.last() != Some(&Part::Any) {
            self.parts.push(Part::Any);
        }
    }

    /// Lets anything follow.
    #[must_use]
    pub fn starts_with(mut self) -> Self {
        self.push_any();
        self
    }

    /// Lets anything stand before.
    #[must_use]
    pub fn ends_with(mut self) -> Self {
        if self.parts.first() != Some(&Part::Any) {
            self.parts.insert(0, Part::Any);
        }
        self
    }

    /// Lets anything stand before and follow.
    #[must_use]
    pub fn contains(self) -> Self {
        self.starts_with().ends_with()
    }

    /// The same pattern with every literal changed by `change`.
    #[must_use]
    pub fn map(mut self, change: impl Fn(String) -> String) -> Self {
        for part in &mut self.parts {
            if let Part::Literal(text) = part {
                *text = change(std::mem::take(text));
            }
        }
        self
    }

    /// The text, if there is no wildcard in it.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The pieces.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// How the pattern is tested most simply.
    pub fn shape(&self) -> Shape<'_> {
        match self.parts.as_slice() {
            [] => Shape::Exact(""),
            [Part::Literal(text)] => Shape::Exact(text),
            [Part::Literal(text), Part::Any] => Shape::Prefix(text),
            [Part::Any, Part::Literal(text)] => Shape::Suffix(text),
            [Part::Any, Part::Literal(text), Part::Any] => Shape::Contains(text),
            [Part::Any] => Shape::Anything,
            _ => Shape::Wild,
        }
    }

    /// The longest literal piece; every matching text contains it.
    pub fn longest_literal(&self) -> Option<&str> {
        let literals = self.parts.iter().filter_map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            _ => None,
        });
        literals.max_by_key(|text| text.len())
    }

    /// Whether the whole of `text` is as the pattern says.
    pub fn matches(&self, text: &str) -> bool {
        match self.shape() {
            Shape::Exact(literal) => text == literal,
            Shape::Prefix(literal) => text.starts_with(literal),
            Shape::Suffix(literal) => text.ends_with(literal),
            Shape::Contains(literal) => {
                memchr::memmem::find(text.as_bytes(), literal.as_bytes()).is_some()
            }
            Shape::Anything => true,
            Shape::Wild => wild(&self.parts, text),
        }
    }
}

/// Greedy matching with one point of return: linear for patterns without `?`, and never worse
/// than the product of both lengths.
fn wild(parts: &[Part], text: &str) -> bool {
    let (mut part, mut at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let rest = text.get(at..).unwrap_or("");
        let step = match parts.get(part) {
            Some(Part::Any) => {
                if part + 1 == parts.len() {
                    return true;
                }
                retry = Some((part + 1, at));
                part += 1;
                continue;
            }
            Some(Part::Literal(literal)) => {
                rest.starts_with(literal.as_str()).then_some(literal.len())
            }
            Some(Part::One) => rest.chars().next().map(char::len_utf8),
            None if rest.is_empty() => return true,
            None => None,
        };
        match (step, retry) {
            (Some(length), _) => {
                at += length;
                part += 1;
            }
            (None, Some((after, from))) => {
                // Give the last `*` one more character, or go on to where its literal occurs.
                let Some(next) = text.get(from..).and_then(|rest| rest.chars().next()) else {
                    return false;
                };
                let mut from = from + next.len_utf8();
                if let Some(Part::Literal(literal)) = parts.get(after) {
                    let tail = text.get(from..).unwrap_or("");
                    match memchr::memmem::find(tail.as_bytes(), literal.as_bytes()) {
                        Some(found) => from += found,
                        None => return false,
                    }
                }
                retry = Some((after, from));
                (part, at) = (after, from);
            }
            (None, None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_follow_the_specification() {
        let literal = |text: &str| Pattern::parse(text).as_literal().map(str::to_owned);
        assert_eq!(literal(r"C:\Windows\x").as_deref(), Some(r"C:\Windows\x"));
        assert_eq!(literal(r"C:\\Windows").as_deref(), Some(r"C:\Windows"));
        assert_eq!(literal(r"a\*b\?c").as_deref(), Some("a*b?c"));
        assert_eq!(literal(r"\\\*").as_deref(), Some(r"\*"));
        assert_eq!(literal(r"\\\\").as_deref(), Some(r"\\"));
        assert_eq!(literal(r"end\").as_deref(), Some(r"end\"));
        assert_eq!(Pattern::parse(r"\\*").shape(), Shape::Prefix(r"\"));
    }

    #[test]
    fn shapes_are_recognised() {
        assert_eq!(Pattern::parse("*a*").shape(), Shape::Contains("a"));
        assert_eq!(Pattern::parse("a").ends_with().shape(), Shape::Suffix("a"));
        assert_eq!(Pattern::parse("a*").contains().shape(), Shape::Contains("a"));
        assert_eq!(Pattern::parse("**").shape(), Shape::Anything);
        assert_eq!(Pattern::parse("ab*c").longest_literal(), Some("ab"));
    }

    #[test]
    fn wildcards_match_what_they_should() {
        let is = |pattern: &str, text: &str| Pattern::parse(pattern).matches(text);
        assert!(is("prog?.exe", "proga.exe") && is("prog?.exe", "progđ.exe"));
        assert!(!is("prog?.exe", "prog.exe") && !is("prog?.exe", "progab.exe"));
        assert!(is("a*b*c", "aXbXbc") && is("a*b*c", "abc") && !is("a*b*c", "abcd"));
        assert!(is("*a?c*", "xxabac-acc") && !is("*a?c", "abcd"));
        assert!(is("", "") && !is("", "a") && is("?*", "a") && !is("?*", ""));
        assert!(!is(&"a*".repeat(30), &format!("{}b", "b".repeat(5000))));
    }
}
