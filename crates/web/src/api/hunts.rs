//! `/api/v1/hunts`

pub(super) mod add;
pub(super) mod change;
pub(super) mod get;
pub(super) mod hits;
pub(super) mod list;

use khien_app::use_case::hunts::{Hunt, Told};
use khien_domain::job::JobState;
use khien_domain::permission::AgencyScope;
use serde::Serialize;

/// A hunt, as the API and the command line tell it.
#[derive(Serialize)]
pub struct HuntJson {
    id: i64,
    state: &'static str,
    /// `rules` or `indicators`.
    what: String,
    name: String,
    /// How many rules or indicators.
    count: u64,
    from: Option<String>,
    to: Option<String>,
    /// Whose events are looked at; nothing for all.
    agencies: Option<Vec<String>>,
    created_by: String,
    created_at: String,
    started_at: Option<String>,
    ended_at: Option<String>,
    /// How much is done, from 0 to 1.
    share: f64,
    /// Events looked at.
    events: u64,
    hits: u64,
    /// Hits that are kept; further ones are only counted.
    kept: u64,
    /// Matches that correlations could not count.
    lost: u64,
    /// Events whose record could not be read again.
    unread: u64,
    /// Files of events that could not be read, and their events.
    damaged_files: u64,
    damaged_events: u64,
    /// What could not be used, at most a hundred, and how many.
    refused: Vec<ToldJson>,
    refused_count: u64,
    /// Why it failed.
    error: Option<String>,
}

/// Something that could not be used.
#[derive(Serialize)]
struct ToldJson {
    at: String,
    reason: String,
}

impl From<Told> for ToldJson {
    fn from(told: Told) -> Self {
        Self { at: told.at, reason: told.reason }
    }
}

impl From<Hunt> for HuntJson {
    fn from(hunt: Hunt) -> Self {
        let share = hunt.share();
        let Hunt { job, asked, found } = hunt;
        let agencies = match &job.asked.agencies {
            AgencyScope::All => None,
            AgencyScope::Only(some) => Some(some.iter().map(ToString::to_string).collect()),
        };
        Self {
            id: job.id.0,
            state: job.state.name(),
            what: asked.what,
            name: asked.name,
            count: asked.count,
            from: asked.from.map(|at| at.to_string()),
            to: asked.to.map(|at| at.to_string()),
            agencies,
            created_by: job.asked.created_by,
            created_at: job.asked.created_at.to_string(),
            started_at: job.started_at.map(|at| at.to_string()),
            ended_at: job.ended_at.map(|at| at.to_string()),
            share,
            events: found.events,
            hits: found.hits,
            kept: found.kept,
            lost: found.lost,
            unread: found.unread,
            damaged_files: found.damaged_files,
            damaged_events: found.damaged_events,
            refused: asked.refused.into_iter().map(ToldJson::from).collect(),
            refused_count: asked.refused_count,
            error: job.result.filter(|_| job.state == JobState::Failed),
        }
    }
}
