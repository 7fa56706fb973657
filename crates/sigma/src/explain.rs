//! Why a rule holds for an event, or does not.
//!
//! A [`Rule`], the labels of an event's log source and its [`Record`] go in; an [`Explanation`]
//! comes out: every selection, field and value with its own truth, the condition, and the filters.
//! It is found by walking the rule as it was written, in the simplest way that is right, and shares
//! nothing with the compiled engine but the meaning of single values. So it is also what the
//! engine is tested against.

use khien_event::{LogSource, Record, Value};

use crate::condition::Expr;
use crate::fold::fold;
use crate::pattern::{Part, Pattern};
use crate::predicate::{decimal, refers, time_part};
use crate::rule::{Comparison, Item, Matcher, Number, Rule, Search};

/// A rule's verdict on an event, with all that led to it.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Whether the rule hits: it sees the event, its detection holds, and no filter takes it away.
    pub hits: bool,
    /// What the event was taken for.
    pub labels: Vec<LogSource>,
    /// What the rule asks for.
    pub wanted: LogSource,
    /// Whether the rule sees events with these labels.
    pub sees: bool,
    /// Placeholders without values; while there are any, the rule never hits.
    pub waits_for: Vec<String>,
    /// The rule's own detection.
    pub detection: Detection,
    /// Global filters; one that holds takes the hit away.
    pub filters: Vec<(String, Detection)>,
}

/// Search identifiers and the condition over them.
#[derive(Clone, Debug)]
pub struct Detection {
    /// Name and outcome, in the order of the file.
    pub selections: Vec<(String, Step)>,
    /// The condition.
    pub condition: Clause,
}

/// A part of a search identifier.
#[derive(Clone, Debug)]
pub struct Step {
    /// Whether it holds.
    pub holds: bool,
    /// What it is.
    pub what: What,
}

/// What a [`Step`] is.
#[derive(Clone, Debug)]
pub enum What {
    /// All must hold.
    All(Vec<Step>),
    /// One must hold.
    Any(Vec<Step>),
    /// A field, or the whole event.
    Field(FieldStep),
}

/// A field with what was found in it and what was looked for.
#[derive(Clone, Debug)]
pub struct FieldStep {
    /// The field; `None` for a search of the whole event.
    pub field: Option<String>,
    /// The modifiers, as the rule writes them.
    pub modifiers: String,
    /// Whether all values must match instead of one.
    pub all: bool,
    /// Whether the outcome is turned round.
    pub negate: bool,
    /// The line in the rule's file.
    pub line: u32,
    /// What the event has there, `None` for null; no entry if the field is absent.
    pub found: Vec<Option<String>>,
    /// The values of the rule, and whether each matches.
    pub values: Vec<(String, bool)>,
}

/// A part of a condition.
#[derive(Clone, Debug)]
pub struct Clause {
    /// Whether it holds.
    pub holds: bool,
    /// What it is.
    pub form: Form,
}

/// What a [`Clause`] is.
#[derive(Clone, Debug)]
pub enum Form {
    /// A search identifier.
    Selection(String),
    /// All must hold.
    And(Vec<Clause>),
    /// One must hold.
    Or(Vec<Clause>),
    /// It must not hold.
    Not(Box<Clause>),
    /// So many of these search identifiers must hold.
    Of {
        /// How many.
        need: usize,
        /// Which, and whether each holds.
        among: Vec<(String, bool)>,
    },
}

/// Explains what a rule makes of an event whose log source has these labels. Fields that follow
/// from the log source must have been added already (`Packs::derive`).
pub fn explain(rule: &Rule, labels: &[LogSource], record: &Record<'_>) -> Explanation {
    let detection = detection(&rule.selections, &rule.condition, record);
    let filters: Vec<(String, Detection)> = rule
        .exclusions
        .iter()
        .map(|filter| {
            let detection = self::detection(&filter.selections, &filter.condition, record);
            (filter.title.clone(), detection)
        })
        .collect();
    let wanted = &rule.log_source;
    let sees = wanted.is_empty() || labels.iter().any(|label| label.satisfies(wanted));
    let hits = sees
        && rule.waits_for.is_empty()
        && detection.condition.holds
        && filters.iter().all(|(_, filter)| !filter.condition.holds);
    Explanation {
        hits,
        labels: labels.to_vec(),
        wanted: wanted.clone(),
        sees,
        waits_for: rule.waits_for.clone(),
        detection,
        filters,
    }
}

fn detection(selections: &[(String, Search)], condition: &Expr, record: &Record<'_>) -> Detection {
    let selections: Vec<(String, Step)> =
        selections.iter().map(|(name, search)| (name.clone(), step(search, record))).collect();
    let condition = clause(condition, &selections);
    Detection { selections, condition }
}

fn clause(expr: &Expr, selections: &[(String, Step)]) -> Clause {
    let named = |at: usize| {
        selections.get(at).map_or((String::new(), false), |(name, step)| (name.clone(), step.holds))
    };
    let many = |parts: &[Expr]| -> Vec<Clause> {
        parts.iter().map(|part| clause(part, selections)).collect()
    };
    match expr {
        Expr::Selection(at) => {
            let (name, holds) = named(*at);
            Clause { holds, form: Form::Selection(name) }
        }
        Expr::And(parts) => {
            let parts = many(parts);
            Clause { holds: parts.iter().all(|part| part.holds), form: Form::And(parts) }
        }
        Expr::Or(parts) => {
            let parts = many(parts);
            Clause { holds: parts.iter().any(|part| part.holds), form: Form::Or(parts) }
        }
        Expr::Not(inner) => {
            let inner = clause(inner, selections);
            Clause { holds: !inner.holds, form: Form::Not(Box::new(inner)) }
        }
        Expr::Of { need, among } => {
            let among: Vec<(String, bool)> = among.iter().map(|at| named(*at)).collect();
            let count = among.iter().filter(|(_, holds)| *holds).count();
            Clause { holds: count >= *need, form: Form::Of { need: *need, among } }
        }
    }
}

fn step(search: &Search, record: &Record<'_>) -> Step {
    let many =
        |parts: &[Search]| -> Vec<Step> { parts.iter().map(|part| step(part, record)).collect() };
    match search {
        Search::All(parts) => {
            let parts = many(parts);
            Step { holds: parts.iter().all(|part| part.holds), what: What::All(parts) }
        }
        Search::Any(parts) => {
            let parts = many(parts);
            Step { holds: parts.iter().any(|part| part.holds), what: What::Any(parts) }
        }
        Search::Item(item) => item_step(item, record),
    }
}

fn item_step(item: &Item, record: &Record<'_>) -> Step {
    let found = match &item.field {
        Some(name) => values(name, record),
        None => vec![Some(message(record))],
    };
    let values: Vec<(String, bool)> = item
        .tests
        .iter()
        .map(|test| {
            let holds = test.matchers.iter().any(|matcher| matches(matcher, &found, record));
            (test.source.to_string(), holds)
        })
        .collect();
    let mut each = values.iter().map(|(_, holds)| *holds);
    let holds = if item.all { each.all(|holds| holds) } else { each.any(|holds| holds) };
    let field = FieldStep {
        field: item.field.clone(),
        modifiers: item.modifiers.clone(),
        all: item.all,
        negate: item.negate,
        line: item.line,
        found,
        values,
    };
    Step { holds: holds != item.negate, what: What::Field(field) }
}

/// The texts of a field; `None` for null.
fn values(name: &str, record: &Record<'_>) -> Vec<Option<String>> {
    let fields = &record.fields;
    let sym = fields.symbols().find(name);
    fields
        .iter()
        .filter(|field| if sym.is_some() { field.sym == sym } else { fields.name(field) == name })
        .map(|field| match &field.value {
            Value::Null => None,
            value => Some(value.to_text().into_owned()),
        })
        .collect()
}

/// The whole event: its text, or the texts of all its values, one a line.
fn message(record: &Record<'_>) -> String {
    if !record.structured {
        return String::from_utf8_lossy(record.raw).into_owned();
    }
    let mut out = String::new();
    for field in &record.fields {
        field.value.write_text(&mut out);
        out.push('\n');
    }
    out
}

fn matches(matcher: &Matcher, found: &[Option<String>], record: &Record<'_>) -> bool {
    let any = |test: &dyn Fn(&str) -> bool| found.iter().flatten().any(|text| test(text));
    match matcher {
        Matcher::Text { pattern, fold: how } => any(&|text| like(pattern, &fold(*how, text))),
        Matcher::Regex(source) => {
            regex::Regex::new(source).is_ok_and(|regex| any(&|text| regex.is_match(text)))
        }
        Matcher::Cidr(network) => any(&|text| network.contains(text)),
        Matcher::Number(number) => {
            any(&|text| decimal(text).is_some_and(|n| Comparison::Equal.holds(n, *number)))
        }
        Matcher::Compare(comparison, number) => {
            any(&|text| Number::parse(text).is_some_and(|n| comparison.holds(n, *number)))
        }
        Matcher::Null => found.is_empty() || found.iter().any(Option::is_none),
        Matcher::Exists(wanted) => found.is_empty() != *wanted,
        Matcher::FieldRef { field, position, fold: how } => {
            let others = values(field, record);
            any(&|text| {
                let text = fold(*how, text);
                others.iter().flatten().any(|other| refers(*position, &text, &fold(*how, other)))
            })
        }
        Matcher::TimePart(part, comparison, number) => {
            any(&|text| time_part(text, *part).is_some_and(|n| comparison.holds(n, *number)))
        }
    }
}

/// Whether the whole of a folded text is as the pattern says: for each part, the places that can
/// be reached.
fn like(pattern: &Pattern, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for part in pattern.parts() {
        let mut next = vec![false; text.len() + 1];
        for (at, _) in reached.iter().enumerate().filter(|(_, reached)| **reached) {
            let rest = text.get(at..).unwrap_or_default();
            match part {
                Part::Any => next.iter_mut().skip(at).for_each(|place| *place = true),
                Part::One if rest.is_empty() => {}
                Part::One => next.iter_mut().skip(at + 1).take(1).for_each(|place| *place = true),
                Part::Literal(literal) => {
                    let literal: Vec<char> = literal.chars().collect();
                    if rest.starts_with(&literal) {
                        let end = at + literal.len();
                        next.iter_mut().skip(end).take(1).for_each(|place| *place = true);
                    }
                }
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn both_ways_of_matching_wildcards_agree(
            pattern in "[ab*?\\\\]{0,8}",
            text in "[ab*?\\\\]{0,8}",
        ) {
            let pattern = Pattern::parse(&pattern);
            proptest::prop_assert_eq!(like(&pattern, &text), pattern.matches(&text));
        }
    }
}
