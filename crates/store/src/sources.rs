//! Sources, the addresses they may send from, and when each was last heard.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::SourceId;
use khien_domain::network::Network;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;
use khien_domain::rate::Rate;
use khien_domain::source::{
    Fingerprint, NewSource, Source, SourceKind, SourceSettings, SourceStatus,
};

use crate::sql::{Columns, Sql, Value, chunks};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT source.id, source.system, system.agency, source.kind, source.name,
        source.formats, source.events_per_second, source.bytes_per_second,
        source.heartbeat_seconds, source.certificate, source.status, source.created_at
    FROM source JOIN system ON system.code = source.system WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<Source, StoreError> {
    Ok(Source {
        id: SourceId(row.int()?),
        system: row.parsed(|text| SystemCode::new(text).ok())?,
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        kind: row.parsed(SourceKind::parse)?,
        settings: SourceSettings {
            name: row.string()?,
            formats: row.string()?.split_whitespace().map(ToOwned::to_owned).collect(),
            rate: Rate { events_per_second: row.number()?, bytes_per_second: row.number()? },
            heartbeat_seconds: {
                let seconds = row.optional_int()?;
                seconds.and_then(|seconds| u32::try_from(seconds).ok())
            },
            networks: BTreeSet::new(),
            certificate: row.optional_parsed(Fingerprint::parse)?,
        },
        status: row.parsed(SourceStatus::parse)?,
        created_at: row.time()?,
    })
}

fn formats(settings: &SourceSettings) -> String {
    settings.formats.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// What was heard of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Which source.
    pub source: SourceId,
    /// When its last event arrived.
    pub last_received_at: Option<Timestamp>,
    /// Events so far; when noting, events since the last note.
    pub events: u64,
    /// Bytes so far; when noting, bytes since the last note.
    pub bytes: u64,
    /// Since when it has been silent, as far as an alert says so.
    pub silent_since: Option<Timestamp>,
}

fn read_activity(row: &mut Columns<'_>) -> Result<Activity, StoreError> {
    Ok(Activity {
        source: SourceId(row.int()?),
        last_received_at: row.optional_time()?,
        events: row.number()?,
        bytes: row.number()?,
        silent_since: row.optional_time()?,
    })
}

impl Store {
    /// A source within the scope.
    pub async fn find_source(
        &self,
        scope: &AgencyScope,
        id: SourceId,
    ) -> Result<Option<Source>, StoreError> {
        let sql = Sql::new("reading a source", SELECT);
        let sql = sql.scope("system.agency", scope).text(" AND source.id = ").bind(id.0);
        let mut sources = self.all(sql, read).await?;
        self.add_networks(&mut sources).await?;
        Ok(sources.pop())
    }

    /// The sources within the scope, newest first.
    pub async fn list_sources(
        &self,
        scope: &AgencyScope,
        page: &PageRequest,
    ) -> Result<Page<Source>, StoreError> {
        let sql = Sql::new("listing sources", SELECT)
            .scope("system.agency", scope)
            .and(" AND source.id < ", page.after)
            .text(" ORDER BY source.id DESC");
        let mut page = self.page(sql, page, read, |source| source.id.0).await?;
        self.add_networks(&mut page.items).await?;
        Ok(page)
    }

    async fn add_networks(&self, sources: &mut [Source]) -> Result<(), StoreError> {
        let sql = Sql::new(
            "reading addresses of sources",
            "SELECT source_id, network FROM source_address WHERE source_id IN ",
        )
        .list(sources.iter().map(|source| source.id.0));
        let mut networks: BTreeMap<i64, BTreeSet<Network>> = BTreeMap::new();
        let read = |row: &mut Columns<'_>| Ok((row.int()?, row.parsed(|text| text.parse().ok())?));
        for (source, network) in self.all(sql, read).await? {
            networks.entry(source).or_default().insert(network);
        }
        for source in sources {
            source.settings.networks = networks.remove(&source.id.0).unwrap_or_default();
        }
        Ok(())
    }

    /// What was heard of the sources within the scope, newest source first. A source that was never
    /// heard is not in it.
    pub async fn list_activity(
        &self,
        scope: &AgencyScope,
        page: &PageRequest,
    ) -> Result<Page<Activity>, StoreError> {
        let sql = Sql::new(
            "listing activity",
            "SELECT source_activity.source_id, last_received_at, events, bytes, silent_since
             FROM source_activity
                 JOIN source ON source.id = source_activity.source_id
                 JOIN system ON system.code = source.system
             WHERE 1 = 1",
        )
        .scope("system.agency", scope)
        .and(" AND source_id < ", page.after)
        .text(" ORDER BY source_id DESC");
        self.page(sql, page, read_activity, |activity| activity.source.0).await
    }
}

impl Tx {
    /// Adds a source to a system that is there. [`StoreError::Conflict`] if the system has a source
    /// of that name, or another source has one of the networks or the certificate.
    pub async fn add_source(&mut self, source: &NewSource) -> Result<SourceId, StoreError> {
        let settings = &source.settings;
        let sql = Sql::new(
            "adding a source",
            "INSERT INTO source (system, kind, name, formats, events_per_second, bytes_per_second,
                 heartbeat_seconds, certificate, status, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        )
        .value(source.system.as_str())
        .value(source.kind.name())
        .value(&settings.name)
        .value(formats(settings))
        .value(settings.rate.events_per_second)
        .value(settings.rate.bytes_per_second)
        .value(settings.heartbeat_seconds.map(i64::from))
        .value(settings.certificate.map(Fingerprint::to_hex))
        .value(SourceStatus::Active.name())
        .value(source.created_at);
        let id = SourceId(self.insert(sql).await?);
        self.set_networks(id, &settings.networks).await?;
        Ok(id)
    }

    /// Changes what is settled about a source within the scope. Answers whether there is such a
    /// source.
    pub async fn update_source(
        &mut self,
        scope: &AgencyScope,
        id: SourceId,
        settings: &SourceSettings,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "changing a source",
            "UPDATE source SET name = $1, formats = $2, events_per_second = $3,
                 bytes_per_second = $4, heartbeat_seconds = $5, certificate = $6
             WHERE id = $7",
        )
        .value(&settings.name)
        .value(formats(settings))
        .value(settings.rate.events_per_second)
        .value(settings.rate.bytes_per_second)
        .value(settings.heartbeat_seconds.map(i64::from))
        .value(settings.certificate.map(Fingerprint::to_hex))
        .value(id.0);
        let changed = self.execute(in_scope(sql, scope)).await? > 0;
        if changed {
            self.set_networks(id, &settings.networks).await?;
        }
        Ok(changed)
    }

    /// Switches a source within the scope on or off. Answers whether there is such a source.
    pub async fn set_source_status(
        &mut self,
        scope: &AgencyScope,
        id: SourceId,
        status: SourceStatus,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new("switching a source", "UPDATE source SET status = $1 WHERE id = $2");
        let sql = sql.value(status.name()).value(id.0);
        Ok(self.execute(in_scope(sql, scope)).await? > 0)
    }

    async fn set_networks(
        &mut self,
        id: SourceId,
        networks: &BTreeSet<Network>,
    ) -> Result<(), StoreError> {
        const DOING: &str = "registering addresses of a source";
        let sql = Sql::new(DOING, "DELETE FROM source_address WHERE source_id = $1");
        self.execute(sql.value(id.0)).await?;
        let networks: Vec<&Network> = networks.iter().collect();
        for chunk in chunks(&networks) {
            let rows = chunk.iter().map(|net| vec![Value::from(net.to_string()), id.0.into()]);
            let sql = Sql::new(DOING, "INSERT INTO source_address (network, source_id) VALUES ");
            self.execute(sql.rows(rows)).await?;
        }
        Ok(())
    }

    /// Notes what arrived; the counts are added, and who is heard is silent no more.
    pub async fn note_activity(&mut self, heard: &[Activity]) -> Result<(), StoreError> {
        const DOING: &str = "noting activity";
        for activity in heard {
            let count = |count: u64, what| {
                i64::try_from(count).map_err(|_| StoreError::Range { doing: DOING, what })
            };
            let sql = Sql::new(
                DOING,
                "INSERT INTO source_activity
                     (source_id, last_received_at, events, bytes, silent_since)
                 VALUES ($1, $2, $3, $4, NULL)
                 ON CONFLICT (source_id) DO UPDATE SET
                     last_received_at = CASE
                         WHEN source_activity.last_received_at > excluded.last_received_at
                         THEN source_activity.last_received_at
                         ELSE excluded.last_received_at END,
                     events = source_activity.events + excluded.events,
                     bytes = source_activity.bytes + excluded.bytes,
                     silent_since = NULL",
            )
            .value(activity.source.0)
            .value(activity.last_received_at)
            .value(count(activity.events, "events")?)
            .value(count(activity.bytes, "bytes")?);
            self.execute(sql).await?;
        }
        Ok(())
    }

    /// Notes that a source is silent. Answers whether that is news, so that one silence is one alert.
    pub async fn mark_silent(
        &mut self,
        source: SourceId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "noting a silent source",
            "INSERT INTO source_activity (source_id, last_received_at, events, bytes, silent_since)
             VALUES ($1, NULL, 0, 0, $2)
             ON CONFLICT (source_id) DO UPDATE SET silent_since = excluded.silent_since
             WHERE source_activity.silent_since IS NULL",
        );
        Ok(self.execute(sql.value(source.0).value(since)).await? > 0)
    }
}

fn in_scope(sql: Sql, scope: &AgencyScope) -> Sql {
    sql.text(" AND system IN (SELECT code FROM system WHERE 1 = 1").scope("agency", scope).text(")")
}
