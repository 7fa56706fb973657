//! Senders that were refused, counted by address.

use jiff::Timestamp;
use khien_domain::page::{Page, PageRequest};

use crate::sql::{Columns, Sql, signed};
use crate::{Store, StoreError, Tx};

const DOING: &str = "counting refused senders";

/// What was refused of one address at one listener for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The address, without the port.
    pub address: String,
    /// Where it knocked: `http`, `syslog-udp`.
    pub listener: String,
    /// Why it was refused, in a word: `unknown_address`, `expired_token`.
    pub reason: String,
    /// How often; when counting, since the last count.
    pub count: u64,
    /// The first time.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
}

/// The place of a refused sender in the list: address, listener, reason.
pub type RefusedCursor = (String, String, String);

impl Store {
    /// Refused senders, by address. They belong to no agency: the caller needs a permission that is
    /// global.
    pub async fn list_refused(
        &self,
        page: &PageRequest<RefusedCursor>,
    ) -> Result<Page<Refused, RefusedCursor>, StoreError> {
        let mut sql = Sql::new(
            "listing refused senders",
            "SELECT address, listener, reason, count, first_at, last_at
             FROM refused_sender WHERE 1 = 1",
        );
        if let Some((address, listener, reason)) = &page.after {
            sql = sql
                .text(" AND (address, listener, reason) > (")
                .bind(address)
                .text(", ")
                .bind(listener)
                .text(", ")
                .bind(reason)
                .text(")");
        }
        let read = |row: &mut Columns<'_>| {
            Ok(Refused {
                address: row.string()?,
                listener: row.string()?,
                reason: row.string()?,
                count: row.unsigned()?,
                first_at: row.time()?,
                last_at: row.time()?,
            })
        };
        let cursor = |refused: &Refused| {
            (refused.address.clone(), refused.listener.clone(), refused.reason.clone())
        };
        self.page(sql.text(" ORDER BY address, listener, reason"), page, read, cursor).await
    }
}

impl Tx {
    /// Adds to the counts.
    pub async fn count_refused(&mut self, refused: &[Refused]) -> Result<(), StoreError> {
        for sender in refused {
            let sql = Sql::new(
                DOING,
                "INSERT INTO refused_sender (address, listener, reason, count, first_at, last_at)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (address, listener, reason) DO UPDATE SET
                     count = refused_sender.count + excluded.count,
                     last_at = CASE WHEN excluded.last_at > refused_sender.last_at
                         THEN excluded.last_at ELSE refused_sender.last_at END",
            )
            .value(&sender.address)
            .value(&sender.listener)
            .value(&sender.reason)
            .value(signed(DOING, "a count", sender.count)?)
            .value(sender.first_at)
            .value(sender.last_at);
            self.execute(sql).await?;
        }
        Ok(())
    }

    /// Forgets all but the `keep` senders that knocked last, since addresses of datagrams can be
    /// forged without end. Answers how many were forgotten.
    pub async fn prune_refused(&mut self, keep: u32) -> Result<u64, StoreError> {
        let sql = Sql::new(
            DOING,
            "DELETE FROM refused_sender WHERE last_at <=
                 (SELECT last_at FROM refused_sender ORDER BY last_at DESC LIMIT 1 OFFSET $1)",
        );
        self.execute(sql.value(keep)).await
    }
}
