//! Advisories: what of them concerns a system, what a later one takes back, and that none is a scan.

use std::sync::Arc;

use jiff::civil::date;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::findings::{self, Report, Upload};
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::{UseError, assessments, gate, register};
use khien_domain::assessment::Check;
use khien_domain::code::SystemCode;
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{How, Origin, Record};
use khien_domain::finding::{Finding, FindingState};
use khien_domain::ids::{FindingId, ProductId};
use khien_domain::page::PageRequest;
use khien_domain::product::{Make, Product};
use khien_domain::risk::Rating;
use khien_domain::system::Stage;
use khien_testkit::Hands;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{appraiser, centre_of_two, officer};

mod against;

const TOOL: &str = "CSAF: XM-2026-01 · xuong-mau.example";

fn system() -> SystemCode {
    SystemCode::new("cong-dvc").unwrap()
}

/// A product of the system, with an inventory if parts are given.
async fn product(app: &App, name: &str, version: Option<&str>, parts: &[Value]) -> ProductId {
    let product = Product {
        system: system(),
        name: name.into(),
        version: version.map(str::to_owned),
        maker: Some("Xưởng Mẫu".into()),
        certificate: None,
        scope: None,
        certificate_until: None,
        support_until: None,
        make: Make::Domestic,
        is_cryptographic: false,
        authority: None,
        custodian: None,
    };
    let caller = Caller::program();
    let id = register::add_product(app, &caller, product).await.unwrap();
    if !parts.is_empty() {
        let bom = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": parts});
        let bom = bom.to_string();
        register::import_inventory(app, &caller, &system(), id, bom.as_bytes()).await.unwrap();
    }
    id
}

/// A centre whose system has a portal with a library in it, a web server and a firewall without a version.
async fn centre(place: &TempDir) -> (Arc<App>, Arc<Hands>) {
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let library = json!({"type": "library", "group": "mau.example", "name": "ky-so", "version": "1.0",
        "purl": "pkg:maven/mau.example/ky-so@1.0"});
    product(&app, "Cổng Mẫu", Some("3.0"), &[library]).await;
    product(&app, "Máy chủ Web Mẫu", Some("7.1"), &[]).await;
    product(&app, "Tường lửa Mẫu", None, &[]).await;
    (app, clock)
}

/// A version of the advisory that says of some products how they are.
fn advisory(version: &str, at: &str, status: &Value) -> Value {
    let product = |id: &str, name: &str, helper: Value| {
        json!({"name": name, "product_id": id,
        "product_identification_helper": helper})
    };
    json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "title": "Lỗi kiểm tra chữ ký",
            "publisher": {"category": "vendor", "name": "Xưởng Mẫu", "namespace": "https://xuong-mau.example"},
            "tracking": {"id": "XM-2026-01", "version": version, "status": "final",
                "initial_release_date": at, "current_release_date": at},
        },
        "product_tree": {"full_product_names": [
            product("KY", "Ký số 1.0", json!({"purl": "pkg:maven/mau.example/ky-so@1.0"})),
            product("WEB", "Máy chủ Web 7.1", json!({"cpe": "cpe:2.3:a:xuong_mau:may_chu_web_mau:7.1:*:*:*:*:*:*:*"})),
            product("LUA", "Tường lửa Mẫu 5.2", json!({})),
            product("XA", "Sản phẩm Khác 1.0", json!({})),
        ]},
        "vulnerabilities": [{
            "cve": "CVE-2026-0001",
            "title": "Chữ ký giả được chấp nhận",
            "product_status": status,
            "scores": [{"products": ["KY", "WEB"], "cvss_v3": {"baseScore": 8.8, "baseSeverity": "HIGH"}}],
            "remediations": [{"category": "vendor_fix", "details": "Nâng lên 1.1", "product_ids": ["KY"]}],
        }],
    })
}

fn all_affected() -> Value {
    json!({"known_affected": ["KY", "WEB", "LUA", "XA"]})
}

const FIRST: &str = "2026-10-14T00:00:00Z";
const SECOND: &str = "2026-10-15T00:30:00Z";

fn file(document: &Value) -> Upload {
    let bytes = document.to_string().into_bytes();
    Upload { name: "xm-2026-01.json".into(), bytes, ..Upload::default() }
}

async fn try_import(app: &App, caller: &Caller, upload: Upload) -> Result<Report, UseError> {
    findings::import_findings(app, caller, &system(), upload, false).await
}

async fn import(app: &App, document: &Value) -> Report {
    try_import(app, &Caller::program(), file(document)).await.unwrap()
}

fn figures(report: &Report) -> [usize; 6] {
    let Report { findings, added, seen, reopened, fixed, left_out, .. } = report;
    [*findings, *added, *seen, *reopened, *fixed, *left_out]
}

async fn all(app: &App) -> Vec<Finding> {
    findings::list_findings(app, &Caller::program(), Some(&system())).await.unwrap()
}

async fn at(app: &App, place: &str) -> Finding {
    let found = all(app).await.into_iter().find(|one| one.about.place.starts_with(place));
    found.unwrap()
}

async fn told(app: &App, kind: &str) -> Vec<Record> {
    let filter = EvidenceFilter { kind: Some(kind.into()), ..EvidenceFilter::default() };
    let page = PageRequest::first();
    ledger::list(app, &Caller::program(), &filter, &page).await.unwrap().items
}

async fn size(app: &App) -> u64 {
    app.store.ledger_tip().await.unwrap().size
}

async fn holds(app: &App, condition: &str) -> bool {
    let answer = gate::check(app, &Caller::program(), &system(), Stage::Operation).await.unwrap();
    let reason = answer.statement.reasons.iter().find(|reason| reason.condition == condition);
    reason.is_some_and(|reason| reason.holds)
}

/// A scan by a tool that has found some rules at a place.
fn scan(rows: &str) -> Upload {
    let bytes = format!("rule,title,severity,place\n{rows}").into_bytes();
    Upload { name: "a.csv".into(), bytes, tool: "Máy quét Mẫu".into(), at: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisory_becomes_findings_of_what_the_system_has_and_no_scan() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place).await;
    let first = advisory("1", FIRST, &all_affected());
    let before = size(&app).await;
    let (caller, code) = (Caller::program(), system());
    let looked = findings::import_findings(&app, &caller, &code, file(&first), true).await.unwrap();
    assert_eq!((figures(&looked), size(&app).await), ([3, 3, 0, 0, 0, 1], before));
    assert!(all(&app).await.is_empty(), "it was only looked at");
    let report = import(&app, &first).await;
    assert_eq!(report, looked);
    let advice = report.advice.unwrap();
    assert_eq!((advice.version.as_str(), advice.possible, advice.unsaid), ("1", 1, 0));

    let library = at(&app, "mau.example/ky-so 1.0 (Cổng Mẫu 3.0)").await;
    assert_eq!((library.tool.as_str(), library.about.rule.as_str()), (TOOL, "CVE-2026-0001"));
    assert_eq!((library.about.severity, library.found), (Rating::High, date(2026, 10, 15)));
    assert_eq!(library.about.title, "Chữ ký giả được chấp nhận");
    assert_eq!(at(&app, "Máy chủ Web Mẫu 7.1").await.about.severity, Rating::High);
    let wall = at(&app, "Tường lửa Mẫu").await;
    let why = "Có thể bị ảnh hưởng: Chữ ký giả được chấp nhận (khuyến cáo nêu 5.2";
    assert!(wall.about.title.starts_with(why), "{wall:?}");
    assert_eq!(wall.about.severity, Rating::Medium);
    let steps = findings::get_finding(&app, &Caller::program(), library.id).await.unwrap().steps;
    assert_eq!(steps[0].what, "advise");
    let told_of = "Lỗi kiểm tra chữ ký (phiên bản 1)\nBản vá: Nâng lên 1.1\nsha256 ";
    assert!(steps[0].detail.starts_with(told_of), "{:?}", steps[0]);

    assert!(told(&app, "scan.done").await.is_empty(), "nobody has scanned anything");
    assert!(!holds(&app, "scan-3").await);
    let calendar = assessments::calendar(&app, &Caller::program()).await.unwrap();
    let row = calendar.iter().find(|row| row.system.code == system()).unwrap();
    let scanned = Check::ALL.iter().position(|check| *check == Check::Scan).unwrap();
    assert!(row.standings[scanned].as_ref().is_none_or(|one| one.done.is_none()), "{row:?}");
    let records = told(&app, "finding.state").await;
    assert_eq!(records.len(), 3);
    let is_paper =
        |one: &Record| one.about.how == How::Documented && one.about.origin == Origin::Document;
    assert!(records.iter().all(is_paper), "nobody has measured anything");
    assert!(!holds(&app, "finding").await, "what is affected counts at the gate");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisory_makes_no_old_scan_fresh_and_closes_nothing_of_a_scan() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place).await;
    let found = "CVE-2026-0001,Lỗi,low,Máy chủ Web Mẫu 7.1\nB,T,low,x\n";
    try_import(&app, &Caller::program(), scan(found)).await.unwrap();
    assert!(holds(&app, "scan-3").await);
    clock.forward(40 * 24 * 3_600);
    assert!(!holds(&app, "scan-3").await, "it is too long ago");
    let was = at(&app, "Máy chủ Web Mẫu").await;
    let report = import(&app, &advisory("1", "2026-11-20T00:00:00Z", &all_affected())).await;
    assert_eq!(figures(&report), [3, 2, 1, 0, 0, 1]);
    assert!(!holds(&app, "scan-3").await);
    assert_eq!(told(&app, "scan.done").await.len(), 1);
    assert_eq!(at(&app, "Máy chủ Web Mẫu").await, was, "what was seen stands as it was seen");
    clock.forward(3_600);
    let clear = json!({"known_not_affected": ["KY", "WEB", "XA"]});
    let report = import(&app, &advisory("2", "2026-11-24T01:30:00Z", &clear)).await;
    assert_eq!(report.fixed, 1, "only what it opened itself");
    assert_eq!(at(&app, "Máy chủ Web Mẫu").await, was);
    assert_eq!(at(&app, "x").await.state, FindingState::Open);
    // And no scan closes what an advisory has opened.
    clock.forward(3_600);
    let clean = try_import(&app, &Caller::program(), scan("")).await.unwrap();
    assert_eq!(clean.fixed, 2);
    assert_eq!(at(&app, "Tường lửa Mẫu").await.state, FindingState::Open);
    // What a scan has seen is the scan's from then on.
    clock.forward(3_600);
    let seen = scan("CVE-2026-0001,Lỗi,low,Tường lửa Mẫu\n");
    try_import(&app, &Caller::program(), seen).await.unwrap();
    let wall = at(&app, "Tường lửa Mẫu").await;
    assert_eq!((wall.tool.as_str(), wall.about.severity), ("Máy quét Mẫu", Rating::Medium));
    clock.forward(3_600);
    let clear = json!({"known_not_affected": ["LUA"]});
    let mut third = advisory("3", "2026-11-24T04:30:00Z", &clear);
    third["product_tree"]["full_product_names"][2]["name"] = json!("Tường lửa Mẫu");
    assert_eq!(import(&app, &third).await.fixed, 0);
    assert_eq!(at(&app, "Tường lửa Mẫu").await.state, FindingState::Open);
    let named = Upload { tool: TOOL.into(), ..scan("") };
    let named = try_import(&app, &Caller::program(), named).await.unwrap_err().to_string();
    assert!(named.contains("how advisories are named"), "{named}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_version_takes_back_only_what_it_says_outright() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place).await;
    import(&app, &advisory("1", FIRST, &all_affected())).await;
    let mut second =
        advisory("2", SECOND, &json!({"known_affected": ["LUA"], "known_not_affected": ["KY"]}));
    second["vulnerabilities"][0]["flags"] =
        json!([{"label": "vulnerable_code_not_present", "product_ids": ["KY"]}]);
    let report = import(&app, &second).await;
    assert_eq!(figures(&report), [1, 0, 1, 0, 1, 0]);
    assert_eq!(report.advice.unwrap().unsaid, 1, "of the web server it says nothing any more");
    let library = at(&app, "mau.example/ky-so").await;
    assert_eq!(library.state, FindingState::Fixed(date(2026, 10, 15)));
    let steps = findings::get_finding(&app, &Caller::program(), library.id).await.unwrap().steps;
    assert_eq!(steps[0].what, "take-back");
    let told_of = "(phiên bản 2)\nKhông có đoạn mã bị lỗi\nsha256 ";
    assert!(steps[0].detail.contains(told_of), "{:?}", steps[0]);
    assert_eq!(at(&app, "Máy chủ Web").await.state, FindingState::Open);
    let record = told(&app, "finding.state").await.swap_remove(0);
    let state = record.content.get("state").and_then(Content::as_text);
    assert_eq!((state, record.about.how), (Some("fixed"), How::Documented));

    // A product that is taken out of the register was not looked at by anybody.
    for kept in register::list_products(&app, &Caller::program(), Some(&system())).await.unwrap() {
        register::remove_product(&app, &Caller::program(), &system(), kept.id).await.unwrap();
    }
    clock.forward(3_600);
    let report = import(&app, &advisory("3", "2026-10-15T01:30:00Z", &all_affected())).await;
    assert_eq!(figures(&report), [0, 0, 0, 0, 0, 4]);
    assert_eq!(report.advice.unwrap().unsaid, 2);
    assert_eq!(at(&app, "Tường lửa").await.state, FindingState::Open);
    // What was taken back and is said again is open again.
    let part =
        json!({"type": "library", "group": "mau.example", "name": "ky-so", "version": "1.0"});
    product(&app, "Cổng Mẫu", Some("3.0"), &[part]).await;
    clock.forward(3_600);
    let mut fourth = advisory("4", "2026-10-15T02:30:00Z", &all_affected());
    fourth["product_tree"]["full_product_names"][0]["name"] = json!("ky_so 1.0");
    let report = import(&app, &fourth).await;
    assert_eq!(figures(&report), [1, 0, 0, 1, 0, 3]);
    assert_eq!(at(&app, "mau.example/ky-so").await.found, date(2026, 10, 15));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_comes_in_once_and_none_after_a_later_one() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place).await;
    let (first, second) =
        (advisory("1", FIRST, &all_affected()), advisory("2", SECOND, &all_affected()));
    import(&app, &second).await;
    let before = size(&app).await;
    assert!(import(&app, &second).await.again);
    // The same, however it is written.
    let pretty = serde_json::to_vec_pretty(&second).unwrap();
    let pretty = Upload { bytes: pretty, ..file(&second) };
    assert!(try_import(&app, &Caller::program(), pretty).await.unwrap().again);
    let older = try_import(&app, &Caller::program(), file(&first)).await.unwrap_err();
    assert!(matches!(&older, UseError::Conflict(_)), "{older:?}");
    assert_eq!(older.to_string(), format!("a later version of {TOOL} was imported before"));
    assert_eq!(size(&app).await, before);
    // Once the system has more of it, the same version says more.
    product(&app, "Sản phẩm Khác", Some("1.0"), &[]).await;
    let report = import(&app, &second).await;
    assert_eq!(figures(&report), [4, 1, 3, 0, 0, 0]);
    // Of another publisher it is another.
    let mut other = first.clone();
    other["document"]["publisher"]["namespace"] = json!("https://khac.example");
    assert_eq!(figures(&import(&app, &other).await), [4, 0, 4, 0, 0, 0]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_touches_nothing_keeps_nothing_but_its_place_among_versions() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place).await;
    let before = size(&app).await;
    let nothing = advisory("2", SECOND, &json!({"known_affected": ["XA"]}));
    let report = import(&app, &nothing).await;
    assert_eq!((figures(&report), report.again), ([0, 0, 0, 0, 0, 1], false));
    assert_eq!((size(&app).await, all(&app).await.len()), (before, 0));
    let older = file(&advisory("1", FIRST, &all_affected()));
    assert!(try_import(&app, &Caller::program(), older).await.is_err());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_a_draft_or_red_or_to_come_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place).await;
    let refused = async |pointer: &str, value: Value| {
        let mut document = advisory("1", FIRST, &all_affected());
        document["document"]["distribution"] = json!({"tlp": {"label": "GREEN"}});
        *document.pointer_mut(pointer).unwrap() = value;
        match try_import(&app, &Caller::program(), file(&document)).await {
            Err(UseError::Invalid(words)) => words,
            other => panic!("{other:?}"),
        }
    };
    let draft = refused("/document/tracking/status", json!("draft")).await;
    assert!(draft.starts_with("document.tracking.status: it is a draft"), "{draft}");
    let red = refused("/document/distribution/tlp/label", json!("RED")).await;
    assert!(red.contains("TLP:RED is for its recipients alone"), "{red}");
    let late = json!("2026-10-15T01:06:00Z");
    let late = refused("/document/tracking/current_release_date", late).await;
    assert_eq!(late, "document.tracking.current_release_date: it is to come");
    let foreign = officer("soyt");
    let foreign = try_import(&app, &foreign, file(&advisory("1", FIRST, &all_affected()))).await;
    assert!(matches!(foreign, Err(UseError::NotFound { .. })));
    assert!(all(&app).await.is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_retested_is_open_again_only_by_what_was_released_since() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place).await;
    let only = || json!({"known_affected": ["WEB"]});
    import(&app, &advisory("1", FIRST, &only())).await;
    let id = FindingId(1);
    findings::repair_finding(&app, &officer("sokhcn"), id, "đã vá").await.unwrap();
    import(&app, &advisory("2", SECOND, &only())).await;
    let repaired = at(&app, "Máy chủ").await;
    assert!(repaired.repaired_by.is_some(), "an advisory has not looked");
    clock.forward(5 * 24 * 3_600);
    let other = appraiser("thamdinh", "soyt");
    findings::retest_finding(&app, &other, id, "7/BC").await.unwrap();
    let before = size(&app).await;
    let report = import(&app, &advisory("3", "2026-10-19T00:00:00Z", &only())).await;
    assert_eq!(figures(&report), [1, 0, 1, 0, 0, 0]);
    assert_eq!(at(&app, "Máy chủ").await.state, FindingState::Fixed(date(2026, 10, 20)));
    assert_eq!(size(&app).await, before, "it is older than the look");
    clock.forward(24 * 3_600);
    let report = import(&app, &advisory("4", "2026-10-21T00:00:00Z", &only())).await;
    assert_eq!(figures(&report), [1, 0, 0, 1, 0, 0]);
    assert_eq!(at(&app, "Máy chủ").await.state, FindingState::Open);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_officer_hands_in_closes_nothing_for_the_gate() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place).await;
    let only = |list: &str| json!({list: ["WEB"]});
    import(&app, &advisory("1", FIRST, &only("known_affected"))).await;
    assert!(!holds(&app, "finding").await);
    let clear = advisory("2", SECOND, &only("fixed"));
    let own = try_import(&app, &officer("sokhcn"), file(&clear)).await.unwrap();
    assert_eq!(own.fixed, 1);
    assert_eq!(told(&app, "finding.state").await[0].about.how, How::Declared);
    assert!(!holds(&app, "finding").await, "it is the agency's word");
    clock.forward(3_600);
    // The same from whoever has more than that confirms it.
    let seen = import(&app, &clear).await;
    assert!(!seen.again);
    assert_eq!(told(&app, "finding.state").await[0].about.how, How::Documented);
    assert!(holds(&app, "finding").await);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisory_of_what_is_exploited_is_due_sooner() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place).await;
    let catalogue = json!({"catalogVersion": "1", "dateReleased": "2026-10-14", "vulnerabilities": [
        {"cveID": "CVE-2026-0001", "vulnerabilityName": "Lỗi mẫu", "dateAdded": "2026-10-14"}]});
    let bytes = catalogue.to_string().into_bytes();
    findings::import_exploited(&app, &Caller::program(), bytes).await.unwrap();
    // However old it is, what is to be done about it begins today.
    let report = import(&app, &advisory("1", "2021-01-01T00:00:00Z", &all_affected())).await;
    assert_eq!(report.exploited, 3);
    let library = at(&app, "mau.example/ky-so").await;
    assert!(library.is_exploited);
    assert_eq!((library.found, library.due), (date(2026, 10, 15), date(2026, 10, 29)));
    app.stop().await;
}
