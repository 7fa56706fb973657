//! Suppressions, and what one would have hidden.

use std::collections::BTreeMap;

use jiff::Timestamp;
use khien_domain::alert::suppression::{Condition, NewSuppression, Scope, Subject, Suppression};
use khien_domain::alert::{Alert, MatchedField};
use khien_domain::code::AgencyCode;
use khien_domain::ids::SuppressionId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;
use serde_json::{Value as Json, json};

use crate::alerts;
use crate::detections::matched_of;
use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT id, agency, rule, entity, conditions, owner, reason, created_at,
        expires_at, ended_at, hidden, last_hidden_at
    FROM suppression WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<Suppression, StoreError> {
    Ok(Suppression {
        id: SuppressionId(row.int()?),
        asked: NewSuppression {
            scope: Scope {
                agency: row.optional_parsed(|text| AgencyCode::new(text).ok())?,
                rule: row.optional_string()?,
                entity: row.optional_string()?,
                conditions: row.parsed(conditions_of)?,
            },
            owner: row.string()?,
            reason: row.string()?,
            created_at: row.time()?,
            expires_at: row.time()?,
        },
        ended_at: row.optional_time()?,
        hidden: row.unsigned()?,
        last_hidden_at: row.optional_time()?,
    })
}

fn conditions_text(conditions: &[Condition]) -> String {
    conditions
        .iter()
        .map(|condition| json!([condition.field, condition.value]))
        .collect::<Json>()
        .to_string()
}

fn conditions_of(text: &str) -> Option<Vec<Condition>> {
    let pairs: Vec<[String; 2]> = serde_json::from_str(text).ok()?;
    Some(pairs.into_iter().map(|[field, value]| Condition { field, value }).collect())
}

/// What a suppression would have hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Alerts that would not have been raised: all their kept events are hidden.
    pub alerts: u64,
    /// Alerts that would have been raised with fewer events.
    pub partly: u64,
    /// Events in the alerts that would not have been raised.
    pub events: u64,
    /// The newest alerts that would not have been raised.
    pub examples: Vec<Alert>,
    /// Whether there were more alerts than the 10,000 newest, which are looked at.
    pub is_partial: bool,
}

/// How many alerts a preview looks at.
const PREVIEW_ALERTS: usize = 10_000;
/// How many examples a preview shows.
const PREVIEW_EXAMPLES: usize = 10;

impl Store {
    /// A suppression of the agencies in scope; one that holds for all agencies only for a scope of
    /// all.
    pub async fn find_suppression(
        &self,
        scope: &AgencyScope,
        id: SuppressionId,
    ) -> Result<Option<Suppression>, StoreError> {
        let sql = Sql::new("reading a suppression", SELECT).scope("agency", scope);
        self.one(sql.text(" AND id = ").bind(id.0), read).await
    }

    /// The suppressions of the agencies in scope, newest first; those that hold for all agencies
    /// only for a scope of all. With `holding_at`, only those that hold at that moment.
    pub async fn list_suppressions(
        &self,
        scope: &AgencyScope,
        holding_at: Option<Timestamp>,
        page: &PageRequest,
    ) -> Result<Page<Suppression>, StoreError> {
        let mut sql = Sql::new("listing suppressions", SELECT)
            .scope("agency", scope)
            .and(" AND created_at <= ", holding_at)
            .and(" AND expires_at > ", holding_at)
            .and(" AND id < ", page.after);
        if holding_at.is_some() {
            sql = sql.text(" AND ended_at IS NULL");
        }
        self.page(sql.text(" ORDER BY id DESC"), page, read, |known| known.id.0).await
    }

    /// What a suppression would have hidden of the alerts within the scope since a moment.
    pub async fn preview_suppression(
        &self,
        scope: &AgencyScope,
        hiding: &Scope,
        since: Timestamp,
    ) -> Result<Preview, StoreError> {
        let mut preview = Preview::default();
        let mut page = PageRequest::first();
        let mut seen = 0;
        loop {
            let sql = Sql::new("previewing a suppression", alerts::SELECT)
                .scope("agency", scope)
                .text(" AND last_at >= ")
                .bind(since)
                .and(" AND agency = ", hiding.agency.as_ref().map(AgencyCode::as_str))
                .and(" AND rule = ", hiding.rule.as_deref())
                .and(" AND entity = ", hiding.entity.as_deref())
                .and(" AND id < ", page.after)
                .text(" ORDER BY id DESC");
            let found = self.page(sql, &page, alerts::read, |alert| alert.id.0).await?;
            let events = self.matched_of_alerts(&found.items).await?;
            seen += found.items.len();
            for alert in found.items {
                preview.add(hiding, alert, &events);
            }
            let Some(next) = found.next else { return Ok(preview) };
            if seen >= PREVIEW_ALERTS {
                preview.is_partial = true;
                return Ok(preview);
            }
            page.after = Some(next);
        }
    }

    async fn matched_of_alerts(
        &self,
        alerts: &[Alert],
    ) -> Result<BTreeMap<i64, Vec<Vec<MatchedField>>>, StoreError> {
        let sql = Sql::new(
            "previewing a suppression",
            "SELECT alert_id, matched FROM alert_event WHERE alert_id IN ",
        )
        .list(alerts.iter().map(|alert| alert.id.0));
        let read = |row: &mut Columns<'_>| Ok((row.int()?, row.parsed(matched_of)?));
        let mut events: BTreeMap<i64, Vec<Vec<MatchedField>>> = BTreeMap::new();
        for (alert, matched) in self.all(sql, read).await? {
            events.entry(alert).or_default().push(matched);
        }
        Ok(events)
    }
}

impl Preview {
    fn add(
        &mut self,
        hiding: &Scope,
        alert: Alert,
        events: &BTreeMap<i64, Vec<Vec<MatchedField>>>,
    ) {
        let events = events.get(&alert.id.0).map(Vec::as_slice).unwrap_or_default();
        let hidden = events
            .iter()
            .filter(|matched| hiding.hides(Subject::of_alert(&alert, matched)))
            .count();
        if hidden == 0 {
            return;
        }
        if hidden < events.len() {
            self.partly += 1;
            return;
        }
        self.alerts += 1;
        self.events += alert.count;
        if self.examples.len() < PREVIEW_EXAMPLES {
            self.examples.push(alert);
        }
    }
}

impl Tx {
    /// Adds a suppression.
    pub async fn add_suppression(
        &mut self,
        new: &NewSuppression,
    ) -> Result<SuppressionId, StoreError> {
        let sql = Sql::new(
            "adding a suppression",
            "INSERT INTO suppression
                 (agency, rule, entity, conditions, owner, reason, created_at, expires_at, hidden)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) RETURNING id",
        )
        .value(new.scope.agency.as_ref().map(AgencyCode::as_str))
        .value(new.scope.rule.clone())
        .value(new.scope.entity.clone())
        .value(conditions_text(&new.scope.conditions))
        .value(&new.owner)
        .value(&new.reason)
        .value(new.created_at)
        .value(new.expires_at);
        Ok(SuppressionId(self.insert(sql).await?))
    }

    /// Ends a suppression within the scope before its time. Answers whether it was there and not
    /// ended yet.
    pub async fn end_suppression(
        &mut self,
        scope: &AgencyScope,
        id: SuppressionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "ending a suppression",
            "UPDATE suppression SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL",
        );
        let sql = sql.value(now).value(id.0).scope("agency", scope);
        Ok(self.execute(sql).await? > 0)
    }
}
