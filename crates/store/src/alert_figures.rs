//! What is counted over alerts: for the overview, and for the queue in groups.

use jiff::{SignedDuration, Timestamp};
use khien_domain::alert::Severity;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;

use crate::alerts::AlertFilter;
use crate::incidents::by_severity;
use crate::sql::{Columns, Sql, int, unsigned};
use crate::{Store, StoreError};

/// What alerts are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// The rule.
    Rule,
    /// What it happened to.
    Entity,
}

impl GroupBy {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Rule, Self::Entity];

    /// The name that addresses use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Entity => "entity",
        }
    }

    /// The grouping of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.name() == name)
    }
}

/// Alerts of one rule, or about one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertGroup {
    /// The rule's id, or the entity.
    pub key: String,
    /// A title of one of its alerts.
    pub title: String,
    /// How many alerts.
    pub alerts: u64,
    /// How many of them nobody has looked at.
    pub new: u64,
    /// How many times, over all of them.
    pub count: u64,
    /// How many different entities, or rules where entities are the groups.
    pub others: u64,
    /// How many agencies.
    pub agencies: u64,
    /// How grave the gravest is.
    pub severity: Severity,
    /// The first time.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
}

/// Where a page of groups ends: they stand by severity, then by time, then by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCursor {
    /// The severity.
    pub severity: Severity,
    /// The last time.
    pub last_at: Timestamp,
    /// The key.
    pub key: String,
}

/// How long alerts waited for somebody to take them on or close them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Alerts that were taken on.
    pub taken: u64,
    /// Half of them waited no longer.
    pub median: Option<SignedDuration>,
    /// Nine in ten waited no longer.
    pub p90: Option<SignedDuration>,
    /// Alerts that still wait.
    pub waiting: u64,
}

fn read_group(row: &mut Columns<'_>) -> Result<AlertGroup, StoreError> {
    Ok(AlertGroup {
        key: row.string()?,
        title: row.string()?,
        alerts: row.unsigned()?,
        new: row.unsigned()?,
        count: row.unsigned()?,
        others: row.unsigned()?,
        agencies: row.unsigned()?,
        severity: {
            let rank = row.int()?;
            Severity::of_rank(rank).ok_or_else(|| row.damaged(format!("severity {rank}")))?
        },
        first_at: row.time()?,
        last_at: row.time()?,
    })
}

impl Store {
    /// The alerts within the scope that are not closed, by severity, the lowest first.
    pub async fn count_open_alerts(&self, scope: &AgencyScope) -> Result<[u64; 5], StoreError> {
        let sql = Sql::new(
            "counting alerts",
            "SELECT severity, count(*) FROM alert WHERE state <> 'closed'",
        );
        let sql = sql.scope("agency", scope).text(" GROUP BY severity");
        let counted = self.all(sql, |row| Ok((row.int()?, unsigned(row)?))).await?;
        Ok(by_severity(counted))
    }

    /// How many alerts within the scope began in each of `count` stretches since a moment, by the time
    /// of their first events, by severity, the lowest first.
    pub async fn alerts_over_time(
        &self,
        scope: &AgencyScope,
        from: Timestamp,
        stretch: SignedDuration,
        count: usize,
    ) -> Result<Vec<[u64; 5]>, StoreError> {
        const DOING: &str = "counting alerts over time";
        let micros = i64::try_from(stretch.as_micros()).unwrap_or(i64::MAX).max(1);
        let span = stretch.saturating_mul(i32::try_from(count).unwrap_or(i32::MAX));
        let to = from.checked_add(span).unwrap_or(Timestamp::MAX);
        let sql = Sql::new(
            DOING,
            "SELECT (first_at - $1) / $2 AS stretch, severity, count(*) FROM alert
             WHERE last_at >= $1 AND first_at >= $1 AND first_at < $3",
        );
        let sql = sql.value(from).value(micros).value(to).scope("agency", scope);
        let sql = sql.text(" GROUP BY stretch, severity");
        let read = |row: &mut Columns<'_>| Ok((row.number()?, row.int()?, row.unsigned()?));
        let mut stretches = vec![[0; 5]; count];
        let counted: Vec<(usize, i64, u64)> = self.all(sql, read).await?;
        for (place, rank, alerts) in counted {
            if let Some(stretch) = stretches.get_mut(place) {
                for (sum, more) in stretch.iter_mut().zip(by_severity([(rank, alerts)])) {
                    *sum += more;
                }
            }
        }
        Ok(stretches)
    }

    /// The alerts within the scope in groups, the gravest first, then the latest.
    pub async fn group_alerts(
        &self,
        scope: &AgencyScope,
        filter: &AlertFilter,
        by: GroupBy,
        page: &PageRequest<GroupCursor>,
    ) -> Result<Page<AlertGroup, GroupCursor>, StoreError> {
        let (select, group, order, beyond) = match by {
            GroupBy::Rule => (
                "SELECT rule, max(title), count(*), sum(CASE WHEN state = 'new' THEN 1 ELSE 0 END),
                     CAST(sum(count) AS BIGINT), count(DISTINCT entity), count(DISTINCT agency),
                     max(severity), min(first_at), max(last_at)
                 FROM alert WHERE 1 = 1",
                " GROUP BY rule",
                " ORDER BY max(severity) DESC, max(last_at) DESC, rule",
                " AND rule > ",
            ),
            GroupBy::Entity => (
                "SELECT entity, max(title), count(*), sum(CASE WHEN state = 'new' THEN 1 ELSE 0 END),
                     CAST(sum(count) AS BIGINT), count(DISTINCT rule), count(DISTINCT agency),
                     max(severity), min(first_at), max(last_at)
                 FROM alert WHERE 1 = 1",
                " GROUP BY entity",
                " ORDER BY max(severity) DESC, max(last_at) DESC, entity",
                " AND entity > ",
            ),
        };
        let sql = Sql::new("grouping alerts", select).scope("agency", scope);
        let mut sql = filter.apply(sql).text(group);
        if let Some(after) = &page.after {
            let rank = i64::from(after.severity.rank());
            sql = sql
                .text(" HAVING (max(severity) < ")
                .bind(rank)
                .text(" OR (max(severity) = ")
                .bind(rank)
                .text(" AND (max(last_at) < ")
                .bind(after.last_at)
                .text(" OR (max(last_at) = ")
                .bind(after.last_at)
                .text(beyond)
                .bind(&after.key)
                .text("))))");
        }
        let cursor = |group: &AlertGroup| GroupCursor {
            severity: group.severity,
            last_at: group.last_at,
            key: group.key.clone(),
        };
        self.page(sql.text(order), page, read_group, cursor).await
    }

    /// How long the alerts within the scope that were raised in a time waited for somebody.
    pub async fn alerts_waited(
        &self,
        scope: &AgencyScope,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Waiting, StoreError> {
        const DOING: &str = "measuring how long alerts waited";
        let raised = |sql: Sql| {
            let sql = sql.text(" WHERE created_at >= ").bind(from).text(" AND created_at < ");
            sql.bind(to).scope("agency", scope)
        };
        let taken = raised(Sql::new(DOING, "SELECT count(acknowledged_at) FROM alert"));
        let taken = self.one(taken, unsigned).await?.unwrap_or_default();
        let waiting =
            raised(Sql::new(DOING, "SELECT count(*) FROM alert")).text(" AND state = 'new'");
        let waiting = self.one(waiting, unsigned).await?.unwrap_or_default();
        let at = async |share: u64| -> Result<Option<SignedDuration>, StoreError> {
            // The nearest rank.
            let place = (taken * share).div_ceil(100).saturating_sub(1);
            let sql = raised(Sql::new(DOING, "SELECT acknowledged_at - created_at FROM alert"))
                .text(" AND acknowledged_at IS NOT NULL")
                .text(" ORDER BY acknowledged_at - created_at LIMIT 1 OFFSET ")
                .bind(i64::try_from(place).unwrap_or(i64::MAX));
            let micros = self.one(sql, int).await?;
            Ok(micros.map(|micros| SignedDuration::from_micros(micros.max(0))))
        };
        Ok(Waiting { taken, median: at(50).await?, p90: at(90).await?, waiting })
    }
}
