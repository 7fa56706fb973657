//! The ledger at an instant: the latest record of each kind, agency and subject.

use std::sync::Arc;

use super::collect::NONE;
use super::names::Names;
use super::{Cutoff, KindId, MISSING, Wanted};
use crate::evidence::How;

/// Which records a fact is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// All of them.
    Any,
    /// Those that are more than the agency's own word.
    Firm,
}

/// The number of an agency in a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgencyId(pub(crate) u32);

/// What the records say at an instant.
#[derive(Clone, Debug)]
pub struct View {
    pub(crate) wanted: Arc<Wanted>,
    pub(crate) cutoff: Cutoff,
    pub(crate) read: u64,
    pub(crate) agencies: Names,
    pub(crate) systems: Names,
    pub(crate) subjects: Names,
    pub(crate) tables: Vec<Table>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) width: usize,
    pub(crate) rows: Vec<Row>,
    pub(crate) recs: Vec<Rec>,
    pub(crate) values: Vec<i64>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) agency: u32,
    pub(crate) subject: u32,
    pub(crate) any: u32,
    pub(crate) firm: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Rec {
    pub(crate) seq: u64,
    pub(crate) at: i64,
    pub(crate) until: i64,
    pub(crate) system: u32,
    pub(crate) how: How,
}

/// A record that says how a thing stands.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'v> {
    /// The number of the record.
    pub seq: u64,
    /// When it was so, in seconds since 1970 UTC.
    pub at: i64,
    /// How it is known.
    pub how: How,
    pub(crate) until: i64,
    pub(crate) system: u32,
    pub(crate) values: &'v [i64],
}

impl Rec {
    pub(crate) fn order(&self) -> (i64, u64) {
        (self.at, self.seq)
    }
}

impl Fact<'_> {
    /// The value of a field by its place.
    pub(crate) fn value(&self, place: usize) -> Option<i64> {
        self.values.get(place).copied().filter(|value| *value != MISSING)
    }
}

impl Table {
    pub(crate) fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    pub(crate) fn values_of(&self, rec: u32) -> &[i64] {
        let start = rec as usize * self.width;
        &self.values[start..start + self.width]
    }

    pub(crate) fn sorted(mut self) -> Self {
        self.rows.sort_unstable_by_key(|row| (row.agency, row.subject));
        self
    }
}

impl View {
    /// The instant.
    pub fn cutoff(&self) -> &Cutoff {
        &self.cutoff
    }

    /// How many records were read.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// All agencies that records are about, in no order.
    pub fn agencies(&self) -> impl Iterator<Item = (AgencyId, &str)> {
        (0..self.agencies.len() as u32).map(|agency| (AgencyId(agency), self.agencies.get(agency)))
    }

    /// The agency of a code.
    pub fn agency(&self, code: &str) -> Option<AgencyId> {
        self.agencies().find(|(_, known)| *known == code).map(|(agency, _)| agency)
    }

    /// The code of an agency.
    pub fn code(&self, agency: AgencyId) -> &str {
        self.agencies.get(agency.0)
    }

    /// The code of the system that a fact is about.
    pub fn system_of(&self, fact: &Fact<'_>) -> Option<&str> {
        (fact.system != NONE).then(|| self.systems.get(fact.system))
    }

    /// The rows of a kind that are about an agency, or about the ledger.
    pub(crate) fn rows(&self, kind: KindId, agency: u32) -> std::ops::Range<u32> {
        let rows = &self.tables[kind.0 as usize].rows;
        let start = rows.partition_point(|row| row.agency < agency);
        let end = rows.partition_point(|row| row.agency <= agency);
        start as u32..end as u32
    }

    /// The subject of a row.
    pub(crate) fn subject(&self, kind: KindId, row: u32) -> u32 {
        self.tables[kind.0 as usize].rows[row as usize].subject
    }

    /// The latest record of a row.
    pub(crate) fn fact(&self, kind: KindId, row: u32, trust: Trust) -> Option<Fact<'_>> {
        let table = &self.tables[kind.0 as usize];
        let row = table.rows[row as usize];
        let rec = match trust {
            Trust::Any => row.any,
            Trust::Firm => row.firm,
        };
        if rec == NONE {
            return None;
        }
        let values = table.values_of(rec);
        let Rec { seq, at, until, system, how } = table.recs[rec as usize];
        Some(Fact { seq, at, how, until, system, values })
    }
}
