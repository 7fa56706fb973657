//! Migrations: numbered, embedded, the same names for both databases, only forward.
//!
//! All that are missing run in one transaction under a lock, so that two processes that start at
//! once do it once, and a process that dies in the middle leaves the database as it was.

use jiff::Timestamp;
use sqlx::{Executor as _, Postgres, Sqlite, Transaction};

use crate::db::{Db, Inner};
use crate::error::StoreError;
use crate::sql::{Sql, int};
use crate::{Store, Tx};

struct Migration {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($($name:literal)*) => {
        &[$(Migration {
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }),*]
    };
}

/// All migrations; the place in the list, from 1, is the number in the name.
const MIGRATIONS: &[Migration] = migrations![
    "0001_register" "0002_alerts" "0003_operations" "0004_holds" "0005_hunts" "0006_accounts"
    "0007_incidents" "0008_rules" "0009_pulse" "0010_ledger" "0011_profile" "0012_assurance"
    "0013_dossiers" "0014_rounds" "0015_controls" "0016_heard" "0017_equipment" "0018_custody"
    "0019_losses" "0020_leavers_and_certificates" "0021_papers" "0022_site_plans"
    "0023_ledger_kind" "0024_source_class" "0025_leaks" "0026_risks" "0027_mappings"
    "0028_project_dossiers" "0029_documents" "0030_accounts_of_appointments"
];

/// Any number that nobody else uses for an advisory lock in our database.
const LOCK: i64 = 0x6b68_6965_6e00_0001;

/// The number of the last migration that this program knows.
pub(crate) fn known() -> i64 {
    MIGRATIONS.len() as i64
}

impl Store {
    /// Brings the database up to what this program knows. Answers the names of the migrations that
    /// ran.
    pub async fn migrate(&self, now: Timestamp) -> Result<Vec<&'static str>, StoreError> {
        let mut tx = self.begin().await?;
        if let Db::Postgres(_) = self.db {
            let lock = Sql::new("waiting for other migrations", "SELECT pg_advisory_xact_lock($1)");
            tx.execute(lock.value(LOCK)).await?;
        }
        tx.execute(Sql::new(
            "preparing the migrations",
            "CREATE TABLE IF NOT EXISTS migration
                 (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)",
        ))
        .await?;
        let last =
            Sql::new("reading the migrations", "SELECT coalesce(max(number), 0) FROM migration");
        let found = tx.one(last, int).await?.unwrap_or_default();
        let known = known();
        if found > known {
            return Err(StoreError::Newer { found, known });
        }
        let mut names = Vec::new();
        for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(found as usize) {
            tx.run(migration).await?;
            let note = Sql::new(
                "noting a migration",
                "INSERT INTO migration (number, name, applied_at) VALUES ($1, $2, $3)",
            );
            tx.execute(note.value(number).value(migration.name).value(now)).await?;
            names.push(migration.name);
        }
        tx.commit().await?;
        Ok(names)
    }
}

impl Tx {
    async fn run(&mut self, migration: &Migration) -> Result<(), StoreError> {
        let done = match &mut self.inner {
            Inner::Sqlite(tx) => run_sqlite(tx, migration.sqlite).await,
            Inner::Postgres(tx) => run_postgres(tx, migration.postgres).await,
        };
        done.map_err(|source| StoreError::Migration { name: migration.name, source })
    }
}

async fn run_sqlite(
    tx: &mut Transaction<'static, Sqlite>,
    text: &'static str,
) -> Result<(), sqlx::Error> {
    (**tx).execute(sqlx::raw_sql(text)).await.map(|_| ())
}

async fn run_postgres(
    tx: &mut Transaction<'static, Postgres>,
    text: &'static str,
) -> Result<(), sqlx::Error> {
    (**tx).execute(sqlx::raw_sql(text)).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_have_the_same_migrations_in_order() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        for database in ["sqlite", "postgres"] {
            let mut names: Vec<String> = std::fs::read_dir(folder.join(database))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            let known: Vec<String> =
                MIGRATIONS.iter().map(|migration| format!("{}.sql", migration.name)).collect();
            assert_eq!(names, known, "{database}");
        }
        for (number, migration) in (1..).zip(MIGRATIONS) {
            assert!(migration.name.starts_with(&format!("{number:04}_")), "{}", migration.name);
        }
    }
}
