//! `/api/v1/controls` and the controls of a system.

pub(super) mod catalogues;
pub(super) mod checklist;
pub(super) mod oscal;
pub(super) mod state;

use khien_domain::control::CatalogueKey;

use super::error::ApiError;

/// A catalogue by name and version.
fn key(text: &str) -> Result<CatalogueKey, ApiError> {
    let wrong = || ApiError::invalid("catalogue is a name and version such as mh-levels@2026.1");
    CatalogueKey::parse(text).ok_or_else(wrong)
}
