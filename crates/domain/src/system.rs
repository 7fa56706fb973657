//! Information systems: what agencies run, who answers for them, and what they hold.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::code::{AgencyCode, SiteCode, SystemCode};
use crate::limits::{NAME_BYTES, RECOVERY_MINUTES};
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

closed! {
    /// Where a system stands in its life.
    Stage {
        /// Asked for.
        Planning = "planning",
        /// Being designed.
        Design = "design",
        /// Being built.
        Build = "build",
        /// Being tried; real data is not for it.
        Test = "test",
        /// In use.
        Operation = "operation",
        /// Switched off.
        Retired = "retired",
    }

    /// What a system is.
    SystemKind {
        /// A national database.
        NationalDb = "national-db",
        /// A database of a sector.
        SectorDb = "sector-db",
        /// An information system of its own.
        InformationSystem = "information-system",
        /// A system that others use.
        SharedSystem = "shared-system",
    }

    /// The network in which a system stands.
    Zone {
        /// The dedicated data network of party and state.
        Dedicated = "dedicated",
        /// A network that is joined to the Internet.
        Internet = "internet",
        /// A network that is joined to no other.
        Isolated = "isolated",
    }

    /// What kind of data a system holds.
    DataCategory {
        /// Published.
        Public = "public",
        /// For work inside.
        Internal = "internal",
        /// Basic personal data.
        PersonalBasic = "personal-basic",
        /// Sensitive personal data.
        PersonalSensitive = "personal-sensitive",
    }
}

/// Who runs a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Its owner.
    Owner,
    /// Another agency.
    Agency(AgencyCode),
    /// Somebody who is paid for it.
    Provider(String),
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
    /// What it is.
    pub kind: SystemKind,
    /// Who runs it.
    pub operator: Operator,
    /// Its level.
    pub level: Level,
    /// Where it stands in its life.
    pub stage: Stage,
    /// What it holds.
    pub data: BTreeSet<DataCategory>,
    /// The network in which it stands.
    pub zone: Zone,
    /// Whether it can be reached from the Internet.
    pub is_exposed: bool,
    /// Where its servers stand, if anybody said.
    pub site: Option<SiteCode>,
    /// In how many minutes it has to work again after a failure.
    pub rto_minutes: Option<u32>,
    /// How many minutes of data may be lost.
    pub rpo_minutes: Option<u32>,
    /// Whether the province cannot do without it.
    pub is_critical: bool,
    /// Who answers for it at the owner's: name and post.
    pub owner: Option<String>,
    /// Who heads its running: name and post.
    pub head: Option<String>,
    /// When what is registered of it was last confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// Why a system is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SystemError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Nothing in an isolated network is reached from the Internet.
    #[error(
        "a system in an isolated network cannot be reached from the Internet: choose one of the two"
    )]
    Exposed,
    /// A critical system without recovery objectives.
    #[error("a critical system needs both recovery objectives (RTO and RPO)")]
    Recovery,
    /// A recovery objective that is none.
    #[error("a recovery objective is at most {RECOVERY_MINUTES} minutes")]
    Long,
}

impl System {
    /// A system of which no more is known. What is not known counts as what asks most care: it can
    /// be reached from the Internet, and nobody is named.
    pub fn new(
        code: SystemCode,
        agency: AgencyCode,
        name: String,
        level: Level,
        stage: Stage,
        created_at: Timestamp,
    ) -> Self {
        Self {
            code,
            agency,
            name,
            kind: SystemKind::InformationSystem,
            operator: Operator::Owner,
            level,
            stage,
            data: BTreeSet::new(),
            zone: Zone::Internet,
            is_exposed: true,
            site: None,
            rto_minutes: None,
            rpo_minutes: None,
            is_critical: false,
            owner: None,
            head: None,
            confirmed_at: None,
            created_at,
        }
    }

    /// The system with its texts in order.
    pub fn checked(mut self) -> Result<Self, SystemError> {
        let named = |what, name: Option<String>| {
            name.map(|name| text::line(what, &name, NAME_BYTES)).transpose()
        };
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        self.owner = named("the owner's name", self.owner)?;
        self.head = named("the head's name", self.head)?;
        if let Operator::Provider(name) = self.operator {
            self.operator = Operator::Provider(text::line("the operator", &name, NAME_BYTES)?);
        }
        if self.is_exposed && self.zone == Zone::Isolated {
            return Err(SystemError::Exposed);
        }
        if self.is_critical && (self.rto_minutes.is_none() || self.rpo_minutes.is_none()) {
            return Err(SystemError::Recovery);
        }
        if self.rto_minutes.max(self.rpo_minutes) > Some(RECOVERY_MINUTES) {
            return Err(SystemError::Long);
        }
        Ok(self)
    }

    /// The other agency that runs it, if one does.
    pub fn operator_agency(&self) -> Option<&AgencyCode> {
        match &self.operator {
            Operator::Agency(operator) if *operator != self.agency => Some(operator),
            _ => None,
        }
    }

    /// Whether it holds data about persons.
    pub fn holds_personal_data(&self) -> bool {
        self.data.contains(&DataCategory::PersonalBasic)
            || self.data.contains(&DataCategory::PersonalSensitive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system() -> System {
        System::new(
            SystemCode::new("cong-dvc").unwrap(),
            AgencyCode::new("vpubnd").unwrap(),
            "Cổng dịch vụ công".into(),
            Level::new(3).unwrap(),
            Stage::Operation,
            Timestamp::UNIX_EPOCH,
        )
    }

    #[test]
    fn levels_go_from_one_to_five() {
        assert_eq!(Level::new(0), None);
        assert_eq!(Level::new(6), None);
        assert_eq!(Level::new(257), None);
        assert_eq!((1..=5).filter_map(Level::new).collect::<Vec<_>>(), Level::ALL);
    }

    #[test]
    fn stages_are_read_by_their_names_and_old_names_are_not() {
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.name()), Some(*stage));
        }
        for old in ["planned", "trial", "operating"] {
            assert_eq!(Stage::parse(old), None);
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        assert_eq!(system().checked(), Ok(system()));
        let isolated = System { zone: Zone::Isolated, ..system() };
        assert_eq!(isolated.clone().checked(), Err(SystemError::Exposed));
        assert!(System { is_exposed: false, ..isolated }.checked().is_ok());
        let critical = System { is_critical: true, rto_minutes: Some(60), ..system() };
        assert_eq!(critical.clone().checked(), Err(SystemError::Recovery));
        assert!(System { rpo_minutes: Some(0), ..critical }.checked().is_ok());
        let long = System { rpo_minutes: Some(RECOVERY_MINUTES + 1), ..system() };
        assert_eq!(long.checked(), Err(SystemError::Long));
        assert!(System { head: Some(" ".into()), ..system() }.checked().is_err());
    }
}
