//! Which rows of a unit match.
//!
//! Time first, because rows are sorted by it and everything else can then skip pages; then the tests
//! that need short columns; then, only for the rows that are left, those that need the records.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};

use super::Cancel;
use super::columns::{Columns, Texts};
use super::filter::{Ask, Filter, Leaf, Node, TextTest};
use super::units::{Group, Unit};
use crate::error::LakeError;
use crate::json::{Found, find};
use crate::schema::{Column, Kind};

/// The rows of a unit that match; nothing if none does.
pub(crate) fn matching(
    unit: &Unit,
    filter: &Filter,
    cancel: &Cancel,
) -> Result<Option<BooleanBuffer>, LakeError> {
    let found = match unit {
        Unit::Recent(batch) => in_memory(batch, filter),
        Unit::Group(group) => in_file(group, filter, cancel)?,
    };
    Ok(Some(found).filter(|rows| rows.count_set_bits() > 0))
}

fn in_memory(batch: &RecordBatch, filter: &Filter) -> BooleanBuffer {
    let columns = Columns::new(batch);
    let times = columns.times();
    let alive = BooleanBuffer::collect_bool(batch.num_rows(), |row| {
        times.get(row).is_some_and(|time| (filter.from..filter.to).contains(time))
    });
    Evaluator::new(filter, &[]).rows(&filter.node, &columns, alive)
}

fn in_file(group: &Group, filter: &Filter, cancel: &Cancel) -> Result<BooleanBuffer, LakeError> {
    let mut alive = in_time(group, filter)?;
    let parts = match &filter.node {
        Node::Const(true) => &[],
        Node::And(parts) => parts.as_slice(),
        one => std::slice::from_ref(one),
    };
    // Parts are sorted by their cost, so that the expensive ones meet few rows.
    for parts in parts.chunk_by(|a, b| (a.cost() < 2) == (b.cost() < 2)) {
        let mut columns = BTreeSet::new();
        parts.iter().for_each(|part| part.columns(&group.dead, &mut columns));
        // Where nothing need be read the time stands for the rows.
        if columns.is_empty() {
            columns.insert(Column::Time);
        }
        let columns: Vec<Column> = columns.into_iter().collect();
        let mut evaluator = Evaluator::new(filter, &group.dead);
        let mut found = BooleanBufferBuilder::new(alive.count_set_bits());
        let all = alive.count_set_bits() == group.rows;
        for batch in group.open.read(group.number, &columns, (!all).then_some(&alive))? {
            if cancel.is_cancelled() {
                return Err(LakeError::Cancelled);
            }
            let path = &group.open.file.path;
            let batch = batch.map_err(|error| LakeError::damaged(path)(error.into()))?;
            let mut rows = BooleanBuffer::new_set(batch.num_rows());
            for part in parts {
                rows = evaluator.rows(part, &Columns::new(&batch), rows);
            }
            found.append_buffer(&rows);
        }
        alive = narrowed(&alive, &found.finish());
        if alive.count_set_bits() == 0 {
            break;
        }
    }
    Ok(alive)
}

/// The rows within the times of the filter: a run, because rows are sorted by time.
fn in_time(group: &Group, filter: &Filter) -> Result<BooleanBuffer, LakeError> {
    if group.first >= filter.from && group.last < filter.to {
        return Ok(BooleanBuffer::new_set(group.rows));
    }
    let mut alive = BooleanBufferBuilder::new(group.rows);
    for batch in group.open.read(group.number, &[Column::Time], None)? {
        let path = &group.open.file.path;
        let batch = batch.map_err(|error| LakeError::damaged(path)(error.into()))?;
        for time in Columns::new(&batch).times() {
            alive.append((filter.from..filter.to).contains(time));
        }
    }
    Ok(alive.finish())
}

/// The rows of `alive` whose place among them is set in `found`.
fn narrowed(alive: &BooleanBuffer, found: &BooleanBuffer) -> BooleanBuffer {
    let mut rows = vec![false; alive.len()];
    for (place, row) in alive.set_indices().enumerate() {
        if let Some(slot) = rows.get_mut(row) {
            *slot = place < found.len() && found.value(place);
        }
    }
    BooleanBuffer::from(rows)
}

/// Asks tests of batches of one unit; remembers what it learnt of dictionaries.
struct Evaluator<'a> {
    /// Leaves that pass no row.
    dead: &'a [usize],
    /// For each leaf the dictionary it last met, and what each of its values answered.
    known: Vec<Option<(ArrayRef, Vec<Option<bool>>)>>,
}

impl<'a> Evaluator<'a> {
    fn new(filter: &Filter, dead: &'a [usize]) -> Self {
        Self { dead, known: (0..filter.leaves).map(|_| None).collect() }
    }

    /// The rows of `alive` that match.
    fn rows(&mut self, node: &Node, columns: &Columns<'_>, alive: BooleanBuffer) -> BooleanBuffer {
        match node {
            Node::Const(true) => alive,
            Node::Const(false) => BooleanBuffer::new_unset(alive.len()),
            Node::Not(inner) => {
                let found = self.rows(inner, columns, alive.clone());
                &alive & &!&found
            }
            Node::And(parts) => parts.iter().fold(alive, |alive, part| {
                if alive.count_set_bits() == 0 { alive } else { self.rows(part, columns, alive) }
            }),
            Node::Or(parts) => {
                let mut found = BooleanBuffer::new_unset(alive.len());
                let mut left = alive;
                for part in parts {
                    let more = self.rows(part, columns, left.clone());
                    left = &left & &!&more;
                    found = &found | &more;
                }
                found
            }
            Node::Leaf(leaf) if self.dead.contains(&leaf.id) => {
                BooleanBuffer::new_unset(alive.len())
            }
            Node::Leaf(leaf) => self.leaf(leaf, columns, &alive),
        }
    }

    fn leaf(&mut self, leaf: &Leaf, columns: &Columns<'_>, alive: &BooleanBuffer) -> BooleanBuffer {
        match &leaf.ask {
            Ask::Exists(column) => match columns.get(*column) {
                Some(array) => select(alive, |row| array.is_valid(row)),
                None => BooleanBuffer::new_unset(alive.len()),
            },
            Ask::Numbers(Column::Time, low, high) => {
                let times = columns.times();
                select(alive, |row| times.get(row).is_some_and(|time| (low..=high).contains(&time)))
            }
            Ask::Numbers(column, low, high) => select(alive, |row| {
                columns.number(*column, row).is_some_and(|number| (low..=high).contains(&&number))
            }),
            Ask::NumberText(column, test) => select(alive, |row| {
                columns
                    .number(*column, row)
                    .is_some_and(|number| test.passes(&number_text(*column, number)))
            }),
            Ask::Text(column, test) => self.text(leaf.id, test, &columns.texts(*column), alive),
            Ask::Original(name, test, needle) => {
                let (fields, raw) = (columns.texts(Column::Fields), columns.texts(Column::Raw));
                select(alive, |row| {
                    let record = fields.get(row).or_else(|| raw.get(row));
                    record.is_some_and(|record| {
                        needle.as_ref().is_none_or(|needle| needle.may_find(record))
                            && original(record, name, test)
                    })
                })
            }
            Ask::Free(needle) => {
                let texts = super::RECORD.map(|column| columns.texts(column));
                select(alive, |row| {
                    texts.iter().any(|texts| {
                        texts.with_lossy(row, |text| needle.finds(text)).unwrap_or(false)
                    })
                })
            }
        }
    }

    fn text(
        &mut self,
        leaf: usize,
        test: &TextTest,
        texts: &Texts<'_>,
        alive: &BooleanBuffer,
    ) -> BooleanBuffer {
        let Texts::Dictionary(keys, values) = texts else {
            return select(alive, |row| {
                texts.with_lossy(row, |text| test.passes(text)).unwrap_or(false)
            });
        };
        let Some(slot) = self.known.get_mut(leaf) else {
            return BooleanBuffer::new_unset(alive.len());
        };
        let same = slot.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, keys.values()));
        if !same {
            *slot = Some((Arc::clone(keys.values()), vec![None; values.len()]));
        }
        let Some((_, answers)) = slot else { return BooleanBuffer::new_unset(alive.len()) };
        let keys = keys.keys();
        select(alive, |row| {
            if !keys.is_valid(row) {
                return false;
            }
            let key = keys.value(row) as usize;
            answers
                .get_mut(key)
                .is_some_and(|answer| *answer.get_or_insert_with(|| test.passes(values.value(key))))
        })
    }
}

/// The rows of `alive` that pass.
fn select(alive: &BooleanBuffer, mut passes: impl FnMut(usize) -> bool) -> BooleanBuffer {
    BooleanBuffer::collect_bool(alive.len(), |row| alive.value(row) && passes(row))
}

/// Whether an original field of the record passes.
fn original(record: &str, name: &str, test: &TextTest) -> bool {
    find(record, name, &mut |found| match found {
        Found::Text(text) => test.passes(&text),
        Found::Object(_) => matches!(test, TextTest::Exists),
    })
}

/// A number as it is written, a moment in RFC 3339.
pub(crate) fn number_text(column: Column, number: i64) -> String {
    match column.spec().kind {
        Kind::Moment => jiff::Timestamp::from_microsecond(number)
            .map_or_else(|_| number.to_string(), |moment| moment.to_string()),
        _ => number.to_string(),
    }
}
