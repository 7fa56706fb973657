//! `/findings`: what scans and tests have found, one with its history, importing more, and
//! recording one.

pub(super) mod detail;
pub(super) mod import;
pub(super) mod list;
pub(super) mod new;

use khien_app::use_case::assessments;
use khien_app::use_case::findings::OWN_TOOL;
use khien_domain::assessment::OwnCheck;
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

    /// What was found, in words: what the centre itself finds in the language of whoever reads.
    pub(super) fn finding(&self, finding: &Finding) -> String {
        let check = OwnCheck::parse(&finding.about.rule).filter(|_| finding.tool == OWN_TOOL);
        let (Some(check), Ok(pack)) = (check, assessments::pack()) else {
            return finding.about.title.clone();
        };
        let own = pack.own(check);
        let title = if self.is_english() { &own.en } else { &own.vi };
        match check {
            _ if finding.about.place.is_empty() => title.clone(),
            OwnCheck::Restore
            | OwnCheck::Untried
            | OwnCheck::Continuity
            | OwnCheck::TestExposed
            | OwnCheck::ZoneLink
            | OwnCheck::SlowerNeed => format!("{title}: {}", finding.about.place),
            OwnCheck::Layer => {
                format!("{title}: {}", self.word("controls-layer", &finding.about.place))
            }
        }
    }
}

/// The number in an address.
fn id(text: &str) -> Result<FindingId, PageError> {
    text.parse().map(FindingId).map_err(|_| PageError::not_found())
}
