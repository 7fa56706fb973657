//! Projects of agencies: nothing is decided to be built before its own security design is approved and its
//! estimate has a part for security.
//!
//! A project names the dossier in which its design was appraised; a dossier serves one project. The approval
//! has to be of a day before the decision (requirement A029). A decision that was taken all
//! the same is recorded with the reason, and stays a violation for good: a later approval does not mend it.
//! Until the decision the estimate may lack that part or have too little of it; then the project is
//! [listed](Project::lacks_security) before money is asked.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::budget::{Share, Sums, Verdict};
use crate::code::{AgencyCode, SystemCode, is_code};
use crate::ids::DossierId;
use crate::limits::{CODE_BYTES, NAME_BYTES, TEXT_BYTES};
use crate::text::{self, TextError};

/// The most that a project may cost, in đồng: a number that everybody's arithmetic holds exactly.
const MOST: i64 = (1 << 53) - 1;

/// The code of a project, one within its agency: `da-01`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectCode(String);

impl ProjectCode {
    /// The code, if the text is one.
    pub fn new(text: &str) -> Option<Self> {
        is_code(text).then(|| Self(text.to_owned()))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A decision to invest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invested {
    /// The day of the decision.
    pub day: Date,
    /// The day on which the appraisal was approved, as known when the decision was recorded.
    pub appraised: Option<Date>,
    /// The appraisal on which it rests, if it is of this centre.
    pub appraisal: Option<DossierId>,
    /// Whether the estimate had a part for security, and not less than was asked of it.
    pub has_security: bool,
    /// Why it was decided without an approved appraisal or enough for security, where it was.
    pub exception: Option<String>,
}

/// A project of an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Whose.
    pub agency: AgencyCode,
    /// Its code.
    pub code: ProjectCode,
    /// What it is called.
    pub name: String,
    /// The system that it is about.
    pub system: SystemCode,
    /// What is planned for it, in đồng.
    pub planned: i64,
    /// What of it is for security, in đồng, once that was estimated.
    pub security: Option<i64>,
    /// The dossier in which its design is appraised, once it is named.
    pub dossier: Option<DossierId>,
    /// The decision, once there is one.
    pub invested: Option<Invested>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// Why a project will not do, or not yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProjectError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The code has another form.
    #[error(
        "«{0}» is no code of a project: 1 to {CODE_BYTES} of a–z, 0–9 and hyphen, beginning and ending with a letter or digit"
    )]
    Code(String),
    /// Money that is none.
    #[error("what is planned is between 1 and {MOST} đồng")]
    Planned,
    /// More for security than for all.
    #[error("what is for security is between 0 đồng and what is planned")]
    Security,
    /// It was decided before.
    #[error("project {0} was decided before")]
    Decided(ProjectCode),
    /// Nothing is appraised for it.
    #[error(
        "project {0} names no dossier of its security design: there is no decision before one is approved"
    )]
    NoDossier(ProjectCode),
    /// Nothing is approved.
    #[error(
        "the appraisal of the security design of {0} is not approved: there is no decision before it"
    )]
    NotAppraised(SystemCode),
    /// Approved too late.
    #[error("the appraisal was approved on {0}: a decision comes on a later day")]
    TooEarly(Date),
    /// The estimate has nothing for security.
    #[error("the estimate of {0} has no part for security: there is no decision before it")]
    NoSecurity(ProjectCode),
    /// The estimate has less for security than is asked.
    #[error(
        "less than {1} % of the estimate of {0} is for security: there is no decision before it"
    )]
    TooLittle(ProjectCode, Share),
    /// Nothing to excuse.
    #[error(
        "the appraisal was approved in time and the estimate has enough for security: no exception is needed"
    )]
    NoException,
    /// A decision of a day to come.
    #[error("the day of the decision is still to come")]
    Future,
}

impl Invested {
    /// Whether it was decided before the appraisal was approved.
    pub fn is_early(&self) -> bool {
        self.appraised.is_none_or(|appraised| appraised >= self.day)
    }

    /// Whether it was decided before the appraisal was approved, or without enough for security.
    pub fn is_violation(&self) -> bool {
        self.is_early() || !self.has_security
    }
}

impl Project {
    /// The project with its texts in order, if it is valid.
    pub fn checked(mut self) -> Result<Self, ProjectError> {
        self.name = text::line("the name", &self.name, NAME_BYTES)?;
        if !(1..=MOST).contains(&self.planned) {
            return Err(ProjectError::Planned);
        }
        if self.security.is_some_and(|security| !(0..=self.planned).contains(&security)) {
            return Err(ProjectError::Security);
        }
        Ok(self)
    }

    /// The project with another estimate, as long as it is not decided.
    pub fn estimated(self, planned: i64, security: Option<i64>) -> Result<Self, ProjectError> {
        if self.invested.is_some() {
            return Err(ProjectError::Decided(self.code));
        }
        Self { planned, security, ..self }.checked()
    }

    /// The project with another dossier of its design, or none, as long as it is not decided.
    pub fn appraised_by(self, dossier: Option<DossierId>) -> Result<Self, ProjectError> {
        if self.invested.is_some() {
            return Err(ProjectError::Decided(self.code));
        }
        Ok(Self { dossier, ..self })
    }

    /// Whether the estimate has a part for security.
    pub fn has_security(&self) -> bool {
        self.security.is_some_and(|security| security > 0)
    }

    /// Whether that part is no less than what is asked.
    fn has_enough(&self, least: Option<Share>) -> bool {
        self.has_security() && !matches!(self.sums().verdict(least), Verdict::Below(_))
    }

    /// The whole of the estimate and what of it is security.
    pub fn sums(&self) -> Sums {
        let security = self.security.unwrap_or_default();
        Sums::of_whole(self.planned.unsigned_abs(), security.unsigned_abs())
    }

    /// Whether it waits for a decision with no part for security, or with less than a rule asks.
    pub fn lacks_security(&self, least: Option<Share>) -> bool {
        self.invested.is_none() && !self.has_enough(least)
    }

    /// Whether it was decided before its appraisal was approved, or without enough for security.
    pub fn is_violation(&self) -> bool {
        self.invested.as_ref().is_some_and(Invested::is_violation)
    }

    /// The project decided on a day. `approved` is the day on which its own dossier was approved, `least` what
    /// of the estimate has to be for security. Without an approval in time, or with less, this is refused,
    /// unless somebody says why it was done all the same.
    pub fn decided(
        self,
        day: Date,
        approved: Option<Date>,
        least: Option<Share>,
        exception: Option<&str>,
        today: Date,
    ) -> Result<Self, ProjectError> {
        if self.invested.is_some() {
            return Err(ProjectError::Decided(self.code));
        }
        if day > today {
            return Err(ProjectError::Future);
        }
        let mut invested = Invested {
            day,
            appraised: approved.filter(|_| self.dossier.is_some()),
            appraisal: self.dossier.filter(|_| approved.is_some()),
            has_security: self.has_enough(least),
            exception: None,
        };
        match (invested.is_violation(), exception) {
            (false, None) => {}
            (false, Some(_)) => return Err(ProjectError::NoException),
            (true, Some(reason)) => {
                invested.exception = Some(text::paragraph("the reason", reason, TEXT_BYTES)?);
            }
            (true, None) => {
                return Err(match (invested.appraised, least) {
                    (None, _) if self.dossier.is_none() => ProjectError::NoDossier(self.code),
                    (None, _) => ProjectError::NotAppraised(self.system),
                    (Some(approved), _) if invested.is_early() => ProjectError::TooEarly(approved),
                    (Some(_), Some(least)) if self.has_security() => {
                        ProjectError::TooLittle(self.code, least)
                    }
                    (Some(_), _) => ProjectError::NoSecurity(self.code),
                });
            }
        }
        Ok(Self { invested: Some(invested), ..self })
    }
}
