//! Who may do what: the one place of truth.
//!
//! Every use case asks [`Actor::require`] before it does anything, with the agency that the thing
//! belongs to; lists ask [`Actor::agencies`] and hand the scope to the store. Pages, the API and
//! the command line never decide by themselves.

use std::collections::BTreeSet;
use std::fmt;

use crate::account::UserName;
use crate::code::AgencyCode;
use crate::ids::{SourceId, TokenId};

/// What a token can allow. A closed list: what is not here cannot be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Send events; only tokens of sources have it.
    Ingest,
    /// Search events and watch them arrive.
    EventsRead,
    /// Export events and run hunts over what is kept.
    EventsExport,
    /// Read alerts and suppressions.
    AlertsRead,
    /// Work on alerts: state, assignment, comments, suppressions.
    AlertsWrite,
    /// Read incidents.
    IncidentsRead,
    /// Open incidents and work on them.
    IncidentsWrite,
    /// Read leaks of the agencies; with [`RegisterWrite`](Self::RegisterWrite), record them.
    Leaks,
    /// Read and write the notes with which one shift hands over to the next.
    Shifts,
    /// Read the rules in force, what they found and how they are set.
    RulesRead,
    /// Switch rules, change their level, tune them with filters, import them.
    RulesWrite,
    /// Read the register: agencies, systems, sources, hosts.
    RegisterRead,
    /// Change the register.
    RegisterWrite,
    /// Read the quarantine and have records read again.
    Quarantine,
    /// Read evidence and what is computed of it: the gate, the index.
    EvidenceRead,
    /// Record evidence: attest, or hand in what a scanner found.
    EvidenceWrite,
    /// Work on dossiers, assessments, risks and budgets.
    AssuranceWrite,
    /// Accept risks within the appetite: what the head of an agency answers for.
    RisksAccept,
    /// Appraise what others have submitted, decide at the gate, review what they attest.
    AssuranceDecide,
    /// Approve what was appraised, accept grave risks, break the glass of the gate.
    AssuranceApprove,
    /// Open, freeze and publish rounds of the index.
    IndexRun,
    /// Read, make and revoke tokens.
    Tokens,
    /// Invite people, give them roles, end their access.
    People,
    /// Read the audit log.
    AuditRead,
    /// Read the figures of the running program.
    Metrics,
    /// Back up, reload rules, change settings.
    Operate,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 26] = [
        Self::Ingest,
        Self::EventsRead,
        Self::EventsExport,
        Self::AlertsRead,
        Self::AlertsWrite,
        Self::IncidentsRead,
        Self::IncidentsWrite,
        Self::Leaks,
        Self::Shifts,
        Self::RulesRead,
        Self::RulesWrite,
        Self::RegisterRead,
        Self::RegisterWrite,
        Self::Quarantine,
        Self::EvidenceRead,
        Self::EvidenceWrite,
        Self::AssuranceWrite,
        Self::RisksAccept,
        Self::AssuranceDecide,
        Self::AssuranceApprove,
        Self::IndexRun,
        Self::Tokens,
        Self::People,
        Self::AuditRead,
        Self::Metrics,
        Self::Operate,
    ];

    /// The name that tokens, commands and records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::EventsRead => "events.read",
            Self::EventsExport => "events.export",
            Self::AlertsRead => "alerts.read",
            Self::AlertsWrite => "alerts.write",
            Self::IncidentsRead => "incidents.read",
            Self::IncidentsWrite => "incidents.write",
            Self::Leaks => "leaks",
            Self::Shifts => "shifts",
            Self::RulesRead => "rules.read",
            Self::RulesWrite => "rules.write",
            Self::RegisterRead => "register.read",
            Self::RegisterWrite => "register.write",
            Self::Quarantine => "quarantine",
            Self::EvidenceRead => "evidence.read",
            Self::EvidenceWrite => "evidence.write",
            Self::AssuranceWrite => "assurance.write",
            Self::RisksAccept => "risks.accept",
            Self::AssuranceDecide => "assurance.decide",
            Self::AssuranceApprove => "assurance.approve",
            Self::IndexRun => "index.run",
            Self::Tokens => "tokens",
            Self::People => "people",
            Self::AuditRead => "audit.read",
            Self::Metrics => "metrics",
            Self::Operate => "operate",
        }
    }

    /// The permission of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.name() == name)
    }

    /// Whether a token that is no source's may have it: some things programs do not do.
    pub fn is_grantable(self) -> bool {
        !matches!(self, Self::Ingest | Self::Leaks | Self::RisksAccept)
    }

    /// Whether it concerns the whole installation, so that a token limited to some agencies cannot
    /// use it.
    pub fn is_global(self) -> bool {
        matches!(
            self,
            Self::Shifts
                | Self::IndexRun
                | Self::Tokens
                | Self::People
                | Self::Metrics
                | Self::Operate
        )
    }
}

/// Of which agencies someone may see and touch things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgencyScope {
    /// Of all.
    All,
    /// Of these and no others; agencies below them are not meant unless named. Of none if empty.
    Only(BTreeSet<AgencyCode>),
}

impl AgencyScope {
    /// One agency.
    pub fn one(agency: AgencyCode) -> Self {
        Self::Only(BTreeSet::from([agency]))
    }

    /// Whether it takes in an agency.
    pub fn contains(&self, agency: &AgencyCode) -> bool {
        match self {
            Self::All => true,
            Self::Only(agencies) => agencies.contains(agency),
        }
    }
}

/// By which way someone acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The program itself: jobs, retention, the watch over silent sources.
    Program,
    /// Someone on the machine who may read the data folder.
    Machine {
        /// The name of the operating system's account, as far as known.
        account: String,
    },
    /// Somebody who signed in.
    Person {
        /// Under which name.
        name: UserName,
    },
    /// The bearer of a token.
    Token {
        /// Which token.
        id: TokenId,
        /// Its name.
        name: String,
    },
    /// A source that sends events, by token, certificate or address.
    Source {
        /// Which source.
        id: SourceId,
    },
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => formatter.write_str("program"),
            Self::Machine { account } => write!(formatter, "machine:{account}"),
            Self::Person { name } => write!(formatter, "person:{name}"),
            Self::Token { id, name } => write!(formatter, "token:{id}:{name}"),
            Self::Source { id } => write!(formatter, "source:{id}"),
        }
    }
}

/// Who acts, and what they may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub identity: Identity,
    permissions: BTreeSet<Permission>,
    agencies: AgencyScope,
    home: Option<AgencyCode>,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The permission is not there.
    #[error("the permission {} is needed", .0.name())]
    Permission(Permission),
    /// The thing belongs to an agency outside the scope.
    #[error("agency {0} is outside the scope")]
    Agency(AgencyCode),
    /// The permission concerns the whole installation and the scope does not.
    #[error("{} needs a scope over all agencies", .0.name())]
    Global(Permission),
}

impl Actor {
    /// Someone with permissions within agencies.
    pub fn new(
        identity: Identity,
        permissions: BTreeSet<Permission>,
        agencies: AgencyScope,
    ) -> Self {
        Self { identity, permissions, agencies, home: None }
    }

    /// The program itself, or whoever holds the data folder in their hands: everything but sending
    /// events, which only sources do.
    pub fn local(identity: Identity) -> Self {
        let mut permissions = BTreeSet::from(Permission::ALL);
        permissions.remove(&Permission::Ingest);
        Self { identity, permissions, agencies: AgencyScope::All, home: None }
    }

    /// The same, belonging to an agency.
    #[must_use]
    pub fn of(self, home: Option<AgencyCode>) -> Self {
        Self { home, ..self }
    }

    /// The agency that the actor belongs to, as far as known.
    pub fn home(&self) -> Option<&AgencyCode> {
        self.home.as_ref()
    }

    /// Refuses unless the actor may do this to a thing of `agency`.
    pub fn require(&self, permission: Permission, agency: &AgencyCode) -> Result<(), Denied> {
        self.holds(permission)?;
        if self.agencies.contains(agency) { Ok(()) } else { Err(Denied::Agency(agency.clone())) }
    }

    /// Refuses unless the actor may do this to what belongs to no single agency.
    pub fn require_global(&self, permission: Permission) -> Result<(), Denied> {
        self.holds(permission)?;
        match self.agencies {
            AgencyScope::All => Ok(()),
            AgencyScope::Only(_) => Err(Denied::Global(permission)),
        }
    }

    /// The agencies of which the actor may do this: what lists and searches are limited to.
    pub fn agencies(&self, permission: Permission) -> Result<&AgencyScope, Denied> {
        self.holds(permission)?;
        Ok(&self.agencies)
    }

    fn holds(&self, permission: Permission) -> Result<(), Denied> {
        if !self.permissions.contains(&permission) {
            return Err(Denied::Permission(permission));
        }
        if permission.is_global() && self.agencies != AgencyScope::All {
            return Err(Denied::Global(permission));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agency(code: &str) -> AgencyCode {
        AgencyCode::new(code).unwrap()
    }

    fn actor(permissions: &[Permission], agencies: AgencyScope) -> Actor {
        let identity = Identity::Token { id: TokenId(1), name: "test".into() };
        Actor::new(identity, permissions.iter().copied().collect(), agencies)
    }

    #[test]
    fn names_are_read_back_and_unique() {
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.name()), Some(permission));
        }
        assert_eq!(Permission::parse("all"), None);
    }

    #[test]
    fn without_the_permission_nothing_is_allowed() {
        let nobody = actor(&[], AgencyScope::All);
        for permission in Permission::ALL {
            assert_eq!(
                nobody.require(permission, &agency("a")),
                Err(Denied::Permission(permission))
            );
            assert!(nobody.agencies(permission).is_err());
            assert!(nobody.require_global(permission).is_err());
        }
    }

    #[test]
    fn another_agency_is_refused() {
        let one = actor(&[Permission::AlertsRead], AgencyScope::one(agency("a")));
        assert_eq!(one.require(Permission::AlertsRead, &agency("a")), Ok(()));
        assert_eq!(
            one.require(Permission::AlertsRead, &agency("b")),
            Err(Denied::Agency(agency("b")))
        );
        assert_eq!(
            one.require_global(Permission::AlertsRead),
            Err(Denied::Global(Permission::AlertsRead))
        );
    }

    #[test]
    fn what_concerns_the_whole_installation_needs_all_agencies() {
        let permissions = [Permission::Tokens, Permission::Operate, Permission::Metrics];
        let limited = actor(&permissions, AgencyScope::one(agency("a")));
        for permission in permissions {
            assert_eq!(
                limited.require(permission, &agency("a")),
                Err(Denied::Global(permission)),
                "a limited token could otherwise make itself an unlimited one"
            );
            assert!(actor(&permissions, AgencyScope::All).require_global(permission).is_ok());
        }
    }

    #[test]
    fn an_empty_scope_takes_in_nothing() {
        let none = actor(&Permission::ALL, AgencyScope::Only(BTreeSet::new()));
        assert!(none.require(Permission::EventsRead, &agency("a")).is_err());
    }

    #[test]
    fn only_sources_send_events() {
        let machine = Actor::local(Identity::Machine { account: "khien".into() });
        assert!(machine.require(Permission::Ingest, &agency("a")).is_err());
        assert!(machine.require_global(Permission::Operate).is_ok());
    }
}
