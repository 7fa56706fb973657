//! Settings that the program keeps for itself, by name.

use jiff::Timestamp;

use crate::sql::{Sql, string};
use crate::{Store, StoreError, Tx};

impl Store {
    /// The value of a setting.
    pub async fn find_setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let sql = Sql::new("reading a setting", "SELECT value FROM setting WHERE name = $1");
        self.one(sql.value(name), string).await
    }
}

impl Tx {
    /// Sets a setting.
    pub async fn set_setting(
        &mut self,
        name: &str,
        value: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "changing a setting",
            "INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE
                 SET value = excluded.value, updated_at = excluded.updated_at",
        );
        self.execute(sql.value(name).value(value).value(now)).await.map(|_| ())
    }
}
