use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use khien_domain::dossier::{
    Act, Answer, Answered, Document, Dossier, DossierAbout, DossierKind, DossierState, DossierStep,
    Duty,
};
use khien_domain::finding::{Finding, FindingState, FindingStep, NewFinding};
use khien_domain::ids::{DossierId, FindingId};
use khien_domain::permission::AgencyScope;
use khien_domain::project::{Invested, Project, ProjectCode};
use khien_domain::risk::{Acceptance, Rating};
use khien_domain::system::Level;
use khien_store::{Catalogue, Database, FindingImport, Store, StoreError};

use crate::support::{agency, each, each_database, now, only, register, system};

fn dossier(of: &str, code: &str) -> Dossier {
    let given = Answered { answer: Answer::NotApplicable, note: "không có «máy»".into() };
    Dossier {
        id: DossierId(0),
        agency: agency(of),
        system: system(code),
        kind: DossierKind::Level,
        state: DossierState::Draft,
        about: DossierAbout {
            level: Level::new(3).unwrap(),
            pack: "dossier-2026.1".into(),
            scope: "Phạm vi\nhai dòng".into(),
            reasons: BTreeMap::from([("data".into(), "dữ liệu".into())]),
            answers: BTreeMap::from([("roles".into(), given)]),
            documents: vec![Document {
                title: "Thuyết minh".into(),
                number: "12/TTr".into(),
                day: "2026-10-01".parse().unwrap(),
                sha256: None,
            }],
        },
        number: None,
        approved: None,
        created_at: now(),
        updated_at: now(),
    }
}

#[tokio::test]
async fn a_dossier_is_read_back_with_its_steps_and_only_one_is_under_way() {
    each(async |store| {
        register(&store).await;
        let new = dossier("sokhcn", "cong-dvc");
        let mut tx = store.begin().await.unwrap();
        let id = tx.add_dossier(&new).await.unwrap();
        let step = DossierStep {
            at: now(),
            who: "person:canbo".into(),
            act: Act::Begin,
            duty: Some(Duty::Prepare),
            detail: String::new(),
        };
        tx.add_dossier_step(id, &step).await.unwrap();
        assert_eq!(tx.dossier_steps(id).await.unwrap(), std::slice::from_ref(&step));
        tx.commit().await.unwrap();
        let new = Dossier { id, ..new };
        assert_eq!(store.find_dossier(&only("sokhcn"), id).await.unwrap(), Some(new.clone()));
        assert_eq!(store.find_dossier(&only("soyt"), id).await.unwrap(), None);
        assert_eq!(store.list_dossier_steps(id).await.unwrap(), [step]);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.add_dossier(&new).await.is_err(), "one is under way");
        drop(tx);
        let approved = Dossier {
            state: DossierState::Approved,
            number: Some("1/QĐ".into()),
            approved: Some("2026-10-14".parse().unwrap()),
            updated_at: now() + 1.hour(),
            ..new.clone()
        };
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.has_approved_dossier(&new.system, new.kind).await.unwrap());
        assert!(tx.update_dossier(&approved, now()).await.unwrap());
        assert!(!tx.update_dossier(&approved, now()).await.unwrap(), "changed meanwhile");
        assert!(tx.has_approved_dossier(&new.system, new.kind).await.unwrap());
        assert!(!tx.has_approved_dossier(&new.system, DossierKind::Design).await.unwrap());
        let next = tx.add_dossier(&new).await.unwrap();
        tx.add_dossier(&dossier("soyt", "benh-an")).await.unwrap();
        tx.commit().await.unwrap();
        let of = Some(&new.system);
        let found = store.list_dossiers(&AgencyScope::All, of).await.unwrap();
        assert_eq!(found, [approved, Dossier { id: next, ..new }]);
        assert_eq!(store.list_dossiers(&only("soyt"), None).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_project_is_decided_once() {
    each(async |store| {
        register(&store).await;
        let new = project("da-01");
        let code = new.code.clone();
        let invested = Invested {
            day: "2026-10-15".parse().unwrap(),
            appraised: None,
            appraisal: None,
            has_security: false,
            exception: Some("gấp".into()),
        };
        let mut tx = store.begin().await.unwrap();
        tx.add_project(&new).await.unwrap();
        let stale = new.clone();
        let new = Project { planned: 7, security: Some(0), ..new };
        assert!(tx.estimate_project(&new).await.unwrap());
        assert!(!tx.decide_project(&stale, &invested).await.unwrap(), "estimated anew meanwhile");
        let id = tx.add_dossier(&dossier("sokhcn", "cong-dvc")).await.unwrap();
        let unnamed = new.clone();
        let new = Project { dossier: Some(id), ..new };
        assert!(tx.appraise_project(&new).await.unwrap());
        assert!(
            !tx.decide_project(&unnamed, &invested).await.unwrap(),
            "another dossier meanwhile"
        );
        assert!(tx.decide_project(&new, &invested).await.unwrap());
        assert!(!tx.decide_project(&new, &invested).await.unwrap());
        assert!(!tx.estimate_project(&stale).await.unwrap(), "it is decided");
        assert!(!tx.appraise_project(&stale).await.unwrap(), "it is decided");
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let other =
            Project { code: ProjectCode::new("da-02").unwrap(), dossier: None, ..new.clone() };
        tx.add_project(&other).await.unwrap();
        let taken = tx.appraise_project(&Project { dossier: Some(id), ..other }).await;
        assert!(matches!(taken, Err(StoreError::Conflict { .. })), "one dossier, one project");
        tx.rollback().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(tx.add_project(&new).await.is_err(), "the same code twice");
        drop(tx);
        let decided = Project { invested: Some(invested), ..new };
        let found = store.find_project(&only("sokhcn"), &decided.agency, &code).await.unwrap();
        assert_eq!(found, Some(decided.clone()));
        assert_eq!(store.list_projects(&AgencyScope::All).await.unwrap(), [decided]);
        assert!(store.list_projects(&only("soyt")).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_first_project_that_an_appraisal_opened_keeps_it() {
    each_database(async |database: Database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        register(&store).await;
        let mut tx = store.begin().await.unwrap();
        let id = tx.add_dossier(&dossier("sokhcn", "cong-dvc")).await.unwrap();
        for (code, day) in [("da-01", "2026-09-02"), ("da-02", "2026-09-01"), ("da-03", "")] {
            let invested = day.parse().ok().map(|day| Invested {
                day,
                appraised: None,
                appraisal: Some(id),
                has_security: true,
                exception: None,
            });
            tx.add_project(&Project { invested, ..project(code) }).await.unwrap();
        }
        tx.commit().await.unwrap();
        store.close().await;
        let text = include_str!("../../../migrations/sqlite/0028_project_dossiers.sql");
        let naming = text.split(';').find(|one| one.contains("UPDATE project")).unwrap();
        crate::support::run(&database, &[naming.to_owned()]).await;
        let store = Store::open(&database).await.unwrap();
        let all = store.list_projects(&AgencyScope::All).await.unwrap();
        let named: Vec<_> = all.iter().map(|one| one.dossier).collect();
        assert_eq!(named, [None, Some(id), None]);
        let appraised = |one: &Project| one.invested.as_ref().and_then(|one| one.appraisal);
        let appraised: Vec<_> = all.iter().map(appraised).collect();
        assert_eq!(appraised, [Some(id), Some(id), None], "what was decided stays as it was");
        store.close().await;
    })
    .await;
}

fn project(code: &str) -> Project {
    Project {
        agency: agency("sokhcn"),
        code: ProjectCode::new(code).unwrap(),
        name: "Nâng cấp".into(),
        system: system("cong-dvc"),
        planned: (1 << 53) - 1,
        security: None,
        dossier: None,
        invested: None,
        created_at: now(),
    }
}

fn finding(of: &str, code: &str, subject: &str) -> Finding {
    Finding {
        id: FindingId(0),
        agency: agency(of),
        system: system(code),
        subject: subject.into(),
        tool: "Máy quét Mẫu".into(),
        about: NewFinding {
            rule: "A-1".into(),
            place: "https://mau.example/:7".into(),
            title: "Lỗi mẫu".into(),
            severity: Rating::High,
            cves: ["CVE-2026-0001", "CVE-2026-0002"].map(str::to_owned).into(),
        },
        is_exploited: true,
        is_exposed: false,
        state: FindingState::Open,
        found: "2026-10-15".parse().unwrap(),
        due: "2026-10-29".parse().unwrap(),
        seen_at: now(),
        repaired_by: Some("person:canbo".into()),
        updated_at: now(),
    }
}

#[tokio::test]
async fn findings_are_read_back_in_every_state_with_their_steps() {
    each(async |store| {
        register(&store).await;
        let mut tx = store.begin().await.unwrap();
        tx.lock_findings().await.unwrap();
        let id = tx.add_finding(&finding("sokhcn", "cong-dvc", "ph-1")).await.unwrap();
        tx.add_finding(&finding("soyt", "benh-an", "ph-1")).await.unwrap();
        let step = FindingStep {
            at: now(),
            who: "person:canbo".into(),
            what: "find".into(),
            detail: "Máy quét Mẫu".into(),
        };
        let steps: Vec<_> = (0..70).map(|_| (id, step.clone())).collect();
        tx.add_finding_steps(&steps).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.list_finding_steps(id).await.unwrap().len(), 70);
        let accepted = Acceptance {
            by: "person:lead".into(),
            reason: "đang mua".into(),
            until: "2026-12-01".parse().unwrap(),
        };
        let mut was = now();
        for (hours, state) in [
            (1, FindingState::Accepted(accepted)),
            (2, FindingState::Fixed("2026-10-20".parse().unwrap())),
            (3, FindingState::Open),
        ] {
            let repaired_by = None;
            let changed = Finding {
                id,
                state,
                repaired_by,
                updated_at: now() + hours.hours(),
                ..finding("sokhcn", "cong-dvc", "ph-1")
            };
            let mut tx = store.begin().await.unwrap();
            assert!(tx.update_finding(&changed, was).await.unwrap());
            assert!(!tx.update_finding(&changed, was).await.unwrap(), "changed meanwhile");
            tx.commit().await.unwrap();
            was = changed.updated_at;
            assert_eq!(store.find_finding(&only("sokhcn"), id).await.unwrap(), Some(changed));
        }
        let count = async |scope: &AgencyScope, today: Date| {
            let due = store.count_grave_findings(scope, today).await.unwrap();
            (due.all, due.open, due.overdue)
        };
        let due = finding("sokhcn", "cong-dvc", "ph-1").due;
        let tomorrow = due.tomorrow().unwrap();
        assert_eq!(count(&only("sokhcn"), due).await, (1, 1, 0), "on its day it is not overdue");
        assert_eq!(count(&AgencyScope::All, tomorrow).await, (2, 2, 2));
        assert_eq!(count(&only("soyt"), tomorrow).await, (1, 1, 1));
        assert_eq!(count(&only("sogtvt"), tomorrow).await, (0, 0, 0));
        assert_eq!(store.find_finding(&only("soyt"), id).await.unwrap(), None);
        let of = Some(&system("benh-an")).cloned();
        assert_eq!(store.list_findings(&AgencyScope::All, of.as_ref()).await.unwrap().len(), 1);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.findings(None).await.unwrap().len(), 2);
        let twice = tx.add_finding(&finding("sokhcn", "cong-dvc", "ph-1")).await;
        assert!(twice.is_err(), "one subject a system");
    })
    .await;
}

#[tokio::test]
async fn imports_and_the_catalogue_are_remembered() {
    each(async |store| {
        register(&store).await;
        let import = |digest: &str, hours: i64| FindingImport {
            system: system("cong-dvc"),
            digest: digest.into(),
            tool: "Máy quét Mẫu".into(),
            at: now() + hours.hours(),
            imported_at: now(),
            findings: 3,
        };
        let (first, second) = (import("aa", 2), import("bb", 1));
        let mut tx = store.begin().await.unwrap();
        tx.add_finding_import(&first).await.unwrap();
        tx.add_finding_import(&second).await.unwrap();
        let code = system("cong-dvc");
        let found = tx.find_finding_import(&code, "bb").await.unwrap();
        assert_eq!(found, Some(second));
        assert_eq!(tx.find_finding_import(&system("benh-an"), "bb").await.unwrap(), None);
        let last = tx.last_finding_import(&code, "Máy quét Mẫu").await.unwrap();
        assert_eq!(last, Some(first));
        assert_eq!(tx.last_finding_import(&code, "khác").await.unwrap(), None);

        let catalogue = Catalogue {
            version: "2026.10.14".into(),
            released: "2026-10-14".parse().unwrap(),
            imported_at: now(),
            size: 100,
        };
        let of = |number: u32| {
            (format!("CVE-2026-{number:04}"), "Lỗi mẫu".to_owned(), "2026-10-01".parse().unwrap())
        };
        let all: Vec<_> = (0..100).map(of).collect();
        tx.put_exploited(&catalogue, &all).await.unwrap();
        let next = Catalogue { version: "2026.10.15".into(), size: 1, ..catalogue };
        tx.put_exploited(&next, &all[7..8]).await.unwrap();
        let cves: BTreeSet<String> = all.iter().map(|(cve, ..)| cve.clone()).collect();
        let known = tx.exploited_of(&cves).await.unwrap();
        assert_eq!(known, BTreeSet::from(["CVE-2026-0007".to_owned()]));
        tx.commit().await.unwrap();
        assert_eq!(store.exploited_catalogue().await.unwrap(), Some(next));
    })
    .await;
}
