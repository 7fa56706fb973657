//! The audit log: who did what, on what, from where, and what came of it.
//!
//! Entries are only ever added. Every search and every export is one, and everything that an
//! administrator does; what is written here is the application's duty, that nothing is ever changed
//! is the store's.

use jiff::Timestamp;

use crate::code::AgencyCode;
use crate::ids::AuditId;

/// What came of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused: no permission, or against a rule.
    Refused,
    /// It failed.
    Failed,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::Failed];

    /// The name that records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// The outcome of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// An entry to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// When.
    pub at: Timestamp,
    /// Who, as [`Identity`](crate::permission::Identity) shows itself.
    pub who: String,
    /// What, as `noun.verb`: `events.search`, `source.disable`.
    pub action: String,
    /// On what: a code, a number, a query.
    pub target: String,
    /// The agency that it concerns, if one.
    pub agency: Option<AgencyCode>,
    /// From where: the peer's address, or `local`.
    pub origin: String,
    /// What came of it.
    pub outcome: Outcome,
    /// More: how many records, why refused.
    pub detail: String,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number; entries are numbered in their order.
    pub id: AuditId,
    /// What it says.
    pub said: NewEntry,
}
