//! A phrase made ready to be asked of many texts.

use memchr::memmem;

use crate::fold::{fold, fold_bare};
use crate::query::{Phrase, Piece};

/// A phrase in folded form.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
    bare: bool,
}

impl Pattern {
    pub(crate) fn new(phrase: &Phrase) -> Self {
        let folded = |piece: &Piece| match piece {
            Piece::Text(text) if phrase.bare => Piece::Text(fold_bare(text).into_owned()),
            Piece::Text(text) => Piece::Text(fold(text).into_owned()),
            wildcard => wildcard.clone(),
        };
        Self { pieces: phrase.pieces.iter().map(folded).collect(), bare: phrase.bare }
    }

    /// The pattern with any letters before and behind.
    pub(crate) fn anywhere(mut self) -> Self {
        if self.pieces.first() != Some(&Piece::Any) {
            self.pieces.insert(0, Piece::Any);
        }
        if self.pieces.last() != Some(&Piece::Any) {
            self.pieces.push(Piece::Any);
        }
        self
    }

    pub(crate) fn is_bare(&self) -> bool {
        self.bare
    }

    /// The texts of the pattern, folded.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Any | Piece::One => None,
        })
    }

    /// The folded text, if there are no wildcards and diacritics count.
    pub(crate) fn exact(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            _ if self.bare => None,
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether a text matches as a whole.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self.exact() {
            Some(exact) if text.is_ascii() => text.eq_ignore_ascii_case(exact),
            _ if self.bare => self.matches_folded(&fold_bare(text)),
            _ => self.matches_folded(&fold(text)),
        }
    }

    /// Whether a folded text matches as a whole. Where something does not fit, the last `*` takes more;
    /// earlier ones need not be asked again, so the time is bounded by the product of both lengths.
    fn matches_folded(&self, text: &str) -> bool {
        let (mut piece, mut rest) = (0, text);
        let mut retry: Option<(usize, &str)> = None;
        loop {
            let left = match self.pieces.get(piece) {
                None if rest.is_empty() => return true,
                None => None,
                Some(Piece::Any) => {
                    let Some(from) = self.seek(piece + 1, rest) else { return false };
                    retry = Some((piece + 1, from));
                    Some(from)
                }
                Some(Piece::One) => after_letter(rest),
                Some(Piece::Text(part)) => rest.strip_prefix(part.as_str()),
            };
            if let Some(left) = left {
                (piece, rest) = (piece + 1, left);
                continue;
            }
            let Some((next, from)) = retry else { return false };
            let Some(from) = after_letter(from).and_then(|text| self.seek(next, text)) else {
                return false;
            };
            retry = Some((next, from));
            (piece, rest) = (next, from);
        }
    }

    /// Where in the text the piece could begin to fit: a text is searched for, the end is at the end.
    fn seek<'t>(&self, piece: usize, text: &'t str) -> Option<&'t str> {
        match self.pieces.get(piece) {
            None => text.get(text.len()..),
            Some(Piece::Text(part)) => text.get(memmem::find(text.as_bytes(), part.as_bytes())?..),
            Some(Piece::Any | Piece::One) => Some(text),
        }
    }
}

fn after_letter(text: &str) -> Option<&str> {
    let mut letters = text.chars();
    letters.next().map(|_| letters.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Pattern;
    use crate::query::{Phrase, Piece};

    fn phrase(text: &str, bare: bool) -> Phrase {
        let pieces = text.chars().map(|letter| match letter {
            '*' => Piece::Any,
            '?' => Piece::One,
            other => Piece::Text(other.to_string()),
        });
        Phrase { pieces: pieces.collect(), bare }
    }

    fn plainly(pieces: &[char], text: &[char]) -> bool {
        match pieces.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|at| plainly(rest, &text[at..])),
            Some((first, rest)) => text.split_first().is_some_and(|(letter, text)| {
                (*first == '?' || first == letter) && plainly(rest, text)
            }),
        }
    }

    proptest! {
        #[test]
        fn wildcards_mean_what_they_say(pattern in "[ab*?]{0,7}", text in "[ab]{0,9}") {
            let letters: Vec<char> = text.chars().collect();
            let pieces: Vec<char> = pattern.chars().collect();
            prop_assert_eq!(
                Pattern::new(&phrase(&pattern, false)).matches(&text),
                plainly(&pieces, &letters)
            );
        }
    }

    #[test]
    fn case_forms_and_diacritics() {
        assert!(Pattern::new(&phrase("sở*", false)).matches("Sở KH&CN"));
        assert!(Pattern::new(&phrase("s\u{1edf}?", false)).matches("So\u{31b}\u{309}!"));
        assert!(!Pattern::new(&phrase("so", false)).matches("Sở"));
        assert!(Pattern::new(&phrase("so", true)).matches("Sở"));
        assert!(Pattern::new(&phrase("đ", true)).matches("D"));
    }
}
