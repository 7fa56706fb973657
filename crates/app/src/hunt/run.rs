//! One hunt, from where it stands to its end, or until somebody stops it.

use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::clock::Clock;
use khien_domain::job::{Job, JobState};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_lake::query::Query;
use khien_lake::{Cancel, Column, Cursor, Lake, LakeError, Request, Sweep, Swept};
use khien_store::{JobRowKind, Store, StoreError};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use super::by_indicators::ByIndicators;
use super::by_rules::{self, ByRules, Correlating};
use super::hit::TOLD;
use super::quarry::{Asked, Prey, Quarry};
use super::{MAX_HITS, MAX_NOTES};
use crate::access::{Caller, Deed};
use crate::figures::Figures;
use crate::use_case::search::{Wanted, request, unreadable};

/// Progress is recorded after so long.
const SAVE_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// And after so many events, whatever the clock says.
const SAVE_EVENTS: u64 = 100_000;

/// Where a hunt stands, and what it has found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Where the stretch begins that it is in.
    #[serde(with = "super::micros")]
    from: Option<Timestamp>,
    /// The last event it has looked at: time in microseconds, batch, place.
    after: Option<(i64, u64, u32)>,
    /// Events of the stretches before.
    base: u64,
    /// Events of this stretch so far.
    within: u64,
    /// Whether all events were looked at, and only the correlations are left.
    is_swept: bool,
    /// Events looked at.
    pub events: u64,
    /// Hits so far.
    pub hits: u64,
    /// Hits that are kept.
    pub kept: u64,
    /// Matches noted for correlations.
    notes: u64,
    /// Matches that were not noted, because there were too many, or were given up by correlations.
    pub lost: u64,
    /// Events whose record cannot be read again.
    pub unread: u64,
    /// Files of events that cannot be read.
    pub damaged_files: u64,
    /// Their events.
    pub damaged_events: u64,
}

/// What was found since it was last recorded.
#[derive(Default)]
pub(super) struct Finds {
    hits: Vec<String>,
    notes: Vec<String>,
    found: u64,
    lost: u64,
    pub(super) unread: u64,
    /// How many more of each may be kept.
    hits_left: u64,
    notes_left: u64,
}

impl Finds {
    fn after(state: &State) -> Self {
        let (hits_left, notes_left) =
            (MAX_HITS.saturating_sub(state.kept), MAX_NOTES.saturating_sub(state.notes));
        Self { hits_left, notes_left, ..Self::default() }
    }

    /// A hit, which is only made if there is room for it.
    pub(super) fn hit(&mut self, make: impl FnOnce() -> String) {
        self.found += 1;
        if self.hits_left > 0 {
            self.hits_left -= 1;
            self.hits.push(make());
        }
    }

    /// A note for the correlations.
    pub(super) fn note(&mut self, make: impl FnOnce() -> String) {
        if self.notes_left > 0 {
            self.notes_left -= 1;
            self.notes.push(make());
        } else {
            self.lost += 1;
        }
    }
}

/// Why a hunt ended early.
pub(super) enum Stopped {
    /// Somebody paused or cancelled it, or the centre stops. What it found is recorded.
    Asked,
    /// It cannot go on.
    Failed(String),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What hunts work with.
pub(crate) struct Ground<'g> {
    pub(crate) lake: &'g Lake,
    pub(crate) store: &'g Store,
    pub(crate) clock: &'g dyn Clock,
    pub(crate) figures: &'g Figures,
    pub(crate) runtime: &'g Handle,
    pub(crate) cancel: &'g Cancel,
}

/// A hunt under way.
pub(super) struct Run<'g> {
    ground: &'g Ground<'g>,
    job: &'g Job,
    state: State,
    finds: Finds,
    total: u64,
    saved_at: Timestamp,
    unsaved: u64,
}

impl<'g> Run<'g> {
    pub(super) fn new(ground: &'g Ground<'g>, job: &'g Job) -> Self {
        let state: State = (job.checkpoint.as_deref())
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        Self {
            ground,
            job,
            finds: Finds::after(&state),
            state,
            total: u64::try_from(job.total).unwrap_or_default(),
            saved_at: ground.clock.now(),
            unsaved: 0,
        }
    }

    /// Hunts to the end and records it.
    pub(super) fn run(mut self) -> Result<(), Stopped> {
        let (runtime, store) = (self.ground.runtime, self.ground.store);
        let input = runtime.block_on(store.find_job_input(self.job.id))?.unwrap_or_default();
        let broken = |error: serde_json::Error| Stopped::Failed(error.to_string());
        let prey: Prey = serde_json::from_slice(&input).map_err(broken)?;
        let asked: Asked = serde_json::from_str(&self.job.asked.parameters).map_err(broken)?;
        let ready = prey.ready().map_err(Stopped::Failed)?;
        drop((input, prey));
        match &ready.quarry {
            Quarry::Rules(set) => {
                let mut by = ByRules::new(set);
                let columns = [TOLD.as_slice(), &by_rules::COLUMNS].concat();
                self.sweep(&asked, &Query::All, &columns, true, &mut |swept, row, finds| {
                    by.judge(swept, row, finds);
                })?;
                self.correlate(Correlating::new(set))
            }
            Quarry::Indicators(indicators) => {
                let mut by = ByIndicators::new(indicators).map_err(Stopped::Failed)?;
                let (query, columns, all) = (by.query(), by.columns(), by.looks_at_all());
                self.sweep(&asked, &query, &columns, all, &mut |swept, row, finds| {
                    by.look(swept, row, finds);
                })?;
                self.end(Vec::new())
            }
        }
    }

    /// Goes over the events, stretch after stretch. `all` tells that every event is looked at.
    fn sweep(
        &mut self,
        asked: &Asked,
        query: &Query,
        columns: &[Column],
        all: bool,
        look: &mut dyn FnMut(&Swept<'_>, usize, &mut Finds),
    ) -> Result<(), Stopped> {
        if self.state.is_swept {
            return Ok(());
        }
        let query = Query::and([query.clone(), Query::Not(Box::new(unreadable()))]);
        let wanted = Wanted { from: asked.from, to: asked.to, ..Wanted::default() };
        let request = request(&wanted, query, &self.job.asked.agencies);
        let request = request.map_err(|error| Stopped::Failed(error.to_string()))?;
        let stretches = self.ground.lake.stretches(self.state.from.or(asked.from), asked.to);
        if self.total == 0 {
            self.total = stretches.iter().map(|stretch| stretch.rows).sum();
        }
        for stretch in stretches {
            self.state.from = stretch.from;
            let request = Request { from: stretch.from, to: stretch.to, ..request.clone() };
            self.stretch(request, columns, all, look)?;
            // How many events others have is not told.
            if !all && self.job.asked.agencies == AgencyScope::All {
                self.ground.figures.hunted(stretch.rows, 0);
                self.state.events += stretch.rows;
            }
            self.state.from = stretch.to;
            (self.state.base, self.state.within) = (self.state.base + stretch.rows, 0);
            self.state.after = None;
            self.save_if_due(1)?;
        }
        self.state.is_swept = true;
        self.save()
    }

    fn stretch(
        &mut self,
        request: Request,
        columns: &[Column],
        all: bool,
        look: &mut dyn FnMut(&Swept<'_>, usize, &mut Finds),
    ) -> Result<(), Stopped> {
        let after = self.state.after.and_then(|(time, batch, item)| {
            Some(Cursor { time: Timestamp::from_microsecond(time).ok()?, batch, item })
        });
        let sweep = Sweep { request, columns: columns.to_vec(), after };
        let mut stopped = None;
        let (lake, cancel) = (self.ground.lake, self.ground.cancel);
        let swept = lake.sweep(&sweep, cancel, &mut |swept| {
            for row in 0..swept.len() {
                look(swept, row, &mut self.finds);
            }
            let count = swept.len() as u64;
            if let Some(last) = swept.len().checked_sub(1) {
                let last = swept.at(last);
                self.state.after = Some((last.time.as_microsecond(), last.batch, last.item));
            }
            self.state.within += count;
            if all {
                self.state.events += count;
                self.ground.figures.hunted(count, 0);
            }
            match self.save_if_due(count) {
                Ok(()) => true,
                Err(reason) => {
                    stopped = Some(reason);
                    false
                }
            }
        });
        if let Some(reason) = stopped {
            return Err(reason);
        }
        match swept {
            Ok(answer) => {
                self.state.damaged_files += answer.damage.len() as u64;
                let events = answer.damage.iter().map(|damage| damage.rows);
                self.state.damaged_events += events.sum::<u64>();
                Ok(())
            }
            Err(LakeError::Cancelled) => {
                // The centre stops: it goes on from here after the next start.
                self.save()?;
                Err(Stopped::Asked)
            }
            Err(error) => Err(Stopped::Failed(error.to_string())),
        }
    }

    fn save_if_due(&mut self, events: u64) -> Result<(), Stopped> {
        self.unsaved += events;
        let now = self.ground.clock.now();
        let waited = now.duration_since(self.saved_at).abs();
        if waited < SAVE_EVERY && self.unsaved < SAVE_EVENTS {
            return Ok(());
        }
        self.save()
    }

    /// Records where it stands with what it found, unless somebody has stopped it.
    fn save(&mut self) -> Result<(), Stopped> {
        let finds = std::mem::take(&mut self.finds);
        let (kept, notes) = (self.state.kept, self.state.notes);
        self.absorb(&finds);
        let runtime = self.ground.runtime;
        let state = runtime.block_on(self.record(&finds, kept, notes))?;
        self.finds = Finds::after(&self.state);
        (self.saved_at, self.unsaved) = (self.ground.clock.now(), 0);
        self.ground.figures.hunted(0, finds.found);
        if state == Some(JobState::Running) { Ok(()) } else { Err(Stopped::Asked) }
    }

    fn absorb(&mut self, finds: &Finds) {
        self.state.hits += finds.found;
        self.state.kept += finds.hits.len() as u64;
        self.state.notes += finds.notes.len() as u64;
        self.state.lost += finds.lost;
        self.state.unread += finds.unread;
    }

    fn done(&self) -> i64 {
        let done = self.state.base + self.state.within;
        i64::try_from(done.min(self.total)).unwrap_or(i64::MAX)
    }

    async fn record(
        &self,
        finds: &Finds,
        kept: u64,
        notes: u64,
    ) -> Result<Option<JobState>, StoreError> {
        let checkpoint = serde_json::to_string(&self.state).unwrap_or_default();
        let total = i64::try_from(self.total).unwrap_or(i64::MAX);
        let mut tx = self.ground.store.begin().await?;
        let state = tx.progress_job(self.job.id, self.done(), total, Some(&checkpoint)).await?;
        if matches!(state, Some(JobState::Running | JobState::Paused)) {
            let rows =
                [(JobRowKind::Result, kept, &finds.hits), (JobRowKind::Note, notes, &finds.notes)];
            for (kind, before, rows) in rows {
                let first = i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1);
                tx.add_job_rows(self.job.id, kind, first, rows).await?;
            }
            tx.commit().await?;
        }
        Ok(state)
    }

    /// Runs the correlations over what was noted. It is done in one piece: what a pause or a restart
    /// interrupts begins anew.
    fn correlate(mut self, mut correlating: Correlating<'_>) -> Result<(), Stopped> {
        let (store, runtime) = (self.ground.store, self.ground.runtime);
        let mut page = PageRequest::first();
        loop {
            let list = store.list_job_rows(self.job.id, JobRowKind::Note, &page);
            let found = runtime.block_on(list)?;
            found.items.iter().for_each(|row| correlating.feed(&row.payload, &mut self.finds));
            let Some(next) = found.next else { break };
            page.after = Some(next);
            if self.ground.cancel.is_cancelled() {
                return Err(Stopped::Asked);
            }
            let state = runtime.block_on(store.find_job(&self.job.asked.agencies, self.job.id))?;
            if state.is_none_or(|job| job.state != JobState::Running) {
                return Err(Stopped::Asked);
            }
        }
        self.state.lost += correlating.finish(&mut self.finds);
        let hits = std::mem::take(&mut self.finds.hits);
        self.end(hits)
    }

    /// Records the end, with the hits that came last.
    fn end(mut self, hits: Vec<String>) -> Result<(), Stopped> {
        let (id, kept) = (self.job.id, self.state.kept);
        self.finds.hits = hits;
        let finds = std::mem::take(&mut self.finds);
        self.absorb(&finds);
        (self.state.base, self.state.within) = (self.total, 0);
        let (store, now) = (self.ground.store, self.ground.clock.now());
        let result = format!("{} hits in {} events", self.state.hits, self.state.events);
        let ending = async {
            let checkpoint = serde_json::to_string(&self.state).unwrap_or_default();
            let total = i64::try_from(self.total).unwrap_or(i64::MAX);
            let mut tx = store.begin().await?;
            tx.progress_job(id, total, total, Some(&checkpoint)).await?;
            if !tx.end_job(id, Ok(&result), now).await? {
                return Ok(false);
            }
            let first = i64::try_from(kept).unwrap_or(i64::MAX).saturating_add(1);
            tx.add_job_rows(id, JobRowKind::Result, first, &finds.hits).await?;
            tx.remove_job_notes(id).await?;
            tx.add_audit(&[entry(self.job, now, Outcome::Done, &result)]).await?;
            tx.commit().await?;
            Ok::<bool, StoreError>(true)
        };
        self.ground.figures.hunted(0, finds.found);
        if self.ground.runtime.block_on(ending)? { Ok(()) } else { Err(Stopped::Asked) }
    }
}

/// What the audit log says of the end of a hunt.
pub(super) fn entry(
    job: &Job,
    at: Timestamp,
    outcome: Outcome,
    detail: &str,
) -> khien_domain::audit::NewEntry {
    let agency = crate::use_case::hunts::agency_of(&job.asked.agencies);
    let deed = Deed::new("hunt.end", format!("hunt {}", job.id), agency).with(detail);
    let caller = Caller::program();
    khien_domain::audit::NewEntry {
        at,
        who: caller.actor.identity.to_string(),
        action: deed.action.to_owned(),
        target: deed.target,
        agency: deed.agency,
        origin: caller.origin,
        outcome,
        detail: deed.detail,
    }
}
