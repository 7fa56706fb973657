//! Which database, and how it is opened.

use std::borrow::Cow;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::db::Db;
use crate::{Store, StoreError};

/// How long a writer waits for the writer of another process.
const BUSY: Duration = Duration::from_secs(30);
/// How long to wait before connecting again.
const AGAIN: Duration = Duration::from_millis(20);
/// Connections that read beside the writer.
const READERS: u32 = 4;
/// Connections to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 8;

/// A database.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file, made if it is not there.
    Sqlite(PathBuf),
    /// A database of a PostgreSQL server: `postgres://USER@HOST/NAME`, over a network only with
    /// `?sslmode=verify-full` and, for a certificate of one's own authority, `&sslrootcert=FILE`.
    Postgres(String),
}

impl Database {
    /// The database of a setting: a URL of PostgreSQL, or a path.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let options =
                PgConnectOptions::from_str(text).map_err(|_| StoreError::Name(redacted(text)))?;
            if !is_local(&options) && !matches!(options.get_ssl_mode(), PgSslMode::VerifyFull) {
                return Err(StoreError::Remote(redacted(text)));
            }
            Ok(Self::Postgres(text.to_owned()))
        } else if text.is_empty() || text.contains("://") {
            Err(StoreError::Name(redacted(text)))
        } else {
            Ok(Self::Sqlite(text.into()))
        }
    }
}

/// Whether a server is reached without a network. Otherwise only a mode will do in which the driver
/// neither falls back to plain text nor talks to a server that cannot prove its name.
fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Shows no password.
impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => path.fmt(formatter),
            Self::Postgres(url) => formatter.write_str(&redacted(url)),
        }
    }
}

/// A URL without user, password and options.
fn redacted(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://…@{place}"),
        _ => url.to_owned(),
    }
}

impl Store {
    /// Opens a database. Its tables are made by [`migrate`](Self::migrate).
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        if let Database::Postgres(url) = database {
            Database::parse(url)?;
        }
        let opened = match database {
            Database::Sqlite(path) => open_sqlite(path).await,
            Database::Postgres(url) => open_postgres(url).await,
        };
        let db =
            opened.map_err(|source| StoreError::Open { name: format!("{database:?}"), source })?;
        Ok(Self { db })
    }
}

async fn open_sqlite(path: &Path) -> Result<Db, sqlx::Error> {
    // FULL: what is committed survives a power failure, as the journal of events counts on it.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY);
    let write = sqlite_pool(options.clone(), 1).await?;
    let read = sqlite_pool(options.pragma("query_only", "ON"), READERS).await?;
    Ok(Db::Sqlite { write, read })
}

/// Connects, again and again while another program that starts at the same moment turns the file to
/// its write-ahead log: SQLite does not wait for that by itself.
async fn sqlite_pool(options: SqliteConnectOptions, most: u32) -> Result<SqlitePool, sqlx::Error> {
    let mut waited = Duration::ZERO;
    loop {
        let pool = SqlitePoolOptions::new().max_connections(most);
        match pool.connect_with(options.clone()).await {
            Err(sqlx::Error::Database(error)) if waited < BUSY && is_busy(error.code()) => {
                tokio::time::sleep(AGAIN).await;
                waited += AGAIN;
            }
            connected => return connected,
        }
    }
}

/// Whether a code of SQLite is one of `SQLITE_BUSY`.
fn is_busy(code: Option<Cow<'_, str>>) -> bool {
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == 5)
}

async fn open_postgres(url: &str) -> Result<Db, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?;
    let pool =
        PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).connect_with(options).await?;
    Ok(Db::Postgres(pool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_a_path_or_a_server() {
        assert_eq!(Database::parse("khien.db").unwrap(), Database::Sqlite("khien.db".into()));
        for url in [
            "postgres://khien:secret@127.0.0.1:5432/khien",
            "postgresql://khien@localhost/khien",
            "postgres://khien@[::1]/khien",
            "postgres://khien@%2Fvar%2Frun%2Fpostgresql/khien",
            "postgres://khien@db.minhhoa.example/khien?sslmode=verify-full",
        ] {
            assert_eq!(Database::parse(url).unwrap(), Database::Postgres(url.into()));
        }
        for bad in ["", "mysql://khien@db.minhhoa.example/khien", "postgres://[x"] {
            assert!(matches!(Database::parse(bad), Err(StoreError::Name(_))), "{bad}");
        }
    }

    #[test]
    fn records_do_not_cross_a_network_in_plain_text() {
        for url in [
            "postgres://khien@db.minhhoa.example/khien",
            "postgres://khien@192.0.2.7/khien?sslmode=disable",
            "postgres://khien@192.0.2.7/khien?sslmode=prefer",
            "postgres://khien@192.0.2.7/khien?sslmode=require",
        ] {
            assert!(matches!(Database::parse(url), Err(StoreError::Remote(_))), "{url}");
        }
    }

    #[test]
    fn no_password_is_shown() {
        let url = "postgres://khien:secret@127.0.0.1/khien?password=secret";
        let shown = format!("{:?}", Database::parse(url).unwrap());
        assert_eq!(shown, "postgres://…@127.0.0.1/khien");
        for wrong in ["mysql", "postgres"] {
            let url = format!("{wrong}://khien:secret@db.minhhoa.example");
            let error = Database::parse(&url).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
