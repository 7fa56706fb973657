//! Why an indicator has its value: the very records, and what is missing.

use std::collections::BTreeSet;

use super::measure::{Measure, Way};
use super::ratio::Ratio;
use super::{IndexPack, Indicator, Score, State};
use crate::evidence::How;
use crate::facts::{AgencyId, Item, Scope, Set, SetId, Trust, View};

/// Why an indicator has its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The parts of the measure; one for most.
    pub parts: Vec<Part>,
}

/// A part of a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its share of the value.
    pub share: Ratio,
    /// What is known of it.
    pub state: State,
    /// What was counted: the records below the line of the fraction.
    pub elements: Vec<Element>,
    /// For what must exist: the sets that have nothing.
    pub lacks: Vec<String>,
    /// If it is not applicable: the records that show that there was nothing to measure.
    pub nothing: Vec<u64>,
    /// How many (or how much) of how many: systems of systems, đồng of đồng, cases in time of cases.
    pub tally: Option<(i128, i128)>,
    /// How many are missing for the target; `None` where no number says it.
    pub missing: Option<i128>,
}

/// Something that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The record that says that there is such a thing.
    pub seq: u64,
    /// Its kind.
    pub kind: String,
    /// The system it is about.
    pub system: Option<String>,
    /// What it is about within its kind.
    pub subject: String,
    /// How it is known.
    pub how: How,
    /// Whether it counts above the line, or how far: for measures of fields always.
    pub counts: bool,
    /// Whether it does so without the agency's own word.
    pub counts_firmly: bool,
    /// The records that make it count.
    pub by: Vec<u64>,
    /// The names of the sets in which something is missing.
    pub lacks: Vec<String>,
    /// The records that stand against it.
    pub against: Vec<u64>,
    /// How long it took, in seconds, for measures of time.
    pub seconds: Option<i64>,
    /// Its numbers above and below the line, for measures of its own fields.
    pub numbers: Option<(i128, i128)>,
}

/// What an indicator could still bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gain {
    /// The place of the indicator in the pack.
    pub indicator: usize,
    /// The points that are missing.
    pub points: Ratio,
}

impl Explanation {
    /// The records above the line.
    pub fn numerators(&self) -> Vec<u64> {
        let counting = self.parts.iter().flat_map(|part| &part.elements).filter(|its| its.counts);
        sorted(counting.flat_map(|element| element.by.iter().copied()))
    }

    /// The records below the line.
    pub fn denominators(&self) -> Vec<u64> {
        sorted(self.parts.iter().flat_map(|part| &part.elements).map(|element| element.seq))
    }

    /// What does not count yet.
    pub fn missing(&self) -> impl Iterator<Item = &Element> {
        self.parts.iter().flat_map(|part| &part.elements).filter(|element| !element.counts_firmly)
    }
}

fn sorted(seqs: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut seqs: Vec<u64> = seqs.collect();
    seqs.sort_unstable();
    seqs.dedup();
    seqs
}

impl Score {
    /// What would raise the score, dearest first.
    pub fn gains(&self) -> Vec<Gain> {
        let outcomes = self.outcomes.iter().enumerate();
        let gains =
            outcomes.map(|(indicator, its)| Gain { indicator, points: &its.weight - &its.points });
        let mut gains: Vec<Gain> = gains.filter(|gain| *gain.points.numer() > 0.into()).collect();
        gains.sort_by(|a, b| b.points.cmp(&a.points).then(a.indicator.cmp(&b.indicator)));
        gains
    }
}

impl IndexPack {
    /// Why an agency has the value of an indicator.
    pub fn explain(&self, view: &View, agency: AgencyId, indicator: &Indicator) -> Explanation {
        let scope = Scope::new(view, &self.sets, agency);
        let whole = super::ratio::whole(1);
        let mut parts: Vec<(Part, &Measure)> = match &indicator.measure.way {
            Way::Parts(parts) => {
                let explained =
                    parts.iter().map(|(share, part)| (part.explain(&scope, share.clone()), part));
                explained.collect()
            }
            _ => vec![(indicator.measure.explain(&scope, whole), &indicator.measure)],
        };
        for (part, measure) in &mut parts {
            part.tally = measure.tally(part, indicator);
            part.missing = measure.missing(part, indicator);
        }
        Explanation { parts: parts.into_iter().map(|(part, _)| part).collect() }
    }
}

impl IndexPack {
    /// The kinds of evidence that an indicator looks at, by name.
    pub fn kinds_of(&self, indicator: &Indicator) -> BTreeSet<&str> {
        let sets = [indicator.measure.sets(), indicator.applies.clone()].concat();
        self.kinds_behind(sets, |set| set.others().collect())
    }

    /// The kinds of evidence by which an indicator earns points, by name: not those that show that there
    /// was nothing to measure, or that stand against what is measured.
    pub fn kinds_that_earn(&self, indicator: &Indicator) -> BTreeSet<&str> {
        self.kinds_behind(indicator.measure.earning(), |set| set.asked().collect())
    }

    fn kinds_behind(
        &self,
        mut left: Vec<SetId>,
        more: impl Fn(&Set) -> Vec<SetId>,
    ) -> BTreeSet<&str> {
        let (mut seen, mut kinds) = (BTreeSet::new(), BTreeSet::new());
        while let Some(id) = left.pop() {
            if seen.insert(id) {
                let set = self.sets.get(id);
                kinds.insert(self.wanted.name(set.kind));
                left.extend(more(set));
            }
        }
        kinds
    }
}

impl Measure {
    fn explain(&self, scope: &Scope<'_>, share: Ratio) -> Part {
        let items = self.elements(scope);
        let state = self.state(scope, &items);
        let name = |set: &SetId| scope.sets().get(*set).name.clone();
        let lacks = match &self.way {
            Way::Exists(having) => {
                having.iter().filter(|set| !scope.any(**set, Trust::Any)).map(name).collect()
            }
            _ => Vec::new(),
        };
        let nothing = self.nothing.iter().flat_map(|set| scope.members(*set, Trust::Firm));
        let nothing = sorted(nothing.filter_map(|item| Some(scope.fact(item, Trust::Firm)?.seq)));
        let mut elements: Vec<Element> =
            items.iter().filter_map(|item| self.element(scope, *item)).collect();
        elements.sort_unstable_by_key(|element| element.seq);
        Part { share, state, elements, lacks, nothing, tally: None, missing: None }
    }

    fn tally(&self, part: &Part, indicator: &Indicator) -> Option<(i128, i128)> {
        let elements = &part.elements;
        let all = elements.len() as i128;
        let of = |counts: &dyn Fn(&&Element) -> bool| {
            (elements.iter().filter(counts).count() as i128, all)
        };
        let tally = match &self.way {
            Way::Share { .. } => of(&|element| element.counts),
            Way::Mean { of: from, .. } if !from.is_empty() => of(&|element| element.counts),
            Way::Ratio { .. } | Way::Mean { bottom: Some(_), .. } => {
                let numbers = elements.iter().filter_map(|element| element.numbers);
                numbers
                    .fold((0, 0), |(tops, bottoms), (top, bottom)| (tops + top, bottoms + bottom))
            }
            Way::Percentile { unit, .. } => {
                let limit = (&indicator.target * super::ratio::whole(*unit)).to_integer();
                of(&|element| element.seconds.is_some_and(|took| limit >= took.into()))
            }
            Way::Exists(having) => {
                let having = having.len() as i128;
                (having - part.lacks.len() as i128, having)
            }
            Way::Count(full) => (all.min(i128::from(*full)), i128::from(*full)),
            Way::Mean { .. } | Way::Parts(_) => return None,
        };
        (tally.1 > 0).then_some(tally)
    }

    fn missing(&self, part: &Part, indicator: &Indicator) -> Option<i128> {
        if part.state == State::NotApplicable {
            return Some(0);
        }
        let (top, bottom) = part.tally?;
        match &self.way {
            Way::Share { .. } | Way::Count(_) => Some(bottom - top),
            Way::Ratio { .. } => {
                let goal =
                    &indicator.target / &indicator.scale * Ratio::from_integer(bottom.into());
                let goal = i128::try_from(goal.ceil().to_integer()).ok()?;
                Some((goal - top).max(0))
            }
            Way::Exists(_) => (top == bottom).then_some(0),
            Way::Mean { .. } | Way::Percentile { .. } | Way::Parts(_) => None,
        }
    }

    fn element(&self, scope: &Scope<'_>, item: Item) -> Option<Element> {
        let fact = scope.fact(item, Trust::Any)?;
        let seqs = |sets: &[SetId]| {
            let facts = sets.iter().flat_map(|set| scope.related(*set, item, Trust::Any));
            sorted(facts.filter_map(|item| Some(scope.fact(item, Trust::Any)?.seq)))
        };
        let mut element = Element {
            seq: fact.seq,
            kind: scope.view().wanted.name(item.kind).to_owned(),
            system: scope.view().system_of(&fact).map(str::to_owned),
            subject: scope.subject(item).to_owned(),
            how: fact.how,
            counts: true,
            counts_firmly: true,
            by: vec![fact.seq],
            lacks: Vec::new(),
            against: Vec::new(),
            seconds: None,
            numbers: self.numbers(scope, item),
        };
        let name = |set: &SetId| scope.sets().get(*set).name.clone();
        let has = |set: &&SetId| scope.related(**set, item, Trust::Any).next().is_some();
        match &self.way {
            Way::Share { is, having, .. } => {
                element.counts = self.meets(scope, item, Trust::Any);
                element.counts_firmly = self.meets(scope, item, Trust::Firm);
                let is_one = is.iter().any(|set| scope.contains(*set, item, Trust::Any));
                if !is_one {
                    // What is of another kind could never be one.
                    let own = is.iter().filter(|set| scope.sets().get(**set).kind == item.kind);
                    element.lacks.extend(own.map(name));
                }
                element.lacks.extend(having.iter().filter(|set| !has(set)).map(name));
                element.by.extend(seqs(&self.supporting(scope)));
                element.against = seqs(&self.opposing(scope));
            }
            Way::Mean { of, .. } if !of.is_empty() => {
                let found = seqs(of);
                let firm =
                    of.iter().any(|set| scope.related(*set, item, Trust::Firm).next().is_some());
                element.counts = !found.is_empty();
                element.counts_firmly = firm;
                if found.is_empty() {
                    element.lacks.extend(of.iter().map(name));
                }
                element.by.extend(found);
            }
            way => {
                element.counts_firmly = match way {
                    Way::Exists(_) => fact.how != How::Declared,
                    _ => self.counted(scope, item, Trust::Firm).is_some(),
                };
                if matches!(way, Way::Percentile { .. }) {
                    element.seconds = Some(self.duration(scope, item, Trust::Any));
                }
            }
        }
        Some(element)
    }
}
