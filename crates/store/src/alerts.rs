//! Alerts, their events and comments, as people see and work on them.

use jiff::Timestamp;
use khien_domain::alert::state::Reason;
use khien_domain::alert::{Alert, AlertEvent, AlertKind, Comment, Severity, State};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::{AlertId, CommentId, EventId, SourceId};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;

use crate::detections::matched_of;
use crate::sql::{Columns, Sql, unsigned};
use crate::{Store, StoreError, Tx};

pub(crate) const SELECT: &str = "SELECT id, kind, rule, title, severity, agency, system, source_id,
        entity, window_start, attack, count, first_at, last_at, state, reason, assignee,
        created_at, updated_at
    FROM alert WHERE 1 = 1";

pub(crate) fn read(row: &mut Columns<'_>) -> Result<Alert, StoreError> {
    Ok(Alert {
        id: AlertId(row.int()?),
        kind: row.parsed(AlertKind::parse)?,
        rule: row.string()?,
        title: row.string()?,
        severity: {
            let rank = row.int()?;
            Severity::of_rank(rank).ok_or_else(|| row.damaged(format!("severity {rank}")))?
        },
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        system: row.parsed(|text| SystemCode::new(text).ok())?,
        source: row.optional_int()?.map(SourceId),
        entity: row.string()?,
        window_start: row.time()?,
        attack: row.string()?.split_whitespace().map(ToOwned::to_owned).collect(),
        count: row.unsigned()?,
        first_at: row.time()?,
        last_at: row.time()?,
        state: {
            let name = row.string()?;
            let reason = row.optional_parsed(Reason::parse)?;
            State::parse(&name, reason).ok_or_else(|| row.damaged(format!("state «{name}»")))?
        },
        assignee: row.optional_string()?,
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

/// Which alerts are wanted; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// The name of the [state](State).
    pub state: Option<String>,
    /// Not closed, whatever state that is.
    pub not_closed: bool,
    /// At least this grave.
    pub severity: Option<Severity>,
    /// About this.
    pub kind: Option<AlertKind>,
    /// Of this rule.
    pub rule: Option<String>,
    /// Of this agency, as long as it is in scope.
    pub agency: Option<AgencyCode>,
    /// Of this system.
    pub system: Option<SystemCode>,
    /// About this entity.
    pub entity: Option<String>,
    /// Somebody's.
    pub assignee: Option<String>,
    /// With events at or after this moment.
    pub from: Option<Timestamp>,
    /// With events before this moment.
    pub to: Option<Timestamp>,
}

impl AlertFilter {
    pub(crate) fn apply(&self, sql: Sql) -> Sql {
        let sql = if self.not_closed { sql.text(" AND state <> 'closed'") } else { sql };
        sql.and(" AND state = ", self.state.as_deref())
            .and(" AND severity >= ", self.severity.map(|least| i64::from(least.rank())))
            .and(" AND kind = ", self.kind.map(AlertKind::name))
            .and(" AND rule = ", self.rule.as_deref())
            .and(" AND agency = ", self.agency.as_ref().map(AgencyCode::as_str))
            .and(" AND system = ", self.system.as_ref().map(SystemCode::as_str))
            .and(" AND entity = ", self.entity.as_deref())
            .and(" AND assignee = ", self.assignee.as_deref())
            .and(" AND last_at >= ", self.from)
            .and(" AND first_at < ", self.to)
    }
}

impl Store {
    /// An alert within the scope.
    pub async fn find_alert(
        &self,
        scope: &AgencyScope,
        id: AlertId,
    ) -> Result<Option<Alert>, StoreError> {
        let sql = Sql::new("reading an alert", SELECT).scope("agency", scope);
        self.one(sql.text(" AND id = ").bind(id.0), read).await
    }

    /// The alerts within the scope, newest first.
    pub async fn list_alerts(
        &self,
        scope: &AgencyScope,
        filter: &AlertFilter,
        page: &PageRequest,
    ) -> Result<Page<Alert>, StoreError> {
        let sql = filter
            .apply(Sql::new("listing alerts", SELECT).scope("agency", scope))
            .and(" AND id < ", page.after)
            .text(" ORDER BY id DESC");
        self.page(sql, page, read, |alert| alert.id.0).await
    }

    /// The alerts within the scope as a queue: gravest first, then the last heard of. `skip` are
    /// left out; the page says whether there are more.
    pub async fn queue_alerts(
        &self,
        scope: &AgencyScope,
        filter: &AlertFilter,
        skip: u32,
        limit: u32,
    ) -> Result<(Vec<Alert>, bool), StoreError> {
        let sql = filter
            .apply(Sql::new("listing the queue of alerts", SELECT).scope("agency", scope))
            .text(" ORDER BY severity DESC, last_at DESC, id DESC LIMIT ")
            .bind(i64::from(limit) + 1)
            .text(" OFFSET ")
            .bind(i64::from(skip));
        let mut alerts = self.all(sql, read).await?;
        let more = alerts.len() > limit as usize;
        alerts.truncate(limit as usize);
        Ok((alerts, more))
    }

    /// Alerts at least so grave that were raised before a moment, that nobody has taken up, and of
    /// which the ledger says nothing yet; oldest first, at most `limit`.
    pub async fn untold_alerts(
        &self,
        least: Severity,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Alert>, StoreError> {
        let sql = Sql::new("listing alerts that wait", SELECT)
            .text(" AND state = 'new' AND severity >= ")
            .bind(i64::from(least.rank()))
            .text(" AND created_at < ")
            .bind(before)
            .text(
                " AND NOT EXISTS (SELECT 1 FROM ledger
                      WHERE ledger.agency = alert.agency AND ledger.kind = 'alert.handled'
                          AND ledger.subject = 'alert ' || alert.id)
                 ORDER BY id LIMIT ",
            )
            .bind(i64::from(limit));
        self.all(sql, read).await
    }

    /// How many alerts within the scope there are of a filter.
    pub async fn count_alerts(
        &self,
        scope: &AgencyScope,
        filter: &AlertFilter,
    ) -> Result<u64, StoreError> {
        let count = "SELECT count(*) FROM alert WHERE 1 = 1";
        let sql = filter.apply(Sql::new("counting alerts", count).scope("agency", scope));
        Ok(self.one(sql, unsigned).await?.unwrap_or_default())
    }

    /// The events of an alert within the scope that are kept with it, in their order.
    pub async fn list_alert_events(
        &self,
        scope: &AgencyScope,
        id: AlertId,
    ) -> Result<Vec<AlertEvent>, StoreError> {
        let sql = Sql::new(
            "listing events of an alert",
            "SELECT batch, item, at, matched
             FROM alert_event JOIN alert ON alert.id = alert_event.alert_id
             WHERE alert_id = $1",
        )
        .value(id.0)
        .scope("agency", scope)
        .text(" ORDER BY batch, item");
        self.all(sql, read_event).await
    }

    /// The newest events that are kept with alerts of some rules within the scope since a moment:
    /// alert, rule, event, and when it happened.
    pub async fn list_rule_events(
        &self,
        scope: &AgencyScope,
        rules: &[String],
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<(AlertId, String, EventId, Timestamp)>, StoreError> {
        let sql = Sql::new(
            "listing events of rules",
            "SELECT alert_id, rule, batch, item, at
             FROM alert_event JOIN alert ON alert.id = alert_event.alert_id
             WHERE last_at >= $1 AND at >= $1",
        )
        .value(since)
        .scope("agency", scope)
        .text(" AND rule IN ")
        .list(rules.iter())
        .text(" ORDER BY at DESC, batch DESC, item DESC LIMIT ")
        .bind(most);
        let read = |row: &mut Columns<'_>| {
            let (alert, rule) = (AlertId(row.int()?), row.string()?);
            let event = EventId { batch: row.unsigned()?, item: row.number()? };
            Ok((alert, rule, event, row.time()?))
        };
        self.all(sql, read).await
    }

    /// The comments on an alert within the scope, newest first.
    pub async fn list_comments(
        &self,
        scope: &AgencyScope,
        id: AlertId,
        page: &PageRequest,
    ) -> Result<Page<Comment>, StoreError> {
        let sql = Sql::new(
            "listing comments",
            "SELECT alert_comment.id, author, at, text
             FROM alert_comment JOIN alert ON alert.id = alert_comment.alert_id
             WHERE alert_id = $1",
        )
        .value(id.0)
        .scope("agency", scope)
        .and(" AND alert_comment.id < ", page.after)
        .text(" ORDER BY alert_comment.id DESC");
        let read = |row: &mut Columns<'_>| {
            Ok(Comment {
                id: CommentId(row.int()?),
                author: row.string()?,
                at: row.time()?,
                text: row.string()?,
            })
        };
        self.page(sql, page, read, |comment| comment.id.0).await
    }
}

pub(crate) fn read_event(row: &mut Columns<'_>) -> Result<AlertEvent, StoreError> {
    Ok(AlertEvent {
        event: EventId { batch: row.unsigned()?, item: row.number()? },
        at: row.time()?,
        matched: row.parsed(matched_of)?,
    })
}

impl Tx {
    /// Takes an alert within the scope from one state to another, which [`State::step`] allowed, and
    /// remembers when it first ceased to be new.
    /// Answers whether it was there in that state: somebody else may have been faster.
    /// [`StoreError::Conflict`] if it is to be opened again while a newer alert about the same is
    /// open.
    pub async fn set_alert_state(
        &mut self,
        scope: &AgencyScope,
        id: AlertId,
        from: State,
        to: State,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "changing the state of an alert",
            "UPDATE alert SET state = $1, reason = $2, updated_at = $3,
                 acknowledged_at = coalesce(acknowledged_at, $3)
             WHERE id = $4 AND state = $5 AND coalesce(reason, '') = $6",
        )
        .value(to.name())
        .value(to.reason().map(Reason::name))
        .value(now)
        .value(id.0)
        .value(from.name())
        .value(from.reason().map_or("", Reason::name))
        .scope("agency", scope);
        Ok(self.execute(sql).await? > 0)
    }

    /// Gives an alert within the scope to somebody, or to nobody. Answers whether it is there.
    pub async fn assign_alert(
        &mut self,
        scope: &AgencyScope,
        id: AlertId,
        assignee: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "assigning an alert",
            "UPDATE alert SET assignee = $1, updated_at = $2 WHERE id = $3",
        );
        let sql = sql.value(assignee).value(now).value(id.0).scope("agency", scope);
        Ok(self.execute(sql).await? > 0)
    }

    /// Adds a comment to an alert within the scope; `None` if there is no such alert.
    pub async fn comment_alert(
        &mut self,
        scope: &AgencyScope,
        id: AlertId,
        author: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Option<CommentId>, StoreError> {
        let sql = Sql::new(
            "commenting on an alert",
            "INSERT INTO alert_comment (alert_id, author, at, text)
             SELECT id, CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT)
             FROM alert WHERE id = $4",
        )
        .value(author)
        .value(now)
        .value(text)
        .value(id.0)
        .scope("agency", scope)
        .text(" RETURNING id");
        Ok(self.one(sql, crate::sql::int).await?.map(CommentId))
    }
}
