//! What incidents cost, what the money of a year is for, and support that ends before it is renewed.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::incidents::{self, IncidentFilter};
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::{UseError, alerts, audit, budgets, risks, spend};
use khien_domain::account::Role;
use khien_domain::alert::Severity;
use khien_domain::budget::{LineCode, NewLine, Share};
use khien_domain::evidence::content::Content;
use khien_domain::ids::IncidentId;
use khien_domain::incident::{LossKind, NewIncident, NewLossFigure, Outcome, State};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::risk::{Degree, Estimate, Loss, RiskAbout, RiskCode, Treatment};
use khien_testkit::sysmon;

use crate::support::{agency, centre_of_two, lead, officer, person, send, until};

/// An incident of `sokhcn`, opened from an alert.
async fn incident(app: &App) -> IncidentId {
    let source = app.registry().all()[0].source.id;
    let payload = sysmon("may-01", "C:\\Windows\\whoami.exe", "2026-10-15 01:00:00.000");
    send(app, source, &payload, None).await.unwrap();
    let (filter, page) = (alerts::AlertFilter::default(), PageRequest::first());
    let raised = async || {
        let found = alerts::list_alerts(app, &Caller::program(), &filter, &page).await;
        found.unwrap().items
    };
    until("an alert", async || !raised().await.is_empty()).await;
    let new = NewIncident {
        title: "Dò quét từ máy trạm".into(),
        severity: Severity::High,
        lead: None,
        alerts: vec![raised().await[0].id],
    };
    incidents::open_incident(app, &lead(), new).await.unwrap().id
}

fn figure(kind: LossKind, amount: u64, reason: &str) -> NewLossFigure {
    NewLossFigure { kind, amount, reason: reason.into() }
}

async fn audited(app: &App, action: &str) -> Vec<String> {
    let filter = audit::AuditFilter { action: Some(action.into()), ..Default::default() };
    let page = PageRequest::first();
    let found = audit::list_audit(app, &Caller::program(), &filter, &page).await.unwrap();
    found.items.into_iter().map(|entry| entry.said.detail).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_takes_the_place_of_the_former_which_stays_in_the_history() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let id = incident(&app).await;
    let say = async |who: &Caller, new| incidents::record_loss(&app, who, id, new).await;
    let first = figure(LossKind::Estimated, 40_000_000, "16 giờ công");
    let refused = say(&officer("sokhcn"), first.clone()).await;
    assert!(matches!(refused, Err(UseError::Denied(_))), "who may not edit it: {refused:?}");
    let stranger = person("truc-soyt", Role::Lead, AgencyScope::one(agency("soyt")));
    let refused = say(&stranger, first.clone()).await;
    assert!(matches!(refused, Err(UseError::NotFound { .. })), "{refused:?}");
    let wordless = say(&lead(), figure(LossKind::Actual, 1, " ")).await.unwrap_err().to_string();
    assert!(wordless.contains("what was counted is empty"), "{wordless}");

    say(&lead(), first).await.unwrap();
    clock.forward(3_600);
    say(&lead(), figure(LossKind::Estimated, 55_000_000, "thêm sửa chữa")).await.unwrap();
    let closed = State::Closed(Outcome::Resolved);
    incidents::change_incident(&app, &lead(), id, closed).await.unwrap();
    let of = say(&lead(), figure(LossKind::Actual, 61_000_001, "đã quyết toán")).await.unwrap();
    assert_eq!(of.losses.amount(LossKind::Estimated), Some(55_000_000));
    assert_eq!(of.losses.amount(LossKind::Actual), Some(61_000_001), "also when it is closed");
    assert_eq!(of.updated_at, app.now());
    let detail = incidents::get_incident(&app, &officer("sokhcn"), id).await.unwrap();
    let history: Vec<u64> = detail.losses.iter().map(|one| one.about.amount).collect();
    assert_eq!(history, [61_000_001, 55_000_000, 40_000_000], "newest first");
    assert_eq!(detail.losses[0].by, "person:truongca");
    let said = audited(&app, "incident.loss").await;
    assert_eq!(said[1], "estimated: 40000000 to 55000000 đồng");

    // The first moment of the next year in the province is no moment of this one.
    let of_year = async |year| {
        incidents::incidents_of_year(&app, &officer("sokhcn"), year).await.unwrap().len()
    };
    assert_eq!((of_year(2025).await, of_year(2026).await, of_year(2027).await), (0, 1, 0));
    let before = |text: &str| IncidentFilter {
        opened_before: Some(text.parse().unwrap()),
        ..IncidentFilter::default()
    };
    let count = async |filter| {
        let page = PageRequest::first();
        incidents::list_incidents(&app, &lead(), &filter, &page).await.unwrap().items.len()
    };
    assert_eq!(count(before("2026-10-15T01:00:00Z")).await, 0, "opened at that moment, not before");
    assert_eq!(count(before("2026-10-15T01:00:01Z")).await, 1);
    app.stop().await;
}

fn line(code: &str, end: Option<Date>, renewal: Option<Date>, risk: Option<&str>) -> NewLine {
    NewLine {
        code: LineCode::new(code).unwrap(),
        name: format!("dòng {code}"),
        class: "protection".into(),
        share: Share::ALL,
        reason: String::new(),
        planned: 1_000,
        allocated: 0,
        spent: 0,
        domestic: true,
        domestic_reason: String::new(),
        risks: risk.and_then(RiskCode::new).into_iter().collect(),
        purchase: None,
        bought: None,
        support_end: end,
        renewal,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_and_losses_are_of_the_agencies_that_somebody_may_see() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let degree = Degree::new(4).unwrap();
    let about = RiskAbout {
        system: None,
        asset: None,
        scenario: "kịch bản".into(),
        threat: "mối đe dọa".into(),
        inherent: Estimate { likelihood: degree, impact: degree },
        residual: None,
        loss: Some(Loss::new([10, 20], [1, 2]).unwrap()),
        residual_loss: None,
        owner: "Trưởng phòng".into(),
        treatment: Treatment::Reduce,
        controls: BTreeSet::new(),
        due: date(2026, 12, 31),
        records: BTreeSet::new(),
    };
    for of in ["sokhcn", "soyt"] {
        let code = RiskCode::new("rr-01").unwrap();
        risks::add_risk(&app, &officer(of), &agency(of), code, about.clone()).await.unwrap();
        let line = line("a", None, None, Some("rr-01"));
        budgets::add_line(&app, &officer(of), &agency(of), 2026, line).await.unwrap();
    }
    let id = incident(&app).await;
    incidents::record_loss(&app, &lead(), id, figure(LossKind::Actual, 7, "a")).await.unwrap();
    let seen = async |who: &Caller| {
        let found = spend::spend_of_year(&app, who, 2026).await.unwrap();
        (found.risks.len(), found.lines.len(), found.incidents.len())
    };
    assert_eq!(seen(&lead()).await, (2, 2, 1));
    assert_eq!(seen(&officer("sokhcn")).await, (1, 1, 1));
    assert_eq!(seen(&officer("soyt")).await, (1, 1, 0));
    let other_year = spend::spend_of_year(&app, &lead(), 2027).await.unwrap();
    assert_eq!((other_year.risks.len(), other_year.lines.len()), (2, 0));

    // What is estimated stands in the history, and what is left never costs more.
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let code = RiskCode::new("rr-01").unwrap();
    let detail = risks::get_risk(&app, &own, &sokhcn, &code).await.unwrap();
    assert_eq!(detail.steps[0].detail, "4 × 4: high; 1 to 4 đồng a year");
    let dearer = RiskAbout {
        residual: Some(about.inherent),
        residual_loss: Some(Loss::new([10, 21], [1, 2]).unwrap()),
        ..about
    };
    let wrong = risks::change_risk(&app, &own, &sokhcn, &code, dearer).await.unwrap_err();
    assert!(wrong.to_string().contains("at no bound above"), "{wrong}");
    app.stop().await;
}

/// The tasks to close a gap of support: subject, due, when done; oldest first.
async fn tasks(app: &App) -> Vec<(String, String, Option<String>)> {
    let filter = EvidenceFilter { kind: Some("task.state".into()), ..EvidenceFilter::default() };
    let page = PageRequest::first();
    let found = ledger::list(app, &Caller::program(), &filter, &page).await.unwrap().items;
    let mut tasks = Vec::new();
    for record in found.into_iter().filter(|one| one.about.subject.starts_with("support ")) {
        let text = |field| record.content.get(field).and_then(Content::as_text).map(str::to_owned);
        tasks.push((record.about.subject.clone(), text("due").unwrap(), text("done")));
    }
    tasks.reverse();
    tasks
}

#[tokio::test(flavor = "multi_thread")]
async fn support_that_ends_before_the_renewal_is_one_task_until_that_is_mended() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let all = Caller::program();
    let sweep = async || budgets::sweep(&app, &all).await.unwrap();
    let day = |month, day| Some(date(2026, month, day));
    let change = async |new| budgets::change_line(&app, &own, &sokhcn, 2026, new).await.unwrap();
    // Told 180 days before: one is near, one is too far away, one has no gap.
    let far = Some(date(2027, 4, 14));
    for (code, end, renewal) in [
        ("gan", day(12, 1), day(12, 31)),
        ("xa", far, Some(date(2027, 8, 1))),
        ("kip", day(12, 31), day(12, 1)),
    ] {
        let line = line(code, end, renewal, None);
        budgets::add_line(&app, &own, &sokhcn, 2026, line).await.unwrap();
    }
    let reader = person("lanhdao", Role::Leader, AgencyScope::All);
    let refused = budgets::sweep(&app, &reader).await;
    assert!(matches!(refused, Err(UseError::Denied(_))), "{refused:?}");
    // Two at the same time begin one task.
    let (one, other) = tokio::join!(sweep(), sweep());
    assert_eq!((one.begun + other.begun, one.done + other.done), (1, 0));
    let near = |done: Option<&str>| {
        ("support 2026 gan".to_owned(), "2026-12-01".to_owned(), done.map(str::to_owned))
    };
    assert_eq!(tasks(&app).await, [near(None)]);
    assert_eq!(sweep().await, budgets::Swept::default(), "nothing is new");
    assert_eq!(audited(&app, "budget.support_ends").await, ["ends on 2026-12-01"]);

    // The next day the other one is near enough; the renewal of the first was moved.
    clock.forward(24 * 3_600);
    change(line("gan", day(12, 1), day(12, 1), None)).await;
    let swept = sweep().await;
    assert_eq!((swept.begun, swept.done), (1, 1));
    let after = tasks(&app).await;
    assert_eq!(after[1], near(Some("2026-10-16")));
    assert_eq!((after[2].0.as_str(), after[2].1.as_str()), ("support 2026 xa", "2027-04-14"));

    // Support that was moved, but still ends too early, is another task; a line that is gone ends its own.
    change(line("xa", Some(date(2027, 4, 10)), Some(date(2027, 8, 1)), None)).await;
    let swept = sweep().await;
    assert_eq!((swept.begun, swept.done), (1, 1));
    assert_eq!(tasks(&app).await.last().unwrap().1, "2027-04-10");
    budgets::remove_line(&app, &own, &sokhcn, 2026, &LineCode::new("xa").unwrap()).await.unwrap();
    let swept = sweep().await;
    assert_eq!((swept.begun, swept.done), (0, 1));
    assert!(tasks(&app).await.last().unwrap().2.is_some());
    assert_eq!(sweep().await, budgets::Swept::default());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_centre_looks_for_support_that_ends_by_itself() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let line = line("gan", Some(date(2026, 12, 1)), Some(date(2026, 12, 31)), None);
    budgets::add_line(&app, &officer("sokhcn"), &agency("sokhcn"), 2026, line).await.unwrap();
    clock.forward(3_600);
    until("a task", async || !tasks(&app).await.is_empty()).await;
    app.stop().await;
}
