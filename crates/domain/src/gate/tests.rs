//! One thing after the other is taken away from a system that has everything.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Decision, GatePolicy, Statement};
use crate::code::{AgencyCode, SystemCode};
use crate::evidence::content::Content;
use crate::evidence::kinds::{Kinds, Recorder};
use crate::evidence::{How, NewEvidence};
use crate::facts::{Facts, Voided};
use crate::system::Stage;

fn now() -> Timestamp {
    "2026-10-15T01:00:00Z".parse().unwrap()
}

fn ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

fn agency() -> AgencyCode {
    AgencyCode::new("vp-ubnd").unwrap()
}

fn system() -> SystemCode {
    SystemCode::new("mh-dvc").unwrap()
}

fn of(kind: &str, at: Timestamp, content: Content) -> NewEvidence {
    let new = NewEvidence::of_system(kind, &agency(), &system(), at);
    NewEvidence { content, how: How::Documented, ..new }
}

fn yes(fields: &[&str]) -> Content {
    Content::map(fields.iter().map(|field| (*field, Content::from(true))))
}

/// All that is known of a system of level 3 with personal data that may be used.
fn everything() -> Vec<NewEvidence> {
    let profile = NewEvidence::of_system("system.profile", &agency(), &system(), ago(100))
        .with("name", "Cổng dịch vụ công")
        .with("kind", "information-system")
        .with("level", 3)
        .with("stage", "operation")
        .with("critical", true)
        .with("personal_data", true)
        .with("internet", true)
        .with("zone", "internet")
        .with("owner_named", true)
        .with("head_named", true);
    let assignment = NewEvidence::of_agency("agency.assignment", &agency(), ago(60))
        .with("signed", "2026-08-16")
        .with("head", true)
        .with("deputy", true)
        .with("contacts", 2)
        .with("all_active", true);
    let dossier = NewEvidence::of_system("system.dossier", &agency(), &system(), ago(80))
        .with("level", 3)
        .with("state", "approved")
        .with("approved", "2026-07-27");
    let appraisal = NewEvidence::of_system("design.appraisal", &agency(), &system(), ago(200))
        .with("state", "approved")
        .with("approved", "2026-03-29");
    let scan = NewEvidence::of_system("scan.done", &agency(), &system(), ago(9))
        .with("tool", "máy quét mẫu")
        .with("findings", 2);
    let finding = NewEvidence::of_system("finding.state", &agency(), &system(), ago(9))
        .with("severity", "high")
        .with("kev", false)
        .with("internet", true)
        .with("state", "fixed")
        .with("found", "2026-10-06")
        .with("due", "2026-10-20")
        .with("fixed", "2026-10-10")
        .with("title", "mẫu");
    let monitored = NewEvidence::of_system(
        "monitoring.state",
        &agency(),
        &system(),
        now() - SignedDuration::from_hours(1),
    );
    let monitored = monitored.with("required", 3).with("alive", 3);
    vec![
        profile,
        assignment,
        dossier,
        appraisal,
        scan,
        NewEvidence { subject: "VD-1".into(), ..finding },
        monitored,
        of("test.data", ago(90), yes(&["clean"])),
        of("pentest.done", ago(100), yes(&["independent"])),
        of("restore.tested", ago(30), yes(&["success", "rto_met", "rpo_met"])),
        of("pdp.file", ago(100), yes(&["processing", "impact"])),
    ]
}

fn policy() -> GatePolicy {
    GatePolicy::parse(GatePolicy::BUILT_IN, &kinds()).unwrap()
}

fn kinds() -> Kinds {
    Kinds::parse(Kinds::BUILT_IN).unwrap()
}

fn decided_at(evidence: &[NewEvidence], stage: Stage, at: Timestamp) -> Option<Statement> {
    let policy = policy();
    let lines: Vec<String> = (evidence.iter().enumerate())
        .map(|(seq, new)| {
            let new = kinds().check(new.clone(), Recorder::Centre).unwrap();
            new.at_place(seq as u64, &"0".repeat(64), now()).to_line()
        })
        .collect();
    let mut voided = Voided::default();
    for line in &lines {
        voided.read(line, &policy.cutoff(at), None).unwrap();
    }
    let mut facts = Facts::new(policy.wanted(), policy.cutoff(at), None, Arc::new(voided));
    lines.iter().for_each(|line| facts.read(line).unwrap());
    policy.decide(&facts.finish(), (&agency(), &system()), stage, at, lines.len() as u64)
}

fn decided(evidence: &[NewEvidence]) -> Statement {
    decided_at(evidence, Stage::Operation, now()).unwrap()
}

/// The conditions that do not hold.
fn against(evidence: &[NewEvidence]) -> Vec<String> {
    let statement = decided(evidence);
    let against: Vec<String> = statement.against().map(|reason| reason.condition.clone()).collect();
    assert_eq!(statement.decision == Decision::Deny, !against.is_empty());
    against
}

/// Everything, with the record of a kind made another.
fn but(kind: &str, change: impl Fn(&mut NewEvidence)) -> Vec<NewEvidence> {
    let mut all = everything();
    change(all.iter_mut().find(|new| new.kind == kind).unwrap());
    all
}

fn with(kind: &str, field: &str, value: impl Into<Content>) -> Vec<NewEvidence> {
    let value: Content = value.into();
    but(kind, |new| *new = new.clone().with(field, value.clone()))
}

#[test]
fn a_system_of_which_everything_is_known_is_allowed() {
    let statement = decided(&everything());
    assert_eq!(statement.decision, Decision::Allow, "{:?}", statement.reasons);
    assert_eq!(statement.until, now() + SignedDuration::from_hours(720));
    for reason in &statement.reasons {
        let is_lack = reason.condition == "finding";
        assert_eq!(reason.evidence.is_empty(), is_lack, "{}", reason.condition);
    }
}

#[test]
fn each_condition_alone_denies() {
    let old = |kind: &str, days: i64| but(kind, |new| new.at = ago(days));
    let cases: Vec<(Vec<NewEvidence>, &str)> = vec![
        (with("system.profile", "owner_named", false), "named"),
        (with("system.profile", "head_named", false), "named"),
        (with("agency.assignment", "deputy", false), "assigned"),
        (with("agency.assignment", "contacts", 1), "assigned"),
        (old("agency.assignment", 366), "assigned"),
        (with("design.appraisal", "state", "returned"), "appraisal"),
        (with("design.appraisal", "level", 2), "appraisal"),
        (with("test.data", "clean", false), "test-data"),
        (with("system.dossier", "state", "submitted"), "dossier"),
        (with("finding.state", "state", "open"), "finding"),
        (old("scan.done", 30), "scan-3"),
        (old("pentest.done", 366), "pentest"),
        (with("restore.tested", "success", false), "restore"),
        (with("restore.tested", "rto_met", false), "restore"),
        (old("restore.tested", 181), "restore"),
        (with("monitoring.state", "alive", 2), "monitored"),
        (old("monitoring.state", 2), "monitored"),
        (with("pdp.file", "impact", false), "personal-data"),
    ];
    for (evidence, condition) in &cases {
        assert_eq!(against(evidence), [*condition]);
    }
    // And each kind of record that is missing.
    for kind in everything().iter().map(|new| new.kind.clone()).skip(1) {
        let mut less = everything();
        less.retain(|new| new.kind != kind);
        let expected = usize::from(kind != "finding.state");
        assert_eq!(against(&less).len(), expected, "{kind}");
    }
    let asked: std::collections::BTreeSet<&str> = cases.iter().map(|(_, name)| *name).collect();
    let policy = policy();
    let of_level_3 = policy.conditions.iter().map(|condition| condition.id.as_str());
    let of_level_3 = of_level_3.filter(|id| !["scan-1", "scan-2", "scan-4"].contains(id));
    assert_eq!(asked, of_level_3.collect());
}

#[test]
fn levels_are_asked_what_is_theirs() {
    let scanned = |level: i64, days: i64| {
        let mut all = with("system.profile", "level", level);
        all.iter_mut().filter(|new| new.kind == "scan.done").for_each(|new| new.at = ago(days));
        against(&all)
    };
    for (level, days, condition) in [
        (1, 180, "scan-1"),
        (2, 90, "scan-2"),
        (3, 30, "scan-3"),
        (4, 14, "scan-4"),
        (5, 14, "scan-4"),
    ] {
        assert!(scanned(level, days - 1).is_empty(), "level {level}");
        assert_eq!(scanned(level, days), [condition], "level {level}");
    }
    // The first level needs little.
    let mut little = with("system.profile", "level", 1);
    little = little
        .into_iter()
        .map(|new| match new.kind.as_str() {
            "system.profile" => new.with("personal_data", false),
            _ => new,
        })
        .collect();
    little.retain(|new| {
        ["system.profile", "agency.assignment", "system.dossier", "scan.done"]
            .contains(&new.kind.as_str())
    });
    assert!(against(&little).is_empty());
}

#[test]
fn a_design_of_a_lower_level_is_not_enough() {
    for level in 2..=5 {
        for design in 1..=5 {
            let mut all = with("system.profile", "level", level);
            all.iter_mut().filter(|new| new.kind == "scan.done").for_each(|new| new.at = ago(1));
            let designs = all.iter_mut().filter(|new| new.kind == "design.appraisal");
            designs.for_each(|new| *new = new.clone().with("level", design));
            let lacking: &[&str] = if design < level { &["appraisal"] } else { &[] };
            assert_eq!(against(&all), lacking, "a design of {design} for level {level}");
        }
    }
    // A design that somebody else finds wanting opens nothing, whatever its level.
    let mut returned = with("design.appraisal", "level", 3);
    returned = returned
        .into_iter()
        .map(|new| match new.kind.as_str() {
            "design.appraisal" => new.with("state", "returned"),
            _ => new,
        })
        .collect();
    assert_eq!(against(&returned), ["appraisal"]);
}

#[test]
fn a_policy_counts_from_its_first_day_to_its_last() {
    let policy = policy();
    let at = |text: &str| policy.is_valid_at(text.parse().unwrap());
    assert!(!at("2025-12-31T16:59:59Z") && at("2025-12-31T17:00:00Z"));
    assert!(at("2027-12-31T16:59:59Z") && !at("2027-12-31T17:00:00Z"));
}

#[test]
fn earlier_stages_are_asked_less() {
    let mut built = everything();
    built.retain(|new| ["system.profile", "design.appraisal"].contains(&new.kind.as_str()));
    let at = |stage| decided_at(&built, stage, now()).unwrap();
    assert_eq!(at(Stage::Build).decision, Decision::Allow);
    assert_eq!(at(Stage::Test).against().count(), 1);
    assert_eq!(at(Stage::Operation).decision, Decision::Deny);
    let planned: Vec<_> = built.into_iter().take(1).collect();
    let build = decided_at(&planned, Stage::Build, now()).unwrap();
    assert_eq!(
        build.against().map(|reason| &reason.condition[..]).collect::<Vec<_>>(),
        ["appraisal"]
    );
}

#[test]
fn what_an_agency_merely_declares_opens_nothing() {
    for kind in ["test.data", "pdp.file", "pentest.done", "restore.tested"] {
        let declared = but(kind, |new| new.how = How::Declared);
        assert_eq!(against(&declared).len(), 1, "{kind}");
    }
    // But what it declares against itself counts.
    let open = but("finding.state", |new| {
        *new = NewEvidence { how: How::Declared, ..new.clone().with("state", "open") };
    });
    assert_eq!(against(&open), ["finding"]);
}

#[test]
fn a_declared_word_does_not_close_what_was_measured() {
    let fixed = everything().into_iter().find(|new| new.kind == "finding.state").unwrap();
    let closed = |how, days| NewEvidence { how, at: ago(days), ..fixed.clone() };
    let mut all = with("finding.state", "state", "open");
    all.push(closed(How::Declared, 5));
    assert_eq!(against(&all), ["finding"], "the agency's word stands beside the scan");
    all.push(closed(How::Documented, 4));
    assert!(against(&all).is_empty(), "somebody of another agency has looked");
    // Whoever measured that it is gone does not hide what the agency says of it since.
    let open = closed(How::Declared, 3).with("state", "open");
    all.push(open);
    assert_eq!(against(&all), ["finding"]);
}

#[test]
fn a_corrected_record_counts_no_more() {
    let mut all = everything();
    let place = all.iter().position(|new| new.kind == "restore.tested").unwrap();
    let corrected = NewEvidence {
        corrects: Some(place as u64),
        ..of(
            "restore.tested",
            ago(30),
            Content::map([
                ("success", Content::from(false)),
                ("rto_met", false.into()),
                ("rpo_met", false.into()),
            ]),
        )
    };
    all.push(corrected);
    assert_eq!(against(&all), ["restore"]);
}

#[test]
fn the_same_records_give_the_same_statement() {
    let text = |evidence: &[NewEvidence], at| {
        decided_at(evidence, Stage::Operation, at).unwrap().to_content().to_text()
    };
    assert_eq!(text(&everything(), now()), text(&everything(), now()));
    assert_ne!(
        text(&everything(), now()),
        text(&everything(), now() + SignedDuration::from_hours(30))
    );
    // A fraction of a second is none of the record's.
    let later = now() + SignedDuration::from_millis(400);
    assert_eq!(text(&everything(), now()), text(&everything(), later));
}

#[test]
fn a_system_of_which_the_ledger_knows_nothing_is_not_decided() {
    let mut all = everything();
    all.remove(0);
    assert!(decided_at(&all, Stage::Operation, now()).is_none());
    assert!(decided_at(&[], Stage::Operation, now()).is_none());
}

#[test]
fn a_policy_that_misses_something_is_refused_with_its_line() {
    for (cut, put, told) in [
        ("needs: [named]", "needs: []", "asks for nothing"),
        ("needs: [named]", "needs: [nobody]", "there is no set"),
        ("needs: [named]", "needs: [any]", "same: system"),
        ("applies: any, needs: [named]", "applies: none, needs: [named]", "there is no set"),
        ("stages: [design,", "stages: [dream,", "no stage"),
        ("allow_hours: 720", "allow_hours: 0", "1 to 8784"),
        ("review_days: 5", "review_days: 5\nmore: 1", "more"),
        ("{id: assigned,", "{id: named,", "twice"),
        ("language: 1", "language: 2", "language 1"),
        ("contacts: {min: 2}", "phones: {min: 2}", "phones"),
    ] {
        let text = GatePolicy::BUILT_IN.replacen(cut, put, 1);
        assert_ne!(text, GatePolicy::BUILT_IN, "{cut}");
        let error = GatePolicy::parse(&text, &kinds()).unwrap_err().to_string();
        assert!(error.contains("line ") && error.contains(told), "{put}: {error}");
    }
}

#[test]
fn a_policy_comes_back_from_the_ledger() {
    let policy = policy();
    let again = GatePolicy::from_content(policy.to_content(), &kinds()).unwrap();
    assert_eq!(again.id, policy.id);
    assert_eq!(again.conditions.len(), policy.conditions.len());
    assert_eq!(again.note, "cấu hình mặc định, cần đối chiếu");
}
