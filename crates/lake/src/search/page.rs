//! A page of events, newest first.
//!
//! First only times and identities of matches are read and the newest kept; what a unit could add is
//! known from its times, so most are never read. Then the values of the kept rows are read, and only
//! theirs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::{Mutex, PoisonError};

use arrow_buffer::BooleanBuffer;
use jiff::Timestamp;

use super::columns::Columns;
use super::filter::Filter;
use super::matching::matching;
use super::open_file::Form;
use super::units::{Search, Unit, each};
use super::value::{Cells, Value, sources};
use super::{Answer, Cancel, Request, Shown};
use crate::error::LakeError;
use crate::lake::{Lake, lock};
use crate::schema::Column;

/// The most events of a page.
pub const MAX_PAGE: usize = 10_000;

/// The identity of an event and its place in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// When the event happened.
    pub time: Timestamp,
    /// Number of its batch.
    pub batch: u64,
    /// Place in the batch.
    pub item: u32,
}

/// An event that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Which event.
    pub at: Cursor,
    /// What was asked to be shown of it, in that order.
    pub values: Vec<Value>,
}

/// A page of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Newest first; of one moment those with the greater identity first.
    pub events: Vec<Event>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Cursor>,
}

/// A match, before its values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Match {
    time: i64,
    batch: u64,
    item: u32,
    unit: usize,
    row: usize,
}

/// The newest matches so far.
pub(super) struct Best {
    limit: usize,
    /// Only what comes after this in the order of a page.
    after: Option<Cursor>,
    heap: BinaryHeap<Reverse<Match>>,
    /// The units that the matches stand in.
    units: BTreeMap<usize, Unit>,
    next_unit: usize,
}

const IDENTITY: [Column; 3] = [Column::Time, Column::Batch, Column::Item];

impl Lake {
    /// The newest `limit` events (at most `MAX_PAGE`) that match, after a cursor if one is given. Going
    /// from page to page shows every event that was there at the beginning exactly once, whatever is
    /// added or merged meanwhile.
    pub fn search(
        &self,
        request: &Request,
        shown: &[Shown],
        limit: usize,
        after: Option<Cursor>,
        cancel: &Cancel,
    ) -> Result<Answer<Page>, LakeError> {
        let mut filter = Filter::new(request);
        if let Some(after) = after {
            filter.to = filter.to.min(after.time.as_microsecond().saturating_add(1));
        }
        let snapshot = self.snapshot();
        let columns = Best::columns(shown);
        let search = Search {
            snapshot: &snapshot,
            filter: &filter,
            columns: &columns,
            form: Form::Tests,
            cancel,
            threads: self.options.threads,
        };
        let best = Mutex::new(Best::new(limit, after));
        let wanted = |_, last| lock(&best).wants(last);
        let damage = search.each(&wanted, &|unit| match matching(unit, &filter, cancel)? {
            Some(rows) => Best::see(&best, unit, &rows),
            None => Ok(()),
        })?;
        let best = best.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Answer { found: best.page(shown)?, damage })
    }
}

/// The identities of rows of a unit.
fn identities(unit: &Unit, rows: &BooleanBuffer) -> Result<Vec<Match>, LakeError> {
    let mut matches = Vec::new();
    let mut places = rows.set_indices();
    unit.show(&IDENTITY, rows, &mut |batch, rows| {
        let columns = Columns::new(batch);
        each(rows, batch.num_rows(), |row| {
            let number = |column| columns.number(column, row);
            let found = number(Column::Time).zip(number(Column::Batch)).zip(number(Column::Item));
            if let (Some(((time, batch), item)), Some(row)) = (found, places.next()) {
                matches.push(Match { time, batch: batch as u64, item: item as u32, unit: 0, row });
            }
        });
    })?;
    Ok(matches)
}

/// The last rows that are set, at most so many.
fn last(rows: &BooleanBuffer, most: usize) -> BooleanBuffer {
    let more = rows.count_set_bits().saturating_sub(most);
    match rows.set_indices().nth(more) {
        Some(first) if more > 0 => {
            BooleanBuffer::collect_bool(rows.len(), |row| row >= first && rows.value(row))
        }
        _ => rows.clone(),
    }
}

impl Best {
    pub(super) fn new(limit: usize, after: Option<Cursor>) -> Self {
        Self {
            limit: limit.min(MAX_PAGE),
            after,
            heap: BinaryHeap::new(),
            units: BTreeMap::new(),
            next_unit: 0,
        }
    }

    /// What must be read for a page that shows these.
    pub(super) fn columns(shown: &[Shown]) -> Vec<Column> {
        sources(shown).into_iter().chain(IDENTITY).collect()
    }

    /// Takes what is among the newest of the rows of a unit that match.
    pub(super) fn see(
        best: &Mutex<Self>,
        unit: &Unit,
        rows: &BooleanBuffer,
    ) -> Result<(), LakeError> {
        let (limit, after) = {
            let best = lock(best);
            if !unit.times().is_some_and(|(_, last)| best.wants(last)) {
                return Ok(());
            }
            (best.limit, best.after)
        };
        let mut matches = match (unit, after) {
            // Rows of files are in the order of pages.
            (Unit::Group(_), None) => identities(unit, &last(rows, limit))?,
            _ => identities(unit, rows)?,
        };
        if let Some(after) = after {
            let after = (after.time.as_microsecond(), after.batch, after.item);
            matches.retain(|found| (found.time, found.batch, found.item) < after);
        }
        lock(best).add(unit, matches);
        Ok(())
    }

    pub(super) fn page(self, shown: &[Shown]) -> Result<Page, LakeError> {
        let limit = self.limit;
        let events = self.events(shown)?;
        let next = (events.len() == limit).then(|| events.last().map(|event| event.at)).flatten();
        Ok(Page { events, next })
    }

    /// Whether something that is at the latest from `last` could still be among the newest.
    fn wants(&self, last: i64) -> bool {
        let full = self.heap.len() >= self.limit;
        !full || self.heap.peek().is_some_and(|oldest| last >= oldest.0.time)
    }

    fn add(&mut self, unit: &Unit, matches: Vec<Match>) {
        let number = self.next_unit;
        self.next_unit += 1;
        self.units.insert(number, unit.clone());
        for found in matches {
            self.heap.push(Reverse(Match { unit: number, ..found }));
            if self.heap.len() > self.limit {
                self.heap.pop();
            }
        }
        // What lost its last match need not stay open.
        let kept: std::collections::BTreeSet<usize> =
            self.heap.iter().map(|found| found.0.unit).collect();
        self.units.retain(|unit, _| kept.contains(unit));
    }

    /// The matches with their values, newest first.
    fn events(self, shown: &[Shown]) -> Result<Vec<Event>, LakeError> {
        let matches: Vec<Match> =
            self.heap.into_sorted_vec().into_iter().map(|found| found.0).collect();
        let mut values: BTreeMap<(usize, usize), Vec<Value>> = BTreeMap::new();
        let columns: Vec<Column> = sources(shown).into_iter().collect();
        for (number, unit) in &self.units {
            let mut rows: Vec<usize> = matches
                .iter()
                .filter(|found| found.unit == *number)
                .map(|found| found.row)
                .collect();
            rows.sort_unstable();
            if columns.is_empty() || rows.is_empty() {
                continue;
            }
            let mask = mask(unit.rows(), &rows);
            let mut places = rows.iter();
            unit.show(&columns, &mask, &mut |batch, rows| {
                let cells = Cells::new(batch);
                each(rows, batch.num_rows(), |row| {
                    let shown = shown.iter().map(|shown| cells.value(shown, row)).collect();
                    places.next().map(|place| values.insert((*number, *place), shown));
                });
            })?;
        }
        let event = |found: Match| Event {
            at: Cursor {
                time: Timestamp::from_microsecond(found.time).unwrap_or_default(),
                batch: found.batch,
                item: found.item,
            },
            values: values.remove(&(found.unit, found.row)).unwrap_or_default(),
        };
        Ok(matches.into_iter().map(event).collect())
    }
}

/// A mask with these rows, which ascend, set.
fn mask(length: usize, rows: &[usize]) -> BooleanBuffer {
    let mut set = vec![false; length];
    for &row in rows {
        if let Some(slot) = set.get_mut(row) {
            *slot = true;
        }
    }
    BooleanBuffer::from(set)
}
