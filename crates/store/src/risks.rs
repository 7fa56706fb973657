//! Risks and what was done with them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::host::HostName;
use khien_domain::permission::AgencyScope;
use khien_domain::risk::{
    Acceptance, AssetName, ControlName, Degree, Estimate, Loss, Risk, RiskAbout, RiskCode,
    RiskState, RiskStep, Treatment,
};

use crate::budgets::day;
use crate::findings::{Due, read_due};
use crate::sql::{Columns, Sql, Value, int};
use crate::{Store, StoreError, Tx};

const SELECT: &str =
    "SELECT agency, code, system, asset_system, asset_name, scenario, threat, likelihood, impact,
        residual_likelihood, residual_impact, loss_low, loss_high, times_low, times_high,
        residual_loss_low, residual_loss_high, residual_times_low, residual_times_high, owner,
        treatment, controls, due, records, state, accepted_by, accept_reason, accepted_until, ended,
        created_at, updated_at
    FROM risk WHERE 1 = 1";

/// The columns that change, in the order of [`values`].
const ROW: &str =
    "agency, code, system, asset_system, asset_name, scenario, threat, likelihood, impact,
    residual_likelihood, residual_impact, loss_low, loss_high, times_low, times_high,
    residual_loss_low, residual_loss_high, residual_times_low, residual_times_high, owner,
    treatment, controls, due, records, state, accepted_by, accept_reason, accepted_until, ended,
    created_at, updated_at";

fn degree(row: &mut Columns<'_>) -> Result<Degree, StoreError> {
    let number = row.int()?;
    Degree::new(number).ok_or_else(|| row.damaged(format!("degree {number}")))
}

fn optional_degree(row: &mut Columns<'_>) -> Result<Option<Degree>, StoreError> {
    let number = row.optional_int()?;
    number
        .map(|number| Degree::new(number).ok_or_else(|| row.damaged(format!("degree {number}"))))
        .transpose()
}

fn loss(row: &mut Columns<'_>) -> Result<Option<Loss>, StoreError> {
    let mut bound = || {
        let number = row.optional_int()?;
        let bound = |number: i64| {
            u64::try_from(number).map_err(|_| row.damaged(format!("bound {number} of a loss")))
        };
        number.map(bound).transpose()
    };
    let (once, times) = ([bound()?, bound()?], [bound()?, bound()?]);
    let ([Some(a), Some(b)], [Some(c), Some(d)]) = (once, times) else { return Ok(None) };
    let loss = Loss::new([a, b], [c, d]).map_err(|error| row.damaged(error.to_string()))?;
    Ok(Some(loss))
}

fn read(row: &mut Columns<'_>) -> Result<Risk, StoreError> {
    Ok(Risk {
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        code: row.parsed(RiskCode::new)?,
        about: RiskAbout {
            system: row.optional_parsed(|text| SystemCode::new(text).ok())?,
            asset: {
                let system = row.optional_parsed(|text| SystemCode::new(text).ok())?;
                let name = row.optional_parsed(HostName::new)?;
                system.zip(name).map(|(system, name)| AssetName { system, name })
            },
            scenario: row.string()?,
            threat: row.string()?,
            inherent: Estimate { likelihood: degree(row)?, impact: degree(row)? },
            residual: {
                let (likelihood, impact) = (optional_degree(row)?, optional_degree(row)?);
                likelihood.zip(impact).map(|(likelihood, impact)| Estimate { likelihood, impact })
            },
            loss: loss(row)?,
            residual_loss: loss(row)?,
            owner: row.string()?,
            treatment: row.parsed(Treatment::parse)?,
            controls: row.parsed(|text| {
                text.split_whitespace().map(ControlName::parse).collect::<Option<BTreeSet<_>>>()
            })?,
            due: row.parsed(day)?,
            records: row.parsed(|text| {
                text.split_whitespace().map(|seq| seq.parse().ok()).collect::<Option<BTreeSet<_>>>()
            })?,
        },
        state: state(row)?,
        ended: row.optional_parsed(day)?,
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

fn state(row: &mut Columns<'_>) -> Result<RiskState, StoreError> {
    let name = row.string()?;
    let accepted = (row.optional_string()?, row.optional_string()?, row.optional_parsed(day)?);
    match (name.as_str(), accepted) {
        ("open", _) => Ok(RiskState::Open),
        ("closed", _) => Ok(RiskState::Closed),
        ("accepted", (Some(by), Some(reason), Some(until))) => {
            Ok(RiskState::Accepted(Acceptance { by, reason, until }))
        }
        _ => Err(row.damaged(format!("state «{name}»"))),
    }
}

fn read_step(row: &mut Columns<'_>) -> Result<RiskStep, StoreError> {
    Ok(RiskStep { at: row.time()?, who: row.string()?, what: row.string()?, detail: row.string()? })
}

/// The four columns of a loss; each bound is less than 2^53.
fn loss_values(loss: Option<Loss>) -> impl Iterator<Item = Value> {
    let bounds = loss.map(|loss| {
        let (once, times) = (loss.once(), loss.times());
        [once.low(), once.high(), times.low(), times.high()]
    });
    (0..4).map(move |place| Value::from(bounds.map(|bounds| bounds[place].cast_signed())))
}

fn values(risk: &Risk) -> Vec<Value> {
    let about = &risk.about;
    let number = |degree: Degree| i64::from(degree.number());
    let records: Vec<String> = about.records.iter().map(u64::to_string).collect();
    let controls: Vec<String> = about.controls.iter().map(ToString::to_string).collect();
    let accepted = match &risk.state {
        RiskState::Accepted(accepted) => Some(accepted),
        RiskState::Open | RiskState::Closed => None,
    };
    let mut values = vec![
        risk.agency.as_str().into(),
        risk.code.as_str().into(),
        about.system.as_ref().map(SystemCode::as_str).into(),
        about.asset.as_ref().map(|asset| asset.system.as_str()).into(),
        about.asset.as_ref().map(|asset| asset.name.as_str()).into(),
        (&about.scenario).into(),
        (&about.threat).into(),
        number(about.inherent.likelihood).into(),
        number(about.inherent.impact).into(),
        about.residual.map(|left| number(left.likelihood)).into(),
        about.residual.map(|left| number(left.impact)).into(),
    ];
    values.extend(loss_values(about.loss).chain(loss_values(about.residual_loss)));
    values.extend([
        (&about.owner).into(),
        about.treatment.name().into(),
        controls.join(" ").into(),
        about.due.to_string().into(),
        records.join(" ").into(),
        risk.state.name().into(),
        accepted.map(|accepted| accepted.by.as_str()).into(),
        accepted.map(|accepted| accepted.reason.as_str()).into(),
        accepted.map(|accepted| accepted.until.to_string()).into(),
        risk.ended.map(|day| day.to_string()).into(),
        risk.created_at.into(),
        risk.updated_at.into(),
    ]);
    values
}

impl Store {
    /// A risk of an agency in scope.
    pub async fn find_risk(
        &self,
        scope: &AgencyScope,
        agency: &AgencyCode,
        code: &RiskCode,
    ) -> Result<Option<Risk>, StoreError> {
        let sql = Sql::new("reading a risk", SELECT).scope("agency", scope);
        let sql = sql.text(" AND agency = ").bind(agency.as_str());
        self.one(sql.text(" AND code = ").bind(code.as_str()), read).await
    }

    /// All risks of the agencies in scope, by agency and code.
    pub async fn list_risks(&self, scope: &AgencyScope) -> Result<Vec<Risk>, StoreError> {
        let sql = Sql::new("listing risks", SELECT).scope("agency", scope);
        self.all(sql.text(" ORDER BY agency, code"), read).await
    }

    /// The risks of a system of the agencies in scope, by code.
    pub async fn risks_of_system(
        &self,
        scope: &AgencyScope,
        system: &SystemCode,
    ) -> Result<Vec<Risk>, StoreError> {
        let sql = Sql::new("listing risks of a system", SELECT).scope("agency", scope);
        let sql = sql.text(" AND system = ").bind(system.as_str());
        self.all(sql.text(" ORDER BY agency, code"), read).await
    }

    /// How many risks the agencies in scope have.
    pub async fn count_risks(&self, scope: &AgencyScope, today: Date) -> Result<Due, StoreError> {
        let sql = Sql::new(
            "counting risks",
            "SELECT count(*), coalesce(sum(CASE WHEN state = 'open' THEN 1 ELSE 0 END), 0),
                 coalesce(sum(CASE WHEN state = 'open' AND due < $1 THEN 1 ELSE 0 END), 0)
             FROM risk WHERE 1 = 1",
        );
        let found = self.one(sql.value(today).scope("agency", scope), read_due).await?;
        Ok(found.unwrap_or_default())
    }

    /// What was done with a risk, newest first.
    pub async fn list_risk_steps(
        &self,
        agency: &AgencyCode,
        code: &RiskCode,
    ) -> Result<Vec<RiskStep>, StoreError> {
        let sql = Sql::new(
            "reading the history of a risk",
            "SELECT at, who, what, detail FROM risk_step WHERE risk_id =
                 (SELECT id FROM risk WHERE agency = $1 AND code = $2)
             ORDER BY id DESC LIMIT 500",
        );
        self.all(sql.value(agency.as_str()).value(code.as_str()), read_step).await
    }

    /// Those of some records of the ledger that a later record corrects or withdraws.
    pub async fn corrected_records(
        &self,
        seqs: &BTreeSet<u64>,
    ) -> Result<BTreeSet<u64>, StoreError> {
        let mut corrected = BTreeSet::new();
        let numbers: Vec<i64> = seqs.iter().map(|seq| seq.cast_signed()).collect();
        for some in numbers.chunks(500) {
            let sql = Sql::new(
                "looking for corrections",
                "SELECT DISTINCT corrects FROM ledger WHERE corrects IN ",
            );
            let found = self.all(sql.list(some.iter().copied()), int).await?;
            corrected.extend(found.into_iter().map(i64::cast_unsigned));
        }
        Ok(corrected)
    }
}

impl Tx {
    /// Registers a risk.
    pub async fn add_risk(&mut self, risk: &Risk) -> Result<(), StoreError> {
        let sql = Sql::new("registering a risk", "INSERT INTO risk (").text(ROW);
        self.execute(sql.text(") VALUES ").list(values(risk))).await.map(|_| ())
    }

    /// Changes a risk that nobody has changed since. Answers whether it was so.
    pub async fn update_risk(&mut self, risk: &Risk, was: Timestamp) -> Result<bool, StoreError> {
        let sql = Sql::new("changing a risk", "UPDATE risk SET (").text(ROW).text(") = ");
        let sql = sql.list(values(risk)).text(" WHERE agency = ").bind(risk.agency.as_str());
        let sql = sql.text(" AND code = ").bind(risk.code.as_str());
        Ok(self.execute(sql.text(" AND updated_at = ").bind(was)).await? > 0)
    }

    /// Adds to the history of a risk.
    pub async fn add_risk_step(
        &mut self,
        agency: &AgencyCode,
        code: &RiskCode,
        step: &RiskStep,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "adding to the history of a risk",
            "INSERT INTO risk_step (risk_id, at, who, what, detail)
             SELECT id, $1, $2, $3, $4 FROM risk WHERE agency = $5 AND code = $6",
        )
        .value(step.at)
        .value(&step.who)
        .value(&step.what)
        .value(&step.detail)
        .value(agency.as_str())
        .value(code.as_str());
        self.execute(sql).await.map(|_| ())
    }
}
