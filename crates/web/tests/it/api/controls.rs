//! `/api/v1/controls`, the controls of a system, `/api/v1/crypto`

use khien_domain::code::AgencyCode;
use khien_domain::permission::{AgencyScope, Permission};
use serde_json::json;

use super::centre::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn a_control_is_stated_and_leaves_as_oscal() {
    let centre = Centre::start().await;
    let all = centre.all.clone();
    let listed = centre.get("/api/v1/controls", &all).await.with(200);
    assert_eq!(listed["items"][0]["catalogue"], "mh-levels@2026.1");
    let place = "/api/v1/systems/cong-dvc/controls";
    let before = centre.get(place, &all).await.with(200);
    assert_eq!(before["done"], 0);
    let new = json!({"catalogue": "mh-levels@2026.1", "control": "QT-03", "state": "implemented",
        "note": "Quy chế số 12, rà soát hằng năm"});
    let after = centre.post(place, &all, new.clone()).await.with(200);
    assert_eq!(after["done"], 1);
    let of = |control: &str| {
        let controls = after["controls"].as_array().unwrap();
        controls.iter().find(|one| one["control"] == control).unwrap().clone()
    };
    assert_eq!(of("QT-03")["stated"]["note"], "Quy chế số 12, rà soát hằng năm");
    assert_eq!(centre.audited("controls.state").await.len(), 1);
    let plan = centre.get(&format!("{place}/oscal?what=ssp"), &all).await.with(200);
    let plan = &plan["system-security-plan"];
    assert_eq!(plan["metadata"]["oscal-version"], "1.2.1");
    assert!(plan.to_string().contains("rà soát hằng năm"));
    let catalogue = centre.get("/api/v1/controls/mh-levels@2026.1/oscal", &all).await.with(200);
    assert!(catalogue["catalog"]["groups"].as_array().unwrap().len() > 10);
    let cbom = centre.get("/api/v1/crypto/cbom", &all).await.with(200);
    assert_eq!(cbom["specVersion"], "1.6");

    for (field, value) in [("state", "maybe"), ("note", "ngắn"), ("catalogue", "mh-levels")] {
        let mut wrong = new.clone();
        wrong[field] = value.into();
        centre.post(place, &all, wrong).await.with(400);
    }
    centre.get(&format!("{place}/oscal?what=poem"), &all).await.with(400);
    centre.get(&format!("{place}?catalogue=khac@1"), &all).await.with(404);
    let wanted = json!({"endpoint": "web.minhhoa.example:443"});
    let refused = centre.post("/api/v1/crypto/probe", &all, wanted).await;
    assert!(refused.text().contains("no registered endpoint"), "{}", refused.text());
    refused.with(400);
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_agency_sees_no_checklist() {
    let centre = Centre::start().await;
    let other = AgencyScope::one(AgencyCode::new("soyt").unwrap());
    let token = centre.token(&[Permission::EvidenceRead], other).await;
    centre.get("/api/v1/systems/cong-dvc/controls", &token).await.with(404);
    centre.get("/api/v1/systems/cong-dvc/controls/oscal?what=ssp", &token).await.with(404);
    let all = centre.token(&[Permission::EvidenceRead], AgencyScope::All).await;
    let new = json!({"catalogue": "mh-levels@2026.1", "control": "QT-03", "state": "implemented",
        "note": "Quy chế số 12, rà soát hằng năm"});
    centre.post("/api/v1/systems/cong-dvc/controls", &all, new).await.with(403);
    let wanted = json!({"endpoint": "web.minhhoa.example:443"});
    centre.post("/api/v1/crypto/probe", &all, wanted).await.with(403);
    centre.app.stop().await;
}
