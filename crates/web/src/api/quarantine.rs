//! `/api/v1/quarantine`: records that could not be read.

pub(super) mod again;
pub(super) mod get;
pub(super) mod list;

use khien_app::use_case::quarantine::Unread;
use serde::Serialize;

use super::input::event_text;

/// A record that could not be read.
#[derive(Serialize)]
pub(super) struct UnreadJson {
    id: String,
    received_at: String,
    agency: String,
    system: String,
    source: Option<i64>,
    format: Option<String>,
    origin: String,
    /// Where it began in what was sent, in bytes.
    position: u64,
    problem: String,
}

impl From<Unread> for UnreadJson {
    fn from(record: Unread) -> Self {
        Self {
            id: event_text(record.id),
            received_at: record.received_at.to_string(),
            agency: record.agency,
            system: record.system,
            source: record.source.map(|source| source.0),
            format: record.format,
            origin: record.origin,
            position: record.position,
            problem: record.problem,
        }
    }
}
