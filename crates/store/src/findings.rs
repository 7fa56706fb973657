//! Findings, the files that they came in, and what is known to be exploited.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::finding::{Finding, FindingState, FindingStep, NewFinding};
use khien_domain::ids::FindingId;
use khien_domain::permission::AgencyScope;
use khien_domain::risk::{Acceptance, Rating};

use crate::sql::{Columns, Sql, Value, chunks, unsigned};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT id, agency, system, subject, tool, rule, place, title, severity, cves,
        is_exploited, is_exposed, state, fixed, accepted_by, accept_reason, accepted_until, found,
        due, seen_at, repaired_by, updated_at
    FROM finding WHERE 1 = 1";

/// The columns after the id, in the order of [`values`].
const ROW: &str = "agency, system, subject, tool, rule, place, title, severity, cves,
    is_exploited, is_exposed, state, fixed, accepted_by, accept_reason, accepted_until, found,
    due, seen_at, repaired_by, updated_at";

/// A run of a tool whose findings were imported for a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingImport {
    /// For which system.
    pub system: SystemCode,
    /// What tells the run from any other, 64 hexadecimal digits.
    pub digest: String,
    /// What found them.
    pub tool: String,
    /// When that was run.
    pub at: Timestamp,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// How many findings it held.
    pub findings: u64,
}

/// The catalogue of what is known to be exploited, as it was last imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// Its version.
    pub version: String,
    /// The day on which it was released.
    pub released: Date,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// How many vulnerabilities it names.
    pub size: u64,
}

/// How many there are of something that has to be done by a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// All of them, also what is done.
    pub all: u64,
    /// What is open.
    pub open: u64,
    /// What of that is past its day.
    pub overdue: u64,
}

/// Reads how many are due.
pub(crate) fn read_due(row: &mut Columns<'_>) -> Result<Due, StoreError> {
    Ok(Due { all: unsigned(row)?, open: unsigned(row)?, overdue: unsigned(row)? })
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn read(row: &mut Columns<'_>) -> Result<Finding, StoreError> {
    Ok(Finding {
        id: FindingId(row.int()?),
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        system: row.parsed(|text| SystemCode::new(text).ok())?,
        subject: row.string()?,
        tool: row.string()?,
        about: NewFinding {
            rule: row.string()?,
            place: row.string()?,
            title: row.string()?,
            severity: row.parsed(Rating::parse)?,
            cves: words(&row.string()?),
        },
        is_exploited: row.bool()?,
        is_exposed: row.bool()?,
        state: state(row)?,
        found: row.day()?,
        due: row.day()?,
        seen_at: row.time()?,
        repaired_by: row.optional_string()?,
        updated_at: row.time()?,
    })
}

fn state(row: &mut Columns<'_>) -> Result<FindingState, StoreError> {
    let (name, fixed) = (row.string()?, row.optional_day()?);
    let accepted = (row.optional_string()?, row.optional_string()?, row.optional_day()?);
    match (name.as_str(), fixed, accepted) {
        ("open", ..) => Ok(FindingState::Open),
        ("fixed", Some(day), _) => Ok(FindingState::Fixed(day)),
        ("accepted", _, (Some(by), Some(reason), Some(until))) => {
            Ok(FindingState::Accepted(Acceptance { by, reason, until }))
        }
        _ => Err(row.damaged(format!("state «{name}»"))),
    }
}

fn values(finding: &Finding) -> Vec<Value> {
    let about = &finding.about;
    let (fixed, accepted) = match &finding.state {
        FindingState::Open => (None, None),
        FindingState::Fixed(day) => (Some(*day), None),
        FindingState::Accepted(accepted) => (None, Some(accepted)),
    };
    let cves: Vec<&str> = about.cves.iter().map(String::as_str).collect();
    vec![
        finding.agency.as_str().into(),
        finding.system.as_str().into(),
        (&finding.subject).into(),
        (&finding.tool).into(),
        (&about.rule).into(),
        (&about.place).into(),
        (&about.title).into(),
        about.severity.name().into(),
        cves.join(" ").into(),
        finding.is_exploited.into(),
        finding.is_exposed.into(),
        finding.state.name().into(),
        fixed.into(),
        accepted.map(|accepted| accepted.by.as_str()).into(),
        accepted.map(|accepted| accepted.reason.as_str()).into(),
        accepted.map(|accepted| accepted.until).into(),
        finding.found.into(),
        finding.due.into(),
        finding.seen_at.into(),
        finding.repaired_by.as_deref().into(),
        finding.updated_at.into(),
    ]
}

fn read_step(row: &mut Columns<'_>) -> Result<FindingStep, StoreError> {
    Ok(FindingStep {
        at: row.time()?,
        who: row.string()?,
        what: row.string()?,
        detail: row.string()?,
    })
}

/// Reads a row of one text.
fn read_text(row: &mut Columns<'_>) -> Result<String, StoreError> {
    row.string()
}

fn read_import(row: &mut Columns<'_>) -> Result<FindingImport, StoreError> {
    Ok(FindingImport {
        system: row.parsed(|text| SystemCode::new(text).ok())?,
        digest: row.string()?,
        tool: row.string()?,
        at: row.time()?,
        imported_at: row.time()?,
        findings: row.unsigned()?,
    })
}

fn read_catalogue(row: &mut Columns<'_>) -> Result<Catalogue, StoreError> {
    Ok(Catalogue {
        version: row.string()?,
        released: row.day()?,
        imported_at: row.time()?,
        size: row.unsigned()?,
    })
}

impl Store {
    /// A finding about a system of an agency in scope.
    pub async fn find_finding(
        &self,
        scope: &AgencyScope,
        id: FindingId,
    ) -> Result<Option<Finding>, StoreError> {
        let sql = Sql::new("reading a finding", SELECT).scope("agency", scope);
        self.one(sql.text(" AND id = ").bind(id.0), read).await
    }

    /// The findings about systems of the agencies in scope, of one system if given, by the day on which
    /// they are due.
    pub async fn list_findings(
        &self,
        scope: &AgencyScope,
        system: Option<&SystemCode>,
    ) -> Result<Vec<Finding>, StoreError> {
        let sql = Sql::new("listing findings", SELECT).scope("agency", scope);
        let sql = sql.and(" AND system = ", system.map(SystemCode::as_str));
        self.all(sql.text(" ORDER BY due, id"), read).await
    }

    /// How many findings there are about systems of the agencies in scope; of those that are open only what
    /// is high or graver.
    pub async fn count_grave_findings(
        &self,
        scope: &AgencyScope,
        today: Date,
    ) -> Result<Due, StoreError> {
        let sql = Sql::new(
            "counting findings",
            "SELECT count(*),
                 coalesce(sum(CASE WHEN state = 'open' AND severity IN ('high', 'critical')
                     THEN 1 ELSE 0 END), 0),
                 coalesce(sum(CASE WHEN state = 'open' AND severity IN ('high', 'critical')
                     AND due < $1 THEN 1 ELSE 0 END), 0)
             FROM finding WHERE 1 = 1",
        );
        let found = self.one(sql.value(today).scope("agency", scope), read_due).await?;
        Ok(found.unwrap_or_default())
    }

    /// What was done with a finding, newest first.
    pub async fn list_finding_steps(&self, id: FindingId) -> Result<Vec<FindingStep>, StoreError> {
        let sql = Sql::new(
            "reading the history of a finding",
            "SELECT at, who, what, detail FROM finding_step WHERE finding_id = $1
             ORDER BY id DESC LIMIT 500",
        );
        self.all(sql.value(id.0), read_step).await
    }

    /// The catalogue of what is known to be exploited, if one was imported.
    pub async fn exploited_catalogue(&self) -> Result<Option<Catalogue>, StoreError> {
        let sql = Sql::new(
            "reading the catalogue of what is exploited",
            "SELECT version, released, imported_at, size FROM exploited_catalogue",
        );
        self.one(sql, read_catalogue).await
    }
}

impl Tx {
    /// Nobody else changes findings until this transaction ends.
    pub async fn lock_findings(&mut self) -> Result<(), StoreError> {
        self.lock("LOCK TABLE finding IN EXCLUSIVE MODE").await
    }

    /// The findings about a system, or about all.
    pub async fn findings(
        &mut self,
        system: Option<&SystemCode>,
    ) -> Result<Vec<Finding>, StoreError> {
        let sql = Sql::new("listing findings", SELECT);
        let sql = sql.and(" AND system = ", system.map(SystemCode::as_str));
        self.all(sql.text(" ORDER BY id"), read).await
    }

    /// Adds a finding; its id is given here.
    pub async fn add_finding(&mut self, finding: &Finding) -> Result<FindingId, StoreError> {
        let sql = Sql::new("adding a finding", "INSERT INTO finding (").text(ROW);
        let sql = sql.text(") VALUES ").list(values(finding)).text(" RETURNING id");
        self.insert(sql).await.map(FindingId)
    }

    /// Changes a finding that nobody has changed since. Answers whether it was so.
    pub async fn update_finding(
        &mut self,
        finding: &Finding,
        was: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new("changing a finding", "UPDATE finding SET (").text(ROW).text(") = ");
        let sql = sql.list(values(finding)).text(" WHERE id = ").bind(finding.id.0);
        Ok(self.execute(sql.text(" AND updated_at = ").bind(was)).await? > 0)
    }

    /// Adds to the histories of findings.
    pub async fn add_finding_steps(
        &mut self,
        steps: &[(FindingId, FindingStep)],
    ) -> Result<(), StoreError> {
        for some in chunks(steps) {
            let rows = some.iter().map(|(id, step)| -> Vec<Value> {
                vec![
                    id.0.into(),
                    step.at.into(),
                    (&step.who).into(),
                    (&step.what).into(),
                    (&step.detail).into(),
                ]
            });
            let sql = Sql::new(
                "adding to the history of findings",
                "INSERT INTO finding_step (finding_id, at, who, what, detail) VALUES ",
            );
            self.execute(sql.rows(rows)).await?;
        }
        Ok(())
    }

    /// A run that was imported for a system.
    pub async fn find_finding_import(
        &mut self,
        system: &SystemCode,
        digest: &str,
    ) -> Result<Option<FindingImport>, StoreError> {
        let sql = Sql::new(
            "looking for an import of findings",
            "SELECT system, digest, tool, at, imported_at, findings FROM finding_import
             WHERE system = $1 AND digest = $2",
        );
        self.one(sql.value(system.as_str()).value(digest), read_import).await
    }

    /// The import of the latest run of a tool for a system.
    pub async fn last_finding_import(
        &mut self,
        system: &SystemCode,
        tool: &str,
    ) -> Result<Option<FindingImport>, StoreError> {
        let sql = Sql::new(
            "looking for the last import of findings",
            "SELECT system, digest, tool, at, imported_at, findings FROM finding_import
             WHERE system = $1 AND tool = $2 ORDER BY at DESC LIMIT 1",
        );
        self.one(sql.value(system.as_str()).value(tool), read_import).await
    }

    /// Notes that a run was imported.
    pub async fn add_finding_import(&mut self, import: &FindingImport) -> Result<(), StoreError> {
        let findings = i64::try_from(import.findings).unwrap_or(i64::MAX);
        let sql = Sql::new(
            "noting an import of findings",
            "INSERT INTO finding_import (system, digest, tool, at, imported_at, findings)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .value(import.system.as_str())
        .value(&import.digest)
        .value(&import.tool)
        .value(import.at)
        .value(import.imported_at)
        .value(findings);
        self.execute(sql).await.map(|_| ())
    }

    /// Those of some vulnerabilities that are known to be exploited.
    pub async fn exploited_of(
        &mut self,
        cves: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let mut found = BTreeSet::new();
        let cves: Vec<&String> = cves.iter().collect();
        for some in cves.chunks(500) {
            let sql = Sql::new(
                "looking for what is exploited",
                "SELECT cve FROM exploited WHERE cve IN ",
            );
            found.extend(self.all(sql.list(some.iter().copied()), read_text).await?);
        }
        Ok(found)
    }

    /// Puts a catalogue of what is known to be exploited in the place of the one before. Of each its
    /// CVE, its name and the day on which it was added.
    pub async fn put_exploited(
        &mut self,
        catalogue: &Catalogue,
        all: &[(String, String, Date)],
    ) -> Result<(), StoreError> {
        const DOING: &str = "keeping the catalogue of what is exploited";
        self.execute(Sql::new(DOING, "DELETE FROM exploited")).await?;
        self.execute(Sql::new(DOING, "DELETE FROM exploited_catalogue")).await?;
        for some in chunks(all) {
            let rows = some.iter().map(|(cve, name, added)| -> Vec<Value> {
                vec![cve.into(), name.into(), (*added).into()]
            });
            let sql = Sql::new(DOING, "INSERT INTO exploited (cve, name, added) VALUES ");
            self.execute(sql.rows(rows)).await?;
        }
        let sql = Sql::new(
            DOING,
            "INSERT INTO exploited_catalogue (version, released, imported_at, size)
             VALUES ($1, $2, $3, $4)",
        )
        .value(&catalogue.version)
        .value(catalogue.released)
        .value(catalogue.imported_at)
        .value(i64::try_from(catalogue.size).unwrap_or(i64::MAX));
        self.execute(sql).await.map(|_| ())
    }
}
