//! Three ways of asking a rule give one answer: the compiled engine for a kind of event with its
//! witnesses, tries and automata; the compiled rule asked in full; the reference that walks the
//! rule as it was written. Rules and events are random over a small alphabet, so that they meet.

use std::fmt::Write as _;
use std::sync::Arc;

use khien_event::{Kind, Record, Value};
use khien_sigma::compile::RuleSet;
use khien_sigma::engine::Matcher;
use khien_sigma::explain::explain;
use proptest::prelude::*;

use crate::support::{compile, load};

const FIELDS: [&str; 4] = ["A", "B", "C", "EventID"];

/// What random texts are made of: both cases in two scripts, dashes, wildcards, digits.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec!["a", "A", "b", "B", "ab", "aab", "1", "46"]),
        1 => prop::sample::select(vec!["đ", "Đ", "ς", "Σ", "İ", "ß", "é", "e\u{301}"]),
        1 => prop::sample::select(vec!["-", "/", "–", "―", " ", ".", "\\", "\"", "*", "?"]),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// A number, an address, a date or a text: what an event holds.
fn content() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => text(),
        1 => prop::sample::select(vec!["1", "-1", "1.5", "46", "4688", "0x1250", "18446744073709551616"])
            .prop_map(str::to_owned),
        1 => prop::sample::select(vec!["10.0.0.1", "10.1.2.3", "::ffff:10.0.0.1", "2001:db8::1"])
            .prop_map(str::to_owned),
        1 => prop::sample::select(vec!["2026-11-22T01:02:03Z", "2026-01-01 23:59:00"])
            .prop_map(str::to_owned),
    ]
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// One entry of a map: the key without quotes and the value as YAML.
fn item() -> impl Strategy<Value = (String, String)> {
    let field = || prop::sample::select(FIELDS.to_vec());
    let texts = |words: Vec<&'static str>| {
        (field(), prop::sample::select(words), prop::collection::vec(text(), 1..4)).prop_map(
            |(field, words, texts)| {
                let list: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
                (format!("{field}{words}"), format!("[{}]", list.join(", ")))
            },
        )
    };
    let pick = |words: Vec<&'static str>, values: Vec<&'static str>| {
        (field(), prop::sample::select(words), prop::sample::select(values))
            .prop_map(|(field, words, value)| (format!("{field}{words}"), value.to_owned()))
    };
    prop_oneof![
        8 => texts(vec!["", "|contains", "|startswith", "|endswith"]),
        3 => texts(vec!["|contains|all", "|startswith|all", "|endswith|all", "|all"]),
        3 => texts(vec!["|cased", "|contains|cased", "|startswith|cased", "|endswith|cased|all"]),
        2 => texts(vec!["|windash", "|contains|windash", "|startswith|windash", "|endswith|windash"]),
        2 => texts(vec!["|neq", "|contains|neq", "|cased|neq", "|contains|all|neq", "|windash|neq"]),
        3 => pick(
            vec!["|re", "|re|i", "|re|s", "|re|m", "|re|i|neq"],
            vec!["'a'", "'aab'", "['^a.*b$', 'b+']", "'(?i)aab|abb'", "'[ab]{2}'", "'Đ'", "'(aab)?'", "'-aa|bbb'"],
        ),
        2 => pick(
            vec!["", "|neq"],
            vec!["4688", "[4688, 4624]", "46", "[1, 'ab']", "1.5", "'4688'", "4688.0", "true"],
        ),
        2 => pick(vec!["|lt", "|lte", "|gt", "|gte"], vec!["1", "46", "4688", "1.5", "-1"]),
        1 => pick(vec!["|cidr"], vec!["10.0.0.0/8", "['10.0.0.0/24', '2001:db8::/32']"]),
        1 => pick(vec!["|exists"], vec!["true", "false"]),
        2 => pick(vec!["", "|neq"], vec!["null", "''", "'*'", "'?'"]),
        2 => pick(
            vec!["|fieldref", "|fieldref|contains", "|fieldref|startswith", "|fieldref|endswith|cased", "|fieldref|neq"],
            vec!["A", "B", "EventID"],
        ),
        1 => pick(vec!["|hour", "|hour|gt", "|year", "|month|lte"], vec!["1", "11", "2026"]),
        1 => pick(vec!["|base64offset|contains", "|base64", "|wide|base64"], vec!["'a'", "'ab'"]),
    ]
}

/// A search identifier's content as lines, indented by four.
fn search() -> impl Strategy<Value = String> {
    let map = |indent: &'static str| {
        prop::collection::vec(item(), 1..4).prop_map(move |items| {
            let mut out = String::new();
            let mut keys: Vec<&str> = Vec::new();
            for (key, value) in &items {
                if !keys.contains(&key.as_str()) {
                    keys.push(key);
                    let lead = if keys.len() == 1 { indent } else { "      " };
                    let _ = writeln!(out, "{lead}{key}: {value}");
                }
            }
            out
        })
    };
    let keywords = (
        prop::sample::select(vec!["'|all'", "'|cased'", "'|re'", ""]),
        prop::collection::vec((text(), "[ab]").prop_map(|(text, end)| text + &end), 1..3),
    )
        .prop_map(|(words, texts)| {
            let plain = |text: &String| match words {
                "'|re'" => quoted(&text.replace(['\\', '*', '?', '.'], "")),
                _ => quoted(text),
            };
            let list: Vec<String> = texts.iter().map(plain).collect();
            let list = list.join(", ");
            if words.is_empty() {
                list.split(", ").fold(String::new(), |out, text| format!("{out}      - {text}\n"))
            } else {
                format!("      {words}: [{list}]\n")
            }
        });
    prop_oneof![
        4 => map("      "),
        2 => prop::collection::vec(map("      - "), 1..3).prop_map(|maps| {
            maps.concat().replace("\n      ", "\n        ").replace("\n        - ", "\n      - ")
        }),
        1 => keywords,
    ]
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "s0",
        "s1",
        "s2",
        "1 of s*",
        "2 of s*",
        "all of them",
        "any of s1*",
        "1 of them",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and not {b}")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

const SOURCES: [&str; 5] = [
    "{product: windows}",
    "{product: windows, service: security}",
    "{product: windows, category: process_creation}",
    "{product: linux, service: syslog}",
    "{definition: everything}",
];

fn rule() -> impl Strategy<Value = String> {
    let searches = prop::collection::vec(search(), 3);
    (prop::sample::select(SOURCES.to_vec()), searches, condition()).prop_map(
        |(source, searches, condition)| {
            let mut out = format!("title: t\nlogsource: {source}\ndetection:\n");
            for (at, search) in searches.iter().enumerate() {
                let _ = write!(out, "    s{at}:\n{search}");
            }
            let _ = writeln!(out, "    condition: {condition}");
            out
        },
    )
}

#[derive(Clone, Debug)]
enum Source {
    Security,
    OtherChannel,
    Syslog,
    Json,
}

/// Where it comes from, its event id, its fields (`None` is null).
type Sample = (Source, Option<String>, Vec<(&'static str, Option<String>)>);

fn sample() -> impl Strategy<Value = Sample> {
    let source = prop::sample::select(vec![
        Source::Security,
        Source::Security,
        Source::OtherChannel,
        Source::Syslog,
        Source::Json,
    ]);
    let id = prop::sample::select(vec![
        None,
        Some("4688"),
        Some("4624"),
        Some("46"),
        Some("1"),
        Some("99"),
        Some("aab"),
    ]);
    let value = prop_oneof![8 => content().prop_map(Some), 1 => Just(None)];
    let field = (prop::sample::select(vec!["A", "B", "C"]), value);
    (source, id.prop_map(|id| id.map(str::to_owned)), prop::collection::vec(field, 0..5))
}

fn json(sample: &Sample) -> String {
    let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut out = String::from("{");
    for (name, value) in &sample.2 {
        let _ = match value {
            Some(text) => write!(out, "\"{name}\":\"{}\",", escape(text)),
            None => write!(out, "\"{name}\":null,"),
        };
    }
    if let Some(id) = &sample.1 {
        let _ = write!(out, "\"EventID\":\"{id}\"");
    }
    out + "}"
}

fn record<'a>(set: &RuleSet, sample: &'a Sample, raw: &'a str) -> Record<'a> {
    let mut record = Record::new(Arc::clone(set.symbols()));
    record.raw = raw.as_bytes();
    let channel = match sample.0 {
        Source::Security => Some("Security"),
        Source::OtherChannel => Some("Nobody knows"),
        Source::Syslog | Source::Json => None,
    };
    record.structured = !matches!(sample.0, Source::Syslog);
    if let Some(channel) = channel {
        record.kind = Kind::Windows;
        record.raw = &[];
        record.fields.push("Channel", Value::text(channel));
    } else {
        let name = if record.structured { "json" } else { "syslog" };
        record.kind = Kind::named(name);
    }
    if let Some(id) = &sample.1 {
        let value = id.parse().map_or_else(|_| Value::text(id), Value::Uint);
        record.fields.push("EventID", value);
    }
    for (name, value) in &sample.2 {
        record.fields.push(name, value.as_deref().map_or(Value::Null, Value::text));
    }
    record
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn engine_full_question_and_reference_agree(
        rules in prop::collection::vec(rule(), 1..8),
        samples in prop::collection::vec(sample(), 1..12),
    ) {
        let text = rules.join("---\n");
        let set = compile(load(&text));
        prop_assert_eq!(set.rules().len(), rules.len());
        let mut matcher = Matcher::new(&set);
        for sample in &samples {
            let raw = json(sample);
            let mut record = record(&set, sample, &raw);
            let hits = matcher.matches(&mut record).to_vec();
            let labels = set.packs().routes()[matcher.route()].labels.clone();
            for (at, rule) in set.rules().iter().enumerate() {
                let reference = explain(rule, &labels, &record);
                prop_assert_eq!(
                    hits.contains(&at), reference.hits, "{}\n{:?}", rules[at], sample
                );
                let full = matcher.holds(at, &record);
                prop_assert_eq!(
                    full, reference.detection.condition.holds, "in full: {}\n{:?}", rules[at], sample
                );
            }
        }
    }
}
