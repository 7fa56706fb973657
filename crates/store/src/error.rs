//! What can go wrong with the store.

/// A failure of the store. `doing` completes «failed at …».
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database cannot be opened or reached.
    #[error("the database {name} cannot be opened")]
    Open {
        /// Which database, without its password.
        name: String,
        /// Why.
        source: sqlx::Error,
    },
    /// The setting that names the database is not understood.
    #[error("«{0}» names no database: write a path, or postgres://USER@HOST/NAME")]
    Name(String),
    /// PostgreSQL on another machine, without TLS that proves who it is.
    #[error(
        "{0} would be reached over the network without proof of who it is: add ?sslmode=verify-full, and &sslrootcert=FILE for a certificate of your own authority"
    )]
    Remote(String),
    /// The database was written by a newer program.
    #[error(
        "the database has migration {found}, this program knows up to {known}: run the newer program"
    )]
    Newer {
        /// The last migration of the database.
        found: i64,
        /// The last one that this program knows.
        known: i64,
    },
    /// A migration failed; nothing of it is kept.
    #[error("migration {name} failed")]
    Migration {
        /// Which one.
        name: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// A record with the same identity is already there.
    #[error("failed at {doing}: there is one already")]
    Conflict {
        /// What was being done.
        doing: &'static str,
    },
    /// Something that the record refers to is not there.
    #[error("failed at {doing}: what it refers to does not exist")]
    Missing {
        /// What was being done.
        doing: &'static str,
    },
    /// A record does not say what its table promises: another program wrote it, or it is damaged.
    #[error("failed at {doing}: a record is damaged: {what}")]
    Damaged {
        /// What was being done.
        doing: &'static str,
        /// What is wrong.
        what: String,
    },
    /// A value that the database cannot hold.
    #[error("failed at {doing}: {what} is out of range")]
    Range {
        /// What was being done.
        doing: &'static str,
        /// Which value.
        what: &'static str,
    },
    /// The database keeps its own backups.
    #[error(
        "PostgreSQL is backed up with its own tools: pg_dump --format=custom for one moment, pg_basebackup with WAL archiving for any moment"
    )]
    BackupElsewhere,
    /// The database refused or cannot be reached.
    #[error("failed at {doing}")]
    Sql {
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: sqlx::Error,
    },
}

impl StoreError {
    pub(crate) fn sql(doing: &'static str, source: sqlx::Error) -> Self {
        match source.as_database_error() {
            Some(error) if error.is_unique_violation() => Self::Conflict { doing },
            Some(error) if error.is_foreign_key_violation() => Self::Missing { doing },
            _ => Self::Sql { doing, source },
        }
    }
}
