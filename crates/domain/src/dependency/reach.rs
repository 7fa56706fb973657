//! Who needs whom by way of others, for all systems at once.
//!
//! Systems and [`Needs`] come in; what comes out answers for each system what it needs and what needs it.
//! Retired systems are left out, and with them every way that leads through one. One row of bits a system is
//! filled from what it needs itself, in an order in which that is full already: a province of 10,000 systems
//! takes a walk over its needs and 25 MB.

use std::collections::BTreeMap;

use super::Needs;
use crate::code::SystemCode;
use crate::system::{Stage, System};

/// What leads where.
#[derive(Debug)]
pub struct Reach<'a> {
    systems: Vec<&'a System>,
    places: BTreeMap<&'a SystemCode, usize>,
    needed: Rows,
    dependents: Rows,
}

impl<'a> Reach<'a> {
    /// Follows the needs of systems that are not retired.
    pub fn new(systems: impl IntoIterator<Item = &'a System>, needs: &Needs) -> Self {
        let systems = systems.into_iter().filter(|system| system.stage != Stage::Retired);
        let systems: Vec<&System> = systems.collect();
        let places: BTreeMap<_, _> =
            systems.iter().enumerate().map(|(place, system)| (&system.code, place)).collect();
        let mut there = vec![Vec::new(); systems.len()];
        let mut back = vec![Vec::new(); systems.len()];
        for (system, needed) in needs.pairs() {
            if let (Some(from), Some(to)) = (places.get(system), places.get(needed)) {
                there[*from].push(*to);
                back[*to].push(*from);
            }
        }
        Self { needed: Rows::of(&there), dependents: Rows::of(&back), systems, places }
    }

    /// The systems that are not retired, in the order in which they came.
    pub fn systems(&self) -> &[&'a System] {
        &self.systems
    }

    /// What a system needs, itself or by way of others.
    pub fn needed(&self, code: &SystemCode) -> impl Iterator<Item = &'a System> {
        self.row(&self.needed, code)
    }

    /// What needs a system, itself or by way of others.
    pub fn dependents(&self, code: &SystemCode) -> impl Iterator<Item = &'a System> {
        self.row(&self.dependents, code)
    }

    fn row<'r>(&'r self, rows: &'r Rows, code: &SystemCode) -> impl Iterator<Item = &'a System> {
        let place = self.places.get(code);
        place.into_iter().flat_map(|place| rows.members(*place)).map(|member| self.systems[member])
    }
}

/// For each of some places, a set of them.
#[derive(Debug)]
struct Rows {
    /// So many words has a row.
    words: usize,
    bits: Vec<u64>,
}

impl Rows {
    /// Where one comes by edges, from each place.
    fn of(edges: &[Vec<usize>]) -> Self {
        let words = edges.len().div_ceil(64);
        let mut rows = Self { words, bits: vec![0; words * edges.len()] };
        let order = children_first(edges);
        // Once, unless edges lead in a circle.
        let mut changed = true;
        while changed {
            changed = false;
            for place in &order {
                for next in &edges[*place] {
                    changed |= rows.join(*place, *next);
                }
            }
        }
        for place in 0..edges.len() {
            rows.bits[place * words + place / 64] &= !(1 << (place % 64));
        }
        rows
    }

    /// Adds a place, and all that it has, to what another has. Answers whether that had less.
    fn join(&mut self, place: usize, next: usize) -> bool {
        let mut changed = false;
        for word in 0..self.words {
            let own = if word == next / 64 { 1 << (next % 64) } else { 0 };
            let more = self.bits[next * self.words + word] | own;
            let had = &mut self.bits[place * self.words + word];
            changed |= more & !*had != 0;
            *had |= more;
        }
        changed
    }

    fn members(&self, place: usize) -> impl Iterator<Item = usize> {
        let row = &self.bits[place * self.words..(place + 1) * self.words];
        row.iter().enumerate().flat_map(|(word, bits)| {
            let mut left = *bits;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.checked_sub(1)?;
                Some(word * 64 + bit as usize)
            })
        })
    }
}

/// All places, each behind those to which its edges lead, as far as these lead in no circle.
fn children_first(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(edges.len());
    let mut is_seen = vec![false; edges.len()];
    for first in 0..edges.len() {
        // Places on the way, each with the next of its edges.
        let mut way = Vec::new();
        if !std::mem::replace(&mut is_seen[first], true) {
            way.push((first, 0));
        }
        while let Some((place, edge)) = way.last_mut() {
            let Some(next) = edges[*place].get(*edge) else {
                order.push(*place);
                way.pop();
                continue;
            };
            *edge += 1;
            if !std::mem::replace(&mut is_seen[*next], true) {
                way.push((*next, 0));
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::code::AgencyCode;
    use crate::system::Level;

    fn code(n: usize) -> SystemCode {
        SystemCode::new(&format!("s{n}")).unwrap()
    }

    fn system(n: usize, stage: Stage) -> System {
        let agency = AgencyCode::new("so-a").unwrap();
        let level = Level::new(3).unwrap();
        System::new(code(n), agency, format!("S{n}"), level, stage, Timestamp::UNIX_EPOCH)
    }

    fn codes<'s>(systems: impl Iterator<Item = &'s System>) -> BTreeSet<SystemCode> {
        systems.map(|system| system.code.clone()).collect()
    }

    #[test]
    fn ways_through_what_is_retired_lead_nowhere() {
        let needs = Needs::new([(code(0), code(1)), (code(1), code(2)), (code(3), code(2))]);
        let all: Vec<System> = (0..4).map(|n| system(n, Stage::Operation)).collect();
        let reach = Reach::new(&all, &needs);
        assert_eq!(codes(reach.dependents(&code(2))), BTreeSet::from([code(0), code(1), code(3)]));
        assert_eq!(codes(reach.needed(&code(0))), BTreeSet::from([code(1), code(2)]));
        let retired = [system(1, Stage::Retired), all[0].clone(), all[2].clone(), all[3].clone()];
        let reach = Reach::new(&retired, &needs);
        assert_eq!(codes(reach.dependents(&code(2))), BTreeSet::from([code(3)]));
        assert!(codes(reach.needed(&code(0))).is_empty() && reach.systems().len() == 3);
        assert!(codes(reach.needed(&code(9))).is_empty(), "it is not registered");
    }

    proptest! {
        /// A system has exactly those dependents from which a way leads to it, circles or not.
        #[test]
        fn it_has_whom_a_way_leads_to(
            pairs in prop::collection::vec((0..90_usize, 0..90_usize), 0..220),
            gone in prop::collection::btree_set(0..90_usize, 0..4),
        ) {
            let pairs = pairs.into_iter().filter(|(one, other)| one != other);
            let pairs: Vec<(SystemCode, SystemCode)> =
                pairs.map(|(one, other)| (code(one), code(other))).collect();
            let stage = |n| if gone.contains(&n) { Stage::Retired } else { Stage::Operation };
            let all: Vec<System> = (0..90).map(|n| system(n, stage(n))).collect();
            let reach = Reach::new(&all, &Needs::new(pairs.iter().cloned()));
            let gone: BTreeSet<SystemCode> = gone.iter().map(|n| code(*n)).collect();
            let live = pairs.into_iter().filter(|(a, b)| !gone.contains(a) && !gone.contains(b));
            let live = Needs::new(live);
            for n in 0..90 {
                let far: BTreeSet<_> = live.dependents(&code(n)).into_iter().map(|(c, _)| c).collect();
                prop_assert_eq!(codes(reach.dependents(&code(n))), far.clone());
                for one in &far {
                    prop_assert!(codes(reach.needed(one)).contains(&code(n)));
                }
            }
        }
    }
}
