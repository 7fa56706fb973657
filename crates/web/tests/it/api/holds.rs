//! `/api/v1/holds`

use serde_json::json;

use super::centre::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_placed_listed_and_lifted_with_its_reason_in_the_audit_log() {
    let centre = Centre::start().await;
    let all = centre.all.clone();
    let new = json!({
        "agency": "sokhcn",
        "from": "2026-10-01",
        "to": "2026-10-15T00:00:00Z",
        "reason": "vụ việc mẫu",
    });
    let placed = centre.post("/api/v1/holds", &all, new).await.with(201);
    assert_eq!(placed["agency"], "sokhcn");
    assert_eq!(placed["from"], "2026-09-30T17:00:00Z");
    assert!(placed["owner"].as_str().unwrap().starts_with("token:"));
    let listed = centre.get("/api/v1/holds?not_lifted=true", &all).await.with(200);
    assert_eq!(listed["items"][0]["id"], placed["id"]);
    let lift = format!("/api/v1/holds/{}/lift", placed["id"]);
    let lifted = centre.post(&lift, &all, json!({})).await.with(200);
    assert_eq!(lifted["lifted_at"], "2026-10-15T01:00:00Z");
    assert_eq!(centre.post(&lift, &all, json!({})).await.code(409), "conflict");
    let listed = centre.get("/api/v1/holds?not_lifted=true", &all).await.with(200);
    assert!(listed["items"].as_array().unwrap().is_empty());
    let audit = centre.get("/api/v1/audit?action=hold.add", &all).await.with(200);
    assert_eq!(audit["items"][0]["detail"], "vụ việc mẫu");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_not_do_is_refused() {
    let centre = Centre::start().await;
    let (all, first) = (centre.all.clone(), centre.first.clone());
    let hold = |more: serde_json::Value| {
        let mut new = json!({"reason": "vụ việc mẫu"});
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        new
    };
    for wrong in [
        json!({"agency": "khong-co"}),
        json!({"agency": "Sở"}),
        json!({"from": "2026-10-02", "to": "2026-10-01"}),
        json!({"expires_at": "2026-10-01"}),
        json!({"reason": ""}),
        json!({"system": "x"}),
    ] {
        let reply = centre.post("/api/v1/holds", &all, hold(wrong.clone())).await;
        assert_eq!(reply.code(400), "invalid", "{wrong}");
    }
    let reply = centre.post("/api/v1/holds", &first, hold(json!({"agency": "sokhcn"}))).await;
    assert_eq!(reply.code(403), "forbidden");
    assert_eq!(centre.get("/api/v1/holds", &first).await.code(403), "forbidden");
    assert_eq!(centre.post("/api/v1/holds/9/lift", &all, json!({})).await.code(404), "not_found");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_for_those_who_operate_the_centre() {
    let centre = Centre::start().await;
    let (all, first) = (centre.all.clone(), centre.first.clone());
    assert_eq!(centre.post("/api/v1/snapshot", &first, json!({})).await.code(403), "forbidden");
    let taken = centre.post("/api/v1/snapshot", &all, json!({})).await.with(201);
    let folder = std::path::PathBuf::from(taken["folder"].as_str().unwrap());
    assert!(folder.join("khien.db").exists() && folder.join("lake/manifest").exists());
    assert_eq!(centre.delete("/api/v1/snapshot", &first).await.code(403), "forbidden");
    assert_eq!(centre.delete("/api/v1/snapshot", &all).await.status, 204);
    assert!(!folder.exists());
    centre.app.stop().await;
}
