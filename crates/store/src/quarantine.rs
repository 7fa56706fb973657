//! The index of the quarantine: which records could not be read, why, and where they are kept.

use jiff::Timestamp;
use khien_domain::code::AgencyCode;
use khien_domain::ids::{EventId, QuarantineId, SourceId};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql, Value, chunks, signed};
use crate::{Store, StoreError, Tx};

const DOING: &str = "keeping records in quarantine";

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewQuarantined {
    /// The source that sent it.
    pub source: SourceId,
    /// Its batch and its place there.
    pub event: EventId,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The format it was read as.
    pub format: String,
    /// What is wrong with it.
    pub reason: String,
    /// Where it begins in what was sent, in bytes.
    pub position: u64,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// The file of the quarantine that keeps it.
    pub file: String,
    /// Where in that file, in bytes.
    pub file_offset: u64,
}

/// A record in quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Its number.
    pub id: QuarantineId,
    /// Whose source sent it.
    pub agency: AgencyCode,
    /// What is known of it.
    pub record: NewQuarantined,
    /// When it was read again with success.
    pub replayed_at: Option<Timestamp>,
}

fn read(row: &mut Columns<'_>) -> Result<Quarantined, StoreError> {
    Ok(Quarantined {
        id: QuarantineId(row.int()?),
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        record: NewQuarantined {
            source: SourceId(row.int()?),
            event: EventId { batch: row.unsigned()?, item: row.number()? },
            received_at: row.time()?,
            format: row.string()?,
            reason: row.string()?,
            position: row.unsigned()?,
            bytes: row.unsigned()?,
            file: row.string()?,
            file_offset: row.unsigned()?,
        },
        replayed_at: row.optional_time()?,
    })
}

impl Store {
    /// The records in quarantine of the agencies in scope, of one source if given, newest first.
    /// `waiting` leaves out those that were read again.
    pub async fn list_quarantine(
        &self,
        scope: &AgencyScope,
        source: Option<SourceId>,
        waiting: bool,
        page: &PageRequest,
    ) -> Result<Page<Quarantined>, StoreError> {
        let sql = Sql::new(
            "listing the quarantine",
            "SELECT quarantine.id, system.agency, source_id, batch, item, received_at, format,
                 reason, position, bytes, file, file_offset, replayed_at
             FROM quarantine
                 JOIN source ON source.id = quarantine.source_id
                 JOIN system ON system.code = source.system
             WHERE 1 = 1",
        )
        .scope("system.agency", scope)
        .and(" AND source_id = ", source.map(|source| source.0))
        .and(" AND quarantine.id < ", page.after)
        .text(if waiting { " AND replayed_at IS NULL" } else { "" })
        .text(" ORDER BY quarantine.id DESC");
        self.page(sql, page, read, |record| record.id.0).await
    }
}

impl Tx {
    /// Adds records; one that is there already (by batch and place) stays as it is.
    pub async fn add_quarantined(&mut self, records: &[NewQuarantined]) -> Result<(), StoreError> {
        for chunk in chunks(records) {
            let mut rows: Vec<Vec<Value>> = Vec::new();
            for record in chunk {
                rows.push(vec![
                    record.source.0.into(),
                    signed(DOING, "a batch", record.event.batch)?.into(),
                    record.event.item.into(),
                    record.received_at.into(),
                    (&record.format).into(),
                    (&record.reason).into(),
                    signed(DOING, "a position", record.position)?.into(),
                    signed(DOING, "a length", record.bytes)?.into(),
                    (&record.file).into(),
                    signed(DOING, "a position", record.file_offset)?.into(),
                ]);
            }
            let sql = Sql::new(
                DOING,
                "INSERT INTO quarantine (source_id, batch, item, received_at, format, reason,
                     position, bytes, file, file_offset) VALUES ",
            );
            self.execute(sql.rows(rows).text(" ON CONFLICT (batch, item) DO NOTHING")).await?;
        }
        Ok(())
    }

    /// Notes that records were read again with success. Answers how many were waiting.
    pub async fn mark_replayed(
        &mut self,
        ids: &[QuarantineId],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut marked = 0;
        for chunk in chunks(ids) {
            let sql = Sql::new(
                "noting replayed records",
                "UPDATE quarantine SET replayed_at = $1 WHERE replayed_at IS NULL AND id IN ",
            );
            let sql = sql.value(now).list(chunk.iter().map(|id| id.0));
            marked += self.execute(sql).await?;
        }
        Ok(marked)
    }

    /// Forgets records that arrived before a moment. Answers how many; their files are the
    /// caller's.
    pub async fn prune_quarantine(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let sql = Sql::new(DOING, "DELETE FROM quarantine WHERE received_at < $1");
        self.execute(sql.value(before)).await
    }
}
