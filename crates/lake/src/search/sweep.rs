//! Going over events in the order of their time, to look at each with one's own eyes.
//!
//! Whoever goes over a year takes a stretch after the other and notes after which event it stands:
//! with that it goes on later, whatever was merged or forgotten meanwhile. Few rows are in memory at
//! a time.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use jiff::Timestamp;

use super::columns::{Columns, Texts};
use super::export::Reading;
use super::filter::Filter;
use super::page::Cursor;
use super::{Answer, Cancel, Request};
use crate::data_file::DAY;
use crate::error::LakeError;
use crate::lake::Lake;
use crate::merge::merge;
use crate::schema::Column;

/// What is gone over.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// Which events.
    pub request: Request,
    /// What is read of them, besides what makes a cursor.
    pub columns: Vec<Column>,
    /// Only events after this one.
    pub after: Option<Cursor>,
}

/// A part of the time that the lake holds events of, about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The first moment; none for «since ever».
    pub from: Option<Timestamp>,
    /// The moment that is the first no more; none for «for ever».
    pub to: Option<Timestamp>,
    /// About how many events it has.
    pub rows: u64,
}

/// Some events, in the order of time.
pub struct Swept<'a> {
    batch: &'a RecordBatch,
    columns: Columns<'a>,
    texts: Vec<(Column, Texts<'a>)>,
}

impl Lake {
    /// Shows the events that match, oldest first, some at a time, until `see` says that it is enough.
    /// Answers whether all were seen.
    pub fn sweep(
        &self,
        sweep: &Sweep,
        cancel: &Cancel,
        see: &mut dyn FnMut(&Swept<'_>) -> bool,
    ) -> Result<Answer<bool>, LakeError> {
        let mut filter = Filter::new(&sweep.request);
        if let Some(after) = sweep.after {
            filter.from = filter.from.max(after.time.as_microsecond());
        }
        let snapshot = self.snapshot();
        let damage = std::sync::Mutex::new(Vec::new());
        let columns = &sweep.columns;
        let reading = Reading { filter: &filter, columns, cancel, damage: &damage };
        let mut all = true;
        merge(reading.all(&snapshot)?, &mut |batch| {
            if cancel.is_cancelled() {
                return Err(LakeError::Cancelled);
            }
            let seen = sweep.after.map_or(0, |after| seen_before(batch, after));
            if seen < batch.num_rows() {
                let batch = batch.slice(seen, batch.num_rows() - seen);
                all = see(&Swept::new(&batch, columns));
            }
            Ok(all)
        })?;
        let damage = damage.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(Answer { found: all, damage })
    }

    /// The stretches of a time, oldest first; together they are all of it. Rows that are not yet in
    /// files count as the last stretch's.
    pub fn stretches(&self, from: Option<Timestamp>, to: Option<Timestamp>) -> Vec<Stretch> {
        let snapshot = self.snapshot();
        let mut days: BTreeMap<i64, u64> = BTreeMap::new();
        for file in snapshot.files.values() {
            let late = from.is_some_and(|from| file.entry.last < from.as_microsecond());
            let early = to.is_some_and(|to| file.entry.first >= to.as_microsecond());
            if !late && !early {
                *days.entry(file.entry.day).or_default() += file.entry.rows;
            }
        }
        let begins = |day: i64| Timestamp::from_microsecond(day.saturating_mul(DAY)).ok();
        let mut stretches: Vec<Stretch> = Vec::new();
        for (day, rows) in days {
            // The first begins with the time itself, so that nothing lies before it.
            let begin = if stretches.is_empty() { from } else { begins(day) };
            if let Some(last) = stretches.last_mut() {
                last.to = begin;
            }
            stretches.push(Stretch { from: begin, to, rows });
        }
        let recent = snapshot.recent.iter().map(|batch| batch.num_rows() as u64).sum::<u64>();
        match stretches.last_mut() {
            Some(last) => last.rows += recent,
            None => stretches.push(Stretch { from, to, rows: recent }),
        }
        stretches
    }
}

/// How many of the rows, which are in order, do not come after the cursor.
fn seen_before(batch: &RecordBatch, after: Cursor) -> usize {
    let columns = Columns::new(batch);
    (0..batch.num_rows()).take_while(|row| cursor(&columns, *row) <= after).count()
}

fn cursor(columns: &Columns<'_>, row: usize) -> Cursor {
    let number = |column| columns.number(column, row).unwrap_or_default();
    Cursor {
        time: Timestamp::from_microsecond(number(Column::Time)).unwrap_or(Timestamp::MIN),
        batch: number(Column::Batch) as u64,
        item: number(Column::Item) as u32,
    }
}

impl<'a> Swept<'a> {
    fn new(batch: &'a RecordBatch, wanted: &[Column]) -> Self {
        let columns = Columns::new(batch);
        let texts = wanted.iter().map(|column| (*column, columns.texts(*column))).collect();
        Self { batch, columns, texts }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Which event stands in a row.
    pub fn at(&self, row: usize) -> Cursor {
        cursor(&self.columns, row)
    }

    /// The text of a column that was wanted.
    pub fn text(&self, column: Column, row: usize) -> Option<&'a str> {
        self.texts(column)?.get(row)
    }

    /// The number of a column that was wanted.
    pub fn number(&self, column: Column, row: usize) -> Option<i64> {
        self.columns.number(column, row)
    }

    /// The bytes of a column of bytes that was wanted.
    pub fn bytes(&self, column: Column, row: usize) -> Option<&'a [u8]> {
        match self.texts(column)? {
            Texts::Bytes(bytes) => {
                use arrow_array::Array;
                bytes.is_valid(row).then(|| bytes.value(row))
            }
            _ => None,
        }
    }

    fn texts(&self, column: Column) -> Option<&Texts<'a>> {
        self.texts.iter().find(|(known, _)| *known == column).map(|(_, texts)| texts)
    }
}
