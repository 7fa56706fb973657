//! Many small files of a day to few large ones.
//!
//! The rows are merged in order and written again; the new file takes the place of the old ones in one
//! commit, so no search sees a row twice or not at all. Old files stay on the disk until the last search
//! that began before has ended.
//!
//! Only files of about one size are merged, so that a row is written again a few times in its life,
//! however slowly its day fills; and only so many at once, because files whose times overlap are all
//! open together.

use std::collections::BTreeMap;
use std::io;
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
/// The largest of the files that are merged has fewer than this times the rows of the smallest.
const ALIKE: u64 = 8;
/// Small files of a day that is not over are merged when there are this many alike.
const MANY_FILES: usize = 8;
/// Files that are merged at once; each is open with a batch of rows and a page of every column.
const OPEN_FILES: usize = 8;

/// What a compaction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Files that were merged.
    pub merged: usize,
    /// Files that they became.
    pub written: usize,
    /// Events that were written again.
    pub rows: u64,
}

impl Lake {
    /// Merges small files: those of days that are over, and of today once there are many. It works
    /// beside everything else and costs about as much as writing the rows did; call it when there is
    /// time. A damaged file is left alone. Cancelled, what was merged so far stays merged.
    pub fn compact(&self, now: Timestamp, cancel: &Cancel) -> Result<Compacted, LakeError> {
        let _one = lock(&self.maintenance);
        let today = day_of(now.as_microsecond());
        let mut done = Compacted::default();
        // Files that come meanwhile wait for the next time.
        let mut small: BTreeMap<u64, Arc<DataFile>> = BTreeMap::clone(&self.snapshot().files);
        small.retain(|_, file| is_small(file));
        loop {
            let groups = groups(small.values(), today);
            if groups.is_empty() {
                return Ok(done);
            }
            for Group { day, files } in groups {
                let merged = self.merge_files(day, &files, cancel);
                let damaged = |file: &DataFile| match &merged {
                    Err(LakeError::Damaged { path, .. }) => file.path == *path,
                    _ => true,
                };
                for file in files.iter().filter(|file| damaged(file)) {
                    small.remove(&file.entry.id);
                }
                match merged {
                    Ok((id, rows)) => {
                        done.merged += files.len();
                        done.written += 1;
                        done.rows += rows;
                        let merged = self.snapshot().files.get(&id).map(Arc::clone);
                        small.extend(merged.filter(is_small).map(|file| (id, file)));
                    }
                    // `verify` and searches tell of it; the other files are merged all the same.
                    Err(LakeError::Damaged { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// The id of the one file that these became, and its rows.
    fn merge_files(
        &self,
        day: i64,
        files: &[Arc<DataFile>],
        cancel: &Cancel,
    ) -> Result<(u64, u64), LakeError> {
        files.iter().try_for_each(|file| intact(file, cancel))?;
        let events = self.events();
        let mut writer = FileWriter::create(&events, day, self.new_id())?;
        let sources = files
            .iter()
            .map(|file| Source { first: file.entry.first, open: Box::new(move || all_rows(file)) });
        merge(sources.collect(), &mut |batch| {
            if cancel.is_cancelled() {
                return Err(LakeError::Cancelled);
            }
            writer.write(batch).map(|()| true)
        })?;
        let written = writer.finish()?;
        let rows = files.iter().map(|file| file.entry.rows).sum::<u64>();
        if written.entry.rows != rows {
            return Err(LakeError::io("merge", &events)(io::Error::other(format!(
                "{} rows were read instead of {rows}",
                written.entry.rows
            ))));
        }
        let id = written.entry.id;
        let old = files.iter().map(|file| file.entry.id).collect();
        self.commit(vec![written], old, Numbers::new(), |_| ())?;
        Ok((id, rows))
    }
}

fn is_small(file: &Arc<DataFile>) -> bool {
    file.entry.rows < SMALL_ROWS
}

/// Files that should become one.
struct Group {
    day: i64,
    files: Vec<Arc<DataFile>>,
}

/// What should be merged, oldest days first; nothing once every day has few files of each size.
fn groups<'a>(files: impl Iterator<Item = &'a Arc<DataFile>>, today: i64) -> Vec<Group> {
    let mut alike: BTreeMap<(i64, u32), Vec<Arc<DataFile>>> = BTreeMap::new();
    for file in files {
        let size = file.entry.rows.max(1).ilog(ALIKE);
        alike.entry((file.entry.day, size)).or_default().push(Arc::clone(file));
    }
    let mut groups = Vec::new();
    for ((day, _), mut alike) in alike {
        let fewest = if day >= today { MANY_FILES } else { 2 };
        let mut end = |files: Vec<_>| {
            if files.len() >= fewest {
                groups.push(Group { day, files });
            }
        };
        // Neighbours in time stay together.
        alike.sort_by_key(|file| (file.entry.first, file.entry.id));
        let mut files: Vec<Arc<DataFile>> = Vec::new();
        let mut rows = 0;
        for file in alike {
            let full = files.len() >= OPEN_FILES || rows + file.entry.rows > FULL_ROWS;
            if full && files.len() > 1 {
                end(std::mem::take(&mut files));
                rows = 0;
            }
            rows += file.entry.rows;
            files.push(file);
        }
        end(files);
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
