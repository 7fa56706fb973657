//! An explanation as JSON.

use khien_event::LogSource;
use khien_sigma::explain::{Clause, Detection, Form, Step, What};
use khien_sigma::rule::Rule;
use serde_json::{Value, json};

use super::{Choice, Chosen};

/// The whole explanation.
pub(crate) fn object(rule: &Rule, chosen: &Chosen) -> Value {
    let explanation = &chosen.explanation;
    let filter = |(title, filter): &(String, Detection)| {
        let mut object = detection(filter);
        if let Value::Object(object) = &mut object {
            object.insert("title".into(), title.clone().into());
        }
        object
    };
    let about = &rule.about;
    json!({
        "rule": {
            "id": about.id,
            "title": about.title,
            "title_vi": about.title_vi,
            "file": &*about.place.file,
            "line": about.place.line,
        },
        "event": {
            "file": chosen.file,
            "format": chosen.format.id,
            "record": chosen.number,
            "of": chosen.records,
            "chosen": match chosen.choice {
                Choice::Asked => "asked_for",
                Choice::Fires => "first_that_fires",
                Choice::LogSource => "first_with_the_log_source",
                Choice::First => "first",
            },
        },
        "fires": explanation.hits,
        "logsource": {
            "holds": explanation.sees,
            "event": explanation.labels.iter().map(source).collect::<Vec<_>>(),
            "rule": source(&explanation.wanted),
        },
        "waits_for": explanation.waits_for,
        "detection": detection(&explanation.detection),
        "filters": explanation.filters.iter().map(filter).collect::<Vec<_>>(),
    })
}

fn source(source: &LogSource) -> Value {
    json!({
        "product": source.product,
        "category": source.category,
        "service": source.service,
    })
}

fn detection(detection: &Detection) -> Value {
    let selection = |(name, step): &(String, Step)| json!({"name": name, "holds": step.holds, "content": self::step(step)});
    json!({
        "selections": detection.selections.iter().map(selection).collect::<Vec<_>>(),
        "condition": clause(&detection.condition),
    })
}

fn step(step: &Step) -> Value {
    let holds = step.holds;
    let many = |parts: &[Step]| parts.iter().map(self::step).collect::<Vec<_>>();
    match &step.what {
        What::All(parts) => json!({"holds": holds, "all": many(parts)}),
        What::Any(parts) => json!({"holds": holds, "any": many(parts)}),
        What::Field(field) => {
            let value = |(value, holds): &(String, bool)| json!({"pattern": value, "holds": holds});
            json!({
                "holds": holds,
                "field": field.field,
                "modifiers": field.modifiers,
                "line": field.line,
                "found": field.found,
                "all_values": field.all,
                "turned_round": field.negate,
                "values": field.values.iter().map(value).collect::<Vec<_>>(),
            })
        }
    }
}

fn clause(clause: &Clause) -> Value {
    let holds = clause.holds;
    let many = |parts: &[Clause]| parts.iter().map(self::clause).collect::<Vec<_>>();
    match &clause.form {
        Form::Selection(name) => json!({"holds": holds, "selection": name}),
        Form::And(parts) => json!({"holds": holds, "and": many(parts)}),
        Form::Or(parts) => json!({"holds": holds, "or": many(parts)}),
        Form::Not(inner) => json!({"holds": holds, "not": self::clause(inner)}),
        Form::Of { need, among } => {
            let one = |(name, holds): &(String, bool)| json!({"selection": name, "holds": holds});
            json!({
                "holds": holds,
                "need": need,
                "of": among.iter().map(one).collect::<Vec<_>>(),
            })
        }
    }
}
