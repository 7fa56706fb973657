//! `/api/v1/systems/{code}/findings`, `/api/v1/findings`, `/api/v1/dossiers`

use axum::body::Body;
use khien_app::access::Caller;
use khien_app::use_case::{dossiers, register};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::dossier::DossierKind;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::product::{Make, Product};
use serde_json::{Value, json};

use super::centre::{Centre, Reply, request};

const PLACE: &str = "/api/v1/systems/cong-dvc/findings";

fn log(results: &Value) -> String {
    json!({"version": "2.1.0", "runs": [
        {"tool": {"driver": {"name": "Máy quét Mẫu"}}, "results": results},
    ]})
    .to_string()
}

fn result(rule: &str, level: &str) -> Value {
    json!({"ruleId": rule, "level": level, "message": {"text": "Lỗi mẫu"}})
}

async fn hand_in(centre: &Centre, path: &str, token: &str, body: String) -> Reply {
    centre.send(request("POST", path, token).body(Body::from(body)).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_hands_in_once_what_it_found() {
    let centre = Centre::start().await;
    let of = |code: &str| AgencyScope::one(AgencyCode::new(code).unwrap());
    let permissions = [Permission::EvidenceWrite, Permission::EvidenceRead];
    let scanner = centre.token(&permissions, of("sokhcn")).await;
    let foreign = centre.token(&permissions, of("soyt")).await;
    let reader = centre.token(&[Permission::EvidenceRead], of("sokhcn")).await;
    let found = log(&json!([result("A", "error"), result("B", "note")]));
    assert_eq!(hand_in(&centre, PLACE, &reader, found.clone()).await.code(403), "forbidden");
    assert_eq!(hand_in(&centre, PLACE, &foreign, found.clone()).await.code(404), "not_found");
    let dry = format!("{PLACE}?dry_run=true");
    let looked = hand_in(&centre, &dry, &scanner, found.clone()).await.with(200);
    assert_eq!((&looked["added"], &looked["kept"]), (&json!(2), &json!(false)));
    let run = format!("{PLACE}?at={}", centre.app.now());
    let kept = hand_in(&centre, &run, &scanner, found.clone()).await.with(201);
    assert_eq!(
        (&kept["added"], &kept["kept"], &kept["again"]),
        (&json!(2), &json!(true), &json!(false))
    );
    let again = hand_in(&centre, &run, &scanner, found).await.with(200);
    assert_eq!(again["again"], true);
    let gone =
        hand_in(&centre, PLACE, &scanner, log(&json!([result("B", "note")]))).await.with(201);
    assert_eq!((&gone["fixed"], &gone["seen"]), (&json!(1), &json!(1)));

    let wrong = log(&json!([result("A", "grave")]));
    let wrong = hand_in(&centre, PLACE, &scanner, wrong).await.with(422);
    assert_eq!(wrong["problems"][0]["place"], "runs[0].results[0].level");
    for (path, body) in [
        (PLACE, "{"),
        (PLACE, ""),
        (PLACE, "rule,title,severity,place\n"),
        ("/api/v1/systems/X/findings", "{}"),
    ] {
        assert_eq!(
            hand_in(&centre, path, &scanner, body.into()).await.code(400),
            "invalid",
            "{body}"
        );
    }
    let table = "rule,title,severity,place\nc,T,low,x\n".to_owned();
    let table = hand_in(&centre, &format!("{PLACE}?tool=bang"), &scanner, table).await.with(201);
    assert_eq!((&table["tool"], &table["fixed"]), (&json!("bang"), &json!(0)));

    let open = centre.get("/api/v1/findings?state=open&limit=1", &scanner).await.with(200);
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
    let rest = format!("/api/v1/findings?state=open&after={}", open["next"].as_str().unwrap());
    let rest = centre.get(&rest, &scanner).await.with(200);
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    let fixed = centre.get("/api/v1/findings?state=fixed", &scanner).await.with(200);
    assert_eq!(fixed["items"][0]["rule"], "A");
    let none = centre.get("/api/v1/findings", &foreign).await.with(200);
    assert_eq!(none["items"], json!([]));
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_finding_is_sent_as_json_and_the_same_again_changes_nothing() {
    let centre = Centre::start().await;
    let of = |code: &str| AgencyScope::one(AgencyCode::new(code).unwrap());
    let write = [Permission::EvidenceWrite];
    let token = centre.token(&write, of("sokhcn")).await;
    let foreign = centre.token(&write, of("soyt")).await;
    let reader = centre.token(&[Permission::EvidenceRead], of("sokhcn")).await;
    let send = async |token: &str, body: &Value| {
        let sent = request("POST", "/api/v1/findings", token);
        let sent = sent.header("content-type", "application/json");
        centre.send(sent.body(Body::from(body.to_string())).unwrap()).await
    };
    let day = centre.app.now().to_string()[..10].to_owned();
    let one = json!({"system": "cong-dvc", "title": "Lỗi mẫu", "severity": "high", "place": "máy 1",
        "tool": "Đơn vị Mẫu", "found": day});
    assert_eq!(send(&reader, &one).await.code(403), "forbidden");
    assert_eq!(send(&foreign, &one).await.code(404), "not_found");
    for (field, wrong) in [
        ("severity", json!("tệ")),
        ("found", json!("31/01")),
        ("found", json!("2999-01-01")),
        ("title", json!("")),
        ("title", json!("Kế hoạch (TỐI MẬT)")),
        ("place", json!(" ")),
        ("tool", json!("CSAF: x")),
        ("khác", json!("x")),
    ] {
        let mut body = one.clone();
        body[field] = wrong;
        assert_eq!(send(&token, &body).await.code(400), "invalid", "{field}");
    }
    let added = send(&token, &one).await.with(201);
    assert_eq!((&added["noted"], &added["state"]), (&json!("added"), &json!("open")));
    let there = send(&token, &one).await.with(200);
    assert_eq!((&there["noted"], &there["id"]), (&json!("there"), &added["id"]));
    let listed = centre.get("/api/v1/findings", &reader).await.with(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["due"], there["due"]);
    centre.app.stop().await;
}

/// An advisory about a product in a version.
fn advisory(name: &str, tlp: &str) -> String {
    json!({
        "document": {"category": "csaf_base", "csaf_version": "2.0", "title": "Lỗi mẫu",
            "publisher": {"name": "Xưởng Mẫu", "namespace": "https://xuong-mau.example"}, "distribution": {"tlp": {"label": tlp}},
            "tracking": {"id": "XM-1", "version": "2", "status": "final",
                "current_release_date": "2026-01-01T00:00:00Z"}},
        "product_tree": {"full_product_names": [{"name": name, "product_id": "A"}]},
        "vulnerabilities": [{"cve": "CVE-2026-0001", "product_status": {"known_affected": ["A"]},
            "scores": [{"products": ["A"], "cvss_v3": {"baseSeverity": "HIGH"}}]}],
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisory_is_handed_in_as_a_scan_is_and_is_none() {
    let centre = Centre::start().await;
    let scope = AgencyScope::one(AgencyCode::new("sokhcn").unwrap());
    let permissions = [Permission::EvidenceWrite, Permission::EvidenceRead];
    let token = centre.token(&permissions, scope).await;
    let nothing = hand_in(&centre, PLACE, &token, advisory("Sản phẩm Khác 1", "GREEN")).await;
    let nothing = nothing.with(200);
    assert_eq!((&nothing["findings"], &nothing["left_out"]), (&json!(0), &json!(1)));
    assert_eq!(
        (&nothing["kept"], &nothing["advisory"]["concerns"]),
        (&json!(false), &json!(false))
    );
    let product = Product {
        system: SystemCode::new("cong-dvc").unwrap(),
        name: "Cổng Mẫu".into(),
        version: Some("1.0".into()),
        maker: None,
        certificate: None,
        scope: None,
        certificate_until: None,
        support_until: None,
        make: Make::Domestic,
        is_cryptographic: false,
        authority: None,
        custodian: None,
    };
    register::add_product(&centre.app, &Caller::program(), product).await.unwrap();
    let kept = hand_in(&centre, PLACE, &token, advisory("Cổng Mẫu 1.0", "GREEN")).await.with(201);
    assert_eq!(
        (&kept["tool"], &kept["added"]),
        (&json!("CSAF: XM-1 · xuong-mau.example"), &json!(1))
    );
    let wanted =
        json!({"title": "Lỗi mẫu", "version": "2", "possible": 0, "unsaid": 0, "concerns": true});
    assert_eq!((&kept["advisory"], &kept["kept"]), (&wanted, &json!(true)));
    let again = hand_in(&centre, PLACE, &token, advisory("Cổng Mẫu 1.0", "GREEN")).await.with(200);
    assert_eq!(again["again"], true);
    let red = hand_in(&centre, PLACE, &token, advisory("Cổng Mẫu 1.0", "RED")).await;
    assert_eq!(red.code(400), "invalid");
    let listed = centre.get("/api/v1/findings", &token).await.with(200);
    assert_eq!(listed["items"][0]["place"], "Cổng Mẫu 1.0");
    let scans = centre.get("/api/v1/evidence?type=scan.done", &token).await;
    assert_eq!(scans.with(200)["items"], json!([]));
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dossiers_are_read_within_the_agencies_of_the_token() {
    let centre = Centre::start().await;
    let system = SystemCode::new("cong-dvc").unwrap();
    let (caller, kind) = (Caller::program(), DossierKind::Design);
    dossiers::begin_dossier(&centre.app, &caller, &system, kind).await.unwrap();
    let (first, second) = (centre.first.clone(), centre.second.clone());
    let listed = centre.get("/api/v1/dossiers?kind=design&state=draft", &first).await.with(200);
    assert_eq!(listed["items"][0]["system"], "cong-dvc");
    let one = centre.get("/api/v1/dossiers/1", &first).await.with(200);
    assert_eq!(
        (&one["steps"][0]["act"], &one["steps"][0]["duty"]),
        (&json!("begin"), &json!("prepare"))
    );
    assert_eq!(centre.get("/api/v1/dossiers/1", &second).await.code(404), "not_found");
    assert_eq!(centre.get("/api/v1/dossiers", &second).await.with(200)["items"], json!([]));
    assert_eq!(centre.get("/api/v1/dossiers?kind=x", &first).await.code(400), "invalid");
    centre.app.stop().await;
}
