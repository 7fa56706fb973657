//! Correlations of every type: windows to the nanosecond, groups, order, limits.

use khien_sigma::compile::RuleSet;
use khien_sigma::correlate::{Correlator, EventRef, Hit, Limits, Lost};

use crate::support::{compile, load};

const SECOND: i64 = 1_000_000_000;

/// An event: the rule that matched, when in nanoseconds, fields.
type Event<'a> = (&'a str, i64, &'a [(&'a str, &'a str)]);

/// Rules `a`, `b`, `c` and correlations.
fn rules(correlations: &[&str]) -> RuleSet {
    let mut text = String::new();
    for name in ["a", "b", "c"] {
        text.push_str(&format!(
            "title: {name}\nid: id-{name}\nname: {name}\nlogsource: {{product: test}}\n\
             detection:\n  s:\n    F: {name}\n  condition: s\n---\n"
        ));
    }
    for (at, correlation) in correlations.iter().enumerate() {
        text.push_str(&format!("title: k{at}\nname: k{at}\ncorrelation: {{{correlation}}}\n---\n"));
    }
    compile(load(&text))
}

/// Feeds events in this order; the hits and what was lost.
fn feed(set: &RuleSet, limits: Limits, events: &[Event<'_>]) -> (Vec<Hit>, Lost) {
    let mut correlator = Correlator::new(set, limits);
    for (number, (rule, time, fields)) in events.iter().enumerate() {
        let rule = set.rules().iter().position(|r| r.about.name.as_deref() == Some(rule)).unwrap();
        let event = EventRef { source: 0, number: number as u64 };
        let field = |name: &str| {
            fields.iter().find(|(other, _)| *other == name).map(|(_, value)| value.to_string())
        };
        correlator.feed(correlator.input(rule, *time, event, field));
    }
    correlator.finish();
    (correlator.take_hits(), correlator.lost())
}

fn run(correlation: &str, events: &[Event<'_>]) -> Vec<Hit> {
    feed(&rules(&[correlation]), Limits::default(), events).0
}

/// How often a correlation holds.
fn count(correlation: &str, events: &[Event<'_>]) -> usize {
    run(correlation, events).len()
}

/// Events of rule `a` at these nanoseconds.
fn at(times: &[i64]) -> Vec<Event<'static>> {
    times.iter().map(|time| ("a", *time, &[][..])).collect()
}

/// Events of rule `a`, a second apart, with these values in `V`.
fn values<'a>(list: &'a [[(&'a str, &'a str); 1]]) -> Vec<Event<'a>> {
    list.iter().enumerate().map(|(at, pair)| ("a", at as i64 * SECOND, &pair[..])).collect()
}

#[test]
fn event_count_to_the_nanosecond() {
    let two = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}";
    assert_eq!(count(two, &at(&[0, 10 * SECOND])), 1);
    assert_eq!(count(two, &at(&[0, 10 * SECOND + 1])), 0);
    assert_eq!(count(two, &at(&[0, 1, 2, 3])), 2, "the window starts anew after a hit");
    assert_eq!(count(two, &at(&[0])), 0);
    let more = "type: event_count, rules: [a], timespan: 10s, condition: {gt: 2}";
    assert_eq!(count(more, &at(&[0, 1])), 0);
    let hits = run(more, &at(&[0, 11 * SECOND, 12 * SECOND, 13 * SECOND]));
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].time, hits[0].figure, hits[0].count), (13 * SECOND, 3.0, 3));
    assert_eq!(hits[0].events.len(), 3);
    // The window slides: no fixed boundary cuts it.
    assert_eq!(count(two, &at(&[9 * SECOND, 12 * SECOND])), 1);
    for (span, nanoseconds) in [("2m", 120), ("1h", 3600), ("1d", 86_400), ("1w", 604_800)] {
        let two = two.replace("10s", span);
        assert_eq!(count(&two, &at(&[0, nanoseconds * SECOND])), 1, "{span}");
        assert_eq!(count(&two, &at(&[0, nanoseconds * SECOND + 1])), 0, "{span}");
    }
}

#[test]
fn conditions_that_more_events_undo_wait_for_the_end_of_the_window() {
    let form = |condition: &str| {
        format!("type: event_count, rules: [a], timespan: 10s, condition: {{{condition}}}")
    };
    for (condition, times, expected) in [
        ("lt: 3", vec![0, 1], 1),
        ("lt: 3", vec![0, 1, 2], 0),
        ("lte: 2", vec![0, 10 * SECOND], 1),
        ("lte: 1", vec![0, 10 * SECOND], 0),
        ("lte: 1", vec![0, 10 * SECOND + 1], 2),
        ("eq: 2", vec![0, 1], 1),
        ("eq: 2", vec![0, 1, 2], 0),
        ("neq: 2", vec![0, 1], 0),
        ("neq: 2", vec![0, 1, 2], 1),
        ("gt: 1, lte: 3", vec![0, 1, 2], 1),
        ("gt: 1, lte: 3", vec![0, 1, 2, 3], 0),
        ("gt: 1, lte: 3", vec![0], 0),
        ("gte: 2, lt: 3", vec![0, 1, 20 * SECOND], 1),
    ] {
        assert_eq!(count(&form(condition), &at(&times)), expected, "{condition} {times:?}");
    }
}

#[test]
fn groups_are_counted_apart() {
    let by = "type: event_count, rules: [a], group-by: [U, H], timespan: 10s, condition: {gte: 2}";
    let (one, two) = ([("U", "an"), ("H", "x")], [("U", "an"), ("H", "y")]);
    assert_eq!(count(by, &[("a", 0, &one), ("a", 1, &two)]), 0);
    let hits = run(by, &[("a", 0, &one), ("a", 1, &two), ("a", 2, &one)]);
    let group: Vec<(&str, &str)> =
        hits[0].group.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(group, one);
    // An event without one of the fields belongs to no group; an empty one is none, too.
    assert_eq!(count(by, &[("a", 0, &[("U", "an")]), ("a", 1, &[("U", "an")])]), 0);
    let empty: Event<'_> = ("a", 0, &[("U", "an"), ("H", "")]);
    assert_eq!(count(by, &[empty, empty]), 0);
}

#[test]
fn several_rules_count_together_and_an_event_counts_once() {
    let both = "type: event_count, rules: [a, b], timespan: 10s, condition: {gte: 2}";
    assert_eq!(count(both, &[("a", 0, &[]), ("b", 1, &[])]), 1);
    // One event that matches both rules is one event.
    let set = rules(&[both]);
    let mut correlator = Correlator::new(&set, Limits::default());
    for rule in [0, 1] {
        let event = EventRef { source: 0, number: 7 };
        correlator.feed(correlator.input(rule, 5, event, |_| None));
    }
    correlator.finish();
    assert!(correlator.take_hits().is_empty());
}

/// A rule, seconds and two fields.
type Sample = (&'static str, i64, [(&'static str, &'static str); 2]);

#[test]
fn value_count_counts_different_values() {
    let two = "type: value_count, rules: [a], group-by: [H], timespan: 10s, condition: {field: V, gte: 2}";
    let event = |time, value| ("a", time, [("H", "h"), ("V", value)]);
    let seen = |list: &[Sample]| {
        let events: Vec<Event<'_>> = list.iter().map(|(r, t, f)| (*r, *t, &f[..])).collect();
        count(two, &events)
    };
    assert_eq!(seen(&[event(0, "x"), event(1, "y")]), 1);
    assert_eq!(seen(&[event(0, "x"), event(1, "x"), event(2, "x")]), 0);
    assert_eq!(seen(&[event(0, "x"), event(10 * SECOND, "y")]), 1);
    assert_eq!(seen(&[event(0, "x"), event(10 * SECOND + 1, "y")]), 0);
    // The latest event of a value counts for it.
    assert_eq!(seen(&[event(0, "x"), event(5 * SECOND, "x"), event(12 * SECOND, "y")]), 1);
    assert_eq!(count(two, &[("a", 0, &[("H", "h")]), ("a", 1, &[("H", "h"), ("V", "x")])]), 0);
    let pairs = "type: value_count, rules: [a], timespan: 10s, condition: {field: [U, V], gte: 3}";
    let pair = |u, v| [("U", u), ("V", v)];
    let (p, q, r) = (pair("1", "2"), pair("2", "1"), pair("1", "1"));
    assert_eq!(count(pairs, &[("a", 0, &p), ("a", 1, &q), ("a", 2, &r)]), 1);
    assert_eq!(count(pairs, &[("a", 0, &p), ("a", 1, &q), ("a", 2, &p)]), 0);
}

#[test]
fn temporal_needs_all_rules_in_any_order() {
    let form = "type: temporal, rules: [a, b, c], group-by: [U], timespan: 10s";
    let u: &[(&str, &str)] = &[("U", "an")];
    let v: &[(&str, &str)] = &[("U", "binh")];
    assert_eq!(count(form, &[("c", 0, u), ("a", 5 * SECOND, u), ("b", 10 * SECOND, u)]), 1);
    assert_eq!(count(form, &[("c", 0, u), ("a", 5 * SECOND, u), ("b", 10 * SECOND + 1, u)]), 0);
    assert_eq!(count(form, &[("c", 0, u), ("a", 1, v), ("b", 2, u)]), 0);
    assert_eq!(count(form, &[("a", 0, u), ("a", 1, u), ("a", 2, u)]), 0);
    let some = "type: temporal, rules: [a, b, c], timespan: 10s, condition: {gte: 2}";
    assert_eq!(count(some, &[("c", 0, &[]), ("a", 1, &[])]), 1);
    assert_eq!(count(some, &[("c", 0, &[]), ("c", 1, &[])]), 0);
    let twice = "type: temporal, rules: [a, a, b], timespan: 10s";
    assert_eq!(count(twice, &[("a", 0, &[]), ("b", 1, &[])]), 1);
    // The rules are not told on their own, unless `generate` says so.
    assert!(rules(&[some]).is_silent(0));
    assert!(!rules(&[&format!("{some}, generate: true")]).is_silent(0));
}

#[test]
fn temporal_ordered_needs_the_order() {
    let form = "type: temporal_ordered, rules: [a, b, c], timespan: 10s";
    let events = |list: &[(&'static str, i64)]| -> Vec<Event<'static>> {
        list.iter().map(|(rule, time)| (*rule, *time, &[][..])).collect()
    };
    let hits = run(form, &events(&[("a", 0), ("b", 5 * SECOND), ("c", 10 * SECOND)]));
    assert_eq!((hits.len(), hits[0].count, hits[0].figure), (1, 3, 3.0));
    assert_eq!(count(form, &events(&[("a", 0), ("b", 5), ("c", 10 * SECOND + 1)])), 0);
    assert_eq!(count(form, &events(&[("b", 0), ("a", 1), ("c", 2)])), 0);
    assert_eq!(count(form, &events(&[("a", 0), ("c", 1), ("b", 2)])), 0);
    assert_eq!(count(form, &events(&[("a", 0), ("a", 5), ("b", 6), ("a", 7), ("c", 8)])), 1);
    // The youngest beginning counts, not the first.
    let late = [("a", 0), ("a", 9 * SECOND), ("b", 10 * SECOND), ("c", 19 * SECOND)];
    assert_eq!(count(form, &events(&late)), 1);
    let hits = run(form, &events(&[("a", 0), ("a", 1), ("a", 2), ("b", 3), ("c", 4)]));
    assert_eq!(hits[0].count, 3, "only the events of the sequence are joined");
    let twice = "type: temporal_ordered, rules: [a, a], timespan: 10s";
    assert_eq!((count(twice, &at(&[0])), count(twice, &at(&[0, 1]))), (0, 1));
    for condition in ["gte: 3", "eq: 3", "lte: 3"] {
        let form = format!("{form}, condition: {{{condition}}}");
        assert_eq!(count(&form, &events(&[("a", 0), ("b", 5), ("c", 6)])), 1, "{condition}");
    }
    // One event that matches two rules does not follow on itself.
    let set = rules(&["type: temporal_ordered, rules: [a, b], timespan: 10s"]);
    let mut correlator = Correlator::new(&set, Limits::default());
    for rule in [0, 1] {
        correlator.feed(correlator.input(rule, 5, EventRef { source: 0, number: 7 }, |_| None));
    }
    correlator.finish();
    assert!(correlator.take_hits().is_empty());
}

#[test]
fn sums_means_and_percentiles() {
    let form = |kind: &str, condition: &str| {
        format!("type: {kind}, rules: [a], timespan: 10s, condition: {{field: V, {condition}}}")
    };
    for (kind, condition, list, expected) in [
        ("value_sum", "gt: 10", vec!["5", "6"], 1),
        ("value_sum", "gt: 10", vec!["5", "5"], 0),
        ("value_sum", "gte: 1.5", vec!["0.75", "0.75"], 1),
        ("value_sum", "lt: 10", vec!["4", "5"], 1),
        ("value_sum", "lt: 10", vec!["4", "6"], 0),
        ("value_sum", "gt: 10", vec!["5", "none", "6"], 1),
        ("value_avg", "gt: 4", vec!["3", "6"], 1),
        ("value_avg", "gt: 4.5", vec!["3", "6"], 0),
        ("value_avg", "lte: 2", vec!["1", "3"], 1),
        ("value_median", "gte: 5", vec!["1", "5", "100"], 1),
        ("value_median", "gt: 5", vec!["1", "5", "100"], 0),
        ("value_median", "eq: 3", vec!["1", "5"], 1),
        ("value_percentile", "percentile: 90, gt: 8", vec!["0", "10"], 1),
        ("value_percentile", "percentile: 90, gt: 9", vec!["0", "10"], 0),
        ("value_percentile", "percentile: 0, eq: 1", vec!["2", "1", "3"], 1),
        ("value_percentile", "percentile: 100, eq: 3", vec!["2", "1", "3"], 1),
    ] {
        let pairs: Vec<[(&str, &str); 1]> = list.iter().map(|value| [("V", *value)]).collect();
        let correlation = form(kind, condition);
        assert_eq!(count(&correlation, &values(&pairs)), expected, "{correlation} {list:?}");
    }
    let sum = form("value_sum", "gte: 10");
    assert_eq!(count(&sum, &[("a", 0, &[("V", "5")]), ("a", 10 * SECOND, &[("V", "5")])]), 1);
    assert_eq!(count(&sum, &[("a", 0, &[("V", "5")]), ("a", 10 * SECOND + 1, &[("V", "5")])]), 0);
}

#[test]
fn aliases_join_fields_of_different_names() {
    let form = "type: temporal, rules: [a, b], group-by: [ip], timespan: 10s, \
                aliases: {ip: {a: src, b: dst}}";
    let hits = run(form, &[("a", 0, &[("src", "1")]), ("b", 1, &[("dst", "1"), ("src", "2")])]);
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].group, [("ip".to_owned(), "1".to_owned())]);
    assert_eq!(
        count(form, &[("a", 0, &[("src", "1")]), ("b", 1, &[("dst", "2"), ("src", "1")])]),
        0
    );
    let values = "type: value_count, rules: [a, b], timespan: 10s, condition: {field: ip, gte: 2}, \
                  aliases: {ip: {a: src, id-b: dst}}";
    assert_eq!(count(values, &[("a", 0, &[("src", "1")]), ("b", 1, &[("dst", "2")])]), 1);
}

#[test]
fn correlations_of_correlations() {
    let many = "type: event_count, rules: [a], group-by: [U], timespan: 10s, condition: {gte: 3}";
    let then = "type: temporal_ordered, rules: [k0, b], group-by: [U], timespan: 60s";
    let u: &[(&str, &str)] = &[("U", "an")];
    let set = rules(&[many, then]);
    let count = |events: &[Event<'_>]| {
        let (hits, _) = feed(&set, Limits::default(), events);
        hits.iter().filter(|hit| hit.correlation == 1).count()
    };
    let failures = [("a", 0, u), ("a", 5 * SECOND, u), ("a", 10 * SECOND, u)];
    let with = |time| [&failures[..], &[("b", time, u)]].concat();
    assert_eq!(count(&with(11 * SECOND)), 1);
    // The span counts from the hit, which is when its last event came.
    assert_eq!(count(&with(70 * SECOND)), 1);
    assert_eq!(count(&with(70 * SECOND + 1)), 0);
    assert_eq!(count(&[failures[0], failures[1], ("b", 11 * SECOND, u)]), 0);
    assert_eq!(count(&[&[("b", 0, u)], &failures[..]].concat()), 0);
    // The outer correlation groups by its own fields, from the last event if need be.
    let by_host =
        "type: event_count, rules: [k0], group-by: [H], timespan: 60s, condition: {gte: 2}";
    let set = rules(&[many, by_host]);
    let mut events: Vec<Event<'_>> = Vec::new();
    let (first, second) = ([("U", "an"), ("H", "x")], [("U", "binh"), ("H", "x")]);
    for (time, fields) in [&first, &first, &first, &second, &second, &second].iter().enumerate() {
        events.push(("a", time as i64, &fields[..]));
    }
    let (hits, _) = feed(&set, Limits::default(), &events);
    assert_eq!(hits.iter().map(|hit| hit.correlation).collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!(hits[2].events.len(), 6);
}

#[test]
fn a_hit_known_late_takes_its_place_in_time() {
    // k0 is answered when its window is over, and then counts at the time of its last event.
    let few = "type: event_count, rules: [a], timespan: 10s, condition: {lte: 5}";
    let both = "type: event_count, rules: [k0, b], timespan: 4s, condition: {gte: 2}";
    let set = rules(&[few, both]);
    let count = |b: i64| {
        let (hits, _) =
            feed(&set, Limits::default(), &[("a", 0, &[]), ("b", b, &[]), ("c", 99 * SECOND, &[])]);
        hits.iter().filter(|hit| hit.correlation == 1).count()
    };
    assert_eq!((count(4 * SECOND), count(4 * SECOND + 1)), (1, 0));
}

#[test]
fn order_is_restored_within_the_lateness() {
    let form = "type: temporal_ordered, rules: [a, b], timespan: 10s";
    let set = rules(&[form]);
    let limits = Limits { lateness: 5 * SECOND, ..Limits::default() };
    let (hits, lost) = feed(&set, limits, &[("b", 3 * SECOND, &[]), ("a", 0, &[])]);
    assert_eq!((hits.len(), lost.late), (1, 0));
    let late = |time| {
        feed(
            &set,
            limits,
            &[("c", 0, &[]), ("a", 100 * SECOND, &[]), ("a", 105 * SECOND, &[]), ("a", time, &[])],
        )
        .1
        .late
    };
    assert_eq!(late(100 * SECOND), 0, "exactly as late as allowed");
    assert_eq!(late(100 * SECOND - 1), 1, "a nanosecond later");
    let narrow = Limits { lateness: i64::MAX, waiting: 2, ..Limits::default() };
    let (_, lost) = feed(&set, narrow, &at(&[5, 6, 7, 1]));
    assert_eq!(lost.late, 1, "pushed out of a full queue");
}

#[test]
fn what_is_given_up_is_counted() {
    let by = "type: event_count, rules: [a], group-by: [U], timespan: 100s, condition: {gte: 2}";
    let set = rules(&[by]);
    let names: Vec<String> = (0..40).map(|at| format!("u{at}")).collect();
    let fields: Vec<[(&str, &str); 1]> = names.iter().map(|name| [("U", name.as_str())]).collect();
    let events: Vec<Event<'_>> = fields
        .iter()
        .enumerate()
        .map(|(at, fields)| ("a", at as i64 * SECOND, &fields[..]))
        .collect();
    let limits = Limits { groups: 10, ..Limits::default() };
    let (hits, lost) = feed(&set, limits, &events);
    assert!(hits.is_empty() && lost.groups > 0 && lost.groups <= 40, "{lost:?}");
    // Windows that are over are no loss.
    let brief = rules(&[&by.replace("100s", "1s")]);
    let spread: Vec<Event<'_>> = events.iter().map(|(r, t, f)| (*r, t * 10, *f)).collect();
    assert_eq!(feed(&brief, limits, &spread).1.groups, 0);
    assert_eq!(feed(&set, Limits { groups: 0, ..limits }, &events).0.len(), 0);
    // So are events beyond the memory of all windows.
    let few = Limits { events: 8, ..Limits::default() };
    assert!(feed(&set, few, &events).1.groups > 0);
    let sum = "type: value_sum, rules: [a], timespan: 100s, condition: {field: V, gt: 1000}";
    let ones = vec![[("V", "1")]; 9];
    let narrow = Limits { window: 4, ..Limits::default() };
    let (hits, lost) = feed(&rules(&[sum]), narrow, &values(&ones));
    assert_eq!((hits.len(), lost.events > 0), (0, true));
}

#[test]
fn a_condition_may_ask_for_more_than_a_window_holds_by_default() {
    let form = "type: event_count, rules: [a], timespan: 1h, condition: {gte: 20}";
    let limits = Limits { window: 5, named: 3, ..Limits::default() };
    let times: Vec<i64> = (0..20).collect();
    let (hits, lost) = feed(&rules(&[form]), limits, &at(&times));
    assert_eq!((hits.len(), hits[0].count, hits[0].events.len(), lost.events), (1, 20, 3, 0));
}

#[test]
fn older_aggregations_become_correlations() {
    let text = |condition: &str, timeframe: &str| {
        format!(
            "title: t\nid: r\nname: a\nlogsource: {{product: test}}\ndetection:\n  s:\n    F: x\n{timeframe}  condition: {condition}\n"
        )
    };
    let set = |condition: &str| compile(load(&text(condition, "  timeframe: 10s\n")));
    let hits = |condition: &str, events: &[Event<'_>]| {
        feed(&set(condition), Limits::default(), events).0.len()
    };
    assert_eq!(hits("s | count() > 1", &at(&[0, 10 * SECOND])), 1);
    assert_eq!(hits("s | count() > 1", &at(&[0, 10 * SECOND + 1])), 0);
    let (u, v) = ([("U", "1")], [("U", "2")]);
    assert_eq!(hits("s | count() by U >= 2", &[("a", 0, &u), ("a", 1, &v)]), 0);
    assert_eq!(hits("s | count() by U >= 2", &[("a", 0, &u), ("a", 1, &u)]), 1);
    assert_eq!(hits("s | count(U) > 1", &[("a", 0, &u), ("a", 1, &v)]), 1);
    assert_eq!(hits("s | count(U) > 1", &[("a", 0, &u), ("a", 1, &u)]), 0);
    assert_eq!(hits("s | sum(U) > 2", &[("a", 0, &u), ("a", 1, &v)]), 1);
    assert!(set("s | count() > 1").is_silent(0));
    let whole = compile(load(&text("s | count() > 1", "")));
    assert_eq!(feed(&whole, Limits::default(), &at(&[0, 9_000_000 * SECOND])).0.len(), 1);
    for bad in ["s | near b", "s | count() by U", "s | count > 5", "s | median(U) > 5"] {
        let loaded = load(&text(bad, ""));
        assert!(loaded.problems.iter().any(|problem| problem.refused), "{bad}");
    }
}

#[test]
fn faulty_correlations_are_refused() {
    for (correlation, reason) in [
        ("type: counting, rules: [a], timespan: 1m, condition: {gte: 1}", "the type is one of"),
        ("type: event_count, rules: [zzz], timespan: 1m, condition: {gte: 1}", "«zzz»"),
        ("type: event_count, rules: [a], timespan: 1, condition: {gte: 1}", "timespan"),
        ("type: event_count, rules: [a], timespan: 0s, condition: {gte: 1}", "timespan"),
        ("type: event_count, rules: [a], condition: {gte: 1}", "timespan"),
        ("type: event_count, rules: [a], timespan: 1m", "condition"),
        ("type: event_count, rules: [a], timespan: 1m, condition: {ge: 1}", "no comparison"),
        ("type: value_count, rules: [a], timespan: 1m, condition: {gte: 1}", "field"),
        ("type: event_count, rules: [k0], timespan: 1m, condition: {gte: 1}", "k0"),
        ("type: event_count, rules: [], timespan: 1m, condition: {gte: 1}", "rules"),
    ] {
        let loaded = load(&format!(
            "title: a\nname: a\nlogsource: {{product: test}}\ndetection:\n  s:\n    F: a\n  condition: s\n\
             ---\ntitle: k0\nname: k0\ncorrelation: {{{correlation}}}\n"
        ));
        let told = loaded.problems.iter().find(|problem| problem.refused);
        let message = told.map(|problem| problem.message.clone()).unwrap_or_default();
        assert!(message.contains(reason), "{correlation}: {message}");
    }
}
