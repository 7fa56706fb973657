//! Whether the records are whole, and of which version.

use crate::db::Db;
use crate::migrate::known;
use crate::sql::{Columns, Sql, int};
use crate::{Store, StoreError};

/// Faults that are told at most.
const MOST_FAULTS: usize = 20;

/// The migrations of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The last one that it has; 0 for a database without tables.
    pub found: i64,
    /// The last one that this program knows.
    pub known: i64,
}

impl Schema {
    /// Whether it is exactly what this program works with.
    pub fn is_current(self) -> bool {
        self.found == self.known
    }
}

impl Store {
    /// Which migrations the database has. Nothing is changed.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        const DOING: &str = "reading the migrations";
        let table = match &self.db {
            Db::Sqlite { .. } => Sql::new(
                DOING,
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'migration'",
            ),
            Db::Postgres(_) => Sql::new(
                DOING,
                "SELECT count(*) FROM information_schema.tables
                 WHERE table_schema = current_schema() AND table_name = 'migration'",
            ),
        };
        let found = match self.one(table, int).await? {
            Some(1) => {
                let last = Sql::new(DOING, "SELECT coalesce(max(number), 0) FROM migration");
                self.one(last, int).await?.unwrap_or_default()
            }
            _ => 0,
        };
        Ok(Schema { found, known: known() })
    }

    /// Reads all pages of a SQLite database and follows all references; answers what is wrong, in the
    /// database's words. PostgreSQL has its own tools for that and is only asked whether it answers.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        const DOING: &str = "checking the records";
        let Db::Sqlite { .. } = &self.db else {
            return self.answers().await.map(|()| Vec::new());
        };
        let text = |row: &mut Columns<'_>| row.string();
        let mut faults = self.all(Sql::new(DOING, "PRAGMA integrity_check(20)"), text).await?;
        faults.retain(|line| line != "ok");
        let lost = Sql::new(DOING, "SELECT \"table\", parent FROM pragma_foreign_key_check");
        let lost = self.all(lost, |row| Ok((row.string()?, row.string()?))).await?;
        let lost = lost.into_iter().map(|(table, parent)| {
            format!("a record of {table} refers to a record of {parent} that is not there")
        });
        faults.extend(lost.take(MOST_FAULTS));
        Ok(faults)
    }
}
