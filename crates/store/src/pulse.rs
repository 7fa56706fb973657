//! The pulse of the sources: how many events happened in each quarter of an hour.

use jiff::{SignedDuration, Timestamp};
use khien_domain::ids::SourceId;
use khien_domain::permission::AgencyScope;

use crate::sql::{Sql, Value, chunks, signed};
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

impl Store {
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

    /// Forgets quarters before one.
    pub async fn prune_pulse(&mut self, before: i64) -> Result<(), StoreError> {
        let sql =
            Sql::new("forgetting an old pulse", "DELETE FROM source_pulse WHERE quarter < $1");
        self.execute(sql.value(before)).await?;
        Ok(())
    }
}
