//! Many small files of a day to few large ones.
//!
//! The rows are merged in order and written again; the new file takes the place of the old ones in one
//! commit, so no search sees a row twice or not at all. Old files stay on the disk until the last search
//! that began before has ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use jiff::Timestamp;

use crate::care::intact;
use crate::data_file::{DataFile, day_of};
use crate::error::LakeError;
use crate::lake::{Lake, lock};
use crate::merge::{Batches, Source, merge};
use crate::numbers::Numbers;
use crate::schema::Column;
use crate::search::Cancel;
use crate::search::open_file::{Form, OpenFile};
use crate::write::FileWriter;

/// Files with more rows are left as they are.
const SMALL_ROWS: u64 = 512 << 10;
/// A merged file has at most this many rows, unless two files have more.
const FULL_ROWS: u64 = 1 << 20;
/// Small files of a day that is not over are merged when there are this many.
const MANY_FILES: usize = 8;

/// What a compaction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Files that were merged.
    pub merged: usize,
    /// Files that they became.
    pub written: usize,
    /// Events in them.
    pub rows: u64,
}

impl Lake {
    /// Merges small files: those of days that are over, and of today once there are many. It works
    /// beside everything else and costs about as much as writing the rows did; call it when there is
    /// time. A damaged file is left alone. Cancelled, what was merged so far stays merged.
    pub fn compact(&self, now: Timestamp, cancel: &Cancel) -> Result<Compacted, LakeError> {
        let _one = lock(&self.maintenance);
        let mut done = Compacted::default();
        for group in groups(self.snapshot().files.values(), day_of(now.as_microsecond())) {
            match self.merge_files(&group, cancel) {
                Ok(rows) => {
                    done.merged += group.len();
                    done.written += 1;
                    done.rows += rows;
                }
                // `verify` and searches tell of it; the other files are merged all the same.
                Err(LakeError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn merge_files(&self, group: &[Arc<DataFile>], cancel: &Cancel) -> Result<u64, LakeError> {
        let Some(first) = group.first() else { return Ok(0) };
        group.iter().try_for_each(|file| intact(file, cancel))?;
        let events = self.events();
        let mut writer = FileWriter::create(&events, first.entry.day, self.new_id())?;
        let sources = group
            .iter()
            .map(|file| Source { first: file.entry.first, open: Box::new(move || all_rows(file)) });
        merge(sources.collect(), &mut |batch| {
            if cancel.is_cancelled() {
                return Err(LakeError::Cancelled);
            }
            writer.write(batch).map(|()| true)
        })?;
        let written = writer.finish()?;
        let rows = group.iter().map(|file| file.entry.rows).sum::<u64>();
        if written.entry.rows != rows {
            return Err(LakeError::Damaged {
                path: first.path.clone(),
                reason: format!("{} rows were read instead of {rows}", written.entry.rows),
            });
        }
        let old = group.iter().map(|file| file.entry.id).collect();
        self.commit(vec![written], old, Numbers::new(), |_| ())?;
        Ok(rows)
    }
}

/// Files that should become one, oldest days first.
fn groups<'a>(
    files: impl Iterator<Item = &'a Arc<DataFile>>,
    today: i64,
) -> Vec<Vec<Arc<DataFile>>> {
    let mut days: BTreeMap<i64, Vec<Arc<DataFile>>> = BTreeMap::new();
    for file in files.filter(|file| file.entry.rows < SMALL_ROWS) {
        days.entry(file.entry.day).or_default().push(Arc::clone(file));
    }
    let mut groups = Vec::new();
    for (day, mut files) in days {
        if files.len() < 2 || (day >= today && files.len() < MANY_FILES) {
            continue;
        }
        files.sort_by_key(|file| (file.entry.first, file.entry.id));
        let mut group: Vec<Arc<DataFile>> = Vec::new();
        let mut rows = 0;
        for file in files {
            if rows + file.entry.rows > FULL_ROWS && group.len() > 1 {
                groups.push(std::mem::take(&mut group));
                rows = 0;
            }
            rows += file.entry.rows;
            group.push(file);
        }
        if group.len() > 1 {
            groups.push(group);
        }
    }
    groups
}

/// All rows of a file in their order.
pub(crate) fn all_rows(file: &Arc<DataFile>) -> Result<Batches<'static>, LakeError> {
    let columns: Vec<Column> = Column::all().collect();
    let open = Arc::new(OpenFile::open(file, &columns, Form::Rows)?);
    let groups = open.groups().len();
    let file = Arc::clone(file);
    let batches = (0..groups).flat_map(move |group| -> Batches<'static> {
        let path = file.path.clone();
        let damaged =
            move |error: arrow_schema::ArrowError| LakeError::damaged(&path)(error.into());
        match open.read(group, &columns, None) {
            Ok(reader) => {
                Box::new(reader.map(move |batch: Result<RecordBatch, _>| batch.map_err(&damaged)))
            }
            Err(error) => Box::new(std::iter::once(Err(error))),
        }
    });
    Ok(Box::new(batches))
}
