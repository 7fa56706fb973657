//! Links that lead from one network into another, and whether a decision lets them.
//!
//! What systems need and their papers of the kind [`ZONE_LINK`] come in, links come out. A link is there if one
//! system needs another in another network, or if a paper says so. A decision is in force to the end of its last day.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::code::SystemCode;
use crate::dependency::Needs;
use crate::evidence::kinds::day;
use crate::paper::{KeptPaper, UNTIL};
use crate::system::{Stage, System};

/// The kind of papers that lets two systems be joined.
pub const ZONE_LINK: &str = "zone-link";

closed! {
    /// How a link stands, what is gravest first.
    Standing {
        /// Nobody has decided about it.
        None = "none",
        /// The decision has ended.
        Ended = "ended",
        /// A decision is in force.
        InForce = "in-force",
    }
}

/// A link from a system to one in another network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing<'a> {
    /// The system that needs the other.
    pub from: &'a System,
    /// The other.
    pub to: &'a System,
    /// Whether it is needed, or only a paper names it.
    pub is_needed: bool,
    /// The decision that holds longest, if there is one.
    pub paper: Option<&'a KeptPaper>,
    /// How it stands.
    pub standing: Standing,
}

/// The links between systems in different networks, what is gravest first. Retired systems have none, and systems
/// that are not given neither.
pub fn crossings<'a>(
    systems: impl IntoIterator<Item = &'a System>,
    needs: &Needs,
    papers: &'a [KeptPaper],
    today: Date,
) -> Vec<Crossing<'a>> {
    let systems = systems.into_iter().filter(|system| system.stage != Stage::Retired);
    let systems: BTreeMap<&SystemCode, &System> =
        systems.map(|system| (&system.code, system)).collect();
    let across = |from: &SystemCode, to: &SystemCode| {
        let (from, to) = (*systems.get(from)?, *systems.get(to)?);
        (from.zone != to.zone).then_some((from, to))
    };
    let link = |(from, to), is_needed| Crossing {
        from,
        to,
        is_needed,
        paper: None,
        standing: Standing::None,
    };
    let needed = needs.pairs().filter_map(|(from, to)| across(from, to));
    let needed = needed.map(|ends| ((&ends.0.code, &ends.1.code), link(ends, true)));
    let mut found: BTreeMap<(&SystemCode, &SystemCode), Crossing<'a>> = needed.collect();
    for kept in papers.iter().filter(|kept| kept.paper.kind == ZONE_LINK) {
        let ends = kept.paper.to.as_ref().and_then(|to| across(&kept.paper.system, to));
        let Some(ends) = ends else { continue };
        let place = (&ends.0.code, &ends.1.code);
        let link = found.entry(place).or_insert_with(|| link(ends, false));
        if link.paper.is_none_or(|known| last_day(known) < last_day(kept)) {
            link.paper = Some(kept);
            let holds = kept.paper.holds(today);
            link.standing = if holds { Standing::InForce } else { Standing::Ended };
        }
    }
    let mut found: Vec<Crossing<'a>> = found.into_values().collect();
    found.sort_by_key(|link| link.standing);
    found
}

/// The last day of a paper; what has no end is last.
fn last_day(kept: &KeptPaper) -> Date {
    let until = kept.paper.values.get(UNTIL);
    until.and_then(|text| day(text)).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::code::AgencyCode;
    use crate::ids::PaperId;
    use crate::paper::Paper;
    use crate::system::{Level, Zone};

    fn code(text: &str) -> SystemCode {
        SystemCode::new(text).unwrap()
    }

    fn system(name: &str, zone: Zone) -> System {
        let (agency, level) = (AgencyCode::new("so-a").unwrap(), Level::new(3).unwrap());
        let now = Timestamp::UNIX_EPOCH;
        System {
            zone,
            ..System::new(code(name), agency, name.into(), level, Stage::Operation, now)
        }
    }

    fn paper(from: &str, to: &str, until: Option<&str>) -> KeptPaper {
        let values = until.map(|day| (UNTIL.to_owned(), day.to_owned())).into_iter().collect();
        let (system, to, kind) = (code(from), Some(code(to)), ZONE_LINK.to_owned());
        let agency = AgencyCode::new("so-a").unwrap();
        KeptPaper { id: PaperId(1), agency, paper: Paper { system, kind, to, values } }
    }

    fn all() -> [System; 4] {
        [
            system("web", Zone::Internet),
            system("lgsp", Zone::Dedicated),
            system("kho", Zone::Isolated),
            system("sso", Zone::Internet),
        ]
    }

    /// Each link with how it stands on the 15th.
    fn told(
        systems: &[System],
        needs: &[(&str, &str)],
        papers: &[KeptPaper],
    ) -> Vec<(String, Standing)> {
        let needs = Needs::new(needs.iter().map(|(one, other)| (code(one), code(other))));
        let found = crossings(systems, &needs, papers, "2026-10-15".parse().unwrap());
        let told = |link: &Crossing<'_>| format!("{} {}", link.from.code, link.to.code);
        found.iter().map(|link| (told(link), link.standing)).collect()
    }

    #[test]
    fn a_decision_holds_on_its_last_day_and_not_on_the_day_after() {
        let needs = [("web", "lgsp"), ("web", "kho"), ("web", "sso"), ("lgsp", "kho")];
        let papers =
            [paper("web", "lgsp", Some("2026-10-15")), paper("web", "kho", Some("2026-10-14"))];
        let link = |text: &str, standing| (text.to_owned(), standing);
        assert_eq!(
            told(&all(), &needs, &papers),
            [
                link("lgsp kho", Standing::None),
                link("web kho", Standing::Ended),
                link("web lgsp", Standing::InForce),
            ],
            "web and sso stand in one network"
        );
    }

    #[test]
    fn the_decision_that_holds_longest_counts_and_only_this_way() {
        let needs = [("web", "lgsp")];
        let told = |papers: &[KeptPaper]| told(&all(), &needs, papers)[0].1;
        let (old, new) = ("2026-01-01", "2026-12-31");
        let (old, new) = (paper("web", "lgsp", Some(old)), paper("web", "lgsp", Some(new)));
        assert_eq!(told(&[old.clone(), new.clone()]), Standing::InForce);
        assert_eq!(told(&[new, old.clone()]), Standing::InForce);
        assert_eq!(told(&[paper("web", "lgsp", None), old]), Standing::InForce, "it has no end");
        let back = [paper("lgsp", "web", None)];
        let both = super::tests::told(&all(), &needs, &back);
        assert_eq!(both[0], ("web lgsp".to_owned(), Standing::None));
        assert_eq!(both[1], ("lgsp web".to_owned(), Standing::InForce), "a paper alone is a link");
    }

    #[test]
    fn what_is_retired_not_there_or_in_one_network_is_no_link() {
        let mut systems = all();
        systems[1].stage = Stage::Retired;
        let needs = [("web", "lgsp"), ("web", "gone")];
        let papers =
            [paper("web", "lgsp", None), paper("web", "sso", None), paper("gone", "web", None)];
        assert_eq!(told(&systems, &needs, &papers), []);
        let other = KeptPaper {
            paper: Paper { kind: "continuity".into(), ..paper("web", "kho", None).paper },
            ..paper("web", "kho", None)
        };
        assert_eq!(told(&systems, &[], &[other]), []);
    }

    proptest! {
        #[test]
        fn every_need_across_is_a_link_once(pairs in prop::collection::btree_set((0..12_u8, 0..12_u8), 0..40)) {
            let zone = |n: u8| Zone::ALL[usize::from(n) % 3];
            let name = |n: u8| format!("s{n}");
            let systems: Vec<System> = (0..12).map(|n| system(&name(n), zone(n))).collect();
            let needs = Needs::new(pairs.iter().map(|(a, b)| (code(&name(*a)), code(&name(*b)))));
            let found = crossings(&systems, &needs, &[], "2026-10-15".parse().unwrap());
            let across = pairs.iter().filter(|(a, b)| zone(*a) != zone(*b)).count();
            prop_assert_eq!(found.len(), across);
            prop_assert!(found.iter().all(|link| link.is_needed && link.standing == Standing::None));
        }
    }
}
