//! `/api/v1/dossiers`

pub(super) mod get;
pub(super) mod list;

use khien_domain::dossier::{Dossier, DossierStep, Duty};
use serde::Serialize;

/// A dossier.
#[derive(Serialize)]
pub(super) struct DossierJson {
    id: i64,
    agency: String,
    system: String,
    kind: &'static str,
    state: &'static str,
    /// The proposed level.
    level: u8,
    number: Option<String>,
    approved: Option<String>,
    created_at: String,
    updated_at: String,
}

/// A dossier with what it says and its history.
#[derive(Serialize)]
pub(super) struct DossierSheetJson {
    dossier: DossierJson,
    pack: String,
    scope: String,
    reasons: std::collections::BTreeMap<String, String>,
    answers: Vec<AnswerJson>,
    documents: Vec<DocumentJson>,
    steps: Vec<StepJson>,
}

#[derive(Serialize)]
struct AnswerJson {
    item: String,
    answer: &'static str,
    note: String,
}

#[derive(Serialize)]
struct DocumentJson {
    title: String,
    number: String,
    day: String,
    sha256: Option<String>,
}

#[derive(Serialize)]
struct StepJson {
    at: String,
    who: String,
    act: &'static str,
    /// Which part whoever did it has in the dossier; nothing for a comment.
    duty: Option<&'static str>,
    detail: String,
}

impl From<&Dossier> for DossierJson {
    fn from(dossier: &Dossier) -> Self {
        Self {
            id: dossier.id.0,
            agency: dossier.agency.to_string(),
            system: dossier.system.to_string(),
            kind: dossier.kind.name(),
            state: dossier.state.name(),
            level: dossier.about.level.number(),
            number: dossier.number.clone(),
            approved: dossier.approved.map(|day| day.to_string()),
            created_at: dossier.created_at.to_string(),
            updated_at: dossier.updated_at.to_string(),
        }
    }
}

impl DossierSheetJson {
    /// A dossier with its history.
    fn of(dossier: Dossier, steps: Vec<DossierStep>) -> Self {
        let json = DossierJson::from(&dossier);
        let about = dossier.about;
        let answers = about.answers.into_iter().map(|(item, given)| AnswerJson {
            item,
            answer: given.answer.name(),
            note: given.note,
        });
        let documents = about.documents.into_iter().map(|document| DocumentJson {
            title: document.title,
            number: document.number,
            day: document.day.to_string(),
            sha256: document.sha256,
        });
        let steps = steps.into_iter().map(|step| StepJson {
            at: step.at.to_string(),
            who: step.who,
            act: step.act.name(),
            duty: step.duty.map(Duty::name),
            detail: step.detail,
        });
        Self {
            dossier: json,
            pack: about.pack,
            scope: about.scope,
            reasons: about.reasons,
            answers: answers.collect(),
            documents: documents.collect(),
            steps: steps.collect(),
        }
    }
}
