//! `/api/v1/systems`

pub(super) mod add;
pub(super) mod list;

use khien_domain::system::System;
use serde::Serialize;

/// An information system.
#[derive(Serialize)]
pub(super) struct SystemJson {
    code: String,
    agency: String,
    name: String,
    level: u8,
    stage: &'static str,
    created_at: String,
}

impl From<System> for SystemJson {
    fn from(system: System) -> Self {
        Self {
            code: system.code.to_string(),
            agency: system.agency.to_string(),
            name: system.name,
            level: system.level.number(),
            stage: system.stage.name(),
            created_at: system.created_at.to_string(),
        }
    }
}
