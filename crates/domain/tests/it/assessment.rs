//! Intervals of assessments, days of findings, and that the packs say the same.

use jiff::civil::date;
use khien_domain::assessment::{AssessmentPack, Check};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::facts::Period;
use khien_domain::finding::{ADVISORIES, Finding, FindingState, NewFinding, cves};
use khien_domain::gate::GatePolicy;
use khien_domain::ids::FindingId;
use khien_domain::risk::Rating;
use khien_domain::system::Level;

fn pack() -> &'static AssessmentPack {
    AssessmentPack::built_in().unwrap()
}

/// The interval of a set of the gate: `within: 30 days`.
fn within(set: &str) -> Period {
    let line =
        GatePolicy::BUILT_IN.lines().find(|line| line.trim_start().starts_with(&format!("{set}:")));
    let rest = line.unwrap().split("within: ").nth(1).unwrap();
    Period::parse(rest.split([',', '}']).next().unwrap()).unwrap()
}

#[test]
fn the_calendar_asks_what_the_gate_asks() {
    let sets = ["scan-180", "scan-90", "scan-30", "scan-14", "scan-14"];
    for (level, set) in Level::ALL.into_iter().zip(sets) {
        assert_eq!(pack().interval(Check::Scan, level), Some(within(set)), "{level:?}");
        let from = |least: u8, set| (level.number() >= least).then(|| within(set));
        assert_eq!(pack().interval(Check::Restore, level), from(2, "restore"));
        assert_eq!(pack().interval(Check::Pentest, level), from(3, "pentest"));
    }
    let index = khien_domain::index::IndexPack::BUILT_IN;
    assert!(index.contains("assessment-24: {") && index.contains("within: 24 months"));
    let of = |level: i64| pack().interval(Check::Assessment, Level::new(level).unwrap());
    assert_eq!([of(2), of(3)], [None, Period::parse("24 months")]);
    assert_eq!([of(4), of(5)], [Period::parse("12 months"); 2]);
    // What counts as fixed in time of what is exploited.
    assert!(index.contains("fixed: {by: found, plus: 14}") && pack().kev_days == 14);
}

#[test]
fn a_finding_is_due_by_its_severity_and_sooner_if_it_is_exploited() {
    let due = |severity, exploited| pack().due(severity, exploited, date(2028, 2, 20));
    assert_eq!(due(Rating::High, false), date(2028, 3, 21));
    assert_eq!(due(Rating::Low, true), date(2028, 3, 5));
    assert_eq!(due(Rating::Critical, true), date(2028, 3, 5));
    assert_eq!(
        [39, 40, 69, 70, 89, 90, 100].map(|score| pack().severity(score)),
        [
            Rating::Low,
            Rating::Medium,
            Rating::Medium,
            Rating::High,
            Rating::High,
            Rating::Critical,
            Rating::Critical,
        ]
    );
}

#[test]
fn a_pack_that_misses_something_is_refused() {
    for (cut, put) in [
        ("scan: {1: 180 days", "scan: {1: half a year"),
        ("  restore:", "  restored:"),
        ("high: 30,", "high: 0,"),
        ("kev_days: 14", "kev_days: soon"),
        ("medium: 40, high: 70", "medium: 70, high: 40"),
        ("note:", "noted:"),
    ] {
        let text = AssessmentPack::BUILT_IN.replace(cut, put);
        assert_ne!(text, AssessmentPack::BUILT_IN, "{cut}");
        assert!(AssessmentPack::parse(&text).is_err(), "{put}");
    }
}

#[test]
fn cves_are_told_from_what_looks_like_them() {
    let found = |text: &str| cves(text).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(found("a cve-2026-0001, CVE-2026-12345."), "CVE-2026-0001 CVE-2026-12345");
    assert_eq!(found("CVE-26-0001 CVE-2026-1 CVE-2026- CVE-ộ-1234 CVE-2026-1234567890"), "");
}

#[test]
fn a_finding_is_known_by_system_rule_and_place_alone() {
    let new = |rule: &str, place: &str, title: &str| {
        let (rule, place, title) = (rule.into(), place.into(), title.into());
        let cves = std::collections::BTreeSet::new();
        NewFinding { rule, place, title, severity: Rating::Low, cves }.checked().unwrap()
    };
    let subject =
        |found: NewFinding, system: &str| found.subject(&SystemCode::new(system).unwrap());
    let first = subject(new("a", "b\nc", "một"), "x");
    assert_eq!(first, subject(new("a ", " b  c", "hai"), "x"));
    for other in [
        subject(new("a", "b c", "một"), "y"),
        subject(new("ab", "c", "một"), "x"),
        subject(new("a", "", "một"), "x"),
    ] {
        assert_ne!(first, other);
    }
}

#[test]
fn an_advisory_has_not_looked_and_yields_to_whoever_has() {
    let at = "2026-10-15T01:00:00Z".parse().unwrap();
    let new = |severity, cve: &str| NewFinding {
        rule: "CVE-2026-0001".into(),
        place: "Cổng Mẫu 1.0".into(),
        title: "Lỗi mẫu".into(),
        severity,
        cves: [cve.to_owned()].into(),
    };
    let named = Finding {
        id: FindingId(1),
        agency: AgencyCode::new("sokhcn").unwrap(),
        system: SystemCode::new("cong-dvc").unwrap(),
        subject: "ph-1".into(),
        tool: "CSAF: XM-1 · Xưởng Mẫu".into(),
        about: new(Rating::High, "CVE-2026-0001"),
        is_exploited: false,
        is_exposed: false,
        state: FindingState::Open,
        found: date(2026, 10, 1),
        due: date(2026, 10, 31),
        seen_at: at,
        repaired_by: Some("person canbo".into()),
        updated_at: at,
    };
    let today = date(2026, 10, 15);
    let again = |was: &Finding, released| {
        let (tool, new) = (was.tool.clone(), new(Rating::High, "CVE-2026-0001"));
        was.clone().advised(new, &tool, released, (at, today), pack())
    };
    assert!(again(&named, today).repaired_by.is_some(), "nobody has looked");
    let retested = named.clone().retested("person khac", date(2026, 10, 14)).unwrap();
    assert_eq!(again(&retested, date(2026, 10, 13)), retested, "it is older than the look");
    assert_eq!(again(&retested, date(2026, 10, 14)).state, FindingState::Open);
    let back = named.clone().taken_back(date(2026, 10, 14)).unwrap();
    assert_eq!(back.state, FindingState::Fixed(date(2026, 10, 14)));
    assert_eq!(again(&back, date(2026, 10, 1)).state, FindingState::Open, "nobody has looked");
    assert_eq!(back.taken_back(today), None);
    let low = || new(Rating::Low, "CVE-2026-0002");
    let said = named.clone().said_seen(low(), "Bảng kê", (at, today), pack());
    assert_eq!((&said.tool, said.about.severity), (&named.tool, Rating::High), "only a word");
    let milder = named.clone().advised(low(), &named.tool, today, (at, today), pack());
    assert_eq!((&milder.tool, milder.about.severity), (&named.tool, Rating::High));
    assert_eq!(milder.about.cves.len(), 2, "none is lost while it is open");
    let second =
        named.clone().advised(low(), "CSAF: KH-1 · khac.example", today, (at, today), pack());
    assert_eq!(second.tool, ADVISORIES, "no single one takes it back");
    let seen = named.seen(low(), "Máy quét", (at, today), pack());
    assert_eq!((seen.tool.as_str(), seen.about.severity), ("Máy quét", Rating::High));
    assert_eq!((seen.about.cves.len(), seen.repaired_by), (2, None));
}
