//! From which pack, instant and records a table is computed again.

use jiff::Timestamp;

use super::{IndexPack, PackError};
use crate::evidence::content::{Content, parse_moment};
use crate::evidence::glance::Glance;
use crate::evidence::kinds::Kinds;
use crate::facts::ReadError;

/// What the ledger itself says of the index: its packs, and the tables that were computed.
#[derive(Clone, Debug, Default)]
pub struct Basis {
    packs: Vec<(u64, Content)>,
    computed: Vec<(u64, Content)>,
    /// Published rounds, each with its year.
    rounds: Vec<(u64, String, Content)>,
}

/// Which table is computed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The last that the ledger tells of.
    Last,
    /// The one that the round of a year has published.
    Round(i16),
    /// The one at an instant, from all records, by the pack of an id or the last that is valid then.
    At(Timestamp, Option<String>),
}

/// What a table is computed from.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The instant.
    pub at: Timestamp,
    /// How many records of the ledger count; all of them if `None`.
    pub size: Option<u64>,
    /// The pack.
    pub pack: IndexPack,
    /// The hash that the ledger says the table has.
    pub hash: Option<String>,
}

/// Why nothing can be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BasisError {
    /// The ledger tells of no table, and no instant was given.
    #[error("the ledger tells of no table that was computed: say for which instant")]
    NoTable,
    /// The ledger tells of no such round.
    #[error("the ledger tells of no round of {0} that was published")]
    NoRound(i16),
    /// There is no pack of this id.
    #[error("the ledger has no pack «{0}» among those that count")]
    NoSuchPack(String),
    /// No pack is valid.
    #[error("no pack of the ledger is valid at {0}")]
    NoPack(Timestamp),
    /// A record of the index holds something else.
    #[error("record {0}: this is no table of the index")]
    Record(u64),
    /// A pack cannot be read.
    #[error("record {seq}: {error}")]
    Pack {
        /// The number of the record.
        seq: u64,
        /// What is wrong with it.
        error: PackError,
    },
}

impl Basis {
    /// Looks whether a line is about the index.
    pub fn read(&mut self, line: &str) -> Result<(), ReadError> {
        let glance = Glance::read(line)?;
        let (seq, kind) = (glance.seq, glance.kind.as_ref());
        if !matches!(kind, "index.pack" | "index.computed" | "index.round") {
            return Ok(());
        }
        let content = Content::parse(glance.content);
        let content = content.map_err(|error| ReadError::Content { seq, error })?;
        match kind {
            "index.pack" => self.packs.push((seq, content)),
            // The others tell of steps before there was a table.
            _ if content.get("hash").is_none() => {}
            "index.computed" => self.computed.push((seq, content)),
            _ => self.rounds.push((seq, glance.subject.into_owned(), content)),
        }
        Ok(())
    }

    /// What to compute.
    pub fn choose(mut self, wish: &Wish, kinds: &Kinds) -> Result<Chosen, BasisError> {
        self.packs.sort_unstable_by_key(|(seq, _)| *seq);
        let last = |all: Vec<(u64, Content)>| all.into_iter().max_by_key(|(seq, _)| *seq);
        let told = match wish {
            Wish::At(..) => None,
            Wish::Last => Some(last(self.computed).ok_or(BasisError::NoTable)?),
            Wish::Round(year) => {
                let of_year = year.to_string();
                let rounds = self.rounds.into_iter().filter(|(_, subject, _)| *subject == of_year);
                let rounds = rounds.map(|(seq, _, content)| (seq, content)).collect();
                Some(last(rounds).ok_or(BasisError::NoRound(*year))?)
            }
        };
        let (at, size, wanted, hash) = if let Wish::At(at, pack) = wish {
            (*at, None, pack.clone(), None)
        } else {
            let (seq, table) = told.ok_or(BasisError::NoTable)?;
            let text = |name| table.get(name).and_then(Content::as_text);
            let size = table.get("size").and_then(Content::as_int);
            let read = text("at").and_then(parse_moment).zip(size).zip(text("pack"));
            let ((at, size), pack) = read.ok_or(BasisError::Record(seq))?;
            let hash = text("hash").map(str::to_owned);
            (at, Some(size as u64), Some(pack.to_owned()), hash)
        };
        let mut is_there = false;
        for (seq, content) in self.packs.into_iter().rev() {
            let Some(content) = content.get("pack") else { continue };
            let id = content.get("pack").and_then(Content::as_text);
            let is_wanted = wanted.as_deref().is_none_or(|wanted| id == Some(wanted));
            if !is_wanted || size.is_some_and(|size| seq >= size) {
                continue;
            }
            is_there = true;
            let pack = IndexPack::from_content(content.clone(), kinds)
                .map_err(|error| BasisError::Pack { seq, error })?;
            if pack.is_valid_at(at) {
                return Ok(Chosen { at, size, pack, hash });
            }
        }
        match wanted {
            Some(wanted) if !is_there => Err(BasisError::NoSuchPack(wanted)),
            _ => Err(BasisError::NoPack(at)),
        }
    }
}
