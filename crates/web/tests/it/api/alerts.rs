//! `/api/v1/alerts`

use khien_domain::permission::{AgencyScope, Permission};
use serde_json::{Value, json};

use super::centre::{Centre, process};

const TIME: &str = "2026-10-15 00:59:58.000";

async fn with_alerts() -> Centre {
    let mut centre = Centre::start().await;
    let [first, second] = centre.sources;
    centre.events(first, &vec![process("PC1", "C:\\whoami.exe", TIME); 2]).await;
    centre.events(second, &[process("PC2", "C:\\whoami.exe", TIME)]).await;
    centre.until("alerts", async |centre| rule_alerts(centre, &centre.all).await.len() == 2).await;
    centre
}

async fn rule_alerts(centre: &Centre, token: &str) -> Vec<Value> {
    let found = centre.get("/api/v1/alerts?kind=rule", token).await.with(200);
    found["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_says_what_it_is_about_and_why() {
    let centre = with_alerts().await;
    let alerts = rule_alerts(&centre, &centre.first).await;
    assert_eq!(alerts.len(), 1, "the other agency's is not there");
    let id = alerts[0]["id"].as_i64().unwrap();
    let alert = centre.get(&format!("/api/v1/alerts/{id}"), &centre.first).await.with(200);
    assert_eq!((&alert["title"], &alert["count"]), (&json!("Whoami"), &json!(2)));
    assert_eq!((&alert["state"], &alert["reason"]), (&json!("new"), &Value::Null));
    assert_eq!(alert["attack"], json!(["attack.t1033"]));
    let matched = &alert["events"][0]["matched"][0];
    assert_eq!(matched["field"], "Image");
    assert_eq!(matched["value"], "C:\\whoami.exe");
    assert!(matched["why"].as_str().unwrap().contains("endswith"), "{matched}");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_agencys_alert_is_not_there() {
    let centre = with_alerts().await;
    let id = rule_alerts(&centre, &centre.second).await[0]["id"].clone();
    let path = format!("/api/v1/alerts/{id}");
    assert_eq!(centre.get(&path, &centre.first).await.code(404), "not_found");
    assert_eq!(centre.get(&format!("{path}/comments"), &centre.first).await.code(404), "not_found");
    for (way, body) in [
        ("state", json!({"state": "in_progress"})),
        ("assignee", json!({"assignee": "an"})),
        ("comments", json!({"text": "x"})),
    ] {
        let reply = centre.post(&format!("{path}/{way}"), &centre.first, body).await;
        assert_eq!(reply.code(404), "not_found", "{way}");
    }
    let empty = centre.get("/api/v1/alerts?agency=soyt", &centre.first).await.with(200);
    assert_eq!(empty["items"], json!([]));
    assert_eq!(rule_alerts(&centre, &centre.second).await[0]["state"], "new");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_taken_on_and_closed_with_a_reason() {
    let centre = with_alerts().await;
    let id = rule_alerts(&centre, &centre.first).await[0]["id"].clone();
    let path = format!("/api/v1/alerts/{id}");
    let change = async |body| centre.post(&format!("{path}/state"), &centre.first, body).await;
    let post =
        async |way: &str, body| centre.post(&format!("{path}/{way}"), &centre.first, body).await;
    let taken = change(json!({"state": "in_progress"})).await.with(200);
    assert_eq!(taken["state"], "in_progress");
    assert_eq!(change(json!({"state": "in_progress"})).await.code(409), "conflict");
    assert_eq!(change(json!({"state": "new"})).await.code(409), "conflict");
    assert_eq!(change(json!({"state": "closed"})).await.code(400), "invalid");
    assert_eq!(change(json!({"state": "closed", "reason": "x"})).await.code(400), "invalid");
    let closing = json!({"state": "closed", "reason": "benign", "comment": "Quản trị viên làm."});
    let closed = change(closing).await.with(200);
    assert_eq!((&closed["state"], &closed["reason"]), (&json!("closed"), &json!("benign")));
    let assigned = post("assignee", json!({"assignee": "An"})).await;
    assert_eq!(assigned.with(200)["assignee"], "An");
    let nobody = post("assignee", json!({"assignee": null})).await;
    assert_eq!(nobody.with(200)["assignee"], Value::Null);
    let said = post("comments", json!({"text": "Xong."})).await;
    assert_eq!(said.with(201)["text"], "Xong.");
    let empty = post("comments", json!({"text": " "})).await;
    assert_eq!(empty.code(400), "invalid");
    let comments = centre.get(&format!("{path}/comments?limit=1"), &centre.first).await.with(200);
    assert_eq!(comments["items"][0]["text"], "Xong.");
    let next = comments["next"].as_str().unwrap();
    let rest = centre.get(&format!("{path}/comments?after={next}"), &centre.first).await.with(200);
    assert_eq!(rest["items"][0]["text"], "Quản trị viên làm.");
    let told = &centre.audited("alert.change").await[0];
    assert_eq!(told["detail"], "in_progress to closed benign");
    assert_eq!(
        (&told["agency"], &told["target"]),
        (&json!("sokhcn"), &json!(format!("alert {id}")))
    );
    assert_eq!(centre.audited("alert.assign").await.len(), 2);
    assert_eq!(centre.audited("alert.comment").await.len(), 1);
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_and_paged() {
    let centre = with_alerts().await;
    let list = async |what: &str| {
        let found = centre.get(&format!("/api/v1/alerts?{what}"), &centre.all).await.with(200);
        found["items"].as_array().unwrap().len()
    };
    let all = list("").await;
    assert!(all > 2, "hosts that are not registered too");
    assert_eq!(list("kind=rule&agency=soyt").await, 1);
    assert_eq!(list("kind=rule&system=cong-dvc").await, 1);
    assert_eq!(list("state=closed").await, 0);
    assert_eq!(list("kind=rule&severity=informational").await, 2);
    assert_eq!(list("from=2026-10-16").await, 0);
    let page = centre.get("/api/v1/alerts?limit=1", &centre.all).await.with(200);
    let next = page["next"].as_str().unwrap();
    assert_eq!(list(&format!("after={next}")).await, all - 1);
    for wrong in ["state=open", "severity=9", "kind=x", "agency=A B", "limit=501", "x=1"] {
        let path = format!("/api/v1/alerts?{}", wrong.replace(' ', "%20"));
        let reply = centre.get(&path, &centre.all).await;
        assert_eq!(reply.code(400), "invalid", "{wrong}");
    }
    let reader = centre.token(&[Permission::AlertsRead], AgencyScope::All).await;
    let id = rule_alerts(&centre, &reader).await[0]["id"].clone();
    let path = format!("/api/v1/alerts/{id}/state");
    let reply = centre.post(&path, &reader, json!({"state": "in_progress"})).await;
    assert_eq!(reply.code(403), "forbidden");
    assert_eq!(centre.audited("alert.change").await[0]["outcome"], "refused");
    centre.app.stop().await;
}
