//! What may hold matches, handed out to threads: batches in memory and row groups of files, newest first.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_buffer::BooleanBuffer;

use super::Cancel;
use super::columns::Columns;
use super::filter::{Filter, Node};
use super::open_file::{Form, OpenFile};
use super::prune::Known;
use crate::data_file::DataFile;
use crate::error::LakeError;
use crate::lake::{Damage, Snapshot, lock};
use crate::schema::Column;

/// A part of the lake that is searched at once.
#[derive(Debug, Clone)]
pub(crate) enum Unit {
    /// Rows in memory.
    Recent(Arc<RecordBatch>),
    /// A row group of a file.
    Group(Group),
}

/// A row group of a file.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) open: Arc<OpenFile>,
    pub(crate) number: usize,
    /// First and last time of its rows.
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) rows: usize,
    /// Leaves of the filter that pass none of its rows.
    pub(crate) dead: Arc<[usize]>,
}

impl Unit {
    /// First and last time of its rows; nothing if there are none.
    pub(crate) fn times(&self) -> Option<(i64, i64)> {
        match self {
            Self::Recent(batch) => {
                let times = Columns::new(batch).times();
                Some((*times.iter().min()?, *times.iter().max()?))
            }
            Self::Group(group) => Some((group.first, group.last)),
        }
    }

    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Recent(batch) => batch.num_rows(),
            Self::Group(group) => group.rows,
        }
    }

    /// Shows batches with some columns: with the rows that are meant, or, if nothing is said of rows,
    /// all of a batch's.
    pub(crate) fn show(
        &self,
        columns: &[Column],
        rows: &BooleanBuffer,
        see: &mut dyn FnMut(&RecordBatch, Option<&BooleanBuffer>),
    ) -> Result<(), LakeError> {
        match self {
            Self::Recent(batch) => see(batch, Some(rows)),
            Self::Group(group) => {
                let all = rows.count_set_bits() == rows.len();
                let path = &group.open.file.path;
                for batch in group.open.read(group.number, columns, (!all).then_some(rows))? {
                    see(&batch.map_err(|error| LakeError::damaged(path)(error.into()))?, None);
                }
            }
        }
        Ok(())
    }
}

/// Calls for each row that is meant.
pub(crate) fn each(rows: Option<&BooleanBuffer>, length: usize, mut see: impl FnMut(usize)) {
    match rows {
        Some(rows) => rows.set_indices().for_each(see),
        None => (0..length).for_each(&mut see),
    }
}

/// A search: what is asked of which part of the lake, and how.
pub(crate) struct Search<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) filter: &'a Filter,
    /// Columns that are read besides those of the filter.
    pub(crate) columns: &'a [Column],
    pub(crate) form: Form,
    pub(crate) cancel: &'a Cancel,
    pub(crate) threads: usize,
}

struct Feed {
    files: VecDeque<Arc<DataFile>>,
    units: VecDeque<Unit>,
    /// Threads that are opening a file.
    opening: usize,
    damage: Vec<Damage>,
    error: Option<LakeError>,
}

impl Search<'_> {
    /// Shows every unit that may hold matches to `see`, in several threads, roughly newest first. A
    /// file that cannot be read is told, not fatal. `wanted` is asked before a file or unit is read
    /// whether anything of its times is still wanted.
    pub(crate) fn each(
        &self,
        wanted: &(dyn Fn(i64, i64) -> bool + Sync),
        see: &(dyn Fn(&Unit) -> Result<(), LakeError> + Sync),
    ) -> Result<Vec<Damage>, LakeError> {
        let feed = Mutex::new(self.feed());
        let more = Condvar::new();
        std::thread::scope(|scope| {
            for _ in 1..self.threads.max(1) {
                scope.spawn(|| self.work(&feed, &more, wanted, see));
            }
            self.work(&feed, &more, wanted, see);
        });
        let feed = feed.into_inner().unwrap_or_else(PoisonError::into_inner);
        match feed.error {
            Some(error) => Err(error),
            None => Ok(feed.damage),
        }
    }

    fn feed(&self) -> Feed {
        let nothing = matches!(self.filter.node, Node::Const(false));
        let mut files: Vec<Arc<DataFile>> = self
            .snapshot
            .files
            .values()
            .filter(|file| !nothing && self.in_time(file.entry.first, file.entry.last))
            .map(Arc::clone)
            .collect();
        files.sort_by_key(|file| std::cmp::Reverse((file.entry.last, file.entry.id)));
        let recent = self.snapshot.recent.iter().rev().map(|batch| Unit::Recent(Arc::clone(batch)));
        let units = recent.filter(|unit| {
            !nothing && unit.times().is_some_and(|(first, last)| self.in_time(first, last))
        });
        Feed {
            units: units.collect(),
            files: files.into(),
            opening: 0,
            damage: Vec::new(),
            error: None,
        }
    }

    fn in_time(&self, first: i64, last: i64) -> bool {
        last >= self.filter.from && first < self.filter.to
    }

    fn work(
        &self,
        feed: &Mutex<Feed>,
        more: &Condvar,
        wanted: &(dyn Fn(i64, i64) -> bool + Sync),
        see: &(dyn Fn(&Unit) -> Result<(), LakeError> + Sync),
    ) {
        loop {
            let mut guard = lock(feed);
            if self.cancel.is_cancelled() {
                guard.error.get_or_insert(LakeError::Cancelled);
            }
            if guard.error.is_some() {
                more.notify_all();
                return;
            }
            if let Some(unit) = guard.units.pop_front() {
                drop(guard);
                if unit.times().is_some_and(|(first, last)| wanted(first, last)) {
                    note(feed, see(&unit), &unit);
                }
                continue;
            }
            if let Some(file) = guard.files.pop_front() {
                if !wanted(file.entry.first, file.entry.last) {
                    continue;
                }
                guard.opening += 1;
                drop(guard);
                let units = self.open(&file);
                let mut guard = lock(feed);
                guard.opening -= 1;
                match units {
                    Ok(units) => guard.units.extend(units),
                    Err(error) => guard.damage.push(damage(&file, &error)),
                }
                more.notify_all();
                continue;
            }
            if guard.opening == 0 {
                more.notify_all();
                return;
            }
            drop(more.wait(guard).unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// The row groups of a file that may hold matches, newest first.
    fn open(&self, file: &Arc<DataFile>) -> Result<Vec<Unit>, LakeError> {
        let mut columns = std::collections::BTreeSet::from([Column::Time]);
        self.filter.node.columns(&[], &mut columns);
        columns.extend(self.columns);
        let columns: Vec<Column> = columns.into_iter().collect();
        let open = Arc::new(OpenFile::open(file, &columns, self.form)?);
        let mut units = Vec::new();
        for (group, metadata) in open.groups().iter().enumerate().rev() {
            let mut known = Known::new(&open, group);
            if known.may_match(self.filter) {
                let (first, last) = known.times();
                let rows = metadata.num_rows() as usize;
                let dead = known.dead().into();
                let open = Arc::clone(&open);
                units.push(Unit::Group(Group { open, number: group, first, last, rows, dead }));
            }
        }
        Ok(units)
    }
}

/// Keeps what went wrong: damage of a file is told, anything else ends the search.
fn note(feed: &Mutex<Feed>, result: Result<(), LakeError>, unit: &Unit) {
    let Err(error) = result else { return };
    let mut guard = lock(feed);
    match (&error, unit) {
        (LakeError::Damaged { .. } | LakeError::Io { .. }, Unit::Group(group)) => {
            let damage = damage(&group.open.file, &error);
            if !guard.damage.iter().any(|known| known.path == damage.path) {
                guard.damage.push(damage);
            }
        }
        _ => {
            guard.error.get_or_insert(error);
        }
    }
}

fn damage(file: &DataFile, error: &LakeError) -> Damage {
    Damage { path: file.path.clone(), reason: error.to_string(), rows: file.entry.rows }
}
