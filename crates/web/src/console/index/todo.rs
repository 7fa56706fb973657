//! What of an indicator was counted, in words, and what to do for more points.
//!
//! In goes an indicator with its outcome and explanation, out come sentences of the pack with their numbers;
//! packs of before have none, then the indicator's name stands alone.

use khien_domain::index::explain::{Explanation, Part};
use khien_domain::index::ratio::Ratio;
use khien_domain::index::{IndexPack, Indicator, Outcome, Score, State};

use super::{called, with_unit};
use crate::console::evidence::said::Names;
use crate::console::frame::Frame;

/// Things that are named of those that are missing.
const NAMED: usize = 4;

/// What would raise the score.
pub(super) struct Gain {
    pub(super) id: String,
    /// The indicator.
    pub(super) name: String,
    /// What to do.
    pub(super) todo: String,
    pub(super) points: String,
    /// What it is to be done for.
    pub(super) missing: String,
}

/// The plan of a year against what it must hold for security at least.
pub(super) struct Money {
    pub(super) year: String,
    pub(super) all: String,
    pub(super) security: String,
    pub(super) share: String,
    /// The share that is asked for.
    pub(super) target: String,
    /// What is missing, if anything.
    pub(super) short: Option<String>,
}

/// What would raise a score most.
pub(super) fn gains(
    f: &Frame,
    pack: &IndexPack,
    score: &Score,
    names: &Names,
    why: impl Fn(&Indicator) -> Explanation,
    most: usize,
) -> Vec<Gain> {
    let gains = score.gains().into_iter().take(most).map(|gain| {
        let (indicator, outcome) =
            (&pack.indicators[gain.indicator], &score.outcomes[gain.indicator]);
        let why = why(indicator);
        Gain {
            id: indicator.id.clone(),
            name: called(f, &indicator.vi, &indicator.en).to_owned(),
            todo: todo(f, indicator, outcome, &why),
            points: f.ratio(&gain.points),
            missing: missing(f, &why, names),
        }
    });
    gains.collect()
}

/// How many of how many, part by part.
pub(super) fn counted(f: &Frame, indicator: &Indicator, why: &Explanation) -> String {
    let nouns = if f.is_english() { &indicator.counts_en } else { &indicator.counts_vi };
    if indicator.todo_vi.is_empty() {
        let elements: Vec<_> = why.parts.iter().flat_map(|part| &part.elements).collect();
        let counts = elements.iter().filter(|element| element.counts).count();
        let all = elements.len();
        return match all {
            0 => String::new(),
            _ => f.v2("index-counted", "n", f.count(counts), "all", f.count(all)),
        };
    }
    let parts = why.parts.iter().zip(nouns).filter(|(part, _)| part.state == State::Scored);
    let parts = parts.filter_map(|(part, noun)| {
        let (top, bottom) = part.tally?;
        Some(format!("{} / {} {noun}", number(f, top), number(f, bottom)))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// What to do for more points.
pub(super) fn todo(
    f: &Frame,
    indicator: &Indicator,
    outcome: &Outcome,
    why: &Explanation,
) -> String {
    let name = called(f, &indicator.vi, &indicator.en);
    let sentences = if f.is_english() { &indicator.todo_en } else { &indicator.todo_vi };
    if sentences.is_empty() {
        return name.to_owned();
    }
    let left = why.parts.iter().zip(sentences).filter(|(part, _)| part.missing != Some(0));
    let told: Vec<String> = left.map(|(part, sentence)| filled(f, part, sentence)).collect();
    let is_reached = outcome.state == State::Scored
        && reached(indicator, &outcome.value)
        && outcome.firm.as_ref() != Some(&outcome.value);
    match told.split_first() {
        Some((first, rest)) if !is_reached => {
            let rest = rest.iter().map(|sentence| format!("; {}", uncapped(sentence)));
            rest.fold(first.clone(), |all, one| all + &one)
        }
        // All that is missing is somebody else's word for it.
        _ => f.v("index-todo-prove", "name", name),
    }
}

fn reached(indicator: &Indicator, value: &Ratio) -> bool {
    if indicator.target > indicator.floor {
        *value >= indicator.target
    } else {
        *value <= indicator.target
    }
}

/// A sentence with how many are missing, or without the place for it.
fn filled(f: &Frame, part: &Part, sentence: &str) -> String {
    let missing = part.missing.filter(|_| part.state == State::Scored);
    if let Some(missing) = missing {
        return sentence.replace("{n}", &number(f, missing));
    }
    let Some(at) = sentence.find("{n}") else { return sentence.to_owned() };
    match (sentence[..at].strip_suffix(" ("), sentence[at..].split_once(')')) {
        (Some(before), Some((_, after))) => format!("{before}{after}"),
        _ => sentence.replace("{n} ", ""),
    }
}

fn uncapped(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

/// The systems and other things that do not count yet, the first of them by name.
fn missing(f: &Frame, why: &Explanation, names: &Names) -> String {
    let things = why.missing().filter(|element| {
        !element.counts && element.numbers.is_none() && element.seconds.is_none()
    });
    let things: Vec<String> = things
        .map(|element| names.thing(f, element.system.as_ref().unwrap_or(&element.subject)))
        .collect();
    let more = things.len().saturating_sub(NAMED);
    let mut text = things.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&f.n("index-and-more", more));
    }
    text
}

/// The plan of the year, of the indicator that compares money.
pub(super) fn money(
    f: &Frame,
    pack: &IndexPack,
    score: &Score,
    why: impl Fn(&Indicator) -> Explanation,
) -> Option<Money> {
    let place = pack.indicators.iter().position(|indicator| indicator.unit == "ratio")?;
    let (indicator, outcome) = (&pack.indicators[place], &score.outcomes[place]);
    let why = why(indicator);
    let [part] = why.parts.as_slice() else { return None };
    let (security, all) = part.tally?;
    let year = part.elements.iter().map(|element| element.subject.as_str()).max()?;
    let short = part.missing.filter(|missing| *missing > 0);
    Some(Money {
        year: year.to_owned(),
        all: number(f, all),
        security: number(f, security),
        share: with_unit(f, indicator, &outcome.value),
        target: with_unit(f, indicator, &indicator.target),
        short: short.map(|short| number(f, short)),
    })
}

fn number(f: &Frame, number: i128) -> String {
    match u64::try_from(number) {
        Ok(number) => f.count(number),
        Err(_) => number.to_string(),
    }
}
