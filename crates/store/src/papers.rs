//! Papers of systems.

use std::collections::BTreeMap;

use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::Content;
use khien_domain::ids::PaperId;
use khien_domain::paper::{KeptPaper, Paper};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

fn read(row: &mut Columns<'_>) -> Result<KeptPaper, StoreError> {
    Ok(KeptPaper {
        id: PaperId(row.int()?),
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        paper: Paper {
            system: row.parsed(|text| SystemCode::new(text).ok())?,
            kind: row.string()?,
            to: row.optional_parsed(|text| SystemCode::new(text).ok())?,
            values: row.parsed(values)?,
        },
    })
}

/// The fields of a text that [`text`] wrote.
fn values(text: &str) -> Option<BTreeMap<String, String>> {
    let Content::Map(values) = Content::parse(text).ok()? else { return None };
    let field = |(name, value): (String, Content)| Some((name, value.as_text()?.to_owned()));
    values.into_iter().map(field).collect()
}

fn text(values: &BTreeMap<String, String>) -> String {
    let fields = values.iter().map(|(name, value)| (name.clone(), Content::from(value.as_str())));
    Content::Map(fields.collect()).to_text()
}

impl Store {
    /// The papers of the systems within the scope, of one system if given, by system and kind.
    pub async fn list_papers(
        &self,
        scope: &AgencyScope,
        system: Option<&SystemCode>,
    ) -> Result<Vec<KeptPaper>, StoreError> {
        self.all(list(scope, system), read).await
    }
}

fn list(scope: &AgencyScope, system: Option<&SystemCode>) -> Sql {
    let sql = Sql::new(
        "listing papers",
        "SELECT paper.id, system.agency, paper.system, paper.kind, other, content
         FROM paper JOIN system ON system.code = paper.system WHERE 1 = 1",
    );
    sql.scope("system.agency", scope)
        .and(" AND paper.system = ", system.map(SystemCode::as_str))
        .text(" ORDER BY paper.system, paper.kind, paper.id")
}

impl Tx {
    /// The papers of a system.
    pub async fn papers_of(&mut self, system: &SystemCode) -> Result<Vec<KeptPaper>, StoreError> {
        self.all(list(&AgencyScope::All, Some(system)), read).await
    }

    /// Adds a paper; answers its number.
    pub async fn add_paper(&mut self, paper: &Paper) -> Result<PaperId, StoreError> {
        let sql = Sql::new(
            "adding a paper",
            "INSERT INTO paper (system, kind, other, content) VALUES ($1, $2, $3, $4) RETURNING id",
        );
        let sql = sql
            .value(paper.system.as_str())
            .value(&paper.kind)
            .value(paper.to.as_ref().map(SystemCode::as_str))
            .value(text(&paper.values));
        self.insert(sql).await.map(PaperId)
    }

    /// Takes a paper of a system off. Answers whether it was there.
    pub async fn remove_paper(
        &mut self,
        system: &SystemCode,
        id: PaperId,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new("removing a paper", "DELETE FROM paper WHERE id = $1 AND system = $2");
        Ok(self.execute(sql.value(id.0).value(system.as_str())).await? > 0)
    }
}
