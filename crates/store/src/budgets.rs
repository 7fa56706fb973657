//! Budgets: lines of yearly plans, and the decisions that approved them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use khien_domain::budget::{Line, LineCode, NewLine, Plan, Share, SupportTask};
use khien_domain::code::AgencyCode;
use khien_domain::permission::AgencyScope;
use khien_domain::risk::RiskCode;

use crate::sql::{Columns, Sql, Value, chunks, signed};
use crate::{Store, StoreError, Tx};

const LINES: &str = "SELECT agency, year, code, name, class, share, reason, planned, allocated,
        spent, is_domestic, domestic_reason, risks, purchase, bought, support_end, renewal
    FROM budget_line WHERE 1 = 1";

const PLANS: &str = "SELECT agency, year, decision, decided, approved_by, approved_at, is_amended
    FROM budget_plan WHERE 1 = 1";

pub(crate) fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn read(row: &mut Columns<'_>) -> Result<Line, StoreError> {
    Ok(Line {
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        year: row.number()?,
        about: NewLine {
            code: row.parsed(LineCode::new)?,
            name: row.string()?,
            class: row.string()?,
            share: {
                let parts = row.number()?;
                Share::of_parts(parts).ok_or_else(|| row.damaged(format!("share {parts}")))?
            },
            reason: row.string()?,
            planned: row.unsigned()?,
            allocated: row.unsigned()?,
            spent: row.unsigned()?,
            domestic: row.int()? != 0,
            domestic_reason: row.string()?,
            risks: row.parsed(|text| {
                text.split_whitespace().map(RiskCode::new).collect::<Option<BTreeSet<_>>>()
            })?,
            purchase: row.optional_string()?,
            bought: row.optional_parsed(day)?,
            support_end: row.optional_parsed(day)?,
            renewal: row.optional_parsed(day)?,
        },
    })
}

fn read_plan(row: &mut Columns<'_>) -> Result<Plan, StoreError> {
    Ok(Plan {
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        year: row.number()?,
        decision: row.string()?,
        decided: row.parsed(day)?,
        approved_by: row.string()?,
        approved_at: row.time()?,
        is_amended: row.int()? != 0,
    })
}

fn read_task(row: &mut Columns<'_>) -> Result<SupportTask, StoreError> {
    Ok(SupportTask {
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        year: row.number()?,
        code: row.parsed(LineCode::new)?,
        due: row.parsed(day)?,
    })
}

fn years(year: i16) -> i64 {
    year.into()
}

fn values(doing: &'static str, line: &Line) -> Result<Vec<Value>, StoreError> {
    let about = &line.about;
    let amount = |value| signed(doing, "an amount", value).map(Value::from);
    let text = |day: Option<Date>| Value::from(day.map(|day| day.to_string()));
    let risks: Vec<&str> = about.risks.iter().map(RiskCode::as_str).collect();
    Ok(vec![
        line.agency.as_str().into(),
        years(line.year).into(),
        about.code.as_str().into(),
        (&about.name).into(),
        about.class.as_str().into(),
        i64::from(about.share.parts()).into(),
        (&about.reason).into(),
        amount(about.planned)?,
        amount(about.allocated)?,
        amount(about.spent)?,
        i64::from(about.domestic).into(),
        (&about.domestic_reason).into(),
        risks.join(" ").into(),
        about.purchase.as_deref().into(),
        text(about.bought),
        text(about.support_end),
        text(about.renewal),
    ])
}

impl Store {
    /// All lines of a year of the agencies in scope, by agency and code.
    pub async fn budget_of_year(
        &self,
        scope: &AgencyScope,
        year: i16,
    ) -> Result<Vec<Line>, StoreError> {
        let sql = Sql::new("reading the budgets of a year", LINES).scope("agency", scope);
        let sql = sql.text(" AND year = ").bind(years(year)).text(" ORDER BY agency, code");
        self.all(sql, read).await
    }

    /// All lines of an agency in scope, by year and code.
    pub async fn budget_of_agency(
        &self,
        scope: &AgencyScope,
        agency: &AgencyCode,
    ) -> Result<Vec<Line>, StoreError> {
        let sql = Sql::new("reading the budgets of an agency", LINES).scope("agency", scope);
        let sql = sql.text(" AND agency = ").bind(agency.as_str()).text(" ORDER BY year, code");
        self.all(sql, read).await
    }

    /// All lines of the agencies in scope, of all years, by agency, year and code.
    pub async fn list_budget_lines(&self, scope: &AgencyScope) -> Result<Vec<Line>, StoreError> {
        let sql = Sql::new("reading all budgets", LINES).scope("agency", scope);
        self.all(sql.text(" ORDER BY agency, year, code"), read).await
    }

    /// The open tasks of the agencies in scope to close a gap of support.
    pub async fn list_support_tasks(
        &self,
        scope: &AgencyScope,
    ) -> Result<Vec<SupportTask>, StoreError> {
        let sql = "SELECT agency, year, code, due FROM support_task WHERE 1 = 1";
        let sql = Sql::new("reading tasks of support", sql).scope("agency", scope);
        self.all(sql.text(" ORDER BY due, agency, year, code"), read_task).await
    }

    /// The decisions on plans of a year, of the agencies in scope.
    pub async fn list_plans(
        &self,
        scope: &AgencyScope,
        year: i16,
    ) -> Result<Vec<Plan>, StoreError> {
        let sql = Sql::new("reading decisions on plans", PLANS).scope("agency", scope);
        let sql = sql.text(" AND year = ").bind(years(year)).text(" ORDER BY agency");
        self.all(sql, read_plan).await
    }
}

impl Tx {
    /// Lets nobody else change budgets until this transaction ends; answers all lines of a year.
    pub async fn lock_budget(&mut self, year: i16) -> Result<Vec<Line>, StoreError> {
        self.lock("LOCK TABLE budget_line IN EXCLUSIVE MODE").await?;
        let sql = Sql::new("reading the budgets of a year", LINES).text(" AND year = ");
        self.all(sql.bind(years(year)), read).await
    }

    /// Opens a task to close a gap of support; [`StoreError::Conflict`] if its line has one.
    pub async fn open_support_task(&mut self, task: &SupportTask) -> Result<(), StoreError> {
        let sql = Sql::new(
            "opening a task of support",
            "INSERT INTO support_task (agency, year, code, due) VALUES ($1, $2, $3, $4)",
        )
        .value(task.agency.as_str())
        .value(years(task.year))
        .value(task.code.as_str())
        .value(task.due.to_string());
        self.execute(sql).await.map(|_| ())
    }

    /// Ends a task to close a gap of support. Answers whether it was open.
    pub async fn close_support_task(&mut self, task: &SupportTask) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "ending a task of support",
            "DELETE FROM support_task WHERE agency = $1 AND year = $2 AND code = $3 AND due = $4",
        )
        .value(task.agency.as_str())
        .value(years(task.year))
        .value(task.code.as_str())
        .value(task.due.to_string());
        Ok(self.execute(sql).await? > 0)
    }

    /// Adds lines that are not there.
    pub async fn add_budget_lines(&mut self, lines: &[Line]) -> Result<(), StoreError> {
        const DOING: &str = "adding lines of a budget";
        for chunk in chunks(lines) {
            let rows = chunk.iter().map(|line| values(DOING, line));
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            let sql = Sql::new(
                DOING,
                "INSERT INTO budget_line (agency, year, code, name, class, share, reason, planned,
                     allocated, spent, is_domestic, domestic_reason, risks, purchase, bought,
                     support_end, renewal)
                 VALUES ",
            );
            self.execute(sql.rows(rows)).await?;
        }
        Ok(())
    }

    /// Takes a line away. Answers whether it was there.
    pub async fn remove_budget_line(
        &mut self,
        agency: &AgencyCode,
        year: i16,
        code: &LineCode,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "taking a line out of a budget",
            "DELETE FROM budget_line WHERE agency = $1 AND year = $2 AND code = $3",
        );
        let sql = sql.value(agency.as_str()).value(years(year)).value(code.as_str());
        Ok(self.execute(sql).await? > 0)
    }

    /// The decision on a plan, if there is one.
    pub async fn find_plan(
        &mut self,
        agency: &AgencyCode,
        year: i16,
    ) -> Result<Option<Plan>, StoreError> {
        let sql = Sql::new("reading the decision on a plan", PLANS).text(" AND agency = ");
        let sql = sql.bind(agency.as_str()).text(" AND year = ").bind(years(year));
        self.one(sql, read_plan).await
    }

    /// Keeps the decision on a plan, in the place of an earlier one.
    pub async fn put_plan(&mut self, plan: &Plan) -> Result<(), StoreError> {
        let sql = Sql::new(
            "keeping the decision on a plan",
            "INSERT INTO budget_plan
                 (agency, year, decision, decided, approved_by, approved_at, is_amended)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (agency, year) DO UPDATE SET decision = excluded.decision,
                 decided = excluded.decided, approved_by = excluded.approved_by,
                 approved_at = excluded.approved_at, is_amended = excluded.is_amended",
        )
        .value(plan.agency.as_str())
        .value(years(plan.year))
        .value(&plan.decision)
        .value(plan.decided.to_string())
        .value(&plan.approved_by)
        .value(plan.approved_at)
        .value(i64::from(plan.is_amended));
        self.execute(sql).await.map(|_| ())
    }
}
