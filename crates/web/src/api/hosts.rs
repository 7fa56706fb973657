//! `/api/v1/systems/{code}/hosts`

pub(super) mod add;
pub(super) mod list;
pub(super) mod remove;

use jiff::Timestamp;
use khien_domain::host::Host;
use serde::Serialize;

/// A host of a system, registered, seen or both.
#[derive(Serialize)]
pub(super) struct HostJson {
    name: String,
    registered_at: Option<String>,
    first_seen_at: Option<String>,
    last_seen_at: Option<String>,
    last_source: Option<i64>,
}

impl From<Host> for HostJson {
    fn from(host: Host) -> Self {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        Self {
            name: host.name.as_str().to_owned(),
            registered_at: text(host.registered_at),
            first_seen_at: text(host.first_seen_at),
            last_seen_at: text(host.last_seen_at),
            last_source: host.last_source.map(|source| source.0),
        }
    }
}
