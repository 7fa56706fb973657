//! Which records of the quarantine have been read again. The records themselves are in the lake.

use std::collections::BTreeSet;

use jiff::Timestamp;
use khien_domain::ids::EventId;

use crate::sql::{Columns, Sql, Value, chunks, signed};
use crate::{Store, StoreError, Tx};

const FINDING: &str = "looking for records that were read again";
const NOTING: &str = "noting records that were read again";

fn read(row: &mut Columns<'_>) -> Result<EventId, StoreError> {
    Ok(EventId { batch: row.unsigned()?, item: row.number()? })
}

impl Store {
    /// Those of the records that have been read again.
    pub async fn find_read_again(
        &self,
        records: &[EventId],
    ) -> Result<BTreeSet<EventId>, StoreError> {
        let mut found = BTreeSet::new();
        for chunk in chunks(records) {
            let mut rows: Vec<Vec<Value>> = Vec::new();
            for record in chunk {
                let batch = signed(FINDING, "a batch", record.batch)?;
                rows.push(vec![batch.into(), record.item.into()]);
            }
            let sql = Sql::new(
                FINDING,
                "SELECT batch, item FROM read_again WHERE (batch, item) IN (VALUES ",
            );
            found.extend(self.all(sql.rows(rows).text(")"), read).await?);
        }
        Ok(found)
    }
}

impl Tx {
    /// Notes that records have been read again, into other batches; the first note stays.
    pub async fn note_read_again(
        &mut self,
        records: &[EventId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for chunk in chunks(records) {
            let mut rows: Vec<Vec<Value>> = Vec::new();
            for record in chunk {
                let batch = signed(NOTING, "a batch", record.batch)?;
                rows.push(vec![batch.into(), record.item.into(), now.into()]);
            }
            let sql = Sql::new(NOTING, "INSERT INTO read_again (batch, item, at) VALUES ");
            self.execute(sql.rows(rows).text(" ON CONFLICT (batch, item) DO NOTHING")).await?;
        }
        Ok(())
    }
}
