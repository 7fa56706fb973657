//! Leaks: of a document that is out, its number and its day and no more, and what was done about it by day.
//!
//! The centre is for work that is not secret (requirement A086): a case says whose leak it is, of what kind, the
//! number and the day of the document and when it was found. There is no title, no description and no note, and
//! what is not formed like a number is refused: what is to be said of a leak is said outside, in the way that its
//! law demands. What was recorded by mistake is withdrawn, never taken away. Kinds are data ([`LeakPack`], `packs/leak.yml`).

mod pack;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::code::AgencyCode;
use crate::ids::LeakId;
use crate::limits::DOCUMENT_NUMBER_BYTES;
use crate::text::{self, TextError};

pub use pack::{LeakPack, LeakPackError, Wanted};

closed! {
    /// What a leak is of; what it is called, and what it wants, is data of the [pack](LeakPack).
    LeakKind {
        /// A state secret.
        StateSecret = "state-secret",
        /// What an agency keeps to itself by its own rules.
        WorkSecret = "work-secret",
        /// Data of persons.
        PersonalData = "personal-data",
    }

    /// What is done about a leak, each once.
    LeakMove {
        /// It does not spread any further.
        Contain = "contain",
        /// It was reported to whom it has to be.
        Report = "report",
        /// All is done.
        Close = "close",
        /// It was recorded by mistake.
        Withdraw = "withdraw",
    }
}

/// A leak, as far as the centre may know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Whose it is.
    pub agency: AgencyCode,
    /// What it is of.
    pub kind: LeakKind,
    /// The number of the document.
    pub number: Option<String>,
    /// The day of the document.
    pub dated: Option<Date>,
    /// On which day it was found.
    pub found_on: Date,
}

/// What was done about a leak, as its log keeps it for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeakStep {
    /// What.
    pub what: LeakMove,
    /// On which day.
    pub day: Date,
    /// Who wrote it down.
    pub who: String,
    /// When it was written down.
    pub at: Timestamp,
}

/// A leak as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLeak {
    /// Its number.
    pub id: LeakId,
    /// The leak.
    pub leak: Leak,
    /// Who wrote it down.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// What was done, in its order.
    pub steps: Vec<LeakStep>,
}

/// Why a leak or a step will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeakError {
    /// The number is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The number is a text.
    #[error(
        "the number of the document is like 12-BC/TU or 7/QĐ-UBND: it begins with digits, then short signs in \
         capitals after - / or .; titles, names and content are not written here"
    )]
    Number,
    /// Number or day is missing.
    #[error("a leak of this kind has the number and the day of the document")]
    Missing,
    /// The document would be younger than its leak.
    #[error("the document is of {dated}, after the leak was found on {found}")]
    Younger {
        /// The day of the document.
        dated: Date,
        /// The day on which the leak was found.
        found: Date,
    },
    /// A day that has not come.
    #[error("the day {0} has not come yet")]
    NotYet(Date),
    /// A day before the leak was found, or an end before what was done.
    #[error("the day {0} is before the leak was found, or before what was done about it")]
    Before(Date),
    /// A step that was made.
    #[error("leak {0} has this step already")]
    Done(LeakId),
    /// A step after the end.
    #[error("leak {0} is closed")]
    Closed(LeakId),
    /// An end before it was reported.
    #[error("leak {0} was not reported yet: it is closed after that")]
    Unreported(LeakId),
}

/// Parts of a number, digits of the first, and characters of each other.
const PARTS: usize = 6;
const DIGITS: usize = 6;
const SIGNS: usize = 8;

/// The number of a document, as Vietnamese documents bear it (Decree 30/2020/NĐ-CP, annex III; Guidance
/// 36-HD/VPTW): digits, then signs of types and bodies such as `BC`, `TTr`, `HĐND`.
fn number(text: &str) -> Result<String, LeakError> {
    let number = text::reference("the number of the document", text, DOCUMENT_NUMBER_BYTES)?;
    let mut parts = number.split(['-', '–', '/', '.']);
    let first = parts.next().unwrap_or_default();
    let begins = (1..=DIGITS).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_digit());
    let rest: Vec<&str> = parts.collect();
    let is_sign = |part: &&str| {
        let small = part.chars().filter(|c| c.is_lowercase()).count();
        (1..=SIGNS).contains(&part.chars().count())
            && part.chars().all(char::is_alphanumeric)
            && small <= 1
    };
    if begins && rest.len() < PARTS && rest.iter().all(is_sign) {
        Ok(number)
    } else {
        Err(LeakError::Number)
    }
}

impl Leak {
    /// The leak in order, on a day.
    pub fn checked(mut self, pack: &LeakPack, today: Date) -> Result<Self, LeakError> {
        self.number = self.number.as_deref().map(number).transpose()?;
        if pack.of(self.kind).number && (self.number.is_none() || self.dated.is_none()) {
            return Err(LeakError::Missing);
        }
        if self.found_on > today {
            return Err(LeakError::NotYet(self.found_on));
        }
        match self.dated {
            Some(dated) if dated > self.found_on => {
                Err(LeakError::Younger { dated, found: self.found_on })
            }
            _ => Ok(self),
        }
    }
}

impl KeptLeak {
    /// The step of a kind, if it was made.
    pub fn step(&self, what: LeakMove) -> Option<&LeakStep> {
        self.steps.iter().find(|step| step.what == what)
    }

    /// Whether nothing more follows: all is done, or it was none.
    pub fn is_closed(&self) -> bool {
        self.is_withdrawn() || self.step(LeakMove::Close).is_some()
    }

    /// Whether it was recorded by mistake.
    pub fn is_withdrawn(&self) -> bool {
        self.step(LeakMove::Withdraw).is_some()
    }

    /// Refuses a step that does not follow, or of a day that will not do.
    pub fn allows(
        &self,
        pack: &LeakPack,
        what: LeakMove,
        day: Date,
        today: Date,
    ) -> Result<(), LeakError> {
        if self.is_closed() {
            return Err(LeakError::Closed(self.id));
        }
        if self.step(what).is_some() {
            return Err(LeakError::Done(self.id));
        }
        let is_unreported = pack.of(self.leak.kind).report && self.step(LeakMove::Report).is_none();
        if what == LeakMove::Close && is_unreported {
            return Err(LeakError::Unreported(self.id));
        }
        if day > today {
            return Err(LeakError::NotYet(day));
        }
        let last = self.steps.iter().map(|step| step.day).max().filter(|_| what == LeakMove::Close);
        if day < last.unwrap_or(self.leak.found_on) { Err(LeakError::Before(day)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
