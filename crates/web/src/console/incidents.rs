//! `/incidents`: plain records of incidents.

pub(super) mod change;
pub(super) mod detail;
pub(super) mod export;
pub(super) mod list;
pub(super) mod losses;
pub(super) mod open;

use khien_app::use_case::incidents::IncidentFilter;
use khien_domain::alert::Severity;
use khien_domain::code::AgencyCode;
use khien_domain::ids::IncidentId;

use super::error::PageError;
use super::posted::Fields;
use super::visit::Visiting;

/// What the list shows, as the address says it.
fn filter(visiting: &Visiting, asked: &Fields) -> IncidentFilter {
    let (not_closed, state) = match asked.text("state") {
        "all" => (false, None),
        state @ ("open" | "contained" | "closed") => (false, Some(state.to_owned())),
        _ => (true, None),
    };
    let mine = asked.text("mine") == "1";
    IncidentFilter {
        state,
        not_closed,
        severity: Severity::parse(asked.text("severity")),
        agency: AgencyCode::new(asked.text("agency")).ok(),
        lead: mine.then(|| visiting.visit.person.about.name.to_string()),
        text: asked.some("text").map(ToOwned::to_owned),
        ..IncidentFilter::default()
    }
}

/// The incident of an address: `SC-0001`.
fn number(text: &str) -> Result<IncidentId, PageError> {
    IncidentId::parse(text).ok_or_else(PageError::not_found)
}
