//! Agencies.

use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::code::AgencyCode;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str =
    "SELECT code, name_vi, name_en, parent, kind, created_at FROM agency WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<Agency, StoreError> {
    Ok(Agency {
        code: row.parsed(|text| AgencyCode::new(text).ok())?,
        name_vi: row.string()?,
        name_en: row.optional_string()?,
        parent: row.optional_parsed(|text| AgencyCode::new(text).ok())?,
        kind: row.parsed(AgencyKind::parse)?,
        created_at: row.time()?,
    })
}

impl Store {
    /// An agency within the scope.
    pub async fn find_agency(
        &self,
        scope: &AgencyScope,
        code: &AgencyCode,
    ) -> Result<Option<Agency>, StoreError> {
        let sql = Sql::new("reading an agency", SELECT);
        self.one(sql.scope("code", scope).text(" AND code = ").bind(code.as_str()), read).await
    }

    /// The agencies within the scope, by code.
    pub async fn list_agencies(
        &self,
        scope: &AgencyScope,
        page: &PageRequest<AgencyCode>,
    ) -> Result<Page<Agency, AgencyCode>, StoreError> {
        let sql = Sql::new("listing agencies", SELECT)
            .scope("code", scope)
            .and(" AND code > ", page.after.as_ref().map(AgencyCode::as_str))
            .text(" ORDER BY code");
        self.page(sql, page, read, |agency| agency.code.clone()).await
    }
}

impl Tx {
    /// Adds an agency. A parent must be there already.
    pub async fn add_agency(&mut self, agency: &Agency) -> Result<(), StoreError> {
        let sql = Sql::new(
            "adding an agency",
            "INSERT INTO agency (code, name_vi, name_en, parent, kind, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        );
        self.execute(
            sql.value(agency.code.as_str())
                .value(&agency.name_vi)
                .value(agency.name_en.clone())
                .value(agency.parent.as_ref().map(AgencyCode::as_str))
                .value(agency.kind.name())
                .value(agency.created_at),
        )
        .await
        .map(|_| ())
    }
}
