//! A data file opened for reading: its footer, and readers of some columns of some rows.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, LazyLock};

use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::bloom_filter::Sbbf;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMask, PageIndexPolicy, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::statistics::Statistics;

use crate::data_file::DataFile;
use crate::error::LakeError;
use crate::schema::{Column, Kind, SPECS, schema};

/// Rows that are read at a time where all columns are short.
const BATCH_ROWS: usize = 8192;
/// The same where long texts are among them.
const LONG_BATCH_ROWS: usize = 1024;
/// Bytes that are read at a time, about: rows with very long texts are read a few at a time.
const BATCH_BYTES: u64 = 4 << 20;

/// In which form texts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Short texts as dictionaries, long ones as views into the page: for tests.
    Tests,
    /// As the schema says: for writing again.
    Rows,
}

/// A file with its footer.
#[derive(Debug)]
pub(crate) struct OpenFile {
    pub(crate) file: Arc<DataFile>,
    form: Form,
    bytes: Positioned,
    metadata: ArrowReaderMetadata,
}

impl OpenFile {
    /// Opens a file to read these columns.
    pub(crate) fn open(
        file: &Arc<DataFile>,
        columns: &[Column],
        form: Form,
    ) -> std::result::Result<Self, LakeError> {
        let opened = File::open(&file.path).map_err(LakeError::io("open", &file.path))?;
        let length = opened.metadata().map_err(LakeError::io("open", &file.path))?.len();
        let bytes = Positioned { file: Arc::new(opened), length };
        let pages = ColumnChunkMask::columns(columns.iter().map(|column| column.index()));
        let options = ArrowReaderOptions::new()
            .with_schema(match form {
                Form::Tests => test_schema(),
                Form::Rows => schema(),
            })
            .with_offset_index_policy(PageIndexPolicy::Optional)
            .with_offset_index_mask(pages);
        let metadata =
            ArrowReaderMetadata::load(&bytes, options).map_err(LakeError::damaged(&file.path))?;
        Ok(Self { file: Arc::clone(file), form, bytes, metadata })
    }

    pub(crate) fn groups(&self) -> &[RowGroupMetaData] {
        self.metadata.metadata().row_groups()
    }

    /// Whether the column has no value in the row group.
    pub(crate) fn is_empty(&self, group: usize, column: Column) -> bool {
        let Some(group) = self.groups().get(group) else { return false };
        let statistics = group.column(column.index()).statistics();
        let nulls = statistics.and_then(Statistics::null_count_opt);
        nulls.is_some() && nulls == u64::try_from(group.num_rows()).ok()
    }

    /// Reads columns of the rows of a row group that are in the mask. For tests, columns without any
    /// value in the row group are left out: decoding nulls costs as much as values.
    pub(crate) fn read(
        &self,
        group: usize,
        columns: &[Column],
        mask: Option<&BooleanBuffer>,
    ) -> std::result::Result<ParquetRecordBatchReader, LakeError> {
        let long = |column: &Column| matches!(column.spec().kind, Kind::Long | Kind::Bytes);
        let rows = if columns.iter().any(long) {
            LONG_BATCH_ROWS.min(self.rows_of(group, columns, BATCH_BYTES))
        } else {
            BATCH_ROWS
        };
        let there = |column: &&Column| self.form == Form::Rows || !self.is_empty(group, **column);
        let mut roots: Vec<usize> =
            columns.iter().filter(there).map(|column| column.index()).collect();
        if roots.is_empty() {
            // Something must stand for the rows.
            roots.push(Column::Time.index());
        }
        let projection = ProjectionMask::roots(self.metadata.parquet_schema(), roots);
        let mut builder = self
            .builder()
            .with_row_groups(vec![group])
            .with_projection(projection)
            .with_batch_size(rows);
        if let Some(mask) = mask {
            let selection = RowSelection::from_boolean_buffer(mask.clone());
            builder = builder.with_row_selection(selection);
        }
        builder.build().map_err(LakeError::damaged(&self.file.path))
    }

    /// How many rows of a row group have about so many bytes in these columns; at least one.
    fn rows_of(&self, group: usize, columns: &[Column], bytes: u64) -> usize {
        let Some(group) = self.groups().get(group) else { return 1 };
        let size = |column: &Column| {
            let chunk = group.columns().get(column.index());
            chunk.map_or(0, |chunk| u64::try_from(chunk.uncompressed_size()).unwrap_or_default())
        };
        let rows = u64::try_from(group.num_rows()).unwrap_or_default();
        let total = columns.iter().map(size).sum::<u64>().max(1);
        usize::try_from(rows.saturating_mul(bytes) / total).unwrap_or(usize::MAX).max(1)
    }

    /// The bloom filter of a column in a row group, if it has one.
    pub(crate) fn bloom(&self, group: usize, column: Column) -> Option<Sbbf> {
        // What cannot be read here fails again, and is told, when the column is read.
        self.builder().get_row_group_column_bloom_filter(group, column.index()).ok().flatten()
    }

    fn builder(&self) -> ParquetRecordBatchReaderBuilder<Positioned> {
        ParquetRecordBatchReaderBuilder::new_with_metadata(
            self.bytes.clone(),
            self.metadata.clone(),
        )
    }
}

/// The schema in the form that tests want.
fn test_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let fields = schema()
            .fields()
            .iter()
            .zip(&SPECS)
            .map(|(field, spec)| {
                let field = Field::clone(field);
                match spec.kind {
                    Kind::Text | Kind::Lower | Kind::Address => {
                        field.with_data_type(dictionary.clone())
                    }
                    Kind::Long => field.with_data_type(DataType::Utf8View),
                    _ => field,
                }
            })
            .collect::<Vec<_>>();
        Arc::new(Schema::new(fields))
    });
    Arc::clone(&SCHEMA)
}

/// A file read at positions, so that readers in several threads do not move each other's place.
#[derive(Debug, Clone)]
struct Positioned {
    file: Arc<File>,
    length: u64,
}

/// A place in a file.
#[derive(Debug)]
struct Place {
    file: Arc<File>,
    at: u64,
}

impl Length for Positioned {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Positioned {
    type T = io::BufReader<Place>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(io::BufReader::new(Place { file: Arc::clone(&self.file), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} are not there")));
        }
        let mut buffer = vec![0; length];
        self.file.read_exact_at(&mut buffer, start)?;
        Ok(buffer.into())
    }
}

impl Read for Place {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
