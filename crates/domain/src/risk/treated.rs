//! What a risk is about and what treats it: an asset of the register, controls of catalogues, and whether
//! both records and controls show that the treatment is there.
//!
//! A control that a risk names stands as the checklist of its system says ([`Standing`]). While one of them
//! is lacking, the treatment is not shown, whatever records say ([`Proof::holds`]).

use std::collections::BTreeSet;
use std::fmt;

use crate::code::SystemCode;
use crate::control::{Status, is_name};
use crate::host::HostName;

/// An asset of the register, by its system and its name there: `cong-dvc/web01`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetName {
    /// Of which system.
    pub system: SystemCode,
    /// What it is called there.
    pub name: HostName,
}

impl AssetName {
    /// The asset of a text such as `cong-dvc/web01`; without a system in the text, one of the given system.
    pub fn parse(text: &str, system: Option<&SystemCode>) -> Option<Self> {
        let (system, name) = match text.split_once('/') {
            Some((system, name)) => (SystemCode::new(system).ok()?, name),
            None => (system?.clone(), text),
        };
        Some(Self { system, name: HostName::new(name)? })
    }
}

impl fmt::Display for AssetName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.system, self.name.as_str())
    }
}

/// A control of a catalogue, whichever version is in force: `mh-levels/UP-01`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlName {
    /// The name of the catalogue.
    pub catalogue: String,
    /// The control.
    pub id: String,
}

impl ControlName {
    /// The control of a text such as `mh-levels/UP-01`.
    pub fn parse(text: &str) -> Option<Self> {
        let (catalogue, id) = text.split_once('/')?;
        (is_name(catalogue) && is_name(id))
            .then(|| Self { catalogue: catalogue.to_owned(), id: id.to_owned() })
    }
}

impl fmt::Display for ControlName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.catalogue, self.id)
    }
}

closed! {
    /// How a control that a risk names stands.
    Standing {
        /// Evidence answers it.
        Met = "met",
        /// Its agency states that it is done.
        Stated = "stated",
        /// It is not in place, or only partly.
        Lacking = "lacking",
        /// No checklist asks for it: it is due from a higher level on, or the risk names no system.
        NotDue = "not-due",
        /// The catalogue in force has it no more.
        Gone = "gone",
    }
}

impl Standing {
    /// Whether the treatment is not there for the want of it.
    pub fn is_lacking(self) -> bool {
        matches!(self, Self::Lacking | Self::Gone)
    }
}

impl From<Status> for Standing {
    fn from(status: Status) -> Self {
        match status {
            Status::Met => Self::Met,
            Status::Implemented => Self::Stated,
            // What does not concern the system treats none of its risks.
            Status::Partly | Status::Planned | Status::NotApplicable | Status::Open => {
                Self::Lacking
            }
        }
    }
}

/// What is known of the treatment of a risk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Whether a record that counts shows it.
    pub has_record: bool,
    /// Those of the controls that it names that are lacking.
    pub lacking: BTreeSet<ControlName>,
}

impl Proof {
    /// Whether the treatment counts: a record shows it, and none of the controls is lacking.
    pub fn holds(&self) -> bool {
        self.has_record && self.lacking.is_empty()
    }
}
