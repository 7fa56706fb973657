//! Words: what stands between the operators of a query.

use std::net::IpAddr;

use super::{Network, Piece};

/// Signs that mean something within a word unless a backslash stands before them.
pub(super) fn is_special(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '\\' | '*' | '?' | '"' | '(' | ')' | '[' | ']' | '{' | '}' | ':')
}

/// Whether a text may stand in a query as it is, and reads back as itself.
pub(super) fn is_plain_text(text: &str) -> bool {
    !text.is_empty()
        && !text.chars().any(is_special)
        && !text.starts_with(['-', '~', '<', '>'])
        && !matches!(text, "AND" | "OR" | "NOT" | "TO")
        && network(text) == LooksLike::Text
}

/// Whether the word that begins here has a colon but is an address, a drive or a URL, not a field.
pub(super) fn is_text_with_colon(text: impl Iterator<Item = char>) -> bool {
    let word: String = text.take_while(|l| !l.is_whitespace() && *l != ')').collect();
    let mut letters = word.chars();
    let drive = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && letters.next() == Some(':')
        && letters.next() == Some('\\');
    let url = word.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.chars().all(|letter| letter.is_ascii_alphanumeric())
    });
    drive || url || word.parse::<IpAddr>().is_ok()
}

/// A word as it stands: its letters with a mark where a backslash or quotes took their meaning.
pub(super) struct Word {
    pub(super) begin: usize,
    /// Letters, and whether each is meant as itself.
    pub(super) letters: Vec<(char, bool)>,
    pub(super) quoted: bool,
}

impl Word {
    pub(super) fn is_bare(&self, text: &str) -> bool {
        !self.quoted
            && self.letters.iter().map(|(letter, _)| *letter).eq(text.chars())
            && self.letters.iter().all(|(_, literal)| !literal)
    }

    pub(super) fn text(&self) -> String {
        self.letters.iter().map(|(letter, _)| *letter).collect()
    }

    pub(super) fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for &(letter, literal) in &self.letters {
            match (letter, literal, pieces.last_mut()) {
                ('*', false, Some(Piece::Any)) => {}
                ('*', false, _) => pieces.push(Piece::Any),
                ('?', false, _) => pieces.push(Piece::One),
                (_, _, Some(Piece::Text(text))) => text.push(letter),
                _ => pieces.push(Piece::Text(letter.to_string())),
            }
        }
        pieces
    }
}

/// What a text is that looks like a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LooksLike {
    /// An address with fixed bits.
    Network(Network),
    /// An address with more fixed bits than it has.
    BadNetwork,
    /// None.
    Text,
}

pub(super) fn network(text: &str) -> LooksLike {
    let address = text.split_once('/').and_then(|(address, prefix)| {
        let digits = !prefix.is_empty() && prefix.bytes().all(|digit| digit.is_ascii_digit());
        Some((address.parse::<IpAddr>().ok().filter(|_| digits)?, prefix))
    });
    let Some((address, prefix)) = address else { return LooksLike::Text };
    let network = prefix.parse().ok().and_then(|prefix| Network::new(address, prefix));
    network.map_or(LooksLike::BadNetwork, LooksLike::Network)
}
