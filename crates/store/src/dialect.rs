//! The few words in which the two databases differ.

use crate::db::Inner;
use crate::error::StoreError;
use crate::sql::Sql;
use crate::{Store, Tx, db::Db};

impl Store {
    /// Whether the records are in a file of this machine.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.db, Db::Sqlite { .. })
    }
}

impl Tx {
    /// Lets no other transaction change a table until this one ends. SQLite has one writer anyway.
    pub(crate) async fn lock(&mut self, statement: &'static str) -> Result<(), StoreError> {
        match self.inner {
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(_) => {
                self.execute(Sql::new("locking a table", statement)).await.map(|_| ())
            }
        }
    }
}
