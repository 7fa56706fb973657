//! Sets of batch numbers, kept as intervals because numbers grow by one.

use std::fmt;
use std::str::FromStr;

/// A set of batch numbers. A million numbers in a row cost one interval.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// First and last of each interval, ascending, neither overlapping nor adjacent.
    intervals: Vec<(u64, u64)>,
}

impl Numbers {
    /// The empty set.
    pub const fn new() -> Self {
        Self { intervals: Vec::new() }
    }

    /// Adds one number.
    pub fn insert(&mut self, number: u64) {
        self.insert_interval(number, number);
    }

    /// Adds all numbers from `first` to `last`, both included; nothing if `last < first`.
    pub fn insert_interval(&mut self, first: u64, last: u64) {
        if last < first {
            return;
        }
        // The intervals that touch or overlap the new one become one with it.
        let from = self.intervals.partition_point(|&(_, end)| end.saturating_add(1) < first);
        let to = self.intervals.partition_point(|&(start, _)| start <= last.saturating_add(1));
        let touched = self.intervals.get(from..to).unwrap_or_default();
        let joined = touched
            .iter()
            .fold((first, last), |(low, high), &(start, end)| (low.min(start), high.max(end)));
        self.intervals.splice(from..to.max(from), [joined]);
    }

    /// Adds all numbers of another set.
    pub fn merge(&mut self, other: &Self) {
        for &(first, last) in &other.intervals {
            self.insert_interval(first, last);
        }
    }

    /// Whether the number is in the set.
    pub fn contains(&self, number: u64) -> bool {
        let at = self.intervals.partition_point(|&(_, end)| end < number);
        self.intervals.get(at).is_some_and(|&(start, _)| start <= number)
    }

    /// Whether no number is in the set.
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// How many numbers are in the set; at most `u64::MAX`.
    pub fn len(&self) -> u64 {
        self.intervals
            .iter()
            .fold(0_u64, |sum, &(first, last)| sum.saturating_add((last - first).saturating_add(1)))
    }

    /// The intervals, first and last number of each, ascending.
    pub fn intervals(&self) -> &[(u64, u64)] {
        &self.intervals
    }
}

impl FromIterator<u64> for Numbers {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let mut set = Self::new();
        numbers.into_iter().for_each(|number| set.insert(number));
        set
    }
}

/// Intervals with commas: `1-5,9`.
impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, &(first, last)) in self.intervals.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            if first == last {
                write!(f, "{comma}{first}")?;
            } else {
                write!(f, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

/// The text is not a set of numbers as `Display` writes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is neither a number nor an interval of numbers")]
pub struct NumbersError(String);

impl FromStr for Numbers {
    type Err = NumbersError;

    fn from_str(text: &str) -> Result<Self, NumbersError> {
        let mut set = Self::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number = |digits: &str| digits.parse().map_err(|_| NumbersError(part.to_owned()));
            set.insert_interval(number(first)?, number(last)?);
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Numbers;

    proptest! {
        #[test]
        fn a_set_of_intervals_is_a_set(numbers in prop::collection::vec(0_u64..40, 0..60)) {
            let set: Numbers = numbers.iter().copied().collect();
            let plain: BTreeSet<u64> = numbers.iter().copied().collect();
            prop_assert_eq!(set.len(), plain.len() as u64);
            for number in 0..42 {
                prop_assert_eq!(set.contains(number), plain.contains(&number));
            }
            for pair in set.intervals().windows(2) {
                prop_assert!(pair[0].1 + 1 < pair[1].0, "neither overlapping nor adjacent");
            }
            prop_assert_eq!(set.to_string().parse::<Numbers>().unwrap(), set);
        }

        #[test]
        fn merging_is_union(a in prop::collection::btree_set(0_u64..60, 0..30),
                            b in prop::collection::btree_set(0_u64..60, 0..30)) {
            let mut set: Numbers = a.iter().copied().collect();
            set.merge(&b.iter().copied().collect());
            prop_assert_eq!(set, a.union(&b).copied().collect::<Numbers>());
        }
    }

    #[test]
    fn the_ends_of_the_range_hold() {
        let mut set = Numbers::new();
        set.insert(u64::MAX);
        set.insert(0);
        set.insert(u64::MAX - 1);
        assert!(set.contains(u64::MAX) && set.contains(0) && !set.contains(1));
        set.insert_interval(0, u64::MAX);
        assert_eq!(set.intervals(), [(0, u64::MAX)]);
        assert_eq!(set.len(), u64::MAX);
        assert!("1-x".parse::<Numbers>().is_err());
        set.insert_interval(5, 4);
        assert_eq!(set.intervals().len(), 1);
    }
}
