//! Leaks: numbers and days alone, seen by few, and every look in the audit log.

use jiff::civil::date;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::UseError;
use khien_app::use_case::audit::{self, AuditFilter};
use khien_app::use_case::incidents::{self, IncidentFilter};
use khien_app::use_case::leaks::{list_leaks, record_leak, step_leak};
use khien_domain::account::Role;
use khien_domain::audit::{Entry, Outcome};
use khien_domain::leak::{Leak, LeakKind, LeakMove};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;

use crate::support::{agency, centre_of_two, lead, officer, person};

fn leak(of: &str) -> Leak {
    Leak {
        agency: agency(of),
        kind: LeakKind::StateSecret,
        number: Some("31-BC.MH".into()),
        dated: Some(date(2026, 9, 1)),
        found_on: date(2026, 10, 10),
    }
}

async fn entries(app: &App, action: &str) -> Vec<Entry> {
    let filter = AuditFilter { action: Some(action.into()), ..AuditFilter::default() };
    let page = PageRequest::first();
    audit::list_audit(app, &Caller::program(), &filter, &page).await.unwrap().items
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_for_an_agency_sees_its_leaks_and_nobody_else_does() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let own = officer("sokhcn");
    let id = record_leak(&app, &own, leak("sokhcn")).await.unwrap();
    let theirs = record_leak(&app, &officer("soyt"), leak("soyt")).await.unwrap();
    let strange = record_leak(&app, &own, leak("soyt")).await.unwrap_err();
    assert!(matches!(strange, UseError::Denied(_)), "{strange}");
    let seen = async |who: &Caller| {
        let found = list_leaks(&app, who).await;
        found.map(|all| all.into_iter().map(|kept| kept.id).collect::<Vec<_>>())
    };
    assert_eq!(seen(&own).await.unwrap(), [id]);
    let head = person("thutruong", Role::Leader, AgencyScope::one(agency("sokhcn")));
    assert_eq!(seen(&head).await.unwrap(), [id]);
    assert_eq!(seen(&lead()).await.unwrap(), [theirs, id]);
    // Whoever sees everything else of all agencies does not see this.
    for role in Role::ALL {
        let who = person("ai-do", role, AgencyScope::All);
        let may = matches!(role, Role::Lead | Role::Leader | Role::Officer);
        assert_eq!(seen(&who).await.is_ok(), may, "{role:?}");
        let step = step_leak(&app, &who, id, LeakMove::Close, date(2026, 10, 12)).await;
        let is_denied = matches!(step, Err(UseError::Denied(_)));
        let reads_alone = role == Role::Leader;
        assert_eq!(is_denied, !may || reads_alone, "{role:?}: {step:?}");
    }
    let step = step_leak(&app, &own, theirs, LeakMove::Contain, date(2026, 10, 12)).await;
    assert!(matches!(step, Err(UseError::NotFound { .. })), "{step:?}");

    // They stand among no incidents, and the audit log has the looks but not the number.
    let page = PageRequest::first();
    let all = incidents::list_incidents(&app, &lead(), &IncidentFilter::default(), &page).await;
    assert!(all.unwrap().items.is_empty());
    let looks = entries(&app, "leak.list").await;
    let done = looks.iter().filter(|entry| entry.said.outcome == Outcome::Done);
    // One for each agency that was seen: own, head, lead, and of all roles lead, leader and officer.
    assert_eq!(done.count(), 1 + 1 + 2 + 3 * 2, "{looks:?}");
    let mut done = looks.iter().filter(|entry| entry.said.outcome == Outcome::Done);
    assert!(done.all(|entry| entry.said.agency.is_some()), "{looks:?}");
    assert!(looks.iter().any(|entry| entry.said.outcome == Outcome::Refused));
    let recorded = entries(&app, "leak.record").await;
    let told = format!("{recorded:?}");
    assert!(told.contains(&format!("leak {id}")) && !told.contains("31-BC"), "{told}");
    assert!(!told.contains("secret"), "nor of what it is: {told}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leak_goes_step_by_step_to_its_end() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let own = officer("sokhcn");
    let told = Leak { number: Some("Báo cáo về tình hình".into()), ..leak("sokhcn") };
    let refused = record_leak(&app, &own, told).await.unwrap_err();
    assert!(refused.to_string().contains("content are not written here"), "{refused}");
    let nowhere = record_leak(&app, &lead(), leak("khong-co")).await.unwrap_err();
    assert!(matches!(nowhere, UseError::NotFound { .. }), "{nowhere}");
    assert!(list_leaks(&app, &own).await.unwrap().is_empty(), "nothing is kept of what is refused");

    let id = record_leak(&app, &own, leak("sokhcn")).await.unwrap();
    let twice = record_leak(&app, &own, leak("sokhcn")).await.unwrap_err();
    assert!(matches!(&twice, UseError::Conflict(told) if told.contains("open leak")), "{twice}");
    let day = date(2026, 10, 12);
    let early = step_leak(&app, &own, id, LeakMove::Close, day).await.unwrap_err();
    assert!(early.to_string().contains("was not reported yet"), "{early}");
    for what in [LeakMove::Contain, LeakMove::Report, LeakMove::Close] {
        step_leak(&app, &own, id, what, day).await.unwrap();
    }
    let late = step_leak(&app, &own, id, LeakMove::Report, day).await.unwrap_err();
    assert!(late.to_string().contains("is closed"), "{late}");
    let kept = list_leaks(&app, &own).await.unwrap().remove(0);
    assert!(kept.is_closed() && kept.steps.len() == 3, "{kept:?}");
    assert_eq!(kept.step(LeakMove::Report).unwrap().who, "person:canbo-sokhcn");
    // What is closed does not stand in the way of another one; what was a mistake is withdrawn.
    let second = record_leak(&app, &own, leak("sokhcn")).await.unwrap();
    let other = Leak { number: Some("32-BC.MH".into()), ..leak("sokhcn") };
    let third = record_leak(&app, &own, other).await.unwrap();
    step_leak(&app, &own, third, LeakMove::Withdraw, day).await.unwrap();
    let order: Vec<_> = list_leaks(&app, &own).await.unwrap().iter().map(|kept| kept.id).collect();
    assert_eq!(order, [second, third, id], "open ones first");
    app.stop().await;
}
