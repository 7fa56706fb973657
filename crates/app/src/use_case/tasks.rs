//! Tasks of agencies that begin and end with what happens in the centre: `task.state` in the ledger.
//!
//! An agency and a subject come in, records to be kept in the transaction of what happened come out. A
//! subject has one open task at a time; whoever begins or ends one holds the lock of the ledger. Only what the
//! centre itself told of a task is looked at: what an agency says of one stays its own word.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use khien_domain::code::AgencyCode;
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{How, NewEvidence, Origin, Record};
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_store::{EvidenceFilter, Store};

use super::UseError;
use super::register::evidence::day_of;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// So many records of a task are read at a time.
const PAGE: u32 = 20;

/// A task as the ledger last told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The number of its last record.
    pub seq: u64,
    /// By which day it is to be done.
    pub due: Date,
    /// On which day it was done.
    pub done: Option<Date>,
}

/// A task of an agency, as a list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Whose task.
    pub agency: AgencyCode,
    /// What it is told apart by: `gate cong-dvc`.
    pub subject: String,
    /// The number of its last record.
    pub seq: u64,
    /// By which day it is to be done.
    pub due: Date,
    /// On which day it was done or fell away.
    pub done: Option<Date>,
    /// Whether it was done and accepted.
    pub is_accepted: bool,
    /// Whether it is the agency's own word, and not the centre's.
    pub is_declared: bool,
}

impl Listed {
    /// Whether it is not done on a day that is behind its last.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.done.is_none() && self.due < today
    }
}

/// All tasks of the agencies that the caller may see, open and done, by their last day. What the centre tells of
/// a task comes before what its agency says.
pub async fn list_tasks(records: &Records, caller: &Caller) -> Result<Vec<Listed>, UseError> {
    let deed = Deed::new("task.list", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let mut tasks = Vec::new();
    for record in records.store.last_by_agency_and_subject(&scope, "task.state").await? {
        let Some(agency) = record.about.agency.clone() else { continue };
        let by_centre = match record.about.how {
            How::Measured => None,
            How::Documented | How::Declared => {
                last(&records.store, &agency, &record.about.subject).await?
            }
        };
        let record = by_centre.unwrap_or(record);
        let day = |field| record.content.get(field).and_then(Content::as_text)?.parse().ok();
        let Some(due) = day("due") else { continue };
        tasks.push(Listed {
            due,
            done: day("done"),
            is_accepted: record.content.get("accepted").and_then(Content::as_bool) == Some(true),
            is_declared: record.about.how != How::Measured,
            seq: record.about.seq,
            subject: record.about.subject,
            agency,
        });
    }
    tasks.sort_by(|a, b| (a.due, &a.agency, &a.subject).cmp(&(b.due, &b.agency, &b.subject)));
    Ok(tasks)
}

/// A task of an agency that begins at a moment and is due so many days later.
pub(super) fn begun(
    agency: &AgencyCode,
    subject: String,
    at: Timestamp,
    days: i64,
    from: (Origin, &str),
) -> NewEvidence {
    let due = at.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX);
    let new = NewEvidence::of_agency("task.state", agency, at)
        .with("due", day_of(due).to_string())
        .with("accepted", false)
        .from(from.0, from.1);
    NewEvidence { subject, ..new }
}

/// The same task, done and accepted at a moment.
pub(super) fn done(task: NewEvidence, at: Timestamp) -> NewEvidence {
    let done = task.with("done", day_of(at).to_string()).with("accepted", true);
    NewEvidence { at, ..done }
}

/// The same task, over at a moment without having been done: it stays unaccepted.
pub(super) fn dropped(task: NewEvidence, at: Timestamp) -> NewEvidence {
    NewEvidence { at, ..task.with("done", day_of(at).to_string()) }
}

/// The task of a subject, as long as it is not done.
pub(super) async fn open(
    store: &Store,
    agency: &AgencyCode,
    subject: &str,
) -> Result<Option<NewEvidence>, UseError> {
    Ok(last(store, agency, subject).await?.and_then(|record| unless_done(agency, record)))
}

/// The tasks of an agency whose subjects begin so, as long as they are not done.
pub(super) async fn all_open(
    store: &Store,
    agency: &AgencyCode,
    beginning: &str,
) -> Result<Vec<NewEvidence>, UseError> {
    let mut tasks = Vec::new();
    for record in store.last_by_subject(agency, "task.state", beginning).await? {
        let record = match record.about.how {
            How::Measured => Some(record),
            How::Documented | How::Declared => last(store, agency, &record.about.subject).await?,
        };
        tasks.extend(record.and_then(|record| unless_done(agency, record)));
    }
    Ok(tasks)
}

fn unless_done(agency: &AgencyCode, record: Record) -> Option<NewEvidence> {
    let about = record.about;
    let is_done = record.content.get("done").and_then(Content::as_text).is_some();
    let task =
        NewEvidence::of_agency("task.state", agency, about.at).from(about.origin, about.reference);
    let task = NewEvidence { content: record.content, subject: about.subject, ..task };
    (!is_done).then_some(task)
}

/// How the task of a subject stands, if there ever was one.
pub(super) async fn find(
    store: &Store,
    agency: &AgencyCode,
    subject: &str,
) -> Result<Option<Task>, UseError> {
    let Some(record) = last(store, agency, subject).await? else { return Ok(None) };
    let day = |field| record.content.get(field).and_then(Content::as_text)?.parse().ok();
    Ok(day("due").map(|due| Task { seq: record.about.seq, due, done: day("done") }))
}

async fn last(
    store: &Store,
    agency: &AgencyCode,
    subject: &str,
) -> Result<Option<Record>, UseError> {
    let filter = EvidenceFilter {
        kind: Some("task.state".to_owned()),
        agency: Some(agency.clone()),
        system: None,
        subject: Some(subject.to_owned()),
    };
    let mut page = PageRequest::new(None, PAGE);
    loop {
        let found = store.list_evidence(&AgencyScope::All, &filter, &page).await?;
        let own = found.items.into_iter().find(|record| record.about.how == How::Measured);
        match (own, found.next) {
            (None, Some(next)) => page.after = Some(next),
            (own, _) => return Ok(own),
        }
    }
}
