//! Projects of agencies.

use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::DossierId;
use khien_domain::permission::AgencyScope;
use khien_domain::project::{Invested, Project, ProjectCode};

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT agency, code, name, system, planned, security, decided, appraised,
        appraisal, has_security, exception, created_at, dossier
    FROM project WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<Project, StoreError> {
    Ok(Project {
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        code: row.parsed(ProjectCode::new)?,
        name: row.string()?,
        system: row.parsed(|text| SystemCode::new(text).ok())?,
        planned: row.int()?,
        security: row.optional_int()?,
        invested: {
            let (day, appraised) = (row.optional_day()?, row.optional_day()?);
            let appraisal = row.optional_int()?.map(DossierId);
            let has_security = row.int()? != 0;
            let exception = row.optional_string()?;
            day.map(|day| Invested { day, appraised, appraisal, has_security, exception })
        },
        created_at: row.time()?,
        dossier: row.optional_int()?.map(DossierId),
    })
}

impl Store {
    /// A project of an agency in scope.
    pub async fn find_project(
        &self,
        scope: &AgencyScope,
        agency: &AgencyCode,
        code: &ProjectCode,
    ) -> Result<Option<Project>, StoreError> {
        let sql = Sql::new("reading a project", SELECT).scope("agency", scope);
        let sql = sql.text(" AND agency = ").bind(agency.as_str());
        self.one(sql.text(" AND code = ").bind(code.as_str()), read).await
    }

    /// The projects of the agencies in scope, by agency and code.
    pub async fn list_projects(&self, scope: &AgencyScope) -> Result<Vec<Project>, StoreError> {
        let sql = Sql::new("listing projects", SELECT).scope("agency", scope);
        self.all(sql.text(" ORDER BY agency, code"), read).await
    }
}

impl Tx {
    /// Registers a project.
    pub async fn add_project(&mut self, project: &Project) -> Result<(), StoreError> {
        let invested = project.invested.as_ref();
        let sql = Sql::new(
            "registering a project",
            "INSERT INTO project (agency, code, name, system, planned, security, decided, appraised,
                 appraisal, has_security, exception, created_at, dossier)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .value(project.agency.as_str())
        .value(project.code.as_str())
        .value(&project.name)
        .value(project.system.as_str())
        .value(project.planned)
        .value(project.security)
        .value(invested.map(|invested| invested.day))
        .value(invested.and_then(|invested| invested.appraised))
        .value(invested.and_then(|invested| invested.appraisal).map(|id| id.0))
        .value(i64::from(invested.is_none_or(|invested| invested.has_security)))
        .value(invested.and_then(|invested| invested.exception.as_deref()))
        .value(project.created_at)
        .value(project.dossier.map(|id| id.0));
        self.execute(sql).await.map(|_| ())
    }

    /// Keeps the estimate of a project that is not decided. Answers whether it was so.
    pub async fn estimate_project(&mut self, project: &Project) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "estimating a project",
            "UPDATE project SET planned = $1, security = $2
             WHERE agency = $3 AND code = $4 AND decided IS NULL",
        )
        .value(project.planned)
        .value(project.security)
        .value(project.agency.as_str())
        .value(project.code.as_str());
        Ok(self.execute(sql).await? > 0)
    }

    /// Keeps in which dossier the design of a project is appraised that is not decided. Answers whether it was
    /// so; a dossier that serves another project is refused.
    pub async fn appraise_project(&mut self, project: &Project) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "naming the dossier of a project",
            "UPDATE project SET dossier = $1 WHERE agency = $2 AND code = $3 AND decided IS NULL",
        )
        .value(project.dossier.map(|id| id.0))
        .value(project.agency.as_str())
        .value(project.code.as_str());
        Ok(self.execute(sql).await? > 0)
    }

    /// Keeps the decision on a project that was not decided before and whose estimate and dossier are still
    /// those that were looked at. Answers whether it was so.
    pub async fn decide_project(
        &mut self,
        project: &Project,
        invested: &Invested,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "deciding a project",
            "UPDATE project SET decided = $1, appraised = $2, appraisal = $3, has_security = $4,
                 exception = $5
             WHERE agency = $6 AND code = $7 AND decided IS NULL
                 AND coalesce(security, -1) = $8 AND planned = $9 AND coalesce(dossier, -1) = $10",
        )
        .value(invested.day)
        .value(invested.appraised)
        .value(invested.appraisal.map(|id| id.0))
        .value(i64::from(invested.has_security))
        .value(invested.exception.as_deref())
        .value(project.agency.as_str())
        .value(project.code.as_str())
        .value(project.security.unwrap_or(-1))
        .value(project.planned)
        .value(project.dossier.map_or(-1, |id| id.0));
        Ok(self.execute(sql).await? > 0)
    }
}
