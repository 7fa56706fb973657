//! Several documents in a file, filters, and which events a rule is shown.

use std::sync::Arc;

use khien_event::{Kind, Record, Value};
use khien_sigma::compile::RuleSet;
use khien_sigma::engine::Matcher;
use khien_sigma::load::Loaded;

use crate::support::{compile, event, hits, load};

fn windows<'a>(set: &RuleSet, channel: &'a str, id: u64, fields: &[(&str, &'a str)]) -> Record<'a> {
    let mut record = Record::new(Arc::clone(set.symbols()));
    record.kind = Kind::Windows;
    record.structured = true;
    record.fields.push("Channel", Value::text(channel));
    record.fields.push("EventID", Value::Uint(id));
    fields.iter().for_each(|(name, value)| record.fields.push(name, Value::text(value)));
    record
}

fn fires(set: &RuleSet, mut record: Record<'_>) -> bool {
    !Matcher::new(set).matches(&mut record).is_empty()
}

#[test]
fn log_sources_decide_what_a_rule_sees() {
    const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";
    let set = |source: &str| {
        compile(load(&format!(
            "title: t\nlogsource: {source}\ndetection:\n  s:\n    F: x\n  condition: s\n"
        )))
    };
    let sees = |source: &str, channel: &str, id: u64| {
        let set = set(source);
        fires(&set, windows(&set, channel, id, &[("F", "x")]))
    };
    for source in [
        "{product: windows}",
        "{category: process_creation}",
        "{product: windows, category: process_creation}",
        "{product: Windows, service: sysmon}",
        "{product: windows, category: process_creation, service: sysmon}",
        "{definition: all that there is}",
    ] {
        assert!(sees(source, SYSMON, 1), "{source}");
        assert!(sees(source, &SYSMON.to_uppercase(), 1), "{source}");
    }
    for source in [
        "{product: linux}",
        "{product: linux, category: process_creation}",
        "{product: windows, category: image_load}",
        "{product: windows, service: security}",
        "{service: nobody}",
    ] {
        assert!(!sees(source, SYSMON, 1), "{source}");
    }
    let creation = "{product: windows, category: process_creation}";
    assert!(sees(creation, "Security", 4688) && !sees(creation, "Security", 4624));
    assert!(sees("{product: windows, service: security}", "Security", 4624));
    assert!(!sees("{product: windows, service: security}", "Elsewhere", 4624));
    let linux = set("{product: linux, service: sshd}");
    for (kind, seen) in [("sshd", true), ("cron", false), ("json", false), ("", false)] {
        let mut record = event(&linux, &[("F", "x")]);
        record.kind = Kind::named(kind);
        assert_eq!(fires(&linux, record), seen, "{kind}");
    }
}

#[test]
fn event_ids_of_all_spellings_reach_their_rules() {
    for (id, yes, no) in [
        ("4688", vec![4688], vec![4624, 46]),
        ("[4688, 4624]", vec![4688, 4624], vec![1]),
        ("'4688'", vec![4688], vec![4624]),
        ("4688.0", vec![4688], vec![4624]),
        ("'46*'", vec![4688, 4624, 46], vec![1, 146]),
    ] {
        let set = compile(load(&format!(
            "title: t\nlogsource: {{product: windows}}\ndetection:\n  s:\n    EventID: {id}\n  condition: s\n"
        )));
        yes.iter().for_each(|id| assert!(fires(&set, windows(&set, "Security", *id, &[])), "{id}"));
        no.iter().for_each(|id| assert!(!fires(&set, windows(&set, "Security", *id, &[])), "{id}"));
    }
}

const PAIR: &str = "title: one
id: id-1
name: first
logsource: {product: test}
detection:
  s:
    F: x
  condition: s
---
title: two
id: id-2
logsource: {product: test, service: other}
detection:
  s:
    F: x
  condition: s
";

fn filter(rules: &str, source: &str, condition: &str) -> String {
    format!(
        "{PAIR}---\ntitle: f\nlogsource: {source}\nfilter:\n  rules: {rules}\n  s:\n    User|startswith: adm_\n  condition: {condition}\n"
    )
}

fn exclusions(loaded: &Loaded) -> Vec<usize> {
    loaded.rules.iter().map(|rule| rule.exclusions.len()).collect()
}

#[test]
fn filters_take_hits_away() {
    let set = compile(load(&filter("[id-1]", "{product: test}", "s")));
    assert!(hits(&set, &event(&set, &[("F", "x"), ("User", "guest")])));
    assert!(hits(&set, &event(&set, &[("F", "x")])));
    assert!(!hits(&set, &event(&set, &[("F", "x"), ("User", "ADM_x")])));
}

#[test]
fn filters_reach_the_rules_they_name() {
    for (rules, source, expected) in [
        ("[id-1]", "{product: test}", [1, 0]),
        ("[first]", "{product: test}", [1, 0]),
        ("id-2", "{product: test}", [0, 1]),
        ("[id-1, id-2]", "{product: test}", [1, 1]),
        ("any", "{product: test}", [1, 1]),
        ("any", "{product: test, service: other}", [0, 1]),
        ("[id-1]", "{product: elsewhere}", [0, 0]),
    ] {
        let loaded = load(&filter(rules, source, "s"));
        assert_eq!(exclusions(&loaded), expected, "{rules} {source}");
        let told = loaded.problems.iter().any(|problem| problem.message.contains("fits no rule"));
        assert_eq!(told, expected == [0, 0], "{rules} {source}");
    }
    // Some tools read a filter's condition as what must hold besides; that is told.
    let loaded = load(&filter("any", "{product: test}", "not s"));
    assert!(loaded.problems.iter().any(|p| !p.refused && p.message.contains("takes away")));
}

#[test]
fn actions_of_older_collections() {
    let loaded = load(
        "action: global\ntitle: g\nlogsource: {product: test}\ndetection:\n  s:\n    F: x\n  condition: s\n\
         ---\nid: one\n---\nid: two\ndetection:\n  s:\n    G: y\n\
         ---\naction: repeat\nid: three\nlevel: high\n\
         ---\naction: reset\n---\ntitle: alone\nid: four\nlogsource: {product: test}\n\
         detection:\n  k: [z]\n  condition: k\n",
    );
    let ids: Vec<&str> = loaded.rules.iter().map(|rule| rule.about.id.as_str()).collect();
    assert_eq!(ids, ["one", "two", "three", "four"]);
    let set = compile(loaded);
    let record = event(&set, &[("F", "x")]);
    let label = khien_event::LogSource { product: Some("test".into()), ..Default::default() };
    assert_eq!(Matcher::new(&set).matches_as(&label, &record), [0]);
    let record = event(&set, &[("F", "x"), ("G", "y")]);
    assert_eq!(Matcher::new(&set).matches_as(&label, &record), [0, 1, 2]);
}

#[test]
fn faulty_documents_do_not_hide_their_neighbours() {
    let loaded = load(&format!("{PAIR}---\ntitle: three\n---\nnot a map\n"));
    assert_eq!(loaded.rules.len(), 2);
    assert_eq!(loaded.problems.iter().filter(|problem| problem.refused).count(), 2);
    let loaded = load("a: [\n");
    assert!(loaded.problems.first().is_some_and(|problem| problem.message.contains("not YAML")));
}
