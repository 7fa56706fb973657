//! Sites where servers stand.

use khien_domain::code::SiteCode;
use khien_domain::site::Site;

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT code, name, kind, standard, until, plan, plan_by FROM site";

fn read(row: &mut Columns<'_>) -> Result<Site, StoreError> {
    Ok(Site {
        code: row.parsed(|text| SiteCode::new(text).ok())?,
        name: row.string()?,
        kind: row.string()?,
        standard: row.optional_string()?,
        until: row.optional_day()?,
        plan: row.optional_string()?,
        plan_by: row.optional_day()?,
    })
}

impl Store {
    /// All sites, by code: they belong to the province.
    pub async fn list_sites(&self) -> Result<Vec<Site>, StoreError> {
        self.all(Sql::new("listing sites", SELECT).text(" ORDER BY code"), read).await
    }
}

impl Tx {
    /// All sites, by code.
    pub async fn list_sites(&mut self) -> Result<Vec<Site>, StoreError> {
        self.all(Sql::new("listing sites", SELECT).text(" ORDER BY code"), read).await
    }

    /// Adds a site, or changes the one of its code.
    pub async fn put_site(&mut self, site: &Site) -> Result<(), StoreError> {
        let sql = Sql::new(
            "keeping a site",
            "INSERT INTO site (code, name, kind, standard, until, plan, plan_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind,
                 standard = excluded.standard, until = excluded.until, plan = excluded.plan,
                 plan_by = excluded.plan_by",
        );
        let sql = sql
            .value(site.code.as_str())
            .value(&site.name)
            .value(&site.kind)
            .value(site.standard.clone())
            .value(site.until)
            .value(site.plan.clone())
            .value(site.plan_by);
        self.execute(sql).await.map(|_| ())
    }
}
