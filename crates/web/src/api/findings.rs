//! `/api/v1/findings` and `/api/v1/systems/{code}/findings`

pub(super) mod add;
pub(super) mod import;
pub(super) mod list;

use khien_domain::finding::{Finding, FindingState};
use serde::Serialize;

/// A finding about a system.
#[derive(Serialize)]
pub(super) struct FindingJson {
    id: i64,
    agency: String,
    system: String,
    /// By which name the ledger knows it.
    subject: String,
    tool: String,
    rule: String,
    place: String,
    title: String,
    severity: &'static str,
    cves: Vec<String>,
    kev: bool,
    internet: bool,
    state: &'static str,
    found: String,
    due: String,
    fixed: Option<String>,
    /// Until when it is accepted.
    until: Option<String>,
    seen_at: String,
}

impl From<Finding> for FindingJson {
    fn from(finding: Finding) -> Self {
        let (fixed, until) = match &finding.state {
            FindingState::Open => (None, None),
            FindingState::Fixed(day) => (Some(day.to_string()), None),
            FindingState::Accepted(accepted) => (None, Some(accepted.until.to_string())),
        };
        Self {
            id: finding.id.0,
            agency: finding.agency.to_string(),
            system: finding.system.to_string(),
            subject: finding.subject,
            tool: finding.tool,
            rule: finding.about.rule,
            place: finding.about.place,
            title: finding.about.title,
            severity: finding.about.severity.name(),
            cves: finding.about.cves.into_iter().collect(),
            kev: finding.is_exploited,
            internet: finding.is_exposed,
            state: finding.state.name(),
            found: finding.found.to_string(),
            due: finding.due.to_string(),
            fixed,
            until,
            seen_at: finding.seen_at.to_string(),
        }
    }
}
