//! `/api/v1/tokens`

use axum::body::Body;
use khien_domain::permission::{AgencyScope, Permission};
use serde_json::{Value, json};

use super::centre::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_used_and_revoked() {
    let centre = Centre::start().await;
    let new =
        json!({"name": "bảng theo dõi", "permissions": ["register.read"], "agencies": ["soyt"]});
    let made = centre.post("/api/v1/tokens", &centre.all, new).await.with(201);
    let token = made["token"].as_str().unwrap();
    let seen = centre.get("/api/v1/agencies", token).await.with(200);
    assert_eq!(seen["items"][0]["code"], "soyt");
    assert_eq!(centre.get("/api/v1/search", token).await.code(403), "forbidden");
    let list = centre.get("/api/v1/tokens", &centre.all).await;
    assert!(!list.text().contains(token));
    let listed = &list.with(200)["items"][0];
    assert_eq!((&listed["agencies"], &listed["source"]), (&json!(["soyt"]), &Value::Null));
    let path = format!("/api/v1/tokens/{}", made["id"]);
    assert_eq!(centre.delete(&path, &centre.all).await.status, 204);
    centre.forward(3);
    assert_eq!(centre.get("/api/v1/agencies", token).await.code(401), "unauthorized");
    assert_eq!(centre.delete(&path, &centre.all).await.code(404), "not_found");
    assert_eq!(centre.audited("token.revoke").await.len(), 1);
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_what_they_do_not_have() {
    let centre = Centre::start().await;
    let giver = centre.token(&[Permission::Tokens, Permission::EventsRead], AgencyScope::All).await;
    let new = |permission: &str| json!({"name": "x", "permissions": [permission]});
    centre.post("/api/v1/tokens", &giver, new("events.read")).await.with(201);
    let more = centre.post("/api/v1/tokens", &giver, new("events.export")).await;
    assert_eq!(more.code(403), "forbidden");
    assert_eq!(centre.audited("token.add").await[0]["outcome"], "refused");
    let ingest = centre.post("/api/v1/tokens", &centre.all, new("ingest")).await;
    assert_eq!(ingest.code(403), "forbidden");
    for token in [&centre.first, &centre.second] {
        let reply = centre.post("/api/v1/tokens", token, new("events.read")).await;
        assert_eq!(reply.code(403), "forbidden");
        assert_eq!(centre.get("/api/v1/tokens", token).await.code(403), "forbidden");
    }
    for (name, value) in [
        ("permissions", json!(["everything"])),
        ("permissions", json!([])),
        ("agencies", json!([])),
        ("expires_at", json!("2030-01-01")),
        ("expires_at", json!("2020-01-01")),
        ("name", json!("")),
    ] {
        let mut wrong = new("events.read");
        wrong[name] = value;
        let reply = centre.post("/api/v1/tokens", &centre.all, wrong).await;
        assert_eq!(reply.code(400), "invalid", "{name}");
    }
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_token_of_the_api_is_refused_and_counted() {
    let centre = Centre::start().await;
    let new = json!({"system": "cong-dvc", "kind": "http", "name": "Vector"});
    let made = centre.post("/api/v1/sources", &centre.first, new).await.with(201);
    let unknown = "khien_api_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for token in ["", "x", unknown, made["token"].as_str().unwrap()] {
        let reply = centre.get("/api/v1/search", token).await;
        assert_eq!(reply.code(401), "unauthorized", "{token}");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
    let basic = axum::http::Request::builder().uri("/api/v1/agencies");
    let basic = basic.header("Authorization", "Digest x").body(Body::empty()).unwrap();
    assert_eq!(centre.send(basic).await.code(401), "unauthorized");
    centre
        .until("counted", async |centre| {
            let refused = centre.get("/api/v1/refused", &centre.all).await.with(200);
            let items = refused["items"].as_array().unwrap();
            let of_api = items.iter().filter(|item| item["listener"] == "api");
            of_api.map(|item| item["count"].as_u64().unwrap()).sum::<u64>() == 5
        })
        .await;
    let page = centre.get("/api/v1/refused?limit=1", &centre.all).await.with(200);
    let next = super::centre::encoded(page["next"].as_str().unwrap());
    let rest = centre.get(&format!("/api/v1/refused?after={next}"), &centre.all).await.with(200);
    assert_ne!(rest["items"][0]["reason"], page["items"][0]["reason"]);
    assert_eq!(centre.get("/api/v1/refused", &centre.first).await.code(403), "forbidden");
    centre.app.stop().await;
}
