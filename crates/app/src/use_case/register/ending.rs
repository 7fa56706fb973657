//! What ends in the register, or is missing there, becomes a task of its agency: a domain or a certificate that
//! runs out, support that ends before the line of the budget by which it is renewed, a host that a certificate
//! names and nobody registered.
//!
//! Each is told once and done when it is in order: renewed, taken off or settled. Nothing is decided here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use khien_domain::audit::Outcome;
use khien_domain::budget::{End, EndKind};
use khien_domain::code::AgencyCode;
use khien_domain::evidence::{NewEvidence, Origin};
use khien_domain::measure::MeasurePack;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::text;

use super::evidence::{day_of, pack};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::budgets::{self, ends_of_scope};
use crate::use_case::{UseError, tasks};

/// How the names of tasks about what ends begin.
const ENDS: &str = "ends ";
/// How the names of tasks about hosts begin.
const HOST: &str = "host ";
/// The longest name of a task.
const SUBJECT_BYTES: usize = 200;

/// What came of looking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Tasks that began.
    pub begun: usize,
    /// Tasks that are done.
    pub done: usize,
}

/// Tasks by agency and name, each with what it is about and the day by which it is to be done.
type Needed = BTreeMap<(AgencyCode, String), (String, Date)>;

/// Looks at everything of agencies that the caller may see.
pub async fn look(records: &Records, caller: &Caller) -> Result<Looked, UseError> {
    let deed = Deed::new("register.ending", "what ends in the register", None);
    let scope = records.scope(caller, Permission::EvidenceWrite, &deed).await?;
    if Changes::of(records, &scope).await?.is_empty() {
        return Ok(Looked::default());
    }
    let mut tx = records.store.begin().await?;
    tx.lock_ledger().await?;
    // Looked at once more while nobody else begins or ends one.
    let Changes { begun, done } = Changes::of(records, &scope).await?;
    let looked = Looked { begun: begun.len(), done: done.len() };
    let now = records.now();
    let mut entries = Vec::new();
    let mut told = Vec::new();
    for task in done {
        entries.push(records.entry(caller, &about("register.ended_done", &task), Outcome::Done));
        told.push(tasks::done(task, now));
    }
    for task in begun {
        entries.push(records.entry(caller, &about("register.ends", &task), Outcome::Done));
        told.push(task);
    }
    records.keep_evidence(&mut tx, told).await?;
    tx.add_audit(&entries).await?;
    tx.commit().await?;
    Ok(looked)
}

fn about(action: &'static str, task: &NewEvidence) -> Deed {
    Deed::new(action, &task.subject, task.agency.clone())
}

/// What has to change for tasks to be as the register is.
struct Changes {
    begun: Vec<NewEvidence>,
    done: Vec<NewEvidence>,
}

impl Changes {
    async fn of(records: &Records, scope: &AgencyScope) -> Result<Self, UseError> {
        let (needed, stays) = needed(records, scope).await?;
        let (now, today) = (records.now(), day_of(records.now()));
        let (mut open, mut done) = (BTreeSet::new(), Vec::new());
        let mut page = PageRequest::first();
        loop {
            let agencies = records.store.list_agencies(scope, &page).await?;
            for agency in agencies.items {
                for beginning in [ENDS, HOST] {
                    for task in tasks::all_open(&records.store, &agency.code, beginning).await? {
                        let named = (agency.code.clone(), task.subject.clone());
                        if stays.contains(&named) {
                            open.insert(named);
                        } else {
                            done.push(task);
                        }
                    }
                }
            }
            let Some(next) = agencies.next else { break };
            page.after = Some(next);
        }
        let begun = needed.into_iter().filter(|(named, _)| !open.contains(named));
        let begun = begun.map(|((agency, subject), (reference, due))| {
            let days = i64::from((due - today).get_days());
            tasks::begun(&agency, subject, now, days, (Origin::Register, &reference))
        });
        Ok(Self { begun: begun.collect(), done })
    }

    fn is_empty(&self) -> bool {
        self.begun.is_empty() && self.done.is_empty()
    }
}

/// The tasks that are needed now, and the names of those that stay open once they began.
async fn needed(
    records: &Records,
    scope: &AgencyScope,
) -> Result<(Needed, BTreeSet<(AgencyCode, String)>), UseError> {
    let today = day_of(records.now());
    let in_days = |days| today.saturating_add(jiff::Span::new().days(days));
    let (soon, support) = (in_days(pack()?.warning_days), budgets::pack()?.support_days);
    let given = in_days(MeasurePack::built_in().map_err(UseError::invalid)?.task_days);
    // Who is told when it is over already has as long to put it right as for anything else.
    let due = |day: Date| if day < today { given } else { day };
    let lines = records.store.list_budget_lines(scope).await?;
    let (mut needed, mut stays) = (Needed::new(), BTreeSet::new());
    for end in ends_of_scope(records, scope).await? {
        let (is_needed, is_so) = match end.kind {
            EndKind::Resource => (end.day <= soon, end.day <= soon),
            EndKind::Product => {
                (end.gap_due(&lines, today, support).is_some(), end.gap(&lines, today).is_some())
            }
            EndKind::Contract => continue,
        };
        let named = (end.agency.clone(), subject(&end));
        if is_needed {
            needed.insert(named.clone(), (end.name.clone(), due(end.day)));
        }
        if is_so {
            stays.insert(named);
        }
    }
    for host in records.store.list_open_discovered(scope).await? {
        let name = host.name.as_str();
        let named = (host.agency, text::cut(&format!("{HOST}{name}"), SUBJECT_BYTES));
        needed.insert(named.clone(), (name.to_owned(), given));
        stays.insert(named);
    }
    Ok((needed, stays))
}

/// What the ledger calls the task of an end: `ends 2026-11-08 minhhoa.example`.
fn subject(end: &End) -> String {
    text::cut(&format!("{ENDS}{} {}", end.day, end.name), SUBJECT_BYTES)
}
