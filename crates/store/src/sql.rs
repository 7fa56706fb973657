//! A statement with its values, and the rows that come back, the same for both databases.

use jiff::Timestamp;
use jiff::civil::Date;
use khien_domain::code::AgencyCode;
use khien_domain::permission::AgencyScope;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Postgres, Row as _, Sqlite, Type};

use crate::error::StoreError;

/// A value of a statement. The types are the three that both databases know alike.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(Some(value.into()))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        i64::from(value).into()
    }
}

impl From<Option<u32>> for Value {
    fn from(value: Option<u32>) -> Self {
        value.map(i64::from).into()
    }
}

impl From<Date> for Value {
    fn from(value: Date) -> Self {
        value.to_string().into()
    }
}

impl From<Option<Date>> for Value {
    fn from(value: Option<Date>) -> Self {
        value.map(|day| day.to_string()).into()
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(Some(value.as_microsecond()))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(value: Option<Timestamp>) -> Self {
        Self::Int(value.map(Timestamp::as_microsecond))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        value.as_str().into()
    }
}

/// PostgreSQL takes no NUL in a text, and an event that bears one must not stop the others: it
/// becomes U+FFFD, in both databases alike.
impl From<String> for Value {
    fn from(value: String) -> Self {
        let has_nul = value.contains('\0');
        Self::Text(Some(if has_nul { value.replace('\0', "\u{fffd}") } else { value }))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Text(None), Self::from)
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        value.map_or(Self::Text(None), Self::from)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

/// A statement and its values. Text is only ever added from the program's own sources, values only
/// ever as parameters: nothing that a user wrote can become SQL.
pub(crate) struct Sql {
    /// What is being done, for errors.
    pub(crate) doing: &'static str,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// A statement; its text may hold `$1`…, given in order by [`value`](Self::value).
    pub(crate) fn new(doing: &'static str, text: &'static str) -> Self {
        Self { doing, text: text.to_owned(), values: Vec::new() }
    }

    /// The value of the next parameter that the text already names.
    pub(crate) fn value(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// More text.
    pub(crate) fn text(mut self, text: &'static str) -> Self {
        self.text.push_str(text);
        self
    }

    /// A further parameter with its value.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self.text.push_str(&format!("${}", self.values.len()));
        self
    }

    /// More text and a parameter, if there is a value.
    pub(crate) fn and(self, text: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.text(text).bind(value),
            None => self,
        }
    }

    /// ` AND column IN (…)`: only rows of the agencies in scope.
    pub(crate) fn scope(self, column: &'static str, scope: &AgencyScope) -> Self {
        let AgencyScope::Only(agencies) = scope else { return self };
        let codes = agencies.iter().map(AgencyCode::as_str);
        self.text(" AND ").text(column).text(" IN ").list(codes)
    }

    /// `($1, $2, …)`, or a list of nothing that matches nothing.
    pub(crate) fn list(mut self, values: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        self.text.push('(');
        let mut empty = true;
        for value in values {
            if !empty {
                self.text.push_str(", ");
            }
            empty = false;
            self = self.bind(value);
        }
        self.text(if empty { "NULL)" } else { ")" })
    }

    /// `($1, $2), ($3, $4)…`: rows for `INSERT … VALUES`.
    pub(crate) fn rows(mut self, rows: impl IntoIterator<Item = Vec<Value>>) -> Self {
        for (number, row) in rows.into_iter().enumerate() {
            if number > 0 {
                self.text.push_str(", ");
            }
            self = self.list(row);
        }
        self
    }

    pub(crate) fn sqlite(self) -> Query<'static, Sqlite, SqliteArguments> {
        let mut query = sqlx::query(AssertSqlSafe(self.text));
        for value in self.values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }

    pub(crate) fn postgres(self) -> Query<'static, Postgres, PgArguments> {
        let mut query = sqlx::query(AssertSqlSafe(self.text));
        for value in self.values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }
}

/// A number of a batch or a count as the databases hold it.
pub(crate) fn signed(
    doing: &'static str,
    what: &'static str,
    value: u64,
) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Range { doing, what })
}

/// A pattern of `LIKE … ESCAPE '\\'` that finds a text anywhere.
pub(crate) fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// How many rows one `INSERT` takes: few different statements, so that each stays prepared.
pub(crate) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = [64, 8, 1].into_iter().find(|size| *size <= rows.len())?;
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// A row of an answer.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// Reads a row's columns from left to right.
pub(crate) struct Columns<'row> {
    doing: &'static str,
    row: &'row Row,
    next: usize,
}

impl Row {
    pub(crate) fn columns(&self, doing: &'static str) -> Columns<'_> {
        Columns { doing, row: self, next: 0 }
    }
}

impl<'row> Columns<'row> {
    fn get<T>(&mut self) -> Result<T, StoreError>
    where
        T: Decode<'row, Sqlite> + Type<Sqlite> + Decode<'row, Postgres> + Type<Postgres>,
    {
        let column = self.next;
        self.next += 1;
        match self.row {
            Row::Sqlite(row) => row.try_get(column),
            Row::Postgres(row) => row.try_get(column),
        }
        .map_err(|source| StoreError::Sql { doing: self.doing, source })
    }

    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        self.get()
    }

    pub(crate) fn optional_int(&mut self) -> Result<Option<i64>, StoreError> {
        self.get()
    }

    pub(crate) fn string(&mut self) -> Result<String, StoreError> {
        self.get()
    }

    pub(crate) fn optional_string(&mut self) -> Result<Option<String>, StoreError> {
        self.get()
    }

    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        self.get()
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp, StoreError> {
        let value = self.int()?;
        self.timestamp(value)
    }

    pub(crate) fn optional_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        self.optional_int()?.map(|value| self.timestamp(value)).transpose()
    }

    fn timestamp(&self, value: i64) -> Result<Timestamp, StoreError> {
        Timestamp::from_microsecond(value)
            .map_err(|_| self.damaged(format!("{value} is no moment")))
    }

    /// A text column read as something else.
    pub(crate) fn parsed<T>(
        &mut self,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let text = self.string()?;
        parse(&text).ok_or_else(|| self.damaged(format!("«{text}» is not known")))
    }

    /// A text column read as something else, if it is not null.
    pub(crate) fn optional_parsed<T>(
        &mut self,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let Some(text) = self.optional_string()? else { return Ok(None) };
        let value = parse(&text).ok_or_else(|| self.damaged(format!("«{text}» is not known")))?;
        Ok(Some(value))
    }

    /// A whole number that fits a narrower type.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        let value = self.int()?;
        T::try_from(value).map_err(|_| self.damaged(format!("{value} is out of range")))
    }

    /// A whole number that fits a narrower type, if it is not null.
    pub(crate) fn optional_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, StoreError> {
        let Some(value) = self.optional_int()? else { return Ok(None) };
        let fits = T::try_from(value).map(Some);
        fits.map_err(|_| self.damaged(format!("{value} is out of range")))
    }

    pub(crate) fn bool(&mut self) -> Result<bool, StoreError> {
        Ok(self.int()? != 0)
    }

    /// A day such as 2026-10-15.
    pub(crate) fn day(&mut self) -> Result<Date, StoreError> {
        self.parsed(|text| text.parse().ok())
    }

    pub(crate) fn optional_day(&mut self) -> Result<Option<Date>, StoreError> {
        self.optional_parsed(|text| text.parse().ok())
    }

    /// The number of a batch or a count.
    pub(crate) fn unsigned(&mut self) -> Result<u64, StoreError> {
        self.number()
    }

    pub(crate) fn damaged(&self, what: String) -> StoreError {
        StoreError::Damaged { doing: self.doing, what }
    }
}

/// Reads a row of one whole number.
pub(crate) fn int(row: &mut Columns<'_>) -> Result<i64, StoreError> {
    row.int()
}

/// Reads a row of one number of a batch.
pub(crate) fn unsigned(row: &mut Columns<'_>) -> Result<u64, StoreError> {
    row.unsigned()
}
