//! A consistent copy of the records while the program runs.

use std::path::Path;

use sqlx::{Connection as _, SqliteConnection};

use crate::db::Db;
use crate::sql::Sql;
use crate::{Store, StoreError};

impl Store {
    /// Writes a copy of one moment to a file that must not exist yet. Writers go on meanwhile.
    ///
    /// Only for SQLite; PostgreSQL has its own tools, which the error names.
    pub async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        const DOING: &str = "backing up";
        let Db::Sqlite { write, .. } = &self.db else { return Err(StoreError::BackupElsewhere) };
        let path = path.to_str().ok_or(StoreError::Range { doing: DOING, what: "the path" })?;
        // On a connection of its own: the readers may only query, the writer is for writing.
        let mut connection = SqliteConnection::connect_with(&write.connect_options())
            .await
            .map_err(|error| StoreError::sql(DOING, error))?;
        let copy = Sql::new(DOING, "VACUUM INTO $1").value(path).sqlite();
        let done = copy.execute(&mut connection).await;
        let closed = connection.close().await;
        done.map(|_| ()).and(closed).map_err(|error| StoreError::sql(DOING, error))
    }
}
