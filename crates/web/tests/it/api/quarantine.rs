//! `/api/v1/quarantine`

use khien_domain::permission::{AgencyScope, Permission};
use serde_json::{Value, json};

use super::centre::{Centre, process};

async fn list(centre: &Centre, token: &str) -> Vec<Value> {
    let found = centre.get("/api/v1/quarantine", token).await.with(200);
    found["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_read_is_listed_shown_and_read_again_once() {
    let mut centre = Centre::start().await;
    let [source, _] = centre.sources;
    centre.events(source, &[process("PC1", "C:\\a.exe", "2026-10-15 00:00:10.000")]).await;
    centre.payload(source, Some("json"), "{\"a\":1\n{\"b\n").await;
    centre.until("listed", async |centre| list(centre, &centre.first).await.len() == 2).await;
    assert_eq!(centre.count("", &centre.all).await, 1, "no search finds them");
    assert_eq!(centre.count("problem:*", &centre.all).await, 0);
    let records = list(&centre, &centre.first).await;
    assert_eq!((&records[0]["format"], &records[0]["source"]), (&json!("json"), &json!(source)));
    assert!(!records[0]["problem"].as_str().unwrap().is_empty());
    let id = records[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/quarantine/{id}");
    let shown = centre.get(&path, &centre.first).await.with(200);
    assert!(shown["raw"].as_str().unwrap().starts_with('{'), "{shown}");
    assert_eq!(centre.audited("quarantine.get").await[0]["target"], format!("record {id}"));
    let path = "/api/v1/quarantine/again";
    let ids = json!({"ids": [id, "999-0"]});
    let told = centre.post(path, &centre.first, ids.clone()).await.with(200);
    assert_eq!(told["count"], 1);
    assert_eq!(told["results"][0]["result"], "taken");
    assert_eq!(told["results"][1]["result"], "not_found");
    // It still cannot be read, and waits under its new batch; not twice.
    centre.until("listed anew", async |centre| list(centre, &centre.first).await.len() == 2).await;
    let now = list(&centre, &centre.first).await;
    assert!(now.iter().all(|record| record["id"] != json!(id)), "{now:?}");
    let again = centre.post(path, &centre.first, ids).await.with(200);
    assert_eq!(again["count"], 0);
    assert_eq!(centre.audited("quarantine.again").await[0]["detail"], "0 taken in anew");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_agencys_records_are_not_there() {
    let centre = Centre::start().await;
    let [source, _] = centre.sources;
    centre.payload(source, Some("json"), "{\"secret\n").await;
    centre.until("listed", async |centre| list(centre, &centre.all).await.len() == 1).await;
    assert!(list(&centre, &centre.second).await.is_empty());
    let id = list(&centre, &centre.all).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/quarantine/{id}");
    assert_eq!(centre.get(&path, &centre.second).await.code(404), "not_found");
    let ids = json!({"ids": [id]});
    let told = centre.post("/api/v1/quarantine/again", &centre.second, ids.clone()).await.with(200);
    assert_eq!(told["results"][0]["result"], "not_found");
    let nobody = centre.token(&[Permission::EventsRead], AgencyScope::All).await;
    let reply = centre.post("/api/v1/quarantine/again", &nobody, ids).await;
    assert_eq!(reply.code(403), "forbidden");
    for wrong in [json!({"ids": []}), json!({"ids": ["x"]}), json!({})] {
        let reply = centre.post("/api/v1/quarantine/again", &centre.all, wrong).await;
        assert_eq!(reply.code(400), "invalid");
    }
    centre.app.stop().await;
}
