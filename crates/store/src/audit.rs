//! The audit log: entries are added and read; the database itself refuses anything else.

use jiff::Timestamp;
use khien_domain::audit::{Entry, NewEntry, Outcome};
use khien_domain::code::AgencyCode;
use khien_domain::ids::AuditId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql, Value, anywhere, chunks, int};
use crate::{Store, StoreError, Tx};

fn read(row: &mut Columns<'_>) -> Result<Entry, StoreError> {
    Ok(Entry {
        id: AuditId(row.int()?),
        said: NewEntry {
            at: row.time()?,
            who: row.string()?,
            action: row.string()?,
            target: row.string()?,
            agency: row.optional_parsed(|text| AgencyCode::new(text).ok())?,
            origin: row.string()?,
            outcome: row.parsed(Outcome::parse)?,
            detail: row.string()?,
        },
    })
}

/// Which entries are wanted; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By whom.
    pub who: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// A text that stands somewhere in who, what, to what, from where or what came of it; ASCII
    /// capital letters count as small ones.
    pub text: Option<String>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// At or after this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

impl Store {
    /// The entries about the agencies in scope, newest first; those about no agency only for a
    /// scope of all.
    pub async fn list_audit(
        &self,
        scope: &AgencyScope,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>, StoreError> {
        let sql = Sql::new(
            "reading the audit log",
            "SELECT id, at, who, action, target, agency, origin, outcome, detail
             FROM audit WHERE 1 = 1",
        )
        .scope("agency", scope);
        let sql = match &filter.text {
            Some(text) => {
                let anything = " AND lower(who || ' ' || action || ' ' || target || ' ' || origin || ' ' || detail) LIKE ";
                sql.text(anything).bind(anywhere(&text.to_ascii_lowercase())).text(" ESCAPE '\\'")
            }
            None => sql,
        };
        let sql = sql
            .and(" AND who = ", filter.who.as_deref())
            .and(" AND action = ", filter.action.as_deref())
            .and(" AND outcome = ", filter.outcome.map(Outcome::name))
            .and(" AND at >= ", filter.from)
            .and(" AND at < ", filter.to)
            .and(" AND id < ", page.after)
            .text(" ORDER BY id DESC");
        self.page(sql, page, read, |entry| entry.id.0).await
    }
}

impl Store {
    /// The entries with numbers from one to another, both included, in their order; at most so many.
    pub async fn audit_between(
        &self,
        first: i64,
        last: i64,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let sql = Sql::new(
            "reading the audit log in order",
            "SELECT id, at, who, action, target, agency, origin, outcome, detail
             FROM audit WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT $3",
        );
        self.all(sql.value(first).value(last).value(i64::from(limit)), read).await
    }

    /// The number up to which all entries were written before a moment; 0 if there is none. What is
    /// written at the same time gets numbers in one order and may become visible in another.
    pub async fn settled_audit(&self, before: Timestamp) -> Result<i64, StoreError> {
        let sql = Sql::new(
            "finding the end of the audit log",
            "SELECT coalesce((SELECT min(id) - 1 FROM audit WHERE at >= $1),
                             (SELECT max(id) FROM audit), 0)",
        );
        Ok(self.one(sql.value(before), int).await?.unwrap_or(0))
    }

    /// How often each thing was done and came to what in a time, by its name.
    pub async fn count_audit(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(String, Outcome, u64)>, StoreError> {
        let sql = Sql::new(
            "counting the audit log",
            "SELECT action, outcome, count(*) FROM audit WHERE at >= $1 AND at < $2
             GROUP BY action, outcome ORDER BY action, outcome",
        );
        self.all(sql.value(from).value(to), |row| {
            Ok((row.string()?, row.parsed(Outcome::parse)?, row.unsigned()?))
        })
        .await
    }
}

impl Tx {
    /// Adds entries, in their order.
    pub async fn add_audit(&mut self, entries: &[NewEntry]) -> Result<(), StoreError> {
        for chunk in chunks(entries) {
            let rows = chunk.iter().map(|entry| {
                vec![
                    Value::from(entry.at),
                    (&entry.who).into(),
                    (&entry.action).into(),
                    (&entry.target).into(),
                    entry.agency.as_ref().map(AgencyCode::as_str).into(),
                    (&entry.origin).into(),
                    entry.outcome.name().into(),
                    (&entry.detail).into(),
                ]
            });
            let sql = Sql::new(
                "writing the audit log",
                "INSERT INTO audit (at, who, action, target, agency, origin, outcome, detail)
                 VALUES ",
            );
            self.execute(sql.rows(rows)).await?;
        }
        Ok(())
    }
}
