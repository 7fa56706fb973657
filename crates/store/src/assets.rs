//! Assets of systems.

use khien_domain::asset::{Asset, AssetKind, KeptAsset};
use khien_domain::code::{AgencyCode, SiteCode, SystemCode};
use khien_domain::host::HostName;
use khien_domain::ids::AssetId;
use khien_domain::permission::AgencyScope;
use khien_domain::system::{Stage, Zone};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str =
    "SELECT asset.id, system.agency, asset.system, asset.name, asset.kind, asset.zone,
     asset.site, address FROM asset JOIN system ON system.code = asset.system WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<KeptAsset, StoreError> {
    Ok(KeptAsset {
        id: AssetId(row.int()?),
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        asset: Asset {
            system: row.parsed(|text| SystemCode::new(text).ok())?,
            name: row.parsed(HostName::new)?,
            kind: row.parsed(AssetKind::parse)?,
            zone: row.parsed(Zone::parse)?,
            site: row.optional_parsed(|text| SiteCode::new(text).ok())?,
            address: row.optional_parsed(|text| text.parse().ok())?,
        },
    })
}

impl Store {
    /// The assets of the systems within the scope, of one system if given, by name.
    pub async fn list_assets(
        &self,
        scope: &AgencyScope,
        system: Option<&SystemCode>,
    ) -> Result<Vec<KeptAsset>, StoreError> {
        let sql = Sql::new("listing assets", SELECT)
            .scope("system.agency", scope)
            .and(" AND asset.system = ", system.map(SystemCode::as_str))
            .text(" ORDER BY asset.name, asset.id");
        self.all(sql, read).await
    }

    /// The assets of the systems within the scope that are not retired, by name.
    pub async fn list_assets_in_use(
        &self,
        scope: &AgencyScope,
    ) -> Result<Vec<KeptAsset>, StoreError> {
        let sql = Sql::new("listing assets in use", SELECT)
            .scope("system.agency", scope)
            .text(" AND system.stage <> ")
            .bind(Stage::Retired.name())
            .text(" ORDER BY asset.name, asset.id");
        self.all(sql, read).await
    }
}

impl Tx {
    /// How many servers of an agency's systems that are not retired stand at each site; `None` where
    /// nobody said.
    pub async fn servers_by_site(
        &mut self,
        agency: &AgencyCode,
    ) -> Result<Vec<(Option<SiteCode>, u64)>, StoreError> {
        let sql = Sql::new(
            "counting servers",
            "SELECT asset.site, count(*) FROM asset JOIN system ON system.code = asset.system
             WHERE system.agency = $1 AND asset.kind = $2 AND system.stage <> $3
             GROUP BY asset.site ORDER BY asset.site",
        );
        let sql = sql.value(agency.as_str()).value(AssetKind::Server.name());
        let sql = sql.value(Stage::Retired.name());
        let read = |row: &mut Columns<'_>| {
            Ok((row.optional_parsed(|text| SiteCode::new(text).ok())?, row.unsigned()?))
        };
        self.all(sql, read).await
    }

    /// Adds an asset to its system, or changes the one of its name there. Answers whether it is new.
    pub async fn put_asset(&mut self, asset: &Asset) -> Result<bool, StoreError> {
        const DOING: &str = "keeping an asset";
        let values = |sql: Sql| {
            sql.value(asset.kind.name())
                .value(asset.zone.name())
                .value(asset.site.as_ref().map(SiteCode::as_str))
                .value(asset.address.map(|address| address.to_string()))
                .value(asset.system.as_str())
                .value(asset.name.as_str())
        };
        let known = Sql::new(
            DOING,
            "UPDATE asset SET kind = $1, zone = $2, site = $3, address = $4
             WHERE system = $5 AND name = $6",
        );
        if self.execute(values(known)).await? > 0 {
            return Ok(false);
        }
        let new = Sql::new(
            DOING,
            "INSERT INTO asset (kind, zone, site, address, system, name)
             VALUES ($1, $2, $3, $4, $5, $6)",
        );
        self.execute(values(new)).await?;
        Ok(true)
    }

    /// Takes an asset of a system off. Answers whether it was there.
    pub async fn remove_asset(
        &mut self,
        system: &SystemCode,
        id: AssetId,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new("removing an asset", "DELETE FROM asset WHERE id = $1 AND system = $2");
        Ok(self.execute(sql.value(id.0).value(system.as_str())).await? > 0)
    }
}
