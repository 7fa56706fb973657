//! Legal holds.

use jiff::Timestamp;
use khien_domain::code::AgencyCode;
use khien_domain::hold::{Held, Hold, NewHold};
use khien_domain::ids::HoldId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str =
    "SELECT id, agency, events_from, events_to, owner, reason, placed_at, expires_at,
        lifted_at
    FROM hold WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<Hold, StoreError> {
    Ok(Hold {
        id: HoldId(row.int()?),
        asked: NewHold {
            held: Held {
                agency: row.optional_parsed(|text| AgencyCode::new(text).ok())?,
                from: row.optional_time()?,
                to: row.optional_time()?,
            },
            owner: row.string()?,
            reason: row.string()?,
            placed_at: row.time()?,
            expires_at: row.optional_time()?,
        },
        lifted_at: row.optional_time()?,
    })
}

impl Store {
    /// A hold on events of the agencies in scope; one on events of all agencies only for a scope of
    /// all.
    pub async fn find_hold(
        &self,
        scope: &AgencyScope,
        id: HoldId,
    ) -> Result<Option<Hold>, StoreError> {
        let sql = Sql::new("reading a hold", SELECT).scope("agency", scope);
        self.one(sql.text(" AND id = ").bind(id.0), read).await
    }

    /// The holds on events of the agencies in scope, newest first; those on events of all agencies
    /// only for a scope of all. With `not_lifted`, only those that nobody has lifted.
    pub async fn list_holds(
        &self,
        scope: &AgencyScope,
        not_lifted: bool,
        page: &PageRequest,
    ) -> Result<Page<Hold>, StoreError> {
        let mut sql =
            Sql::new("listing holds", SELECT).scope("agency", scope).and(" AND id < ", page.after);
        if not_lifted {
            sql = sql.text(" AND lifted_at IS NULL");
        }
        self.page(sql.text(" ORDER BY id DESC"), page, read, |hold| hold.id.0).await
    }
}

impl Tx {
    /// Places a hold.
    pub async fn add_hold(&mut self, new: &NewHold) -> Result<HoldId, StoreError> {
        let sql = Sql::new(
            "placing a hold",
            "INSERT INTO hold
                 (agency, events_from, events_to, owner, reason, placed_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        )
        .value(new.held.agency.as_ref().map(AgencyCode::as_str))
        .value(new.held.from)
        .value(new.held.to)
        .value(&new.owner)
        .value(&new.reason)
        .value(new.placed_at)
        .value(new.expires_at);
        Ok(HoldId(self.insert(sql).await?))
    }

    /// Lifts a hold within the scope. Answers whether it was there and not lifted yet.
    pub async fn lift_hold(
        &mut self,
        scope: &AgencyScope,
        id: HoldId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "lifting a hold",
            "UPDATE hold SET lifted_at = $1 WHERE id = $2 AND lifted_at IS NULL",
        );
        let sql = sql.value(now).value(id.0).scope("agency", scope);
        Ok(self.execute(sql).await? > 0)
    }
}
