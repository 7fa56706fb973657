//! What somebody typed into a form, made the content of a record: each field by itself, so that each
//! fault is told where it is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::content::{Content, INTEGER, moment};
use super::kinds::{Field, Kind, day};
use crate::text;

/// The zone in which people write days and hours.
const ZONE: Offset = Offset::constant(7);
/// The longest text that is typed, in bytes.
const TEXT_BYTES: usize = 400;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The name of the field.
    pub field: String,
    /// What is wrong.
    pub what: String,
}

impl Wrong {
    /// Something wrong with a field.
    pub fn new(field: &str, what: impl Into<String>) -> Self {
        Self { field: field.to_owned(), what: what.into() }
    }
}

/// The moment that somebody typed: `2026-10-15T08:00` in the zone of the province, or one of UTC.
pub fn typed_moment(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let at: DateTime = text.parse().ok()?;
    ZONE.to_timestamp(at).ok()
}

/// The content of a kind from what was typed, by the names of its fields.
pub fn content(kind: &Kind, typed: &BTreeMap<String, String>) -> Result<Content, Vec<Wrong>> {
    let (mut values, mut wrong) = (BTreeMap::new(), Vec::new());
    for (name, (field, must)) in &kind.fields {
        let said = typed.get(name).map(|text| text.trim()).unwrap_or_default();
        if said.is_empty() {
            if *must {
                wrong.push(Wrong::new(name, "this must be filled in"));
            }
            continue;
        }
        match value(field, said) {
            Ok(value) => {
                values.insert(name.clone(), value);
            }
            Err(what) => wrong.push(Wrong::new(name, what)),
        }
    }
    if wrong.is_empty() { Ok(Content::Map(values)) } else { Err(wrong) }
}

fn value(field: &Field, said: &str) -> Result<Content, &'static str> {
    match field {
        Field::Int => {
            let digits = said.bytes().all(|byte| byte.is_ascii_digit());
            let number = said.parse::<i64>().ok().filter(|number| digits && *number <= INTEGER);
            number.map(Content::Int).ok_or("this must be a whole number from 0, in digits alone")
        }
        Field::Bool => match said {
            "yes" => Ok(Content::Bool(true)),
            "no" => Ok(Content::Bool(false)),
            _ => Err("this must be yes or no"),
        },
        Field::Text => match text::line("the text", said, TEXT_BYTES) {
            Ok(line) => Ok(Content::Text(line)),
            Err(text::TextError::Marked { .. }) => {
                Err("this bears a mark of secrecy: the centre takes nothing that is secret")
            }
            Err(_) => Err("this must be one line of at most 400 bytes"),
        },
        Field::Day => match day(said) {
            Some(day) => Ok(Content::Text(day.to_string())),
            None => Err("this must be a day"),
        },
        Field::Moment => match typed_moment(said) {
            Some(at) => Ok(Content::Text(moment(at))),
            None => Err("this must be a day with a time"),
        },
        Field::Word(words) if words.iter().any(|word| word == said) => Ok(said.into()),
        Field::Word(_) => Err("this must be one of the list"),
        Field::Map => Err("nobody types this"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::kinds::Kinds;

    fn typed(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn each_field_is_read_by_its_type() {
        let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
        let kind = |name: &str| kinds.get(name).unwrap();
        let said = typed(&[("due", "2026-02-28"), ("done", " "), ("accepted", "yes")]);
        let content = |name, said| super::content(kind(name), &said).unwrap().to_text();
        assert_eq!(content("task.state", said), "{\"accepted\":true,\"due\":\"2026-02-28\"}");
        let said =
            typed(&[("published", "2026-10-15T08:00"), ("answered", "2026-10-15T02:00:00Z")]);
        let told = "{\"answered\":\"2026-10-15T02:00:00Z\",\"published\":\"2026-10-15T01:00:00Z\"}";
        assert_eq!(content("bulletin.addressed", said), told);
        assert_eq!(content("nothing.due", typed(&[("topic", "risk")])), "{\"topic\":\"risk\"}");
        assert_eq!(
            content("scan.done", typed(&[("tool", "Máy quét"), ("findings", "0")])),
            "{\"findings\":0,\"tool\":\"Máy quét\"}"
        );
    }

    #[test]
    fn every_fault_is_told_at_its_field() {
        let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
        for (kind, field, said) in [
            ("training.year", "staff", ""),
            ("training.year", "staff", "-1"),
            ("training.year", "staff", "1.000"),
            ("training.year", "staff", "9007199254740992"),
            ("training.year", "staff", "+5"),
            ("exercise.held", "form", "both"),
            ("exercise.offered", "joined", "true"),
            ("task.state", "due", "28/02/2026"),
            ("task.state", "due", "2026-02-30"),
            ("bulletin.addressed", "published", "hôm qua"),
            ("project.investment", "name", "a\u{7}b"),
        ] {
            let wrong = content(kinds.get(kind).unwrap(), &typed(&[(field, said)])).unwrap_err();
            let named = wrong.iter().filter(|wrong| wrong.field == field).count();
            assert_eq!(named, 1, "{kind} {field} «{said}»: {wrong:?}");
        }
        let all = content(kinds.get("training.year").unwrap(), &BTreeMap::new()).unwrap_err();
        assert_eq!(all.len(), 2, "all faults at once");
    }
}
