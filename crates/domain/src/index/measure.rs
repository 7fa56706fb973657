//! How an indicator is measured.
//!
//! Every measure looks at elements: the facts of the sets in `each` (each fact once), in the view of
//! all records. What counts of an element is asked twice: of all records, and of those that are more
//! than the agency's own word.
//!
//! | `measure` | value | keys |
//! |---|---|---|
//! | `share` | Σ weights of elements that meet ÷ Σ weights | `is` (in one of these sets), `having`, `lacking`, `weigh` |
//! | `ratio` | Σ `top` ÷ Σ `bottom`, fields of the elements | `top`, `bottom` |
//! | `mean` | mean of `top` ÷ `bottom` (or of `top`) of each element or of what belongs to it; 0 for what is missing | `top`, `bottom`, `of` |
//! | `percentile` | the nearest rank of `from` to `to`; what is open runs to the cut-off; too few firm ones have no firm value | `rank`, `from`, `to`, `unit` |
//! | `exists` | 1 if each set of `having` has a fact | `having` |
//! | `count` | number of elements that hold ÷ `full`, at most 1 | `full` |
//! | `parts` | Σ `share` × part | `parts` |
//!
//! All: `least` (fewer elements are too few, for `ratio` a smaller sum of `bottom`), `fill` (sets
//! whose newest facts fill up to `least`), `nothing` (sets; a firm fact of one shows that there is
//! nothing to measure, which makes an indicator with too few elements not applicable instead of
//! without evidence), `few: not-applicable` (too few but some are so by themselves).

use super::pack::Loading;
use super::ratio::{self, Ratio};
use crate::evidence::content::Content;
use crate::facts::{SetId, Shape, ShapeError};

/// How an indicator, or a part of one, is measured.
#[derive(Clone, Debug)]
pub struct Measure {
    /// What is done with the elements.
    pub way: Way,
    /// The sets of the elements.
    pub each: Vec<SetId>,
    /// How many are enough.
    pub least: i64,
    /// What fills up to that.
    pub fill: Vec<SetId>,
    /// Whether too few, but some, make it not applicable.
    pub few_not_applicable: bool,
    /// What shows that there is nothing to measure.
    pub nothing: Vec<SetId>,
}

/// The place of a field in the facts of each set of `each` (or `of`), in their order.
pub type Places = Vec<usize>;

/// A way of measuring.
#[derive(Clone, Debug)]
pub enum Way {
    /// The share of elements that meet what is asked.
    Share {
        /// They are in one of these.
        is: Vec<SetId>,
        /// There is a fact of each of these.
        having: Vec<SetId>,
        /// There is no fact of these.
        lacking: Vec<SetId>,
        /// What an element weighs, by the value of a field.
        weigh: Option<Weigh>,
    },
    /// The ratio of two sums.
    Ratio {
        /// The upper field.
        top: Places,
        /// The lower field.
        bottom: Places,
    },
    /// The mean over the elements.
    Mean {
        /// What belongs to the element and has the fields; the element itself without.
        of: Vec<SetId>,
        /// The upper field.
        top: Places,
        /// The lower field.
        bottom: Option<Places>,
    },
    /// A percentile of durations.
    Percentile {
        /// Which, from 1 to 100.
        rank: i64,
        /// The field with the beginning.
        from: Places,
        /// The field with the end.
        to: Places,
        /// Seconds of a unit.
        unit: i64,
    },
    /// Whether there is a fact of each of these.
    Exists(Vec<SetId>),
    /// How many there are, of so many.
    Count(i64),
    /// Several measures, each with its share.
    Parts(Vec<(Ratio, Measure)>),
}

/// What an element weighs.
#[derive(Clone, Debug)]
pub struct Weigh {
    /// The field that tells.
    pub by: Places,
    /// Weights by its value; an element of another value weighs nothing.
    pub table: Vec<(i64, i64)>,
}

impl Measure {
    /// Reads a measure.
    pub(super) fn read(loading: &mut Loading<'_>, shape: &Shape<'_>) -> Result<Self, ShapeError> {
        let each = loading.sets.named(shape, "each")?;
        let way = loading.way(shape, &each)?;
        let needs_elements = !matches!(way, Way::Exists(_) | Way::Parts(_));
        if needs_elements && each.is_empty() {
            return Err(shape.wrong("each", "«each» is missing"));
        }
        let few = shape.optional_text("few")?;
        if few.is_some_and(|few| few != "not-applicable") {
            return Err(shape.wrong("few", "«few» can only be not-applicable"));
        }
        let measure = Self {
            way,
            each,
            least: shape.optional_count("least")?.unwrap_or(1),
            fill: loading.sets.named(shape, "fill")?,
            few_not_applicable: few.is_some(),
            nothing: loading.sets.named(shape, "nothing")?,
        };
        let plain = measure.least == 1
            && measure.fill.is_empty()
            && few.is_none()
            && measure.nothing.is_empty()
            && measure.each.is_empty();
        if matches!(measure.way, Way::Parts(_)) && !plain {
            return Err(shape.wrong("parts", "what each part needs stands in the part"));
        }
        if measure.least == 0 {
            return Err(shape.wrong("least", "«least» must be at least 1"));
        }
        // Fields have their places in the facts of `each`; what fills up must have the same.
        let kind = |set: &SetId| loading.sets.get(*set).kind;
        let of_each: Vec<_> = measure.each.iter().map(kind).collect();
        if !measure.fill.iter().all(|set| of_each.contains(&kind(set))) {
            return Err(shape.wrong("fill", "what fills up must be of a kind of «each»"));
        }
        Ok(measure)
    }

    /// How many parts it has; one for most.
    pub fn parts(&self) -> usize {
        match &self.way {
            Way::Parts(parts) => parts.len(),
            _ => 1,
        }
    }

    /// The sets whose facts bring points.
    pub fn earning(&self) -> Vec<SetId> {
        let mut sets = [self.each.as_slice(), &self.fill].concat();
        match &self.way {
            Way::Share { is, having, .. } => sets.extend([is.as_slice(), having].concat()),
            Way::Mean { of, .. } => sets.extend(of),
            Way::Exists(having) => sets.extend(having),
            Way::Parts(parts) => sets.extend(parts.iter().flat_map(|(_, part)| part.earning())),
            Way::Ratio { .. } | Way::Percentile { .. } | Way::Count(_) => {}
        }
        sets
    }

    /// All sets that it names.
    pub fn sets(&self) -> Vec<SetId> {
        let mut sets = [self.each.as_slice(), &self.fill, &self.nothing].concat();
        match &self.way {
            Way::Share { is, having, lacking, .. } => {
                sets.extend([is.as_slice(), having, lacking].concat());
            }
            Way::Mean { of, .. } => sets.extend(of),
            Way::Exists(having) => sets.extend(having),
            Way::Parts(parts) => sets.extend(parts.iter().flat_map(|(_, part)| part.sets())),
            Way::Ratio { .. } | Way::Percentile { .. } | Way::Count(_) => {}
        }
        sets
    }
}

impl Loading<'_> {
    fn way(&mut self, shape: &Shape<'_>, each: &[SetId]) -> Result<Way, ShapeError> {
        Ok(match shape.text("measure")? {
            "share" => {
                let is = self.sets.named(shape, "is")?;
                let having = self.sets.joined(shape, "having")?;
                let lacking = self.sets.joined(shape, "lacking")?;
                if is.is_empty() && having.is_empty() && lacking.is_empty() {
                    return Err(shape.wrong("measure", "a share needs is, having or lacking"));
                }
                Way::Share { is, having, lacking, weigh: self.weigh(shape, each)? }
            }
            "ratio" => Way::Ratio {
                top: self.places(shape, "top", each)?,
                bottom: self.places(shape, "bottom", each)?,
            },
            "mean" => {
                let of = self.sets.joined(shape, "of")?;
                let source = if of.is_empty() { each } else { &of };
                let top = self.places(shape, "top", source)?;
                let bottom = shape.get("bottom").is_some();
                let bottom = bottom.then(|| self.places(shape, "bottom", source)).transpose()?;
                Way::Mean { of, top, bottom }
            }
            "percentile" => {
                let rank = shape.count("rank")?;
                if !(1..=100).contains(&rank) {
                    return Err(shape.wrong("rank", "«rank» must be from 1 to 100"));
                }
                let unit = match shape.text("unit")? {
                    "minutes" => 60,
                    "hours" => 3_600,
                    _ => return Err(shape.wrong("unit", "«unit» must be minutes or hours")),
                };
                let from = self.places(shape, "from", each)?;
                Way::Percentile { rank, from, to: self.places(shape, "to", each)?, unit }
            }
            "exists" => {
                let having = self.sets.named(shape, "having")?;
                if having.is_empty() {
                    return Err(shape.wrong("having", "«having» is missing"));
                }
                Way::Exists(having)
            }
            "count" => match shape.count("full")? {
                0 => return Err(shape.wrong("full", "«full» must be at least 1")),
                full => Way::Count(full),
            },
            "parts" => Way::Parts(self.parts(shape)?),
            other => return Err(shape.wrong("measure", format!("there is no measure «{other}»"))),
        })
    }

    fn weigh(&mut self, shape: &Shape<'_>, each: &[SetId]) -> Result<Option<Weigh>, ShapeError> {
        let Some(weigh) = shape.get("weigh") else { return Ok(None) };
        let weigh = Shape::new(weigh, &shape.path_to("weigh"))?;
        let by = self.places(&weigh, "by", each)?;
        let mut table = Vec::new();
        for (value, weight) in weigh.entries("table")? {
            let pair = value.parse().ok().zip(weight.as_int().filter(|weight| *weight > 0));
            let wrong = || weigh.wrong("table", "numbers with weights from 1 are expected");
            table.push(pair.ok_or_else(wrong)?);
        }
        weigh.done()?;
        Ok(Some(Weigh { by, table }))
    }

    fn parts(&mut self, shape: &Shape<'_>) -> Result<Vec<(Ratio, Measure)>, ShapeError> {
        let mut parts = Vec::new();
        let mut total = ratio::whole(0);
        for (at, part) in shape.list("parts")?.iter().enumerate() {
            let mut path = shape.path_to("parts");
            path.push((at + 1).to_string());
            let part = Shape::new(part, &path)?;
            let share = part.get("share").and_then(ratio::stated);
            let share = share.ok_or_else(|| part.wrong("share", "«share» must be like 1/2"))?;
            let measure = Measure::read(self, &part)?;
            if matches!(measure.way, Way::Parts(_) | Way::Percentile { .. }) {
                return Err(part.wrong("measure", "a part is no percentile and has no parts"));
            }
            part.done()?;
            total += &share;
            parts.push((share, measure));
        }
        if total != ratio::whole(1) {
            return Err(shape.wrong("parts", "the shares of the parts must add up to 1"));
        }
        Ok(parts)
    }

    /// Where a field stands in the facts of each of these sets.
    fn places(
        &mut self,
        shape: &Shape<'_>,
        name: &'static str,
        sets: &[SetId],
    ) -> Result<Places, ShapeError> {
        let field = shape.text(name)?;
        let place = |set: &SetId| {
            let kind = self.sets.get(*set).kind;
            let (place, holds) = self.wanted.field(self.kinds, kind, field)?;
            let expected = match name {
                "from" | "to" => crate::facts::FieldType::Moment,
                _ => crate::facts::FieldType::Int,
            };
            if holds == expected {
                Ok(place)
            } else {
                Err(format!("«{field}» is of another type"))
            }
        };
        let places: Result<_, String> = sets.iter().map(place).collect();
        places.map_err(|what| shape.wrong(name, what))
    }
}

/// The canonical form has whole numbers and texts only: this reads either.
pub(super) fn number(shape: &Shape<'_>, name: &'static str) -> Result<Ratio, ShapeError> {
    let value: Option<&Content> = shape.get(name);
    let stated = value.and_then(ratio::stated);
    stated.ok_or_else(|| {
        shape.wrong(name, format!("«{name}» must be a number such as 95, 0.15 or 3/5"))
    })
}
