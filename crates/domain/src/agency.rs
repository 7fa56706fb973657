//! Agencies: who owns systems and sees their events.

use jiff::Timestamp;

use crate::code::AgencyCode;
use crate::limits::NAME_BYTES;
use crate::text::{self, TextError};

/// What an agency is. The closed list follows the political system of a province since July 2025
/// (two levels of local government).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgencyKind {
    /// Body of the party.
    Party,
    /// Body of the government at province level.
    Government,
    /// Fatherland Front and mass organisation.
    Front,
    /// Public service unit.
    Unit,
    /// Ward, commune or special zone.
    Commune,
}

impl AgencyKind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Party, Self::Government, Self::Front, Self::Unit, Self::Commune];

    /// The name that commands and records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Government => "government",
            Self::Front => "front",
            Self::Unit => "unit",
            Self::Commune => "commune",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An agency of the province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Its code.
    pub code: AgencyCode,
    /// Its name in Vietnamese.
    pub name_vi: String,
    /// Its name in English, where it has one.
    pub name_en: Option<String>,
    /// The agency above it.
    pub parent: Option<AgencyCode>,
    /// What it is.
    pub kind: AgencyKind,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// Why an agency is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgencyError {
    /// A name is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It would stand above itself.
    #[error("agency {0} cannot be its own parent")]
    OwnParent(AgencyCode),
}

impl Agency {
    /// The agency with its texts in order.
    pub fn checked(mut self) -> Result<Self, AgencyError> {
        self.name_vi = text::line("the name", &self.name_vi, NAME_BYTES)?;
        self.name_en = self
            .name_en
            .map(|name| text::line("the English name", &name, NAME_BYTES))
            .transpose()?;
        if self.parent.as_ref() == Some(&self.code) {
            return Err(AgencyError::OwnParent(self.code));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agency_needs_a_name_and_no_loop() {
        let code = AgencyCode::new("sokhcn").unwrap();
        let agency = Agency {
            code: code.clone(),
            name_vi: " Sở Khoa học và Công nghệ ".into(),
            name_en: None,
            parent: None,
            kind: AgencyKind::Government,
            created_at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(agency.clone().checked().unwrap().name_vi, "Sở Khoa học và Công nghệ");
        let own = Agency { parent: Some(code.clone()), ..agency.clone() };
        assert_eq!(own.checked(), Err(AgencyError::OwnParent(code)));
        assert!(Agency { name_vi: String::new(), ..agency }.checked().is_err());
    }

    #[test]
    fn kinds_are_read_by_their_names() {
        for kind in AgencyKind::ALL {
            assert_eq!(AgencyKind::parse(kind.name()), Some(kind));
        }
        assert_eq!(AgencyKind::parse("person"), None);
    }
}
