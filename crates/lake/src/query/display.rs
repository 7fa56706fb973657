//! A query as text that reads back as the same query.

use std::fmt::{self, Write};

use super::word::{is_plain_text, is_special, is_text_with_colon};
use super::{Bound, Network, Phrase, Piece, Query, Test};

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_char('*'),
            Self::Not(inner) => {
                f.write_str("NOT ")?;
                inner.grouped(f)
            }
            Self::And(inner) => joined(f, inner, " AND "),
            Self::Or(inner) => joined(f, inner, " OR "),
            Self::Text(phrase) => write_phrase(f, phrase, true),
            Self::Field { name, test } => {
                let plain = format!("{name}:{test}");
                if is_plain_text(name) && !is_text_with_colon(plain.chars()) {
                    return f.write_str(&plain);
                }
                write_quoted(f, name)?;
                write!(f, ":{test}")
            }
        }
    }
}

impl Query {
    fn grouped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(_) | Self::Or(_) => write!(f, "({self})"),
            _ => write!(f, "{self}"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, queries: &[Query], word: &str) -> fmt::Result {
    for (at, query) in queries.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        query.grouped(f)?;
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_char('*'),
            Self::Is(phrase) => write_phrase(f, phrase, false),
            Self::Within(network) => network.fmt(f),
            // Only programs ask it, and nobody reads it back.
            Self::Among(among) => write!(f, "<one of {}>", among.len()),
            Self::Range { low, high } => {
                let inclusive = |bound: &Option<Bound>| bound.as_ref().is_none_or(|b| b.inclusive);
                f.write_char(if inclusive(low) { '[' } else { '{' })?;
                write_bound(f, low.as_ref())?;
                f.write_str(" TO ")?;
                write_bound(f, high.as_ref())?;
                f.write_char(if inclusive(high) { ']' } else { '}' })
            }
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

fn write_bound(f: &mut fmt::Formatter<'_>, bound: Option<&Bound>) -> fmt::Result {
    match bound {
        None => f.write_char('*'),
        Some(bound) => write_quoted(f, &bound.value),
    }
}

/// Plain where that reads the same, quoted where it has no wildcards, else with escapes.
fn write_phrase(f: &mut fmt::Formatter<'_>, phrase: &Phrase, free: bool) -> fmt::Result {
    if phrase.bare {
        f.write_char('~')?;
    }
    match phrase.literal() {
        Some(text) if is_plain_text(text) => f.write_str(text),
        Some(text) => write_quoted(f, text),
        None => {
            for (at, piece) in phrase.pieces.iter().enumerate() {
                match piece {
                    Piece::Any => f.write_char('*')?,
                    Piece::One => f.write_char('?')?,
                    Piece::Text(text) => write_escaped(f, text, at == 0, free)?,
                }
            }
            Ok(())
        }
    }
}

fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(letter)?;
    }
    f.write_char('"')
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str, first: bool, free: bool) -> fmt::Result {
    for (at, letter) in text.chars().enumerate() {
        let beginning = first && at == 0 && matches!(letter, '-' | '~' | '<' | '>');
        if is_special(letter) && (free || letter != ':') || beginning {
            f.write_char('\\')?;
        }
        f.write_char(letter)?;
    }
    Ok(())
}
