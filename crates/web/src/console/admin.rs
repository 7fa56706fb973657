//! The centre itself: how it is doing, people, tokens, what is kept.

pub(super) mod keeping;
pub(super) mod people;
pub(super) mod status;
pub(super) mod tokens;

use std::collections::BTreeSet;

use khien_domain::code::AgencyCode;
use khien_domain::permission::AgencyScope;

use super::posted::Fields;

/// The agencies that a form chose: all, or those of its list.
fn agencies(fields: &Fields) -> AgencyScope {
    if fields.text("scope") == "all" {
        return AgencyScope::All;
    }
    let chosen = fields.all("agency").filter_map(|text| AgencyCode::new(text).ok());
    AgencyScope::Only(chosen.collect::<BTreeSet<_>>())
}

/// A scope in a list of words; nothing for all.
fn codes(scope: &AgencyScope) -> Option<String> {
    let AgencyScope::Only(agencies) = scope else { return None };
    Some(agencies.iter().map(AgencyCode::as_str).collect::<Vec<_>>().join(", "))
}
