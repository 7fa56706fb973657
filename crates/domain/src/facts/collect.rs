//! Lines of the ledger to the latest record of each kind, agency and subject.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use super::names::Names;
use super::view::{Rec, Row, Table, View};
use super::{Cutoff, KindId, MISSING, Voided, Wanted};
use crate::evidence::content::ContentError;
use crate::evidence::glance::{Glance, each_field};
use crate::evidence::{How, LineError};

/// Why a line could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no record.
    #[error(transparent)]
    Line(#[from] LineError),
    /// Its content is not canonical.
    #[error("record {seq}: content: {error}")]
    Content {
        /// The number of the record.
        seq: u64,
        /// What is wrong.
        error: ContentError,
    },
    /// There are more different codes or subjects than can be kept (4 GiB of text).
    #[error("record {0}: too many different subjects")]
    Full(u64),
}

/// What stands for «no agency», «no system», «no record».
pub(crate) const NONE: u32 = u32::MAX;

/// Facts that are being collected. Parts that were collected apart, of any share of the records, are
/// put together by [`Facts::merge`] to what one reading of all would have given.
///
/// Shares by agency ([`Glance::agency_of`]) take the least memory, because each fact is in one part.
#[derive(Clone, Debug)]
pub struct Facts {
    wanted: Arc<Wanted>,
    voided: Arc<Voided>,
    cutoff: Cutoff,
    size: Option<u64>,
    read: u64,
    agencies: Names,
    systems: Names,
    subjects: Names,
    tables: Vec<Collected>,
    values: Vec<i64>,
}

#[derive(Clone, Debug, Default)]
struct Collected {
    table: Table,
    index: HashTable<u32>,
    /// Records that nothing points at any more.
    free: Vec<u32>,
}

impl Facts {
    /// Nothing yet. Of a ledger that has grown since, `size` takes the records it had then.
    pub fn new(
        wanted: Arc<Wanted>,
        cutoff: Cutoff,
        size: Option<u64>,
        voided: Arc<Voided>,
    ) -> Self {
        let kinds = (0..wanted.len()).map(|kind| wanted.width(KindId(kind as u16)));
        let tables: Vec<_> = kinds
            .map(|width| Collected { table: Table::new(width), ..Collected::default() })
            .collect();
        let widest = tables.iter().map(|kind| kind.table.width).max().unwrap_or_default();
        Self {
            wanted,
            voided,
            cutoff,
            size,
            read: 0,
            agencies: Names::default(),
            systems: Names::default(),
            subjects: Names::default(),
            tables,
            values: vec![MISSING; widest],
        }
    }

    /// Reads a line.
    pub fn read(&mut self, line: &str) -> Result<(), ReadError> {
        let glance = Glance::read(line)?;
        if self.size.is_some_and(|size| glance.seq >= size) {
            return Ok(());
        }
        self.read += 1;
        let Some(kind) = self.wanted.find(&glance.kind) else { return Ok(()) };
        let agency = glance.agency.as_deref();
        if glance.at > self.cutoff.at() || self.voided.has(glance.seq, agency) {
            return Ok(());
        }
        let full = || ReadError::Full(glance.seq);
        let agency = agency.map_or(Some(NONE), |code| self.agencies.add(code)).ok_or_else(full)?;
        let system = glance.system.as_deref();
        let system = system.map_or(Some(NONE), |code| self.systems.add(code)).ok_or_else(full)?;
        let subject = self.subjects.add(&glance.subject).ok_or_else(full)?;
        let rec = Rec {
            seq: glance.seq,
            at: glance.at,
            until: glance.until.unwrap_or(i64::MAX),
            system,
            how: glance.how,
        };
        let collected = &mut self.tables[kind.0 as usize];
        let row = collected.row(agency, subject);
        if !collected.would_keep(row, &rec) {
            return Ok(());
        }
        let values = &mut self.values[..collected.table.width];
        values.fill(MISSING);
        each_field(glance.content, |name, value| self.wanted.put(kind, values, name, value))
            .map_err(|error| ReadError::Content { seq: glance.seq, error })?;
        collected.keep(row, rec, values);
        Ok(())
    }

    /// Takes over what another part has read. Both must be for the same instant and packs.
    pub fn merge(&mut self, other: Self) -> Result<(), ReadError> {
        self.read += other.read;
        for (mine, its) in self.tables.iter_mut().zip(other.tables) {
            let its = its.table;
            for row in &its.rows {
                let recs = [row.any, row.firm];
                let recs = if row.firm == row.any { &recs[..1] } else { &recs[..] };
                for &rec in recs.iter().filter(|rec| **rec != NONE) {
                    let values = its.values_of(rec);
                    let rec = its.recs[rec as usize];
                    let full = || ReadError::Full(rec.seq);
                    let renumber = |mine: &mut Names, its: &Names, number: u32| match number {
                        NONE => Some(NONE),
                        number => mine.add(its.get(number)),
                    };
                    let agency = renumber(&mut self.agencies, &other.agencies, row.agency);
                    let system = renumber(&mut self.systems, &other.systems, rec.system);
                    let subject = renumber(&mut self.subjects, &other.subjects, row.subject);
                    let at = mine.row(agency.ok_or_else(full)?, subject.ok_or_else(full)?);
                    let rec = Rec { system: system.ok_or_else(full)?, ..rec };
                    if mine.would_keep(at, &rec) {
                        mine.keep(at, rec, values);
                    }
                }
            }
        }
        Ok(())
    }

    /// The view at the instant.
    pub fn finish(mut self) -> View {
        for names in [&mut self.agencies, &mut self.systems, &mut self.subjects] {
            names.close();
        }
        let tables = self.tables.into_iter().map(|kind| kind.table.sorted()).collect();
        View {
            wanted: self.wanted,
            cutoff: self.cutoff,
            read: self.read,
            agencies: self.agencies,
            systems: self.systems,
            subjects: self.subjects,
            tables,
        }
    }
}

impl Collected {
    /// The row of an agency and subject, which is added if it is new.
    fn row(&mut self, agency: u32, subject: u32) -> usize {
        let rows = &mut self.table.rows;
        let hash = |row: &Row| FxBuildHasher.hash_one((row.agency, row.subject));
        let new = Row { agency, subject, any: NONE, firm: NONE };
        let same = |&at: &u32| {
            let row = &rows[at as usize];
            row.agency == agency && row.subject == subject
        };
        if let Some(found) = self.index.find(hash(&new), same) {
            return *found as usize;
        }
        let at = rows.len();
        rows.push(new);
        self.index.insert_unique(hash(&new), at as u32, |&at| hash(&rows[at as usize]));
        at
    }

    /// Whether a record is later than the ones of its row.
    fn would_keep(&self, row: usize, rec: &Rec) -> bool {
        let row = &self.table.rows[row];
        self.is_later(row.any, rec) || (rec.is_firm() && self.is_later(row.firm, rec))
    }

    fn is_later(&self, than: u32, rec: &Rec) -> bool {
        than == NONE || (rec.at, rec.seq) > self.table.recs[than as usize].order()
    }

    fn keep(&mut self, row: usize, rec: Rec, values: &[i64]) {
        let Row { any, firm, .. } = self.table.rows[row];
        let new_any = self.is_later(any, &rec);
        let new_firm = rec.is_firm() && self.is_later(firm, &rec);
        for old in [any, firm] {
            let kept = (old == any && !new_any) || (old == firm && !new_firm);
            if old != NONE && !kept && self.free.last() != Some(&old) {
                self.free.push(old);
            }
        }
        let width = self.table.width;
        let at = if let Some(at) = self.free.pop() {
            self.table.recs[at as usize] = rec;
            let start = at as usize * width;
            self.table.values[start..start + width].copy_from_slice(values);
            at
        } else {
            self.table.recs.push(rec);
            self.table.values.extend_from_slice(values);
            self.table.recs.len() as u32 - 1
        };
        let row = &mut self.table.rows[row];
        row.any = if new_any { at } else { any };
        row.firm = if new_firm { at } else { firm };
    }
}

impl Rec {
    fn is_firm(&self) -> bool {
        self.how != How::Declared
    }
}
