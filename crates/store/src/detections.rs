//! What the pipeline found in some batches, recorded exactly once.
//!
//! The set of batch numbers whose detections are committed is kept in the same transaction as the
//! alerts themselves, so that after a crash the journal can be read again from any earlier place:
//! what comes from a batch that is already in the set is dropped.

use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;

use jiff::Timestamp;
use khien_domain::alert::{AlertKind, Detection, GroupKey, MatchedField, State};
use khien_domain::code::AgencyCode;
use khien_domain::ids::{AlertId, EventId, SuppressionId};
use khien_domain::limits::ALERT_EVENTS;
use serde_json::{Value as Json, json};

use crate::rule_settings::day;
use crate::sql::{Columns, Sql, Value, chunks, signed};
use crate::{CorrelationInput, Store, StoreError, Tx};

const DOING: &str = "recording detections";

/// A detection that a suppression hid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Which suppression.
    pub suppression: SuppressionId,
    /// The event.
    pub event: EventId,
}

/// A detection that raises nothing because its rule is switched off for the agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchedOff {
    /// Which rule.
    pub rule: String,
    /// Whose system it concerns.
    pub agency: AgencyCode,
    /// The event.
    pub event: EventId,
}

/// What was found in some batches.
#[derive(Clone, Debug, Default)]
pub struct Detections {
    /// The numbers of all batches that were looked through, those without a find too.
    pub batches: Vec<RangeInclusive<u64>>,
    /// What was found and is not hidden.
    pub found: Vec<Detection>,
    /// What was hidden.
    pub hidden: Vec<Hidden>,
    /// What raises nothing because its rule is off.
    pub off: Vec<SwitchedOff>,
    /// What correlations need to remember.
    pub inputs: Vec<CorrelationInput>,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Alerts that were raised.
    pub raised: Vec<AlertId>,
    /// Alerts that were there and counted on.
    pub joined: Vec<AlertId>,
}

/// What joins one alert.
struct Group<'a> {
    first: &'a Detection,
    first_at: Timestamp,
    last_at: Timestamp,
    severity: u8,
    events: Vec<&'a Detection>,
}

impl Store {
    /// The numbers of the batches whose detections are committed, as intervals in order.
    pub async fn detected(&self) -> Result<Vec<RangeInclusive<u64>>, StoreError> {
        let sql =
            Sql::new("reading detected batches", "SELECT first, last FROM detected ORDER BY first");
        self.all(sql, read_interval).await
    }
}

fn read_interval(row: &mut Columns<'_>) -> Result<RangeInclusive<u64>, StoreError> {
    Ok(row.unsigned()?..=row.unsigned()?)
}

impl Tx {
    /// Records what was found: raises alerts or counts on open ones, keeps the first events of
    /// each, remembers what correlations need, counts what was hidden or switched off, and adds the
    /// batches to the set. What comes from a batch already in the set is dropped; a find that no single batch
    /// makes (a correlation, a silent source, an unregistered host) is dropped if an alert of the
    /// same group already has its event. So it may be called again with the same.
    pub async fn record_detections(
        &mut self,
        detections: &Detections,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        self.lock("LOCK TABLE detected IN EXCLUSIVE MODE").await?;
        let known = self.known_intervals(&detections.batches).await?;
        let is_new = |event: EventId| !known.iter().any(|known| known.contains(&event.batch));

        let mut found: Vec<&Detection> = Vec::new();
        for detection in &detections.found {
            let new = match detection.kind {
                AlertKind::Rule => is_new(detection.event),
                _ => !self.has_event(detection).await?,
            };
            if new {
                found.push(detection);
            }
        }
        let recorded = self.raise(&found, now).await?;
        let inputs: Vec<_> = detections.inputs.iter().filter(|input| is_new(input.event)).collect();
        self.add_inputs(&inputs).await?;
        let hidden = detections.hidden.iter().filter(|hidden| is_new(hidden.event));
        self.count_hidden(hidden, now).await?;
        let off = detections.off.iter().filter(|off| is_new(off.event));
        self.count_off(off, now).await?;
        self.merge_intervals(&detections.batches, known).await?;
        Ok(recorded)
    }

    /// The intervals of the set that touch any of the batches.
    async fn known_intervals(
        &mut self,
        batches: &[RangeInclusive<u64>],
    ) -> Result<Vec<RangeInclusive<u64>>, StoreError> {
        let first = batches.iter().map(|range| *range.start()).min();
        let last = batches.iter().map(|range| *range.end()).max();
        let (Some(first), Some(last)) = (first, last) else { return Ok(Vec::new()) };
        let sql = Sql::new(
            DOING,
            "SELECT first, last FROM detected WHERE last >= $1 AND first <= $2 ORDER BY first",
        )
        .value(signed(DOING, "a batch", first.saturating_sub(1))?)
        .value(signed(DOING, "a batch", last.saturating_add(1))?);
        self.all(sql, read_interval).await
    }

    async fn has_event(&mut self, detection: &Detection) -> Result<bool, StoreError> {
        let sql = Sql::new(
            DOING,
            "SELECT alert.id FROM alert JOIN alert_event ON alert_event.alert_id = alert.id
             WHERE group_key = $1 AND batch = $2 AND item = $3 LIMIT 1",
        )
        .value(detection.group_key().0.as_slice())
        .value(signed(DOING, "a batch", detection.event.batch)?)
        .value(detection.event.item);
        Ok(self.one(sql, crate::sql::int).await?.is_some())
    }

    async fn raise(
        &mut self,
        found: &[&Detection],
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let groups: Vec<(GroupKey, Group<'_>)> = grouped(found).into_iter().collect();
        let mut recorded = Recorded::default();
        let mut events = Vec::new();
        for chunk in chunks(&groups) {
            let counted = self.upsert(chunk, now).await?;
            for (key, group) in chunk {
                let Some((id, after)) = counted.get(key).copied() else { continue };
                let before = after - group.events.len() as i64;
                let list = if before == 0 { &mut recorded.raised } else { &mut recorded.joined };
                list.push(AlertId(id));
                let room = (ALERT_EVENTS - before).max(0) as usize;
                events.extend(group.events.iter().take(room).map(|event| (id, *event)));
            }
        }
        for chunk in chunks(&events) {
            let rows: Result<Vec<_>, _> =
                chunk.iter().map(|(id, detection)| event_row(*id, detection)).collect();
            let sql = Sql::new(
                DOING,
                "INSERT INTO alert_event (alert_id, batch, item, at, matched) VALUES ",
            );
            self.execute(sql.rows(rows?).text(" ON CONFLICT DO NOTHING")).await?;
        }
        Ok(recorded)
    }

    /// Raises or counts on; answers the number and the count of each.
    async fn upsert(
        &mut self,
        groups: &[(GroupKey, Group<'_>)],
        now: Timestamp,
    ) -> Result<BTreeMap<GroupKey, (i64, i64)>, StoreError> {
        let sql = Sql::new(
            DOING,
            "INSERT INTO alert (group_key, kind, rule, title, severity, agency, system, source_id,
                 entity, window_start, attack, count, first_at, last_at, state, created_at,
                 updated_at) VALUES ",
        )
        .rows(groups.iter().map(|(key, group)| alert_row(key, group, now)))
        .text(
            " ON CONFLICT (group_key) WHERE state <> 'closed' DO UPDATE SET
                 count = alert.count + excluded.count,
                 first_at = CASE WHEN excluded.first_at < alert.first_at
                     THEN excluded.first_at ELSE alert.first_at END,
                 last_at = CASE WHEN excluded.last_at > alert.last_at
                     THEN excluded.last_at ELSE alert.last_at END,
                 severity = CASE WHEN excluded.severity > alert.severity
                     THEN excluded.severity ELSE alert.severity END,
                 updated_at = excluded.updated_at
             RETURNING group_key, id, count",
        );
        let read = |row: &mut Columns<'_>| {
            let key = row.bytes()?.try_into();
            let key = key.map_err(|_| row.damaged("a group key of another size".into()))?;
            Ok((GroupKey(key), (row.int()?, row.int()?)))
        };
        Ok(self.all(sql, read).await?.into_iter().collect())
    }

    async fn count_hidden(
        &mut self,
        hidden: impl Iterator<Item = &Hidden>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut counts: BTreeMap<SuppressionId, i64> = BTreeMap::new();
        for hidden in hidden {
            *counts.entry(hidden.suppression).or_default() += 1;
        }
        for (id, count) in counts {
            let sql = Sql::new(
                DOING,
                "UPDATE suppression SET hidden = hidden + $1, last_hidden_at = $2 WHERE id = $3",
            );
            self.execute(sql.value(count).value(now).value(id.0)).await?;
        }
        Ok(())
    }

    async fn count_off(
        &mut self,
        off: impl Iterator<Item = &SwitchedOff>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut counts: BTreeMap<(&str, &AgencyCode), i64> = BTreeMap::new();
        for off in off {
            *counts.entry((&off.rule, &off.agency)).or_default() += 1;
        }
        for ((rule, agency), count) in counts {
            let sql = Sql::new(
                DOING,
                "INSERT INTO rule_off_hit (rule, agency, day, hits) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (rule, agency, day) DO UPDATE
                     SET hits = rule_off_hit.hits + excluded.hits",
            );
            let sql = sql.value(rule).value(agency.as_str()).value(day(now)).value(count);
            self.execute(sql).await?;
        }
        Ok(())
    }

    async fn merge_intervals(
        &mut self,
        batches: &[RangeInclusive<u64>],
        known: Vec<RangeInclusive<u64>>,
    ) -> Result<(), StoreError> {
        for old in &known {
            let sql = Sql::new(DOING, "DELETE FROM detected WHERE first = $1");
            self.execute(sql.value(signed(DOING, "a batch", *old.start())?)).await?;
        }
        let mut rows = Vec::new();
        for interval in merged(batches.iter().cloned().chain(known)) {
            rows.push(vec![
                Value::from(signed(DOING, "a batch", *interval.start())?),
                signed(DOING, "a batch", *interval.end())?.into(),
            ]);
        }
        for chunk in chunks(&rows) {
            let sql = Sql::new(DOING, "INSERT INTO detected (first, last) VALUES ");
            self.execute(sql.rows(chunk.iter().cloned())).await?;
        }
        Ok(())
    }
}

/// Intervals in order that neither meet nor overlap.
fn merged(intervals: impl Iterator<Item = RangeInclusive<u64>>) -> Vec<RangeInclusive<u64>> {
    let mut intervals: Vec<_> = intervals.filter(|interval| !interval.is_empty()).collect();
    intervals.sort_unstable_by_key(|interval| *interval.start());
    let mut merged: Vec<RangeInclusive<u64>> = Vec::new();
    for interval in intervals {
        match merged.last_mut() {
            Some(last) if *interval.start() <= last.end().saturating_add(1) => {
                *last = *last.start()..=*last.end().max(interval.end());
            }
            _ => merged.push(interval),
        }
    }
    merged
}

/// Groups in the order of their keys, so that two transactions never wait for each other's rows.
fn grouped<'a>(found: &[&'a Detection]) -> BTreeMap<GroupKey, Group<'a>> {
    let mut groups: BTreeMap<GroupKey, Group<'a>> = BTreeMap::new();
    let mut seen: HashSet<(GroupKey, EventId)> = HashSet::new();
    for detection in found {
        let key = detection.group_key();
        if !seen.insert((key, detection.event)) {
            continue;
        }
        let group = groups.entry(key).or_insert_with(|| Group {
            first: detection,
            first_at: detection.at,
            last_at: detection.at,
            severity: detection.severity.rank(),
            events: Vec::new(),
        });
        group.first_at = group.first_at.min(detection.at);
        group.last_at = group.last_at.max(detection.at);
        group.severity = group.severity.max(detection.severity.rank());
        group.events.push(detection);
    }
    groups
}

fn alert_row(key: &GroupKey, group: &Group<'_>, now: Timestamp) -> Vec<Value> {
    let first = group.first;
    vec![
        key.0.as_slice().into(),
        first.kind.name().into(),
        (&first.rule).into(),
        (&first.title).into(),
        i64::from(group.severity).into(),
        first.agency.as_str().into(),
        first.system.as_str().into(),
        first.source.map(|source| source.0).into(),
        (&first.entity).into(),
        first.window_start.into(),
        first.attack.join(" ").into(),
        (group.events.len() as i64).into(),
        group.first_at.into(),
        group.last_at.into(),
        State::New.name().into(),
        now.into(),
        now.into(),
    ]
}

fn event_row(alert: i64, detection: &Detection) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        alert.into(),
        signed(DOING, "a batch", detection.event.batch)?.into(),
        detection.event.item.into(),
        detection.at.into(),
        matched_text(&detection.matched).into(),
    ])
}

/// The column of matched fields: a JSON list of `[field, value, why]`.
fn matched_text(matched: &[MatchedField]) -> String {
    matched
        .iter()
        .map(|field| json!([field.field, field.value, field.why]))
        .collect::<Json>()
        .to_string()
}

/// The matched fields of a column.
pub(crate) fn matched_of(text: &str) -> Option<Vec<MatchedField>> {
    let fields: Vec<[String; 3]> = serde_json::from_str(text).ok()?;
    Some(fields.into_iter().map(|[field, value, why]| MatchedField { field, value, why }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_that_meet_or_overlap_become_one() {
        let merge = |intervals: &[RangeInclusive<u64>]| merged(intervals.iter().cloned());
        assert_eq!(merge(&[4..=5, 1..=3]), [1..=5]);
        assert_eq!(merge(&[1..=9, 2..=3, 11..=12]), [1..=9, 11..=12]);
        assert_eq!(merge(&[u64::MAX..=u64::MAX, 1..=u64::MAX]), [1..=u64::MAX]);
        #[expect(clippy::reversed_empty_ranges, reason = "an empty range is what is tested")]
        let empty = merge(&[5..=4]);
        assert_eq!(empty, []);
    }
}
