//! Explanations of single events, shortened to a line.

use khien_event::LogSource;
use khien_sigma::compile::RuleSet;
use khien_sigma::correlation::Reference;
use khien_sigma::explain::{Clause, Detection, Explanation, FieldStep, Form, Step, What};

/// Longer values are cut.
const SHOWN: usize = 80;

/// The explanation of the event that says most about a test.
#[derive(Default)]
pub(crate) struct Closest(Option<(u8, String)>);

impl Closest {
    /// Takes an event's explanation: the hit if none was wanted, or else the nearest miss.
    pub(crate) fn add(&mut self, explanation: &Explanation, wants_hit: bool) {
        let rank = match (explanation.hits, explanation.sees, explanation.detection.condition.holds)
        {
            (true, ..) => u8::from(!wants_hit) * 4,
            (_, true, true) => 3,
            (_, true, false) => 2,
            (_, false, _) => 1,
        };
        if self.0.as_ref().is_none_or(|(best, _)| rank > *best) {
            self.0 = Some((rank, of_event(explanation)));
        }
    }

    /// The reason in a line.
    pub(crate) fn reason(self) -> String {
        self.0.map_or_else(|| "no event was read".into(), |(_, reason)| reason)
    }
}

fn of_event(explanation: &Explanation) -> String {
    if !explanation.sees {
        let labels: Vec<String> = explanation.labels.iter().map(LogSource::to_string).collect();
        let labels = if labels.is_empty() { "nothing known".into() } else { labels.join(", ") };
        let wanted = &explanation.wanted;
        return format!("log source not seen: the rule wants {wanted}, the event is {labels}");
    }
    if let Some(name) = explanation.waits_for.first() {
        return format!("the rule waits for the placeholder «{name}»");
    }
    if let Some((title, _)) = explanation.filters.iter().find(|(_, filter)| filter.condition.holds)
    {
        return format!("the filter «{title}» takes the hit away");
    }
    let truth = if explanation.hits { "it holds" } else { "the condition fails" };
    let names = deciding(&explanation.detection.condition, explanation.hits);
    let parts: Vec<String> =
        names.iter().filter_map(|name| of_selection(&explanation.detection, name)).collect();
    format!("{truth}: {}", parts.join("; "))
}

/// The search identifiers because of which a clause is as it is.
fn deciding(clause: &Clause, holds: bool) -> Vec<String> {
    let of_many = |parts: &[Clause]| -> Vec<String> {
        parts
            .iter()
            .filter(|part| part.holds == holds)
            .flat_map(|part| deciding(part, holds))
            .collect()
    };
    match &clause.form {
        Form::Selection(name) => vec![name.clone()],
        Form::And(parts) | Form::Or(parts) => of_many(parts),
        Form::Not(inner) => deciding(inner, !holds),
        Form::Of { among, .. } => {
            among.iter().filter(|(_, one)| *one == holds).map(|(name, _)| name.clone()).collect()
        }
    }
}

fn of_selection(detection: &Detection, name: &str) -> Option<String> {
    let (_, step) = detection.selections.iter().find(|(other, _)| other == name)?;
    let truth = if step.holds { "holds" } else { "fails" };
    let field = first_field(step, step.holds).map(of_field).unwrap_or_default();
    Some(format!("selection «{name}» {truth}{field}"))
}

/// The first field whose outcome is that of the whole.
fn first_field(step: &Step, holds: bool) -> Option<&FieldStep> {
    match &step.what {
        What::Field(field) => (step.holds == holds).then_some(field),
        What::All(parts) | What::Any(parts) => {
            parts.iter().find_map(|part| first_field(part, holds))
        }
    }
}

fn of_field(field: &FieldStep) -> String {
    let mut name = field.field.clone().unwrap_or_else(|| "the whole event".into());
    if !field.modifiers.is_empty() {
        name = format!("{name}|{}", field.modifiers);
    }
    let found = match field.found.as_slice() {
        [] => "absent".to_owned(),
        [None, ..] => "null".to_owned(),
        [Some(text), ..] => format!("«{}»", shorten(text)),
    };
    let wanted: Vec<String> =
        field.values.iter().take(3).map(|(value, _)| format!("«{}»", shorten(value))).collect();
    let more = if field.values.len() > 3 { ", …" } else { "" };
    format!(" ({name} is {found}, the rule has {}{more})", wanted.join(", "))
}

fn shorten(text: &str) -> String {
    let text = text.trim().replace(['\n', '\r'], " ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Why a correlation has another outcome than wanted, as far as its rules tell.
pub(crate) fn of_correlation(set: &RuleSet, at: usize, of_rules: &[u64]) -> String {
    let Some(correlation) = set.correlations().get(at) else { return String::new() };
    let parts: Vec<String> = correlation
        .references
        .iter()
        .zip(&correlation.rules)
        .map(|(reference, name)| match reference {
            Reference::Rule(rule) => {
                format!("rule {name} hit {} times", of_rules.get(*rule).copied().unwrap_or(0))
            }
            Reference::Correlation(inner) => {
                format!("correlation {name} ({})", of_correlation(set, *inner, of_rules))
            }
        })
        .collect();
    parts.join(", ")
}
