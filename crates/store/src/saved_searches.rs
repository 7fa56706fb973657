//! Searches that people saved.

use std::collections::{BTreeMap, BTreeSet};

use khien_domain::code::AgencyCode;
use khien_domain::ids::SavedSearchId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;
use khien_domain::saved_search::{NewSavedSearch, SavedSearch};
use serde_json::{Value as Json, json};

use crate::sql::{Columns, Sql, unsigned};
use crate::{Store, StoreError, Tx};

const SELECT: &str =
    "SELECT id, name, query, span, columns, owner, is_shared, everywhere, created_at
    FROM saved_search WHERE 1 = 1";

/// The agencies are added from their own table.
fn read(row: &mut Columns<'_>) -> Result<SavedSearch, StoreError> {
    Ok(SavedSearch {
        id: SavedSearchId(row.int()?),
        saved: NewSavedSearch {
            name: row.string()?,
            query: row.string()?,
            span: row.string()?,
            columns: row.parsed(|text| serde_json::from_str(text).ok())?,
            owner: row.string()?,
            is_shared: row.int()? != 0,
            agencies: match row.int()? {
                0 => AgencyScope::Only(BTreeSet::new()),
                _ => AgencyScope::All,
            },
            created_at: row.time()?,
        },
    })
}

/// One's own, and what others share whose agencies one sees all.
fn visible(sql: Sql, scope: &AgencyScope, owner: &str) -> Sql {
    let sql = sql.text(" AND (owner = ").bind(owner).text(" OR (is_shared = 1");
    let sql = match scope {
        AgencyScope::All => sql,
        AgencyScope::Only(agencies) if agencies.is_empty() => sql.text(" AND 1 = 0"),
        AgencyScope::Only(agencies) => sql
            .text(
                " AND everywhere = 0 AND NOT EXISTS (SELECT 1 FROM saved_search_agency
                     WHERE saved_search_agency.saved_search_id = saved_search.id
                         AND saved_search_agency.agency NOT IN ",
            )
            .list(agencies.iter().map(AgencyCode::as_str))
            .text(")"),
    };
    sql.text("))")
}

impl Store {
    /// A search that somebody with this scope sees: their own, or one that is shared by whoever
    /// sees no more than they do.
    pub async fn find_saved_search(
        &self,
        scope: &AgencyScope,
        owner: &str,
        id: SavedSearchId,
    ) -> Result<Option<SavedSearch>, StoreError> {
        let sql = visible(Sql::new("reading a saved search", SELECT), scope, owner);
        let mut found = self.all(sql.text(" AND id = ").bind(id.0), read).await?;
        self.read_search_agencies(&mut found).await?;
        Ok(found.pop())
    }

    /// The searches that somebody with this scope sees, newest first.
    pub async fn list_saved_searches(
        &self,
        scope: &AgencyScope,
        owner: &str,
        page: &PageRequest,
    ) -> Result<Page<SavedSearch>, StoreError> {
        let sql = visible(Sql::new("listing saved searches", SELECT), scope, owner)
            .and(" AND id < ", page.after)
            .text(" ORDER BY id DESC");
        let mut page = self.page(sql, page, read, |search| search.id.0).await?;
        self.read_search_agencies(&mut page.items).await?;
        Ok(page)
    }

    /// How many searches somebody saved.
    pub async fn count_saved_searches(&self, owner: &str) -> Result<u64, StoreError> {
        let sql = Sql::new(
            "counting saved searches",
            "SELECT count(*) FROM saved_search WHERE owner = $1",
        );
        Ok(self.one(sql.value(owner), unsigned).await?.unwrap_or_default())
    }

    async fn read_search_agencies(&self, searches: &mut [SavedSearch]) -> Result<(), StoreError> {
        let sql = Sql::new(
            "reading agencies of saved searches",
            "SELECT saved_search_id, agency FROM saved_search_agency WHERE saved_search_id IN ",
        );
        let read = |row: &mut Columns<'_>| {
            Ok((row.int()?, row.parsed(|text| AgencyCode::new(text).ok())?))
        };
        let mut of_search: BTreeMap<i64, BTreeSet<AgencyCode>> = BTreeMap::new();
        let ids = searches.iter().map(|search| search.id.0);
        for (search, agency) in self.all(sql.list(ids), read).await? {
            of_search.entry(search).or_default().insert(agency);
        }
        for search in searches {
            if let AgencyScope::Only(agencies) = &mut search.saved.agencies {
                *agencies = of_search.remove(&search.id.0).unwrap_or_default();
            }
        }
        Ok(())
    }
}

impl Tx {
    /// Saves a search. [`StoreError::Conflict`] if its owner has one of that name.
    pub async fn add_saved_search(
        &mut self,
        new: &NewSavedSearch,
    ) -> Result<SavedSearchId, StoreError> {
        const DOING: &str = "saving a search";
        let sql = Sql::new(
            DOING,
            "INSERT INTO saved_search
                 (name, query, span, columns, owner, is_shared, everywhere, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        )
        .value(&new.name)
        .value(&new.query)
        .value(&new.span)
        .value(new.columns.iter().map(|column| json!(column)).collect::<Json>().to_string())
        .value(&new.owner)
        .value(i64::from(new.is_shared))
        .value(i64::from(new.agencies == AgencyScope::All))
        .value(new.created_at);
        let id = self.insert(sql).await?;
        if let AgencyScope::Only(agencies) = &new.agencies {
            for agency in agencies {
                let sql = Sql::new(
                    DOING,
                    "INSERT INTO saved_search_agency (saved_search_id, agency) VALUES ($1, $2)",
                );
                self.execute(sql.value(id).value(agency.as_str())).await?;
            }
        }
        Ok(SavedSearchId(id))
    }

    /// Deletes a search of its owner. Answers whether it was there.
    pub async fn delete_saved_search(
        &mut self,
        owner: &str,
        id: SavedSearchId,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "deleting a saved search";
        let sql = Sql::new(
            DOING,
            "DELETE FROM saved_search_agency WHERE saved_search_id =
                 (SELECT id FROM saved_search WHERE id = $1 AND owner = $2)",
        );
        self.execute(sql.value(id.0).value(owner)).await?;
        let sql = Sql::new(DOING, "DELETE FROM saved_search WHERE id = $1 AND owner = $2");
        Ok(self.execute(sql.value(id.0).value(owner)).await? > 0)
    }
}
