//! Pages of lists: bounded, and stable while records are added.

use crate::limits::PAGE;

/// Which page of a list is wanted. The cursor is what the list is ordered by: the record's number
/// (newest first), or its code or name (from A to Z).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest<Cursor = i64> {
    /// Where the page before ended; `None` for the first page.
    pub after: Option<Cursor>,
    limit: u32,
}

impl<Cursor> PageRequest<Cursor> {
    /// A page of at most `limit` records, itself at least 1 and at most [`PAGE`].
    pub fn new(after: Option<Cursor>, limit: u32) -> Self {
        Self { after, limit: limit.clamp(1, PAGE) }
    }

    /// The first page, as long as pages may be.
    pub fn first() -> Self {
        Self::new(None, PAGE)
    }

    /// Records at most.
    pub fn limit(&self) -> u32 {
        self.limit
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, Cursor = i64> {
    /// The records.
    pub items: Vec<T>,
    /// What to ask for as [`PageRequest::after`] next; `None` if this is the end.
    pub next: Option<Cursor>,
}
