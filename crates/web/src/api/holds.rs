//! `/api/v1/holds`

pub(super) mod add;
pub(super) mod lift;
pub(super) mod list;

use jiff::Timestamp;
use khien_domain::hold::{Held, Hold};
use serde::Serialize;

/// A hold.
#[derive(Serialize)]
pub(super) struct HoldJson {
    id: i64,
    agency: Option<String>,
    from: Option<String>,
    to: Option<String>,
    owner: String,
    reason: String,
    placed_at: String,
    expires_at: Option<String>,
    lifted_at: Option<String>,
}

impl From<Hold> for HoldJson {
    fn from(hold: Hold) -> Self {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let Held { agency, from, to } = hold.asked.held;
        Self {
            id: hold.id.0,
            agency: agency.map(|agency| agency.to_string()),
            from: text(from),
            to: text(to),
            owner: hold.asked.owner,
            reason: hold.asked.reason,
            placed_at: hold.asked.placed_at.to_string(),
            expires_at: text(hold.asked.expires_at),
            lifted_at: text(hold.lifted_at),
        }
    }
}
