//! Nobody real is in the demonstration: agencies and systems are those of the fictitious province,
//! and names, addresses and numbers are of the ranges for documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use khien_demo::province::{Device, Way};
use khien_demo::story::STORIES;
use khien_demo::traffic::Traffic;
use khien_demo::{Governance, Province, SEED};
use khien_domain::agency::AgencyKind;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::host::HostName;
use khien_domain::network::Network;
use khien_domain::system::Stage;
use regex::Regex;

/// All that is written in an hour of work and by every story.
fn written() -> Vec<String> {
    let province = Province::builtin().unwrap();
    let start: Timestamp = "2026-10-15T02:00:00Z".parse().unwrap();
    let end = start + SignedDuration::from_mins(20);
    let mut entries = Traffic::daily(&province, SEED, 20.0).between(start, end);
    for story in &STORIES {
        for run in 0..4 {
            entries.extend(story.entries(&province, SEED, run, start));
        }
    }
    let texts = entries.into_iter().map(|entry| entry.text);
    texts.chain(governed(&province, start)).collect()
}

/// All that is told of how the province is governed.
fn governed(province: &Province, at: Timestamp) -> Vec<String> {
    let governance = Governance::builtin(province, SEED, at).unwrap();
    let evidence = governance.evidence().into_iter().map(|one| {
        let subject = one.subject.unwrap_or_default();
        format!("{subject} {} {} {}", one.reference, one.by, one.content)
    });
    let posts = province.agencies.iter().filter_map(|agency| governance.posts(&agency.code));
    let posts = posts.flat_map(|posts| {
        let named =
            posts.posts.into_iter().map(|post| format!("{} {}", post.holder, post.document));
        let contacts = posts.contacts.into_iter().map(|one| format!("{} {}", one.mail, one.line));
        named.chain(contacts).collect::<Vec<_>>()
    });
    evidence.chain(posts).collect()
}

fn data() -> String {
    [
        include_str!("../../../../demo/agencies.json"),
        include_str!("../../../../demo/governance.json"),
        include_str!("../../../../demo/systems.json"),
        include_str!("../../../../demo/sources.json"),
    ]
    .concat()
}

#[test]
fn the_province_has_its_agencies_and_systems() {
    let province = Province::builtin().unwrap();
    let mut kinds = BTreeMap::new();
    for agency in &province.agencies {
        AgencyCode::new(&agency.code).unwrap();
        *kinds.entry(AgencyKind::parse(&agency.kind).unwrap()).or_insert(0) += 1;
    }
    let counts: Vec<(AgencyKind, i32)> = kinds.into_iter().collect();
    let expected = [
        (AgencyKind::Party, 9),
        (AgencyKind::Government, 15),
        (AgencyKind::Front, 6),
        (AgencyKind::Unit, 4),
        (AgencyKind::Commune, 20),
    ];
    assert_eq!(counts, expected);
    let mut levels = [0; 6];
    for system in &province.systems {
        SystemCode::new(&system.code).unwrap();
        assert!(Stage::parse(&system.stage).is_some(), "{}", system.code);
        levels[usize::from(system.level)] += 1;
    }
    assert_eq!(levels, [0, 34, 41, 18, 3, 0]);
    let shadow: Vec<&str> = province
        .systems
        .iter()
        .filter(|system| !system.registered)
        .map(|system| system.code.as_str())
        .collect();
    assert_eq!(shadow, ["mh-lichtiep"]);
    let codes: BTreeSet<&str> = province.systems.iter().map(|one| one.code.as_str()).collect();
    let agencies: BTreeSet<&str> = province.agencies.iter().map(|one| one.code.as_str()).collect();
    assert_eq!((codes.len(), agencies.len()), (96, 54), "codes are given once");
    // What is military is out of scope: a name, no system.
    let military = ["duqs", "bchqs"];
    assert!(!province.systems.iter().any(|one| military.contains(&one.agency.as_str())));
}

#[test]
fn sources_send_by_every_way_and_three_have_something_to_tell() {
    let province = Province::builtin().unwrap();
    let sources = &province.sources;
    assert!(sources.len() >= 30);
    for way in
        [Way::Json, Way::Lines, Way::Hec, Way::Elastic, Way::Otlp, Way::SyslogTcp, Way::SyslogUdp]
    {
        assert!(sources.iter().any(|source| source.way == way), "{way:?}");
    }
    let devices: BTreeSet<String> =
        sources.iter().map(|source| format!("{:?}", source.device)).collect();
    assert!(devices.len() >= 15 && devices.contains(&format!("{:?}", Device::Auditd)));
    let keys: BTreeSet<&str> = sources.iter().map(|source| source.key.as_str()).collect();
    assert_eq!(keys.len(), sources.len());
    for host in sources.iter().flat_map(|source| source.hosts.iter().chain(&source.shadow)) {
        assert!(HostName::new(host).is_some(), "{host}");
    }
    assert_eq!(sources.iter().filter(|source| source.silent_after.is_some()).count(), 1);
    assert_eq!(sources.iter().filter(|source| source.weight == 0).count(), 1);
    assert_eq!(sources.iter().filter(|source| !source.shadow.is_empty()).count(), 1);
}

#[test]
fn addresses_are_private_or_for_documentation() {
    let allowed: Vec<Network> = [
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "2001:db8::/32",
    ]
    .iter()
    .map(|network| network.parse().unwrap())
    .collect();
    // Versions of programs look like addresses, so they are named here.
    let versions = ["142.0.0.0"];
    let v4 = Regex::new(r"\b\d{1,3}(\.\d{1,3}){3}\b").unwrap();
    let v6 = Regex::new(r"(?i)\b[0-9a-f]{1,4}(:[0-9a-f]{0,4}){2,7}::?[0-9a-f]{1,4}\b").unwrap();
    let mut seen = 0;
    for text in written() {
        for found in v4.find_iter(&text).chain(v6.find_iter(&text)) {
            let Ok(address) = found.as_str().parse::<IpAddr>() else { continue };
            if versions.contains(&found.as_str()) {
                continue;
            }
            seen += 1;
            let fits = allowed.iter().any(|network| network.contains(address));
            assert!(fits, "{address} in {text}");
        }
    }
    assert!(seen > 10_000, "{seen}");
}

#[test]
fn names_of_machines_are_made_up() {
    // Whatever looks like a name under a public ending.
    let public =
        Regex::new(r"(?i)[a-z0-9-]+\.(com|net|org|vn|info|io|gov|edu|biz|xyz|top|online|app|me)\b")
            .unwrap();
    for text in written().into_iter().chain([data()]) {
        assert!(!public.is_match(&text), "{:?}", public.find(&text).map(|found| found.as_str()));
    }
    let mut own = 0;
    let mail = Regex::new(r"[\w.-]+@([\w.-]+)").unwrap();
    for text in written() {
        for found in mail.captures_iter(&text) {
            let domain = found.get(1).unwrap().as_str().to_lowercase();
            let ends = [".example", ".test", ".invalid"].iter().any(|end| domain.ends_with(end));
            assert!(ends, "{domain}");
            own += 1;
        }
    }
    assert!(own > 100);
}

#[test]
fn no_number_looks_like_a_person_s_or_a_phone_s() {
    let person = Regex::new(r"\b\d{12}\b").unwrap();
    let phone = Regex::new(r"\b0[235789]\d{8}\b").unwrap();
    // The number that the manufacturer gave to a kind of message.
    let kind = Regex::new(r#"\blogid="\d{10}""#).unwrap();
    for text in written().into_iter().chain([data()]) {
        let text = kind.replace_all(&text, "");
        assert!(!person.is_match(&text), "{:?}", person.find(&text).map(|found| found.as_str()));
        assert!(!phone.is_match(&text), "{:?}", phone.find(&text).map(|found| found.as_str()));
    }
}

/// `KHIEN_UNITS` names a file with the units of the real country: a list of provinces with `FullName`
/// and `Wards`, which have a `FullName` too.
#[test]
fn no_unit_of_the_province_is_one_of_the_country() {
    let Some(file) = std::env::var_os("KHIEN_UNITS") else {
        eprintln!("left out: KHIEN_UNITS names no list of real units");
        return;
    };
    let text = std::fs::read_to_string(file).unwrap();
    let provinces: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut real = BTreeSet::new();
    for unit in &provinces {
        let wards = unit["Wards"].as_array().into_iter().flatten();
        let names = wards.chain([unit]).filter_map(|unit| unit["FullName"].as_str());
        real.extend(names.map(str::to_lowercase));
    }
    assert!(real.len() > 2_000, "{}", real.len());
    let province = Province::builtin().unwrap();
    let agencies = province.agencies.iter().map(|agency| &agency.name_vi);
    for name in agencies.chain(province.systems.iter().map(|system| &system.name)) {
        let name = name.to_lowercase();
        let words: Vec<&str> = name.split([' ', ',']).collect();
        // A unit's name stands at any word of a longer name.
        let parts =
            (0..words.len()).flat_map(|from| (from + 1..=words.len()).map(move |to| (from, to)));
        for (from, to) in parts {
            let part = words.get(from..to).unwrap_or_default().join(" ");
            assert!(!real.contains(&part), "«{name}» holds the real «{part}»");
        }
    }
}
