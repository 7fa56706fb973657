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
        let list = match glance.kind.as_ref() {
            "index.pack" => &mut self.packs,
            "index.computed" => &mut self.computed,
            _ => return Ok(()),
        };
        let content = Content::parse(glance.content);
        let content = content.map_err(|error| ReadError::Content { seq: glance.seq, error })?;
        list.push((glance.seq, content));
        Ok(())
    }

    /// What to compute: the table at an instant, from all records and by the pack of the given id or
    /// the last that is valid then; or, without an instant, the last table that the ledger tells of.
    pub fn choose(
        mut self,
        at: Option<Timestamp>,
        pack: Option<&str>,
        kinds: &Kinds,
    ) -> Result<Chosen, BasisError> {
        self.packs.sort_unstable_by_key(|(seq, _)| *seq);
        let last = self.computed.into_iter().max_by_key(|(seq, _)| *seq);
        let (at, size, wanted, hash) = if let Some(at) = at {
            (at, None, pack.map(str::to_owned), None)
        } else {
            let (seq, table) = last.ok_or(BasisError::NoTable)?;
            let text = |name| table.get(name).and_then(Content::as_text);
            let size = table.get("size").and_then(Content::as_int);
            let read = text("at").and_then(parse_moment).zip(size).zip(text("pack"));
            let ((at, size), pack) = read.ok_or(BasisError::Record(seq))?;
            let hash = text("hash").map(str::to_owned);
            (at, Some(size as u64), Some(pack.to_owned()), hash)
        };
        for (seq, content) in self.packs.into_iter().rev() {
            let Some(content) = content.get("pack") else { continue };
            let id = content.get("pack").and_then(Content::as_text);
            let is_wanted = wanted.as_deref().is_none_or(|wanted| id == Some(wanted));
            if !is_wanted || size.is_some_and(|size| seq >= size) {
                continue;
            }
            let pack = IndexPack::from_content(content.clone(), kinds)
                .map_err(|error| BasisError::Pack { seq, error })?;
            if pack.is_valid_at(at) {
                return Ok(Chosen { at, size, pack, hash });
            }
        }
        Err(BasisError::NoPack(at))
    }
}
