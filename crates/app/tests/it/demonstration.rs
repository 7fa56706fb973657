//! The past of a demonstration gets into a demonstration alone, is checked, and can be replayed.

use jiff::{SignedDuration, Timestamp};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::demonstration::{self, Broken, Past, Told};
use khien_app::use_case::evidence::Handed;
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::{UseError, dossiers, findings, gate, projects};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::dossier::Act;
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{How, Origin, Record};
use khien_domain::page::PageRequest;
use khien_domain::permission::{Actor, AgencyScope, Identity, Permission};
use khien_domain::project::Project;
use khien_testkit::Hands;
use serde_json::{Value, json};

use crate::support::{phrases, register, start};

fn ago(app: &App, days: i64) -> Timestamp {
    app.now() - SignedDuration::from_hours(24 * days)
}

fn past(app: &App, content: Value) -> Past {
    let system = SystemCode::new("cong-dvc").unwrap();
    let handed = Handed {
        kind: "scan.done".into(),
        agency: AgencyCode::new("sokhcn").unwrap(),
        system: Some(system.clone()),
        subject: None,
        reference: "quét".into(),
        content,
        at: ago(app, 3),
        until: None,
        corrects: None,
    };
    let evidence = vec![Told {
        handed,
        origin: Origin::Probe,
        how: How::Measured,
        by: "khien".into(),
        file: None,
    }];
    Past {
        registered_at: ago(app, 400),
        agencies: vec![(AgencyCode::new("sokhcn").unwrap(), ago(app, 9))],
        systems: vec![(system.clone(), ago(app, 8))],
        evidence,
        decided_at: ago(app, 2),
        phrases: phrases(&system),
        broken: Broken {
            system,
            by: "person truongca".into(),
            reason: "Kỳ họp cần hệ thống".into(),
            at: ago(app, 20),
            hours: 48,
            finding: "không có truy cập lạ".into(),
        },
    }
}

async fn records(app: &App, kind: &str) -> Vec<Record> {
    let filter = EvidenceFilter { kind: Some(kind.into()), ..EvidenceFilter::default() };
    ledger::list(app, &Caller::program(), &filter, &PageRequest::first()).await.unwrap().items
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_is_for_a_demonstration_and_for_once() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    register(&app).await;
    let scan = || json!({"tool": "mẫu", "findings": 0});
    let all = Caller::program();
    let before = app.store.ledger_tip().await.unwrap().size;
    let refused = demonstration::fill(&app, &app.folder, &all, past(&app, scan())).await;
    assert!(
        matches!(refused, Err(UseError::Conflict(words)) if words.contains("no demonstration"))
    );

    app.folder.mark_as_demo().unwrap();
    let wrong = json!({"tool": "mẫu", "opinion": 1});
    let refused = demonstration::fill(&app, &app.folder, &all, past(&app, wrong)).await;
    assert!(matches!(refused, Err(UseError::Invalid(words)) if words.contains("opinion")));
    let reader = Actor::new(Identity::Program, [Permission::EvidenceRead].into(), AgencyScope::All);
    let reader = Caller { actor: reader, origin: String::new() };
    let refused = demonstration::fill(&app, &app.folder, &reader, past(&app, scan())).await;
    assert!(matches!(refused, Err(UseError::Denied(_))));
    assert_eq!(app.store.ledger_tip().await.unwrap().size, before, "nothing of it was kept");

    assert!(demonstration::fill(&app, &app.folder, &all, past(&app, scan())).await.unwrap() > 5);
    assert_eq!(demonstration::fill(&app, &app.folder, &all, past(&app, scan())).await.unwrap(), 0);
    let [scanned] = &records(&app, "scan.done").await[..] else { panic!("one scan") };
    assert_eq!(scanned.about.at, ago(&app, 3));
    assert_eq!(scanned.about.recorded, app.now(), "it says when it was recorded");
    assert_eq!(records(&app, "register.confirmed").await[0].about.at, ago(&app, 9));

    // The glass is whole again, its review is done, and each decision is made again as it was.
    let decisions = records(&app, "gate.decision").await;
    let broken = |one: &&Record| one.content.get("break_glass") == Some(&Content::Bool(true));
    let glass: Vec<&Record> = decisions.iter().filter(broken).collect();
    assert_eq!((decisions.len(), glass.len()), (2, 1));
    assert_eq!(glass[0].about.until, Some(ago(&app, 18)));
    for record in &decisions {
        assert!(gate::replay(&app, &all, record.about.seq).await.unwrap().is_same());
    }
    let code = SystemCode::new("cong-dvc").unwrap();
    let answer = gate::check(&app, &all, &code, khien_domain::system::Stage::Operation).await;
    assert!(answer.unwrap().break_glass.is_none());
    let reviews = records(&app, "task.state").await;
    assert_eq!(reviews.len(), 2);
    assert_eq!(reviews[0].about.subject, reviews[1].about.subject);
    assert!(reviews.iter().any(|one| one.content.get("done").is_some()));
    let reviewed = gate::glass_reviews(&app, &all, &code).await.unwrap().remove(0);
    let finding = reviewed.finding.unwrap();
    assert_eq!((finding.by.as_str(), finding.justified), ("person:thamdinh", true));
    assert_eq!(finding.text, "không có truy cập lạ");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rooms_hold_what_the_records_of_the_past_say() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    register(&app).await;
    app.folder.mark_as_demo().unwrap();
    let mut past = past(&app, json!({"tool": "mẫu", "findings": 0}));
    let scan = past.evidence[0].clone();
    for (kind, subject, days, content) in [
        ("design.appraisal", None, 40, json!({"state": "returned"})),
        ("design.appraisal", None, 11, json!({"state": "approved", "approved": "2026-10-03"})),
        (
            "project.investment",
            Some("DA-01"),
            9,
            json!({"name": "Dự án mẫu", "decided": "2026-10-02", "appraised": "2026-10-03"}),
        ),
        (
            "finding.state",
            Some("PH-1"),
            5,
            json!({"severity": "high", "kev": true, "internet": true, "state": "fixed",
                "found": "2026-10-01", "due": "2026-10-15", "fixed": "2026-10-10", "title": "Lỗi mẫu"}),
        ),
    ] {
        let mut told = scan.clone();
        told.handed.kind = kind.into();
        told.handed.subject = subject.map(str::to_owned);
        told.handed.system = told.handed.system.filter(|_| kind != "project.investment");
        (told.handed.at, told.handed.content) = (ago(&app, days), content);
        past.evidence.push(told);
    }
    let all = Caller::program();
    demonstration::fill(&app, &app.folder, &all, past).await.unwrap();
    let [dossier] = &dossiers::list_dossiers(&app, &all, None).await.unwrap()[..] else {
        panic!("one dossier")
    };
    let steps = dossiers::get_dossier(&app, &all, dossier.id).await.unwrap().steps;
    let acts: Vec<Act> = steps.iter().map(|step| step.act).collect();
    let once = [Act::Submit, Act::Appraise, Act::Approve];
    assert_eq!(acts, [&[Act::Begin, Act::Submit, Act::Return], &once[..]].concat());
    assert!(steps.is_sorted_by_key(|step| step.at));
    assert_eq!(dossier.approved.map(|day| day.to_string()).as_deref(), Some("2026-10-03"));
    let projects = projects::list_projects(&app, &all).await.unwrap();
    let violations: Vec<bool> = projects.iter().map(Project::is_violation).collect();
    assert_eq!(violations, [true, false]);
    assert_eq!(
        projects[1].dossier,
        Some(dossier.id),
        "what waits names the dossier that is about it"
    );
    let found = findings::list_findings(&app, &all, None).await.unwrap();
    assert_eq!((found.len(), found[0].state.name(), found[0].is_exploited), (1, "fixed", true));
    assert_eq!(found[0].subject, "PH-1");
    app.stop().await;
}
