//! Mappings: which controls of two catalogues correspond to each other, and how.
//!
//! A [`Mapping`] belongs to two versions of catalogues and is read both ways. Where nobody has mapped two
//! catalogues to each other but both to NIST CSF 2.0 ([`HUB`]), a [`Pair`] is derived through it, which says
//! no more than that two controls may meet. A mapping answers no control: what is due for a system is
//! answered in its own checklist.

use std::collections::{BTreeMap, BTreeSet};

use super::{Catalogue, CatalogueKey, Control};

/// The catalogue through which others are compared.
pub const HUB: &str = "csf-2.0";
/// Relations that one mapping has.
pub const MOST_RELATIONS: usize = 50_000;
/// Problems of one file that are told.
pub const PROBLEMS: usize = 100;

closed! {
    /// How a control stands to one of another catalogue, in the words of OSCAL.
    Relationship {
        /// Both say the same in the same words.
        EqualTo = "equal-to",
        /// Both ask the same.
        EquivalentTo = "equivalent-to",
        /// The other asks all of this and more.
        SubsetOf = "subset-of",
        /// This asks all of the other and more.
        SupersetOf = "superset-of",
        /// They have something in common.
        IntersectsWith = "intersects-with",
    }
}

impl Relationship {
    /// The same, seen from the other control.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::SubsetOf => Self::SupersetOf,
            Self::SupersetOf => Self::SubsetOf,
            same => same,
        }
    }
}

/// How one control stands to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Relation {
    /// The control of the first catalogue.
    pub source: String,
    /// The control of the second.
    pub target: String,
    /// How the first stands to the second.
    pub relationship: Relationship,
}

/// A relation with where it stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Where.
    pub place: String,
    /// What.
    pub relation: Relation,
}

/// What is wrong at a place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: String,
    /// What.
    pub what: MappingError,
}

/// Why a mapping will not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// It maps a catalogue to itself.
    #[error("a mapping is between two catalogues, not of {0} to itself")]
    Same(CatalogueKey),
    /// It says nothing.
    #[error("the file maps no control to another")]
    Empty,
    /// It says too much.
    #[error("a mapping has at most {MOST_RELATIONS} relations")]
    Most,
    /// A control that a catalogue has not.
    #[error("{catalogue} has no control {control}")]
    Unknown {
        /// The catalogue.
        catalogue: CatalogueKey,
        /// The control, as the file has it.
        control: String,
    },
    /// Two relations of the same controls.
    #[error("{source_id} stands to {target_id} as {said} here and as {before} before")]
    Contradicts {
        /// The control of the first catalogue.
        source_id: String,
        /// The control of the second.
        target_id: String,
        /// What is said here.
        said: &'static str,
        /// What was said before.
        before: &'static str,
    },
    /// It cannot be read there.
    #[error("{0}")]
    Unread(String),
}

/// What corresponds between two versions of catalogues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The first catalogue.
    pub source: CatalogueKey,
    /// The second.
    pub target: CatalogueKey,
    /// The relations, each pair of controls once.
    pub relations: Vec<Relation>,
}

impl Mapping {
    /// The mapping of two catalogues, if every control is there; otherwise all that is wrong, by place.
    pub fn new(
        source: &Catalogue,
        target: &Catalogue,
        placed: Vec<Placed>,
    ) -> Result<Self, Vec<Problem>> {
        let whole = |what| vec![Problem { place: String::new(), what }];
        if source.key == target.key {
            return Err(whole(MappingError::Same(source.key.clone())));
        }
        if placed.is_empty() {
            return Err(whole(MappingError::Empty));
        }
        if placed.len() > MOST_RELATIONS {
            return Err(whole(MappingError::Most));
        }
        let (of_source, of_target) = (ids(source), ids(target));
        let mut problems = Vec::new();
        let mut relations: BTreeMap<(String, String), Relationship> = BTreeMap::new();
        for Placed { place, relation } in placed {
            let known = problems.len();
            let sides =
                [(source, &of_source, &relation.source), (target, &of_target, &relation.target)];
            for (catalogue, ids, control) in sides {
                if !ids.contains(control.as_str()) {
                    let (catalogue, control) = (catalogue.key.clone(), control.clone());
                    let what = MappingError::Unknown { catalogue, control };
                    problems.push(Problem { place: place.clone(), what });
                }
            }
            if problems.len() >= PROBLEMS {
                break;
            }
            if problems.len() > known {
                continue;
            }
            let Relation { source, target, relationship } = relation;
            let before = relations.entry((source.clone(), target.clone())).or_insert(relationship);
            // To have something in common follows from each of the others.
            if *before == Relationship::IntersectsWith {
                *before = relationship;
            }
            let before = *before;
            if before != relationship && relationship != Relationship::IntersectsWith {
                let what = MappingError::Contradicts {
                    source_id: source,
                    target_id: target,
                    said: relationship.name(),
                    before: before.name(),
                };
                problems.push(Problem { place, what });
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let relations = relations.into_iter().map(|((source, target), relationship)| Relation {
            source,
            target,
            relationship,
        });
        let (source, target) = (source.key.clone(), target.key.clone());
        Ok(Self { source, target, relations: relations.collect() })
    }

    /// What a catalogue itself says of the outcomes of CSF 2.0 that its controls serve; nothing if it says
    /// none.
    pub fn of_outcomes(catalogue: &Catalogue, hub: &Catalogue) -> Option<Self> {
        if catalogue.key.name == HUB || hub.key.name != HUB {
            return None;
        }
        let known = ids(hub);
        let serves = catalogue.controls.iter().flat_map(|control| {
            let outcomes = control.csf.iter().filter(|outcome| known.contains(outcome.as_str()));
            outcomes.map(|outcome| Relation {
                source: control.id.clone(),
                target: outcome.clone(),
                relationship: Relationship::IntersectsWith,
            })
        });
        let relations: BTreeSet<Relation> = serves.collect();
        (!relations.is_empty()).then(|| Self {
            source: catalogue.key.clone(),
            target: hub.key.clone(),
            relations: relations.into_iter().collect(),
        })
    }

    /// The other catalogue and the relations seen from one; nothing if the mapping is not of that.
    fn seen_from(&self, key: &CatalogueKey) -> Option<(&CatalogueKey, Vec<Relation>)> {
        if self.source == *key {
            return Some((&self.target, self.relations.clone()));
        }
        let turned = |relation: &Relation| Relation {
            source: relation.target.clone(),
            target: relation.source.clone(),
            relationship: relation.relationship.inverse(),
        };
        (self.target == *key).then(|| (&self.source, self.relations.iter().map(turned).collect()))
    }
}

fn ids(catalogue: &Catalogue) -> BTreeSet<&str> {
    catalogue.controls.iter().map(|control| control.id.as_str()).collect()
}

/// What a control corresponds to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Corresponds {
    /// The control of the other catalogue.
    pub control: String,
    /// How this stands to that.
    pub relationship: Relationship,
    /// The outcomes of CSF 2.0 through which that follows; none where somebody said it.
    pub via: BTreeSet<String>,
}

/// What the controls of one catalogue correspond to in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The one.
    pub from: CatalogueKey,
    /// The other.
    pub to: CatalogueKey,
    /// The version of CSF 2.0 through which it is derived; nothing where the two are mapped.
    pub via: Option<CatalogueKey>,
    by: BTreeMap<String, Vec<Corresponds>>,
}

impl Pair {
    /// What a control corresponds to.
    pub fn of(&self, control: &str) -> &[Corresponds] {
        self.by.get(control).map_or(&[], Vec::as_slice)
    }

    /// How many controls correspond to any.
    pub fn mapped(&self) -> usize {
        self.by.len()
    }

    /// How many controls of the other correspond to any of this.
    pub fn reached(&self) -> usize {
        let all = self.by.values().flatten().map(|one| one.control.as_str());
        all.collect::<BTreeSet<_>>().len()
    }

    /// The controls of a catalogue that correspond to none.
    pub fn unmapped<'c>(&self, from: &'c Catalogue) -> Vec<&'c Control> {
        from.controls.iter().filter(|control| !self.by.contains_key(&control.id)).collect()
    }
}

/// What a catalogue corresponds to: each that it is mapped to, then each that only CSF 2.0 joins it with.
pub fn pairs(of: &CatalogueKey, mappings: &[Mapping]) -> Vec<Pair> {
    let mut direct: BTreeMap<&CatalogueKey, BTreeSet<(String, Corresponds)>> = BTreeMap::new();
    for (to, relations) in mappings.iter().filter_map(|mapping| mapping.seen_from(of)) {
        let said = relations.into_iter().map(|Relation { source, target, relationship }| {
            (source, Corresponds { control: target, relationship, via: BTreeSet::new() })
        });
        direct.entry(to).or_default().extend(said);
    }
    let pair =
        |to: &CatalogueKey, via: Option<&CatalogueKey>, all: BTreeSet<(String, Corresponds)>| {
            let mut by: BTreeMap<String, Vec<Corresponds>> = BTreeMap::new();
            for (source, corresponds) in all {
                by.entry(source).or_default().push(corresponds);
            }
            Pair { from: of.clone(), to: to.clone(), via: via.cloned(), by }
        };
    let derived = derived(of, mappings, &direct);
    let mut pairs: Vec<Pair> = direct.into_iter().map(|(to, all)| pair(to, None, all)).collect();
    pairs.extend(derived.into_iter().map(|((to, via), all)| pair(to, Some(via), all)));
    pairs
}

type Said<'m> = BTreeMap<&'m CatalogueKey, BTreeSet<(String, Corresponds)>>;
type Derived<'m> = BTreeMap<(&'m CatalogueKey, &'m CatalogueKey), BTreeSet<(String, Corresponds)>>;

/// What follows through a version of CSF 2.0 for catalogues that are mapped to it and not to this one.
fn derived<'m>(of: &CatalogueKey, mappings: &'m [Mapping], direct: &Said<'m>) -> Derived<'m> {
    let mut found = Derived::new();
    if of.name == HUB {
        return found;
    }
    for (hub, ours) in direct.iter().filter(|(key, _)| key.name == HUB) {
        let mut theirs: BTreeMap<&CatalogueKey, BTreeMap<String, BTreeSet<String>>> =
            BTreeMap::new();
        for (to, relations) in mappings.iter().filter_map(|mapping| mapping.seen_from(hub)) {
            // Versions of one catalogue are compared by what stands in them, not by outcomes.
            if to.name == of.name || to.name == HUB || direct.contains_key(to) {
                continue;
            }
            let by = theirs.entry(to).or_default();
            for relation in relations {
                by.entry(relation.source).or_default().insert(relation.target);
            }
        }
        for (to, by) in theirs {
            let mut via: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
            for (source, outcome) in ours {
                for target in by.get(&outcome.control).into_iter().flatten() {
                    if via.len() >= MOST_RELATIONS {
                        break;
                    }
                    let through = via.entry((source.as_str(), target.as_str())).or_default();
                    through.insert(outcome.control.clone());
                }
            }
            let all = via.into_iter().map(|((source, target), via)| {
                let relationship = Relationship::IntersectsWith;
                (source.to_owned(), Corresponds { control: target.to_owned(), relationship, via })
            });
            found.insert((to, *hub), all.collect());
        }
    }
    found.retain(|_, all| !all.is_empty());
    found
}
