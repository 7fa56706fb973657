//! The query language: text in, a tree out, and back.
//!
//! ```text
//! host:dc01 AND (EventID:4624 OR EventID:4625) -user:*$ src_ip:10.0.0.0/8 "đăng nhập thất bại"
//! ```
//!
//! - `field:value` asks a field for the whole value, blind to case and to NFC or NFD; `*` and `?` stand
//!   for any letters and one letter; `field:*` asks whether the field is there. A field is a column, its
//!   OCSF path, one of the groups `ip`, `port` and `hash`, or any original field (`a.b` for nested
//!   ones; `unmapped.NAME` where a column has the same name).
//! - `field:10.0.0.0/8` asks for addresses of a network; `field:[a TO b]`, `{a TO b}`, `>a`, `>=a`, `<a`
//!   and `<=a` for ranges: of numbers if the bounds are numbers, of moments in `time` and `received`
//!   (without an offset they are in UTC+7), else of texts.
//! - Anything else is free text: it is looked for anywhere in the record. `~` before a word or a
//!   quotation makes it blind to diacritics.
//! - `AND` (which may be left out), `OR`, `NOT` (or `-`) and parentheses; `NOT` binds closest, then `AND`.
//!   `field:(a OR b)` asks one field for several things.
//! - In quotes only `\"` and `\\` are escapes, and nothing is a wildcard. Outside, a backslash takes the
//!   meaning from a sign that has one and otherwise stands for itself, as in `C:\Windows`.
//!
//! It does not know what columns hold; `filter.rs` does. A new form of test: a variant of `Test`, its
//! reading in `parser.rs`, its writing in `display.rs`.

use std::net::IpAddr;
use std::sync::Arc;

use crate::error::LakeError;

mod among;
mod display;
mod error;
mod moment;
mod parser;
mod word;

pub use among::Among;
pub use error::{QueryError, Reason};
pub use moment::moment;

/// The most bytes that a query may have.
pub const MAX_QUERY_BYTES: usize = 16 << 10;
/// The most terms that a query may have.
pub const MAX_TERMS: usize = 1000;
/// How deep parentheses and `NOT` may go.
pub const MAX_DEPTH: usize = 64;

/// What is asked of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Every event.
    All,
    /// Events that the query does not find.
    Not(Box<Query>),
    /// Events that each of at least two queries finds; none of them is an `And`.
    And(Vec<Query>),
    /// Events that one of at least two queries finds; none of them is an `Or`.
    Or(Vec<Query>),
    /// Events whose record contains the text.
    Text(Phrase),
    /// Events with a field that passes a test.
    Field {
        /// As it was written.
        name: String,
        /// What its value must be.
        test: Test,
    },
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It is there and not empty of meaning (null).
    Exists,
    /// It is this.
    Is(Phrase),
    /// It is an address of the network.
    Within(Network),
    /// It is one of many.
    Among(Arc<Among>),
    /// It lies between the bounds; a bound that is left out does not bind. At least one is there.
    Range {
        /// The lower bound.
        low: Option<Bound>,
        /// The upper bound.
        high: Option<Bound>,
    },
}

/// A bound of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// As it was written.
    pub value: String,
    /// Whether the bound itself is in the range.
    pub inclusive: bool,
}

/// A text with wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// Texts and wildcards in turn; no two texts are neighbours and none is empty.
    pub pieces: Vec<Piece>,
    /// Whether diacritics do not count.
    pub bare: bool,
}

/// A part of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// This text.
    Text(String),
    /// Any letters or none.
    Any,
    /// One letter.
    One,
}

/// A network of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Reads a query. An empty one finds everything.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    parser::parse(text)
}

impl Query {
    /// All of these; everything if there is none.
    pub fn and(queries: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for query in queries {
            match query {
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::All,
            1 => flat.remove(0),
            _ => Self::And(flat),
        }
    }

    /// One of these; nothing if there is none.
    pub fn or(queries: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for query in queries {
            match query {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::Not(Box::new(Self::All)),
            1 => flat.remove(0),
            _ => Self::Or(flat),
        }
    }
}

impl Phrase {
    /// Exactly this text.
    pub fn exact(text: &str) -> Self {
        let piece = Piece::Text(text.to_owned());
        Self { pieces: if text.is_empty() { Vec::new() } else { vec![piece] }, bare: false }
    }

    /// The text, if the phrase has no wildcards.
    pub fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }
}

impl Network {
    /// The network of an address with this many fixed bits; nothing if there are not so many.
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        let address = match address {
            IpAddr::V4(v4) => {
                let bits = u32::MAX.checked_shl(32_u32.checked_sub(prefix.into())?).unwrap_or(0);
                IpAddr::V4((u32::from(v4) & bits).into())
            }
            IpAddr::V6(v6) => {
                let bits = u128::MAX.checked_shl(128_u32.checked_sub(prefix.into())?).unwrap_or(0);
                IpAddr::V6((u128::from(v6) & bits).into())
            }
        };
        Some(Self { address, prefix })
    }

    /// Whether the address is in the network. IPv4 within IPv6 is IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        Self::new(address.to_canonical(), self.prefix)
            .is_some_and(|network| network.address == self.address)
    }
}

impl From<QueryError> for LakeError {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

#[cfg(test)]
mod tests;
