//! `GET /api/v1/status`: how the centre is doing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::operate::{self, Silent, Status};
use serde::Serialize;

use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;

/// How the centre is doing.
#[derive(Serialize)]
pub(in crate::api) struct StatusJson {
    version: &'static str,
    now: String,
    /// Counted since the start.
    received: Received,
    journal: Journal,
    lake: Lake,
    rules: Rules,
    sources: Sources,
    disk: Disk,
}

#[derive(Serialize)]
struct Received {
    batches: u64,
    bytes: u64,
    events: u64,
    unreadable: u64,
    matches: u64,
    alerts: u64,
    busy: u64,
    repeated: u64,
}

#[derive(Serialize)]
struct Journal {
    waiting_bytes: u64,
    taken_batches: usize,
    segments: usize,
}

#[derive(Serialize)]
struct Lake {
    events: u64,
    bytes: u64,
    files: usize,
    recent_events: usize,
    recent_bytes: usize,
    damaged_files: usize,
}

#[derive(Serialize)]
struct Rules {
    count: usize,
    generation: u64,
}

#[derive(Serialize)]
struct Sources {
    count: usize,
    active: usize,
    silent: Vec<SilentJson>,
}

#[derive(Serialize)]
struct SilentJson {
    id: i64,
    agency: String,
    system: String,
    name: String,
    since: String,
}

#[derive(Serialize)]
struct Disk {
    free_bytes: Option<u64>,
    /// Whether so little is free that nothing more is taken in.
    short: bool,
}

impl From<Silent> for SilentJson {
    fn from(silent: Silent) -> Self {
        Self {
            id: silent.source.id.0,
            agency: silent.source.agency.to_string(),
            system: silent.source.system.to_string(),
            name: silent.source.settings.name,
            since: silent.since.to_string(),
        }
    }
}

impl StatusJson {
    fn new(status: Status, now: String) -> Self {
        let (counted, journal, lake) = (status.counted, status.journal, status.lake);
        Self {
            version: env!("CARGO_PKG_VERSION"),
            now,
            received: Received {
                batches: counted.batches,
                bytes: counted.bytes,
                events: counted.events,
                unreadable: counted.unreadable,
                matches: counted.matches,
                alerts: counted.alerts,
                busy: counted.busy,
                repeated: counted.repeated,
            },
            journal: Journal {
                waiting_bytes: journal.waiting_bytes,
                taken_batches: journal.taken,
                segments: journal.segments,
            },
            lake: Lake {
                events: lake.rows,
                bytes: lake.bytes,
                files: lake.files,
                recent_events: lake.recent_rows,
                recent_bytes: lake.recent_bytes,
                damaged_files: status.damaged_files,
            },
            rules: Rules { count: status.rules, generation: status.rules_generation },
            sources: Sources {
                count: status.sources,
                active: status.active_sources,
                silent: status.silent.into_iter().map(SilentJson::from).collect(),
            },
            disk: Disk { free_bytes: status.free_bytes, short: status.is_disk_short },
        }
    }
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
) -> Result<Json<StatusJson>, ApiError> {
    let status = operate::status(&api.app, &caller).await?;
    Ok(Json(StatusJson::new(status, api.app.now().to_string())))
}
