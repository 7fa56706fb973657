//! Hunts: started, listed, paused, resumed, cancelled, and their hits read.
//!
//! A hunt sees the events of the agencies of whoever started it, or of those of them that were asked
//! for; it is seen and changed by whoever may see all of these. The work itself is done by a thread
//! of the centre (`crate::hunt`); these only speak with the store, so that they work beside a
//! running centre as well.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::ids::JobId;
use khien_domain::job::{Job, JobState, NewJob};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
pub use khien_store::JobRow;
use khien_store::JobRowKind;

use super::UseError;
use crate::access::{Caller, Deed};
use crate::hunt::KIND;
pub use crate::hunt::{Asked, MAX_HITS, MAX_INPUT_BYTES, Prey, RuleFile, State, Told};
use crate::records::Records;

/// Hunts that may wait or run.
const MAX_OPEN: u64 = 20;
/// What permits hunts.
const PERMISSION: Permission = Permission::EventsExport;

/// A hunt as it is asked for.
#[derive(Clone, Debug)]
pub struct NewHunt {
    /// What is hunted.
    pub prey: Prey,
    /// The first moment.
    pub from: Option<Timestamp>,
    /// The moment that is the first no more.
    pub to: Option<Timestamp>,
    /// The agencies whose events are looked at; all that the caller may see if there is none.
    pub agencies: BTreeSet<AgencyCode>,
}

/// A hunt.
#[derive(Clone, Debug)]
pub struct Hunt {
    /// The job that it is.
    pub job: Job,
    /// What was asked for.
    pub asked: Asked,
    /// Where it stands.
    pub found: State,
}

impl Hunt {
    fn of(job: Job) -> Result<Self, UseError> {
        let asked = serde_json::from_str(&job.asked.parameters);
        let asked = asked.map_err(|_| UseError::Fault("a hunt in the store cannot be read"))?;
        let found = job.checkpoint.as_deref().map(serde_json::from_str);
        let found = found.transpose().ok().flatten().unwrap_or_default();
        Ok(Self { job, asked, found })
    }

    /// How much of it is done, from 0 to 1.
    pub fn share(&self) -> f64 {
        match (self.job.state, self.job.total) {
            (JobState::Finished, _) => 1.0,
            (_, total) if total > 0 => (self.job.done as f64 / total as f64).clamp(0.0, 1.0),
            _ => 0.0,
        }
    }
}

/// The agency of a hunt within one only: whoever looks after it sees these entries.
pub(crate) fn agency_of(scope: &AgencyScope) -> Option<AgencyCode> {
    match scope {
        AgencyScope::Only(agencies) if agencies.len() == 1 => agencies.first().cloned(),
        _ => None,
    }
}

/// Starts a hunt: it waits for its turn.
pub async fn start_hunt(
    records: &Records,
    caller: &Caller,
    new: NewHunt,
) -> Result<Hunt, UseError> {
    let deed = Deed::new("hunt.start", "", None);
    let seen = records.scope(caller, PERMISSION, &deed).await?;
    for agency in &new.agencies {
        let deed = Deed { agency: Some(agency.clone()), ..deed.clone() };
        records.require(caller, PERMISSION, &deed).await?;
    }
    let agencies = if new.agencies.is_empty() { seen } else { AgencyScope::Only(new.agencies) };
    if let (Some(from), Some(to)) = (new.from, new.to)
        && from >= to
    {
        return Err(UseError::Invalid("the time ends before it begins".to_owned()));
    }
    new.prey.unmarked().map_err(UseError::Invalid)?;
    let (prey, from, to) = (Arc::new(new.prey), new.from, new.to);
    let reading = Arc::clone(&prey);
    let ready = tokio::task::spawn_blocking(move || {
        reading.ready().map(|ready| reading.asked(&ready, from, to))
    });
    let ready = ready.await.map_err(|_| UseError::Fault("reading what is hunted ended early"))?;
    let asked = ready.map_err(UseError::Invalid)?;
    if records.store.count_open_jobs().await? >= MAX_OPEN {
        let message = format!("{MAX_OPEN} hunts wait or run already; cancel one or wait");
        return Err(UseError::Conflict(message));
    }
    let failed = |_| UseError::Fault("what is hunted cannot be kept");
    let parameters = serde_json::to_string(&asked).map_err(failed)?;
    let input = serde_json::to_vec(prey.as_ref()).map_err(failed)?;
    let created_by = caller.actor.identity.to_string();
    let (kind, created_at) = (KIND.to_owned(), records.now());
    let job = NewJob { kind, agencies, parameters, created_by, created_at };
    let job = job.checked().map_err(UseError::invalid)?;
    let moment = |moment: Option<Timestamp>| moment.map_or("…".to_owned(), |at| at.to_string());
    let detail = format!(
        "{} {}: {}; {} to {}",
        asked.count,
        asked.what,
        asked.name,
        moment(from),
        moment(to)
    );
    let mut tx = records.store.begin().await?;
    let id = tx.add_job(&job).await?;
    tx.add_job_input(id, &input).await?;
    let agency = agency_of(&job.agencies);
    let deed = Deed { target: format!("hunt {id}"), agency, ..deed }.with(detail);
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    find(records, &AgencyScope::All, id).await
}

async fn find(records: &Records, scope: &AgencyScope, id: JobId) -> Result<Hunt, UseError> {
    let job = records.store.find_job(scope, id).await?;
    let job = job.filter(|job| job.asked.kind == KIND);
    Hunt::of(job.ok_or_else(|| UseError::not_found("hunt", id))?)
}

/// The hunts that the caller may see, newest first.
pub async fn list_hunts(
    records: &Records,
    caller: &Caller,
    page: &PageRequest,
) -> Result<Page<Hunt>, UseError> {
    let deed = Deed::new("hunt.list", "", None);
    let scope = records.scope(caller, PERMISSION, &deed).await?;
    let found = records.store.list_jobs(&scope, page).await?;
    let items = found.items.into_iter().map(Hunt::of).collect::<Result<_, _>>()?;
    Ok(Page { items, next: found.next })
}

/// A hunt.
pub async fn get_hunt(records: &Records, caller: &Caller, id: JobId) -> Result<Hunt, UseError> {
    let deed = Deed::new("hunt.get", format!("hunt {id}"), None);
    let scope = records.scope(caller, PERMISSION, &deed).await?;
    find(records, &scope, id).await
}

/// What can be done to a hunt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stops and can go on later.
    Pause,
    /// It goes on where it stopped.
    Resume,
    /// It ends; what it found stays.
    Cancel,
}

/// Pauses, resumes or cancels a hunt.
pub async fn change_hunt(
    records: &Records,
    caller: &Caller,
    id: JobId,
    change: Change,
) -> Result<Hunt, UseError> {
    let action = match change {
        Change::Pause => "hunt.pause",
        Change::Resume => "hunt.resume",
        Change::Cancel => "hunt.cancel",
    };
    let deed = Deed::new(action, format!("hunt {id}"), None);
    let scope = records.scope(caller, PERMISSION, &deed).await?;
    let hunt = find(records, &scope, id).await?;
    let deed = Deed { agency: agency_of(&hunt.job.asked.agencies), ..deed };
    let mut tx = records.store.begin().await?;
    let is_changed = match change {
        Change::Pause => tx.pause_job(&scope, id).await?,
        Change::Resume => tx.resume_job(&scope, id).await?,
        Change::Cancel => tx.cancel_job(&scope, id, records.now()).await?,
    };
    if !is_changed {
        let state = hunt.job.state.name();
        return Err(UseError::Conflict(format!("hunt {id} is {state}")));
    }
    if change == Change::Cancel {
        tx.remove_job_notes(id).await?;
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    find(records, &scope, id).await
}

/// Hits of a hunt, in the order in which they were found: by time, correlations last. There are some
/// before it has ended.
pub async fn list_hits(
    records: &Records,
    caller: &Caller,
    id: JobId,
    page: &PageRequest,
) -> Result<Page<JobRow>, UseError> {
    let deed = Deed::new("hunt.hits", format!("hunt {id}"), None);
    let scope = records.scope(caller, PERMISSION, &deed).await?;
    let hunt = find(records, &scope, id).await?;
    let found = records.store.list_job_rows(id, JobRowKind::Result, page).await?;
    let agency = agency_of(&hunt.job.asked.agencies);
    let deed = Deed { agency, ..deed }.with(format!("{} hits", found.items.len()));
    records.audit(&records.entry(caller, &deed, Outcome::Done)).await?;
    Ok(found)
}
