//! The handle and the transaction, and the few helpers through which every statement goes.

use khien_domain::page::{Page, PageRequest};
use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;
use sqlx::{Postgres, Sqlite, Transaction};

use crate::error::StoreError;
use crate::sql::{Columns, Row, Sql, int};

/// The records of the centre. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Store {
    pub(crate) db: Db,
}

#[derive(Clone)]
pub(crate) enum Db {
    /// SQLite takes one writer at a time: one connection writes, the others read beside it.
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
    },
    Postgres(PgPool),
}

/// A transaction. What is done through it is kept by [`commit`](Self::commit) as a whole, or not at
/// all: when it is dropped, when the program dies, when the power fails.
pub struct Tx {
    pub(crate) inner: Inner,
}

pub(crate) enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Store {
    /// Begins to write. On SQLite this waits for other writers, those of other processes too.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        const DOING: &str = "beginning a transaction";
        let inner = match &self.db {
            Db::Sqlite { write, .. } => {
                write.begin_with("BEGIN IMMEDIATE").await.map(Inner::Sqlite)
            }
            Db::Postgres(pool) => pool.begin().await.map(Inner::Postgres),
        };
        Ok(Tx { inner: inner.map_err(|error| StoreError::sql(DOING, error))? })
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> Result<(), StoreError> {
        self.one(
            Sql::new("asking whether the store answers", "SELECT 1 + 0 * count(*) FROM agency"),
            int,
        )
        .await
        .map(|_| ())
    }

    /// Closes the connections after what runs has ended.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) async fn all<T>(
        &self,
        sql: Sql,
        read: impl Fn(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let doing = sql.doing;
        let rows: Result<Vec<Row>, _> = match &self.db {
            Db::Sqlite { read, .. } => {
                sql.sqlite().fetch_all(read).await.map(|rows| wrap(rows, Row::Sqlite))
            }
            Db::Postgres(pool) => {
                sql.postgres().fetch_all(pool).await.map(|rows| wrap(rows, Row::Postgres))
            }
        };
        decode(doing, rows, read)
    }

    pub(crate) async fn one<T>(
        &self,
        sql: Sql,
        read: impl Fn(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, read).await?.pop())
    }

    /// A page: the statement without its `LIMIT`, and what the cursor of an item is.
    pub(crate) async fn page<T, Cursor>(
        &self,
        sql: Sql,
        request: &PageRequest<Cursor>,
        read: impl Fn(&mut Columns<'_>) -> Result<T, StoreError>,
        cursor: impl Fn(&T) -> Cursor,
    ) -> Result<Page<T, Cursor>, StoreError> {
        let limit = request.limit() as usize;
        let sql = sql.text(" LIMIT ").bind(i64::from(request.limit()) + 1);
        let mut items = self.all(sql, read).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(cursor);
        Ok(Page { items, next })
    }
}

impl Tx {
    /// Keeps everything that was done.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await,
            Inner::Postgres(tx) => tx.commit().await,
        }
        .map_err(|error| StoreError::sql("committing a transaction", error))
    }

    /// Undoes everything that was done.
    pub async fn rollback(self) -> Result<(), StoreError> {
        match self.inner {
            Inner::Sqlite(tx) => tx.rollback().await,
            Inner::Postgres(tx) => tx.rollback().await,
        }
        .map_err(|error| StoreError::sql("undoing a transaction", error))
    }

    /// Runs a statement; answers how many rows it changed.
    pub(crate) async fn execute(&mut self, sql: Sql) -> Result<u64, StoreError> {
        let doing = sql.doing;
        match &mut self.inner {
            Inner::Sqlite(tx) => {
                sql.sqlite().execute(&mut **tx).await.map(|done| done.rows_affected())
            }
            Inner::Postgres(tx) => {
                sql.postgres().execute(&mut **tx).await.map(|done| done.rows_affected())
            }
        }
        .map_err(|error| StoreError::sql(doing, error))
    }

    pub(crate) async fn all<T>(
        &mut self,
        sql: Sql,
        read: impl Fn(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let doing = sql.doing;
        let rows: Result<Vec<Row>, _> = match &mut self.inner {
            Inner::Sqlite(tx) => {
                sql.sqlite().fetch_all(&mut **tx).await.map(|rows| wrap(rows, Row::Sqlite))
            }
            Inner::Postgres(tx) => {
                sql.postgres().fetch_all(&mut **tx).await.map(|rows| wrap(rows, Row::Postgres))
            }
        };
        decode(doing, rows, read)
    }

    pub(crate) async fn one<T>(
        &mut self,
        sql: Sql,
        read: impl Fn(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, read).await?.pop())
    }

    /// Runs an `INSERT … RETURNING id`.
    pub(crate) async fn insert(&mut self, sql: Sql) -> Result<i64, StoreError> {
        let doing = sql.doing;
        let id = self.one(sql, int).await?;
        id.ok_or_else(|| StoreError::Damaged { doing, what: "no number was given out".into() })
    }
}

fn wrap<T>(rows: Vec<T>, row: fn(T) -> Row) -> Vec<Row> {
    rows.into_iter().map(row).collect()
}

fn decode<T>(
    doing: &'static str,
    rows: Result<Vec<Row>, sqlx::Error>,
    read: impl Fn(&mut Columns<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let rows = rows.map_err(|error| StoreError::sql(doing, error))?;
    rows.iter().map(|row| read(&mut row.columns(doing))).collect()
}
