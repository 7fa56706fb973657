//! Evidence: what is known about an agency or a system, how it is known, and since when.
//!
//! Everything that the gate decides, the index counts and a report says comes from such records and
//! from nothing else, so that whoever has them can compute the same. A record is written once; what
//! turns out to be wrong is corrected by a further record that points at it. The chain of their
//! hashes and its signed checkpoints are `khien-seal`'s, what kinds there are and what each holds is
//! data ([`kinds`], `packs/evidence.yml`).
//!
//! A record is one line of two parts, each canonical JSON ([`content`]):
//!
//! ```text
//! {"about":{"agency":"so-ct",…,"content_hash":"…","prev":"…","seq":12,…},"content":{…}}
//! ```
//!
//! The chain goes over `about`, which binds the content by its hash: a content can be withheld from
//! somebody, and the chain still be verified.

pub mod content;
pub mod glance;
pub mod kinds;
mod line;
pub mod typed;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::code::{AgencyCode, SystemCode};
use crate::secrecy;
use content::{Content, ContentError};

pub use line::{About, LineError, Record, hex};

/// The longest text of a field of a record, in bytes.
const FIELD_BYTES: usize = 200;

/// How a thing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// The agency says so.
    Declared,
    /// A document says so, and somebody of another agency has seen it.
    Documented,
    /// The centre measured it.
    Measured,
}

impl How {
    /// All, weakest first.
    pub const ALL: [Self; 3] = [Self::Declared, Self::Documented, Self::Measured];

    /// The name that records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Documented => "documented",
            Self::Measured => "measured",
        }
    }

    /// The one of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.name() == name)
    }
}

/// Where a thing is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Events of a source.
    Event,
    /// An alert of the centre.
    Alert,
    /// An incident of the centre.
    Incident,
    /// A document.
    Document,
    /// Somebody's word.
    Attestation,
    /// A probe of a registered endpoint, or a report of a scanner.
    Probe,
    /// An exercise.
    Drill,
    /// The centre's register.
    Register,
    /// A decision that was taken in the centre.
    Decision,
}

impl Origin {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Event,
        Self::Alert,
        Self::Incident,
        Self::Document,
        Self::Attestation,
        Self::Probe,
        Self::Drill,
        Self::Register,
        Self::Decision,
    ];

    /// The name that records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Alert => "alert",
            Self::Incident => "incident",
            Self::Document => "document",
            Self::Attestation => "attestation",
            Self::Probe => "probe",
            Self::Drill => "drill",
            Self::Register => "register",
            Self::Decision => "decision",
        }
    }

    /// The one of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.name() == name)
    }
}

/// A record before it has its place in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvidence {
    /// What kind of thing it says: `restore.tested` ([`kinds`]).
    pub kind: String,
    /// The version of what such a record holds.
    pub schema: i64,
    /// What it says.
    pub content: Content,
    /// About which agency; `None` only for what concerns the ledger itself.
    pub agency: Option<AgencyCode>,
    /// About which system.
    pub system: Option<SystemCode>,
    /// About which one of several things of the kind: a finding, a source, a year. Of the records of
    /// one kind, agency and subject the latest says how it stands.
    pub subject: String,
    /// Where it is known from; `from` in the record.
    pub origin: Origin,
    /// Which event, alert, document it is there; `ref` in the record.
    pub reference: String,
    /// How it is known.
    pub how: How,
    /// Who says so: `person canbo-sokhcn`, `token 12`, `khien`.
    pub by: String,
    /// When it was so.
    pub at: Timestamp,
    /// Until when it counts, exclusive; for ever without.
    pub until: Option<Timestamp>,
    /// The record that it replaces.
    pub corrects: Option<u64>,
}

/// Why a record will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The content cannot be written.
    #[error("content: {0}")]
    Content(#[from] ContentError),
    /// The content is not an object.
    #[error("content: it must be an object with names")]
    NoObject,
    /// A text is too long or has characters that do not print.
    #[error("{field}: at most {FIELD_BYTES} bytes, and no control characters")]
    Field {
        /// Which field.
        field: &'static str,
    },
    /// A kind must be named.
    #[error("kind: {0:?} is not known")]
    Kind(String),
    /// It would have ended before it began.
    #[error("until: it must be after the moment it was so")]
    Until,
    /// It bears a mark of secrecy.
    #[error("the content bears the mark of secrecy «{0}»: the centre takes nothing that is secret")]
    Secret(&'static str),
    /// A name or number in it bears a mark of secrecy.
    #[error(
        "{field}: it bears the mark of secrecy «{mark}»: the centre takes nothing that is secret"
    )]
    Marked {
        /// Which field.
        field: &'static str,
        /// The mark.
        mark: &'static str,
    },
    /// It names a system without its agency.
    #[error("agency: a record about a system names its agency too")]
    NoAgency,
}

impl NewEvidence {
    /// A record of a kind about an agency, told apart by the agency itself. What it says comes by
    /// [`with`](Self::with).
    pub fn of_agency(kind: &str, agency: &AgencyCode, at: Timestamp) -> Self {
        Self {
            kind: kind.to_owned(),
            schema: 1,
            content: Content::Map(BTreeMap::new()),
            agency: Some(agency.clone()),
            system: None,
            subject: agency.to_string(),
            origin: Origin::Register,
            reference: String::new(),
            how: How::Measured,
            by: "khien".to_owned(),
            at,
            until: None,
            corrects: None,
        }
    }

    /// A record of a kind about a system, told apart by the system itself.
    pub fn of_system(kind: &str, agency: &AgencyCode, system: &SystemCode, at: Timestamp) -> Self {
        Self {
            system: Some(system.clone()),
            subject: system.to_string(),
            ..Self::of_agency(kind, agency, at)
        }
    }

    /// The same with a field of its content.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Content>) -> Self {
        if let Content::Map(values) = &mut self.content {
            values.insert(field.to_owned(), value.into());
        }
        self
    }

    /// The same with a field of its content, if there is a value.
    #[must_use]
    pub fn with_some(self, field: &str, value: Option<impl Into<Content>>) -> Self {
        match value {
            Some(value) => self.with(field, value),
            None => self,
        }
    }

    /// The same, from somewhere else.
    #[must_use]
    pub fn from(self, origin: Origin, reference: impl Into<String>) -> Self {
        Self { origin, reference: reference.into(), ..self }
    }

    /// The record, if it can be kept: bounded, printable, and not secret.
    pub fn checked(self) -> Result<Self, EvidenceError> {
        let fields = [
            ("subject", &self.subject),
            ("reference", &self.reference),
            ("by", &self.by),
            ("kind", &self.kind),
        ];
        for (field, text) in fields {
            if text.len() > FIELD_BYTES || text.chars().any(char::is_control) {
                return Err(EvidenceError::Field { field });
            }
            let name = if field == "reference" { text } else { "" };
            if let Some(found) = secrecy::find(name, [], text) {
                return Err(EvidenceError::Marked { field, mark: found.mark.name() });
            }
        }
        if self.until.is_some_and(|until| until <= self.at) {
            return Err(EvidenceError::Until);
        }
        if self.system.is_some() && self.agency.is_none() {
            return Err(EvidenceError::NoAgency);
        }
        let Content::Map(values) = &self.content else { return Err(EvidenceError::NoObject) };
        self.content.check()?;
        values.values().try_for_each(not_secret)?;
        Ok(self)
    }
}

fn not_secret(value: &Content) -> Result<(), EvidenceError> {
    match value {
        Content::Text(text) => match secrecy::find("", [], text) {
            Some(found) => Err(EvidenceError::Secret(found.mark.name())),
            None => Ok(()),
        },
        Content::List(values) => values.iter().try_for_each(not_secret),
        Content::Map(values) => values.values().try_for_each(not_secret),
        Content::Bool(_) | Content::Int(_) => Ok(()),
    }
}
