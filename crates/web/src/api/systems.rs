//! `/api/v1/systems`

pub(super) mod add;
pub(super) mod change;
pub(super) mod confirm;
pub(super) mod get;
pub(super) mod list;
pub(super) mod needs;

use jiff::Timestamp;
use khien_app::use_case::register::{Linked, Links};
use khien_domain::system::{DataCategory, Operator, System};
use serde::Serialize;

/// An information system.
#[derive(Serialize)]
pub(super) struct SystemJson {
    code: String,
    agency: String,
    name: String,
    kind: &'static str,
    /// The agency that runs it, if another than its owner.
    operator_agency: Option<String>,
    /// Who is paid for running it.
    operator_name: Option<String>,
    level: u8,
    stage: &'static str,
    data: Vec<&'static str>,
    zone: &'static str,
    exposed: bool,
    site: Option<String>,
    rto_minutes: Option<u32>,
    rpo_minutes: Option<u32>,
    critical: bool,
    owner: Option<String>,
    head: Option<String>,
    confirmed_at: Option<String>,
    created_at: String,
}

/// A system with what it needs and what needs it.
#[derive(Serialize)]
pub(super) struct SystemSheetJson {
    system: SystemJson,
    needs: Vec<LinkedJson>,
    dependents: Vec<LinkedJson>,
}

#[derive(Serialize)]
struct LinkedJson {
    code: String,
    /// Nothing if the system belongs to an agency that the caller may not see.
    name: Option<String>,
    /// By how many steps.
    far: usize,
}

/// That something was confirmed.
#[derive(Serialize)]
pub(super) struct ConfirmedJson {
    confirmed_at: String,
}

impl ConfirmedJson {
    /// At a moment.
    pub(super) fn at(at: Timestamp) -> Self {
        Self { confirmed_at: at.to_string() }
    }
}

impl From<System> for SystemJson {
    fn from(system: System) -> Self {
        let (operator_agency, operator_name) = match system.operator {
            Operator::Owner => (None, None),
            Operator::Agency(agency) => (Some(agency.to_string()), None),
            Operator::Provider(name) => (None, Some(name)),
        };
        Self {
            code: system.code.to_string(),
            agency: system.agency.to_string(),
            name: system.name,
            kind: system.kind.name(),
            operator_agency,
            operator_name,
            level: system.level.number(),
            stage: system.stage.name(),
            data: system.data.into_iter().map(DataCategory::name).collect(),
            zone: system.zone.name(),
            exposed: system.is_exposed,
            site: system.site.map(|site| site.to_string()),
            rto_minutes: system.rto_minutes,
            rpo_minutes: system.rpo_minutes,
            critical: system.is_critical,
            owner: system.owner,
            head: system.head,
            confirmed_at: system.confirmed_at.map(|at| at.to_string()),
            created_at: system.created_at.to_string(),
        }
    }
}

impl SystemSheetJson {
    /// A system with its links.
    fn of(system: System, links: Links) -> Self {
        let linked = |one: Linked| LinkedJson {
            code: one.code.to_string(),
            name: one.system.map(|system| system.name),
            far: one.far,
        };
        Self {
            system: system.into(),
            needs: links.needs.into_iter().map(linked).collect(),
            dependents: links.dependents.into_iter().map(linked).collect(),
        }
    }
}
