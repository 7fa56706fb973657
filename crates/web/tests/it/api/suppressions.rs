//! `/api/v1/suppressions`

use serde_json::{Value, json};

use super::centre::{Centre, process};

const RULE: &str = "11111111-1111-4111-8111-111111111111";
const TIME: &str = "2026-10-15 00:59:58.000";

#[tokio::test(flavor = "multi_thread")]
async fn a_suppression_is_previewed_made_and_ended() {
    let mut centre = Centre::start().await;
    let source = centre.sources[0];
    centre.events(source, &[process("PC1", "C:\\whoami.exe", TIME)]).await;
    let rule_alerts = async |centre: &Centre| {
        let found = centre.get("/api/v1/alerts?kind=rule", &centre.all).await.with(200);
        found["items"].as_array().unwrap().len()
    };
    centre.until("an alert", async |centre| rule_alerts(centre).await == 1).await;
    let hiding = json!({"agency": "sokhcn", "rule": RULE,
        "conditions": [{"field": "Image", "value": "c:\\who*"}]});
    let path = "/api/v1/suppressions/preview";
    let preview = centre.post(path, &centre.first, hiding.clone()).await.with(200);
    assert_eq!((&preview["alerts"], &preview["events"]), (&json!(1), &json!(1)));
    assert_eq!(preview["examples"][0]["title"], "Whoami");
    let other = centre.post(path, &centre.second, json!({"rule": RULE})).await.with(200);
    assert_eq!(other["alerts"], 0, "another agency's alerts are not looked at");
    assert_eq!(centre.post(path, &centre.first, json!({})).await.code(400), "invalid");
    let mut new = hiding;
    new["reason"] = json!("kiểm kê hằng ngày");
    new["expires_at"] = json!("2026-11-01");
    let made = centre.post("/api/v1/suppressions", &centre.first, new.clone()).await.with(201);
    assert!(made["owner"].as_str().unwrap().starts_with("token:"), "{made}");
    centre.forward(3);
    centre.events(source, &[process("PC9", "C:\\whoami.exe", TIME)]).await;
    let path = "/api/v1/suppressions?holding=true";
    centre
        .until("hidden", async |centre| {
            centre.get(path, &centre.first).await.with(200)["items"][0]["hidden"] == 1
        })
        .await;
    assert_eq!(rule_alerts(&centre).await, 1);
    let end = format!("/api/v1/suppressions/{}/end", made["id"]);
    assert_eq!(centre.post(&end, &centre.second, json!({})).await.code(404), "not_found");
    let ended = centre.post(&end, &centre.first, json!({})).await.with(200);
    assert_ne!(ended["ended_at"], Value::Null);
    assert_eq!(centre.post(&end, &centre.first, json!({})).await.code(409), "conflict");
    assert_eq!(centre.get(path, &centre.first).await.with(200)["items"], json!([]));
    assert_eq!(centre.audited("suppression.end").await[0]["agency"], "sokhcn");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hides_what_is_not_theirs() {
    let centre = Centre::start().await;
    let new = |agency: Value| json!({"agency": agency, "rule": RULE, "reason": "x", "expires_at": "2026-11-01"});
    let path = "/api/v1/suppressions";
    assert_eq!(centre.post(path, &centre.first, new(json!("soyt"))).await.code(403), "forbidden");
    assert_eq!(centre.post(path, &centre.first, new(Value::Null)).await.code(403), "forbidden");
    centre.post(path, &centre.all, new(Value::Null)).await.with(201);
    assert_eq!(centre.get(path, &centre.first).await.with(200)["items"], json!([]));
    for (field, value) in [("expires_at", "2030-01-01"), ("expires_at", "x"), ("reason", " ")] {
        let mut wrong = new(json!("sokhcn"));
        wrong[field] = json!(value);
        assert_eq!(centre.post(path, &centre.first, wrong).await.code(400), "invalid", "{field}");
    }
    assert_eq!(centre.audited("suppression.add").await.len(), 3);
    centre.app.stop().await;
}
