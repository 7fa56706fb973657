//! Internet resources of agencies.

use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::ResourceId;
use khien_domain::permission::AgencyScope;
use khien_domain::resource::{KeptResource, Resource, ResourceKind};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str =
    "SELECT id, agency, system, kind, value, until FROM internet_resource WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<KeptResource, StoreError> {
    Ok(KeptResource {
        id: ResourceId(row.int()?),
        resource: Resource {
            agency: row.parsed(|text| AgencyCode::new(text).ok())?,
            system: row.optional_parsed(|text| SystemCode::new(text).ok())?,
            kind: row.parsed(ResourceKind::parse)?,
            value: row.string()?,
            until: row.optional_day()?,
        },
    })
}

impl Store {
    /// The resources of the agencies within the scope, by kind and value.
    pub async fn list_resources(
        &self,
        scope: &AgencyScope,
    ) -> Result<Vec<KeptResource>, StoreError> {
        let sql = Sql::new("listing resources", SELECT).scope("agency", scope);
        self.all(sql.text(" ORDER BY kind, value"), read).await
    }
}

impl Tx {
    /// The resources of a system, by kind and value.
    pub async fn resources_of(
        &mut self,
        system: &SystemCode,
    ) -> Result<Vec<KeptResource>, StoreError> {
        let sql = Sql::new("reading the resources of a system", SELECT)
            .text(" AND system = ")
            .bind(system.as_str());
        self.all(sql.text(" ORDER BY kind, value"), read).await
    }

    /// The resource of a kind and value, whosever.
    pub async fn find_resource(
        &mut self,
        kind: ResourceKind,
        value: &str,
    ) -> Result<Option<KeptResource>, StoreError> {
        let sql = Sql::new("reading a resource", SELECT)
            .text(" AND kind = ")
            .bind(kind.name())
            .text(" AND value = ")
            .bind(value);
        self.one(sql, read).await
    }

    /// The resource of a number within the scope.
    pub async fn resource(
        &mut self,
        scope: &AgencyScope,
        id: ResourceId,
    ) -> Result<Option<KeptResource>, StoreError> {
        let sql = Sql::new("reading a resource", SELECT).scope("agency", scope);
        self.one(sql.text(" AND id = ").bind(id.0), read).await
    }

    /// Adds a resource.
    pub async fn add_resource(&mut self, resource: &Resource) -> Result<(), StoreError> {
        let sql = Sql::new(
            "adding a resource",
            "INSERT INTO internet_resource (agency, system, kind, value, until)
             VALUES ($1, $2, $3, $4, $5)",
        );
        let sql = sql
            .value(resource.agency.as_str())
            .value(resource.system.as_ref().map(SystemCode::as_str))
            .value(resource.kind.name())
            .value(&resource.value)
            .value(resource.until);
        self.execute(sql).await.map(|_| ())
    }

    /// Changes the system and the last day of a resource.
    pub async fn update_resource(
        &mut self,
        id: ResourceId,
        resource: &Resource,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "changing a resource",
            "UPDATE internet_resource SET system = $1, until = $2 WHERE id = $3",
        );
        let sql = sql
            .value(resource.system.as_ref().map(SystemCode::as_str))
            .value(resource.until)
            .value(id.0);
        self.execute(sql).await.map(|_| ())
    }

    /// Takes a resource off.
    pub async fn remove_resource(&mut self, id: ResourceId) -> Result<(), StoreError> {
        let sql = Sql::new("removing a resource", "DELETE FROM internet_resource WHERE id = $1");
        self.execute(sql.value(id.0)).await.map(|_| ())
    }
}
