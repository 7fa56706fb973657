//! People who use the console: their names, roles and what they prove themselves with.
//!
//! A [`Person`] has one [`Role`], which says what they may do, and a scope of agencies, which says
//! where. Passwords, second factors and sessions are worked with by the application; how long, how
//! many and how often is data in `packs/access.yml`, read by [`policy`].
//!
//! To add a role: a variant of [`Role`], its permissions in [`Role::permissions`], its words in the
//! console's languages; the table of routes and roles in the web tests shows what it opens.

pub mod personnel;
pub mod policy;

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::code::AgencyCode;
use crate::ids::{PasskeyId, PersonId, SessionId};
use crate::limits::NAME_BYTES;
use crate::permission::{Actor, AgencyScope, Identity, Permission};
use crate::text::{self, TextError};

/// The longest name under which somebody signs in, in bytes.
pub const USER_NAME_BYTES: usize = 40;

/// The name under which somebody signs in: `canbo001`, `an.nv`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName(String);

/// A text that is no name to sign in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a user name has 2 to {USER_NAME_BYTES} of a–z, 0–9, full stop and hyphen, beginning with a letter and ending with a letter or digit"
)]
pub struct UserNameError;

impl UserName {
    /// The name of a text; capital letters are small ones.
    pub fn new(text: &str) -> Result<Self, UserNameError> {
        let name = text.trim().to_ascii_lowercase();
        let bytes = name.as_bytes();
        let fits = (2..=USER_NAME_BYTES).contains(&bytes.len())
            && bytes.first().is_some_and(u8::is_ascii_lowercase)
            && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
            && bytes.iter().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(byte)
            });
        if fits { Ok(Self(name)) } else { Err(UserNameError) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What somebody does at the centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Keeps the centre running: register, people, rules, backups.
    Administrator,
    /// Watches and works on alerts.
    Analyst,
    /// Leads a shift and incidents; also decides about rules.
    Lead,
    /// The security officer of one agency or a few.
    Officer,
    /// Appraises what agencies submit and looks at what they attest.
    Appraiser,
    /// Reads how things stand.
    Leader,
    /// Reads what was done, changes nothing.
    Auditor,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 7] = [
        Self::Administrator,
        Self::Analyst,
        Self::Lead,
        Self::Officer,
        Self::Appraiser,
        Self::Leader,
        Self::Auditor,
    ];

    /// The name that records, forms and commands use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Analyst => "analyst",
            Self::Lead => "lead",
            Self::Officer => "officer",
            Self::Appraiser => "appraiser",
            Self::Leader => "leader",
            Self::Auditor => "auditor",
        }
    }

    /// The role of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What the role may do, within the person's agencies. Nobody's role sends events.
    pub fn permissions(self) -> BTreeSet<Permission> {
        use Permission as P;
        let allowed: &[Permission] = match self {
            Self::Administrator => &[
                P::EventsRead,
                P::AlertsRead,
                P::IncidentsRead,
                P::RulesRead,
                P::RulesWrite,
                P::RegisterRead,
                P::RegisterWrite,
                P::Quarantine,
                P::Tokens,
                P::People,
                P::AuditRead,
                P::Metrics,
                P::Operate,
                P::EvidenceRead,
            ],
            Self::Analyst => &[
                P::EventsRead,
                P::EventsExport,
                P::AlertsRead,
                P::AlertsWrite,
                P::IncidentsRead,
                P::IncidentsWrite,
                P::Shifts,
                P::RulesRead,
                P::RulesWrite,
                P::RegisterRead,
                P::Quarantine,
                P::EvidenceRead,
            ],
            Self::Lead => &[
                P::EventsRead,
                P::EventsExport,
                P::AlertsRead,
                P::AlertsWrite,
                P::IncidentsRead,
                P::IncidentsWrite,
                P::Leaks,
                P::Shifts,
                P::RulesRead,
                P::RulesWrite,
                P::RegisterRead,
                P::RegisterWrite,
                P::Quarantine,
                P::EvidenceRead,
                P::EvidenceWrite,
                P::AssuranceApprove,
                P::IndexRun,
            ],
            Self::Officer => &[
                P::EventsRead,
                P::AlertsRead,
                P::IncidentsRead,
                P::Leaks,
                P::RulesRead,
                P::RegisterRead,
                P::RegisterWrite,
                P::Quarantine,
                P::EvidenceRead,
                P::EvidenceWrite,
                P::AssuranceWrite,
            ],
            Self::Appraiser => &[
                P::AlertsRead,
                P::IncidentsRead,
                P::RegisterRead,
                P::EvidenceRead,
                P::AssuranceDecide,
            ],
            Self::Leader => &[
                P::AlertsRead,
                P::IncidentsRead,
                P::Leaks,
                P::RegisterRead,
                P::EvidenceRead,
                P::RisksAccept,
            ],
            Self::Auditor => &[
                P::AlertsRead,
                P::IncidentsRead,
                P::RulesRead,
                P::RegisterRead,
                P::AuditRead,
                P::Metrics,
                P::EvidenceRead,
            ],
        };
        allowed.iter().copied().collect()
    }

    /// Whether somebody in this role belongs to an agency, whose matters they do not decide.
    pub fn needs_home(self) -> bool {
        self == Self::Appraiser
    }

    /// Whether somebody in this role is always of certain agencies.
    pub fn needs_agencies(self) -> bool {
        self == Self::Officer
    }
}

/// The language of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vietnamese,
    /// English.
    English,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Vietnamese, Self::English];

    /// The tag of the language (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    /// The language of a tag.
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

/// Somebody to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// Under which name they sign in.
    pub name: UserName,
    /// How they are called.
    pub called: String,
    /// What they do.
    pub role: Role,
    /// In which agencies.
    pub agencies: AgencyScope,
    /// Their own agency: whoever decides about others belongs to one.
    pub home: Option<AgencyCode>,
    /// From when on.
    pub created_at: Timestamp,
    /// Their last day; they are let in until it is over.
    pub until: Option<Date>,
}

/// Somebody who may sign in. Secrets are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The number.
    pub id: PersonId,
    /// Who.
    pub about: NewPerson,
    /// The language of their console, if they chose one.
    pub language: Option<Language>,
    /// Whether a password is set.
    pub has_password: bool,
    /// Whether codes of an authenticator are asked for.
    pub has_totp: bool,
    /// How many passkeys they have.
    pub passkeys: u32,
    /// Since when they are not let in any more.
    pub disabled_at: Option<Timestamp>,
    /// Failed attempts since the last one that succeeded.
    pub failed: u32,
    /// Until when nothing is tried after failures.
    pub locked_until: Option<Timestamp>,
}

/// Why a person's record will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// A text is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// An officer is of no agency, or of all.
    #[error("an officer belongs to one agency or a few: name them")]
    Agencies,
    /// An appraiser without an agency of their own.
    #[error("an appraiser belongs to an agency of their own: name it")]
    Home,
    /// A scope of nothing.
    #[error("the agencies are named, or all are meant")]
    Nowhere,
}

impl NewPerson {
    /// The person with texts in order.
    pub fn checked(mut self) -> Result<Self, PersonError> {
        self.called = text::line("the person's name", &self.called, NAME_BYTES)?;
        match &self.agencies {
            AgencyScope::All if self.role.needs_agencies() => Err(PersonError::Agencies),
            AgencyScope::Only(agencies) if agencies.is_empty() => Err(PersonError::Nowhere),
            _ if self.role.needs_home() && self.home.is_none() => Err(PersonError::Home),
            _ => Ok(self),
        }
    }
}

impl Person {
    /// Who acts when this person does something.
    pub fn actor(&self) -> Actor {
        let identity = Identity::Person { name: self.about.name.clone() };
        let permissions = self.about.role.permissions();
        Actor::new(identity, permissions, self.about.agencies.clone()).of(self.about.home.clone())
    }

    /// Whether they are let in on a day of the province: nobody ended that, and their last day is not over.
    pub fn is_let_in(&self, today: Date) -> bool {
        self.disabled_at.is_none() && self.about.until.is_none_or(|until| today <= until)
    }

    /// Whether they sign in on a day: they are let in, and took up their invitation.
    pub fn is_active(&self, today: Date) -> bool {
        self.is_let_in(today) && self.has_password
    }

    /// The agencies to which they belong: their own, and those that they are named for. Whoever looks
    /// after all belongs to none by that.
    pub fn belongs_to(&self) -> BTreeSet<AgencyCode> {
        let mut own: BTreeSet<AgencyCode> = self.about.home.iter().cloned().collect();
        if let AgencyScope::Only(agencies) = &self.about.agencies {
            own.extend(agencies.iter().cloned());
        }
        own
    }

    /// Whether something beside the password proves who they are.
    pub fn has_second_factor(&self) -> bool {
        self.has_totp || self.passkeys > 0
    }
}

/// How far somebody got with signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The password was right; the second factor is still to come.
    Password,
    /// They are in.
    Full,
}

impl Step {
    /// The name that records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Full => "full",
        }
    }

    /// The step of a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Password, Self::Full].into_iter().find(|step| step.name() == name)
    }
}

/// A session of somebody in one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The number.
    pub id: SessionId,
    /// Whose.
    pub person: PersonId,
    /// How far they got.
    pub step: Step,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// From which address it began.
    pub origin: String,
    /// What the browser says of itself, cut short.
    pub browser: String,
}

/// A passkey of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyRecord {
    /// The number.
    pub id: PasskeyId,
    /// Whose.
    pub person: PersonId,
    /// How they call it.
    pub called: String,
    /// The public key with what belongs to it, as the verifier writes it.
    pub content: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When somebody last signed in with it.
    pub used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(role: Role, agencies: AgencyScope) -> NewPerson {
        NewPerson {
            name: UserName::new("canbo001").unwrap(),
            called: "Cán bộ Mẫu 001".into(),
            role,
            agencies,
            home: None,
            created_at: "2026-10-15T01:00:00Z".parse().unwrap(),
            until: None,
        }
    }

    #[test]
    fn user_names_are_short_plain_and_small() {
        assert_eq!(UserName::new(" CanBo001 ").unwrap().as_str(), "canbo001");
        for good in ["an", "an.nv", "can-bo-7"] {
            assert!(UserName::new(good).is_ok(), "{good}");
        }
        let long = "a".repeat(USER_NAME_BYTES + 1);
        for bad in ["", "a", "7an", "an-", "an nv", "ấn", "an@x", "../an", &long] {
            assert!(UserName::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn roles_are_read_back_and_none_sends_events() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(role));
            assert!(!role.permissions().contains(&Permission::Ingest), "{role:?}");
        }
    }

    #[test]
    fn who_reads_how_things_stand_changes_nothing_and_the_head_alone_bears_risks() {
        let bears = |role: &Role| role.permissions().contains(&Permission::RisksAccept);
        assert_eq!(Role::ALL.into_iter().filter(bears).collect::<Vec<_>>(), [Role::Leader]);
        assert!(!Permission::RisksAccept.is_grantable(), "no program bears a risk");
        let changing = [
            Permission::AlertsWrite,
            Permission::IncidentsWrite,
            Permission::Shifts,
            Permission::RulesWrite,
            Permission::RegisterWrite,
            Permission::Quarantine,
            Permission::EvidenceWrite,
            Permission::AssuranceWrite,
            Permission::AssuranceDecide,
            Permission::AssuranceApprove,
            Permission::IndexRun,
            Permission::Tokens,
            Permission::People,
            Permission::Operate,
        ];
        for role in [Role::Leader, Role::Auditor] {
            assert!(role.permissions().is_disjoint(&changing.into()), "{role:?}");
        }
        assert!(!Role::Administrator.permissions().contains(&Permission::AlertsWrite));
        assert!(!Role::Auditor.permissions().contains(&Permission::EventsRead));
    }

    #[test]
    fn somebody_is_let_in_until_their_last_day_is_over() {
        let day = |text: &str| -> Date { text.parse().unwrap() };
        let about =
            NewPerson { until: Some(day("2026-10-20")), ..person(Role::Analyst, AgencyScope::All) };
        let mut somebody = Person {
            id: PersonId(1),
            about,
            language: None,
            has_password: true,
            has_totp: false,
            passkeys: 0,
            disabled_at: None,
            failed: 0,
            locked_until: None,
        };
        assert!(somebody.is_let_in(day("2026-10-20")));
        assert!(!somebody.is_let_in(day("2026-10-21")));
        somebody.about.until = None;
        assert!(somebody.is_let_in(day("2026-10-21")));
        somebody.disabled_at = Some(somebody.about.created_at);
        assert!(!somebody.is_let_in(day("2026-10-20")));
    }

    #[test]
    fn an_officer_is_always_of_an_agency() {
        let one = AgencyScope::one(AgencyCode::new("sokhcn").unwrap());
        assert!(person(Role::Officer, one).checked().is_ok());
        assert_eq!(person(Role::Officer, AgencyScope::All).checked(), Err(PersonError::Agencies));
        assert!(person(Role::Analyst, AgencyScope::All).checked().is_ok());
        assert_eq!(
            person(Role::Appraiser, AgencyScope::All).checked(),
            Err(PersonError::Home),
            "an appraiser decides about others' agencies, so their own must be known"
        );
        let home = Some(AgencyCode::new("sonv").unwrap());
        let appraiser = NewPerson { home, ..person(Role::Appraiser, AgencyScope::All) };
        assert!(appraiser.checked().is_ok());
        let none = AgencyScope::Only(BTreeSet::new());
        assert_eq!(person(Role::Leader, none).checked(), Err(PersonError::Nowhere));
    }
}
