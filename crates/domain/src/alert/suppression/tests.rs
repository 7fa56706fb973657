use jiff::ToSpan;

use super::*;
use crate::alert::{AlertKind, MatchedField, Severity};
use crate::code::SystemCode;
use crate::ids::EventId;

fn now() -> Timestamp {
    "2026-10-15T01:00:00Z".parse().unwrap()
}

fn detection() -> Detection {
    Detection {
        event: EventId { batch: 1, item: 0 },
        at: now(),
        kind: AlertKind::Rule,
        rule: "rule-1".into(),
        title: "PowerShell tải tệp".into(),
        severity: Severity::High,
        agency: AgencyCode::new("sokhcn").unwrap(),
        system: SystemCode::new("cong-dvc").unwrap(),
        source: None,
        entity: "host=web01".into(),
        window_start: now(),
        attack: vec!["attack.t1059.001".into()],
        matched: vec![MatchedField::new(
            "CommandLine",
            r"C:\Backup\run.ps1 -Daily",
            "contains run",
        )],
    }
}

fn condition(field: &str, value: &str) -> Condition {
    Condition { field: field.into(), value: value.into() }
}

fn scope() -> Scope {
    Scope { rule: Some("rule-1".into()), ..Scope::default() }
}

fn asked() -> NewSuppression {
    NewSuppression {
        scope: scope(),
        owner: "Cán bộ Mẫu 001".into(),
        reason: "sao lưu hằng ngày".into(),
        created_at: now(),
        expires_at: now() + 24.hours(),
    }
}

#[test]
fn what_hides_what() {
    let agency = |code| Some(AgencyCode::new(code).unwrap());
    let entity = |text: &str| Some(text.to_owned());
    let with = |conditions: &[Condition]| Scope { conditions: conditions.to_vec(), ..scope() };
    for (scope, hides, why) in [
        (scope(), true, "the rule"),
        (Scope { rule: Some("rule-2".into()), ..scope() }, false, "another rule"),
        (Scope { agency: agency("sokhcn"), ..scope() }, true, "the rule in the agency"),
        (Scope { agency: agency("soyt"), ..scope() }, false, "another agency"),
        (Scope { entity: entity("host=web01"), ..Scope::default() }, true, "the entity"),
        (Scope { entity: entity("host=web0"), ..Scope::default() }, false, "another entity"),
        (with(&[condition("CommandLine", r"c:\backup\*")]), true, "beginning of the field"),
        (with(&[condition("CommandLine", r"c:\backup")]), false, "only a part of the field"),
        (with(&[condition("Image", "*.exe")]), false, "a field that did not match"),
        (
            with(&[condition("CommandLine", r"c:\*"), condition("CommandLine", "x*")]),
            false,
            "one of two fields",
        ),
    ] {
        assert_eq!(scope.hides(&detection()), hides, "{why}");
    }
}

#[test]
fn a_field_never_hides_silence_or_an_unregistered_host() {
    for kind in [AlertKind::SourceSilent, AlertKind::UnregisteredHost] {
        let watched = Detection { kind, rule: kind.name().into(), ..detection() };
        let by_entity = Scope { entity: Some("host=web01".into()), ..Scope::default() };
        assert!(!by_entity.hides(&watched));
        let by_name = Scope { rule: Some(kind.name().into()), ..by_entity };
        assert!(by_name.hides(&watched));
    }
}

#[test]
fn it_hides_until_it_expires_or_is_ended() {
    let one = Suppression {
        id: SuppressionId(1),
        asked: asked(),
        ended_at: None,
        hidden: 0,
        last_hidden_at: None,
    };
    let hidden =
        |known: &Suppression, at| hiding(std::slice::from_ref(known), &detection(), at).is_some();
    assert!(hidden(&one, now()));
    assert!(!hidden(&one, now() + 24.hours()));
    assert!(!hidden(&one, now() - 1.second()));
    assert!(!hidden(&Suppression { ended_at: Some(now()), ..one }, now()));
}

#[test]
fn owner_reason_and_expiry_are_required_and_nothing_hides_everything() {
    assert!(asked().checked().is_ok());
    let agency = AgencyCode::new("sokhcn").unwrap();
    let all = Scope { agency: Some(agency), ..Scope::default() };
    for (wrong, why) in [
        (NewSuppression { owner: " ".into(), ..asked() }, "no owner"),
        (NewSuppression { reason: String::new(), ..asked() }, "no reason"),
        (NewSuppression { expires_at: now(), ..asked() }, "no time"),
        (NewSuppression { expires_at: Timestamp::MAX, ..asked() }, "for ever"),
        (NewSuppression { scope: all, ..asked() }, "everything of an agency"),
        (
            NewSuppression {
                scope: Scope { conditions: vec![condition("User", "*")], ..Scope::default() },
                ..asked()
            },
            "any value",
        ),
        (
            NewSuppression {
                scope: Scope { conditions: vec![condition("User", "a"); 9], ..Scope::default() },
                ..asked()
            },
            "too many fields",
        ),
    ] {
        assert!(wrong.checked().is_err(), "{why}");
    }
}
