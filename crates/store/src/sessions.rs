//! Sessions of people, known by the hash of what their browser holds.

use jiff::Timestamp;
use khien_domain::account::{Session, Step};
use khien_domain::ids::{PersonId, SessionId};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

/// Sessions of one person that are listed at most.
const LISTED: u32 = 100;

const SELECT: &str =
    "SELECT id, account_id, step, created_at, seen_at, expires_at, origin, browser FROM session
    WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId(row.int()?),
        person: PersonId(row.int()?),
        step: row.parsed(Step::parse)?,
        created_at: row.time()?,
        seen_at: row.time()?,
        expires_at: row.time()?,
        origin: row.string()?,
        browser: row.string()?,
    })
}

impl Store {
    /// The session of a hash, one that has ended too: the caller looks at its times.
    pub async fn find_session(&self, hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let sql = Sql::new("reading a session", SELECT).text(" AND hash = ").bind(hash.as_slice());
        self.one(sql, read).await
    }

    /// The sessions of somebody that have not ended by `now`, the last used first.
    pub async fn list_sessions(
        &self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let sql = Sql::new("listing sessions", SELECT)
            .text(" AND account_id = ")
            .bind(person.0)
            .text(" AND expires_at > ")
            .bind(now)
            .text(" ORDER BY seen_at DESC, id DESC LIMIT ")
            .bind(LISTED);
        self.all(sql, read).await
    }
}

impl Tx {
    /// Keeps a session under the hash of what the browser holds; its number is given here.
    pub async fn add_session(
        &mut self,
        hash: &[u8; 32],
        session: &Session,
    ) -> Result<SessionId, StoreError> {
        let sql = Sql::new(
            "adding a session",
            "INSERT INTO session
                 (hash, account_id, step, created_at, seen_at, expires_at, origin, browser)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        )
        .value(hash.as_slice())
        .value(session.person.0)
        .value(session.step.name())
        .value(session.created_at)
        .value(session.seen_at)
        .value(session.expires_at)
        .value(&session.origin)
        .value(&session.browser);
        Ok(SessionId(self.insert(sql).await?))
    }

    /// Notes that a session was used.
    pub async fn see_session(&mut self, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
        let sql = Sql::new("noting a session", "UPDATE session SET seen_at = $1 WHERE id = $2");
        self.execute(sql.value(now).value(id.0)).await.map(|_| ())
    }

    /// Ends a session of somebody. Answers whether it was there.
    pub async fn end_session(
        &mut self,
        person: PersonId,
        id: SessionId,
    ) -> Result<bool, StoreError> {
        let sql =
            Sql::new("ending a session", "DELETE FROM session WHERE id = $1 AND account_id = $2");
        Ok(self.execute(sql.value(id.0).value(person.0)).await? > 0)
    }

    /// Ends all sessions of somebody but one, if one is to stay. Answers how many.
    pub async fn end_sessions(
        &mut self,
        person: PersonId,
        but: Option<SessionId>,
    ) -> Result<u64, StoreError> {
        let sql = Sql::new("ending sessions", "DELETE FROM session WHERE account_id = ")
            .bind(person.0)
            .and(" AND id <> ", but.map(|id| id.0));
        self.execute(sql).await
    }

    /// Forgets sessions that have ended.
    pub async fn forget_sessions(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = Sql::new("forgetting sessions", "DELETE FROM session WHERE expires_at <= $1");
        self.execute(sql.value(now)).await
    }
}
