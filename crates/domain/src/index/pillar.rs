//! The indicators by the pillars of the Global Cybersecurity Index, for information: no score comes of it.
//!
//! In go a pack and scores by it, out come the pillars with their indicators and mean shares. It rates no
//! country: which indicator belongs to which pillar is what the pack says, not what ITU does.

use std::iter::Sum;

use super::ratio::{Ratio, fraction, whole};
use super::{IndexPack, Indicator, Score, State};

/// The pillars of the Global Cybersecurity Index of ITU, and none of them.
pub const PILLARS: [&str; 6] =
    ["legal", "technical", "organisational", "capacity", "co-operation", "none"];

/// A pillar with what belongs to it.
#[derive(Clone, Debug)]
pub struct Pillar<'p> {
    /// Its name, one of [`PILLARS`].
    pub name: &'static str,
    /// Its indicators, in the order of the pack.
    pub indicators: Vec<Mapped<'p>>,
    /// What they weigh, of 100.
    pub weight: i64,
    /// What share of the points that they could have there agencies have.
    pub share: Mean,
}

/// An indicator of a pillar.
#[derive(Clone, Debug)]
pub struct Mapped<'p> {
    /// The indicator.
    pub indicator: &'p Indicator,
    /// What share of its points agencies have.
    pub share: Mean,
}

/// A mean over agencies, each of which counts once. Those to which nothing applies do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mean {
    /// The mean, from 0 to 1; `None` if nobody counts.
    pub value: Option<Ratio>,
    /// How many agencies count.
    pub of: usize,
}

impl Sum<Ratio> for Mean {
    fn sum<I: Iterator<Item = Ratio>>(shares: I) -> Self {
        let (sum, of) = shares.fold((whole(0), 0_usize), |(sum, of), share| (sum + share, of + 1));
        Self { value: (of > 0).then(|| sum * fraction(1, of)), of }
    }
}

/// All pillars in the order of [`PILLARS`], also those without an indicator, with the mean shares of some scores.
pub fn pillars<'p>(pack: &'p IndexPack, scores: &[&Score]) -> Vec<Pillar<'p>> {
    let pillar = |name: &'static str| {
        let is_its = |(_, indicator): &(usize, &Indicator)| indicator.gci == name;
        let its: Vec<(usize, &Indicator)> =
            pack.indicators.iter().enumerate().filter(is_its).collect();
        let places: Vec<usize> = its.iter().map(|(place, _)| *place).collect();
        let mapped = its.iter().map(|(place, indicator)| Mapped {
            indicator,
            share: scores.iter().filter_map(|score| share(score, &[*place])).sum(),
        });
        Pillar {
            name,
            indicators: mapped.collect(),
            weight: its.iter().map(|(_, indicator)| indicator.weight).sum(),
            share: scores.iter().filter_map(|score| share(score, &places)).sum(),
        }
    };
    PILLARS.into_iter().map(pillar).collect()
}

/// What share of the points of some indicators an agency has, of those that apply to it.
fn share(score: &Score, places: &[usize]) -> Option<Ratio> {
    let applies = |outcome: &&super::Outcome| outcome.state != State::NotApplicable;
    let outcomes = || places.iter().filter_map(|place| score.outcomes.get(*place)).filter(applies);
    let points: Ratio = outcomes().map(|outcome| &outcome.points).sum();
    let weight: Ratio = outcomes().map(|outcome| &outcome.weight).sum();
    (weight > whole(0)).then(|| points / weight)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::evidence::kinds::Kinds;
    use crate::index::Outcome;
    use crate::index::ratio::text;

    fn pack(text: &str) -> IndexPack {
        IndexPack::parse(text, &Kinds::parse(Kinds::BUILT_IN).unwrap()).unwrap()
    }

    /// An agency that has so many points of so many by each indicator; nothing else applies to it.
    fn score(pack: &IndexPack, had: &[(&str, i64, i64)]) -> Score {
        let outcome = |indicator: &Indicator| {
            let its = had.iter().find(|(id, ..)| *id == indicator.id);
            let (points, weight) = its.map_or((0, 0), |(_, points, weight)| (*points, *weight));
            Outcome {
                state: if its.is_some() { State::Scored } else { State::NotApplicable },
                value: whole(0),
                firm: None,
                earned: fraction(points, weight),
                weight: whole(weight),
                points: whole(points),
                confident: false,
            }
        };
        Score {
            agency: "a".into(),
            cohort: None,
            outcomes: pack.indicators.iter().map(outcome).collect(),
            groups: BTreeMap::new(),
            total: None,
            grade_by_points: None,
            grade: None,
            caps: Vec::new(),
            confidence: whole(0),
        }
    }

    fn told(mean: &Mean) -> (String, usize) {
        (mean.value.as_ref().map_or_else(|| "–".into(), text), mean.of)
    }

    #[test]
    fn every_indicator_is_in_one_pillar_and_no_weight_is_lost() {
        let pack = pack(IndexPack::BUILT_IN);
        let found = pillars(&pack, &[]);
        assert_eq!(found.iter().map(|pillar| pillar.name).collect::<Vec<_>>(), PILLARS);
        let mut ids: Vec<&str> = (found.iter().flat_map(|pillar| &pillar.indicators))
            .map(|mapped| mapped.indicator.id.as_str())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), pack.indicators.len());
        assert_eq!(found.iter().map(|pillar| pillar.weight).sum::<i64>(), 100);
        let empty = Mean { value: None, of: 0 };
        assert!(
            found.iter().all(|pillar| pillar.share == empty),
            "nobody is there to have a share"
        );
    }

    #[test]
    fn a_share_is_the_mean_of_agencies_by_the_points_that_apply_to_each() {
        let pack = pack(IndexPack::BUILT_IN);
        // N2.2 and N2.3 are legal, N3.1 is not.
        let by_id = |id: &str| pack.indicator(id).unwrap().gci.clone();
        assert_eq!(["N2.2", "N2.3"].map(by_id), ["legal", "legal"]);
        assert_ne!(by_id("N3.1"), "legal");
        let all = [
            score(&pack, &[("N2.2", 1, 4), ("N2.3", 2, 2), ("N3.1", 0, 9)]),
            // N2.3 does not apply: its share is of N2.2 alone.
            score(&pack, &[("N2.2", 3, 4)]),
            // Nothing legal applies: it is not in the mean.
            score(&pack, &[("N3.1", 9, 9)]),
        ];
        let all: Vec<&Score> = all.iter().collect();
        let found = pillars(&pack, &all);
        let legal = &found[0];
        // (3/6 + 3/4) ÷ 2
        assert_eq!(told(&legal.share), ("5/8".into(), 2));
        let of = |id: &str| {
            let mapped = legal.indicators.iter().find(|mapped| mapped.indicator.id == id);
            told(&mapped.unwrap().share)
        };
        assert_eq!(of("N2.2"), ("1/2".into(), 2));
        assert_eq!(of("N2.3"), ("1/1".into(), 1));
        assert_eq!(of("N2.4"), ("–".into(), 0));
    }

    #[test]
    fn what_belongs_to_no_pillar_is_told_too() {
        let built_in = pack(IndexPack::BUILT_IN);
        let none = &pillars(&built_in, &[])[5];
        assert_eq!((none.name, none.indicators.len(), none.weight), ("none", 0, 0));
        let text = IndexPack::BUILT_IN.replacen("gci: legal", "gci: none", 1);
        let moved = pack(&text);
        let none = &pillars(&moved, &[])[5];
        let id = &none.indicators[0].indicator.id;
        assert_eq!(
            (none.indicators.len(), built_in.indicator(id).unwrap().gci.as_str()),
            (1, "legal")
        );
    }
}
