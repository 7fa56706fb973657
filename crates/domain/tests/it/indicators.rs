//! Each indicator alone, on evidence whose value was computed by hand (`indicators.yml`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan as _};
use khien_domain::evidence::How;
use khien_domain::evidence::content::Content;
use khien_domain::index::{State, ratio};
use khien_event::yaml::{self, Node};

use super::world::{AT, Say, World, agency, at, days_ago, outcome, pack, say, system};

fn content(node: &Node<'_>) -> Content {
    if let Some(entries) = node.as_map() {
        return Content::map(
            entries.iter().map(|(name, value)| (name.as_str().unwrap(), content(value))),
        );
    }
    let text = node.as_str().unwrap();
    match text {
        "true" | "false" => (text == "true").into(),
        _ if !node.is_plain() => moved(text).into(),
        _ => text.parse::<i64>().map_or_else(|_| moved(text).into(), Content::Int),
    }
}

/// `-3d` is the day, `-3d12:30` the moment, so many days before the cut-off.
fn moved(text: &str) -> String {
    let Some((days, time)) = text.strip_prefix('-').and_then(|rest| rest.split_once('d')) else {
        return text.to_owned();
    };
    let Ok(days) = days.parse::<i64>() else { return text.to_owned() };
    let local = days_ago(days).checked_add(7.hours()).unwrap().to_string();
    match time {
        "" => local[..10].to_owned(),
        time => format!("{}T{time}:00Z", &days_ago(days).to_string()[..10]),
    }
}

fn record(node: &Node<'_>) -> Vec<Say> {
    let kind = node.get_str("kind").unwrap();
    let values = node.get("content").map_or_else(|| Content::map::<&str>([]), content);
    let one = Say { content: values, ..say("so-a", kind, "{}") };
    let one = match node.get_str("system") {
        Some(system) => one.system(system),
        None => one,
    };
    let one = node.get_str("subject").map_or(one.clone(), |subject| one.clone().subject(subject));
    let age: i64 = node.get_str("days_ago").map_or(0, |days| days.parse().unwrap());
    let one = if age > 0 { one.at(days_ago(age)) } else { one.at(hour_ago()) };
    let how = node.get_str("how").map_or(How::Measured, |how| How::parse(how).unwrap());
    let count: usize = node.get_str("times").map_or(1, |times| times.parse().unwrap());
    let numbered = |time: usize| match count {
        1 => one.clone().how(how),
        _ => one.clone().subject(&format!("{}-{time}", one.subject)).how(how),
    };
    (0..count).map(numbered).collect()
}

fn hour_ago() -> Timestamp {
    at(AT).checked_sub(1.hour()).unwrap()
}

#[test]
fn each_indicator_has_the_value_that_was_computed_by_hand() {
    let documents = yaml::parse(include_str!("indicators.yml")).unwrap();
    let mut seen = BTreeSet::new();
    for case in documents[0].as_list().unwrap() {
        let id = case.get_str("indicator").unwrap();
        let name = format!("{id}, line {}", case.line);
        let mut world = World::of([agency("so-a", "government")]);
        if case.get_str("centre").is_some() {
            let centre = agency("so-a", "government");
            let Content::Map(mut values) = centre.content.clone() else { panic!("no object") };
            values.insert("centre".into(), true.into());
            world.say(Say { content: Content::Map(values), ..centre }.at(hour_ago()));
        }
        // Levels of operating systems by their codes.
        for (code, level) in case.get("systems").and_then(Node::as_map).unwrap_or_default() {
            let level = level.as_str().unwrap().parse().unwrap();
            world.say(system("so-a", code.as_str().unwrap(), level));
        }
        for node in case.get("records").and_then(Node::as_list).unwrap_or_default() {
            record(node).into_iter().for_each(|say| {
                world.say(say);
            });
        }
        let outcome = outcome(&world.score("so-a"), id);
        let state = case.get_str("state").unwrap_or("scored");
        assert_eq!(outcome.state.name(), state, "{name}");
        if outcome.state == State::Scored {
            assert_eq!(
                ratio::text(&outcome.value),
                case.get_str("value").unwrap(),
                "{name}: value"
            );
            assert_eq!(
                ratio::text(&outcome.earned),
                case.get_str("earned").unwrap(),
                "{name}: earned"
            );
            seen.insert(id.to_owned());
        }
    }
    let all: BTreeSet<String> = pack().indicators.iter().map(|its| its.id.clone()).collect();
    assert_eq!(all.difference(&seen).collect::<Vec<_>>(), Vec::<&String>::new(), "not tested");
}

#[test]
fn the_pack_states_what_the_design_states() {
    let pack = pack();
    assert_eq!(pack.indicators.len(), 42);
    let groups: BTreeMap<&str, (i64, usize)> = pack
        .groups
        .iter()
        .map(|(name, group)| {
            let its = pack.indicators.iter().filter(|indicator| indicator.group == *name);
            (name.as_str(), (group.weight, its.count()))
        })
        .collect();
    let expected = [
        ("N1", (18, 7)),
        ("N2", (20, 7)),
        ("N3", (34, 13)),
        ("N4", (11, 6)),
        ("N5", (6, 3)),
        ("N6", (11, 6)),
    ];
    assert_eq!(groups, BTreeMap::from(expected));
    let points = |mode: &str| {
        let its = pack.indicators.iter().filter(|indicator| indicator.mode.starts_with(mode));
        its.map(|indicator| indicator.weight).sum::<i64>()
    };
    assert_eq!((points("A"), points("A + document"), points("T")), (86, 13, 14));
}
