//! The running centre itself: its rules, what was refused, how it is doing.

use std::sync::Arc;

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::source::{Source, SourceStatus};
use khien_lake::Stats;
pub use khien_store::{Refused, RefusedCursor};

use super::UseError;
use crate::access::{Caller, Deed};
use crate::app::App;
use crate::figures::Counted;
use crate::journal::Level;
use crate::records::Records;
use crate::registry::Registered;

/// Loads the rules anew. Answers how many are in force.
pub async fn reload_rules(app: &Arc<App>, caller: &Caller) -> Result<usize, UseError> {
    let deed = Deed::new("rules.reload", "", None);
    app.require(caller, Permission::Operate, &deed).await?;
    let loaded = app.reload_rules().await;
    let (deed, outcome) = match &loaded {
        Ok(count) => (deed.with(format!("{count} rules")), Outcome::Done),
        Err(reason) => (deed.with(reason), Outcome::Failed),
    };
    app.audit(&app.entry(caller, &deed, outcome)).await?;
    loaded.map_err(UseError::Invalid)
}

/// Senders that were refused, by address.
pub async fn list_refused(
    app: &App,
    caller: &Caller,
    page: &PageRequest<RefusedCursor>,
) -> Result<Page<Refused, RefusedCursor>, UseError> {
    let deed = Deed::new("refused.list", "", None);
    app.require(caller, Permission::Operate, &deed).await?;
    Ok(app.store.list_refused(page).await?)
}

/// How the centre is doing.
#[derive(Clone, Debug)]
pub struct Status {
    /// What is counted since the start.
    pub counted: Counted,
    /// How full the journal is.
    pub journal: Level,
    /// What the lake holds.
    pub lake: Stats,
    /// Files of the lake that were found damaged at the start.
    pub damaged_files: usize,
    /// Rules in force.
    pub rules: usize,
    /// Which set of rules since the start, from 0.
    pub rules_generation: u64,
    /// Registered sources.
    pub sources: usize,
    /// Those that are listened to.
    pub active_sources: usize,
    /// Sources that are silent beyond their heartbeat.
    pub silent: Vec<Silent>,
    /// Hunts that wait or run.
    pub open_hunts: u64,
    /// Free bytes of the disk, as far as the system tells.
    pub free_bytes: Option<u64>,
    /// Whether so little is free that nothing more is taken in.
    pub is_disk_short: bool,
}

/// A source that is silent beyond its heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silent {
    /// The source.
    pub source: Source,
    /// Since when.
    pub since: Timestamp,
}

/// How the centre is doing, for whoever may read its figures.
pub async fn status(app: &App, caller: &Caller) -> Result<Status, UseError> {
    let deed = Deed::new("status.get", "", None);
    app.require(caller, Permission::Metrics, &deed).await?;
    let sources = app.registry().all();
    let is_active = |found: &&Arc<Registered>| found.source.status == SourceStatus::Active;
    let rules = app.rules().current();
    Ok(Status {
        counted: app.figures().counted(),
        journal: app.journal_level(),
        lake: app.lake().stats(),
        damaged_files: app.lake().damage().len(),
        rules: rules.set.rules().len(),
        rules_generation: rules.generation,
        sources: sources.len(),
        active_sources: sources.iter().filter(is_active).count(),
        silent: silent(app).await?,
        open_hunts: app.store.count_open_jobs().await?,
        free_bytes: app.folder.free_bytes(),
        is_disk_short: app.is_disk_short(),
    })
}

/// The sources that are silent beyond their heartbeat.
pub(super) async fn silent(records: &Records) -> Result<Vec<Silent>, UseError> {
    let mut silent = Vec::new();
    let mut page = PageRequest::first();
    loop {
        let found = records.store.list_activity(&AgencyScope::All, &page).await?;
        silent.extend(found.items.iter().filter_map(|heard| {
            let source = records.registry().active(heard.source)?.source.clone();
            Some(Silent { source, since: heard.silent_since? })
        }));
        let Some(next) = found.next else { return Ok(silent) };
        page.after = Some(next);
    }
}

/// Whether the centre takes events in; the error says why not. Anybody may ask.
pub async fn readiness(app: &App) -> Result<(), &'static str> {
    if app.is_disk_short() {
        return Err("the disk is nearly full");
    }
    if app.is_in_trouble() {
        return Err("the disk does not take what is sent");
    }
    match app.store.answers().await {
        Ok(()) => Ok(()),
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            Err("the store does not answer")
        }
    }
}
