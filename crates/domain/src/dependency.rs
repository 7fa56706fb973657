//! Which system needs which: a graph without circles.

mod reach;

pub use reach::Reach;

use std::collections::{BTreeMap, BTreeSet};

use crate::code::SystemCode;

/// Needs of systems: who needs whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs(BTreeMap<SystemCode, BTreeSet<SystemCode>>);

impl Needs {
    /// The needs of pairs: a system and one that it needs.
    pub fn new(pairs: impl IntoIterator<Item = (SystemCode, SystemCode)>) -> Self {
        let mut needs = Self::default();
        for (system, needed) in pairs {
            needs.0.entry(system).or_default().insert(needed);
        }
        needs
    }

    /// Each system with one that it needs itself.
    pub fn pairs(&self) -> impl Iterator<Item = (&SystemCode, &SystemCode)> {
        self.0.iter().flat_map(|(system, all)| all.iter().map(move |needed| (system, needed)))
    }

    /// What a system needs itself.
    pub fn of(&self, system: &SystemCode) -> BTreeSet<SystemCode> {
        self.0.get(system).cloned().unwrap_or_default()
    }

    /// Says anew what a system needs.
    pub fn set(&mut self, system: SystemCode, needed: BTreeSet<SystemCode>) {
        self.0.insert(system, needed);
    }

    /// The systems that need a system, themselves or by way of others, with how far away they are;
    /// the nearest first.
    pub fn dependents(&self, system: &SystemCode) -> Vec<(SystemCode, usize)> {
        let mut back: BTreeMap<&SystemCode, Vec<&SystemCode>> = BTreeMap::new();
        for (one, needed) in &self.0 {
            for other in needed {
                back.entry(other).or_default().push(one);
            }
        }
        let mut seen = BTreeSet::from([system]);
        let mut found = Vec::new();
        let mut edge = vec![system];
        let mut far = 0;
        while !edge.is_empty() {
            far += 1;
            let mut next = Vec::new();
            for at in edge {
                for one in back.get(at).into_iter().flatten() {
                    if seen.insert(one) {
                        found.push(((*one).clone(), far));
                        next.push(*one);
                    }
                }
            }
            edge = next;
        }
        found
    }

    /// The way from a system back to itself, if what it needs needs it.
    pub fn circle(&self, system: &SystemCode) -> Option<Vec<SystemCode>> {
        // Each system is left once, and knows by whom it was reached.
        let mut from: BTreeMap<&SystemCode, &SystemCode> = BTreeMap::new();
        let mut open = vec![system];
        while let Some(at) = open.pop() {
            for next in self.0.get(at).into_iter().flatten() {
                if next == system {
                    let mut way = vec![system.clone()];
                    let mut back = at;
                    while back != system {
                        way.push(back.clone());
                        back = from.get(back)?;
                    }
                    way.push(system.clone());
                    way.reverse();
                    return Some(way);
                }
                if !from.contains_key(next) {
                    from.insert(next, at);
                    open.push(next);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> SystemCode {
        SystemCode::new(text).unwrap()
    }

    fn needs(pairs: &[(&str, &str)]) -> Needs {
        Needs::new(pairs.iter().map(|(one, other)| (code(one), code(other))))
    }

    #[test]
    fn a_circle_is_told_with_its_way() {
        let needs = needs(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]);
        let way = needs.circle(&code("a")).unwrap();
        let way: Vec<&str> = way.iter().map(SystemCode::as_str).collect();
        assert_eq!(way, ["a", "b", "c", "a"]);
        assert_eq!(needs.circle(&code("d")), None);
        let own = super::tests::needs(&[("a", "a")]);
        assert_eq!(own.circle(&code("a")).unwrap().len(), 2);
    }

    #[test]
    fn dependents_are_found_the_nearest_first() {
        let needs = needs(&[("web", "sso"), ("sso", "lgsp"), ("app", "lgsp"), ("web", "app")]);
        let found = needs.dependents(&code("lgsp"));
        let found: Vec<(&str, usize)> = found.iter().map(|(c, far)| (c.as_str(), *far)).collect();
        assert_eq!(found, [("app", 1), ("sso", 1), ("web", 2)]);
        assert!(needs.dependents(&code("web")).is_empty());
    }

    proptest! {
        #[test]
        fn a_graph_without_forward_edges_has_no_circle(pairs in prop::collection::vec((0..12_u8, 0..12_u8), 0..40)) {
            let name = |n: u8| code(&format!("s{n}"));
            let down = pairs.iter().filter(|(a, b)| a > b).map(|(a, b)| (name(*a), name(*b)));
            let needs = Needs::new(down);
            for n in 0..12 {
                prop_assert_eq!(needs.circle(&name(n)), None);
            }
        }

        #[test]
        fn whoever_depends_on_itself_is_in_a_circle(pairs in prop::collection::vec((0..8_u8, 0..8_u8), 0..20)) {
            let name = |n: u8| code(&format!("s{n}"));
            let needs = Needs::new(pairs.iter().map(|(a, b)| (name(*a), name(*b))));
            for n in 0..8 {
                let reaches = needs.of(&name(n)).iter().any(|one| {
                    *one == name(n) || needs.dependents(&name(n)).iter().any(|(c, _)| c == one)
                });
                prop_assert_eq!(needs.circle(&name(n)).is_some(), reaches);
            }
        }
    }
}
