//! Information systems.

use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;
use khien_domain::system::{Level, Stage, System};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT code, agency, name, level, stage, created_at FROM system WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<System, StoreError> {
    Ok(System {
        code: row.parsed(|text| SystemCode::new(text).ok())?,
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        name: row.string()?,
        level: {
            let number = row.int()?;
            Level::new(number).ok_or_else(|| row.damaged(format!("level {number}")))?
        },
        stage: row.parsed(Stage::parse)?,
        created_at: row.time()?,
    })
}

impl Store {
    /// A system within the scope.
    pub async fn find_system(
        &self,
        scope: &AgencyScope,
        code: &SystemCode,
    ) -> Result<Option<System>, StoreError> {
        let sql = Sql::new("reading a system", SELECT);
        self.one(sql.scope("agency", scope).text(" AND code = ").bind(code.as_str()), read).await
    }

    /// The systems within the scope, by code.
    pub async fn list_systems(
        &self,
        scope: &AgencyScope,
        page: &PageRequest<SystemCode>,
    ) -> Result<Page<System, SystemCode>, StoreError> {
        let sql = Sql::new("listing systems", SELECT)
            .scope("agency", scope)
            .and(" AND code > ", page.after.as_ref().map(SystemCode::as_str))
            .text(" ORDER BY code");
        self.page(sql, page, read, |system| system.code.clone()).await
    }
}

impl Tx {
    /// Adds a system to an agency that is there.
    pub async fn add_system(&mut self, system: &System) -> Result<(), StoreError> {
        let sql = Sql::new(
            "adding a system",
            "INSERT INTO system (code, agency, name, level, stage, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        );
        self.execute(
            sql.value(system.code.as_str())
                .value(system.agency.as_str())
                .value(&system.name)
                .value(i64::from(system.level.number()))
                .value(system.stage.name())
                .value(system.created_at),
        )
        .await
        .map(|_| ())
    }

    /// Changes the name, level and stage of a system within the scope. Answers whether there is
    /// such a system; its agency never changes, since its events bear it.
    pub async fn update_system(
        &mut self,
        scope: &AgencyScope,
        system: &System,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "changing a system",
            "UPDATE system SET name = $1, level = $2, stage = $3 WHERE code = $4",
        );
        let sql = sql
            .value(&system.name)
            .value(i64::from(system.level.number()))
            .value(system.stage.name())
            .value(system.code.as_str())
            .scope("agency", scope);
        Ok(self.execute(sql).await? > 0)
    }
}
