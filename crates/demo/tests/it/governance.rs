//! The year that the province has behind it: as much of everything as is promised, nothing that the
//! ledger would refuse, and the same for the same seed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use khien_demo::governance::Evidence;
use khien_demo::{Governance, Province, SEED};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::Content;
use khien_domain::evidence::kinds::{Kinds, Recorder, Subject};
use khien_domain::evidence::{How, NewEvidence, Origin};
use khien_domain::index::IndexPack;
use serde_json::Value;

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn told(now: Timestamp) -> Vec<Evidence> {
    let province = Province::builtin().unwrap();
    Governance::builtin(&province, SEED, now).unwrap().evidence()
}

fn content(value: &Value) -> Content {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => number.as_i64().unwrap().into(),
        Value::String(text) => text.as_str().into(),
        Value::Object(values) => {
            Content::map(values.iter().map(|(name, value)| (name.as_str(), content(value))))
        }
        other => panic!("{other}"),
    }
}

/// How many different things of a kind are so.
fn count(told: &[Evidence], kind: &str, is_so: impl Fn(&Value) -> bool) -> usize {
    let mut last = BTreeMap::new();
    for one in told.iter().filter(|one| one.kind == kind) {
        let subject = one.subject.as_deref().unwrap_or_default();
        last.insert((one.agency.as_str(), subject), &one.content);
    }
    last.values().filter(|content| is_so(content)).count()
}

#[test]
fn every_record_is_one_that_the_ledger_takes() {
    let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
    // A leap day, and the first minutes of a year in the province.
    for now in
        [now(), "2028-02-29T05:00:00Z".parse().unwrap(), "2026-12-31T17:10:00Z".parse().unwrap()]
    {
        let told = told(now);
        for one in &told {
            let agency = AgencyCode::new(&one.agency).unwrap();
            let system = one.system.as_deref().map(|code| SystemCode::new(code).unwrap());
            let kind = kinds.get(one.kind).unwrap();
            assert!(kind.about == Subject::System || system.is_none(), "{one:?}");
            assert!(
                matches!(kind.subject.as_str(), "agency" | "system") == one.subject.is_none(),
                "{one:?}"
            );
            assert!(one.at <= now, "{one:?}");
            let new = NewEvidence {
                kind: one.kind.into(),
                schema: kinds.version,
                content: content(&one.content),
                subject: one.subject.clone().unwrap_or_else(|| one.agency.clone()),
                agency: Some(agency),
                system,
                origin: Origin::parse(one.origin).unwrap(),
                reference: one.reference.clone(),
                how: How::parse(one.how).unwrap(),
                by: one.by.clone(),
                at: one.at,
                until: None,
                corrects: None,
            };
            let checked = kinds.check(new, Recorder::Centre);
            assert!(checked.is_ok(), "{one:?}: {checked:?}");
        }
    }
}

#[test]
fn so_much_has_happened_in_the_year() {
    let told = told(now());
    let is = |field: &'static str| move |content: &Value| content[field] == true;
    assert_eq!(count(&told, "alert.handled", |one| one["drill"] == false), 200);
    assert_eq!(count(&told, "incident.state", |_| true), 26);
    assert_eq!(count(&told, "incident.state", is("reportable")), 3);
    let late = |one: &Value| one["reported"].as_str() > one["report_by"].as_str();
    assert_eq!(count(&told, "incident.state", late), 1);
    assert_eq!(count(&told, "task.state", |_| true), 139);
    assert_eq!(count(&told, "task.state", |one| one.get("done").is_none()), 11);
    assert_eq!(count(&told, "report.state", |_| true), 54);
    assert_eq!(count(&told, "report.state", |one| one.get("submitted").is_none()), 4);
    let held = told.iter().filter(|one| one.kind == "exercise.held");
    let held: BTreeSet<_> = held.filter_map(|one| one.subject.as_deref()).collect();
    assert_eq!(held.len(), 12);
    let sum = |kind: &str, field: &str| -> u64 {
        let found = told.iter().filter(|one| one.kind == kind);
        found.filter_map(|one| one.content[field].as_u64()).sum()
    };
    assert_eq!(sum("citizen.reports", "received"), 1_150);
    let ways: BTreeSet<&str> = told.iter().map(|one| one.how).collect();
    assert_eq!(ways, BTreeSet::from(["declared", "documented", "measured"]));
    let measured = told.iter().filter(|one| one.how == "measured").count();
    assert!(measured * 3 > told.len() * 2, "most is measured: {measured} of {}", told.len());
}

#[test]
fn every_indicator_has_something_to_count() {
    let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
    let pack = IndexPack::parse(IndexPack::BUILT_IN, &kinds).unwrap();
    assert_eq!(pack.indicators.len(), 42);
    let told: BTreeSet<&str> = told(now()).iter().map(|one| one.kind).collect();
    // What the register and the gate tell, and what must not have happened.
    let elsewhere = [
        "accounts.centre",
        "agency.assignment",
        "agency.profile",
        "audit.checked",
        "budget.year",
        "gate.decision",
        "incident.hidden",
        "register.confirmed",
        "service.registered",
        "system.confirmed",
        "system.profile",
    ];
    let text = include_str!("../../../../packs/index/mh-57-2026.1.yml");
    let asked = text.split("kind: ").skip(1).filter_map(|rest| rest.split([',', '}']).next());
    for kind in asked.filter(|kind| kinds.get(kind).is_some() && !elsewhere.contains(kind)) {
        assert!(told.contains(kind), "nothing is told of {kind}");
    }
}

#[test]
fn the_same_seed_tells_the_same_year() {
    assert_eq!(told(now()), told(now()));
    let province = Province::builtin().unwrap();
    let other = Governance::builtin(&province, SEED + 1, now()).unwrap().evidence();
    assert_ne!(told(now()), other);
}

#[test]
fn the_stories_of_the_province_are_told() {
    let told = told(now());
    let of = |kind: &str, system: &str| -> Vec<&Evidence> {
        told.iter()
            .filter(|one| one.kind == kind && one.system.as_deref() == Some(system))
            .collect()
    };
    let states = |kind, system| -> Vec<&str> {
        of(kind, system).iter().map(|one| one.content["state"].as_str().unwrap()).collect()
    };
    assert_eq!(states("design.appraisal", "mh-dulich"), ["returned", "approved"]);
    assert_eq!(states("system.dossier", "mh-hopkg"), ["submitted"]);
    let known = of("finding.state", "mh-paht").pop().unwrap();
    assert_eq!(
        (&known.content["found"], &known.content["fixed"]),
        (&"2026-09-23".into(), &"2026-10-02".into())
    );
    let overdue =
        of("finding.state", "mh-datdai").into_iter().find(|one| one.content["state"] == "open");
    assert!(overdue.unwrap().content["due"].as_str() < Some("2026-11-22"));
    let days = now().duration_since(of("restore.tested", "mh-lgsp")[0].at).as_hours() / 24;
    assert!(days > 180, "{days}");
    let scores: BTreeSet<u64> = (1..=20)
        .map(|number| {
            of("service.trust", &format!("mh-webxa-{number:02}"))[0].content["score"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert_eq!((scores.first(), scores.last()), (Some(&35), Some(&96)));
    assert!(told.iter().any(|one| one.kind == "system.discovered" && one.agency == "saban"));
    assert!(!told.iter().any(|one| one.system.as_deref() == Some("mh-lichtiep")));
    let province = Province::builtin().unwrap();
    let log = Governance::builtin(&province, SEED, now()).unwrap().certificate_log();
    let log: Value = serde_json::from_str(&log).unwrap();
    let named = log.as_array().unwrap().iter();
    let named = named.filter(|one| one["name_value"] == "lichtiep.saban.minhhoa.example");
    assert_eq!(named.count(), 1);
    let military = ["duqs", "bchqs"];
    assert!(!told.iter().any(|one| military.contains(&one.agency.as_str())));
    let needing =
        province.systems.iter().filter(|one| one.needs.iter().any(|code| code == "mh-lgsp"));
    assert_eq!(needing.count(), 31);
}

#[test]
fn the_register_is_told_of_as_many_servers_at_each_site_as_the_evidence_says() {
    let province = Province::builtin().unwrap();
    let governance = Governance::builtin(&province, SEED, now()).unwrap();
    let agency_of = |system: &str| {
        let system = province.systems.iter().find(|one| one.code == system).unwrap();
        system.agency.clone()
    };
    let mut registered: BTreeMap<(String, &str), i64> = BTreeMap::new();
    for device in governance.devices() {
        let Some(site) = device.site else { continue };
        assert_eq!(device.kind, "server", "{device:?}");
        assert!(governance.sites().iter().any(|one| one.code == site), "{site}");
        *registered.entry((agency_of(&device.system), site)).or_default() += 1;
    }
    assert!(registered.values().sum::<i64>() > 200, "{registered:?}");
    let told = governance.evidence();
    for ((agency, site), servers) in &registered {
        let said = told.iter().filter(|one| one.kind == "hosting.site" && one.agency == *agency);
        let mut said = said.filter(|one| one.subject.as_deref() == Some(site));
        let said = said.next().unwrap_or_else(|| panic!("{agency} {site}"));
        assert_eq!(said.content["servers"].as_i64(), Some(*servers), "{agency} {site}");
    }
    let equipment = governance.equipment();
    let devices = governance.devices();
    let named = equipment.iter().flat_map(|row| &row.assets);
    assert!(named.clone().count() > 0, "some of it stands in the register");
    assert!(named.clone().all(|name| devices.iter().any(|one| one.name == *name)));
    assert!(equipment.iter().any(|row| row.owned + (row.assets.len() as u32) < row.needed));
}
