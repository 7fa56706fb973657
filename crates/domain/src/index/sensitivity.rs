//! How firm an order is: each weight a fifth more and a fifth less.

use std::collections::BTreeMap;

use super::ratio::{Ratio, fraction, whole};
use super::{IndexPack, Score, State, Table};

/// How an order changes if one weight does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The indicator.
    pub indicator: String,
    /// The part by which its weight is changed, `1/5` or `-1/5`.
    pub by: Ratio,
    /// By cohort, Kendall's tau of the orders: the pairs of agencies that stand to one another as
    /// before, less those that changed sides, of all pairs. A pair that was or became equal counts for
    /// neither. 1 is the same order, -1 the opposite.
    pub tau: BTreeMap<String, Ratio>,
    /// The agencies whose rank changes, with the old and the new one.
    pub moved: Vec<(String, usize, usize)>,
}

/// How firm the orders of a table are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sensitivity {
    /// All changes, in the order of the pack, more before less.
    pub shifts: Vec<Shift>,
}

impl Sensitivity {
    /// The least tau of a cohort.
    pub fn least(&self, cohort: &str) -> Option<&Ratio> {
        self.shifts.iter().filter_map(|shift| shift.tau.get(cohort)).min()
    }
}

/// Changes each weight by a fifth, up and down, and looks at the ranked cohorts anew.
pub fn sensitivity(pack: &IndexPack, table: &Table) -> Sensitivity {
    let mut cohorts: BTreeMap<&str, Vec<(&Score, usize)>> = BTreeMap::new();
    for (score, place) in table.scores.iter().zip(&table.places) {
        if let (Some(rank), Some(cohort)) = (place.rank, &score.cohort) {
            cohorts.entry(cohort).or_default().push((score, rank));
        }
    }
    let shift = |(place, by): (usize, Ratio)| {
        let indicator = &pack.indicators[place];
        let weight = whole(indicator.weight) * (whole(1) + &by);
        let mut shift =
            Shift { indicator: indicator.id.clone(), by, tau: BTreeMap::new(), moved: Vec::new() };
        for (cohort, members) in &cohorts {
            let totals = members.iter().map(|(score, _)| total(pack, score, place, &weight));
            let ranks = ranks(&totals.collect::<Vec<_>>());
            let pairs: Vec<(usize, usize)> =
                members.iter().zip(&ranks).map(|((_, old), new)| (*old, *new)).collect();
            shift.tau.insert((*cohort).to_owned(), tau(&pairs));
            let moved = members.iter().zip(&pairs).filter(|(_, (old, new))| old != new);
            let named = moved.map(|((score, _), (old, new))| (score.agency.clone(), *old, *new));
            shift.moved.extend(named);
        }
        shift
    };
    let changes = (0..pack.indicators.len())
        .flat_map(|place| [(place, fraction(1, 5)), (place, fraction(-1, 5))]);
    Sensitivity { shifts: changes.map(shift).collect() }
}

fn total(pack: &IndexPack, score: &Score, place: usize, weight: &Ratio) -> Ratio {
    let applies: Vec<bool> =
        score.outcomes.iter().map(|outcome| outcome.state != State::NotApplicable).collect();
    let weights = pack.weights(&applies, Some((place, weight)));
    weights.iter().zip(&score.outcomes).map(|(weight, outcome)| weight * &outcome.earned).sum()
}

/// The ranks of totals: 1 for the largest, equal ones share one.
fn ranks(totals: &[Ratio]) -> Vec<usize> {
    let mut sorted: Vec<&Ratio> = totals.iter().collect();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    totals.iter().map(|total| sorted.partition_point(|other| *other > total) + 1).collect()
}

fn tau(pairs: &[(usize, usize)]) -> Ratio {
    let (mut same, mut all) = (0_i64, 0_i64);
    for (at, (old, new)) in pairs.iter().enumerate() {
        for (other_old, other_new) in &pairs[at + 1..] {
            let (before, after) = (old.cmp(other_old), new.cmp(other_new));
            all += 1;
            same += i64::from(before == after)
                - i64::from(before == after.reverse() && before != after);
        }
    }
    if all == 0 { whole(1) } else { fraction(same, all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tau_is_one_for_the_same_order_and_less_for_others() {
        assert_eq!(tau(&[(1, 1), (2, 2), (3, 3)]), whole(1));
        assert_eq!(tau(&[(1, 3), (2, 2), (3, 1)]), whole(-1));
        // One of three pairs has changed sides.
        assert_eq!(tau(&[(1, 2), (2, 1), (3, 3)]), fraction(1, 3));
        // Equal before and after is the same; equal only once counts for neither.
        assert_eq!(tau(&[(1, 1), (1, 1), (3, 3)]), whole(1));
        assert_eq!(tau(&[(1, 1), (1, 2), (3, 3)]), fraction(2, 3));
    }
}
