//! Rows to Parquet files: one file a day, sorted by time.
//!
//! A file is written under a temporary name, synced, renamed and its folder synced before anybody
//! hears of it; it never changes afterwards. Sizes of pages and row groups and the level of zstd were
//! measured on Windows events of 2.4 KB (docs/lake.md): pages of the long texts must be large,
//! because what repeats does so over many events.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::LazyLock;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMicrosecondType, UInt32Type, UInt64Type};
use arrow_array::{BooleanArray, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_select::filter::filter_record_batch;
use arrow_select::interleave::interleave_record_batch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use sha2::{Digest, Sha256};

use crate::data_file::{Entry, day_folder, day_of};
use crate::error::LakeError;
use crate::manifest::{hex, sync_folder};
use crate::merge::Batches;
use crate::schema::{Column, Kind, SPECS, schema};

/// Rows of a row group: small enough to skip, large enough to compress.
const GROUP_ROWS: usize = 128 << 10;
/// Bytes of a row group before compression, which bounds the memory of a writer.
const GROUP_BYTES: usize = 256 << 20;
/// Bytes of a page of long texts before compression.
const LONG_PAGE_BYTES: usize = 2 << 20;
/// Rows of a page of the other columns.
const PAGE_ROWS: usize = 8192;
/// Rows that are copied into order at a time.
const CHUNK_ROWS: usize = 2048;
/// Rows that the writer looks at between checks of a page's size.
const CHECK_ROWS: usize = 256;
/// Distinct values that a bloom filter is sized for before it is folded to what it holds.
const BLOOM_VALUES: u64 = 1 << 16;
/// Share of absent values that a bloom filter does not rule out.
const BLOOM_ERRORS: f64 = 0.01;

/// Where a row stands: its time and identity, then its batch and its place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) time: i64,
    pub(crate) batch: u64,
    pub(crate) item: u32,
    part: u32,
    row: u32,
}

/// All rows of the batches in the order of time and identity.
pub(crate) fn sorted(batches: &[&RecordBatch]) -> Vec<Place> {
    let mut places = Vec::with_capacity(batches.iter().map(|batch| batch.num_rows()).sum());
    for (part, batch) in batches.iter().enumerate() {
        let column = |column: Column| batch.column_by_name(column.name());
        let (Some(times), Some(numbers), Some(items)) =
            (column(Column::Time), column(Column::Batch), column(Column::Item))
        else {
            continue;
        };
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let numbers = numbers.as_primitive::<UInt64Type>();
        let items = items.as_primitive::<UInt32Type>();
        let rows = times.values().iter().zip(numbers.values()).zip(items.values());
        places.extend(rows.enumerate().map(|(row, ((&time, &batch), &item))| Place {
            time,
            batch,
            item,
            part: part as u32,
            row: row as u32,
        }));
    }
    places.sort_unstable();
    places
}

/// The rows of batches that are set in their masks, in the order of time and identity.
pub(crate) fn ordered<'a>(
    found: Vec<(RecordBatch, BooleanBuffer)>,
) -> Result<Batches<'a>, LakeError> {
    let mut batches = Vec::with_capacity(found.len());
    for (batch, mask) in found {
        let mask = BooleanArray::new(mask, None);
        batches.push(filter_record_batch(&batch, &mask).map_err(LakeError::memory)?);
    }
    let places = sorted(&batches.iter().collect::<Vec<_>>());
    let mut at = 0;
    Ok(Box::new(std::iter::from_fn(move || {
        let chunk = places.get(at..)?.chunks(CHUNK_ROWS).next()?;
        at += chunk.len();
        let rows: Vec<(usize, usize)> =
            chunk.iter().map(|place| (place.part as usize, place.row as usize)).collect();
        let batches: Vec<&RecordBatch> = batches.iter().collect();
        Some(interleave_record_batch(&batches, &rows).map_err(LakeError::memory))
    })))
}

/// Writes all rows into new files below `events`, one a day; `next_id` gives their ids.
pub(crate) fn write_days(
    events: &Path,
    batches: &[&RecordBatch],
    mut next_id: impl FnMut() -> u64,
) -> Result<Vec<Written>, LakeError> {
    let places = sorted(batches);
    let mut files = Vec::new();
    for rows in places.chunk_by(|a, b| day_of(a.time) == day_of(b.time)) {
        let Some(first) = rows.first() else { continue };
        let mut file = FileWriter::create(events, day_of(first.time), next_id())?;
        for chunk in rows.chunks(CHUNK_ROWS) {
            let at: Vec<(usize, usize)> =
                chunk.iter().map(|place| (place.part as usize, place.row as usize)).collect();
            let ordered = interleave_record_batch(batches, &at).map_err(LakeError::memory)?;
            file.write(&ordered)?;
        }
        files.push(file.finish()?);
    }
    Ok(files)
}

/// A file in its place that no manifest names yet; dropped, it is removed.
pub(crate) struct Written {
    pub(crate) entry: Entry,
    path: tempfile::TempPath,
}

impl Written {
    /// The file stays.
    pub(crate) fn keep(self) -> Result<(), LakeError> {
        let path = self.path.to_path_buf();
        self.path.keep().map(drop).map_err(|error| LakeError::io("keep", &path)(error.error))
    }
}

/// A file being written. Dropped unfinished, it leaves nothing.
pub(crate) struct FileWriter<'a> {
    events: &'a Path,
    temporary: tempfile::TempPath,
    writer: ArrowWriter<Hashed>,
    entry: Entry,
}

impl<'a> FileWriter<'a> {
    /// Begins the file of a day.
    pub(crate) fn create(events: &'a Path, day: i64, id: u64) -> Result<Self, LakeError> {
        let folder = events.join(day_folder(day));
        std::fs::create_dir_all(&folder).map_err(LakeError::io("create", &folder))?;
        let path = folder.join(format!("{id:012}.new"));
        let file = File::create(&path).map_err(LakeError::io("create", &path))?;
        let temporary =
            tempfile::TempPath::try_from_path(&path).map_err(LakeError::io("create", &path))?;
        let options = ArrowWriterOptions::new().with_properties(properties());
        let hashed = Hashed { file, digest: Sha256::new(), bytes: 0 };
        let writer = ArrowWriter::try_new_with_options(hashed, schema(), options)
            .map_err(LakeError::damaged(&path))?;
        let entry = Entry {
            id,
            day,
            rows: 0,
            bytes: 0,
            first: i64::MAX,
            last: i64::MIN,
            received: i64::MIN,
            sha256: String::new(),
        };
        Ok(Self { events, temporary, writer, entry })
    }

    /// Adds rows that are in order.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let times = |column: Column| {
            batch.column(column.index()).as_primitive::<TimestampMicrosecondType>().values()
        };
        for &time in times(Column::Time) {
            self.entry.first = self.entry.first.min(time);
            self.entry.last = self.entry.last.max(time);
        }
        for &time in times(Column::Received) {
            self.entry.received = self.entry.received.max(time);
        }
        self.entry.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|error| failed(&self.temporary, error))
    }

    /// Ends the file and puts it durably in its place.
    pub(crate) fn finish(mut self) -> Result<Written, LakeError> {
        let path = self.temporary.to_path_buf();
        let hashed = self.writer.into_inner().map_err(|error| failed(&path, error))?;
        hashed.file.sync_all().map_err(LakeError::io("sync", &path))?;
        self.entry.bytes = hashed.bytes;
        self.entry.sha256 = hex(&hashed.digest.finalize());
        let place = self.events.join(self.entry.name());
        std::fs::rename(&path, &place).map_err(LakeError::io("rename", &path))?;
        let written =
            tempfile::TempPath::try_from_path(&place).map_err(LakeError::io("keep", &place))?;
        self.temporary.keep().map_err(|error| LakeError::io("keep", &path)(error.error))?;
        if let Some(folder) = place.parent() {
            sync_folder(folder)?;
        }
        sync_folder(self.events)?;
        Ok(Written { entry: self.entry, path: written })
    }
}

/// What the writer says of the disk is said as the disk's error.
fn failed(path: &Path, error: ParquetError) -> LakeError {
    let source = match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    };
    LakeError::io("write", path)(source)
}

/// A file that knows its digest.
struct Hashed {
    file: File,
    digest: Sha256,
    bytes: u64,
}

impl Write for Hashed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.digest.update(buffer.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn properties() -> WriterProperties {
    static PROPERTIES: LazyLock<WriterProperties> = LazyLock::new(|| {
        let order = |column: Column| SortingColumn {
            column_idx: column.index() as i32,
            descending: false,
            nulls_first: false,
        };
        let mut builder = WriterProperties::builder()
            .set_created_by("khien".to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_write_batch_size(CHECK_ROWS)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_sorting_columns(Some(vec![
                order(Column::Time),
                order(Column::Batch),
                order(Column::Item),
            ]));
        for spec in &SPECS {
            let path = || ColumnPath::from(spec.name);
            builder = match spec.kind {
                Kind::Moment | Kind::U64 | Kind::U32 => builder
                    .set_column_dictionary_enabled(path(), false)
                    .set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED),
                Kind::Long | Kind::Bytes => builder
                    .set_column_dictionary_enabled(path(), false)
                    .set_column_statistics_enabled(path(), EnabledStatistics::None)
                    .set_column_data_page_size_limit(path(), LONG_PAGE_BYTES),
                _ => builder,
            };
            if spec.column == Column::Time {
                builder = builder.set_column_statistics_enabled(path(), EnabledStatistics::Page);
            }
            if spec.bloom {
                builder = builder
                    .set_column_bloom_filter_fpp(path(), BLOOM_ERRORS)
                    .set_column_bloom_filter_max_ndv(path(), BLOOM_VALUES);
            }
        }
        builder.build()
    });
    PROPERTIES.clone()
}

/// Level of zstd.
const ZSTD_LEVEL: i32 = 3;
