//! `/api/v1/agencies`

pub(super) mod add;
pub(super) mod assign;
pub(super) mod change;
pub(super) mod confirm;
pub(super) mod get;
pub(super) mod list;

use khien_app::use_case::register::AgencySheet;
use khien_domain::agency::{Agency, Appointment, Contact};
use khien_domain::register_pack::RegisterPack;
use serde::Serialize;

/// An agency.
#[derive(Serialize)]
pub(super) struct AgencyJson {
    code: String,
    name: String,
    name_en: Option<String>,
    parent: Option<String>,
    kind: &'static str,
    /// The agencies with which it is compared.
    cohort: Option<String>,
    in_scope: bool,
    centre: bool,
    confirmed_at: Option<String>,
    created_at: String,
}

/// An agency with who answers for it and whom to reach.
#[derive(Serialize)]
pub(super) struct AgencySheetJson {
    agency: AgencyJson,
    appointments: Vec<AppointmentJson>,
    contacts: Vec<ContactJson>,
}

#[derive(Serialize)]
struct AppointmentJson {
    duty: &'static str,
    holder: String,
    post: String,
    document: String,
    signed: String,
    until: String,
    account: Option<String>,
}

#[derive(Serialize)]
struct ContactJson {
    role: String,
    post: String,
    mail: String,
    line: Option<String>,
}

impl From<Agency> for AgencyJson {
    fn from(agency: Agency) -> Self {
        let pack = RegisterPack::built_in().ok();
        let cohort = pack.and_then(|pack| pack.cohort(agency.kind));
        Self {
            code: agency.code.to_string(),
            name: agency.name_vi,
            name_en: agency.name_en,
            parent: agency.parent.map(|parent| parent.to_string()),
            kind: agency.kind.name(),
            cohort: cohort.map(|cohort| cohort.named.name.clone()),
            in_scope: agency.in_scope,
            centre: agency.is_centre,
            confirmed_at: agency.confirmed_at.map(|at| at.to_string()),
            created_at: agency.created_at.to_string(),
        }
    }
}

impl From<AgencySheet> for AgencySheetJson {
    fn from(sheet: AgencySheet) -> Self {
        let appointment = |one: Appointment| AppointmentJson {
            duty: one.duty.name(),
            holder: one.holder,
            post: one.post,
            document: one.document,
            signed: one.signed.to_string(),
            until: one.until.to_string(),
            account: one.account.map(|name| name.to_string()),
        };
        let contact = |one: Contact| ContactJson {
            role: one.role,
            post: one.post,
            mail: one.mail,
            line: one.line,
        };
        Self {
            agency: sheet.agency.into(),
            appointments: sheet.appointments.into_iter().map(appointment).collect(),
            contacts: sheet.contacts.into_iter().map(contact).collect(),
        }
    }
}
