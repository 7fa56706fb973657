//! What the money is for: risks beside the lines of a year's plan that reduce them, and what incidents
//! cost beside what was expected.
//!
//! In come risks, lines of one year and incidents; out come [`Funded`] risks in the order of what they
//! may cost, and sums of agencies ([`AgencySpend`]). Security of a line counts by its share, exactly as in
//! [`Sums`]. Only risks that are not closed are looked at, before treatment: a word on what is left makes
//! no risk small. Nobody is scored.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::budget::{Line, Percent, Reading, Sums};
use crate::code::{AgencyCode, SystemCode};
use crate::incident::{Incident, LossSums};
use crate::risk::{Expected, LossError, Risk, RiskCode, RiskPack, RiskState};
use crate::system::Level;

/// A risk that is not closed, with the lines of a year that reduce it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funded<'s> {
    /// The risk.
    pub risk: &'s Risk,
    /// The lines, by code.
    pub lines: Vec<&'s Line>,
}

/// What is expected of some risks together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// The sum of the ranges.
    pub expected: Expected,
    /// How many risks.
    pub risks: usize,
    /// How many of them nobody has estimated; they are in no sum.
    pub unknown: usize,
}

/// An agency in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencySpend<'s> {
    /// Which.
    pub agency: &'s AgencyCode,
    /// What its risks may cost.
    pub outlook: Result<Outlook, LossError>,
    /// What is planned in lines that reduce a risk, each line once.
    pub linked: Sums,
    /// What its incidents cost.
    pub losses: Result<LossSums, LossError>,
}

impl Funded<'_> {
    /// The whole of its lines and what of it is security.
    pub fn sums(&self, reading: Reading) -> Sums {
        Sums::of(self.lines.iter().map(|line| &line.about), reading)
    }

    /// Security of a reading beside the upper bound of the loss that it is to reduce, where both are known.
    pub fn ratio(&self, reading: Reading) -> Option<Percent> {
        let expected = self.risk.expected().filter(|_| !self.lines.is_empty())?;
        self.sums(reading).percent_of(expected)
    }

    /// Whether it is above what an agency accepts by itself and no line reduces it.
    pub fn is_left_alone(&self, pack: &RiskPack) -> bool {
        self.lines.is_empty() && self.risk.rating(pack) > pack.appetite
    }
}

/// How much hangs on systems: the level of each, and whether it is critical.
pub type Weights = BTreeMap<SystemCode, (Level, bool)>;

/// The risks that are not closed, those that may cost most first: by the upper bound of what is expected,
/// then the lower one. Those without an estimate come last. Of those that may cost the same the gravest come
/// first, then those of systems of the highest level, then of critical ones.
pub fn rank<'s>(
    risks: &'s [Risk],
    lines: &'s [Line],
    systems: &Weights,
    pack: &RiskPack,
) -> Vec<Funded<'s>> {
    let mut of_risk = BTreeMap::<(&AgencyCode, &RiskCode), Vec<&Line>>::new();
    for line in lines {
        for risk in &line.about.risks {
            of_risk.entry((&line.agency, risk)).or_default().push(line);
        }
    }
    let mut ranked: Vec<Funded<'s>> = standing(risks)
        .map(|risk| {
            let mut lines = of_risk.remove(&(&risk.agency, &risk.code)).unwrap_or_default();
            lines.sort_by_key(|line| &line.about.code);
            Funded { risk, lines }
        })
        .collect();
    ranked.sort_by_key(|funded| {
        let expected = funded.risk.expected().map(Expected::of_ten_years);
        let bounds = expected.map(|range| (range.high(), range.low()));
        let place = (&funded.risk.agency, &funded.risk.code);
        let weight = funded.risk.about.system.as_ref().and_then(|code| systems.get(code));
        (Reverse(bounds), Reverse(funded.risk.rating(pack)), Reverse(weight), place)
    });
    ranked
}

/// What is expected of the risks that are not closed; refused if it is beyond what can be counted.
pub fn outlook<'s>(risks: impl IntoIterator<Item = &'s Risk>) -> Result<Outlook, LossError> {
    standing(risks).try_fold(Outlook::default(), |sum, risk| {
        let expected = risk.expected();
        Ok(Outlook {
            expected: sum.expected.plus(expected.unwrap_or_default())?,
            risks: sum.risks + 1,
            unknown: sum.unknown + usize::from(expected.is_none()),
        })
    })
}

/// The agencies that have a risk, a line that reduces one or an incident, by code.
pub fn by_agency<'s>(
    risks: &'s [Risk],
    lines: &'s [Line],
    incidents: &'s [Incident],
) -> Vec<AgencySpend<'s>> {
    let linked: Vec<&Line> = lines.iter().filter(|line| !line.about.risks.is_empty()).collect();
    let agencies: BTreeSet<&AgencyCode> = standing(risks)
        .map(|risk| &risk.agency)
        .chain(linked.iter().map(|line| &line.agency))
        .chain(incidents.iter().map(|incident| &incident.agency))
        .collect();
    let of = |agency| AgencySpend {
        agency,
        outlook: outlook(risks.iter().filter(|risk| risk.agency == *agency)),
        linked: linked_sums(linked.iter().copied().filter(|line| line.agency == *agency)),
        losses: LossSums::of(
            incidents.iter().filter(|one| one.agency == *agency).map(|one| &one.losses),
        ),
    };
    agencies.into_iter().map(of).collect()
}

/// What is planned in lines that reduce a risk, each line once however many it reduces.
pub fn linked_sums<'s>(lines: impl IntoIterator<Item = &'s Line>) -> Sums {
    let linked = lines.into_iter().filter(|line| !line.about.risks.is_empty());
    Sums::of(linked.map(|line| &line.about), Reading::Planned)
}

fn standing<'s>(risks: impl IntoIterator<Item = &'s Risk>) -> impl Iterator<Item = &'s Risk> {
    risks.into_iter().filter(|risk| risk.state != RiskState::Closed)
}
