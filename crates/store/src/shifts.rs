//! Notes from one shift to the next. They concern the whole installation.

use jiff::Timestamp;
use khien_domain::ids::ShiftNoteId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::shift::{OpenMatters, ShiftNote};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT id, author, at, text, open_informational, open_low, open_medium,
        open_high, open_critical, open_incidents, silent_sources, acknowledged_by, acknowledged_at
    FROM shift_note WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<ShiftNote, StoreError> {
    Ok(ShiftNote {
        id: ShiftNoteId(row.int()?),
        author: row.string()?,
        at: row.time()?,
        text: row.string()?,
        open: OpenMatters {
            alerts: [
                row.unsigned()?,
                row.unsigned()?,
                row.unsigned()?,
                row.unsigned()?,
                row.unsigned()?,
            ],
            incidents: row.unsigned()?,
            silent_sources: row.unsigned()?,
        },
        acknowledged: row.optional_string()?.zip(row.optional_time()?),
    })
}

impl Store {
    /// A note.
    pub async fn find_shift_note(&self, id: ShiftNoteId) -> Result<Option<ShiftNote>, StoreError> {
        let sql = Sql::new("reading a shift's note", SELECT).text(" AND id = ").bind(id.0);
        self.one(sql, read).await
    }

    /// The notes, newest first.
    pub async fn list_shift_notes(
        &self,
        page: &PageRequest,
    ) -> Result<Page<ShiftNote>, StoreError> {
        let sql = Sql::new("listing notes of shifts", SELECT)
            .and(" AND id < ", page.after)
            .text(" ORDER BY id DESC");
        self.page(sql, page, read, |note| note.id.0).await
    }
}

impl Tx {
    /// Adds a note.
    pub async fn add_shift_note(
        &mut self,
        author: &str,
        text: &str,
        open: &OpenMatters,
        now: Timestamp,
    ) -> Result<ShiftNoteId, StoreError> {
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let mut sql = Sql::new(
            "adding a shift's note",
            "INSERT INTO shift_note
                 (author, at, text, open_informational, open_low, open_medium, open_high,
                  open_critical, open_incidents, silent_sources)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        )
        .value(author)
        .value(now)
        .value(text);
        for alerts in open.alerts {
            sql = sql.value(count(alerts));
        }
        let sql = sql.value(count(open.incidents)).value(count(open.silent_sources));
        Ok(ShiftNoteId(self.insert(sql).await?))
    }

    /// Says that somebody took over by a note. Answers whether it was there, was not theirs, and
    /// nobody had before.
    pub async fn acknowledge_shift_note(
        &mut self,
        id: ShiftNoteId,
        by: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "acknowledging a shift's note",
            "UPDATE shift_note SET acknowledged_by = $1, acknowledged_at = $2
             WHERE id = $3 AND acknowledged_by IS NULL AND author <> $1",
        );
        Ok(self.execute(sql.value(by).value(now).value(id.0)).await? > 0)
    }
}
