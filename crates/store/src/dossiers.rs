//! Dossiers and what was done with them.

use jiff::Timestamp;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::dossier::{
    Act, Dossier, DossierAbout, DossierKind, DossierState, DossierStep, Duty,
};
use khien_domain::evidence::content::Content;
use khien_domain::ids::DossierId;
use khien_domain::permission::AgencyScope;
use khien_domain::system::Level;

use crate::sql::{Columns, Sql, int};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT id, agency, system, kind, state, contents, number, approved,
        created_at, updated_at
    FROM dossier WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<Dossier, StoreError> {
    Ok(Dossier {
        id: DossierId(row.int()?),
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        system: row.parsed(|text| SystemCode::new(text).ok())?,
        kind: row.parsed(DossierKind::parse)?,
        state: row.parsed(DossierState::parse)?,
        about: row.parsed(|text| DossierAbout::of_content(&Content::parse(text).ok()?))?,
        number: row.optional_string()?,
        approved: row.optional_day()?,
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

fn read_step(row: &mut Columns<'_>) -> Result<DossierStep, StoreError> {
    Ok(DossierStep {
        at: row.time()?,
        who: row.string()?,
        act: row.parsed(Act::parse)?,
        duty: row.optional_parsed(Duty::parse)?,
        detail: row.string()?,
    })
}

impl Store {
    /// A dossier of an agency in scope.
    pub async fn find_dossier(
        &self,
        scope: &AgencyScope,
        id: DossierId,
    ) -> Result<Option<Dossier>, StoreError> {
        let sql = Sql::new("reading a dossier", SELECT).scope("agency", scope);
        self.one(sql.text(" AND id = ").bind(id.0), read).await
    }

    /// The dossiers of the agencies in scope, of one system if given, the newest first.
    pub async fn list_dossiers(
        &self,
        scope: &AgencyScope,
        system: Option<&SystemCode>,
    ) -> Result<Vec<Dossier>, StoreError> {
        let sql = Sql::new("listing dossiers", SELECT).scope("agency", scope);
        let sql = sql.and(" AND system = ", system.map(SystemCode::as_str));
        self.all(sql.text(" ORDER BY updated_at DESC, id DESC"), read).await
    }

    /// What was done with a dossier, in its order.
    pub async fn list_dossier_steps(&self, id: DossierId) -> Result<Vec<DossierStep>, StoreError> {
        let sql = Sql::new(
            "reading the history of a dossier",
            "SELECT at, who, act, duty, detail FROM dossier_step WHERE dossier_id = $1 ORDER BY id",
        );
        self.all(sql.value(id.0), read_step).await
    }
}

impl Tx {
    /// Begins a dossier; its id is given here.
    pub async fn add_dossier(&mut self, dossier: &Dossier) -> Result<DossierId, StoreError> {
        let sql = Sql::new(
            "beginning a dossier",
            "INSERT INTO dossier (agency, system, kind, state, contents, number, approved,
                 created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        )
        .value(dossier.agency.as_str())
        .value(dossier.system.as_str())
        .value(dossier.kind.name())
        .value(dossier.state.name())
        .value(dossier.about.to_content().to_text())
        .value(dossier.number.as_deref())
        .value(dossier.approved)
        .value(dossier.created_at)
        .value(dossier.updated_at);
        self.insert(sql).await.map(DossierId)
    }

    /// Changes a dossier that nobody has changed since. Answers whether it was so.
    pub async fn update_dossier(
        &mut self,
        dossier: &Dossier,
        was: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "changing a dossier",
            "UPDATE dossier SET state = $1, contents = $2, number = $3, approved = $4,
                 updated_at = $5
             WHERE id = $6 AND updated_at = $7",
        )
        .value(dossier.state.name())
        .value(dossier.about.to_content().to_text())
        .value(dossier.number.as_deref())
        .value(dossier.approved)
        .value(dossier.updated_at)
        .value(dossier.id.0)
        .value(was);
        Ok(self.execute(sql).await? > 0)
    }

    /// Adds to the history of a dossier.
    pub async fn add_dossier_step(
        &mut self,
        id: DossierId,
        step: &DossierStep,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "adding to the history of a dossier",
            "INSERT INTO dossier_step (dossier_id, at, who, act, duty, detail)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .value(id.0)
        .value(step.at)
        .value(&step.who)
        .value(step.act.name())
        .value(step.duty.map(Duty::name))
        .value(&step.detail);
        self.execute(sql).await.map(|_| ())
    }

    /// What was done with a dossier, in its order, as this transaction sees it.
    pub async fn dossier_steps(&mut self, id: DossierId) -> Result<Vec<DossierStep>, StoreError> {
        let sql = Sql::new(
            "reading the history of a dossier",
            "SELECT at, who, act, duty, detail FROM dossier_step WHERE dossier_id = $1 ORDER BY id",
        );
        self.all(sql.value(id.0), read_step).await
    }

    /// Whether a dossier of a kind is approved for a system.
    pub async fn has_approved_dossier(
        &mut self,
        system: &SystemCode,
        kind: DossierKind,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "looking for an approved dossier",
            "SELECT id FROM dossier WHERE system = $1 AND kind = $2 AND state = 'approved' LIMIT 1",
        );
        let sql = sql.value(system.as_str()).value(kind.name());
        Ok(self.one(sql, int).await?.is_some())
    }

    /// What the last level dossier that was approved for a system says.
    pub async fn approved_level(
        &mut self,
        system: &SystemCode,
    ) -> Result<Option<Level>, StoreError> {
        let sql = Sql::new("reading an approved dossier", SELECT)
            .text(" AND system = ")
            .bind(system.as_str())
            .text(" AND kind = 'level' AND state = 'approved' ORDER BY id DESC LIMIT 1");
        Ok(self.one(sql, read).await?.map(|dossier| dossier.about.level))
    }
}
