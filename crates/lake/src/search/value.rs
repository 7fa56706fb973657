//! What stands in a row, as values that know nothing of Arrow.

use std::collections::BTreeSet;

use arrow_array::RecordBatch;
use jiff::Timestamp;

use super::Shown;
use super::columns::{Columns, Texts};
use crate::json::{Found, find};
use crate::schema::{Column, Kind};

/// What a column or field holds in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// Text. An original field that is an object is its JSON; of several values the first is meant.
    Text(String),
    /// A number.
    Number(i64),
    /// A moment.
    Moment(Timestamp),
    /// A record that is not UTF-8.
    Bytes(Vec<u8>),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Moment(moment) => moment.fmt(f),
            Self::Bytes(bytes) => f.write_str(&String::from_utf8_lossy(bytes)),
        }
    }
}

/// The columns that must be read to show these.
pub(crate) fn sources(shown: &[Shown]) -> BTreeSet<Column> {
    let record = [Column::Fields, Column::Raw];
    let mut columns = BTreeSet::new();
    for shown in shown {
        match shown {
            Shown::Column(Column::Message) => {
                columns.extend([Column::Message].iter().chain(&record));
            }
            Shown::Column(column) => columns.extend([column]),
            Shown::Original(_) => columns.extend(&record),
        }
    }
    columns
}

/// Shows values of the rows of a batch.
pub(crate) struct Cells<'a> {
    columns: Columns<'a>,
    /// The texts of every column, in the order of the schema.
    texts: Vec<Texts<'a>>,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(batch: &'a RecordBatch) -> Self {
        let columns = Columns::new(batch);
        Self { texts: Column::all().map(|column| columns.texts(column)).collect(), columns }
    }

    pub(crate) fn value(&self, shown: &Shown, row: usize) -> Value {
        match shown {
            Shown::Column(column) => match self.column(*column, row) {
                Value::Null if *column == Column::Message => self.original("message", row),
                value => value,
            },
            Shown::Original(name) => self.original(name, row),
        }
    }

    fn column(&self, column: Column, row: usize) -> Value {
        match column.spec().kind {
            Kind::Moment => self
                .columns
                .number(column, row)
                .and_then(|micros| Timestamp::from_microsecond(micros).ok())
                .map_or(Value::Null, Value::Moment),
            Kind::U64 | Kind::U32 | Kind::I32 | Kind::I8 | Kind::U16 => {
                self.columns.number(column, row).map_or(Value::Null, Value::Number)
            }
            Kind::Bytes => self.bytes(column, row),
            _ => self.text(column, row).map_or(Value::Null, |text| Value::Text(text.to_owned())),
        }
    }

    fn bytes(&self, column: Column, row: usize) -> Value {
        use arrow_array::Array;
        match self.texts(column) {
            Some(Texts::Bytes(bytes)) if bytes.is_valid(row) => {
                Value::Bytes(bytes.value(row).to_vec())
            }
            _ => Value::Null,
        }
    }

    fn original(&self, name: &str, row: usize) -> Value {
        let record = self.text(Column::Fields, row).or_else(|| self.text(Column::Raw, row));
        let mut value = Value::Null;
        find(record.unwrap_or_default(), name, &mut |found| {
            value = Value::Text(match found {
                Found::Text(text) => text.into_owned(),
                Found::Object(json) => json.to_owned(),
            });
            true
        });
        value
    }

    pub(crate) fn text(&self, column: Column, row: usize) -> Option<&'a str> {
        self.texts(column)?.get(row)
    }

    fn texts(&self, column: Column) -> Option<&Texts<'a>> {
        self.texts.get(column.index())
    }
}
