//! Hosts that certificates name and nobody registered, and hosts of systems by whether they are registered.

use std::collections::{BTreeMap, BTreeSet};

use khien_domain::code::AgencyCode;
use khien_domain::discovered::{Certificate, DiscoveredHost, Standing};
use khien_domain::host::{Host, HostName};
use khien_domain::permission::AgencyScope;

use crate::hosts;
use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT name, agency, found_at, issued_at, until, issuer, state, settled_at,
        settled_by, note
    FROM discovered_host WHERE 1 = 1";

/// Hosts that are listed at most.
const MOST: u32 = 5_000;

fn read(row: &mut Columns<'_>) -> Result<DiscoveredHost, StoreError> {
    Ok(DiscoveredHost {
        name: row.parsed(HostName::new)?,
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        found_at: row.time()?,
        certificate: Certificate {
            issued_at: row.optional_time()?,
            until: row.optional_time()?,
            issuer: row.string()?,
        },
        standing: row.parsed(Standing::parse)?,
        settled_at: row.optional_time()?,
        settled_by: row.optional_string()?,
        note: row.optional_string()?,
    })
}

fn read_name(row: &mut Columns<'_>) -> Result<HostName, StoreError> {
    row.parsed(HostName::new)
}

impl Store {
    /// The discovered hosts of the agencies within the scope, open ones first, then by name.
    pub async fn list_discovered(
        &self,
        scope: &AgencyScope,
    ) -> Result<Vec<DiscoveredHost>, StoreError> {
        let sql = Sql::new("listing discovered hosts", SELECT).scope("agency", scope);
        let sql = sql
            .text(" ORDER BY CASE WHEN state = 'open' THEN 0 ELSE 1 END, name LIMIT ")
            .bind(MOST);
        self.all(sql, read).await
    }

    /// The discovered hosts of the agencies within the scope that nobody has settled, by name.
    pub async fn list_open_discovered(
        &self,
        scope: &AgencyScope,
    ) -> Result<Vec<DiscoveredHost>, StoreError> {
        let sql = Sql::new("listing open hosts", SELECT).scope("agency", scope);
        let sql = sql.text(" AND state = ").bind(Standing::Open.name()).text(" ORDER BY name");
        self.all(sql, read).await
    }

    /// The hosts of the systems within the scope that appeared in events and are not registered, by name.
    pub async fn list_unregistered_hosts(
        &self,
        scope: &AgencyScope,
    ) -> Result<Vec<Host>, StoreError> {
        let sql = Sql::new("listing unregistered hosts", hosts::SELECT)
            .text(" AND registered_at IS NULL AND first_seen_at IS NOT NULL")
            .scope("system.agency", scope)
            .text(" ORDER BY host.name LIMIT ")
            .bind(MOST);
        self.all(sql, hosts::read).await
    }

    /// The names of all registered hosts, whosever.
    pub async fn registered_host_names(&self) -> Result<BTreeSet<HostName>, StoreError> {
        let sql = Sql::new(
            "reading the names of hosts",
            "SELECT DISTINCT name FROM host WHERE registered_at IS NOT NULL",
        );
        Ok(self.all(sql, read_name).await?.into_iter().collect())
    }
}

impl Tx {
    /// All discovered hosts, by name.
    pub async fn all_discovered(
        &mut self,
    ) -> Result<BTreeMap<HostName, DiscoveredHost>, StoreError> {
        let found = self.all(Sql::new("reading discovered hosts", SELECT), read).await?;
        Ok(found.into_iter().map(|host| (host.name.clone(), host)).collect())
    }

    /// The discovered host of a name.
    pub async fn find_discovered(
        &mut self,
        name: &HostName,
    ) -> Result<Option<DiscoveredHost>, StoreError> {
        let sql = Sql::new("reading a discovered host", SELECT).text(" AND name = ");
        self.one(sql.bind(name.as_str()), read).await
    }

    /// Keeps a discovered host in place of the one of its name.
    pub async fn put_discovered(&mut self, host: &DiscoveredHost) -> Result<(), StoreError> {
        let sql = Sql::new(
            "keeping a discovered host",
            "INSERT INTO discovered_host
                 (name, agency, found_at, issued_at, until, issuer, state, settled_at, settled_by, note)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (name) DO UPDATE SET agency = $2, found_at = $3, issued_at = $4, until = $5,
                 issuer = $6, state = $7, settled_at = $8, settled_by = $9, note = $10",
        )
        .value(host.name.as_str())
        .value(host.agency.as_str())
        .value(host.found_at)
        .value(host.certificate.issued_at)
        .value(host.certificate.until)
        .value(&host.certificate.issuer)
        .value(host.standing.name())
        .value(host.settled_at)
        .value(host.settled_by.as_deref())
        .value(host.note.as_deref());
        self.execute(sql).await.map(|_| ())
    }
}
