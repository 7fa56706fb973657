//! Sets of facts, as packs name them.
//!
//! ```yaml
//! restored: {vi: …, en: …, kind: restore.tested, where: {success: true}, within: 180 days}
//! ```
//!
//! | key | |
//! |---|---|
//! | `vi`, `en` | what it is called |
//! | `kind` | which kind of evidence |
//! | `where` | conditions on fields, all of which hold: a value, a list of values, or tests (below) |
//! | `within` | the record is not older: `12 months`, `90 days`, `24 hours` |
//! | `newest` | only so many of the latest of an agency (of each system, with `same: system`) |
//! | `having`, `lacking` | sets of which there is (is none) a fact about the same |
//! | `same` | what «the same» is when others have or lack this set: `system`, `subject` or `agency` |
//!
//! Tests: `min`, `max`; `by: FIELD` (not after that field, nor after the cut-off), `before: FIELD`;
//! `passed: true` (the moment, or the whole day, is over); `within` (not longer ago, and not to come); `absent: true`; with `plus: N`
//! days are added to what `by` and `passed` compare with.

use std::collections::BTreeMap;

use super::shape::{Shape, ShapeError};
use super::{Cutoff, Fact, FieldType, KindId, Period, Wanted};
use crate::evidence::content::Content;
use crate::evidence::kinds::{Kinds, Subject};

/// How deep sets may ask for one another.
const MAX_DEPTH: usize = 4;
/// The most days that a test may add.
const MAX_PLUS: i64 = 36_500;

/// The number of a set among those of its pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId(pub(crate) usize);

/// What two facts share to belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// The system.
    System,
    /// The subject.
    Subject,
    /// The agency, which all facts that are looked at together share.
    Agency,
}

/// A set of facts.
#[derive(Clone, Debug)]
pub struct Set {
    /// Its name in the pack.
    pub name: String,
    /// What it is called in Vietnamese.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
    /// The kind of its facts.
    pub kind: KindId,
    /// How others find the facts of it that belong to them, if any do.
    pub same: Option<Same>,
    /// Whether its kind is about the ledger instead of an agency.
    pub(crate) of_ledger: bool,
    pub(crate) conditions: Vec<(usize, Test)>,
    pub(crate) within: Option<Period>,
    pub(crate) newest: Option<usize>,
    pub(crate) having: Vec<SetId>,
    pub(crate) lacking: Vec<SetId>,
}

impl Set {
    /// The sets of which there must be a fact.
    pub fn asked(&self) -> impl Iterator<Item = SetId> {
        self.having.iter().copied()
    }

    /// The sets that it asks for, to be there or not.
    pub fn others(&self) -> impl Iterator<Item = SetId> {
        self.having.iter().chain(&self.lacking).copied()
    }
}

/// A condition on a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// It is one of these.
    OneOf(Vec<i64>),
    /// It is at least this.
    Min(i64),
    /// It is at most this.
    Max(i64),
    /// It is not after another field with so many added; a time has come by the cut-off, too.
    By(usize, i64, FieldType),
    /// It is before another field.
    Before(usize),
    /// The moment, or the whole day, with so many days added, is over or is not.
    Passed(bool, i64, FieldType),
    /// The moment, or the beginning of the day, has come and is not longer ago.
    Within(Period, FieldType),
    /// It is missing, or is not.
    Absent(bool),
}

/// The sets of a pack.
#[derive(Clone, Debug, Default)]
pub struct Sets {
    sets: Vec<Set>,
    by_name: BTreeMap<String, SetId>,
}

impl Test {
    /// Whether it holds for the field at `place`.
    pub fn holds(&self, fact: &Fact<'_>, place: usize, cutoff: &Cutoff) -> bool {
        let Some(value) = fact.value(place) else { return *self == Self::Absent(true) };
        match self {
            Self::OneOf(values) => values.contains(&value),
            Self::Min(least) => value >= *least,
            Self::Max(most) => value <= *most,
            Self::By(other, plus, holds) => {
                let has_come = match holds {
                    FieldType::Day => value <= cutoff.today(),
                    FieldType::Moment => value <= cutoff.at(),
                    _ => true,
                };
                has_come && fact.value(*other).is_some_and(|other| value <= other + plus)
            }
            Self::Before(other) => fact.value(*other).is_some_and(|other| value < other),
            Self::Passed(yes, plus, FieldType::Day) => (value + plus < cutoff.today()) == *yes,
            Self::Passed(yes, plus, _) => (value + plus * 86_400 <= cutoff.at()) == *yes,
            Self::Within(period, holds) => {
                let begins = match holds {
                    FieldType::Day => cutoff.start_of(value),
                    _ => value,
                };
                begins > cutoff.before(*period) && begins <= cutoff.at()
            }
            Self::Absent(yes) => !yes,
        }
    }
}

impl Sets {
    /// Reads the sets of a pack: names with what each is.
    pub fn read(
        entries: &[(&str, &Content)],
        path: &[String],
        kinds: &Kinds,
        wanted: &mut Wanted,
    ) -> Result<Self, ShapeError> {
        let names = entries.iter().enumerate();
        let by_name = names.map(|(at, (name, _))| ((*name).to_owned(), SetId(at))).collect();
        let mut sets = Self { sets: Vec::new(), by_name };
        for (name, content) in entries {
            let mut path = path.to_vec();
            path.push((*name).to_owned());
            let shape = Shape::new(content, &path)?;
            let set = sets.set(name, &shape, kinds, wanted)?;
            sets.sets.push(set);
        }
        for (name, content) in entries {
            let mut path = path.to_vec();
            path.push((*name).to_owned());
            let shape = Shape::new(content, &path)?;
            sets.joined(&shape, "having")?;
            sets.joined(&shape, "lacking")?;
        }
        if let Some(set) = sets.too_deep() {
            let mut path = path.to_vec();
            path.push(set.name.clone());
            let what = format!("the set asks for itself, or for others deeper than {MAX_DEPTH}");
            return Err(ShapeError { path, what });
        }
        Ok(sets)
    }

    /// The set of a number.
    pub fn get(&self, set: SetId) -> &Set {
        &self.sets[set.0]
    }

    /// The number of a name.
    pub fn find(&self, name: &str) -> Option<SetId> {
        self.by_name.get(name).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// The sets that a list of an object names; none if the list is missing.
    pub fn named(&self, shape: &Shape<'_>, list: &'static str) -> Result<Vec<SetId>, ShapeError> {
        let named = shape.texts(list)?.into_iter().map(|name| {
            self.find(name).ok_or_else(|| shape.wrong(list, format!("there is no set «{name}»")))
        });
        named.collect()
    }

    /// The sets that a list names to be asked for what belongs to a fact: each says by what it belongs.
    pub fn joined(&self, shape: &Shape<'_>, list: &'static str) -> Result<Vec<SetId>, ShapeError> {
        let sets = self.named(shape, list)?;
        match sets.iter().find(|set| self.get(**set).same.is_none()) {
            None => Ok(sets),
            Some(set) => {
                let what = format!(
                    "the set «{}» needs «same: system», subject or agency",
                    self.get(*set).name
                );
                Err(shape.wrong(list, what))
            }
        }
    }

    /// A set that asks for itself, or for others too deep down.
    fn too_deep(&self) -> Option<&Set> {
        let mut depths = vec![0; self.sets.len()];
        // One round more than there may be levels: what still grows then has no end.
        for _ in 0..=MAX_DEPTH {
            for (at, set) in self.sets.iter().enumerate() {
                let asked = set.having.iter().chain(&set.lacking).map(|asked| depths[asked.0] + 1);
                depths[at] = asked.max().unwrap_or(0);
            }
        }
        let deep = depths.iter().position(|depth| *depth > MAX_DEPTH)?;
        self.sets.get(deep)
    }

    fn set(
        &self,
        name: &str,
        shape: &Shape<'_>,
        kinds: &Kinds,
        wanted: &mut Wanted,
    ) -> Result<Set, ShapeError> {
        let kind_name = shape.text("kind")?;
        let kind = wanted.kind(kinds, kind_name).map_err(|what| shape.wrong("kind", what))?;
        let about = wanted.about(kind);
        let same = match shape.optional_text("same")? {
            None => None,
            Some("system") if about == Subject::System => Some(Same::System),
            Some("subject") if about != Subject::Ledger => Some(Same::Subject),
            Some("agency") => Some(Same::Agency),
            Some(_) => {
                let what = "«same» is subject, agency, or system for what is about systems";
                return Err(shape.wrong("same", what));
            }
        };
        let within = match shape.optional_text("within")? {
            Some(text) => Some(period(text).map_err(|what| shape.wrong("within", what))?),
            None => None,
        };
        let mut conditions = Vec::new();
        for (field, value) in shape.entries("where")? {
            let mut fields = Fields { kinds, wanted, kind };
            let read = fields.tests(field, value);
            let path = [shape.path_to("where"), vec![field.to_owned()]].concat();
            conditions.extend(read.map_err(|what| ShapeError { path, what })?);
        }
        let newest = shape.optional_count("newest")?;
        if newest == Some(0) {
            return Err(shape.wrong("newest", "«newest» must be at least 1"));
        }
        let set = Set {
            name: name.to_owned(),
            vi: shape.text("vi")?.to_owned(),
            en: shape.text("en")?.to_owned(),
            kind,
            same,
            of_ledger: about == Subject::Ledger,
            conditions,
            within,
            newest: newest.map(|count| count as usize),
            having: self.named(shape, "having")?,
            lacking: self.named(shape, "lacking")?,
        };
        shape.done()?;
        Ok(set)
    }
}

fn period(text: &str) -> Result<Period, String> {
    Period::parse(text).ok_or_else(|| format!("«{text}» is no period such as 12 months or 90 days"))
}

/// Reading of conditions on the fields of one kind.
struct Fields<'k, 'w> {
    kinds: &'k Kinds,
    wanted: &'w mut Wanted,
    kind: KindId,
}

impl Fields<'_, '_> {
    fn field(&mut self, field: &str) -> Result<(usize, FieldType), String> {
        self.wanted.field(self.kinds, self.kind, field)
    }

    fn tests(&mut self, field: &str, value: &Content) -> Result<Vec<(usize, Test)>, String> {
        let (place, holds) = self.field(field)?;
        let tests = match value {
            Content::Map(tests) => self.tests_of(holds, tests)?,
            Content::List(values) => {
                let values: Result<_, _> =
                    values.iter().map(|value| self.value(field, holds, value)).collect();
                vec![Test::OneOf(values?)]
            }
            value => vec![Test::OneOf(vec![self.value(field, holds, value)?])],
        };
        Ok(tests.into_iter().map(|test| (place, test)).collect())
    }

    /// A value that a field may have.
    fn value(&mut self, field: &str, holds: FieldType, value: &Content) -> Result<i64, String> {
        let name = self.wanted.name(self.kind).to_owned();
        match (holds, value) {
            (FieldType::Int, Content::Int(value)) => Ok(*value),
            (FieldType::Bool, Content::Bool(value)) => Ok(i64::from(*value)),
            (FieldType::Text, Content::Text(text)) => {
                let known = self.kinds.get(&name).and_then(|kind| kind.fields.get(field));
                match known {
                    Some((crate::evidence::kinds::Field::Word(words), _))
                        if !words.contains(text) =>
                    {
                        Err(format!("«{field}» of {name} is never «{text}»"))
                    }
                    _ => Ok(self.wanted.word(text)),
                }
            }
            _ => Err(format!("«{field}» of {name} cannot be compared with this")),
        }
    }

    fn tests_of(
        &mut self,
        holds: FieldType,
        tests: &BTreeMap<String, Content>,
    ) -> Result<Vec<Test>, String> {
        let is_time = matches!(holds, FieldType::Day | FieldType::Moment);
        let plus = match tests.get("plus") {
            None => 0,
            Some(Content::Int(days)) if is_time && (0..=MAX_PLUS).contains(days) => *days,
            Some(_) => {
                return Err(format!("«plus» is up to {MAX_PLUS} days, for days and moments"));
            }
        };
        let mut read = Vec::new();
        for (name, value) in tests {
            read.push(match (name.as_str(), value) {
                ("plus", _) => continue,
                ("min", Content::Int(least)) if holds == FieldType::Int => Test::Min(*least),
                ("max", Content::Int(most)) if holds == FieldType::Int => Test::Max(*most),
                ("by", Content::Text(other)) => {
                    let unit = if holds == FieldType::Moment { 86_400 } else { 1 };
                    Test::By(self.other(holds, other)?, plus * unit, holds)
                }
                ("before", Content::Text(other)) => Test::Before(self.other(holds, other)?),
                ("passed", Content::Bool(yes)) if is_time => Test::Passed(*yes, plus, holds),
                ("within", Content::Text(text)) if is_time => Test::Within(period(text)?, holds),
                ("absent", Content::Bool(yes)) if is_time || holds == FieldType::Int => {
                    Test::Absent(*yes)
                }
                _ => {
                    return Err(format!(
                        "«{name}» is no test for such a field, or has a wrong value"
                    ));
                }
            });
        }
        if read.is_empty() { Err("a test is expected".into()) } else { Ok(read) }
    }

    /// Another field of the same type.
    fn other(&mut self, holds: FieldType, other: &str) -> Result<usize, String> {
        match self.field(other)? {
            (place, its) if its == holds && !matches!(holds, FieldType::Text | FieldType::Bool) => {
                Ok(place)
            }
            _ => Err(format!("«{other}» cannot be compared with this field")),
        }
    }
}
