//! `docs/openapi.json` describes the routes that there are, and no others.

use std::collections::BTreeSet;

use axum::body::Body;
use serde_json::{Value, json};

use super::centre::{Centre, request};

const ROUTES: &str = include_str!("../../../src/api.rs");
const INTAKE: &str = include_str!("../../../src/intake.rs");
const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

fn described() -> Value {
    serde_json::from_str(include_str!("../../../../../docs/openapi.json")).unwrap()
}

/// Method and path of every route, as the tables of contents have them; of intake those that are
/// ours, since other protocols describe their own.
fn routes() -> BTreeSet<(String, String)> {
    let of_intake = INTAKE.split(".route(").filter(|call| call.starts_with("\"/api/"));
    let calls = ROUTES.split(".route(").skip(1).chain(of_intake);
    calls
        .flat_map(|call| {
            let call = &call[..call.find(".route(").unwrap_or(call.len())];
            let path = call.split('"').nth(1).unwrap().to_owned();
            let has = |method: &&str| call.contains(&format!("{method}("));
            METHODS.into_iter().filter(has).map(move |method| (method.to_owned(), path.clone()))
        })
        .collect()
}

#[test]
fn every_route_is_described_and_every_description_has_its_route() {
    let document = described();
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys();
        let methods = methods.filter(|key| METHODS.contains(&key.as_str()));
        found.extend(methods.map(|method| (method.clone(), path.clone())));
    }
    assert_eq!(found, routes());
}

#[test]
fn every_reference_has_its_target() {
    fn walk(value: &Value, document: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                    let pointer = target.strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{target}");
                }
                members.values().for_each(|member| walk(member, document));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, document)),
            _ => {}
        }
    }
    let document = described();
    walk(&document, &document);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_token_is_refused_without_one() {
    let centre = Centre::start().await;
    for (path, item) in described()["paths"].as_object().unwrap() {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let filled = path.replace("{id}", "1").replace("{code}", "a").replace("{host}", "a");
            let request = request(&method.to_uppercase(), &filled, "");
            let request = request.header("Content-Type", "application/json");
            let reply = centre.send(request.body(Body::from("{}")).unwrap()).await;
            let is_open = operation["security"] == json!([]);
            let expected = if is_open { 200 } else { 401 };
            assert_eq!(reply.status, expected, "{method} {path}");
        }
    }
    let told = centre.get("/api/v1/openapi.json", "").await.with(200);
    assert_eq!(told, described());
    centre.app.stop().await;
}
