//! Information systems.

use std::collections::BTreeSet;

use jiff::Timestamp;
use khien_domain::code::{AgencyCode, SiteCode, SystemCode};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;
use khien_domain::system::{DataCategory, Level, Operator, Stage, System, SystemKind, Zone};

use crate::sql::{Columns, Sql, unsigned};
use crate::{Store, StoreError, Tx};

const SELECT: &str =
    "SELECT code, agency, name, kind, operator_agency, operator_name, level, stage,
     data, zone, is_exposed, site, rto_minutes, rpo_minutes, is_critical, owner, head, confirmed_at,
     created_at FROM system WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<System, StoreError> {
    Ok(System {
        code: row.parsed(|text| SystemCode::new(text).ok())?,
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        name: row.string()?,
        kind: row.parsed(SystemKind::parse)?,
        operator: {
            let agency = row.optional_parsed(|text| AgencyCode::new(text).ok())?;
            match (agency, row.optional_string()?) {
                (Some(agency), _) => Operator::Agency(agency),
                (None, Some(name)) => Operator::Provider(name),
                (None, None) => Operator::Owner,
            }
        },
        level: {
            let number = row.int()?;
            Level::new(number).ok_or_else(|| row.damaged(format!("level {number}")))?
        },
        stage: row.parsed(Stage::parse)?,
        data: row
            .parsed(|text| text.split_ascii_whitespace().map(DataCategory::parse).collect())?,
        zone: row.parsed(Zone::parse)?,
        is_exposed: row.bool()?,
        site: row.optional_parsed(|text| SiteCode::new(text).ok())?,
        rto_minutes: row.optional_number()?,
        rpo_minutes: row.optional_number()?,
        is_critical: row.bool()?,
        owner: row.optional_string()?,
        head: row.optional_string()?,
        confirmed_at: row.optional_time()?,
        created_at: row.time()?,
    })
}

/// Categories as a text, by their names.
fn data(categories: &BTreeSet<DataCategory>) -> String {
    let names: Vec<&str> = categories.iter().map(|category| category.name()).collect();
    names.join(" ")
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

/// The columns that change, with the place of the code after them.
fn changing(sql: Sql, system: &System) -> Sql {
    let (agency, name) = match &system.operator {
        Operator::Owner => (None, None),
        Operator::Agency(agency) => (Some(agency.as_str()), None),
        Operator::Provider(name) => (None, Some(name.as_str())),
    };
    sql.value(&system.name)
        .value(system.kind.name())
        .value(agency)
        .value(name)
        .value(i64::from(system.level.number()))
        .value(system.stage.name())
        .value(data(&system.data))
        .value(system.zone.name())
        .value(system.is_exposed)
        .value(system.site.as_ref().map(SiteCode::as_str))
        .value(system.rto_minutes)
        .value(system.rpo_minutes)
        .value(system.is_critical)
        .value(system.owner.clone())
        .value(system.head.clone())
        .value(system.code.as_str())
}

impl Tx {
    /// A system, whosever.
    pub async fn find_system(&mut self, code: &SystemCode) -> Result<Option<System>, StoreError> {
        let sql = Sql::new("reading a system", SELECT).text(" AND code = ").bind(code.as_str());
        self.one(sql, read).await
    }

    /// How many systems an agency has that are not retired.
    pub async fn count_systems(&mut self, agency: &AgencyCode) -> Result<u64, StoreError> {
        let sql = Sql::new(
            "counting systems",
            "SELECT count(*) FROM system WHERE agency = $1 AND stage <> $2",
        );
        let sql = sql.value(agency.as_str()).value(Stage::Retired.name());
        Ok(self.one(sql, unsigned).await?.unwrap_or_default())
    }

    /// Adds a system to an agency that is there.
    pub async fn add_system(&mut self, system: &System) -> Result<(), StoreError> {
        let sql = Sql::new(
            "adding a system",
            "INSERT INTO system (name, kind, operator_agency, operator_name, level, stage, data, zone,
                 is_exposed, site, rto_minutes, rpo_minutes, is_critical, owner, head, code, agency,
                 created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        );
        let sql = changing(sql, system).value(system.agency.as_str()).value(system.created_at);
        self.execute(sql).await.map(|_| ())
    }

    /// Changes a system within the scope, but for its code, agency and confirmation. Answers whether
    /// there is such a system; its agency never changes, since its events bear it.
    pub async fn update_system(
        &mut self,
        scope: &AgencyScope,
        system: &System,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "changing a system",
            "UPDATE system SET name = $1, kind = $2, operator_agency = $3, operator_name = $4,
                 level = $5, stage = $6, data = $7, zone = $8, is_exposed = $9, site = $10,
                 rto_minutes = $11, rpo_minutes = $12, is_critical = $13, owner = $14, head = $15
             WHERE code = $16",
        );
        let sql = changing(sql, system).scope("agency", scope);
        Ok(self.execute(sql).await? > 0)
    }

    /// Notes when what is registered of a system was confirmed.
    pub async fn set_system_confirmed(
        &mut self,
        system: &SystemCode,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "noting a confirmation",
            "UPDATE system SET confirmed_at = $1 WHERE code = $2",
        );
        self.execute(sql.value(at).value(system.as_str())).await.map(|_| ())
    }
}
