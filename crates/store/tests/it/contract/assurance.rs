use std::collections::BTreeSet;

use jiff::ToSpan;
use khien_domain::budget::{Line, LineCode, NewLine, Plan, Share, SupportTask};
use khien_domain::permission::AgencyScope;
use khien_domain::risk::{
    Acceptance, AssetName, ControlName, Degree, Estimate, Loss, Risk, RiskAbout, RiskCode,
    RiskState, RiskStep, Treatment,
};
use khien_store::StoreError;

use crate::support::{agency, each, now, only, register, system};

fn risk_code(text: &str) -> RiskCode {
    RiskCode::new(text).unwrap()
}

fn line(of: &str, year: i16, code: &str) -> Line {
    Line {
        agency: agency(of),
        year,
        about: NewLine {
            code: LineCode::new(code).unwrap(),
            name: "Giám sát tập trung".into(),
            class: "monitoring".into(),
            share: Share::parse("33.3333").unwrap(),
            reason: "phần an ninh mạng".into(),
            planned: (1 << 53) - 1,
            allocated: 1,
            spent: 0,
            domestic: false,
            domestic_reason: "chưa có sản phẩm".into(),
            risks: BTreeSet::from([risk_code("rr-01"), risk_code("rr-02")]),
            purchase: Some("ms-01".into()),
            bought: Some("2026-03-01".parse().unwrap()),
            support_end: None,
            renewal: Some("2028-02-29".parse().unwrap()),
        },
    }
}

#[tokio::test]
async fn lines_of_a_budget_are_read_back_by_year_agency_and_scope() {
    each(async |store| {
        register(&store).await;
        let lines = [line("sokhcn", 2026, "a"), line("sokhcn", 2027, "a"), line("soyt", 2026, "b")];
        let mut tx = store.begin().await.unwrap();
        tx.add_budget_lines(&lines).await.unwrap();
        tx.commit().await.unwrap();
        let all = AgencyScope::All;
        let found = store.budget_of_year(&all, 2026).await.unwrap();
        assert_eq!(found, [lines[0].clone(), lines[2].clone()]);
        assert_eq!(store.budget_of_year(&only("soyt"), 2026).await.unwrap(), lines[2..]);
        let own = store.budget_of_agency(&only("sokhcn"), &agency("sokhcn")).await.unwrap();
        assert_eq!(own, lines[..2]);
        assert!(store.budget_of_agency(&only("soyt"), &agency("sokhcn")).await.unwrap().is_empty());
        let mut tx = store.begin().await.unwrap();
        assert!(tx.add_budget_lines(&lines[..1]).await.is_err(), "the same code twice");
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.lock_budget(2026).await.unwrap().len(), 2);
        let code = LineCode::new("a").unwrap();
        assert!(tx.remove_budget_line(&agency("sokhcn"), 2026, &code).await.unwrap());
        assert!(!tx.remove_budget_line(&agency("sokhcn"), 2026, &code).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.budget_of_agency(&all, &agency("sokhcn")).await.unwrap(), lines[1..2]);
    })
    .await;
}

#[tokio::test]
async fn the_last_decision_on_a_plan_stands() {
    each(async |store| {
        register(&store).await;
        let plan = Plan {
            agency: agency("sokhcn"),
            year: 2026,
            decision: "12/QĐ-SKHCN".into(),
            decided: "2026-01-05".parse().unwrap(),
            approved_by: "person:lead".into(),
            approved_at: now(),
            is_amended: false,
        };
        let amended = Plan { is_amended: true, ..plan.clone() };
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.find_plan(&agency("sokhcn"), 2026).await.unwrap(), None);
        tx.put_plan(&plan).await.unwrap();
        assert_eq!(tx.find_plan(&agency("sokhcn"), 2026).await.unwrap(), Some(plan));
        tx.put_plan(&amended).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.list_plans(&only("sokhcn"), 2026).await.unwrap(), [amended]);
        assert!(store.list_plans(&only("soyt"), 2026).await.unwrap().is_empty());
        assert!(store.list_plans(&AgencyScope::All, 2027).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_risk_is_read_back_with_its_history_and_changed_once() {
    each(async |store| {
        register(&store).await;
        let degree = |number| Degree::new(number).unwrap();
        let inherent = Estimate { likelihood: degree(4), impact: degree(5) };
        let new = Risk {
            agency: agency("sokhcn"),
            code: risk_code("rr-01"),
            about: RiskAbout {
                system: Some(system("cong-dvc")),
                asset: None,
                scenario: "mã độc mã hóa máy chủ".into(),
                threat: "mã độc tống tiền".into(),
                inherent,
                residual: None,
                loss: None,
                residual_loss: None,
                owner: "Trưởng phòng".into(),
                treatment: Treatment::Reduce,
                controls: BTreeSet::new(),
                due: "2026-12-31".parse().unwrap(),
                records: BTreeSet::new(),
            },
            state: RiskState::Open,
            ended: None,
            created_at: now(),
            updated_at: now(),
        };
        let mut tx = store.begin().await.unwrap();
        tx.add_risk(&new).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(tx.add_risk(&new).await.is_err(), "the same code twice");
        drop(tx);
        let count = async |today: &str| {
            let due = store.count_risks(&AgencyScope::All, today.parse().unwrap()).await.unwrap();
            (due.all, due.open, due.overdue)
        };
        assert_eq!(count("2026-12-31").await, (1, 1, 0), "on its day it is not overdue");
        assert_eq!(count("2027-01-01").await, (1, 1, 1));
        let mut changed = new.clone();
        changed.about.residual = Some(Estimate { likelihood: degree(1), impact: degree(5) });
        changed.about.loss = Some(Loss::new([(1 << 53) - 2, (1 << 53) - 1], [0, 10]).unwrap());
        changed.about.residual_loss = Some(Loss::new([7, 8], [1, 2]).unwrap());
        changed.about.asset = AssetName::parse("cong-dvc/web01", None);
        let controls = ["mh-levels/UP-01", "csf-2.0/PR.DS-11"];
        changed.about.controls =
            controls.iter().filter_map(|one| ControlName::parse(one)).collect();
        changed.about.records = BTreeSet::from([3, 12]);
        changed.ended = Some("2026-10-15".parse().unwrap());
        changed.state = RiskState::Accepted(Acceptance {
            by: "person:lead".into(),
            reason: "đang mua sắm".into(),
            until: "2026-12-31".parse().unwrap(),
        });
        changed.updated_at = now() + 1.hour();
        let step = RiskStep {
            at: now(),
            who: "person:lead".into(),
            what: "accept".into(),
            detail: "đang mua sắm".into(),
        };
        let mut tx = store.begin().await.unwrap();
        assert!(tx.update_risk(&changed, now()).await.unwrap());
        assert!(!tx.update_risk(&changed, now()).await.unwrap(), "somebody changed it meanwhile");
        tx.add_risk_step(&new.agency, &new.code, &step).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count("2099-01-01").await, (1, 0, 0), "what is accepted is not open");
        let none = store.count_risks(&only("soyt"), "2099-01-01".parse().unwrap()).await;
        assert_eq!(none.unwrap().all, 0);
        let find = async |scope: &AgencyScope| {
            store.find_risk(scope, &new.agency, &new.code).await.unwrap()
        };
        assert_eq!(find(&only("sokhcn")).await, Some(changed.clone()));
        assert_eq!(find(&only("soyt")).await, None);
        let of = async |scope: &AgencyScope, code: &str| {
            store.risks_of_system(scope, &system(code)).await.unwrap()
        };
        assert_eq!(of(&only("sokhcn"), "cong-dvc").await, [changed.clone()]);
        assert!(of(&AgencyScope::All, "mail").await.is_empty());
        assert!(of(&only("soyt"), "cong-dvc").await.is_empty());
        assert_eq!(store.list_risks(&AgencyScope::All).await.unwrap(), [changed]);
        assert!(store.list_risks(&only("soyt")).await.unwrap().is_empty());
        assert_eq!(store.list_risk_steps(&new.agency, &new.code).await.unwrap(), [step]);
    })
    .await;
}

#[tokio::test]
async fn a_line_has_one_open_task_of_support() {
    each(async |store| {
        register(&store).await;
        let task = |of: &str, code: &str, due: &str| SupportTask {
            agency: agency(of),
            year: 2026,
            code: LineCode::new(code).unwrap(),
            due: due.parse().unwrap(),
        };
        let (first, second) = (task("sokhcn", "a", "2026-12-01"), task("soyt", "a", "2026-11-01"));
        let mut tx = store.begin().await.unwrap();
        tx.open_support_task(&first).await.unwrap();
        tx.open_support_task(&second).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let again = tx.open_support_task(&task("sokhcn", "a", "2027-01-01")).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
        drop(tx);
        let list = async |scope: &AgencyScope| store.list_support_tasks(scope).await.unwrap();
        assert_eq!(list(&AgencyScope::All).await, [second.clone(), first.clone()]);
        assert_eq!(list(&only("soyt")).await, [second]);
        let mut tx = store.begin().await.unwrap();
        let other_day = task("sokhcn", "a", "2027-01-01");
        assert!(!tx.close_support_task(&other_day).await.unwrap(), "of another day");
        assert!(tx.close_support_task(&first).await.unwrap());
        assert!(!tx.close_support_task(&first).await.unwrap());
        tx.commit().await.unwrap();
        assert!(list(&only("sokhcn")).await.is_empty());
    })
    .await;
}
