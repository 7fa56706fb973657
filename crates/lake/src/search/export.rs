//! Events as a file for others, oldest first, without ever holding more than a few of them.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::filter::Filter;
use super::matching::matching;
use super::open_file::{Form, OpenFile};
use super::prune::Known;
use super::units::{Group, Unit};
use super::value::{Cells, Value, sources};
use super::{Answer, Cancel, Request, Shown};
use crate::csv::cell;
use crate::data_file::DataFile;
use crate::error::LakeError;
use crate::lake::{Damage, Lake, Snapshot};
use crate::merge::{Batches, Source, merge};
use crate::schema::{Column, schema};
use crate::write::ordered;

/// What is exported, and how.
#[derive(Debug, Clone)]
pub struct Export {
    /// What is searched.
    pub request: Request,
    /// What is written of each event.
    pub shown: Vec<Shown>,
    /// The form of the file.
    pub form: ExportForm,
    /// The most events that are written.
    pub limit: u64,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    /// One JSON object a line.
    JsonLines,
    /// RFC 4180 with a line of names.
    Csv,
    /// Parquet with zstd.
    Parquet,
}

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Events that were written.
    pub rows: u64,
    /// Whether those are all: the limit did not cut any off.
    pub complete: bool,
}

impl Lake {
    /// Writes events that match, oldest first. `progress` hears now and then how many
    /// are written. An error of `out` is told as `LakeError::Output`.
    pub fn export(
        &self,
        export: &Export,
        out: &mut (dyn Write + Send),
        progress: &mut dyn FnMut(u64),
        cancel: &Cancel,
    ) -> Result<Answer<Exported>, LakeError> {
        let Export { request, shown, form, limit } = export;
        let filter = Filter::new(request);
        let snapshot = self.snapshot();
        let damage = std::sync::Mutex::new(Vec::new());
        let columns: Vec<Column> = sources(shown).into_iter().collect();
        let reading = Reading { filter: &filter, columns: &columns, cancel, damage: &damage };
        let all = reading.all(&snapshot)?;
        let mut writer = Writer::new(*form, shown, out)?;
        let mut done = Exported { rows: 0, complete: true };
        merge(all, &mut |batch| {
            let left = usize::try_from(limit - done.rows).unwrap_or(usize::MAX);
            done.complete = batch.num_rows() <= left;
            let batch = batch.slice(0, batch.num_rows().min(left));
            writer.write(&batch, shown)?;
            done.rows += batch.num_rows() as u64;
            progress(done.rows);
            Ok(done.complete)
        })?;
        writer.finish()?;
        let damage = damage.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(Answer { found: done, damage })
    }
}

/// How matches are read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) filter: &'a Filter,
    /// What is wanted of each row.
    pub(super) columns: &'a [Column],
    pub(super) cancel: &'a Cancel,
    pub(super) damage: &'a std::sync::Mutex<Vec<Damage>>,
}

impl<'a> Reading<'a> {
    /// The matches of everything, each part in the order of time.
    pub(super) fn all(self, snapshot: &'a Snapshot) -> Result<Vec<Source<'a>>, LakeError> {
        let (from, to) = (self.filter.from, self.filter.to);
        let in_time = |file: &&Arc<DataFile>| file.entry.last >= from && file.entry.first < to;
        let files = snapshot.files.values().filter(in_time);
        let mut all: Vec<Source<'a>> = files.map(|file| self.file(file)).collect();
        all.push(self.recent(&snapshot.recent)?);
        Ok(all)
    }

    /// The columns to read: those that are wanted, and those that order.
    fn columns(&self) -> Vec<Column> {
        let mut columns: BTreeSet<Column> = self.columns.iter().copied().collect();
        columns.extend([Column::Time, Column::Batch, Column::Item]);
        columns.into_iter().collect()
    }

    fn file(self, file: &'a Arc<DataFile>) -> Source<'a> {
        let open = move || {
            let batches = self.groups(file).unwrap_or_else(|error| {
                self.told(file, &error);
                Box::new(std::iter::empty())
            });
            Ok(batches)
        };
        Source { first: file.entry.first, open: Box::new(open) }
    }

    /// The matches of a file; what cannot be read is told and left out.
    fn groups(self, file: &'a Arc<DataFile>) -> Result<Batches<'a>, LakeError> {
        let columns = self.columns();
        let mut needed: BTreeSet<Column> = columns.iter().copied().collect();
        self.filter.node.columns(&[], &mut needed);
        let needed: Vec<Column> = needed.into_iter().collect();
        let tests = Arc::new(OpenFile::open(file, &needed, Form::Tests)?);
        let rows = OpenFile::open(file, &columns, Form::Rows)?;
        let groups = 0..tests.groups().len();
        let batches = groups.flat_map(move |group| -> Batches<'a> {
            let read = || {
                let mut known = Known::new(&tests, group);
                if self.cancel.is_cancelled() {
                    return Err(LakeError::Cancelled);
                }
                if !known.may_match(self.filter) {
                    return Ok(None);
                }
                let (first, last) = known.times();
                let count = tests.groups().get(group).map_or(0, |group| group.num_rows() as usize);
                let open = Arc::clone(&tests);
                let unit = Unit::Group(Group {
                    open,
                    number: group,
                    first,
                    last,
                    rows: count,
                    dead: known.dead().into(),
                });
                let Some(mask) = matching(&unit, self.filter, self.cancel)? else {
                    return Ok(None);
                };
                rows.read(group, &columns, Some(&mask)).map(Some)
            };
            match read() {
                Ok(Some(reader)) => Box::new(reader.map_while(move |batch| match batch {
                    Ok(_) if self.cancel.is_cancelled() => Some(Err(LakeError::Cancelled)),
                    Ok(batch) => Some(Ok(batch)),
                    Err(error) => {
                        self.told(file, &LakeError::damaged(&file.path)(error.into()));
                        None
                    }
                })),
                Ok(None) => Box::new(std::iter::empty()),
                Err(LakeError::Cancelled) => Box::new(std::iter::once(Err(LakeError::Cancelled))),
                Err(error) => {
                    self.told(file, &error);
                    Box::new(std::iter::empty())
                }
            }
        });
        Ok(Box::new(batches))
    }

    fn told(&self, file: &DataFile, error: &LakeError) {
        let mut damage = crate::lake::lock(self.damage);
        if !damage.iter().any(|known| known.path == file.path) {
            let (path, rows) = (file.path.clone(), file.entry.rows);
            damage.push(Damage { path, reason: error.to_string(), rows });
        }
    }

    /// The matches in memory.
    fn recent(self, recent: &[Arc<RecordBatch>]) -> Result<Source<'a>, LakeError> {
        let columns: Vec<usize> = self.columns().iter().map(|column| column.index()).collect();
        let mut found = Vec::new();
        for batch in recent {
            let unit = Unit::Recent(Arc::clone(batch));
            if let Some(mask) = matching(&unit, self.filter, self.cancel)? {
                let batch = batch.project(&columns).map_err(LakeError::memory)?;
                found.push((batch, mask));
            }
        }
        let open = move || -> Result<Batches<'a>, LakeError> { ordered(found) };
        Ok(Source { first: i64::MIN, open: Box::new(open) })
    }
}

/// Writes batches in one of the forms.
enum Writer<'w> {
    JsonLines(&'w mut (dyn Write + Send)),
    Csv(&'w mut (dyn Write + Send)),
    Parquet(Box<ArrowWriter<&'w mut (dyn Write + Send)>>),
}

impl<'w> Writer<'w> {
    fn new(
        form: ExportForm,
        shown: &[Shown],
        out: &'w mut (dyn Write + Send),
    ) -> Result<Self, LakeError> {
        Ok(match form {
            ExportForm::JsonLines => Self::JsonLines(out),
            ExportForm::Csv => {
                let names: Vec<String> = shown.iter().map(|shown| cell(shown.name())).collect();
                write!(out, "{}\r\n", names.join(",")).map_err(LakeError::Output)?;
                Self::Csv(out)
            }
            ExportForm::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .build();
                let schema = Arc::new(Schema::new(shown.iter().map(field).collect::<Vec<_>>()));
                let writer = ArrowWriter::try_new(out, schema, Some(properties));
                Self::Parquet(Box::new(writer.map_err(output)?))
            }
        })
    }

    fn write(&mut self, batch: &RecordBatch, shown: &[Shown]) -> Result<(), LakeError> {
        let cells = Cells::new(batch);
        match self {
            Self::JsonLines(out) => {
                let mut text = String::new();
                for row in 0..batch.num_rows() {
                    json_line(&mut text, &cells, shown, row);
                }
                out.write_all(text.as_bytes()).map_err(LakeError::Output)
            }
            Self::Csv(out) => {
                let mut text = String::new();
                for row in 0..batch.num_rows() {
                    for (at, shown) in shown.iter().enumerate() {
                        text.push_str(if at == 0 { "" } else { "," });
                        text.push_str(&cell(&cells.value(shown, row).to_string()));
                    }
                    text.push_str("\r\n");
                }
                out.write_all(text.as_bytes()).map_err(LakeError::Output)
            }
            Self::Parquet(writer) => {
                let columns = shown.iter().map(|shown| array(batch, &cells, shown)).collect();
                let schema = Arc::new(Schema::new(shown.iter().map(field).collect::<Vec<_>>()));
                let batch = RecordBatch::try_new(schema, columns).map_err(LakeError::memory)?;
                writer.write(&batch).map_err(output)
            }
        }
    }

    fn finish(self) -> Result<(), LakeError> {
        match self {
            Self::JsonLines(out) | Self::Csv(out) => out.flush().map_err(LakeError::Output),
            Self::Parquet(writer) => writer.close().map(|_| ()).map_err(output),
        }
    }
}

fn output(error: ParquetError) -> LakeError {
    LakeError::Output(match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) => *source,
            Err(other) => std::io::Error::other(other),
        },
        other => std::io::Error::other(other),
    })
}

/// The column of a Parquet export.
fn field(shown: &Shown) -> Field {
    match shown {
        Shown::Column(column) if *column != Column::Message => {
            Field::clone(schema().field(column.index())).with_nullable(true)
        }
        other => Field::new(other.name(), DataType::Utf8, true),
    }
}

fn array(batch: &RecordBatch, cells: &Cells<'_>, shown: &Shown) -> ArrayRef {
    if let Shown::Column(column) = shown
        && *column != Column::Message
        && let Some(array) = batch.column_by_name(column.name())
    {
        return Arc::clone(array);
    }
    let text = |row| match cells.value(shown, row) {
        Value::Null => None,
        value => Some(value.to_string()),
    };
    Arc::new((0..batch.num_rows()).map(text).collect::<StringArray>())
}

fn json_line(text: &mut String, cells: &Cells<'_>, shown: &[Shown], row: usize) {
    let string = |text: &str| serde_json::Value::from(text).to_string();
    text.push('{');
    let mut comma = "";
    for shown in shown {
        let value = match cells.value(shown, row) {
            Value::Null => continue,
            Value::Number(number) => number.to_string(),
            value => string(&value.to_string()),
        };
        text.push_str(comma);
        text.push_str(&string(shown.name()));
        text.push(':');
        text.push_str(&value);
        comma = ",";
    }
    text.push_str("}\n");
}
