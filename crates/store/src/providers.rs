//! Providers who work on systems.

use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::ProviderId;
use khien_domain::permission::AgencyScope;
use khien_domain::provider::{Escrow, Exit, KeptProvider, Provider, Window};

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
            exit: Exit {
                plan: row.optional_string()?,
                tested: row.optional_day()?,
                escrow: row.parsed(Escrow::parse)?,
            },
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
                 starts, until, staff, access_window, exit_plan, exit_tested, escrow
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
            "INSERT INTO provider (system, name, service, contract, starts, until, staff,
                 access_window, exit_plan, exit_tested, escrow)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
        );
        let sql = sql
            .value(provider.system.as_str())
            .value(&provider.name)
            .value(&provider.service)
            .value(&provider.contract)
            .value(provider.from)
            .value(provider.until)
            .value(provider.staff)
            .value(provider.window.map(|window| window.to_string()))
            .value(provider.exit.plan.clone())
            .value(provider.exit.tested)
            .value(provider.exit.escrow.name());
        self.insert(sql).await.map(ProviderId)
    }

    /// Says how the agency of a system goes on without a provider. Answers whether there is such a
    /// provider.
    pub async fn set_exit(
        &mut self,
        system: &SystemCode,
        id: ProviderId,
        exit: &Exit,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "planning an exit",
            "UPDATE provider SET exit_plan = $1, exit_tested = $2, escrow = $3
             WHERE id = $4 AND system = $5",
        );
        let sql = sql.value(exit.plan.clone()).value(exit.tested).value(exit.escrow.name());
        Ok(self.execute(sql.value(id.0).value(system.as_str())).await? > 0)
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
