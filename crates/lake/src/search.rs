//! Searching: which files, which row groups, which pages, which rows, and only then which values.
//!
//! In comes a `Request`; `filter.rs` turns it into tests of columns, `units.rs` hands out what may hold
//! matches, newest first, to a few threads, `matching.rs` answers which rows match, and the files beside
//! do something with them: a page, a count, a histogram, top values, an export, a tail. The rows that
//! are not yet in files go the same way. To add an operation: a file beside these that calls
//! `units::each`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use crate::lake::Damage;
use crate::query::Query;
use crate::schema::Column;

pub(crate) mod aggregate;
pub(crate) mod columns;
pub(crate) mod explore;
pub(crate) mod export;
pub(crate) mod filter;
pub(crate) mod matching;
pub(crate) mod open_file;
pub(crate) mod page;
pub(crate) mod prune;
pub(crate) mod sweep;
pub(crate) mod tail;
pub(crate) mod units;
pub(crate) mod value;

/// Whose events may be seen. It is applied to everything, whatever the query says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Those of all agencies.
    All,
    /// Those of these agencies, by their exact codes.
    Agencies(BTreeSet<String>),
}

/// What is searched.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is asked of an event.
    pub query: Query,
    /// Whose events may be seen.
    pub scope: Scope,
    /// The first moment, if there is one.
    pub from: Option<Timestamp>,
    /// The moment that is the first no more, if there is one.
    pub to: Option<Timestamp>,
}

/// Ends a search from another thread. Clones end the same search.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A search that goes on.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the search: it answers `LakeError::Cancelled` within a moment.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the search is to end.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A value that is shown: a column, or an original field by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// A column.
    Column(Column),
    /// An original field.
    Original(String),
}

impl Shown {
    /// What a name means: a column, by its name or OCSF path, or else an original field, which
    /// `unmapped.NAME` always is.
    pub fn named(name: &str) -> Self {
        match Column::named(name) {
            Some(column) => Self::Column(column),
            None => Self::Original(original_name(name).to_owned()),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Column(column) => column.name(),
            Self::Original(name) => name,
        }
    }
}

/// The name of an original field without the prefix that only tells it from a column.
pub(crate) fn original_name(name: &str) -> &str {
    match name.get(..9) {
        Some(prefix) if prefix.eq_ignore_ascii_case("unmapped.") => &name[9..],
        _ => name,
    }
}

/// An answer, and what could not be read for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// The answer.
    pub found: T,
    /// Files that could not be read; their events are missing in the answer.
    pub damage: Vec<Damage>,
}

/// The columns that hold the record itself, in which free text is looked for.
pub(crate) const RECORD: [Column; 4] =
    [Column::Message, Column::Fields, Column::Raw, Column::RawBytes];
