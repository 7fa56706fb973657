//! The pulse of the sources: how many events happened in each quarter of an hour, for how many
//! minutes of a day each was heard, and of which classes its events were.

use jiff::{SignedDuration, Timestamp};
use khien_domain::code::SystemCode;
use khien_domain::ids::SourceId;
use khien_domain::permission::AgencyScope;
use khien_domain::source::{SourceKind, SourceStatus};

use crate::sql::{Columns, Sql, Value, chunks, signed};
use crate::{Store, StoreError, Tx};

const DOING: &str = "noting the pulse of sources";

/// How long a quarter of an hour is.
pub const QUARTER: SignedDuration = SignedDuration::from_mins(15);

/// Events of a source in a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Which source.
    pub source: SourceId,
    /// Which quarter: quarters of an hour since 1970.
    pub quarter: i64,
    /// How many events; when noting, how many more.
    pub events: u64,
}

impl Beat {
    /// The quarter of a moment.
    pub fn quarter_of(at: Timestamp) -> i64 {
        at.as_second().div_euclid(QUARTER.as_secs())
    }

    /// When a quarter begins.
    pub fn begin_of(quarter: i64) -> Timestamp {
        Timestamp::from_second(quarter.saturating_mul(QUARTER.as_secs()))
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// For how long a source was watched, and for how long of that it was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Which source.
    pub source: SourceId,
    /// The day: days since 1970 in UTC.
    pub day: i64,
    /// For how many minutes it was watched; when noting, how many more.
    pub minutes: u32,
    /// For how many of these it was heard.
    pub heard: u32,
}

impl Heard {
    /// The day of a moment.
    pub fn day_of(at: Timestamp) -> i64 {
        at.as_second().div_euclid(24 * 3_600)
    }
}

/// A class of events that a source sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which source.
    pub source: SourceId,
    /// The class by its number in OCSF.
    pub class: i32,
    /// When an event of it last arrived.
    pub last_seen_at: Timestamp,
}

fn moment(row: &mut Columns<'_>) -> Result<Timestamp, StoreError> {
    row.time()
}

impl Store {
    /// The classes of events that the sources within the scope sent, of one system if given. Sources that are
    /// switched off or are fed with files have none that counts.
    pub async fn list_shown(
        &self,
        scope: &AgencyScope,
        of: Option<&SystemCode>,
    ) -> Result<Vec<Shown>, StoreError> {
        let sql = Sql::new(
            "reading what sources show",
            "SELECT source_class.source_id, source_class.class_uid, source_class.last_seen_at
             FROM source_class
                 JOIN source ON source.id = source_class.source_id
                 JOIN system ON system.code = source.system
             WHERE source.status = $1 AND source.kind <> $2",
        )
        .value(SourceStatus::Active.name())
        .value(SourceKind::File.name())
        .scope("system.agency", scope)
        .and(" AND source.system = ", of.map(SystemCode::as_str))
        .text(" ORDER BY source_class.source_id, source_class.class_uid");
        self.all(sql, |row| {
            Ok(Shown {
                source: SourceId(row.int()?),
                class: row.number()?,
                last_seen_at: row.time()?,
            })
        })
        .await
    }

    /// Since when the classes of events are noted, if that began after the centre did.
    pub async fn shown_since(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = Sql::new(
            "reading since when classes are noted",
            "SELECT own.applied_at FROM migration AS own, migration AS first
             WHERE own.name = '0024_source_class' AND first.number = 1
                 AND own.applied_at > first.applied_at",
        );
        self.one(sql, moment).await
    }

    /// For how long each source was watched and heard from a day on, all days together; `day` is the
    /// first of them.
    pub async fn sum_heard(&self, since: i64) -> Result<Vec<Heard>, StoreError> {
        let sql = Sql::new(
            "summing the minutes of sources",
            "SELECT source_id, min(day), CAST(sum(minutes) AS BIGINT), CAST(sum(heard) AS BIGINT)
             FROM source_heard WHERE day >= $1 GROUP BY source_id ORDER BY source_id",
        );
        self.all(sql.value(since), |row| {
            Ok(Heard {
                source: SourceId(row.int()?),
                day: row.int()?,
                minutes: row.number()?,
                heard: row.number()?,
            })
        })
        .await
    }

    /// The pulse of the sources within the scope from a quarter on, of one source if given.
    pub async fn list_pulse(
        &self,
        scope: &AgencyScope,
        source: Option<SourceId>,
        since: i64,
    ) -> Result<Vec<Beat>, StoreError> {
        let sql = Sql::new(
            "reading the pulse of sources",
            "SELECT source_pulse.source_id, source_pulse.quarter, source_pulse.events
             FROM source_pulse
                 JOIN source ON source.id = source_pulse.source_id
                 JOIN system ON system.code = source.system
             WHERE 1 = 1",
        )
        .scope("system.agency", scope)
        .and(" AND source_pulse.source_id = ", source.map(|source| source.0))
        .and(" AND source_pulse.quarter >= ", Some(since));
        self.all(sql, |row| {
            Ok(Beat { source: SourceId(row.int()?), quarter: row.int()?, events: row.number()? })
        })
        .await
    }
}

impl Tx {
    /// Notes events; what was noted before is added to. Each source and quarter stands once.
    pub async fn note_pulse(&mut self, beats: &[Beat]) -> Result<(), StoreError> {
        for chunk in chunks(beats) {
            let rows = chunk.iter().map(|beat| {
                let events = signed(DOING, "events", beat.events)?;
                Ok(vec![Value::from(beat.source.0), beat.quarter.into(), events.into()])
            });
            let rows: Vec<Vec<Value>> = rows.collect::<Result<_, StoreError>>()?;
            let sql =
                Sql::new(DOING, "INSERT INTO source_pulse (source_id, quarter, events) VALUES ");
            let sql = sql.rows(rows).text(
                " ON CONFLICT (source_id, quarter) DO UPDATE
                  SET events = source_pulse.events + excluded.events",
            );
            self.execute(sql).await?;
        }
        Ok(())
    }

    /// Notes classes of events. A moment before the last known one changes nothing, unless that lies after `now`:
    /// a clock that ran ahead was set right. Each source and class stands once.
    pub async fn note_shown(&mut self, rows: &[Shown], now: Timestamp) -> Result<(), StoreError> {
        for chunk in chunks(rows) {
            let rows = chunk.iter().map(|one| {
                vec![one.source.0.into(), i64::from(one.class).into(), one.last_seen_at.into()]
            });
            let sql = Sql::new(
                "noting what sources show",
                "INSERT INTO source_class (source_id, class_uid, last_seen_at) VALUES ",
            );
            let sql = sql
                .rows(rows)
                .text(
                    " ON CONFLICT (source_id, class_uid) DO UPDATE
                      SET last_seen_at = excluded.last_seen_at
                      WHERE excluded.last_seen_at > source_class.last_seen_at
                          OR source_class.last_seen_at > ",
                )
                .bind(now);
            self.execute(sql).await?;
        }
        Ok(())
    }

    /// Notes minutes; what was noted of the day before is added to. Each source and day stands once.
    pub async fn note_heard(&mut self, rows: &[Heard]) -> Result<(), StoreError> {
        for chunk in chunks(rows) {
            let rows = chunk.iter().map(|one| {
                vec![one.source.0.into(), one.day.into(), one.minutes.into(), one.heard.into()]
            });
            let sql = Sql::new(
                "noting the minutes of sources",
                "INSERT INTO source_heard (source_id, day, minutes, heard) VALUES ",
            );
            let sql = sql.rows(rows).text(
                " ON CONFLICT (source_id, day) DO UPDATE
                  SET minutes = source_heard.minutes + excluded.minutes,
                      heard = source_heard.heard + excluded.heard",
            );
            self.execute(sql).await?;
        }
        Ok(())
    }

    /// Forgets the minutes of days before one.
    pub async fn prune_heard(&mut self, before: i64) -> Result<(), StoreError> {
        let sql = Sql::new("forgetting old minutes", "DELETE FROM source_heard WHERE day < $1");
        self.execute(sql.value(before)).await?;
        Ok(())
    }

    /// Forgets quarters before one.
    pub async fn prune_pulse(&mut self, before: i64) -> Result<(), StoreError> {
        let sql =
            Sql::new("forgetting an old pulse", "DELETE FROM source_pulse WHERE quarter < $1");
        self.execute(sql.value(before)).await?;
        Ok(())
    }
}
