//! Packs of indicators: what is counted, how it is weighed, how agencies are compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::measure::{Measure, number};
use super::pillar::PILLARS;
use super::ratio::{self, Ratio};
use super::source::Source;
use crate::evidence::content::{Content, ContentError};
use crate::evidence::kinds::{Kinds, day};
use crate::facts::{Cutoff, KindId, SetId, Sets, Shape, ShapeError, Wanted};

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError {
    /// The line of its file, if it was read from one.
    pub line: Option<u32>,
    /// The names that lead to it, the id of the indicator among them.
    pub path: Vec<String>,
    /// What is wrong.
    pub what: String,
}

impl std::error::Error for PackError {}

impl std::fmt::Display for PackError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("pack: ")?;
        if let Some(line) = self.line {
            write!(out, "line {line}: ")?;
        }
        if !self.path.is_empty() {
            write!(out, "{}: ", self.path.join(" › "))?;
        }
        out.write_str(&self.what)
    }
}

impl From<ShapeError> for PackError {
    fn from(error: ShapeError) -> Self {
        Self { line: None, path: error.path, what: error.what }
    }
}

impl From<ContentError> for PackError {
    fn from(error: ContentError) -> Self {
        Self { line: None, path: Vec::new(), what: error.to_string() }
    }
}

/// A pack of indicators.
#[derive(Clone, Debug)]
pub struct IndexPack {
    content: Content,
    /// What it is called in the ledger and in results: `mh-57-2026.1`.
    pub id: String,
    /// What it is called in Vietnamese.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
    /// What kind of document it is, and what it is not.
    pub note: String,
    /// Where it comes from.
    pub source: String,
    /// The first day on which it may be used.
    pub valid_from: Date,
    /// The last.
    pub valid_to: Date,
    /// The zone in which days and months are counted, in minutes east of UTC.
    pub offset: i64,
    /// The most that an agency's own word earns, as a share.
    pub declared_share: Ratio,
    /// How many agencies a cohort must have to be ranked.
    pub cohort_least: usize,
    /// Cohorts by name.
    pub cohorts: BTreeMap<String, Cohort>,
    /// Groups by name.
    pub groups: BTreeMap<String, Group>,
    /// Grades, best first.
    pub grades: Vec<Grade>,
    /// What holds a grade down.
    pub caps: Vec<Cap>,
    /// The sets.
    pub sets: Sets,
    /// The agencies that are rated: those with a fact in this set.
    pub rated: SetId,
    /// Kinds that come from the register and say nothing about how well something is measured.
    pub register: Vec<KindId>,
    /// The indicators, in their order.
    pub indicators: Vec<Indicator>,
    pub(super) wanted: Arc<Wanted>,
}

/// Agencies that are compared with one another.
#[derive(Clone, Debug)]
pub struct Cohort {
    /// What it is called in Vietnamese.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
    /// An agency with a fact in this set belongs to it.
    pub set: SetId,
}

/// A group of indicators.
#[derive(Clone, Debug)]
pub struct Group {
    /// What it is called in Vietnamese.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
    /// Its points.
    pub weight: i64,
}

/// A grade.
#[derive(Clone, Debug)]
pub struct Grade {
    /// Its letter.
    pub grade: String,
    /// The least score.
    pub from: Ratio,
}

/// Something that holds the grade down.
#[derive(Clone, Debug)]
pub struct Cap {
    /// Its name.
    pub id: String,
    /// What it is called in Vietnamese.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
    /// It holds while there is a fact in this set.
    pub set: SetId,
    /// The place of the best grade that is left; `None` if no grade is given.
    pub to: Option<usize>,
    /// Indicators that earn nothing then, by their place.
    pub zero: Vec<usize>,
}

/// An indicator.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Its id: `N3.1`.
    pub id: String,
    /// Its group.
    pub group: String,
    /// What it is called in Vietnamese.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
    /// Its formula in words, in Vietnamese.
    pub formula_vi: String,
    /// Its formula in words, in English.
    pub formula_en: String,
    /// When it is not applicable and what its evidence is good for, in Vietnamese.
    pub validity_vi: String,
    /// The same in English.
    pub validity_en: String,
    /// What is counted, in Vietnamese, for each part of the measure: «hệ thống có đủ nguồn sống».
    pub counts_vi: Vec<String>,
    /// The same in English.
    pub counts_en: Vec<String>,
    /// What to do for more points, in Vietnamese, for each part of the measure. `{n}` is how many are missing.
    pub todo_vi: Vec<String>,
    /// The same in English, where `{n}` stands in brackets.
    pub todo_en: Vec<String>,
    /// The unit of its value.
    pub unit: String,
    /// By what the measured value is multiplied to have that unit.
    pub scale: Ratio,
    /// From this value on it earns all its points.
    pub target: Ratio,
    /// Up to this value it earns none.
    pub floor: Ratio,
    /// Its points.
    pub weight: i64,
    /// How it comes about: `A` by itself, `A + document`, `T` attested.
    pub mode: String,
    /// Categories of NIST CSF 2.0 it belongs to.
    pub csf: Vec<String>,
    /// The pillar of the Global Cybersecurity Index: `legal`, `technical`, `organisational`,
    /// `capacity`, `co-operation` or `none`.
    pub gci: String,
    /// The provisions it grew from.
    pub seed: String,
    /// The most that an agency's own word earns here.
    pub declared_share: Ratio,
    /// Sets that must each have a fact, otherwise it is not applicable.
    pub applies: Vec<SetId>,
    /// How it is measured.
    pub measure: Measure,
}

/// What reading the parts of a pack needs.
pub(super) struct Loading<'l> {
    pub(super) kinds: &'l Kinds,
    pub(super) wanted: &'l mut Wanted,
    pub(super) sets: &'l Sets,
}

impl IndexPack {
    /// The pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../../packs/index/mh-57-2026.1.yml");

    /// Reads the YAML of a pack.
    pub fn parse(text: &str, kinds: &Kinds) -> Result<Self, PackError> {
        let source = Source::parse(text)?;
        let content = source.content()?;
        content.check()?;
        read(content, kinds).map_err(|error| source.at_its_line(error))
    }

    /// Reads a pack from a record of the ledger.
    pub fn from_content(content: Content, kinds: &Kinds) -> Result<Self, PackError> {
        Ok(read(content, kinds)?)
    }

    /// The pack as a record of the ledger carries it.
    pub fn to_content(&self) -> &Content {
        &self.content
    }

    /// Whether it may be used at an instant.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.cutoff(at).is_within(self.valid_from, self.valid_to)
    }

    /// What of records must be kept to compute it.
    pub fn wanted(&self) -> Arc<Wanted> {
        self.wanted.clone()
    }

    /// The instant of a view, in the zone of the pack.
    pub fn cutoff(&self, at: Timestamp) -> Cutoff {
        Cutoff::new(at, self.offset)
    }

    /// The indicator of an id.
    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|indicator| indicator.id == id)
    }
}

fn read(content: Content, kinds: &Kinds) -> Result<IndexPack, ShapeError> {
    let top = Shape::new(&content, &[])?;
    if top.count("language")? != 1 {
        return Err(top.wrong("language", "only language 1 is known"));
    }
    let mut wanted = Wanted::default();
    let sets = Sets::read(&top.entries("sets")?, &top.path_to("sets"), kinds, &mut wanted)?;
    let mut loading = Loading { kinds, wanted: &mut wanted, sets: &sets };
    let set = |shape: &Shape<'_>, name: &'static str| {
        let named = shape.text(name)?;
        sets.find(named).ok_or_else(|| shape.wrong(name, format!("there is no set «{named}»")))
    };
    let mut groups = BTreeMap::new();
    for (name, group) in top.entries("groups")? {
        let shape = named(&top, "groups", name, group)?;
        let (vi, en) = (shape.text("vi")?.into(), shape.text("en")?.into());
        groups.insert(name.to_owned(), Group { vi, en, weight: shape.count("weight")? });
        shape.done()?;
    }
    let mut cohorts = BTreeMap::new();
    for (name, cohort) in top.entries("cohorts")? {
        let shape = named(&top, "cohorts", name, cohort)?;
        let (vi, en) = (shape.text("vi")?.into(), shape.text("en")?.into());
        cohorts.insert(name.to_owned(), Cohort { vi, en, set: set(&shape, "set")? });
        shape.done()?;
    }
    let offset = top.count("offset_minutes")?;
    if offset > 14 * 60 {
        return Err(top.wrong("offset_minutes", "«offset_minutes» is at most 840"));
    }
    let declared_share = share(&top, "declared_share")?;
    let mut indicators = Vec::new();
    for (place, content) in top.list("indicators")?.iter().enumerate() {
        let id = content.get("id").and_then(Content::as_text);
        let id = id.map_or_else(|| (place + 1).to_string(), str::to_owned);
        let mut path = top.path_to("indicators");
        path.push(id);
        let shape = Shape::new(content, &path)?;
        let read = indicator(&mut loading, &shape, &groups, &declared_share)?;
        if indicators.iter().any(|known: &Indicator| known.id == read.id) {
            return Err(shape.wrong("id", format!("«{}» is there twice", read.id)));
        }
        indicators.push(read);
    }
    let grades = grades(&top)?;
    let caps = caps(&top, &set, &grades, &indicators)?;
    let register = top
        .texts("register")?
        .into_iter()
        .map(|name| loading.wanted.kind(kinds, name).map_err(|what| top.wrong("register", what)));
    let register = register.collect::<Result<_, _>>()?;
    weights_add_up(&top, &groups, &indicators)?;
    let date = |name: &'static str| {
        let read = day(top.text(name)?);
        read.ok_or_else(|| top.wrong(name, format!("«{name}» must be a day like 2026-01-01")))
    };
    let own = |name: &'static str| top.text(name).map(str::to_owned);
    let (id, vi, en) = (own("pack")?, own("vi")?, own("en")?);
    let (note, source) = (own("note")?, own("source")?);
    let (valid_from, valid_to) = (date("valid_from")?, date("valid_to")?);
    let cohort_least = top.count("cohort_least")? as usize;
    let rated = set(&top, "rated")?;
    top.done()?;
    Ok(IndexPack {
        id,
        vi,
        en,
        note,
        source,
        valid_from,
        valid_to,
        offset,
        declared_share,
        cohort_least,
        cohorts,
        groups,
        grades,
        caps,
        rated,
        register,
        indicators,
        sets,
        wanted: Arc::new(wanted),
        content,
    })
}

fn named<'c>(
    top: &Shape<'c>,
    list: &str,
    name: &str,
    content: &'c Content,
) -> Result<Shape<'c>, ShapeError> {
    let mut path = top.path_to(list);
    path.push(name.to_owned());
    Shape::new(content, &path)
}

/// A number between 0 and 1.
fn share(shape: &Shape<'_>, name: &'static str) -> Result<Ratio, ShapeError> {
    let value = number(shape, name)?;
    let fits = value <= ratio::whole(1);
    if fits { Ok(value) } else { Err(shape.wrong(name, format!("«{name}» is at most 1"))) }
}

fn indicator(
    loading: &mut Loading<'_>,
    shape: &Shape<'_>,
    groups: &BTreeMap<String, Group>,
    declared_share: &Ratio,
) -> Result<Indicator, ShapeError> {
    let group = shape.text("group")?;
    if !groups.contains_key(group) {
        return Err(shape.wrong("group", format!("there is no group «{group}»")));
    }
    let gci = shape.text("gci")?;
    if !PILLARS.contains(&gci) {
        return Err(shape.wrong("gci", format!("«gci» must be one of {}", PILLARS.join(", "))));
    }
    let measure = shape.get("value");
    let measure = measure.ok_or_else(|| shape.wrong("value", "«value» is missing"))?;
    let measure_shape = Shape::new(measure, &shape.path_to("value"))?;
    let measure = Measure::read(loading, &measure_shape)?;
    measure_shape.done()?;
    let (target, floor) = (number(shape, "target")?, number(shape, "floor")?);
    if target == floor {
        return Err(shape.wrong("floor", "target and floor must differ"));
    }
    let own_share = shape.get("declared_share").is_some();
    let scale = shape.get("scale").is_some();
    let text = |name| shape.text(name).map(str::to_owned);
    let texts = |name| {
        let texts = shape.texts(name)?;
        // Packs of before say nothing of it.
        let fits = texts.is_empty() || texts.len() == measure.parts();
        let fault =
            || shape.wrong(name, format!("«{name}» has a text for each part of the measure"));
        fits.then(|| texts.into_iter().map(str::to_owned).collect()).ok_or_else(fault)
    };
    let indicator = Indicator {
        id: text("id")?,
        group: group.to_owned(),
        vi: text("vi")?,
        en: text("en")?,
        formula_vi: text("formula_vi")?,
        formula_en: text("formula_en")?,
        validity_vi: text("validity_vi")?,
        validity_en: text("validity_en")?,
        counts_vi: texts("counts_vi")?,
        counts_en: texts("counts_en")?,
        todo_vi: texts("todo_vi")?,
        todo_en: texts("todo_en")?,
        unit: text("unit")?,
        scale: if scale { number(shape, "scale")? } else { ratio::whole(1) },
        target,
        floor,
        weight: shape.count("weight")?,
        mode: text("mode")?,
        csf: shape.texts("csf")?.into_iter().map(str::to_owned).collect(),
        gci: gci.to_owned(),
        seed: text("seed")?,
        declared_share: if own_share {
            share(shape, "declared_share")?
        } else {
            declared_share.clone()
        },
        applies: loading.sets.named(shape, "applies")?,
        measure,
    };
    shape.done()?;
    Ok(indicator)
}

fn grades(top: &Shape<'_>) -> Result<Vec<Grade>, ShapeError> {
    let mut grades: Vec<Grade> = Vec::new();
    for (place, grade) in top.list("grades")?.iter().enumerate() {
        let shape = named(top, "grades", &(place + 1).to_string(), grade)?;
        let grade = Grade { grade: shape.text("grade")?.into(), from: number(&shape, "from")? };
        shape.done()?;
        if grades.last().is_some_and(|better| better.from <= grade.from) {
            return Err(shape.wrong("from", "grades stand best first"));
        }
        grades.push(grade);
    }
    match grades.last() {
        Some(last) if last.from == ratio::whole(0) => Ok(grades),
        _ => Err(top.wrong("grades", "the last grade must be from 0")),
    }
}

fn caps(
    top: &Shape<'_>,
    set: &impl Fn(&Shape<'_>, &'static str) -> Result<SetId, ShapeError>,
    grades: &[Grade],
    indicators: &[Indicator],
) -> Result<Vec<Cap>, ShapeError> {
    let mut caps = Vec::new();
    for (place, cap) in top.list("caps")?.iter().enumerate() {
        let shape = named(top, "caps", &(place + 1).to_string(), cap)?;
        let to = match (shape.flag("withheld")?, shape.optional_text("to")?) {
            (true, None) => None,
            (false, Some(to)) => {
                let found = grades.iter().position(|grade| grade.grade == to);
                Some(found.ok_or_else(|| shape.wrong("to", format!("there is no grade «{to}»")))?)
            }
            _ => return Err(shape.wrong("to", "either «to» or «withheld: true» is expected")),
        };
        let zero = shape.texts("zero")?.into_iter().map(|id| {
            let found = indicators.iter().position(|indicator| indicator.id == id);
            found.ok_or_else(|| shape.wrong("zero", format!("there is no indicator «{id}»")))
        });
        let (id, vi, en) = (shape.text("id")?, shape.text("vi")?, shape.text("en")?);
        let (id, vi, en) = (id.to_owned(), vi.to_owned(), en.to_owned());
        let zero = zero.collect::<Result<_, _>>()?;
        caps.push(Cap { id, vi, en, set: set(&shape, "set")?, to, zero });
        shape.done()?;
    }
    Ok(caps)
}

/// The weights of indicators add up to their group's, those of groups to 100.
fn weights_add_up(
    top: &Shape<'_>,
    groups: &BTreeMap<String, Group>,
    indicators: &[Indicator],
) -> Result<(), ShapeError> {
    for (name, group) in groups {
        let its = indicators.iter().filter(|indicator| indicator.group == *name);
        let sum: i64 = its.map(|indicator| indicator.weight).sum();
        if sum != group.weight || sum == 0 {
            let what =
                format!("the weights of its indicators add up to {sum}, not to {}", group.weight);
            let path = [top.path_to("groups"), vec![name.clone()]].concat();
            return Err(ShapeError { path, what });
        }
    }
    match groups.values().map(|group| group.weight).sum() {
        100 => Ok(()),
        sum => {
            Err(top
                .wrong("groups", format!("the weights of the groups add up to {sum}, not to 100")))
        }
    }
}
