//! Dossiers: what an agency proposes for a system, and what is decided about it.
//!
//! The level dossier proposes a level with its reasons; the appraisal of the security design has to be
//! approved before money is spent on building. Both go the same way: the agency writes and submits,
//! somebody appraises or returns it with what must change, somebody else approves with the number and day
//! of the decision. Nobody takes part in two of these [`Duty`]s of one dossier, whatever their role
//! ([`Dossier::check_act`]). What has to be answered is data ([`DossierPack`], `packs/dossier.yml`).

mod pack;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::code::{AgencyCode, SystemCode};
use crate::evidence::content::Content;
use crate::ids::DossierId;
use crate::limits::{NAME_BYTES, TEXT_BYTES};
use crate::system::Level;
use crate::text::{self, TextError};

pub use pack::{Criterion, DossierPack, DossierPackError, Item};

/// Documents that a dossier refers to.
const DOCUMENTS: usize = 30;
/// Answers and reasons that a dossier holds.
const ANSWERS: usize = 200;
/// A reason, or the word to an answer.
const NOTE_BYTES: usize = 1_000;

closed! {
    /// What a dossier is for.
    DossierKind {
        /// It proposes the level of a system.
        Level = "level",
        /// It has the security part of a design appraised.
        Design = "design",
    }

    /// How a dossier stands.
    DossierState {
        /// It is being written.
        Draft = "draft",
        /// It waits to be appraised.
        Submitted = "submitted",
        /// It came back: something must change.
        Returned = "returned",
        /// It was appraised and waits to be approved.
        Appraised = "appraised",
        /// It is approved.
        Approved = "approved",
    }

    /// The part that somebody has in a dossier; nobody has two.
    Duty {
        /// Writes and submits it.
        Prepare = "prepare",
        /// Appraises or returns it.
        Appraise = "appraise",
        /// Approves it, or returns what was appraised.
        Approve = "approve",
    }

    /// What is done with a dossier.
    Act {
        /// It is begun.
        Begin = "begin",
        /// What it says is changed.
        Change = "change",
        /// It is handed in.
        Submit = "submit",
        /// It is sent back with what must change.
        Return = "return",
        /// It is found good.
        Appraise = "appraise",
        /// It is approved.
        Approve = "approve",
        /// Somebody says something about it.
        Comment = "comment",
    }

    /// The answer to an item of the checklist.
    Answer {
        /// It is so.
        Yes = "yes",
        /// It is so in part.
        Partly = "partly",
        /// It is not so.
        No = "no",
        /// It does not apply.
        NotApplicable = "not-applicable",
    }
}

/// A document that a dossier refers to; the document itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is called.
    pub title: String,
    /// Its number.
    pub number: String,
    /// The day on which it was signed.
    pub day: Date,
    /// The SHA-256 of its file, 64 hexadecimal digits, if somebody computed it.
    pub sha256: Option<String>,
}

/// An answer with a word to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// A word to it; empty only for yes.
    pub note: String,
}

/// What a dossier says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DossierAbout {
    /// The level that is proposed, by which items are asked.
    pub level: Level,
    /// Which version of the pack asked.
    pub pack: String,
    /// What the system is and where it ends.
    pub scope: String,
    /// Why the level fits, by criterion.
    pub reasons: BTreeMap<String, String>,
    /// The answers, by item.
    pub answers: BTreeMap<String, Answered>,
    /// The documents.
    pub documents: Vec<Document>,
}

/// A dossier of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    /// Which one.
    pub id: DossierId,
    /// Whose system.
    pub agency: AgencyCode,
    /// Of which system.
    pub system: SystemCode,
    /// What for.
    pub kind: DossierKind,
    /// How it stands.
    pub state: DossierState,
    /// What it says.
    pub about: DossierAbout,
    /// The number of the decision that approved it.
    pub number: Option<String>,
    /// The day of that decision.
    pub approved: Option<Date>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A step in the history of a dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DossierStep {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What was done.
    pub act: Act,
    /// With which part in the dossier; none for a comment.
    pub duty: Option<Duty>,
    /// What was said.
    pub detail: String,
}

/// Why a dossier will not do, or not now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DossierError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Not a hash.
    #[error("the SHA-256 of a document is 64 hexadecimal digits")]
    Hash,
    /// Too many documents.
    #[error("a dossier refers to at most {DOCUMENTS} documents")]
    Documents,
    /// Too many answers.
    #[error("a dossier has at most {ANSWERS} answers and reasons")]
    Answers,
    /// It is too long as a whole.
    #[error("a dossier is too long: say less here and more in the documents")]
    Long,
    /// A criterion has no reason.
    #[error("the reason for «{0}» is missing")]
    NoReason(String),
    /// An item is not answered.
    #[error("«{0}» is not answered")]
    NotAnswered(String),
    /// An answer needs a word.
    #[error("«{0}» needs a word, since the answer is not yes")]
    NoWord(String),
    /// No document.
    #[error("a dossier refers to at least one document")]
    NoDocument,
    /// Not in this state.
    #[error("the dossier is {state}: {act} is not done now", state = .0.name(), act = .1.name())]
    State(DossierState, Act),
    /// Somebody who has another part in it.
    #[error(
        "whoever takes part in «{}» of a dossier does not take part in «{}»: somebody else has to",
        .0.name(), .1.name()
    )]
    Duties(Duty, Duty),
    /// A decision of a day to come.
    #[error("the day of the decision is still to come")]
    Future,
    /// A decision from before it was handed in.
    #[error("the day of the decision is before {0}, on which the dossier was handed in")]
    Early(Date),
}

impl DossierKind {
    /// The kind of evidence that tells how such a dossier stands.
    pub fn evidence(self) -> &'static str {
        match self {
            Self::Level => "system.dossier",
            Self::Design => "design.appraisal",
        }
    }
}

impl Act {
    /// The part that somebody takes who does this to a dossier in a state; none if it is not done then.
    /// A comment takes no part and is always welcome.
    fn duty(self, state: DossierState) -> Option<Duty> {
        use DossierState as S;
        match (self, state) {
            (Self::Begin | Self::Change | Self::Submit, S::Draft | S::Returned) => {
                Some(Duty::Prepare)
            }
            (Self::Return | Self::Appraise, S::Submitted) => Some(Duty::Appraise),
            (Self::Return | Self::Approve, S::Appraised) => Some(Duty::Approve),
            _ => None,
        }
    }
}

/// Something that is said about a dossier.
pub fn said(what: &'static str, text: &str) -> Result<String, DossierError> {
    Ok(text::paragraph(what, text, TEXT_BYTES)?)
}

/// The same where nothing needs to be said.
pub fn said_or_nothing(what: &'static str, text: &str) -> Result<String, DossierError> {
    if text.trim().is_empty() { Ok(String::new()) } else { said(what, text) }
}

impl DossierAbout {
    /// One of which nothing is said yet.
    pub fn new(level: Level, pack: &DossierPack) -> Self {
        Self {
            level,
            pack: pack.version.clone(),
            scope: String::new(),
            reasons: BTreeMap::new(),
            answers: BTreeMap::new(),
            documents: Vec::new(),
        }
    }

    /// What is said so far, with its texts in order, if it can be kept.
    pub fn checked(self) -> Result<Self, DossierError> {
        let note = |what, text: &str| match text.trim() {
            "" => Ok(String::new()),
            text => text::paragraph(what, text, NOTE_BYTES),
        };
        if self.documents.len() > DOCUMENTS {
            return Err(DossierError::Documents);
        }
        if self.answers.len() + self.reasons.len() > ANSWERS {
            return Err(DossierError::Answers);
        }
        let mut reasons = BTreeMap::new();
        for (id, reason) in self.reasons {
            let reason = note("the reason", &reason)?;
            if !reason.is_empty() {
                reasons.insert(text::line("the criterion", &id, NAME_BYTES)?, reason);
            }
        }
        let mut answers = BTreeMap::new();
        for (id, given) in self.answers {
            let note = note("the word to an answer", &given.note)?;
            answers.insert(text::line("the item", &id, NAME_BYTES)?, Answered { note, ..given });
        }
        let mut documents = Vec::new();
        for document in self.documents {
            let sha256 = document.sha256.map(|hash| hash.trim().to_ascii_lowercase());
            let is_hash =
                |hash: &String| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
            if !sha256.as_ref().is_none_or(is_hash) {
                return Err(DossierError::Hash);
            }
            documents.push(Document {
                title: text::reference("the document's title", &document.title, NAME_BYTES)?,
                number: text::reference("the document's number", &document.number, NAME_BYTES)?,
                day: document.day,
                sha256,
            });
        }
        let scope = said_or_nothing("the scope", &self.scope)?;
        let checked = Self { scope, reasons, answers, documents, ..self };
        checked.to_content().check().map_err(|_| DossierError::Long)?;
        Ok(checked)
    }

    /// Whether all is said that has to be before it is handed in.
    pub fn complete(&self, kind: DossierKind, pack: &DossierPack) -> Result<(), DossierError> {
        said("the scope", &self.scope)?;
        if kind == DossierKind::Level
            && let Some(criterion) =
                pack.criteria.iter().find(|criterion| !self.reasons.contains_key(&criterion.id))
        {
            return Err(DossierError::NoReason(criterion.vi.clone()));
        }
        for item in pack.items(kind, self.level) {
            match self.answers.get(&item.id) {
                None => return Err(DossierError::NotAnswered(item.vi.clone())),
                Some(given) if given.answer != Answer::Yes && given.note.is_empty() => {
                    return Err(DossierError::NoWord(item.vi.clone()));
                }
                Some(_) => {}
            }
        }
        if self.documents.is_empty() { Err(DossierError::NoDocument) } else { Ok(()) }
    }

    /// What is said as one object, for keeping.
    pub fn to_content(&self) -> Content {
        let reasons = self.reasons.iter().map(|(id, text)| (id.clone(), text.as_str().into()));
        let answers = self.answers.iter().map(|(id, given)| {
            let pair = [Content::from(given.answer.name()), Content::from(given.note.as_str())];
            (id.clone(), Content::List(pair.into()))
        });
        let documents = self.documents.iter().map(|document| {
            let sha256 = document.sha256.as_deref().map(|hash| ("sha256", hash.into()));
            let fields = [
                ("title", Content::from(document.title.as_str())),
                ("number", document.number.as_str().into()),
                ("day", document.day.to_string().into()),
            ];
            Content::map(fields.into_iter().chain(sha256))
        });
        Content::map([
            ("level", Content::from(i64::from(self.level.number()))),
            ("pack", self.pack.as_str().into()),
            ("scope", self.scope.as_str().into()),
            ("reasons", Content::Map(reasons.collect())),
            ("answers", Content::Map(answers.collect())),
            ("documents", Content::List(documents.collect())),
        ])
    }

    /// What an object says; nothing if it is not one of ours.
    pub fn of_content(content: &Content) -> Option<Self> {
        let text = |content: &Content, name: &str| {
            content.get(name).and_then(Content::as_text).map(str::to_owned)
        };
        let map = |name: &str| match content.get(name) {
            Some(Content::Map(values)) => Some(values),
            _ => None,
        };
        let mut answers = BTreeMap::new();
        for (id, pair) in map("answers")? {
            let Content::List(pair) = pair else { return None };
            let [answer, note] = pair.as_slice() else { return None };
            let answer = Answer::parse(answer.as_text()?)?;
            answers.insert(id.clone(), Answered { answer, note: note.as_text()?.to_owned() });
        }
        let reasons = map("reasons")?.iter();
        let reasons = reasons.map(|(id, reason)| Some((id.clone(), reason.as_text()?.to_owned())));
        let Some(Content::List(documents)) = content.get("documents") else { return None };
        let documents = documents.iter().map(|document| {
            Some(Document {
                title: text(document, "title")?,
                number: text(document, "number")?,
                day: text(document, "day")?.parse().ok()?,
                sha256: text(document, "sha256"),
            })
        });
        Some(Self {
            level: Level::new(content.get("level").and_then(Content::as_int)?)?,
            pack: text(content, "pack")?,
            scope: text(content, "scope")?,
            reasons: reasons.collect::<Option<_>>()?,
            answers,
            documents: documents.collect::<Option<_>>()?,
        })
    }
}

impl Dossier {
    /// The part that somebody takes who does something now, if it is done in this state and they have
    /// taken no other part.
    pub fn check_act(
        &self,
        act: Act,
        steps: &[DossierStep],
        who: &str,
    ) -> Result<Duty, DossierError> {
        let duty = act.duty(self.state).ok_or(DossierError::State(self.state, act))?;
        let mut own = steps.iter().filter(|step| step.who == who).filter_map(|step| step.duty);
        match own.find(|taken| *taken != duty) {
            Some(taken) => Err(DossierError::Duties(taken, duty)),
            None => Ok(duty),
        }
    }

    /// Whether somebody may still change what it says.
    pub fn is_open(&self) -> bool {
        matches!(self.state, DossierState::Draft | DossierState::Returned)
    }

    /// The dossier after something was done with it that changes how it stands.
    #[must_use]
    pub fn after(self, act: Act) -> Self {
        let state = match act {
            Act::Submit => DossierState::Submitted,
            Act::Return => DossierState::Returned,
            Act::Appraise => DossierState::Appraised,
            Act::Approve => DossierState::Approved,
            Act::Begin | Act::Change | Act::Comment => self.state,
        };
        Self { state, ..self }
    }

    /// The dossier approved by a decision of a day between the one on which it was handed in and today.
    pub fn approved(
        self,
        number: &str,
        day: Date,
        (submitted, today): (Date, Date),
    ) -> Result<Self, DossierError> {
        if day < submitted {
            return Err(DossierError::Early(submitted));
        }
        if day > today {
            return Err(DossierError::Future);
        }
        let number = text::reference("the number of the decision", number, NAME_BYTES)?;
        Ok(Self { number: Some(number), approved: Some(day), ..self.after(Act::Approve) })
    }
}
