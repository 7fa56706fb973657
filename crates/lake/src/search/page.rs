//! A page of events, newest first.
//!
//! First only times and identities of matches are read and the newest kept; what a unit could add is
//! known from its times, so most are never read. Then the values of the kept rows are read, and only
//! theirs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Mutex;

use arrow_array::RecordBatch;
use arrow_buffer::BooleanBuffer;
use jiff::Timestamp;

use super::columns::Columns;
use super::filter::Filter;
use super::matching::matching;
use super::open_file::Form;
use super::units::{Search, Unit};
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
struct Best {
    limit: usize,
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
        let limit = limit.min(MAX_PAGE);
        let snapshot = self.snapshot();
        let columns: Vec<Column> = sources(shown).into_iter().chain(IDENTITY).collect();
        let search = Search {
            snapshot: &snapshot,
            filter: &filter,
            columns: &columns,
            form: Form::Tests,
            cancel,
            threads: self.options.threads,
        };
        let best = Mutex::new(Best {
            limit,
            heap: BinaryHeap::new(),
            units: BTreeMap::new(),
            next_unit: 0,
        });
        let wanted = |_, last| lock(&best).wants(last);
        let damage = search.each(&wanted, &|unit| {
            let Some(rows) = matching(unit, &filter, cancel)? else { return Ok(()) };
            let matches = identities(unit, &rows, after)?;
            lock(&best).add(unit, matches);
            Ok(())
        })?;
        let best = best.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let events = best.events(shown)?;
        let next = (events.len() == limit).then(|| events.last().map(|event| event.at)).flatten();
        Ok(Answer { found: Page { events, next }, damage })
    }
}

/// The matches of a unit that come after the cursor in the order of a page.
fn identities(
    unit: &Unit,
    rows: &BooleanBuffer,
    after: Option<Cursor>,
) -> Result<Vec<Match>, LakeError> {
    let mut matches = Vec::new();
    let mut places = rows.set_indices();
    read(unit, &IDENTITY, rows, &mut |batch, row| {
        let columns = Columns::new(batch);
        let number = |column| columns.number(column, row);
        let found = number(Column::Time).zip(number(Column::Batch)).zip(number(Column::Item));
        if let (Some(((time, batch), item)), Some(row)) = (found, places.next()) {
            matches.push(Match { time, batch: batch as u64, item: item as u32, unit: 0, row });
        }
    })?;
    if let Some(after) = after {
        let after = (after.time.as_microsecond(), after.batch, after.item);
        matches.retain(|found| (found.time, found.batch, found.item) < after);
    }
    Ok(matches)
}

/// Shows the rows of a unit that are set, in their order, with some columns.
pub(crate) fn read(
    unit: &Unit,
    columns: &[Column],
    rows: &BooleanBuffer,
    see: &mut dyn FnMut(&RecordBatch, usize),
) -> Result<(), LakeError> {
    match unit {
        Unit::Recent(batch) => rows.set_indices().for_each(|row| see(batch, row)),
        Unit::Group(group) => {
            let all = rows.count_set_bits() == rows.len();
            let path = &group.open.file.path;
            for batch in group.open.read(group.number, columns, (!all).then_some(rows))? {
                let batch = batch.map_err(|error| LakeError::damaged(path)(error.into()))?;
                (0..batch.num_rows()).for_each(|row| see(&batch, row));
            }
        }
    }
    Ok(())
}

impl Best {
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
            read(unit, &columns, &mask, &mut |batch, row| {
                let cells = Cells::new(batch);
                let shown = shown.iter().map(|shown| cells.value(shown, row)).collect();
                places.next().map(|place| values.insert((*number, *place), shown));
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
