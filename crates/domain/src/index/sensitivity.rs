//! How firm an order is: each weight a fifth more and a fifth less.

use std::collections::BTreeMap;

use num_traits::Zero as _;

use super::ratio::{Ratio, fraction, whole};
use super::{IndexPack, Outcome, Score, State, Table};

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
    let mut weighed = BTreeMap::new();
    for (score, _) in cohorts.values().flatten() {
        weighed.entry(applies(score)).or_insert_with_key(|applies| Weighed::new(pack, applies));
    }
    let shift = |(place, by): (usize, Ratio)| {
        let indicator = &pack.indicators[place];
        let change = whole(indicator.weight) * &by;
        let changed: BTreeMap<&Vec<bool>, Changed> = (weighed.iter())
            .map(|(applies, weighed)| (applies, weighed.with(pack, place, &change, applies[place])))
            .collect();
        let mut shift =
            Shift { indicator: indicator.id.clone(), by, tau: BTreeMap::new(), moved: Vec::new() };
        for (cohort, members) in &cohorts {
            let totals = members.iter().map(|(score, _)| {
                changed[&applies(score)].total(score, &indicator.group, &score.outcomes[place])
            });
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

/// Which indicators apply to an agency; many share one answer.
fn applies(score: &Score) -> Vec<bool> {
    score.outcomes.iter().map(|outcome| outcome.state != State::NotApplicable).collect()
}

/// The weights of groups for agencies to which the same indicators apply.
struct Weighed<'p> {
    /// By group, the weight of all its indicators and of those that apply.
    groups: BTreeMap<&'p str, (Ratio, Ratio)>,
    /// The weight of all groups in which something applies.
    live: Ratio,
}

impl<'p> Weighed<'p> {
    fn new(pack: &'p IndexPack, applies: &[bool]) -> Self {
        let mut groups: BTreeMap<&str, (Ratio, Ratio)> = BTreeMap::new();
        for (indicator, applies) in pack.indicators.iter().zip(applies) {
            let (all, left) = groups.entry(&indicator.group).or_default();
            *all += whole(indicator.weight);
            *left += whole(if *applies { indicator.weight } else { 0 });
        }
        let live = groups.values().filter(|(_, left)| !left.is_zero()).map(|(all, _)| all).sum();
        Self { groups, live }
    }

    /// What becomes of points if the weight of an indicator, and with it that of its group, changes.
    fn with(&self, pack: &IndexPack, place: usize, change: &Ratio, applies: bool) -> Changed {
        let (all, left) = &self.groups[pack.indicators[place].group.as_str()];
        if left.is_zero() {
            // A group in which nothing applies has no points to give.
            return Changed { others: whole(1), own: whole(1), indicator: whole(0) };
        }
        let live = &self.live + change;
        let (new_all, gained) = (all + change, if applies { change.clone() } else { whole(0) });
        let share = &new_all / (left + &gained);
        Changed {
            others: &self.live / &live,
            own: &share * left / all * &self.live / &live,
            indicator: gained * share * whole(100) / live,
        }
    }
}

/// What becomes of points: the weights of a group's indicators share what the group is worth, all groups
/// share 100 points, so that each total is a sum of three products.
struct Changed {
    /// Times the points of the other groups,
    others: Ratio,
    /// and times those of the indicator's group,
    own: Ratio,
    /// and times what share the indicator has earned.
    indicator: Ratio,
}

impl Changed {
    fn total(&self, score: &Score, group: &str, outcome: &Outcome) -> Ratio {
        let own = score.groups.get(group).map_or_else(|| whole(0), |(points, _)| points.clone());
        let all = score.total.clone().unwrap_or_default();
        (all - &own) * &self.others + own * &self.own + &outcome.earned * &self.indicator
    }
}

/// The ranks of totals: 1 for the largest, equal ones share one.
fn ranks(totals: &[Ratio]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..totals.len()).collect();
    order.sort_unstable_by(|a, b| totals[*b].cmp(&totals[*a]));
    let mut ranks = vec![1; totals.len()];
    for (at, pair) in order.windows(2).enumerate() {
        let is_same = totals[pair[0]] == totals[pair[1]];
        ranks[pair[1]] = if is_same { ranks[pair[0]] } else { at + 2 };
    }
    ranks
}

/// Counted without looking at each pair: of all pairs, those that are equal in one order alone count for
/// neither, and those that changed sides against.
fn tau(pairs: &[(usize, usize)]) -> Ratio {
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    let both = same_pairs(sorted.iter());
    let old = same_pairs(sorted.iter().map(|(old, _)| old));
    let mut new: Vec<usize> = sorted.into_iter().map(|(_, new)| new).collect();
    let turned = inversions(&mut new);
    let new = same_pairs(new.iter());
    let all = pairs_of(pairs.len());
    if all == 0 { whole(1) } else { fraction(all - old - new + 2 * both - 2 * turned, all) }
}

/// The pairs among so many.
fn pairs_of(count: usize) -> i64 {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    count * (count - 1) / 2
}

/// The pairs of equal ones among what is sorted.
fn same_pairs<T: PartialEq>(sorted: impl Iterator<Item = T>) -> i64 {
    let (mut pairs, mut last, mut count) = (0, None, 0);
    for one in sorted {
        if last.as_ref() == Some(&one) {
            count += 1;
        } else {
            pairs += pairs_of(count);
            (last, count) = (Some(one), 1);
        }
    }
    pairs + pairs_of(count)
}

/// Sorts, and answers how many pairs stood the other way round.
fn inversions(values: &mut [usize]) -> i64 {
    if values.len() < 2 {
        return 0;
    }
    let (left, right) = values.split_at_mut(values.len() / 2);
    let mut count = inversions(left) + inversions(right);
    let (mut from_left, mut from_right) = (left.iter().peekable(), right.iter().peekable());
    let mut merged = Vec::with_capacity(from_left.len() + from_right.len());
    while let Some(value) = match (from_left.peek(), from_right.peek()) {
        (Some(a), Some(b)) if b < a => {
            count += i64::try_from(from_left.len()).unwrap_or(i64::MAX);
            from_right.next()
        }
        (None, _) => from_right.next(),
        _ => from_left.next(),
    } {
        merged.push(*value);
    }
    values.copy_from_slice(&merged);
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pair by pair, as it is defined.
    fn tau_by_pairs(pairs: &[(usize, usize)]) -> Ratio {
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

    proptest! {
        #[test]
        fn tau_is_what_all_pairs_say(pairs in prop::collection::vec((0_usize..9, 0_usize..9), 0..40)) {
            prop_assert_eq!(tau(&pairs), tau_by_pairs(&pairs));
        }

        #[test]
        fn a_rank_is_one_more_than_those_ahead(totals in prop::collection::vec(0_i64..9, 0..30)) {
            let ahead = |total: &i64| totals.iter().filter(|other| *other > total).count();
            let expected: Vec<usize> = totals.iter().map(|total| ahead(total) + 1).collect();
            let totals: Vec<Ratio> = totals.iter().map(|total| whole(*total)).collect();
            prop_assert_eq!(ranks(&totals), expected);
        }
    }

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
