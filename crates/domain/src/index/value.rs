//! What a measure gives for one agency.

use num_traits::{One as _, Zero as _};

use super::measure::{Measure, Places, Way, Weigh};
use super::ratio::{Ratio, fraction, whole};
use crate::evidence::How;
use crate::facts::{Fact, Item, KindId, Scope, SetId, Trust};

/// What is known of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was measured.
    Scored,
    /// There is no evidence: it earns nothing.
    NoEvidence,
    /// It does not concern the agency: its weight goes to others.
    NotApplicable,
}

impl State {
    /// The name that results use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scored => "scored",
            Self::NoEvidence => "no-evidence",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// A measure of one agency.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) state: State,
    /// Of all records.
    pub(super) any: Ratio,
    /// Of what is more than the agency's own word; `None` if there is too little of it.
    pub(super) firm: Option<Ratio>,
    /// Whether all that was used was measured, and there was something.
    pub(super) confident: bool,
}

impl Measure {
    pub(super) fn measured(&self, scope: &Scope<'_>, register: &[KindId]) -> Measured {
        if let Way::Parts(parts) = &self.way {
            return of_parts(parts, scope, register);
        }
        let elements = self.elements(scope);
        let state = self.state(scope, &elements);
        let (mut any, mut firm) = (Ratio::zero(), None);
        if state == State::Scored {
            any = self.value(scope, &elements, Trust::Any).unwrap_or_default();
            firm = self.value(scope, &elements, Trust::Firm);
        }
        let used: Vec<How> = self
            .used(scope, &elements)
            .into_iter()
            .filter(|item| !register.contains(&item.kind))
            .filter_map(|item| Some(scope.fact(item, Trust::Any)?.how))
            .collect();
        let confident = !used.is_empty() && used.iter().all(|how| *how == How::Measured);
        Measured { state, any, firm, confident }
    }

    /// What is counted: the facts of `each`, each once, filled up if they are too few.
    pub(super) fn elements(&self, scope: &Scope<'_>) -> Vec<Item> {
        let own = match &self.way {
            Way::Exists(having) if self.each.is_empty() => having,
            _ => &self.each,
        };
        let facts = |sets: &[SetId]| {
            let all = sets.iter().flat_map(|set| scope.members(*set, Trust::Any));
            let mut all: Vec<Item> = all.collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let mut elements = facts(own);
        let missing = (self.least as usize).saturating_sub(elements.len());
        if missing > 0 && !self.fill.is_empty() {
            let mut more = facts(&self.fill);
            more.retain(|item| !elements.contains(item));
            let age = |item: &Item| scope.fact(*item, Trust::Any).map(|fact| (fact.at, fact.seq));
            more.sort_unstable_by_key(|item| std::cmp::Reverse(age(item)));
            elements.extend(more.into_iter().take(missing));
        }
        elements
    }

    pub(super) fn state(&self, scope: &Scope<'_>, elements: &[Item]) -> State {
        let count = match &self.way {
            Way::Ratio { bottom, .. } => {
                elements.iter().map(|item| self.number(scope, bottom, *item, Trust::Any)).sum()
            }
            _ => elements.len() as i128,
        };
        if !elements.is_empty() && count >= i128::from(self.least) {
            return State::Scored;
        }
        // Not by one's own word: silence and saying so make nothing inapplicable.
        let nothing = self.nothing.iter().any(|set| scope.any(*set, Trust::Firm));
        if nothing || (self.few_not_applicable && !elements.is_empty()) {
            State::NotApplicable
        } else {
            State::NoEvidence
        }
    }

    /// The value of enough elements. What is not known to be so counts as not being so; only a time has
    /// no value that says that, and is `None` if too few are known.
    fn value(&self, scope: &Scope<'_>, elements: &[Item], trust: Trust) -> Option<Ratio> {
        Some(match &self.way {
            Way::Share { weigh, .. } => {
                let (mut met, mut all) = (0_i128, 0_i128);
                for &item in elements {
                    let weight = weigh.as_ref().map_or(1, |weigh| self.weight(scope, weigh, item));
                    all += weight;
                    if self.meets(scope, item, trust) {
                        met += weight;
                    }
                }
                fraction(met, all)
            }
            Way::Ratio { top, bottom } => {
                let (mut tops, mut bottoms) = (0_i128, 0_i128);
                for &item in elements {
                    let counts = self.counted(scope, item, trust).is_some();
                    tops += if counts { self.number(scope, top, item, trust) } else { 0 };
                    let of = if counts { trust } else { Trust::Any };
                    bottoms += self.number(scope, bottom, item, of);
                }
                fraction(tops, bottoms)
            }
            Way::Mean { of, top, bottom } => {
                let values = elements.iter().map(|&item| {
                    let sources = self.sources(scope, of, item, trust);
                    let sets = if of.is_empty() { &self.each } else { of };
                    let sum = |places: &Places| {
                        let values = sources.iter().map(|(kind, fact)| {
                            place(scope, sets, places, *kind).and_then(|at| fact.value(at))
                        });
                        values.map(|value| i128::from(value.unwrap_or_default())).sum()
                    };
                    let bottom = bottom.as_ref().map_or(sources.len() as i128, sum);
                    fraction(sum(top), bottom)
                });
                values.sum::<Ratio>() / whole(elements.len() as i64)
            }
            Way::Percentile { rank, unit, .. } => {
                let known =
                    elements.iter().filter(|item| self.counted(scope, **item, trust).is_some());
                let mut durations: Vec<i64> =
                    known.map(|item| self.duration(scope, *item, trust)).collect();
                if (durations.len() as i64) < self.least {
                    return None;
                }
                durations.sort_unstable();
                let place = (*rank as usize * durations.len()).div_ceil(100);
                fraction(*durations.get(place.checked_sub(1)?)?, *unit)
            }
            Way::Exists(having) => {
                if having.iter().all(|set| scope.any(*set, trust)) {
                    Ratio::one()
                } else {
                    Ratio::zero()
                }
            }
            Way::Count(full) => {
                let count =
                    elements.iter().filter(|item| self.counted(scope, **item, trust).is_some());
                fraction(count.count() as i64, *full).min(Ratio::one())
            }
            // Measured by themselves.
            Way::Parts(_) => return None,
        })
    }

    /// The record of an element, if it is an element by such records too.
    pub(super) fn counted<'v>(
        &self,
        scope: &Scope<'v>,
        item: Item,
        trust: Trust,
    ) -> Option<Fact<'v>> {
        let sets = self.each.iter().chain(&self.fill);
        let counts = sets.into_iter().any(|set| scope.contains(*set, item, trust));
        scope.fact(item, trust).filter(|_| counts)
    }

    /// Whether an element meets what a share asks.
    pub(super) fn meets(&self, scope: &Scope<'_>, item: Item, trust: Trust) -> bool {
        let Way::Share { is, having, lacking, .. } = &self.way else { return false };
        let has = |set: &SetId| scope.related(*set, item, trust).next().is_some();
        (is.is_empty() || is.iter().any(|set| scope.contains(*set, item, trust)))
            && having.iter().all(has)
            && !lacking.iter().any(has)
    }

    /// How long an element took, in seconds; until the cut-off if it is open.
    pub(super) fn duration(&self, scope: &Scope<'_>, item: Item, trust: Trust) -> i64 {
        let Way::Percentile { from, to, .. } = &self.way else { return 0 };
        let at = scope.view().cutoff().at();
        let field = |places: &Places, fact: Option<Fact<'_>>| {
            fact?.value(place(scope, &self.each, places, item.kind)?)
        };
        let begun = field(from, scope.fact(item, Trust::Any)).unwrap_or(at);
        let ended = field(to, self.counted(scope, item, trust)).unwrap_or(at).min(at);
        (ended - begun).max(0)
    }

    /// The numbers of an element above and below the line, if they are its own.
    pub(super) fn numbers(&self, scope: &Scope<'_>, item: Item) -> Option<(i128, i128)> {
        let (top, bottom) = match &self.way {
            Way::Ratio { top, bottom } => (top, bottom),
            Way::Mean { of, top, bottom: Some(bottom) } if of.is_empty() => (top, bottom),
            _ => return None,
        };
        let number = |places| self.number(scope, places, item, Trust::Any);
        Some((number(top), number(bottom)))
    }

    fn weight(&self, scope: &Scope<'_>, weigh: &Weigh, item: Item) -> i128 {
        let value = self.number(scope, &weigh.by, item, Trust::Any);
        let known = weigh.table.iter().find(|(known, _)| i128::from(*known) == value);
        known.map_or(0, |(_, weight)| i128::from(*weight))
    }

    /// A number of an element; 0 if it lacks it. Sums of them stay far from the ends of the type:
    /// numbers of records have 54 bits.
    fn number(&self, scope: &Scope<'_>, places: &Places, item: Item, trust: Trust) -> i128 {
        let at = place(scope, &self.each, places, item.kind);
        let fact = scope.fact(item, trust);
        let value = at.zip(fact).and_then(|(at, fact)| fact.value(at));
        i128::from(value.unwrap_or_default())
    }

    /// The facts that a mean takes its numbers from, for one element.
    fn sources<'v>(
        &self,
        scope: &Scope<'v>,
        of: &[SetId],
        item: Item,
        trust: Trust,
    ) -> Vec<(KindId, Fact<'v>)> {
        if of.is_empty() {
            return self
                .counted(scope, item, trust)
                .map(|fact| (item.kind, fact))
                .into_iter()
                .collect();
        }
        let items = of.iter().flat_map(|set| scope.related(*set, item, trust));
        items.filter_map(|item| Some((item.kind, scope.fact(item, trust)?))).collect()
    }

    /// The sets whose facts speak for an element: those it must have itself, and those that the sets
    /// ask for that it must be in.
    pub(super) fn supporting(&self, scope: &Scope<'_>) -> Vec<SetId> {
        match &self.way {
            Way::Share { is, having, .. } => {
                let asked = is.iter().flat_map(|set| &scope.sets().get(*set).having);
                having.iter().chain(asked).copied().collect()
            }
            Way::Mean { of, .. } => of.clone(),
            _ => Vec::new(),
        }
    }

    /// The sets whose facts speak against an element.
    pub(super) fn opposing(&self, scope: &Scope<'_>) -> Vec<SetId> {
        let Way::Share { is, lacking, .. } = &self.way else { return Vec::new() };
        let asked = is.iter().flat_map(|set| &scope.sets().get(*set).lacking);
        lacking.iter().chain(asked).copied().collect()
    }

    /// All facts that the value rests on.
    fn used(&self, scope: &Scope<'_>, elements: &[Item]) -> Vec<Item> {
        let mut used = elements.to_vec();
        if let Way::Exists(having) = &self.way {
            used.extend(having.iter().flat_map(|set| scope.members(*set, Trust::Any)));
        }
        let joined = [self.supporting(scope), self.opposing(scope)].concat();
        for &item in elements {
            used.extend(joined.iter().flat_map(|set| scope.related(*set, item, Trust::Any)));
        }
        used
    }
}

/// The place of a field in facts of a kind.
fn place(scope: &Scope<'_>, sets: &[SetId], places: &Places, kind: KindId) -> Option<usize> {
    let at = sets.iter().position(|set| scope.sets().get(*set).kind == kind)?;
    places.get(at).copied()
}

fn of_parts(parts: &[(Ratio, Measure)], scope: &Scope<'_>, register: &[KindId]) -> Measured {
    let measured = parts.iter().map(|(share, part)| (share, part.measured(scope, register)));
    let parts: Vec<_> = measured.filter(|(_, part)| part.state != State::NotApplicable).collect();
    let total: Ratio = parts.iter().map(|(share, _)| *share).sum();
    let (mut any, mut firm) = (Ratio::zero(), Ratio::zero());
    for (share, part) in &parts {
        any += *share * &part.any / &total;
        firm += *share * part.firm.clone().unwrap_or_default() / &total;
    }
    let state = if parts.is_empty() {
        State::NotApplicable
    } else if parts.iter().any(|(_, part)| part.state == State::Scored) {
        State::Scored
    } else {
        State::NoEvidence
    };
    let confident = !parts.is_empty() && parts.iter().all(|(_, part)| part.confident);
    Measured { state, any, firm: Some(firm), confident }
}
