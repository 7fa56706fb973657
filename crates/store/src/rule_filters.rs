//! Filters of rules. They hold for all agencies, and may name what belongs to any: only a scope of
//! all sees them.

use jiff::Timestamp;
use khien_domain::ids::RuleFilterId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;
use khien_domain::rule_filter::{NewRuleFilter, RuleFilter};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT id, rule, text, owner, reason, created_at, expires_at, ended_at
    FROM rule_filter WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<RuleFilter, StoreError> {
    Ok(RuleFilter {
        id: RuleFilterId(row.int()?),
        asked: NewRuleFilter {
            rule: row.string()?,
            text: row.string()?,
            owner: row.string()?,
            reason: row.string()?,
            created_at: row.time()?,
            expires_at: row.optional_time()?,
        },
        ended_at: row.optional_time()?,
    })
}

fn in_scope(sql: Sql, scope: &AgencyScope) -> Sql {
    if *scope == AgencyScope::All { sql } else { sql.text(" AND 1 = 0") }
}

impl Store {
    /// A filter, for a scope of all.
    pub async fn find_rule_filter(
        &self,
        scope: &AgencyScope,
        id: RuleFilterId,
    ) -> Result<Option<RuleFilter>, StoreError> {
        let sql = in_scope(Sql::new("reading a filter", SELECT), scope);
        self.one(sql.text(" AND id = ").bind(id.0), read).await
    }

    /// The filters, for a scope of all, newest first. With `holding_at`, only those that hold at
    /// that moment.
    pub async fn list_rule_filters(
        &self,
        scope: &AgencyScope,
        holding_at: Option<Timestamp>,
        page: &PageRequest,
    ) -> Result<Page<RuleFilter>, StoreError> {
        let mut sql = in_scope(Sql::new("listing filters", SELECT), scope);
        if let Some(at) = holding_at {
            let text = " AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > ";
            sql = sql.text(text).bind(at).text(")");
        }
        let sql = sql.and(" AND id < ", page.after).text(" ORDER BY id DESC");
        self.page(sql, page, read, |filter| filter.id.0).await
    }
}

impl Tx {
    /// Adds a filter.
    pub async fn add_rule_filter(
        &mut self,
        new: &NewRuleFilter,
    ) -> Result<RuleFilterId, StoreError> {
        let sql = Sql::new(
            "adding a filter",
            "INSERT INTO rule_filter (rule, text, owner, reason, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        )
        .value(&new.rule)
        .value(&new.text)
        .value(&new.owner)
        .value(&new.reason)
        .value(new.created_at)
        .value(new.expires_at);
        Ok(RuleFilterId(self.insert(sql).await?))
    }

    /// Ends a filter, for a scope of all. Answers whether it was there and not ended yet.
    pub async fn end_rule_filter(
        &mut self,
        scope: &AgencyScope,
        id: RuleFilterId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "ending a filter",
            "UPDATE rule_filter SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL",
        );
        Ok(self.execute(in_scope(sql.value(now).value(id.0), scope)).await? > 0)
    }
}
