//! Budgets: the lines of yearly plans, their import, the decisions that approve them.
//!
//! Whoever works on the assurance of an agency keeps its lines; somebody else, who has seen the
//! decision, records that the plan was approved. From then on each change of it is told to the ledger
//! in the same transaction: documented while it is what was approved, the agency's own word once
//! planned figures differ from that.

mod ends;
mod import;
mod support;

use std::collections::BTreeSet;

use khien_domain::agency::Agency;
use khien_domain::audit::Outcome;
use khien_domain::budget::{
    BudgetPack, Decision, Line, LineCode, LineError, NewLine, PLAN_LINES, Plan, Reading, Sums,
    YEARS, twice,
};
use khien_domain::code::AgencyCode;
use khien_domain::evidence::{How, NewEvidence, Origin};
use khien_domain::permission::{AgencyScope, Permission};
use khien_store::Tx;

pub(super) use ends::of_scope as ends_of_scope;
pub use ends::register_ends;
pub use import::{MAX_IMPORT_BYTES, Problem, Sheet, cells, read};
pub use support::{Swept, all_lines, sweep};

use super::register::evidence::day_of;
use super::{UseError, reviews};
use crate::access::{Caller, Deed};
use crate::records::Records;

/// The budgets of a year, as far as the caller may see.
#[derive(Clone, Debug)]
pub struct YearBudgets {
    /// The lines, by agency and code.
    pub lines: Vec<Line>,
    /// The decisions, by agency.
    pub plans: Vec<Plan>,
}

/// The budgets of an agency.
#[derive(Clone, Debug)]
pub struct AgencyBudgets {
    /// The agency.
    pub agency: Agency,
    /// The lines of all years, by year and code.
    pub lines: Vec<Line>,
    /// The decision on the plan of the year that was asked for.
    pub plan: Option<Plan>,
}

/// What an import came to.
#[derive(Clone, Debug)]
pub enum Imported {
    /// All lines are taken: kept, unless the file was only looked at.
    Taken(Changes),
    /// Nothing was kept.
    Refused(Vec<Problem>),
}

/// What a file does to a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Lines that are new.
    pub added: Vec<NewLine>,
    /// Lines that are there, as they were and as they are said to be.
    pub changed: Vec<(NewLine, NewLine)>,
    /// How many lines the file says as they are.
    pub same: usize,
}

impl Changes {
    /// Whether the file changes nothing.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty()
    }
}

/// The pack of the program.
pub fn pack() -> Result<&'static BudgetPack, UseError> {
    BudgetPack::built_in().map_err(|error| {
        tracing::error!(%error, "the pack of budgets cannot be read");
        UseError::Fault("the pack of budgets cannot be read")
    })
}

/// The budgets of a year.
pub async fn budgets_of_year(
    records: &Records,
    caller: &Caller,
    year: i16,
) -> Result<YearBudgets, UseError> {
    let deed = Deed::new("budget.read", year.to_string(), None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let lines = records.store.budget_of_year(&scope, year).await?;
    Ok(YearBudgets { lines, plans: records.store.list_plans(&scope, year).await? })
}

/// The budgets of an agency, with the decision on the plan of a year.
pub async fn agency_budgets(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    year: i16,
) -> Result<AgencyBudgets, UseError> {
    let deed = Deed::new("budget.read", target(agency, year), Some(agency.clone()));
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let found = records.store.find_agency(&scope, agency).await?;
    let found = found.ok_or_else(|| UseError::not_found("agency", agency))?;
    let one = AgencyScope::one(agency.clone());
    let plan = records.store.list_plans(&one, year).await?.pop();
    let lines = records.store.budget_of_agency(&scope, agency).await?;
    Ok(AgencyBudgets { agency: found, lines, plan })
}

/// Adds a line.
pub async fn add_line(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    year: i16,
    new: NewLine,
) -> Result<(), UseError> {
    let deed = Deed::new("budget.add_line", target(agency, year), Some(agency.clone()));
    let deed = deed.with(new.code.as_str());
    let mut work = Work::begin(records, caller, agency, year, &deed).await?;
    work.add(new)?;
    work.is_amended = true;
    work.end(caller, &deed).await
}

/// Changes a line; its code stays.
pub async fn change_line(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    year: i16,
    new: NewLine,
) -> Result<(), UseError> {
    let deed = Deed::new("budget.change_line", target(agency, year), Some(agency.clone()));
    let deed = deed.with(new.code.as_str());
    let mut work = Work::begin(records, caller, agency, year, &deed).await?;
    let was = work.take(&new.code)?;
    work.change(&was, new).await?;
    work.end(caller, &deed).await
}

/// Takes a line out of a plan; what was bought stays.
pub async fn remove_line(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    year: i16,
    code: &LineCode,
) -> Result<(), UseError> {
    let deed = Deed::new("budget.remove_line", target(agency, year), Some(agency.clone()));
    let deed = deed.with(code.as_str());
    let mut work = Work::begin(records, caller, agency, year, &deed).await?;
    let was = work.take(code)?;
    if was.about.bought.is_some() {
        return Err(UseError::Conflict(format!("line {code} was bought: that stays")));
    }
    work.tx.remove_budget_line(agency, year, code).await?;
    work.is_amended = true;
    work.end(caller, &deed).await
}

/// Takes the lines of a file, all of them or none: a line whose code is in the plan changes it, another
/// is new. With `dry_run` nothing is kept.
pub async fn import_lines(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    year: i16,
    bytes: &[u8],
    dry_run: bool,
) -> Result<Imported, UseError> {
    let deed = Deed::new("budget.import", target(agency, year), Some(agency.clone()));
    let mut work = Work::begin(records, caller, agency, year, &deed).await?;
    let own = work.lines.iter().filter(|line| line.agency == *agency);
    let own: Vec<NewLine> = own.map(|line| line.about.clone()).collect();
    let Sheet { lines, mut problems } = read(pack()?, bytes, &own).map_err(UseError::Invalid)?;
    let mut changes = Changes::default();
    // What changes is taken out first, so that lines may change places.
    let (mut taken, mut codes) = (Vec::new(), BTreeSet::new());
    for (number, new) in lines {
        if !codes.insert(new.code.clone()) {
            let what = format!("the same is claimed by line {} of this plan already", new.code);
            problems.push(Problem { line: number, what });
            continue;
        }
        match own.iter().find(|line| line.code == new.code) {
            Some(was) if *was == new => changes.same += 1,
            _ => taken.push((number, work.take(&new.code).ok(), new)),
        }
    }
    for (number, was, new) in taken {
        let done = match &was {
            Some(was) => work.change(was, new.clone()).await,
            None => work.add(new.clone()),
        };
        match done {
            Ok(()) => match was {
                Some(was) => changes.changed.push((was.about, new)),
                None => changes.added.push(new),
            },
            Err(error @ (UseError::Invalid(_) | UseError::Conflict(_))) => {
                problems.push(Problem { line: number, what: error.to_string() });
            }
            Err(error) => return Err(error),
        }
    }
    problems.sort_by_key(|problem| problem.line);
    if !problems.is_empty() {
        return Ok(Imported::Refused(problems));
    }
    if !dry_run && !changes.is_empty() {
        work.is_amended |= !changes.added.is_empty();
        let (added, changed) = (changes.added.len(), changes.changed.len());
        work.end(caller, &deed.with(format!("{added} lines added, {changed} changed"))).await?;
    }
    Ok(Imported::Taken(changes))
}

/// Records the decision that approved a plan, with the reasons that stand in it for what is not
/// domestic. Whoever does has seen the decision, does not keep the lines and is not of that agency.
pub async fn approve_plan(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    year: i16,
    decision: Decision,
) -> Result<(), UseError> {
    let deed = Deed::new("budget.approve", target(agency, year), Some(agency.clone()));
    records.require(caller, Permission::AssuranceApprove, &deed).await?;
    reviews::not_of_home(records, caller, &deed, agency).await?;
    let decision = decision.checked().map_err(UseError::invalid)?;
    let now = records.now();
    if decision.day > day_of(now) {
        return Err(UseError::Invalid("the day of the decision is still to come".into()));
    }
    let mut tx = records.store.begin().await?;
    let mut lines = tx.lock_budget(year).await?;
    lines.retain(|line| line.agency == *agency);
    if Sums::of(lines.iter().map(|line| &line.about), Reading::Planned).total() == 0 {
        return Err(UseError::Conflict("there is no plan to approve: add its lines first".into()));
    }
    let deed = deed.with(&decision.number);
    let plan = Plan {
        agency: agency.clone(),
        year,
        decision: decision.number,
        decided: decision.day,
        approved_by: caller.actor.identity.to_string(),
        approved_at: now,
        is_amended: false,
    };
    tx.put_plan(&plan).await?;
    let foreign = lines.iter().filter(|line| line.about.bought.is_some() && !line.about.domestic);
    let mut told = vec![told_of_year(records, caller, &plan, &lines)];
    told.extend(foreign.filter_map(|line| told_of_purchase(records, caller, Some(&plan), line)));
    records.keep_evidence(&mut tx, told).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

fn target(agency: &AgencyCode, year: i16) -> String {
    format!("budget {year} of {agency}")
}

/// A change of one plan under way.
struct Work<'r> {
    records: &'r Records,
    tx: Tx,
    agency: AgencyCode,
    year: i16,
    /// All lines of the year, of all agencies.
    lines: Vec<Line>,
    /// Codes of the agency's risks.
    risks: BTreeSet<String>,
    /// Lines that are to be added.
    new: Vec<Line>,
    /// Whether planned figures change.
    is_amended: bool,
    /// What may be told of others.
    scope: AgencyScope,
}

impl<'r> Work<'r> {
    async fn begin(
        records: &'r Records,
        caller: &Caller,
        agency: &AgencyCode,
        year: i16,
        deed: &Deed,
    ) -> Result<Self, UseError> {
        records.require(caller, Permission::AssuranceWrite, deed).await?;
        if !YEARS.contains(&year) {
            return Err(UseError::invalid(LineError::Year));
        }
        let scope = AgencyScope::one(agency.clone());
        if records.store.find_agency(&scope, agency).await?.is_none() {
            return Err(UseError::not_found("agency", agency));
        }
        let risks = records.store.list_risks(&scope).await?;
        let seen = records.scope(caller, Permission::AssuranceWrite, deed).await?;
        let mut tx = records.store.begin().await?;
        let lines = tx.lock_budget(year).await?;
        Ok(Self {
            records,
            tx,
            agency: agency.clone(),
            year,
            lines,
            risks: risks.into_iter().map(|risk| risk.code.to_string()).collect(),
            new: Vec::new(),
            is_amended: false,
            scope: seen,
        })
    }

    /// Takes the agency's line of a code out of the lines.
    fn take(&mut self, code: &LineCode) -> Result<Line, UseError> {
        let is_it = |line: &Line| line.agency == self.agency && line.about.code == *code;
        let place = self.lines.iter().position(is_it);
        place
            .map(|place| self.lines.swap_remove(place))
            .ok_or_else(|| UseError::not_found("line", code))
    }

    /// Puts a line in the place of one that was taken out.
    async fn change(&mut self, was: &Line, new: NewLine) -> Result<(), UseError> {
        if was.about.bought.is_some() && new.bought.is_none() {
            return Err(UseError::Conflict(format!("line {} was bought: that stays", new.code)));
        }
        self.tx.remove_budget_line(&self.agency, self.year, &new.code).await?;
        self.is_amended |= !was.about.plans_same(&new);
        self.add(new)
    }

    /// Adds a line if it is valid and nobody has claimed the same.
    fn add(&mut self, new: NewLine) -> Result<(), UseError> {
        let about = new.checked(pack()?).map_err(UseError::invalid)?;
        if about.bought.is_some_and(|day| day > day_of(self.records.now())) {
            return Err(UseError::Invalid("the day of the purchase is still to come".into()));
        }
        if let Some(risk) = about.risks.iter().find(|risk| !self.risks.contains(risk.as_str())) {
            return Err(UseError::Invalid(format!("{} has no risk {risk}", self.agency)));
        }
        let line = Line { agency: self.agency.clone(), year: self.year, about };
        if let Some(other) = twice(&line, &self.lines) {
            let code = &other.about.code;
            return Err(UseError::Conflict(if other.agency == self.agency {
                if *code == line.about.code {
                    format!("the same is claimed by line {code} of this plan already")
                } else {
                    format!(
                        "the same is claimed by line {code} of this plan: make one line of both, or give them names that tell them apart"
                    )
                }
            } else if self.scope.contains(&other.agency) {
                format!("the same purchase is claimed by line {code} of {} already", other.agency)
            } else {
                "the same purchase is claimed by another agency already".to_owned()
            }));
        }
        let own = self.lines.iter().filter(|line| line.agency == self.agency);
        let own: Vec<&NewLine> = own.map(|line| &line.about).chain([&line.about]).collect();
        if own.len() > PLAN_LINES {
            return Err(UseError::Invalid(format!("a plan has at most {PLAN_LINES} lines")));
        }
        for reading in Reading::ALL {
            Sums::of(own.iter().copied(), reading).within().map_err(UseError::invalid)?;
        }
        self.lines.push(line.clone());
        self.new.push(line);
        Ok(())
    }

    /// Keeps what was changed and tells it.
    async fn end(self, caller: &Caller, deed: &Deed) -> Result<(), UseError> {
        let Self { records, mut tx, agency, year, lines, new, is_amended, .. } = self;
        tx.add_budget_lines(&new).await?;
        let mut plan = tx.find_plan(&agency, year).await?;
        if let Some(plan) = plan.as_mut().filter(|plan| is_amended && !plan.is_amended) {
            plan.is_amended = true;
            tx.put_plan(plan).await?;
        }
        let own: Vec<Line> = lines.into_iter().filter(|line| line.agency == agency).collect();
        let year = plan.as_ref().map(|plan| told_of_year(records, caller, plan, &own));
        let bought =
            new.iter().filter_map(|line| told_of_purchase(records, caller, plan.as_ref(), line));
        records.keep_evidence(&mut tx, year.into_iter().chain(bought).collect()).await?;
        tx.add_audit(&[records.entry(caller, deed, Outcome::Done)]).await?;
        Ok(tx.commit().await?)
    }
}

fn told(records: &Records, caller: &Caller, kind: &str, agency: &AgencyCode) -> NewEvidence {
    NewEvidence {
        schema: records.kinds().version,
        by: caller.actor.identity.to_string(),
        ..NewEvidence::of_agency(kind, agency, records.now())
    }
}

fn how(plan: Option<&Plan>) -> How {
    match plan {
        Some(plan) if !plan.is_amended => How::Documented,
        _ => How::Declared,
    }
}

/// What the ledger is told of a plan: security rounded down, so that rounding never helps.
fn told_of_year(records: &Records, caller: &Caller, plan: &Plan, lines: &[Line]) -> NewEvidence {
    let sums = Sums::of(lines.iter().map(|line| &line.about), Reading::Planned);
    NewEvidence {
        subject: plan.year.to_string(),
        how: how(Some(plan)),
        ..told(records, caller, "budget.year", &plan.agency)
    }
    .with("total", sums.total().cast_signed())
    .with("security", sums.security().cast_signed())
    .from(Origin::Document, &plan.decision)
}

/// What the ledger is told of a line that was bought.
fn told_of_purchase(
    records: &Records,
    caller: &Caller,
    plan: Option<&Plan>,
    line: &Line,
) -> Option<NewEvidence> {
    let made = line.about.bought?;
    let how = how(plan);
    let new = NewEvidence {
        subject: format!("{}/{}", line.year, line.about.code),
        how,
        ..told(records, caller, "procurement.made", &line.agency)
    };
    let is_accepted = !line.about.domestic && how == How::Documented;
    let new = new.with("domestic", line.about.domestic).with("made", made.to_string());
    Some(new.with("reason_accepted", is_accepted))
}
