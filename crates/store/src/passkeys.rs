//! Passkeys of people.

use jiff::Timestamp;
use khien_domain::account::PasskeyRecord;
use khien_domain::ids::{PasskeyId, PersonId};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str =
    "SELECT id, account_id, called, content, created_at, used_at FROM passkey WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<PasskeyRecord, StoreError> {
    Ok(PasskeyRecord {
        id: PasskeyId(row.int()?),
        person: PersonId(row.int()?),
        called: row.string()?,
        content: row.string()?,
        created_at: row.time()?,
        used_at: row.optional_time()?,
    })
}

impl Store {
    /// The passkeys of somebody, oldest first.
    pub async fn list_passkeys(&self, person: PersonId) -> Result<Vec<PasskeyRecord>, StoreError> {
        let sql = Sql::new("listing passkeys", SELECT)
            .text(" AND account_id = ")
            .bind(person.0)
            .text(" ORDER BY id");
        self.all(sql, read).await
    }

    /// The passkey with a credential's number, as the browser names it.
    pub async fn find_passkey(
        &self,
        credential: &[u8],
    ) -> Result<Option<PasskeyRecord>, StoreError> {
        let sql = Sql::new("reading a passkey", SELECT).text(" AND credential = ").bind(credential);
        self.one(sql, read).await
    }
}

impl Tx {
    /// Keeps a passkey.
    pub async fn add_passkey(
        &mut self,
        person: PersonId,
        credential: &[u8],
        called: &str,
        content: &str,
        now: Timestamp,
    ) -> Result<PasskeyId, StoreError> {
        let sql = Sql::new(
            "adding a passkey",
            "INSERT INTO passkey (account_id, credential, called, content, created_at)
             VALUES ($1, $2, $3, $4, $5) RETURNING id",
        );
        let sql = sql.value(person.0).value(credential).value(called).value(content).value(now);
        Ok(PasskeyId(self.insert(sql).await?))
    }

    /// Notes that somebody signed in with a passkey, and what it counts now.
    pub async fn use_passkey(
        &mut self,
        id: PasskeyId,
        content: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "noting a passkey",
            "UPDATE passkey SET content = $1, used_at = $2 WHERE id = $3",
        );
        self.execute(sql.value(content).value(now).value(id.0)).await.map(|_| ())
    }

    /// Removes a passkey of somebody. Answers whether it was there.
    pub async fn remove_passkey(
        &mut self,
        person: PersonId,
        id: PasskeyId,
    ) -> Result<bool, StoreError> {
        let sql =
            Sql::new("removing a passkey", "DELETE FROM passkey WHERE id = $1 AND account_id = $2");
        Ok(self.execute(sql.value(id.0).value(person.0)).await? > 0)
    }
}
