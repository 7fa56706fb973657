//! `/dossiers`: level dossiers and appraisals of security designs, one with its answers and its history.

pub(super) mod change;
pub(super) mod detail;
pub(super) mod list;

use khien_domain::dossier::{
    Answer, Answered, Document, DossierAbout, DossierKind, DossierPack, DossierState,
};
use khien_domain::ids::DossierId;
use khien_domain::system::Level;

use super::error::PageError;
use super::frame::Frame;
use super::posted::Fields;
use super::register::typed_day;

impl Frame {
    /// How a state of a dossier is shown, as a class of texts.
    pub(super) fn dossier_class(&self, state: &DossierState) -> &'static str {
        match state {
            DossierState::Approved => "good",
            DossierState::Returned => "bad-word",
            DossierState::Submitted | DossierState::Appraised => "mid-word",
            DossierState::Draft => "dim",
        }
    }
}

/// The number in an address.
fn id(text: &str) -> Result<DossierId, PageError> {
    text.parse().map(DossierId).map_err(|_| PageError::not_found())
}

/// What a form says of a dossier.
fn typed_about(
    pack: &DossierPack,
    kind: DossierKind,
    fields: &Fields,
) -> Result<DossierAbout, String> {
    let level = fields.text("level").parse().ok().and_then(Level::new);
    let level = level.ok_or("level: a number from 1 to 5 is needed")?;
    let mut about = DossierAbout::new(level, pack);
    fields.text("scope").clone_into(&mut about.scope);
    for criterion in &pack.criteria {
        if let Some(reason) = fields.some(&format!("reason-{}", criterion.id)) {
            about.reasons.insert(criterion.id.clone(), reason.to_owned());
        }
    }
    // Of every level: an answer is not lost when the level is changed for a moment.
    for item in Level::ALL.iter().flat_map(|level| pack.items(kind, *level)) {
        let Some(answer) = Answer::parse(fields.text(&format!("answer-{}", item.id))) else {
            continue;
        };
        let note = fields.text(&format!("note-{}", item.id)).to_owned();
        about.answers.insert(item.id.clone(), Answered { answer, note });
    }
    let rest =
        ["doc-number", "doc-day", "doc-sha256"].map(|name| fields.all(name).collect::<Vec<_>>());
    for (at, title) in fields.all("doc-title").enumerate() {
        let [number, day, sha256] =
            [0, 1, 2].map(|column| rest[column].get(at).copied().unwrap_or_default().trim());
        if [title.trim(), number, day, sha256].iter().all(|text| text.is_empty()) {
            continue;
        }
        about.documents.push(Document {
            title: title.to_owned(),
            number: number.to_owned(),
            day: typed_day(day)?,
            sha256: Some(sha256.to_owned()).filter(|hash| !hash.is_empty()),
        });
    }
    Ok(about)
}
