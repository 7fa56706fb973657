//! `/api/v1/agencies`

pub(super) mod add;
pub(super) mod list;

use khien_domain::agency::Agency;
use serde::Serialize;

/// An agency.
#[derive(Serialize)]
pub(super) struct AgencyJson {
    code: String,
    name: String,
    name_en: Option<String>,
    parent: Option<String>,
    kind: &'static str,
    created_at: String,
}

impl From<Agency> for AgencyJson {
    fn from(agency: Agency) -> Self {
        Self {
            code: agency.code.to_string(),
            name: agency.name_vi,
            name_en: agency.name_en,
            parent: agency.parent.map(|parent| parent.to_string()),
            kind: agency.kind.name(),
            created_at: agency.created_at.to_string(),
        }
    }
}
