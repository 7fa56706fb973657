//! `/findings`: what scans and tests have found, one with its history, and importing more.

pub(super) mod detail;
pub(super) mod import;
pub(super) mod list;

use khien_domain::finding::{Finding, FindingState};
use khien_domain::ids::FindingId;

use super::error::PageError;
use super::frame::Frame;

impl Frame {
    /// How a finding stands, as a class of texts.
    pub(super) fn finding_class(&self, finding: &Finding) -> &'static str {
        match finding.state {
            FindingState::Open if finding.is_overdue(self.today()) => "bad-word",
            FindingState::Open | FindingState::Accepted(_) => "mid-word",
            FindingState::Fixed(_) => "good",
        }
    }
}

/// The number in an address.
fn id(text: &str) -> Result<FindingId, PageError> {
    text.parse().map(FindingId).map_err(|_| PageError::not_found())
}
