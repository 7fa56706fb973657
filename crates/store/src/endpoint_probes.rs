//! How the last probe of each endpoint ended.

use jiff::Timestamp;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

/// How a probe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// The endpoint was seen.
    Seen,
    /// It was not asked: it is not in the register, or not where the register says.
    Refused,
    /// It was asked and did not answer as it should.
    Failed,
}

impl ProbeOutcome {
    /// The name that records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Seen, Self::Refused, Self::Failed].into_iter().find(|one| one.name() == name)
    }
}

/// The last probe of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeRow {
    /// The endpoint, as it is registered.
    pub endpoint: String,
    /// Whose.
    pub agency: AgencyCode,
    /// Of which system.
    pub system: SystemCode,
    /// When.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: ProbeOutcome,
    /// Why, if it was not seen.
    pub detail: String,
    /// The record of what was seen.
    pub record: Option<u64>,
}

const SELECT: &str = "SELECT endpoint, agency, system, probed_at, outcome, detail, record
    FROM endpoint_probe WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<ProbeRow, StoreError> {
    Ok(ProbeRow {
        endpoint: row.string()?,
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        system: row.parsed(|text| SystemCode::new(text).ok())?,
        at: row.time()?,
        outcome: row.parsed(ProbeOutcome::parse)?,
        detail: row.string()?,
        record: row.optional_number()?,
    })
}

impl Store {
    /// The last probes of endpoints of the agencies within the scope.
    pub async fn list_probes(&self, scope: &AgencyScope) -> Result<Vec<ProbeRow>, StoreError> {
        let sql = Sql::new("listing probes", SELECT).scope("agency", scope);
        self.all(sql.text(" ORDER BY endpoint"), read).await
    }
}

impl Tx {
    /// Notes how a probe ended; what was noted of the endpoint before is replaced.
    pub async fn note_probe(&mut self, row: &ProbeRow) -> Result<(), StoreError> {
        let sql = Sql::new(
            "noting a probe",
            "INSERT INTO endpoint_probe
                 (endpoint, agency, system, probed_at, outcome, detail, record)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (endpoint) DO UPDATE SET agency = excluded.agency,
                 system = excluded.system, probed_at = excluded.probed_at,
                 outcome = excluded.outcome, detail = excluded.detail, record = excluded.record",
        )
        .value(&row.endpoint)
        .value(row.agency.as_str())
        .value(row.system.as_str())
        .value(row.at)
        .value(row.outcome.name())
        .value(&row.detail)
        .value(row.record.map(u64::cast_signed));
        self.execute(sql).await.map(|_| ())
    }
}
