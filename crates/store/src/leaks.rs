//! Leaks, and what was done about them: both are added and never changed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use khien_domain::code::AgencyCode;
use khien_domain::ids::LeakId;
use khien_domain::leak::{KeptLeak, Leak, LeakKind, LeakMove, LeakStep};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql, Value};
use crate::{Store, StoreError, Tx};

const SELECT: &str =
    "SELECT id, agency, kind, number, dated, found_on, who, at FROM leak WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<KeptLeak, StoreError> {
    Ok(KeptLeak {
        id: LeakId(row.int()?),
        leak: Leak {
            agency: row.parsed(|text| AgencyCode::new(text).ok())?,
            kind: row.parsed(LeakKind::parse)?,
            number: row.optional_string()?,
            dated: row.optional_day()?,
            found_on: row.day()?,
        },
        who: row.string()?,
        at: row.time()?,
        steps: Vec::new(),
    })
}

fn read_step(row: &mut Columns<'_>) -> Result<(i64, LeakStep), StoreError> {
    let leak = row.int()?;
    let step = LeakStep {
        what: row.parsed(LeakMove::parse)?,
        day: row.day()?,
        who: row.string()?,
        at: row.time()?,
    };
    Ok((leak, step))
}

impl Store {
    /// The leaks of the agencies within the scope, newest first, each with what was done about it.
    pub async fn list_leaks(&self, scope: &AgencyScope) -> Result<Vec<KeptLeak>, StoreError> {
        let sql = Sql::new("listing leaks", SELECT).scope("agency", scope);
        let mut found = self.all(sql.text(" ORDER BY id DESC"), read).await?;
        let sql = Sql::new(
            "listing what was done about leaks",
            "SELECT leak_step.leak_id, leak_step.what, leak_step.day, leak_step.who, leak_step.at
             FROM leak_step JOIN leak ON leak.id = leak_step.leak_id WHERE 1 = 1",
        );
        let sql = sql.scope("leak.agency", scope).text(" ORDER BY leak_step.at, leak_step.what");
        let mut steps: BTreeMap<i64, Vec<LeakStep>> = BTreeMap::new();
        for (leak, step) in self.all(sql, read_step).await? {
            steps.entry(leak).or_default().push(step);
        }
        for kept in &mut found {
            kept.steps = steps.remove(&kept.id.0).unwrap_or_default();
        }
        Ok(found)
    }

    /// A leak of the agencies within the scope.
    pub async fn find_leak(
        &self,
        scope: &AgencyScope,
        id: LeakId,
    ) -> Result<Option<KeptLeak>, StoreError> {
        let sql = Sql::new("reading a leak", SELECT).scope("agency", scope);
        let Some(mut kept) = self.one(sql.text(" AND id = ").bind(id.0), read).await? else {
            return Ok(None);
        };
        let sql = Sql::new(
            "reading what was done about a leak",
            "SELECT leak_id, what, day, who, at FROM leak_step WHERE leak_id = $1 ORDER BY at, what",
        );
        let steps = self.all(sql.value(id.0), read_step).await?;
        kept.steps = steps.into_iter().map(|(_, step)| step).collect();
        Ok(Some(kept))
    }
}

impl Tx {
    /// Records a leak; answers its number.
    pub async fn add_leak(
        &mut self,
        leak: &Leak,
        who: &str,
        at: Timestamp,
    ) -> Result<LeakId, StoreError> {
        let sql = Sql::new(
            "recording a leak",
            "INSERT INTO leak (agency, kind, number, dated, found_on, who, at) VALUES ",
        );
        let row: Vec<Value> = vec![
            leak.agency.as_str().into(),
            leak.kind.name().into(),
            leak.number.clone().into(),
            leak.dated.into(),
            leak.found_on.into(),
            who.into(),
            at.into(),
        ];
        self.insert(sql.list(row).text(" RETURNING id")).await.map(LeakId)
    }

    /// Whether an agency has a leak of this document that is neither closed nor withdrawn.
    pub async fn has_open_leak(&mut self, leak: &Leak) -> Result<bool, StoreError> {
        let sql = Sql::new("looking for the same leak", SELECT)
            .text(" AND agency = ")
            .bind(leak.agency.as_str())
            .and(" AND number = ", leak.number.as_deref())
            .and(" AND dated = ", leak.dated)
            .text(" AND id NOT IN (SELECT leak_id FROM leak_step WHERE what IN ")
            .list([LeakMove::Close, LeakMove::Withdraw].map(LeakMove::name))
            .text(")");
        Ok(self.one(sql, read).await?.is_some())
    }

    /// Records what was done about a leak. Answers whether it had no such step yet, and no last one.
    pub async fn add_leak_step(&mut self, id: LeakId, step: &LeakStep) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "recording what was done about a leak",
            "INSERT INTO leak_step (leak_id, what, day, who, at)
             SELECT id, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT)
             FROM leak WHERE id = $5 AND NOT EXISTS (
                 SELECT 1 FROM leak_step
                 WHERE leak_id = leak.id AND what IN ($1, 'close', 'withdraw'))",
        )
        .value(step.what.name())
        .value(step.day)
        .value(&step.who)
        .value(step.at)
        .value(id.0);
        Ok(self.execute(sql).await? > 0)
    }
}
