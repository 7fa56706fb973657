//! Deciding: a system, a stage, and what is known.

use jiff::{SignedDuration, Timestamp};

use super::GatePolicy;
use crate::code::{AgencyCode, SystemCode};
use crate::evidence::content::{Content, moment};
use crate::facts::{Item, Scope, SetId, Trust, View};
use crate::system::Stage;

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may be put into use.
    Allow,
    /// It may not.
    Deny,
}

impl Decision {
    /// The name that records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }

    /// The one of a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Allow, Self::Deny].into_iter().find(|decision| decision.name() == name)
    }
}

/// A condition that was asked, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The condition.
    pub condition: String,
    /// Whether it holds.
    pub holds: bool,
    /// The records that meet it; of what must not be, the records that are.
    pub evidence: Vec<u64>,
}

/// What the gate says about a system before a stage at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whose system it is.
    pub agency: AgencyCode,
    /// Which.
    pub system: SystemCode,
    /// Before which stage.
    pub stage: Stage,
    /// When.
    pub at: Timestamp,
    /// Until when it holds, exclusive.
    pub until: Timestamp,
    /// By which policy.
    pub policy: String,
    /// From how many records of the ledger.
    pub size: u64,
    /// What.
    pub decision: Decision,
    /// Why: every condition that was asked.
    pub reasons: Vec<Reason>,
}

impl Statement {
    /// What a record holds and a signature covers.
    pub fn to_content(&self) -> Content {
        let reasons = self.reasons.iter().map(|reason| {
            let evidence = reason.evidence.iter().map(|seq| Content::Int(seq.cast_signed()));
            Content::map([
                ("condition", Content::from(reason.condition.as_str())),
                ("evidence", Content::List(evidence.collect())),
                ("holds", reason.holds.into()),
            ])
        });
        Content::map([
            ("agency", Content::from(self.agency.as_str())),
            ("at", self.at.into()),
            ("decision", self.decision.name().into()),
            ("policy", self.policy.as_str().into()),
            ("reasons", Content::List(reasons.collect())),
            ("size", self.size.cast_signed().into()),
            ("stage", self.stage.name().into()),
            ("system", self.system.as_str().into()),
            ("until", self.until.into()),
        ])
    }

    /// The conditions that do not hold.
    pub fn against(&self) -> impl Iterator<Item = &Reason> {
        self.reasons.iter().filter(|reason| !reason.holds)
    }
}

impl GatePolicy {
    /// Decides, from a view that was made by [`GatePolicy::wanted`] of the first `size` records of the
    /// ledger; `None` if the ledger knows no such system. An instant counts to the second.
    pub fn decide(
        &self,
        view: &View,
        (agency, system): (&AgencyCode, &SystemCode),
        stage: Stage,
        at: Timestamp,
        size: u64,
    ) -> Option<Statement> {
        let scope = Scope::new(view, &self.sets, view.agency(agency.as_str())?);
        let own = |set: SetId| scope.about_system(set, system.as_str(), Trust::Any).next();
        let mut is_known = false;
        let mut reasons = Vec::new();
        for condition in self.conditions.iter().filter(|one| one.stages.contains(&stage)) {
            let Some(profile) = own(condition.applies) else { continue };
            is_known = true;
            let found = |set: &SetId, trust| seqs(&scope, *set, profile, trust);
            let met: Vec<_> = condition.needs.iter().map(|set| found(set, Trust::Firm)).collect();
            // The latest of anybody speaks against it and so does the latest of whoever measured or saw:
            // neither hides the other.
            let either = [Trust::Any, Trust::Firm];
            let against: Vec<u64> = (condition.lacks.iter())
                .flat_map(|set| either.into_iter().flat_map(|trust| found(set, trust)))
                .collect();
            let holds = against.is_empty() && met.iter().all(|seqs| !seqs.is_empty());
            let mut evidence: Vec<u64> = met.into_iter().flatten().chain(against).collect();
            evidence.sort_unstable();
            evidence.dedup();
            reasons.push(Reason { condition: condition.id.clone(), holds, evidence });
        }
        if !is_known {
            return None;
        }
        let all = reasons.iter().all(|reason| reason.holds);
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
        let lasts = SignedDuration::from_hours(self.allow_hours);
        Some(Statement {
            agency: agency.clone(),
            system: system.clone(),
            stage,
            at,
            until: at.checked_add(lasts).unwrap_or(Timestamp::MAX),
            policy: self.id.clone(),
            size,
            decision: if all { Decision::Allow } else { Decision::Deny },
            reasons,
        })
    }
}

/// The newest records first come into a decision: as many as anybody looks at.
const MOST: usize = 100;

fn seqs(scope: &Scope<'_>, set: SetId, profile: Item, trust: Trust) -> Vec<u64> {
    let facts = scope.related(set, profile, trust);
    let mut seqs: Vec<u64> =
        facts.filter_map(|item| scope.fact(item, trust)).map(|fact| fact.seq).collect();
    seqs.sort_unstable_by(|a, b| b.cmp(a));
    seqs.truncate(MOST);
    seqs
}

impl std::fmt::Display for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let decision = self.decision.name().to_uppercase();
        write!(f, "{decision} {} {} {}", self.system, self.stage.name(), moment(self.at))
    }
}
