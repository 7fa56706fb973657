//! Budgets of agencies: who keeps them, who approves them, and what the ledger is told.

use std::collections::BTreeSet;

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::budgets::{self, Imported};
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::{UseError, audit, reviews};
use khien_domain::account::Role;
use khien_domain::budget::{Decision, LineCode, NewLine, Share};
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{How, Record};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::risk::RiskCode;

use crate::support::{agency, centre_of_two, lead, officer, person};

fn line(code: &str, class: &str, planned: u64) -> NewLine {
    NewLine {
        code: LineCode::new(code).unwrap(),
        name: format!("dòng {code}"),
        class: class.into(),
        share: if class == "other" { Share::NONE } else { Share::ALL },
        reason: String::new(),
        planned,
        allocated: 0,
        spent: 0,
        domestic: true,
        domestic_reason: String::new(),
        risks: BTreeSet::new(),
        purchase: None,
        bought: None,
        support_end: None,
        renewal: None,
    }
}

fn decision() -> Decision {
    Decision { number: "12/QĐ-SKHCN".into(), day: jiff::civil::date(2026, 1, 5) }
}

async fn told(app: &App, kind: &str) -> Vec<Record> {
    let filter = EvidenceFilter { kind: Some(kind.into()), ..EvidenceFilter::default() };
    let page = PageRequest::first();
    ledger::list(app, &Caller::program(), &filter, &page).await.unwrap().items
}

/// Total and security of the newest record of a year, and how they are known.
async fn year(app: &App) -> (Content, How) {
    let record = told(app, "budget.year").await.swap_remove(0);
    assert_eq!(
        (record.about.subject.as_str(), record.about.reference.as_str()),
        ("2026", "12/QĐ-SKHCN")
    );
    (record.content, record.about.how)
}

fn sums(total: i64, security: i64) -> Content {
    Content::map([("total", total.into()), ("security", security.into())])
}

async fn audited(app: &App, action: &str) -> usize {
    let filter = audit::AuditFilter { action: Some(action.into()), ..Default::default() };
    let page = PageRequest::first();
    audit::list_audit(app, &Caller::program(), &filter, &page).await.unwrap().items.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_approved_plan_is_told_and_what_differs_from_it_is_the_agencys_word() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let add = async |line| budgets::add_line(&app, &own, &sokhcn, 2026, line).await;
    let early = budgets::approve_plan(&app, &lead(), &sokhcn, 2026, decision()).await;
    assert!(matches!(early, Err(UseError::Conflict(_))), "nothing to approve: {early:?}");
    add(line("an", "monitoring", 449_999)).await.unwrap();
    add(line("khac", "other", 2_550_001)).await.unwrap();
    assert!(told(&app, "budget.year").await.is_empty(), "a draft earns nothing");

    let self_made = budgets::approve_plan(&app, &own, &sokhcn, 2026, decision()).await;
    assert!(matches!(self_made, Err(UseError::Denied(_))), "nobody approves their own");
    let home = Caller { actor: lead().actor.of(Some(agency("sokhcn"))), ..lead() };
    let refused = budgets::approve_plan(&app, &home, &sokhcn, 2026, decision()).await;
    let Err(UseError::Conflict(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("of your own agency"), "{why}");
    assert!(told(&app, "budget.year").await.is_empty(), "nothing was approved");
    let late = Decision { day: jiff::civil::date(2026, 10, 16), ..decision() };
    assert!(budgets::approve_plan(&app, &lead(), &sokhcn, 2026, late).await.is_err());
    budgets::approve_plan(&app, &lead(), &sokhcn, 2026, decision()).await.unwrap();
    assert_eq!(year(&app).await, (sums(3_000_000, 449_999), How::Documented));

    let spent = NewLine { allocated: 400_000, spent: 1, ..line("an", "monitoring", 449_999) };
    budgets::change_line(&app, &own, &sokhcn, 2026, spent).await.unwrap();
    assert_eq!(year(&app).await.1, How::Documented, "what is spent changes no plan");
    let part = NewLine {
        share: Share::parse("33.3333").unwrap(),
        reason: "phần an ninh".into(),
        ..line("an", "monitoring", 449_999)
    };
    budgets::change_line(&app, &own, &sokhcn, 2026, part).await.unwrap();
    // 449,999 × 0.333333 = 149,999.51…, rounded down.
    assert_eq!(year(&app).await, (sums(3_000_000, 149_999), How::Declared));
    budgets::approve_plan(&app, &lead(), &sokhcn, 2026, decision()).await.unwrap();
    assert_eq!(year(&app).await.1, How::Documented);
    let code = LineCode::new("khac").unwrap();
    budgets::remove_line(&app, &own, &sokhcn, 2026, &code).await.unwrap();
    assert_eq!(year(&app).await, (sums(449_999, 149_999), How::Declared));
    // What differs goes past nobody but the lead who approves.
    let appraiser = Caller {
        actor: person("thamdinh", Role::Appraiser, AgencyScope::All).actor.of(Some(agency("soyt"))),
        origin: "test".into(),
    };
    let seq = told(&app, "budget.year").await[0].about.seq;
    assert!(reviews::waiting(&app, &appraiser, None).await.unwrap().is_empty());
    assert_eq!(reviews::count_waiting(&app, &appraiser).await.unwrap(), 0);
    let record = told(&app, "budget.year").await.swap_remove(0);
    assert!(reviews::find(&app, &appraiser, &record).await.unwrap().is_none());
    let past = reviews::decide(&app, &appraiser, seq, true, "").await.unwrap_err();
    assert!(past.to_string().contains("where the centre records it"), "{past}");
    assert_eq!(year(&app).await.1, How::Declared);
    let counts = ["budget.add_line", "budget.change_line", "budget.remove_line"];
    let mut seen = Vec::new();
    for action in counts {
        seen.push(audited(&app, action).await);
    }
    assert_eq!(seen, [2, 2, 1]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_kept_by_their_own_agency_and_claimed_once() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (sokhcn, soyt) = (agency("sokhcn"), agency("soyt"));
    let joint = NewLine { purchase: Some("ms-03".into()), ..line("gs-01", "monitoring", 500) };
    budgets::add_line(&app, &officer("sokhcn"), &sokhcn, 2026, joint.clone()).await.unwrap();
    let again = budgets::add_line(&app, &officer("sokhcn"), &sokhcn, 2026, joint.clone()).await;
    assert!(matches!(again, Err(UseError::Conflict(_))), "{again:?}");
    let other = NewLine { code: LineCode::new("x").unwrap(), ..joint };
    let claimed = budgets::add_line(&app, &officer("soyt"), &soyt, 2026, other.clone()).await;
    let Err(UseError::Conflict(words)) = claimed else { panic!("{claimed:?}") };
    assert!(!words.contains("sokhcn") && !words.contains("gs-01"), "{words}");
    let foreign = budgets::add_line(&app, &officer("soyt"), &sokhcn, 2026, other.clone()).await;
    assert!(matches!(foreign, Err(UseError::Denied(_))));
    let analyst = person("an", Role::Analyst, AgencyScope::All);
    assert!(budgets::add_line(&app, &analyst, &soyt, 2026, other).await.is_err());
    let seen = budgets::budgets_of_year(&app, &officer("soyt"), 2026).await.unwrap();
    assert!(seen.lines.is_empty(), "nothing of another agency");
    let hidden = budgets::agency_budgets(&app, &officer("soyt"), &sokhcn, 2026).await;
    assert!(matches!(hidden, Err(UseError::NotFound { .. })));
    let risk = NewLine {
        risks: BTreeSet::from([RiskCode::new("rr-09").unwrap()]),
        ..line("b", "backup", 1)
    };
    let unknown = budgets::add_line(&app, &officer("soyt"), &soyt, 2026, risk).await;
    assert!(matches!(unknown, Err(UseError::Invalid(words)) if words.contains("rr-09")));
    let most = line("a", "other", (1 << 53) - 1);
    budgets::add_line(&app, &officer("soyt"), &soyt, 2026, most).await.unwrap();
    let beyond =
        budgets::add_line(&app, &officer("soyt"), &soyt, 2026, line("c", "other", 1)).await;
    assert!(matches!(beyond, Err(UseError::Invalid(_))), "the ledger could not hold it");
    assert!(
        budgets::add_line(&app, &officer("soyt"), &soyt, 1999, line("c", "other", 1))
            .await
            .is_err()
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_plan_does_not_count_a_thing_twice() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let named =
        |code: &str, name: &str| NewLine { name: name.into(), ..line(code, "monitoring", 500) };
    let add = async |line| budgets::add_line(&app, &own, &sokhcn, 2026, line).await;
    add(named("gs-01", "Giám sát tập trung")).await.unwrap();
    let wanted = "the same is claimed by line gs-01 of this plan: make one line of both, or give them names that tell them apart";
    let again = add(named("gs-02", "GIÁM  SÁT tap trung")).await;
    let Err(UseError::Conflict(words)) = again else { panic!("{again:?}") };
    assert_eq!(words, wanted);
    let cell = "code,name,class,planned,domestic\nb,Giám sát tập trung,monitoring,500,yes\n";
    let read = budgets::import_lines(&app, &own, &sokhcn, 2026, cell.as_bytes(), false).await;
    let Imported::Refused(problems) = read.unwrap() else { panic!() };
    assert_eq!((problems[0].line, problems[0].what.as_str()), (2, wanted));
    let file = "code,name,class,planned,domestic\nb,B,backup,5,yes\nc,b,backup,6,yes\n";
    let read = budgets::import_lines(&app, &own, &sokhcn, 2026, file.as_bytes(), false).await;
    let Imported::Refused(problems) = read.unwrap() else { panic!("twice in one file") };
    assert_eq!(problems.len(), 1);
    assert!(problems[0].what.contains("line b of this plan"), "{problems:?}");
    // What tells them apart is enough, and a line stays its own.
    add(named("gs-02", "Giám sát tập trung, giai đoạn 2")).await.unwrap();
    let same = budgets::change_line(
        &app,
        &own,
        &sokhcn,
        2026,
        NewLine { spent: 7, allocated: 9, ..named("gs-01", "Giám sát tập trung") },
    );
    same.await.unwrap();
    let other = named("gs-01", "Giám sát tập trung");
    budgets::add_line(&app, &own, &sokhcn, 2027, other.clone()).await.unwrap();
    let soyt = officer("soyt");
    budgets::add_line(&app, &soyt, &agency("soyt"), 2026, other).await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_whole_or_not_at_all() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let import = async |file: &str| {
        budgets::import_lines(&app, &own, &sokhcn, 2026, file.as_bytes(), false).await.unwrap()
    };
    let head = "Mã dòng,Nội dung,Loại chi,Kế hoạch (đồng),Trong nước\n";
    let refused =
        import(&format!("{head}a,A,Giám sát,100,có\na,B,other,1,có\nb,C,gym,1,có\n")).await;
    let Imported::Refused(problems) = refused else { panic!("{refused:?}") };
    assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [3, 4]);
    let lines = async || budgets::budgets_of_year(&app, &own, 2026).await.unwrap().lines.len();
    assert_eq!(lines().await, 0);
    let kept = import(&format!("{head}a,A,Giám sát,100,có\nb,B,other,1,có\n")).await;
    assert!(matches!(&kept, Imported::Taken(taken) if taken.added.len() == 2), "{kept:?}");
    assert_eq!(lines().await, 2);
    let same = import(&format!("{head}a,A,Giám sát,100,có\n")).await;
    assert!(
        matches!(&same, Imported::Taken(taken) if taken.is_empty() && taken.same == 1),
        "{same:?}"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_changes_the_lines_that_are_there_and_is_looked_at_before_it_is_kept() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let import = async |file: &str, dry_run: bool| {
        budgets::import_lines(&app, &own, &sokhcn, 2026, file.as_bytes(), dry_run).await.unwrap()
    };
    let lines = async || budgets::budgets_of_year(&app, &own, 2026).await.unwrap().lines;
    let head = "code,name,class,planned,domestic,spent\n";
    import(&format!("{head}a,A,monitoring,100,yes,0\nb,B,backup,50,yes,7\n"), false).await;
    budgets::approve_plan(&app, &lead(), &sokhcn, 2026, decision()).await.unwrap();
    let amended = async || {
        let plan = budgets::agency_budgets(&app, &own, &sokhcn, 2026).await.unwrap().plan;
        plan.unwrap().is_amended
    };

    // What is spent changes without a column for what else stands in the line, and is no new plan.
    let file = "code,name,class,planned,spent\na,A,monitoring,100,60\nb,B,backup,50,7\n";
    let Imported::Taken(looked) = import(file, true).await else { panic!() };
    assert_eq!((looked.added.len(), looked.changed.len(), looked.same), (0, 1, 1));
    assert_eq!((looked.changed[0].0.spent, looked.changed[0].1.spent), (0, 60));
    assert_eq!(lines().await[0].about.spent, 0, "looking keeps nothing");
    import(file, false).await;
    let kept = lines().await;
    assert_eq!((kept.len(), kept[0].about.spent, kept[1].about.spent), (2, 60, 7));
    assert!(!amended().await, "the plan is what was approved");

    // Lines may change places, and a new figure of the plan waits for a new decision.
    let file =
        format!("{head}a,B,backup,50,yes,7\nb,A,monitoring,100,yes,60\nc,C,backup,1,yes,0\n");
    let Imported::Taken(taken) = import(&file, false).await else { panic!() };
    assert_eq!((taken.added.len(), taken.changed.len()), (1, 2));
    assert!(amended().await);
    let twice = import(&format!("{head}d,D,backup,1,yes,0\nd,E,backup,2,yes,0\n"), true).await;
    assert!(matches!(twice, Imported::Refused(_)), "one code twice in a file");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_bought_stays_and_its_reason_is_accepted_with_the_plan() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let bought = NewLine {
        domestic: false,
        domestic_reason: "chưa có sản phẩm trong nước".into(),
        bought: Some(jiff::civil::date(2026, 3, 1)),
        ..line("tb-01", "protection", 100)
    };
    budgets::add_line(&app, &own, &sokhcn, 2026, bought.clone()).await.unwrap();
    let newest = async || told(&app, "procurement.made").await.swap_remove(0);
    let content = |accepted: bool| {
        Content::map([
            ("domestic", Content::from(false)),
            ("made", "2026-03-01".into()),
            ("reason_accepted", accepted.into()),
        ])
    };
    let first = newest().await;
    assert_eq!((first.content, first.about.how), (content(false), How::Declared));
    budgets::approve_plan(&app, &lead(), &sokhcn, 2026, decision()).await.unwrap();
    let second = newest().await;
    assert_eq!((second.content, second.about.how), (content(true), How::Documented));
    assert_eq!(second.about.subject, "2026/tb-01");
    let gone = budgets::remove_line(&app, &own, &sokhcn, 2026, &bought.code).await;
    assert!(matches!(gone, Err(UseError::Conflict(_))));
    let unbought = NewLine { bought: None, ..bought };
    assert!(budgets::change_line(&app, &own, &sokhcn, 2026, unbought).await.is_err());
    app.stop().await;
}
