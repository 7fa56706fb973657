//! Counts, histograms over time, and top values.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray};
use arrow_buffer::BooleanBuffer;
use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::columns::{Columns, Texts};
use super::filter::Filter;
use super::matching::matching;
use super::open_file::Form;
use super::units::{Search, Unit, each};
use super::value::{Cells, Value, sources};
use super::{Answer, Cancel, Request, Shown};
use crate::error::LakeError;
use crate::lake::{Lake, lock};
use crate::schema::Column;

/// The most buckets of a histogram.
pub const MAX_BUCKETS: usize = 10_000;
/// Different values that are counted one by one; what comes later is only counted together.
pub const MAX_VALUES: usize = 1 << 18;

/// How many events there are in each stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// Where the first bucket begins.
    pub from: Timestamp,
    /// How long each bucket is.
    pub width: Duration,
    /// Events of each bucket.
    pub counts: Vec<u64>,
}

/// The most frequent values of a column or field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top {
    /// Values with their counts, most frequent first, equal ones in the order of their text.
    pub values: Vec<(String, u64)>,
    /// Events with a value that is not listed.
    pub others: u64,
    /// Events without a value.
    pub missing: u64,
    /// Whether all values were counted: there were at most `MAX_VALUES` different ones.
    pub exact: bool,
}

/// A histogram being counted.
#[derive(Clone)]
pub(super) struct Buckets {
    from: Timestamp,
    begin: i64,
    step: i64,
    counts: Vec<u64>,
}

impl Buckets {
    pub(super) fn new(from: Timestamp, width: Duration, buckets: usize) -> Self {
        Self {
            from,
            begin: from.as_microsecond(),
            step: i64::try_from(width.as_micros()).unwrap_or(i64::MAX).max(1),
            counts: vec![0; buckets.min(MAX_BUCKETS)],
        }
    }

    /// Leaves only what falls into a bucket.
    fn narrow(&self, filter: &mut Filter) {
        filter.from = filter.from.max(self.begin);
        filter.to = filter.to.min(self.end());
    }

    fn end(&self) -> i64 {
        self.begin.saturating_add(self.step.saturating_mul(self.counts.len() as i64))
    }

    /// Counts rows of a unit; those beside the buckets are not counted.
    pub(super) fn add_unit(&mut self, unit: &Unit, rows: &BooleanBuffer) -> Result<(), LakeError> {
        let bucket = |time: i64| (time - self.begin) / self.step;
        if let Some((first, last)) = unit.times()
            && first >= self.begin
            && last < self.end()
            && bucket(first) == bucket(last)
        {
            self.add(first, rows.count_set_bits() as u64);
            return Ok(());
        }
        unit.show(&[Column::Time], rows, &mut |batch, rows| {
            let times = Columns::new(batch).times();
            each(rows, times.len(), |row| {
                times.get(row).iter().for_each(|time| self.add(**time, 1));
            });
        })
    }

    fn add(&mut self, time: i64, more: u64) {
        let bucket =
            time.checked_sub(self.begin).filter(|after| *after >= 0).map(|after| after / self.step);
        let bucket = bucket.and_then(|bucket| usize::try_from(bucket).ok());
        if let Some(count) = bucket.and_then(|bucket| self.counts.get_mut(bucket)) {
            *count += more;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(sum, count)| *sum += count);
    }

    pub(super) fn histogram(self) -> Histogram {
        let width = Duration::from_micros(self.step as u64);
        Histogram { from: self.from, width, counts: self.counts }
    }
}

/// Counts the values of rows of a unit, for each of `shown` in its tally.
pub(super) fn tally(
    tallies: &mut [Tally],
    shown: &[Shown],
    columns: &[Column],
    unit: &Unit,
    rows: &BooleanBuffer,
) -> Result<(), LakeError> {
    unit.show(columns, rows, &mut |batch, rows| {
        for (tally, shown) in tallies.iter_mut().zip(shown) {
            tally.batch(batch, rows, shown);
        }
    })
}

/// Values being counted.
#[derive(Default)]
pub(super) struct Tally {
    counts: FxHashMap<Box<str>, u64>,
    /// Counts of the dictionary that was met last, not yet among the others.
    dictionary: Option<(ArrayRef, Vec<u64>)>,
    missing: u64,
    uncounted: u64,
}

impl Lake {
    /// How many events match.
    pub fn count(&self, request: &Request, cancel: &Cancel) -> Result<Answer<u64>, LakeError> {
        let filter = Filter::new(request);
        let count = AtomicU64::new(0);
        let damage = self.each_match(&filter, &[], cancel, &|_, rows| {
            count.fetch_add(rows.count_set_bits() as u64, Ordering::Relaxed);
            Ok(())
        })?;
        Ok(Answer { found: count.into_inner(), damage })
    }

    /// How many events match in each of `buckets` (at most `MAX_BUCKETS`) stretches of `width` from a
    /// moment on. Buckets are at least a microsecond wide.
    pub fn histogram(
        &self,
        request: &Request,
        from: Timestamp,
        width: Duration,
        buckets: usize,
        cancel: &Cancel,
    ) -> Result<Answer<Histogram>, LakeError> {
        let empty = Buckets::new(from, width, buckets);
        let mut filter = Filter::new(request);
        empty.narrow(&mut filter);
        let total = Mutex::new(empty.clone());
        let damage = self.each_match(&filter, &[Column::Time], cancel, &|unit, rows| {
            let mut own = empty.clone();
            own.add_unit(unit, rows)?;
            lock(&total).merge(&own);
            Ok(())
        })?;
        let total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Answer { found: total.histogram(), damage })
    }

    /// The `limit` most frequent values of a column or original field among the events that match.
    pub fn top(
        &self,
        request: &Request,
        shown: &Shown,
        limit: usize,
        cancel: &Cancel,
    ) -> Result<Answer<Top>, LakeError> {
        let filter = Filter::new(request);
        let columns: Vec<Column> = sources(std::slice::from_ref(shown)).into_iter().collect();
        let total = Mutex::new(Tally::default());
        let damage = self.each_match(&filter, &columns, cancel, &|unit, rows| {
            let mut own = [Tally::default()];
            tally(&mut own, std::slice::from_ref(shown), &columns, unit, rows)?;
            own.into_iter().for_each(|own| lock(&total).merge(own));
            Ok(())
        })?;
        let total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Answer { found: total.top(limit), damage })
    }

    /// Shows every unit with its matching rows, of which there is at least one.
    pub(crate) fn each_match(
        &self,
        filter: &Filter,
        columns: &[Column],
        cancel: &Cancel,
        see: &(dyn Fn(&Unit, &BooleanBuffer) -> Result<(), LakeError> + Sync),
    ) -> Result<Vec<crate::lake::Damage>, LakeError> {
        let snapshot = self.snapshot();
        let search = Search {
            snapshot: &snapshot,
            filter,
            columns,
            form: Form::Tests,
            cancel,
            threads: self.options.threads,
        };
        search.each(&|_, _| true, &|unit| match matching(unit, filter, cancel)? {
            Some(rows) => see(unit, &rows),
            None => Ok(()),
        })
    }
}

impl Tally {
    fn batch(&mut self, batch: &RecordBatch, rows: Option<&BooleanBuffer>, shown: &Shown) {
        let columns = Columns::new(batch);
        let length = batch.num_rows();
        if let Shown::Column(column) = shown
            && *column != Column::Message
        {
            match columns.texts(*column) {
                Texts::Dictionary(keys, values) => return self.keys(keys, values, rows),
                texts @ (Texts::Plain(_) | Texts::View(_)) => {
                    return self.texts(&texts, length, rows);
                }
                Texts::None if columns.get(*column).is_none() => {
                    self.missing += rows.map_or(length, BooleanBuffer::count_set_bits) as u64;
                    return;
                }
                Texts::None | Texts::Bytes(_) => {}
            }
        }
        let cells = Cells::new(batch);
        each(rows, length, |row| match cells.value(shown, row) {
            Value::Null => self.missing += 1,
            Value::Text(text) => self.add(&text, 1),
            value => self.add(&value.to_string(), 1),
        });
    }

    fn keys(
        &mut self,
        keys: &DictionaryArray<Int32Type>,
        values: &StringArray,
        rows: Option<&BooleanBuffer>,
    ) {
        if !self.dictionary.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, keys.values())) {
            self.settle();
            self.dictionary = Some((Arc::clone(keys.values()), vec![0; values.len()]));
        }
        let Some((_, counts)) = &mut self.dictionary else { return };
        let keys = keys.keys();
        each(rows, keys.len(), |row| {
            if !keys.is_valid(row) {
                self.missing += 1;
            } else if let Some(count) = counts.get_mut(keys.value(row) as usize) {
                *count += 1;
            }
        });
    }

    /// Counts texts; equal ones that follow each other are looked up once.
    fn texts(&mut self, texts: &Texts<'_>, length: usize, rows: Option<&BooleanBuffer>) {
        let (mut before, mut times) = (None, 0);
        each(rows, length, |row| {
            let text = texts.get(row);
            if text != before {
                self.some(before, times);
                (before, times) = (text, 0);
            }
            times += 1;
        });
        self.some(before, times);
    }

    fn some(&mut self, text: Option<&str>, times: u64) {
        match text {
            None => self.missing += times,
            Some(_) if times == 0 => {}
            Some(text) => self.add(text, times),
        }
    }

    fn add(&mut self, text: &str, more: u64) {
        if let Some(count) = self.counts.get_mut(text) {
            *count += more;
        } else if self.counts.len() < MAX_VALUES {
            self.counts.insert(text.into(), more);
        } else {
            self.uncounted += more;
        }
    }

    /// Takes the counts of the dictionary among the others.
    fn settle(&mut self) {
        let Some((values, counts)) = self.dictionary.take() else { return };
        let Some(values) = values.as_string_opt::<i32>() else { return };
        for (key, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            self.add(values.value(key), count);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        other.counts.iter().for_each(|(text, count)| self.add(text, *count));
        self.settle();
        self.dictionary = other.dictionary;
        self.settle();
        self.missing += other.missing;
        self.uncounted += other.uncounted;
    }

    pub(super) fn top(self, limit: usize) -> Top {
        let mut values: Vec<(String, u64)> =
            self.counts.into_iter().map(|(text, count)| (text.into(), count)).collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let listed = limit.min(values.len());
        let rest: u64 = values.drain(listed..).map(|(_, count)| count).sum();
        Top {
            values,
            others: rest + self.uncounted,
            missing: self.missing,
            exact: self.uncounted == 0,
        }
    }
}
