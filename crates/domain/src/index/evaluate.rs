//! The score of one agency.

use std::collections::BTreeMap;

use num_traits::{One as _, Zero as _};

pub use super::value::State;

use super::ratio::{Ratio, clamped, whole};
use super::{IndexPack, Indicator};
use crate::facts::{AgencyId, Scope, Trust, View};

/// What an agency has by one indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What is known.
    pub state: State,
    /// The value by all records, in the unit of the indicator.
    pub value: Ratio,
    /// The value by what is more than the agency's own word; `None` if there is too little of it.
    pub firm: Option<Ratio>,
    /// What share of the points is earned, from 0 to 1.
    pub earned: Ratio,
    /// The points that can be had, with what indicators that are not applicable leave over.
    pub weight: Ratio,
    /// The points that are had.
    pub points: Ratio,
    /// Whether it was measured, with fresh evidence.
    pub confident: bool,
}

/// What an agency has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// The code of the agency.
    pub agency: String,
    /// The cohort that it is compared in.
    pub cohort: Option<String>,
    /// By indicator, in the order of the pack.
    pub outcomes: Vec<Outcome>,
    /// The points of each group, and those that could be had; groups that are not applicable lack.
    pub groups: BTreeMap<String, (Ratio, Ratio)>,
    /// The points of 100; `None` if no indicator is applicable.
    pub total: Option<Ratio>,
    /// The place of the grade by points alone.
    pub grade_by_points: Option<usize>,
    /// The place of the grade; `None` if it is withheld.
    pub grade: Option<usize>,
    /// The places of the caps that hold.
    pub caps: Vec<usize>,
    /// The share of the weight that was measured with fresh evidence.
    pub confidence: Ratio,
}

impl IndexPack {
    /// The scores of all agencies that are rated, in no order. Agencies of other parts of the ledger
    /// can be scored apart, by other threads.
    pub fn scores<'s>(&'s self, view: &'s View) -> impl Iterator<Item = Score> + 's {
        view.agencies().filter_map(|(agency, _)| self.score(view, agency))
    }

    /// The score of one agency, if it is rated.
    pub fn score(&self, view: &View, agency: AgencyId) -> Option<Score> {
        let scope = Scope::new(view, &self.sets, agency);
        if !scope.any(self.rated, Trust::Any) {
            return None;
        }
        let mut outcomes: Vec<Outcome> =
            self.indicators.iter().map(|indicator| self.outcome(indicator, &scope)).collect();
        let holds = |cap: &&super::Cap| scope.any(cap.set, Trust::Any);
        let caps = self.caps.iter().enumerate().filter(|(_, cap)| holds(cap));
        let caps: Vec<usize> = caps.map(|(place, _)| place).collect();
        for &zero in caps.iter().flat_map(|cap| &self.caps[*cap].zero) {
            let outcome = &mut outcomes[zero];
            outcome.earned = Ratio::zero();
            outcome.state = State::Scored;
        }
        let applies: Vec<bool> =
            outcomes.iter().map(|outcome| outcome.state != State::NotApplicable).collect();
        let weights = self.weights(&applies);
        let mut groups: BTreeMap<String, (Ratio, Ratio)> = BTreeMap::new();
        let mut sure = Ratio::zero();
        for ((outcome, weight), indicator) in outcomes.iter_mut().zip(weights).zip(&self.indicators)
        {
            outcome.points = &weight * &outcome.earned;
            outcome.weight = weight;
            if outcome.state == State::NotApplicable {
                continue;
            }
            let group = groups.entry(indicator.group.clone()).or_default();
            group.0 += &outcome.points;
            group.1 += &outcome.weight;
            if outcome.confident {
                sure += &outcome.weight;
            }
        }
        let total: Option<Ratio> =
            (!groups.is_empty()).then(|| groups.values().map(|(points, _)| points).sum());
        let by_points = total
            .as_ref()
            .and_then(|total| self.grades.iter().position(|grade| *total >= grade.from));
        let cohort = self.cohorts.iter().find(|(_, cohort)| scope.any(cohort.set, Trust::Any));
        Some(Score {
            agency: view.code(agency).to_owned(),
            cohort: cohort.map(|(name, _)| name.clone()),
            outcomes,
            groups,
            total,
            grade_by_points: by_points,
            grade: by_points.and_then(|grade| self.capped(grade, &caps)),
            caps,
            confidence: sure / whole(100),
        })
    }

    /// The place of the grade that caps leave.
    fn capped(&self, grade: usize, caps: &[usize]) -> Option<usize> {
        caps.iter().try_fold(grade, |grade, cap| self.caps[*cap].to.map(|to| grade.max(to)))
    }

    fn outcome(&self, indicator: &Indicator, scope: &Scope<'_>) -> Outcome {
        let applies = indicator.applies.iter().all(|set| scope.any(*set, Trust::Any));
        let measured = indicator.measure.measured(scope, &self.register);
        let state = if applies { measured.state } else { State::NotApplicable };
        let value = measured.any * &indicator.scale;
        let firm = measured.firm.map(|firm| firm * &indicator.scale);
        let earned = if state == State::Scored {
            indicator.earned(&value, firm.as_ref())
        } else {
            Ratio::zero()
        };
        Outcome {
            state,
            value,
            firm,
            earned,
            weight: Ratio::zero(),
            points: Ratio::zero(),
            confident: state != State::NotApplicable && measured.confident,
        }
    }

    /// What each indicator can earn of 100 points, by which of them apply: the weight of one that does
    /// not goes to the others of its group, that of a group without any to the other groups, each in
    /// proportion.
    fn weights(&self, applies: &[bool]) -> Vec<Ratio> {
        let mut groups: BTreeMap<&str, (Ratio, Ratio)> = BTreeMap::new();
        let weight = |place: usize| whole(self.indicators[place].weight);
        for (place, indicator) in self.indicators.iter().enumerate() {
            let (all, left) = groups.entry(&indicator.group).or_default();
            *all += weight(place);
            if applies[place] {
                *left += weight(place);
            }
        }
        let live: Ratio =
            groups.values().filter(|(_, left)| !left.is_zero()).map(|(all, _)| all).sum();
        let weights = self.indicators.iter().enumerate().map(|(place, indicator)| {
            let (all, left) = &groups[indicator.group.as_str()];
            if applies[place] && !left.is_zero() {
                weight(place) * all / left * whole(100) / &live
            } else {
                Ratio::zero()
            }
        });
        weights.collect()
    }
}

impl Indicator {
    /// What share of the points a value earns, if part of it rests on the agency's own word: what is
    /// firm in full, what is declared beyond it by the share that the pack states.
    fn earned(&self, value: &Ratio, firm: Option<&Ratio>) -> Ratio {
        let any = self.reached(value);
        let firm = firm.map_or_else(Ratio::zero, |firm| self.reached(firm));
        if any <= firm { any } else { &firm + &self.declared_share * (any - &firm) }
    }

    /// How far a value is from floor to target. It works downwards too: then the target is the lower.
    fn reached(&self, value: &Ratio) -> Ratio {
        if *value == self.target {
            return Ratio::one();
        }
        clamped((value - &self.floor) / (&self.target - &self.floor))
    }
}
