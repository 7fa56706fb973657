//! Findings of scans and of people: what a later scan closes and opens, who retests, and what is due when.

use jiff::civil::date;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::findings::{self, Noted, One, Report, Upload};
use khien_app::use_case::{UseError, register as registering, reviews};
use khien_domain::account::Role;
use khien_domain::evidence::How;
use khien_domain::evidence::content::Content;
use khien_domain::evidence::kinds::Recorder;
use khien_domain::finding::{Finding, FindingState};
use khien_domain::ids::FindingId;
use khien_domain::permission::AgencyScope;
use khien_domain::risk::Rating;
use khien_domain::system::System;
use serde_json::{Value, json};

use crate::dossiers::{
    agency, appraiser, centre, holds, lead, mighty, officer, person, system, told, word,
};
use crate::support::until;

/// A file of a scanner with results of some rules, each with its level.
pub(crate) fn log(results: &[(&str, &str)], at: &str) -> Upload {
    let results: Vec<Value> = results
        .iter()
        .map(|(rule, level)| {
            json!({"ruleId": rule, "level": level, "message": {"text": format!("Lỗi mẫu {rule}")},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": "https://mau.example/"}}}]})
        })
        .collect();
    let log = json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "Máy quét Mẫu"}},
        "invocations": [{"executionSuccessful": true, "endTimeUtc": at}],
        "results": results,
    }]});
    Upload { name: "mau.sarif".into(), bytes: log.to_string().into_bytes(), ..Upload::default() }
}

/// A table of a tool with a rule in the place of [`log`], or with none.
fn table(tool: &str, row: Option<(&str, &str)>) -> Upload {
    let row = row.map(|(rule, severity)| format!("{rule},Lỗi,{severity},https://mau.example/\n"));
    let table = format!("rule,title,severity,place\n{}", row.unwrap_or_default());
    Upload { name: "mau.csv".into(), bytes: table.into_bytes(), tool: tool.into(), at: None }
}

/// What a program or the command line hands in.
pub(crate) async fn scan(app: &App, upload: Upload) -> Report {
    findings::import_findings(app, &Caller::program(), &system(), upload, false).await.unwrap()
}

async fn finding(app: &App, id: i64) -> Finding {
    findings::get_finding(app, &Caller::program(), FindingId(id)).await.unwrap().finding
}

async fn import(app: &App, upload: Upload, dry_run: bool) -> Report {
    findings::import_findings(app, &Caller::program(), &system(), upload, dry_run).await.unwrap()
}

fn figures(report: &Report) -> [usize; 5] {
    [report.findings, report.added, report.seen, report.reopened, report.fixed]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_scan_fixes_what_is_gone_and_opens_what_is_back() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let first = log(&[("A", "error"), ("B", "note"), ("A", "note")], "2026-10-15T00:00:00Z");
    let looked = import(&app, first.clone(), true).await;
    assert_eq!(figures(&looked), [2, 2, 0, 0, 0]);
    assert!(findings::list_findings(&app, &officer(), None).await.unwrap().is_empty());
    assert!(told(&app, "scan.done").await.is_empty(), "it was only looked at");
    assert_eq!(import(&app, first.clone(), false).await, looked);
    let scan = told(&app, "scan.done").await.swap_remove(0);
    assert_eq!((word(&scan, "tool"), scan.about.how), ("Máy quét Mẫu", How::Measured));
    assert_eq!(scan.about.at.to_string(), "2026-10-15T00:00:00Z");
    assert!(!holds(&app, "finding").await, "a high finding is open");
    assert!(holds(&app, "scan-3").await);
    let size = app.store.ledger_tip().await.unwrap().size;
    let again = import(&app, first, false).await;
    assert!(again.again && app.store.ledger_tip().await.unwrap().size == size);

    clock.forward(24 * 3600);
    let second = import(&app, log(&[("B", "note")], "2026-10-16T00:00:00Z"), false).await;
    assert_eq!(figures(&second), [1, 0, 1, 0, 1]);
    assert!(holds(&app, "finding").await);
    let fixed = told(&app, "finding.state").await.swap_remove(0);
    assert_eq!((word(&fixed, "state"), word(&fixed, "fixed")), ("fixed", "2026-10-16"));
    let older = log(&[("C", "note")], "2026-10-15T12:00:00Z");
    let older = findings::import_findings(&app, &Caller::program(), &system(), older, false).await;
    assert!(matches!(older, Err(UseError::Conflict(_))), "{older:?}");

    clock.forward(24 * 3600);
    let third = import(&app, log(&[("A", "error")], "2026-10-17T00:00:00Z"), false).await;
    assert_eq!(figures(&third), [1, 0, 0, 1, 1]);
    assert!(!holds(&app, "finding").await);
    let all = findings::list_findings(&app, &officer(), None).await.unwrap();
    let back = all.iter().find(|finding| finding.about.rule == "A").unwrap();
    assert_eq!((back.found, back.due), (date(2026, 10, 15), date(2026, 11, 14)));
    let wrong = log(&[("A", "grave")], "2026-10-17T00:30:00Z");
    let size = app.store.ledger_tip().await.unwrap().size;
    let told = import(&app, wrong, false).await;
    assert_eq!(told.problems[0].place, "runs[0].results[0].level");
    assert_eq!(app.store.ledger_tip().await.unwrap().size, size, "nothing is kept");
    let foreign = person("canbo-soyt", Role::Officer, AgencyScope::one(agency("soyt")));
    let none = log(&[], "2026-10-17T00:40:00Z");
    let foreign = findings::import_findings(&app, &foreign, &system(), none, false).await;
    assert!(matches!(foreign, Err(UseError::NotFound { .. })));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_retested_by_somebody_else_and_borne_for_a_time() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    import(&app, log(&[("A", "error"), ("B", "error")], "2026-10-15T00:00:00Z"), false).await;
    let (own, first, second) = (mighty("canbo"), FindingId(1), FindingId(2));
    let state = async |id| findings::get_finding(&app, &officer(), id).await.unwrap().finding.state;
    let retest =
        async |caller: &Caller| findings::retest_finding(&app, caller, first, "7/BC").await;
    assert!(matches!(retest(&appraiser()).await, Err(UseError::Conflict(_))), "nobody repaired it");
    findings::repair_finding(&app, &own, first, "đã vá").await.unwrap();
    assert_eq!(state(first).await.name(), "open");
    assert!(retest(&own).await.unwrap_err().to_string().contains("somebody else"));
    retest(&appraiser()).await.unwrap();
    assert_eq!(state(first).await.name(), "fixed");
    let record = told(&app, "finding.state").await.swap_remove(0);
    assert_eq!((word(&record, "state"), record.about.how), ("fixed", How::Documented));

    let accept = async |caller: &Caller, until| {
        findings::accept_finding(&app, caller, second, until, "đang mua thiết bị").await
    };
    assert!(matches!(accept(&officer(), date(2026, 10, 20)).await, Err(UseError::Denied(_))));
    assert!(matches!(accept(&lead(), date(2027, 10, 20)).await, Err(UseError::Invalid(_))));
    accept(&lead(), date(2026, 10, 20)).await.unwrap();
    assert!(holds(&app, "finding").await);
    clock.forward(7 * 24 * 3600);
    until("the acceptance ends", async || state(second).await.name() == "open").await;
    assert!(!holds(&app, "finding").await);
    assert_eq!(told(&app, "finding.state").await[0].about.by, "program");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officers_close_nothing_of_a_scan_for_the_gate() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    scan(&app, log(&[("A", "error")], "2026-10-15T00:00:00Z")).await;
    let other = person("canbo2", Role::Officer, AgencyScope::one(agency("sokhcn")));
    findings::repair_finding(&app, &officer(), FindingId(1), "đã vá").await.unwrap();
    findings::retest_finding(&app, &other, FindingId(1), "7/BC").await.unwrap();
    assert_eq!(finding(&app, 1).await.state.name(), "fixed");
    let record = told(&app, "finding.state").await.swap_remove(0);
    assert_eq!((word(&record, "state"), record.about.how), ("fixed", How::Declared));
    assert!(!holds(&app, "finding").await, "their word stands beside the scan");
    let again = findings::retest_finding(&app, &other, FindingId(1), "7/BC").await;
    assert!(matches!(again, Err(UseError::Conflict(_))), "they have said so: {again:?}");
    clock.forward(24 * 3600);
    scan(&app, log(&[], "2026-10-16T00:00:00Z")).await;
    assert!(holds(&app, "finding").await, "the scan does not see it any more");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tool_makes_a_finding_graver_at_most_and_never_closes_it() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let first = "2026-10-15T00:00:00Z";
    scan(&app, log(&[("A", "error")], first)).await;
    let was = finding(&app, 1).await;
    clock.forward(3600);
    let seen = scan(&app, table("Công cụ khác", Some(("A", "low")))).await;
    assert_eq!(figures(&seen), [1, 0, 1, 0, 0]);
    let stands = finding(&app, 1).await;
    assert_eq!((&stands.tool, &stands.about), (&was.tool, &was.about), "not lowered, not its own");
    clock.forward(3600);
    assert_eq!(scan(&app, table("Công cụ khác", None)).await.fixed, 0);
    assert_eq!(finding(&app, 1).await.state, FindingState::Open);
    clock.forward(3600);
    scan(&app, table("Công cụ khác", Some(("A", "critical")))).await;
    let graver = finding(&app, 1).await;
    assert_eq!((graver.about.severity, graver.found), (Rating::Critical, was.found));
    assert!(graver.due < was.due && graver.tool == was.tool);
    // What found it may say that it is gone.
    assert_eq!(scan(&app, log(&[], "2026-10-15T04:00:00Z")).await.fixed, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_borne_is_open_again_once_it_is_graver() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let both = |level| [("A", level), ("CVE-2026-0001", "note")];
    scan(&app, log(&both("note"), "2026-10-15T00:00:00Z")).await;
    for id in [1, 2] {
        let (id, until) = (FindingId(id), date(2026, 12, 1));
        findings::accept_finding(&app, &lead(), id, until, "đang mua thiết bị").await.unwrap();
    }
    let state = async |rule: &str| {
        let all = findings::list_findings(&app, &officer(), None).await.unwrap();
        all.into_iter().find(|one| one.about.rule == rule).unwrap().state
    };
    clock.forward(3600);
    scan(&app, log(&both("note"), "2026-10-15T01:30:00Z")).await;
    assert_eq!(state("A").await.name(), "accepted", "it is no worse");
    clock.forward(3600);
    let report = scan(&app, log(&both("error"), "2026-10-15T02:30:00Z")).await;
    assert_eq!((report.seen, report.reopened), (1, 1));
    assert_eq!(state("A").await, FindingState::Open);
    assert_eq!(state("CVE-2026-0001").await.name(), "accepted");
    assert!(!holds(&app, "finding").await);
    let catalogue = json!({"catalogVersion": "1", "dateReleased": "2026-10-14", "vulnerabilities": [
        {"cveID": "CVE-2026-0001", "vulnerabilityName": "Lỗi mẫu", "dateAdded": "2026-10-14"}]});
    let bytes = catalogue.to_string().into_bytes();
    findings::import_exploited(&app, &Caller::program(), bytes).await.unwrap();
    assert_eq!(state("CVE-2026-0001").await, FindingState::Open);
    assert_eq!(word(&told(&app, "finding.state").await[0], "state"), "open");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_internet_reached_stays_due_sooner_while_it_is_open() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let reached = async |is_exposed| {
        let known = registering::get_system(&app, &Caller::program(), &system()).await.unwrap();
        let system = System { is_exposed, ..known };
        registering::change_system(&app, &Caller::program(), system).await.unwrap();
    };
    reached(false).await;
    scan(&app, log(&[("A", "note")], "2026-10-15T00:00:00Z")).await;
    assert!(!finding(&app, 1).await.is_exposed);
    reached(true).await;
    clock.forward(3600);
    scan(&app, log(&[("A", "note")], "2026-10-15T01:00:00Z")).await;
    assert!(finding(&app, 1).await.is_exposed, "it is reached by now");
    reached(false).await;
    clock.forward(3600);
    scan(&app, log(&[("A", "note")], "2026-10-15T02:00:00Z")).await;
    assert!(finding(&app, 1).await.is_exposed, "a tick that is taken away takes no deadline away");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_hands_in_is_their_word() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let upload = |row, at: Option<&str>| {
        let at = at.map(|at| at.parse().unwrap());
        Upload { at, ..table("Bảng tay", row) }
    };
    let hand_in = async |caller: &Caller, row, at: Option<&str>| {
        findings::import_findings(&app, caller, &system(), upload(row, at), false).await
    };
    let when = hand_in(&officer(), None, None).await.unwrap_err().to_string();
    assert_eq!(when, "tell when the scan was run: the file does not");
    hand_in(&officer(), Some(("A", "high")), Some("2026-10-15T00:00:00Z")).await.unwrap();
    let scan = told(&app, "scan.done").await.swap_remove(0);
    let found = told(&app, "finding.state").await.swap_remove(0);
    assert_eq!([scan.about.how, found.about.how], [How::Declared; 2]);
    assert_eq!(scan.about.at.to_string(), "2026-10-15T00:00:00Z");
    assert!(!holds(&app, "scan-3").await, "nobody else has seen it");
    assert!(!holds(&app, "finding").await, "what it says against the agency counts");
    let may_be_seen = reviews::waiting(&app, &appraiser(), None).await.unwrap();
    assert!(may_be_seen.iter().any(|one| one.record.about.kind == "scan.done"));
    assert!(app.kinds().get("scan.done").unwrap().by.contains(&Recorder::People));

    // A program's scan is measured, and says again what was only declared.
    import(&app, log(&[("A", "error")], "2026-10-15T00:30:00Z"), false).await;
    assert_eq!(told(&app, "finding.state").await[0].about.how, How::Measured);
    assert!(holds(&app, "scan-3").await);
    clock.forward(24 * 3600);
    hand_in(&officer(), None, Some("2026-10-16T00:00:00Z")).await.unwrap();
    assert_eq!(finding(&app, 1).await.state.name(), "fixed", "it closes what it found");
    assert!(!holds(&app, "finding").await, "but not what was measured");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alternating_files_reset_no_day() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let tool = "Máy quét Mẫu";
    scan(&app, table(tool, Some(("A", "high")))).await;
    let was = finding(&app, 1).await;
    assert_eq!((was.found, was.due), (date(2026, 10, 15), date(2026, 11, 14)));
    for _ in 0..3 {
        clock.forward(10 * 24 * 3600);
        scan(&app, table(tool, None)).await;
        clock.forward(3600);
        scan(&app, table(tool, Some(("A", "low")))).await;
    }
    let back = finding(&app, 1).await;
    assert_eq!((back.found, back.due), (was.found, was.due));
    assert!(!back.is_overdue(date(2026, 11, 14)) && back.is_overdue(date(2026, 11, 15)));
    // After the days that its severity gives it is another.
    scan(&app, table(tool, None)).await;
    clock.forward(200 * 24 * 3600);
    scan(&app, table(tool, Some(("A", "high")))).await;
    assert_eq!(finding(&app, 1).await.found, date(2027, 6, 2));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_table_of_another_day_is_another_scan() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let clean = || table("Máy quét Mẫu", None);
    assert!(!scan(&app, clean()).await.again);
    clock.forward(40 * 24 * 3600);
    assert!(!holds(&app, "scan-3").await, "it is too long ago");
    let run = || Upload { at: Some(app.now()), ..clean() };
    assert!(!scan(&app, run()).await.again);
    assert!(holds(&app, "scan-3").await);
    let size = app.store.ledger_tip().await.unwrap().size;
    assert!(scan(&app, run()).await.again, "the very same run");
    assert_eq!(app.store.ledger_tip().await.unwrap().size, size);
    let other = Upload { tool: "Công cụ khác".into(), ..run() };
    assert!(!scan(&app, other).await.again);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_to_be_exploited_is_due_sooner() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place.path().join("data")).await;
    let found = [("CVE-2026-0001", "note"), ("CVE-2026-0002", "note")];
    import(&app, log(&found, "2026-10-15T00:00:00Z"), false).await;
    let catalogue = |cve: &str| {
        json!({"catalogVersion": "2026.10.14", "dateReleased": "2026-10-14T17:04:19.9796Z", "count": 1,
            "vulnerabilities": [{"cveID": cve, "vulnerabilityName": "Lỗi mẫu", "dateAdded": "2026-10-14"}]})
        .to_string()
        .into_bytes()
    };
    let put = async |bytes| findings::import_exploited(&app, &Caller::program(), bytes).await;
    assert!(findings::catalogue(&app, &officer()).await.unwrap().is_none());
    let denied = findings::import_exploited(&app, &officer(), catalogue("CVE-2026-0001")).await;
    assert!(matches!(denied, Err(UseError::Denied(_))));
    for wrong in
        ["{", "{}", "{\"catalogVersion\":\"1\",\"dateReleased\":\"x\",\"vulnerabilities\":[1]}"]
    {
        assert!(matches!(put(wrong.into()).await, Err(UseError::Invalid(_))), "{wrong}");
    }
    let (kept, changed) = put(catalogue("CVE-2026-0001")).await.unwrap();
    assert_eq!((kept.size, kept.released, changed), (1, date(2026, 10, 15), 1));
    let due = async || {
        let all = findings::list_findings(&app, &officer(), None).await.unwrap();
        let of = |cve: &str| all.iter().find(|one| one.about.rule == cve).unwrap().clone();
        [of("CVE-2026-0001"), of("CVE-2026-0002")].map(|one| (one.is_exploited, one.due))
    };
    let (soon, late) = (date(2026, 10, 29), date(2027, 4, 13));
    assert_eq!(due().await, [(true, soon), (false, late)]);
    let record = told(&app, "finding.state").await.swap_remove(0);
    assert_eq!(record.content.get("kev").and_then(Content::as_bool), Some(true));
    // A scan after it knows at once.
    let found = [found[0], found[1], ("CVE-2026-0003", "note")];
    put(catalogue("CVE-2026-0003")).await.unwrap();
    assert_eq!(due().await, [(false, late), (false, late)]);
    let report = import(&app, log(&found, "2026-10-15T00:30:00Z"), false).await;
    assert_eq!((report.added, report.exploited), (1, 1));
    let all = findings::list_findings(&app, &officer(), None).await.unwrap();
    assert_eq!(findings::counts(&all, date(2026, 10, 30)), [3, 0, 1, 0]);
    assert!(all.iter().all(|finding| finding.about.severity == Rating::Low));
    app.stop().await;
}

/// One finding by hand, found on a day of October 2026.
fn one(rule: &str, severity: Rating, day: i8) -> One {
    One {
        system: system(),
        title: format!("Lỗi {rule}"),
        advice: "Vá theo CVE-2026-0009".into(),
        severity,
        rule: rule.into(),
        place: String::from("máy 1"),
        tool: "Đơn vị Mẫu".into(),
        found: date(2026, 10, day),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_finding_by_hand_is_known_again_and_closes_nothing() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let tool = "Đơn vị Mẫu";
    scan(&app, table(tool, Some(("A", "low")))).await;
    let scans = told(&app, "scan.done").await.len();
    let record = async |one| findings::record_finding(&app, &officer(), one).await;
    let added = record(one("B", Rating::High, 10)).await.unwrap();
    assert_eq!(added.noted, Noted::Added);
    assert_eq!((added.finding.found, added.finding.due), (date(2026, 10, 10), date(2026, 11, 9)));
    assert_eq!(added.finding.about.cves.first().map(String::as_str), Some("CVE-2026-0009"));
    let about = findings::get_finding(&app, &officer(), added.finding.id).await.unwrap();
    assert_eq!(about.steps[0].detail, "Đơn vị Mẫu\nVá theo CVE-2026-0009");
    assert_eq!(finding(&app, 1).await.state, FindingState::Open, "it is no scan of its tool");
    assert_eq!(told(&app, "scan.done").await.len(), scans);
    let kept = told(&app, "finding.state").await.swap_remove(0);
    assert_eq!((word(&kept, "found"), kept.about.how), ("2026-10-10", How::Declared));
    assert!(!kept.about.by.is_empty() && !format!("{:?}", kept.content).contains(tool));

    // The same again changes nothing, for whom it may be said or not.
    let size = app.store.ledger_tip().await.unwrap().size;
    for same in [one("B", Rating::High, 10), one("B", Rating::Low, 9)] {
        let there = record(same).await.unwrap();
        assert_eq!((there.noted, there.finding.id), (Noted::There, added.finding.id));
    }
    assert_eq!(app.store.ledger_tip().await.unwrap().size, size);
    let graver = record(one("B", Rating::Critical, 10)).await.unwrap();
    assert_eq!((graver.noted, graver.finding.about.severity), (Noted::Again, Rating::Critical));
    assert!(graver.finding.due < added.finding.due);

    // A file of the same tool knows it, and closes it as it closes its own.
    clock.forward(3600);
    let gone = scan(&app, table(tool, Some(("A", "low")))).await;
    assert_eq!(figures(&gone), [1, 0, 1, 0, 1]);
    let there = record(one("B", Rating::High, 15)).await.unwrap();
    assert_eq!(there.noted, Noted::There, "it was fixed on that day");
    clock.forward(24 * 3600);
    let back = record(one("B", Rating::High, 16)).await.unwrap();
    assert_eq!((back.noted, back.finding.id), (Noted::Reopened, added.finding.id));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_finding_by_hand_is_refused_by_what_will_not_do() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place.path().join("data")).await;
    let good = one("", Rating::Low, 15);
    let refused =
        async |one| findings::record_finding(&app, &officer(), one).await.unwrap_err().to_string();
    let long = "a".repeat(201);
    for (wrong, told) in [
        (One { title: " ".into(), ..good.clone() }, "the title"),
        (One { title: long.clone(), ..good.clone() }, "the title is longer"),
        (One { rule: long.clone(), ..good.clone() }, "the rule is longer"),
        (One { place: String::new(), ..good.clone() }, "the place"),
        (One { advice: "Kế hoạch (TỐI MẬT)".into(), ..good.clone() }, "the description bears"),
        (One { tool: String::new(), ..good.clone() }, "name the tool or who assessed"),
        (One { tool: "Khiên".into(), ..good.clone() }, "what the centre itself finds"),
        (One { found: date(2026, 10, 16), ..good.clone() }, "the day found is to come"),
        (One { found: date(2024, 1, 1), ..good.clone() }, "longer ago than 800 days"),
    ] {
        let said = refused(wrong).await;
        assert!(said.contains(told), "{told}: {said}");
    }
    assert!(told(&app, "finding.state").await.is_empty());
    let foreign = person("canbo-soyt", Role::Officer, AgencyScope::one(agency("soyt")));
    let foreign = findings::record_finding(&app, &foreign, good.clone()).await;
    assert!(matches!(foreign, Err(UseError::NotFound { .. })));
    let appraised = findings::record_finding(&app, &appraiser(), good.clone()).await;
    assert!(matches!(appraised, Err(UseError::Denied(_))));
    // The title stands for a rule that nobody gives; the catalogue of what is exploited counts at once.
    let catalogue = json!({"catalogVersion": "1", "dateReleased": "2026-10-14", "vulnerabilities": [
        {"cveID": "CVE-2026-0009", "vulnerabilityName": "Lỗi mẫu", "dateAdded": "2026-10-14"}]});
    let bytes = catalogue.to_string().into_bytes();
    findings::import_exploited(&app, &Caller::program(), bytes).await.unwrap();
    let kept = findings::record_finding(&app, &officer(), good).await.unwrap().finding;
    assert_eq!((kept.about.rule.as_str(), kept.is_exploited), ("Lỗi", true));
    app.stop().await;
}
