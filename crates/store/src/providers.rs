//! Providers who work on systems.

use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::ProviderId;
use khien_domain::permission::AgencyScope;
use khien_domain::provider::{KeptProvider, Provider, Window};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

fn read(row: &mut Columns<'_>) -> Result<KeptProvider, StoreError> {
    Ok(KeptProvider {
        id: ProviderId(row.int()?),
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        provider: Provider {
            system: row.parsed(|text| SystemCode::new(text).ok())?,
            name: row.string()?,
            service: row.string()?,
            contract: row.string()?,
            from: row.day()?,
            until: row.day()?,
            staff: row.number()?,
            window: row.optional_parsed(Window::parse)?,
        },
    })
}

impl Store {
    /// The providers of the systems within the scope, of one system if given, by name.
    pub async fn list_providers(
        &self,
        scope: &AgencyScope,
        system: Option<&SystemCode>,
    ) -> Result<Vec<KeptProvider>, StoreError> {
        let sql = Sql::new(
            "listing providers",
            "SELECT provider.id, system.agency, provider.system, provider.name, service, contract,
                 starts, until, staff, access_window
             FROM provider JOIN system ON system.code = provider.system WHERE 1 = 1",
        );
        let sql = sql
            .scope("system.agency", scope)
            .and(" AND provider.system = ", system.map(SystemCode::as_str))
            .text(" ORDER BY provider.name, provider.id");
        self.all(sql, read).await
    }
}

impl Tx {
    /// Adds a provider; answers its number.
    pub async fn add_provider(&mut self, provider: &Provider) -> Result<ProviderId, StoreError> {
        let sql = Sql::new(
            "adding a provider",
            "INSERT INTO provider (system, name, service, contract, starts, until, staff, access_window)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        );
        let sql = sql
            .value(provider.system.as_str())
            .value(&provider.name)
            .value(&provider.service)
            .value(&provider.contract)
            .value(provider.from)
            .value(provider.until)
            .value(provider.staff)
            .value(provider.window.map(|window| window.to_string()));
        self.insert(sql).await.map(ProviderId)
    }

    /// Takes a provider of a system off. Answers whether it was there.
    pub async fn remove_provider(
        &mut self,
        system: &SystemCode,
        id: ProviderId,
    ) -> Result<bool, StoreError> {
        let sql =
            Sql::new("removing a provider", "DELETE FROM provider WHERE id = $1 AND system = $2");
        Ok(self.execute(sql.value(id.0).value(system.as_str())).await? > 0)
    }
}
