//! Hosts: registered ones, and those that appear in events.

use jiff::Timestamp;
use khien_domain::asset::Placed;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::host::{Host, HostName, HostSeen};
use khien_domain::ids::SourceId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;
use khien_domain::system::{Stage, Zone};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

/// Hosts with the agency of their system.
pub(crate) const SELECT: &str =
    "SELECT host.system, system.agency, host.name, registered_at, first_seen_at, last_seen_at,
        last_source
    FROM host JOIN system ON system.code = host.system WHERE 1 = 1";

pub(crate) fn read(row: &mut Columns<'_>) -> Result<Host, StoreError> {
    Ok(Host {
        system: row.parsed(|text| SystemCode::new(text).ok())?,
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        name: row.parsed(HostName::new)?,
        registered_at: row.optional_time()?,
        first_seen_at: row.optional_time()?,
        last_seen_at: row.optional_time()?,
        last_source: row.optional_int()?.map(SourceId),
    })
}

impl Store {
    /// The hosts that events of systems within the scope have named since, but of retired ones, as they stand
    /// in the networks of these systems.
    pub async fn list_hosts_seen(
        &self,
        scope: &AgencyScope,
        since: Timestamp,
    ) -> Result<Vec<Placed>, StoreError> {
        let sql = Sql::new(
            "listing hosts that were seen",
            "SELECT system.agency, host.system, host.name, system.zone
             FROM host JOIN system ON system.code = host.system WHERE 1 = 1",
        );
        let sql = sql
            .scope("system.agency", scope)
            .text(" AND system.stage <> ")
            .bind(Stage::Retired.name())
            .text(" AND last_seen_at >= ")
            .bind(since)
            .text(" ORDER BY host.name, host.system");
        let read = |row: &mut Columns<'_>| {
            Ok(Placed {
                agency: row.parsed(|text| AgencyCode::new(text).ok())?,
                system: row.parsed(|text| SystemCode::new(text).ok())?,
                name: row.parsed(HostName::new)?,
                zone: row.parsed(Zone::parse)?,
                address: None,
                is_seen: true,
            })
        };
        self.all(sql, read).await
    }

    /// The hosts of a system within the scope, registered or seen, by name.
    pub async fn list_hosts(
        &self,
        scope: &AgencyScope,
        system: &SystemCode,
        page: &PageRequest<HostName>,
    ) -> Result<Page<Host, HostName>, StoreError> {
        let sql = Sql::new("listing hosts", SELECT)
            .text(" AND host.system = ")
            .bind(system.as_str())
            .scope("system.agency", scope)
            .and(" AND host.name > ", page.after.as_ref().map(HostName::as_str))
            .text(" ORDER BY host.name");
        self.page(sql, page, read, |host| host.name.clone()).await
    }
}

impl Tx {
    /// Registers a host of a system, seen before or not. Answers whether it was seen without being
    /// registered.
    pub async fn register_host(
        &mut self,
        system: &SystemCode,
        host: &HostName,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "registering a host";
        let seen = Sql::new(
            DOING,
            "UPDATE host SET registered_at = $1
             WHERE system = $2 AND name = $3 AND registered_at IS NULL",
        );
        let seen = seen.value(now).value(system.as_str()).value(host.as_str());
        if self.execute(seen).await? > 0 {
            return Ok(true);
        }
        let sql = Sql::new(
            DOING,
            "INSERT INTO host (system, name, registered_at) VALUES ($1, $2, $3)
             ON CONFLICT (system, name) DO NOTHING",
        );
        self.execute(sql.value(system.as_str()).value(host.as_str()).value(now)).await?;
        Ok(false)
    }

    /// Takes a host of a system within the scope off the register; that it was seen stays. Answers
    /// whether it was on it.
    pub async fn unregister_host(
        &mut self,
        scope: &AgencyScope,
        system: &SystemCode,
        host: &HostName,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "unregistering a host",
            "UPDATE host SET registered_at = NULL
             WHERE system = $1 AND name = $2 AND registered_at IS NOT NULL
                 AND system IN (SELECT code FROM system WHERE 1 = 1",
        );
        let sql = sql.value(system.as_str()).value(host.as_str()).scope("agency", scope).text(")");
        Ok(self.execute(sql).await? > 0)
    }

    /// Notes the hosts that appeared. Answers those that appeared for the first time and are not
    /// registered, each of which is worth an alert.
    pub async fn see_hosts(&mut self, seen: &[HostSeen]) -> Result<Vec<HostSeen>, StoreError> {
        const DOING: &str = "noting hosts";
        let mut unknown = Vec::new();
        for host in seen {
            let known = Sql::new(
                DOING,
                "UPDATE host SET
                     first_seen_at = coalesce(first_seen_at, $1),
                     last_seen_at = CASE WHEN last_seen_at > $1 THEN last_seen_at ELSE $1 END,
                     last_source = $2
                 WHERE system = $3 AND name = $4",
            )
            .value(host.at)
            .value(host.source.0)
            .value(host.system.as_str())
            .value(host.name.as_str());
            if self.execute(known).await? > 0 {
                continue;
            }
            let new = Sql::new(
                DOING,
                "INSERT INTO host (system, name, first_seen_at, last_seen_at, last_source)
                 VALUES ($1, $2, $3, $3, $4) ON CONFLICT (system, name) DO NOTHING",
            )
            .value(host.system.as_str())
            .value(host.name.as_str())
            .value(host.at)
            .value(host.source.0);
            if self.execute(new).await? > 0 {
                unknown.push(host.clone());
            }
        }
        Ok(unknown)
    }
}
