//! `GET /api/v1/systems/{code}/controls`: every control that is due, and how it stands.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use khien_app::use_case::controls::{self, SystemControls};
use khien_domain::control::Status;
use khien_domain::evidence::content::moment;
use serde::{Deserialize, Serialize};

use super::key;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Asked, Part, system};

/// What may be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Parameters {
    catalogue: Option<String>,
}

/// A checklist.
#[derive(Serialize)]
pub(in crate::api) struct ChecklistJson {
    system: String,
    level: u8,
    catalogue: String,
    current: bool,
    done: usize,
    due: usize,
    controls: Vec<DueJson>,
}

/// A control that is due.
#[derive(Serialize)]
struct DueJson {
    control: String,
    family: String,
    vi: String,
    en: String,
    status: &'static str,
    /// Whether a record speaks against it.
    against: bool,
    evidence: Vec<u64>,
    csf: Vec<String>,
    stated: Option<StatedJson>,
}

/// What somebody stated last.
#[derive(Serialize)]
struct StatedJson {
    state: &'static str,
    note: String,
    by: String,
    at: String,
}

impl ChecklistJson {
    /// The checklist of a system.
    pub(super) fn of(of: &SystemControls) -> Self {
        let checklist = of.checklist();
        let counts = checklist.counts();
        let controls = checklist.due.iter().map(|due| DueJson {
            control: due.control.id.clone(),
            family: due.control.family.clone(),
            vi: due.control.vi.clone(),
            en: due.control.en.clone(),
            status: Status::name(due.status),
            against: due.is_against,
            evidence: due.evidence.clone(),
            csf: due.control.csf.clone(),
            stated: due.stated.as_ref().map(|stated| StatedJson {
                state: stated.state.name(),
                note: stated.note.clone(),
                by: stated.by.clone(),
                at: moment(stated.at),
            }),
        });
        Self {
            system: of.system.code.to_string(),
            level: of.system.level.number(),
            catalogue: of.catalogue.key.to_string(),
            current: of.is_current,
            done: counts.done(),
            due: counts.all(),
            controls: controls.collect(),
        }
    }
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    Part(code): Part<String>,
    Asked(asked): Asked<Parameters>,
) -> Result<Json<ChecklistJson>, ApiError> {
    let (code, key) = (system(&code)?, asked.catalogue.as_deref().map(key).transpose()?);
    let of = controls::of_system(&api.app, &caller, &code, key.as_ref()).await?;
    Ok(Json(ChecklistJson::of(&of)))
}
