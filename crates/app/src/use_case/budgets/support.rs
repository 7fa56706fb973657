//! Support that ends before the renewal becomes a task of the agency, in time to move one of both.

use jiff::civil::Date;
use khien_domain::audit::Outcome;
use khien_domain::budget::{Line, SupportTask};
use khien_domain::evidence::{NewEvidence, Origin};
use khien_domain::permission::{AgencyScope, Permission};

use super::pack;
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;
use crate::use_case::register::evidence::day_of;

/// What came of looking at all lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Tasks that began.
    pub begun: usize,
    /// Tasks that are done.
    pub done: usize,
}

/// All lines that the caller may see, of all years, by agency, year and code.
pub async fn all_lines(records: &Records, caller: &Caller) -> Result<Vec<Line>, UseError> {
    let deed = Deed::new("budget.read", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.list_budget_lines(&scope).await?)
}

/// Looks at all lines that the caller may see. For each whose support ends within the days of the pack
/// and before the renewal there is one open task of its agency, due on that day; the task is done when the
/// renewal or the end was moved or the line is gone.
pub async fn sweep(records: &Records, caller: &Caller) -> Result<Swept, UseError> {
    let deed = Deed::new("budget.sweep", "support that ends", None);
    let scope = records.scope(caller, Permission::EvidenceWrite, &deed).await?;
    let (today, days) = (day_of(records.now()), pack()?.support_days);
    if Changes::of(records, &scope, today, days).await?.is_empty() {
        return Ok(Swept::default());
    }
    let mut tx = records.store.begin().await?;
    tx.lock_ledger().await?;
    // Looked at once more while nobody else begins or ends one.
    let changes = Changes::of(records, &scope, today, days).await?;
    if changes.is_empty() {
        return Ok(Swept::default());
    }
    let Changes { done, begun } = changes;
    let (mut new, mut entries) = (Vec::new(), Vec::new());
    for task in &done {
        tx.close_support_task(task).await?;
        new.push(told(records, task, Some(today)));
        entries.push(records.entry(caller, &about("budget.support_done", task), Outcome::Done));
    }
    for task in &begun {
        tx.open_support_task(task).await?;
        new.push(told(records, task, None));
        entries.push(records.entry(caller, &about("budget.support_ends", task), Outcome::Done));
    }
    records.keep_evidence(&mut tx, new).await?;
    tx.add_audit(&entries).await?;
    tx.commit().await?;
    Ok(Swept { begun: begun.len(), done: done.len() })
}

/// What has to change for tasks to be as the lines are.
struct Changes {
    done: Vec<SupportTask>,
    begun: Vec<SupportTask>,
}

impl Changes {
    async fn of(
        records: &Records,
        scope: &AgencyScope,
        today: Date,
        days: i64,
    ) -> Result<Self, UseError> {
        let lines = records.store.list_budget_lines(scope).await?;
        let open = records.store.list_support_tasks(scope).await?;
        let needed: Vec<_> =
            lines.iter().filter_map(|line| SupportTask::of(line, today, days)).collect();
        let begun = needed.iter().filter(|task| !open.contains(task)).cloned().collect();
        let stays = |task: &SupportTask| lines.iter().any(|line| task.is_of(line));
        Ok(Self { done: open.into_iter().filter(|task| !stays(task)).collect(), begun })
    }

    fn is_empty(&self) -> bool {
        self.done.is_empty() && self.begun.is_empty()
    }
}

fn about(action: &'static str, task: &SupportTask) -> Deed {
    let target = format!("line {} of budget {} of {}", task.code, task.year, task.agency);
    Deed::new(action, target, Some(task.agency.clone())).with(format!("ends on {}", task.due))
}

/// What the ledger is told of a task, open or done.
fn told(records: &Records, task: &SupportTask, done: Option<Date>) -> NewEvidence {
    let new = NewEvidence::of_agency("task.state", &task.agency, records.now())
        .with("due", task.due.to_string())
        .with_some("done", done.map(|day| day.to_string()))
        .with("accepted", done.is_some())
        .from(Origin::Decision, format!("budget {} {}", task.year, task.code));
    NewEvidence { subject: task.to_string(), schema: records.kinds().version, ..new }
}
