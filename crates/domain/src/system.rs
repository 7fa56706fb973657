//! Information systems: what agencies run and the centre watches.

use jiff::Timestamp;

use crate::code::{AgencyCode, SystemCode};
use crate::limits::NAME_BYTES;
use crate::text::{self, TextError};

/// The level of an information system, 1 to 5 (Decree 85/2016/NĐ-CP, chapter II; its successor is
/// expected to keep five levels).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    /// The level of a number from 1 to 5.
    pub fn new(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|level| i64::from(level.0) == number)
    }

    /// The number, 1 to 5.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// Where a system stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Being designed or built.
    Planned,
    /// Being tried; real data is not for it.
    Trial,
    /// In use.
    Operating,
    /// Switched off.
    Retired,
}

impl Stage {
    /// All stages, in their order.
    pub const ALL: [Self; 4] = [Self::Planned, Self::Trial, Self::Operating, Self::Retired];

    /// The name that commands and records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Trial => "trial",
            Self::Operating => "operating",
            Self::Retired => "retired",
        }
    }

    /// The stage of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// An information system of an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// Its code.
    pub code: SystemCode,
    /// Whose it is.
    pub agency: AgencyCode,
    /// Its name.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// Where it stands in its life.
    pub stage: Stage,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl System {
    /// The system with its texts in order.
    pub fn checked(mut self) -> Result<Self, TextError> {
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_go_from_one_to_five() {
        assert_eq!(Level::new(0), None);
        assert_eq!(Level::new(6), None);
        assert_eq!(Level::new(257), None);
        assert_eq!((1..=5).filter_map(Level::new).collect::<Vec<_>>(), Level::ALL);
    }

    #[test]
    fn stages_are_read_by_their_names() {
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.name()), Some(stage));
        }
    }
}
