//! Keys of batches that clients sent, so that a batch sent again is known again.

use jiff::Timestamp;
use khien_domain::ids::SourceId;

use crate::sql::{Sql, Value, chunks, signed, unsigned};
use crate::{Store, StoreError, Tx};

const DOING: &str = "keeping keys of batches";

/// The key of a batch of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchKey {
    /// The source that sent it.
    pub source: SourceId,
    /// The key: a hash of what the client calls the batch.
    pub key: [u8; 16],
    /// The number of the batch.
    pub batch: u64,
    /// When it arrived.
    pub at: Timestamp,
}

impl Store {
    /// The number of the batch that a source sent under a key, if it did.
    pub async fn find_batch(
        &self,
        source: SourceId,
        key: &[u8; 16],
    ) -> Result<Option<u64>, StoreError> {
        let sql = Sql::new(
            "looking a batch up",
            "SELECT batch FROM batch_key WHERE source_id = $1 AND batch_key = $2",
        );
        self.one(sql.value(source.0).value(key.as_slice()), unsigned).await
    }
}

impl Tx {
    /// Keeps keys; one that is kept already stays as it is.
    pub async fn add_batch_keys(&mut self, keys: &[BatchKey]) -> Result<(), StoreError> {
        for chunk in chunks(keys) {
            let mut rows: Vec<Vec<Value>> = Vec::new();
            for key in chunk {
                rows.push(vec![
                    key.source.0.into(),
                    key.key.as_slice().into(),
                    signed(DOING, "a batch", key.batch)?.into(),
                    key.at.into(),
                ]);
            }
            let sql =
                Sql::new(DOING, "INSERT INTO batch_key (source_id, batch_key, batch, at) VALUES ");
            self.execute(sql.rows(rows).text(" ON CONFLICT DO NOTHING")).await?;
        }
        Ok(())
    }

    /// Forgets keys of batches that arrived before a moment. Answers how many.
    pub async fn prune_batch_keys(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.execute(Sql::new(DOING, "DELETE FROM batch_key WHERE at < $1").value(before)).await
    }
}
