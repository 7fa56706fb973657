//! `/api/v1/sources`

use axum::body::Body;
use serde_json::{Value, json};

use super::centre::{Centre, request};

async fn intake(centre: &Centre, token: &str) -> u16 {
    let request = request("POST", "/api/v1/intake/json", token);
    centre.send(request.body(Body::from("{\"a\":1}")).unwrap()).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_made_with_a_token_that_sends_and_snippets_that_bear_it() {
    let centre = Centre::start().await;
    let new =
        json!({"system": "cong-dvc", "kind": "http", "name": "Fluent Bit", "formats": ["json"]});
    let made = centre.post("/api/v1/sources", &centre.first, new.clone()).await.with(201);
    let token = made["token"].as_str().unwrap();
    assert_eq!(intake(&centre, token).await, 200);
    assert_eq!(made["heartbeat_seconds"], 900);
    let snippets = made["snippets"].as_array().unwrap();
    assert_eq!(snippets.len(), 8);
    for snippet in snippets {
        let text = snippet["text"].as_str().unwrap();
        assert!(text.contains(token) && text.contains("siem.test"), "{text}");
    }
    let id = made["id"].as_i64().unwrap();
    let path = format!("/api/v1/sources/{id}");
    let shown = centre.get(&path, &centre.first).await.with(200);
    assert_eq!((&shown["name"], &shown["token"]), (&json!("Fluent Bit"), &Value::Null));
    let snippets = centre.get(&format!("{path}/snippets"), &centre.first).await;
    assert!(!snippets.text().contains(token) && snippets.text().contains("KHIEN_TOKEN"));
    assert_eq!(centre.post("/api/v1/sources", &centre.first, new).await.code(409), "conflict");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_switched_off_and_gets_a_new_token() {
    let centre = Centre::start().await;
    let new = json!({"system": "cong-dvc", "kind": "http", "name": "Vector"});
    let made = centre.post("/api/v1/sources", &centre.first, new).await.with(201);
    let (path, old) = (format!("/api/v1/sources/{}", made["id"]), made["token"].as_str().unwrap());
    let off = centre.post(&format!("{path}/disable"), &centre.first, json!({})).await.with(200);
    assert_eq!(off["status"], "disabled");
    assert_eq!(intake(&centre, old).await, 403);
    centre.post(&format!("{path}/enable"), &centre.first, json!({})).await.with(200);
    assert_eq!(intake(&centre, old).await, 200);
    let rotate = format!("{path}/rotate");
    let turned = centre.post(&rotate, &centre.first, json!({"overlap_hours": 1})).await.with(200);
    let new = turned["token"].as_str().unwrap();
    assert_eq!((intake(&centre, old).await, intake(&centre, new).await), (200, 200));
    centre.forward(3601);
    assert_eq!((intake(&centre, old).await, intake(&centre, new).await), (401, 200));
    let long = centre.post(&rotate, &centre.first, json!({"overlap_hours": 10_000})).await;
    assert_eq!(long.code(400), "invalid");
    assert_eq!(centre.audited("source.rotate").await.len(), 1);
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_agencys_source_is_not_there() {
    let centre = Centre::start().await;
    let [_, other] = centre.sources;
    let path = format!("/api/v1/sources/{other}");
    for way in ["", "/snippets"] {
        let reply = centre.get(&format!("{path}{way}"), &centre.first).await;
        assert_eq!(reply.code(404), "not_found", "{way}");
    }
    for way in ["enable", "disable", "rotate"] {
        let reply = centre.post(&format!("{path}/{way}"), &centre.first, json!({})).await;
        assert_eq!(reply.code(404), "not_found", "{way}");
    }
    let new = json!({"system": "benh-an", "kind": "http", "name": "x"});
    assert_eq!(centre.post("/api/v1/sources", &centre.first, new).await.code(404), "not_found");
    let list = centre.get("/api/v1/sources", &centre.first).await.with(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["agency"], "sokhcn");
    for (name, value) in [
        ("kind", json!("person")),
        ("formats", json!(["no such format"])),
        ("from", json!(["192.0.2.0/24"])),
        ("from", json!(["x"])),
        ("certificate", json!("zz")),
        ("heartbeat_seconds", json!(1)),
        ("events_per_second", json!(0)),
    ] {
        let mut wrong = json!({"system": "cong-dvc", "kind": "http", "name": "y"});
        wrong[name] = value;
        let reply = centre.post("/api/v1/sources", &centre.first, wrong).await;
        assert_eq!(reply.code(400), "invalid", "{name}");
    }
    centre.app.stop().await;
}
