//! Which records are replaced by others.

use memchr::memmem;
use rustc_hash::FxHashMap;

use super::{Cutoff, ReadError};
use crate::evidence::glance::Glance;

/// The records that a later record of the same agency replaces. They are gathered before the facts
/// are read: a replaced record may have hidden one that would be the latest otherwise.
///
/// A record stays replaced even if the one that replaces it is replaced in turn: the last of them is
/// what holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Voided {
    /// By the number of the replaced record, the agencies of the replacing ones, each once.
    records: FxHashMap<u64, Vec<Option<Box<str>>>>,
}

impl Voided {
    /// Looks whether a line replaces another; only what was so by the cut-off, in a ledger of `size`
    /// records, counts.
    pub fn read(
        &mut self,
        line: &str,
        cutoff: &Cutoff,
        size: Option<u64>,
    ) -> Result<(), ReadError> {
        // Most lines replace nothing; a text can at most look as if they did.
        if memmem::find(line.as_bytes(), b",\"corrects\":").is_none() {
            return Ok(());
        }
        let glance = Glance::read(line)?;
        let counts = glance.at <= cutoff.at() && size.is_none_or(|size| glance.seq < size);
        if let Some(seq) = glance.corrects.filter(|_| counts) {
            self.add(seq, glance.agency.as_deref().map(Into::into));
        }
        Ok(())
    }

    fn add(&mut self, seq: u64, agency: Option<Box<str>>) {
        let agencies = self.records.entry(seq).or_default();
        if !agencies.contains(&agency) {
            agencies.push(agency);
        }
    }

    /// What both have.
    pub fn merge(&mut self, other: Self) {
        for (seq, agencies) in other.records {
            agencies.into_iter().for_each(|agency| self.add(seq, agency));
        }
    }

    /// Whether a record of an agency is replaced.
    pub fn has(&self, seq: u64, agency: Option<&str>) -> bool {
        let agencies = self.records.get(&seq);
        agencies.is_some_and(|all| all.iter().any(|its| its.as_deref() == agency))
    }
}
