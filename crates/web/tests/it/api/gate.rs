//! `/api/v1/gate`

use khien_app::access::Caller;
use khien_app::use_case::gate;
use khien_domain::code::SystemCode;
use serde_json::{Value, json};

use super::centre::Centre;

const PLACE: &str = "/api/v1/gate/cong-dvc";

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_reads_the_decision_and_checks_its_signature() {
    let centre = Centre::start().await;
    let all = centre.all.clone();
    let said = centre.get(PLACE, &all).await.with(200);
    assert_eq!((&said["decision"], &said["stage"]), (&json!("DENY"), &json!("operation")));
    let reasons = said["reasons"].as_array().unwrap();
    let dossier = reasons.iter().find(|one| one["condition"] == "dossier").unwrap();
    assert_eq!((&dossier["holds"], &dossier["evidence"]), (&json!(false), &json!([])));
    assert!(dossier["vi"].as_str().unwrap().contains("Hồ sơ cấp độ"));
    let statement = said["statement"].as_str().unwrap();
    let signature = khien_seal::Signature::parse(said["signature"].as_str().unwrap()).unwrap();
    let key = centre.app.ledger_key().of(&centre.app.store).await.unwrap().public().unwrap();
    let digest = |text: &str| khien_seal::Digest::of(text.as_bytes());
    assert_eq!(signature.verify(&key, &digest(statement)), Ok(()));
    assert!(signature.verify(&key, &digest(&statement.replace("deny", "allow"))).is_err());
    let read: Value = serde_json::from_str(statement).unwrap();
    assert_eq!((&read["decision"], &read["system"]), (&json!("deny"), &json!("cong-dvc")));
    let design = centre.get(&format!("{PLACE}?stage=design"), &all).await.with(200);
    assert!(design["reasons"].as_array().unwrap().len() < reasons.len());
    for wrong in ["stage=party", "more=1"] {
        assert_eq!(centre.get(&format!("{PLACE}?{wrong}"), &all).await.code(400), "invalid");
    }
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_is_told_by_the_status_alone() {
    let centre = Centre::start().await;
    let (first, second) = (centre.first.clone(), centre.second.clone());
    let leave = format!("{PLACE}/leave");
    let denied = centre.get(&leave, &first).await;
    assert_eq!(denied.code(403), "denied");
    assert!(denied.text().contains("dossier"), "{}", denied.text());
    // Whoever may not see the system learns nothing of it.
    assert_eq!(centre.get(&leave, &second).await.code(404), "not_found");
    assert_eq!(centre.get(&leave, "khien_api_x").await.code(401), "unauthorized");
    let system = SystemCode::new("cong-dvc").unwrap();
    let reason = "họp khẩn về bão, cần mở cổng";
    gate::break_glass(&centre.app, &Caller::program(), &system, reason, 2).await.unwrap();
    assert_eq!(centre.get(&leave, &first).await.status, 204);
    let said = centre.get(PLACE, &first).await.with(200);
    assert_eq!(
        (&said["decision"], &said["break_glass"]["reason"]),
        (&json!("ALLOW"), &json!(reason))
    );
    assert!(said["statement"].as_str().unwrap().contains("\"decision\":\"deny\""));
    centre.forward(2 * 3_600);
    assert_eq!(centre.get(&leave, &first).await.code(403), "denied");
    centre.app.stop().await;
}
