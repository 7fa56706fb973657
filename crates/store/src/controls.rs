//! Catalogues of controls, and what is stated about controls of systems.

use jiff::Timestamp;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::control::{CatalogueKey, Stated, Statement};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

/// Which form the text of a catalogue has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogueForm {
    /// YAML of a pack.
    Pack,
    /// JSON of what was read from elsewhere.
    Read,
}

impl CatalogueForm {
    fn name(self) -> &'static str {
        match self {
            Self::Pack => "pack",
            Self::Read => "read",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Pack, Self::Read].into_iter().find(|form| form.name() == name)
    }
}

/// A catalogue as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueRow {
    /// Its name and version.
    pub key: CatalogueKey,
    /// Which form its text has.
    pub form: CatalogueForm,
    /// Its text.
    pub text: String,
    /// Who brought it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
}

const CATALOGUE: &str =
    "SELECT name, version, form, text, added_by, added_at FROM control_catalogue WHERE 1 = 1";

const STATEMENT: &str =
    "SELECT agency, system, catalogue, version, control, state, note, stated_by,
        stated_at
    FROM control_statement WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<CatalogueRow, StoreError> {
    Ok(CatalogueRow {
        key: key(row)?,
        form: row.parsed(CatalogueForm::parse)?,
        text: row.string()?,
        added_by: row.string()?,
        added_at: row.time()?,
    })
}

pub(crate) fn key(row: &mut Columns<'_>) -> Result<CatalogueKey, StoreError> {
    let (name, version) = (row.string()?, row.string()?);
    CatalogueKey::new(&name, &version)
        .ok_or_else(|| row.damaged(format!("catalogue «{name}» «{version}»")))
}

fn read_statement(row: &mut Columns<'_>) -> Result<Statement, StoreError> {
    Ok(Statement {
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        system: row.parsed(|text| SystemCode::new(text).ok())?,
        catalogue: key(row)?,
        control: row.string()?,
        state: row.parsed(Stated::parse)?,
        note: row.string()?,
        by: row.string()?,
        at: row.time()?,
    })
}

impl Store {
    /// All catalogues, the newest version of each name first.
    pub async fn list_catalogues(&self) -> Result<Vec<CatalogueRow>, StoreError> {
        let sql = Sql::new("listing catalogues", CATALOGUE);
        self.all(sql.text(" ORDER BY name, added_at DESC, version DESC"), read).await
    }

    /// The catalogue of a key.
    pub async fn find_catalogue(
        &self,
        key: &CatalogueKey,
    ) -> Result<Option<CatalogueRow>, StoreError> {
        let sql = Sql::new("reading a catalogue", CATALOGUE).text(" AND name = ").bind(&key.name);
        self.one(sql.text(" AND version = ").bind(&key.version), read).await
    }

    /// Everything that was stated about the controls of a system, oldest first, by a catalogue or by
    /// all of them.
    pub async fn list_statements(
        &self,
        scope: &AgencyScope,
        system: &SystemCode,
        key: Option<&CatalogueKey>,
    ) -> Result<Vec<Statement>, StoreError> {
        let sql = Sql::new("listing statements about controls", STATEMENT).scope("agency", scope);
        let sql = sql.text(" AND system = ").bind(system.as_str());
        let sql = sql.and(" AND catalogue = ", key.map(|key| key.name.as_str()));
        let sql = sql.and(" AND version = ", key.map(|key| key.version.as_str()));
        self.all(sql.text(" ORDER BY id"), read_statement).await
    }
}

impl Tx {
    /// Keeps a catalogue; a version that is there already is a conflict.
    pub async fn add_catalogue(&mut self, row: &CatalogueRow) -> Result<(), StoreError> {
        let sql = Sql::new(
            "keeping a catalogue",
            "INSERT INTO control_catalogue (name, version, form, text, added_by, added_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .value(&row.key.name)
        .value(&row.key.version)
        .value(row.form.name())
        .value(&row.text)
        .value(&row.added_by)
        .value(row.added_at);
        self.execute(sql).await.map(|_| ())
    }

    /// Keeps a statement.
    pub async fn add_statement(&mut self, statement: &Statement) -> Result<(), StoreError> {
        let sql = Sql::new(
            "keeping a statement about a control",
            "INSERT INTO control_statement
                 (agency, system, catalogue, version, control, state, note, stated_by, stated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .value(statement.agency.as_str())
        .value(statement.system.as_str())
        .value(&statement.catalogue.name)
        .value(&statement.catalogue.version)
        .value(&statement.control)
        .value(statement.state.name())
        .value(&statement.note)
        .value(&statement.by)
        .value(statement.at);
        self.execute(sql).await.map(|_| ())
    }
}
