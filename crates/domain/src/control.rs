//! Controls: what systems should have, by catalogues that stand side by side.
//!
//! A [`Catalogue`] comes from a pack of ours ([`Catalogue::parse`], `packs/controls/`) or from elsewhere,
//! by the application. A [`Checklist`] says of each control that is due for a system whether evidence
//! answers it, whether somebody states something about it, or whether it is open. What was stated
//! stays with the version of the catalogue that it was stated by. How catalogues correspond to each other is
//! [`mapping`].
//!
//! To add a control: a line in the pack. How it is answered by evidence is a set of [`crate::facts`].

mod checklist;
pub mod mapping;
mod pack;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::code::{AgencyCode, SystemCode};
use crate::facts::{SetId, Sets, Wanted};
use crate::limits::TEXT_BYTES;
use crate::system::Stage;
use crate::text::{self, TextError};

pub use checklist::{Checklist, Counts, Due, Status};

/// The longest name of a catalogue, a version or a control, in bytes.
pub const NAME_BYTES: usize = 64;

closed! {
    /// What a control protects.
    Layer {
        /// Where the system meets other networks.
        Edge = "edge",
        /// The network.
        Network = "network",
        /// Servers and end devices.
        Host = "host",
        /// Applications.
        Application = "application",
        /// Data.
        Data = "data",
        /// People.
        People = "people",
    }

    /// What somebody states about a control.
    Stated {
        /// It is done.
        Implemented = "implemented",
        /// Some of it is done.
        Partly = "partly",
        /// It is planned.
        Planned = "planned",
        /// It does not concern the system.
        NotApplicable = "not-applicable",
    }
}

/// The name of a catalogue and of its version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CatalogueKey {
    /// The catalogue: `mh-levels`.
    pub name: String,
    /// The version: `2026.1`.
    pub version: String,
}

impl CatalogueKey {
    /// The key of a name and a version, if both will do.
    pub fn new(name: &str, version: &str) -> Option<Self> {
        let fits = |text: &str| is_name(text);
        (fits(name) && fits(version))
            .then(|| Self { name: name.to_owned(), version: version.to_owned() })
    }

    /// The key of a text such as `mh-levels@2026.1`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, version) = text.split_once('@')?;
        Self::new(name, version)
    }
}

impl std::fmt::Display for CatalogueKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// Whether a text can be the name of a catalogue, a version or a control: it stands in addresses and
/// in identifiers of OSCAL.
pub fn is_name(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (1..=NAME_BYTES).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(inner)
}

/// A catalogue of controls.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// Its name and version.
    pub key: CatalogueKey,
    /// What it is called in Vietnamese.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
    /// What is to be known about it.
    pub note: String,
    /// Where it comes from.
    pub source: String,
    /// The first day on which it may be used, if it says.
    pub valid_from: Option<Date>,
    /// The last.
    pub valid_to: Option<Date>,
    /// Families, in their order; those within others name them.
    pub families: Vec<Family>,
    /// Controls, in their order.
    pub controls: Vec<Control>,
    /// How evidence answers them; no catalogue from elsewhere says.
    pub measures: Option<Measures>,
}

/// How evidence answers controls.
#[derive(Clone, Debug)]
pub struct Measures {
    /// The sets that controls name.
    pub sets: Sets,
    /// The one of all systems.
    pub systems: SetId,
    /// What of records must be kept.
    pub wanted: Arc<Wanted>,
    /// The zone in which days and months are counted, in minutes east of UTC.
    pub offset: i64,
}

/// Controls that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name.
    pub id: String,
    /// What it is called in Vietnamese; in English if nobody said.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
    /// The one that it is in.
    pub within: Option<String>,
}

/// A control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Its name: `QT-01`.
    pub id: String,
    /// Its family.
    pub family: String,
    /// What it asks, in Vietnamese; in English if nobody said.
    pub vi: String,
    /// What it asks, in English.
    pub en: String,
    /// The same at length, if the catalogue has more words.
    pub text: String,
    /// From which level on it is due.
    pub level: u8,
    /// The stage by whose entry it is first due, from design to operation.
    pub stage: Stage,
    /// The provision that it comes from.
    pub source: String,
    /// The outcomes of NIST CSF 2.0 that it serves.
    pub csf: Vec<String>,
    /// What it protects.
    pub layer: Option<Layer>,
    /// Sets that must each have a fact.
    pub needs: Vec<SetId>,
    /// Sets that must have none.
    pub lacks: Vec<SetId>,
}

/// The stages by whose entry controls can be due, in their order.
pub const STAGES: [Stage; 4] = [Stage::Design, Stage::Build, Stage::Test, Stage::Operation];

impl Catalogue {
    /// The catalogue that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../packs/controls/mh-levels-2026.1.yml");

    /// The control of a name.
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.id == id)
    }

    /// The controls of a family itself.
    pub fn of_family<'c>(&'c self, family: &'c str) -> impl Iterator<Item = &'c Control> {
        self.controls.iter().filter(move |control| control.family == family)
    }
}

/// What somebody stated about a control of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whose system.
    pub agency: AgencyCode,
    /// Which.
    pub system: SystemCode,
    /// By which catalogue.
    pub catalogue: CatalogueKey,
    /// About which control.
    pub control: String,
    /// What.
    pub state: Stated,
    /// How it is done, what is missing, until when it is planned, or why it does not concern it.
    pub note: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Why a statement is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// The note is too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The note says too little.
    #[error("the note: say in at least {0} characters how it is so")]
    Short(usize),
}

impl Statement {
    /// The shortest note, in characters: a word is no reason.
    const NOTE_CHARS: usize = 10;

    /// The statement with its note in order.
    pub fn checked(mut self) -> Result<Self, StatementError> {
        self.note = text::paragraph("the note", &self.note, TEXT_BYTES)?;
        if self.note.chars().count() < Self::NOTE_CHARS {
            return Err(StatementError::Short(Self::NOTE_CHARS));
        }
        Ok(self)
    }
}
