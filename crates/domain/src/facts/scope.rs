//! Which facts of one agency are in which set.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use super::collect::NONE;
use super::{AgencyId, Fact, KindId, Same, Set, SetId, Sets, Trust, View};

/// A fact by its place: of a kind, agency and subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item {
    /// The kind.
    pub kind: KindId,
    pub(crate) row: u32,
}

/// The facts of one agency, and those of the ledger itself.
#[derive(Debug)]
pub struct Scope<'v> {
    view: &'v View,
    sets: &'v Sets,
    agency: AgencyId,
    members: [Vec<OnceCell<Members>>; 2],
}

#[derive(Debug, Default)]
struct Members {
    /// In order.
    rows: Vec<u32>,
    /// By what the set is joined by.
    joined: OnceCell<FxHashMap<u32, Vec<u32>>>,
}

impl<'v> Scope<'v> {
    /// The facts of an agency of a view, in the sets of a pack that the view was made for.
    pub fn new(view: &'v View, sets: &'v Sets, agency: AgencyId) -> Self {
        let none = || (0..sets.len()).map(|_| OnceCell::new()).collect();
        Self { view, sets, agency, members: [none(), none()] }
    }

    /// The view.
    pub fn view(&self) -> &'v View {
        self.view
    }

    /// The sets.
    pub fn sets(&self) -> &'v Sets {
        self.sets
    }

    /// The latest record of a place.
    pub fn fact(&self, item: Item, trust: Trust) -> Option<Fact<'v>> {
        self.view.fact(item.kind, item.row, trust)
    }

    /// The subject of a place.
    pub fn subject(&self, item: Item) -> &'v str {
        self.view.subjects.get(self.view.subject(item.kind, item.row))
    }

    /// The facts in a set.
    pub fn members(&self, set: SetId, trust: Trust) -> impl Iterator<Item = Item> {
        let kind = self.sets.get(set).kind;
        self.of(set, trust).rows.iter().map(move |&row| Item { kind, row })
    }

    /// Whether a set has a fact.
    pub fn any(&self, set: SetId, trust: Trust) -> bool {
        !self.of(set, trust).rows.is_empty()
    }

    /// Whether a fact is in a set.
    pub fn contains(&self, set: SetId, item: Item, trust: Trust) -> bool {
        self.sets.get(set).kind == item.kind
            && self.of(set, trust).rows.binary_search(&item.row).is_ok()
    }

    /// The facts of a set that belong to a fact.
    pub fn related(&self, set: SetId, item: Item, trust: Trust) -> impl Iterator<Item = Item> {
        let kind = self.sets.get(set).kind;
        self.related_rows(set, item, trust).iter().map(move |&row| Item { kind, row })
    }

    /// The facts of a set that are about a system.
    pub fn about_system(
        &self,
        set: SetId,
        system: &str,
        trust: Trust,
    ) -> impl Iterator<Item = Item> {
        let is_it = move |item: &Item| {
            let fact = self.fact(*item, trust);
            fact.is_some_and(|fact| self.view.system_of(&fact) == Some(system))
        };
        self.members(set, trust).filter(is_it)
    }

    fn related_rows(&self, set: SetId, item: Item, trust: Trust) -> &[u32] {
        let members = self.of(set, trust);
        let same = self.sets.get(set).same.unwrap_or(Same::Agency);
        let Some(key) = self.key(item, same) else {
            return if same == Same::Agency { &members.rows } else { &[] };
        };
        let joined = members.joined.get_or_init(|| {
            let mut joined: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
            let kind = self.sets.get(set).kind;
            for &row in &members.rows {
                if let Some(key) = self.key(Item { kind, row }, same) {
                    joined.entry(key).or_default().push(row);
                }
            }
            joined
        });
        joined.get(&key).map_or(&[], Vec::as_slice)
    }

    /// What a fact is joined by: the system of its latest record, or its subject.
    fn key(&self, item: Item, same: Same) -> Option<u32> {
        match same {
            Same::Agency => None,
            Same::Subject => Some(self.view.subject(item.kind, item.row)),
            Same::System => {
                let fact = self.fact(item, Trust::Any)?;
                (fact.system != NONE).then_some(fact.system)
            }
        }
    }

    fn of(&self, set: SetId, trust: Trust) -> &Members {
        let place = usize::from(trust == Trust::Firm);
        self.members[place][set.0].get_or_init(|| {
            let rows = self.find(self.sets.get(set), trust);
            Members { rows, joined: OnceCell::new() }
        })
    }

    fn find(&self, set: &Set, trust: Trust) -> Vec<u32> {
        let cutoff = &self.view.cutoff;
        let oldest = set.within.map(|period| cutoff.before(period));
        let agency = if set.of_ledger { NONE } else { self.agency.0 };
        let is_member = |&row: &u32| {
            let Some(fact) = self.view.fact(set.kind, row, trust) else { return false };
            let item = Item { kind: set.kind, row };
            let has = |other: &SetId| !self.related_rows(*other, item, trust).is_empty();
            fact.until > cutoff.at()
                && oldest.is_none_or(|oldest| fact.at > oldest)
                && set.conditions.iter().all(|(place, test)| test.holds(&fact, *place, cutoff))
                && set.having.iter().all(has)
                && !set.lacking.iter().any(has)
        };
        let rows: Vec<u32> = self.view.rows(set.kind, agency).filter(is_member).collect();
        match set.newest {
            Some(count) => self.newest(set, rows, count, trust),
            None => rows,
        }
    }

    /// The latest of each system, or of all if the set does not belong to systems.
    fn newest(&self, set: &Set, rows: Vec<u32>, count: usize, trust: Trust) -> Vec<u32> {
        let mut kept: FxHashMap<u32, Vec<(i64, u64, u32)>> = FxHashMap::default();
        for row in rows {
            let Some(fact) = self.view.fact(set.kind, row, trust) else { continue };
            let group = if set.same == Some(Same::System) { fact.system } else { NONE };
            kept.entry(group).or_default().push((fact.at, fact.seq, row));
        }
        let mut rows = Vec::new();
        for mut group in kept.into_values() {
            group.sort_unstable_by(|a, b| b.cmp(a));
            rows.extend(group.into_iter().take(count).map(|(_, _, row)| row));
        }
        rows.sort_unstable();
        rows
    }
}
