//! Rules from text, events from pairs.

use std::sync::{Arc, LazyLock};

use khien_event::{LogSource, Packs, Record, Symbols, Value};
use khien_sigma::compile::RuleSet;
use khien_sigma::engine::Matcher;
use khien_sigma::explain::explain;
use khien_sigma::load::{Loaded, Loader};
use rustc_hash::FxHashMap;

static BUILT_IN: LazyLock<(Symbols, Arc<Packs>)> = LazyLock::new(|| {
    let mut symbols = Symbols::default();
    let packs = Packs::builtin(&mut symbols).unwrap();
    (symbols, Arc::new(packs))
});

/// Loads a text with the values of placeholders.
pub(crate) fn load_with(text: &str, placeholders: &[(&str, &[&str])]) -> Loaded {
    let placeholders: FxHashMap<String, Vec<String>> = placeholders
        .iter()
        .map(|(name, values)| (name.to_string(), values.iter().map(ToString::to_string).collect()))
        .collect();
    let mut loader = Loader::new(&placeholders);
    loader.file("test.yml", text);
    loader.finish()
}

/// Loads a text.
pub(crate) fn load(text: &str) -> Loaded {
    load_with(text, &[])
}

/// Compiles what was loaded; nothing may have been refused.
pub(crate) fn compile(loaded: Loaded) -> RuleSet {
    let refused: Vec<_> = loaded.problems.iter().filter(|problem| problem.refused).collect();
    assert!(refused.is_empty(), "{refused:?}");
    let (symbols, packs) = &*BUILT_IN;
    RuleSet::new(loaded, Arc::clone(packs), symbols.clone())
}

/// A rule with this detection section (indented by two) that sees every event.
pub(crate) fn rule(detection: &str) -> String {
    format!("title: t\nid: r\nlogsource: {{product: test}}\ndetection:\n{detection}\n")
}

/// A value as a test writes it.
pub(crate) const NULL: &str = "\u{0}null";

/// An event from fields; [`NULL`] is null.
pub(crate) fn event<'a>(set: &RuleSet, fields: &[(&str, &'a str)]) -> Record<'a> {
    let mut record = Record::new(Arc::clone(set.symbols()));
    record.structured = true;
    for (name, value) in fields {
        let value = if *value == NULL { Value::Null } else { Value::text(value) };
        record.fields.push(name, value);
    }
    record
}

/// An event that is a line of text and nothing else.
pub(crate) fn line<'a>(set: &RuleSet, text: &'a str) -> Record<'a> {
    let mut record = Record::new(Arc::clone(set.symbols()));
    record.raw = text.as_bytes();
    record
}

/// Whether the first rule hits; the engine and the reference must agree.
pub(crate) fn hits(set: &RuleSet, record: &Record<'_>) -> bool {
    let label = LogSource { product: Some("test".into()), ..LogSource::default() };
    let mut matcher = Matcher::new(set);
    let hits = matcher.matches_as(&label, record).contains(&0);
    let rule = set.rules().first().unwrap();
    assert_eq!(explain(rule, &[label], record).hits, hits, "the reference disagrees: {record:?}");
    assert_eq!(matcher.holds(0, record), hits, "asking in full disagrees: {record:?}");
    if hits {
        matcher.matched(0, record);
    }
    hits
}

/// Asserts on which events a detection hits and on which it does not.
#[track_caller]
pub(crate) fn check(detection: &str, yes: &[&[(&str, &str)]], no: &[&[(&str, &str)]]) {
    let set = compile(load(&rule(detection)));
    for fields in yes {
        assert!(hits(&set, &event(&set, fields)), "must hit: {fields:?}\n{detection}");
    }
    for fields in no {
        assert!(!hits(&set, &event(&set, fields)), "must not hit: {fields:?}\n{detection}");
    }
}

/// [`check`] for one item `F…: value` and texts of the field `F`.
#[track_caller]
pub(crate) fn check_item(item: &str, yes: &[&str], no: &[&str]) {
    let detection = format!("  s:\n    {item}\n  condition: s");
    let set = compile(load(&rule(&detection)));
    for text in yes {
        assert!(hits(&set, &event(&set, &[("F", text)])), "{item} must hit «{text}»");
    }
    for text in no {
        assert!(!hits(&set, &event(&set, &[("F", text)])), "{item} must not hit «{text}»");
    }
}

/// The first reason for which a detection is refused.
#[track_caller]
pub(crate) fn refusal(detection: &str) -> String {
    let loaded = load(&rule(detection));
    let refused = loaded.problems.into_iter().find(|problem| problem.refused);
    refused.unwrap_or_else(|| panic!("must be refused:\n{detection}")).message
}
