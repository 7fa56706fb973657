//! `/api/v1/agencies`, `/api/v1/systems` and their hosts

use khien_domain::permission::{AgencyScope, Permission};
use serde_json::{Value, json};

use super::centre::{Centre, heads, process};

#[tokio::test(flavor = "multi_thread")]
async fn the_register_is_written_with_care_and_read_within_the_scope() {
    let centre = Centre::start().await;
    let codes = async |noun: &str, token: &str| -> Vec<String> {
        let found = centre.get(&format!("/api/v1/{noun}"), token).await.with(200);
        let items = found["items"].as_array().unwrap().iter();
        items.map(|item| item["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes("agencies", &centre.all).await, ["sokhcn", "soyt"]);
    assert_eq!(codes("agencies", &centre.first).await, ["sokhcn"]);
    assert_eq!(codes("systems", &centre.second).await, ["benh-an"]);
    let page = centre.get("/api/v1/agencies?limit=1", &centre.all).await.with(200);
    assert_eq!(page["next"], "sokhcn");
    let rest = centre.get("/api/v1/agencies?after=sokhcn", &centre.all).await.with(200);
    assert_eq!(rest["items"][0]["code"], "soyt");
    let agency = json!({"code": "sokhcn", "name": "lần nữa", "assignment": heads()});
    let again = centre.post("/api/v1/agencies", &centre.all, agency).await;
    assert_eq!(again.code(409), "conflict");
    for wrong in [
        json!({"code": "A B", "name": "x", "assignment": heads()}),
        json!({"code": "a", "name": "", "assignment": heads()}),
        json!({"code": "a", "name": "x", "kind": "person", "assignment": heads()}),
        json!({"code": "a", "name": "x", "parent": "nobody", "assignment": heads()}),
        json!({"code": "a", "name": "x", "more": 1, "assignment": heads()}),
        json!({"code": "a", "assignment": heads()}),
        json!({"code": "a", "name": "x"}),
        json!({"code": "a", "name": "x", "assignment": {"appointments": []}}),
    ] {
        let reply = centre.post("/api/v1/agencies", &centre.all, wrong.clone()).await;
        assert_eq!(reply.code(400), "invalid", "{wrong}");
    }
    let outside = json!({"code": "a", "name": "x", "in_scope": false, "assignment": heads()});
    let reply = centre.post("/api/v1/agencies", &centre.all, outside).await;
    assert_eq!(reply.code(409), "conflict", "of a body outside the scope only the name is kept");
    let agency = json!({"code": "xa-01", "name": "Xã", "kind": "commune", "assignment": heads()});
    let reply = centre.post("/api/v1/agencies", &centre.first, agency).await;
    assert_eq!(reply.code(403), "forbidden", "a new agency is not within one agency");
    let system = json!({"code": "x", "agency": "soyt", "name": "x", "level": 3});
    let reply = centre.post("/api/v1/systems", &centre.first, system).await;
    assert_eq!(reply.code(403), "forbidden");
    let system = json!({"code": "x", "agency": "soyt", "name": "x", "level": 6});
    assert_eq!(centre.post("/api/v1/systems", &centre.all, system).await.code(400), "invalid");
    assert_eq!(centre.audited("system.add").await[0]["outcome"], "refused");
    assert_eq!(centre.audited("agency.add").await.len(), 3);
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_are_seen_registered_and_taken_off() {
    let mut centre = Centre::start().await;
    let source = centre.sources[0];
    centre.events(source, &[process("PC1", "C:\\a.exe", "2026-10-15 00:00:10.000")]).await;
    let path = "/api/v1/systems/cong-dvc/hosts";
    let hosts = async |centre: &Centre, token: &str| {
        centre.get(path, token).await.with(200)["items"].as_array().unwrap().clone()
    };
    centre.until("seen", async |centre| hosts(centre, &centre.first).await.len() == 1).await;
    let seen = hosts(&centre, &centre.first).await;
    assert_eq!((&seen[0]["name"], &seen[0]["registered_at"]), (&json!("pc1"), &Value::Null));
    assert!(hosts(&centre, &centre.second).await.is_empty());
    let new = json!({"hosts": ["PC1", "web01.minhhoa.example."]});
    assert_eq!(centre.post(path, &centre.second, new.clone()).await.code(404), "not_found");
    assert_eq!(centre.post(path, &centre.first, new).await.with(200)["count"], 2);
    let reply = centre.post(path, &centre.first, json!({"hosts": ["a b"]})).await;
    assert_eq!(reply.code(400), "invalid");
    let all = hosts(&centre, &centre.first).await;
    assert!(all.iter().all(|host| host["registered_at"] != Value::Null), "{all:?}");
    let one = format!("{path}/PC1");
    assert_eq!(centre.delete(&one, &centre.second).await.code(404), "not_found");
    assert_eq!(centre.delete(&one, &centre.first).await.status, 204);
    assert_eq!(centre.delete(&one, &centre.first).await.code(404), "not_found");
    let reader = centre.token(&[Permission::RegisterRead], AgencyScope::All).await;
    assert_eq!(centre.delete(&one, &reader).await.code(403), "forbidden");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agencies_and_systems_are_read_and_changed_one_by_one() {
    let centre = Centre::start().await;
    let sheet = centre.get("/api/v1/agencies/sokhcn", &centre.first).await.with(200);
    assert_eq!(
        (&sheet["agency"]["cohort"], &sheet["agency"]["in_scope"]),
        (&json!("K1"), &json!(true))
    );
    assert_eq!(centre.get("/api/v1/agencies/soyt", &centre.first).await.code(404), "not_found");
    let changed = json!({"code": "sokhcn", "name": "Sở KH&CN", "kind": "unit"});
    let path = "/api/v1/agencies/sokhcn";
    assert_eq!(centre.put(path, &centre.first, changed.clone()).await.code(403), "forbidden");
    let changed = centre.put(path, &centre.all, changed).await.with(200);
    assert_eq!((&changed["cohort"], &changed["name"]), (&json!("K4"), &json!("Sở KH&CN")));
    let other = json!({"code": "khac", "name": "x"});
    assert_eq!(centre.put(path, &centre.all, other).await.code(400), "invalid");

    let one = |duty: &str, until: &str| {
        json!({"duty": duty, "holder": "Mẫu", "post": "Giám đốc", "document": "1/QĐ.MH",
            "signed": "2026-01-01", "until": until})
    };
    let assignment = "/api/v1/agencies/sokhcn/assignment";
    let lonely = json!({"appointments": [one("head", "2027-01-01")]});
    assert_eq!(centre.put(assignment, &centre.first, lonely).await.code(400), "invalid");
    let no_day = json!({"appointments": [one("head", "mai"), one("deputy", "2027-01-01")]});
    assert_eq!(centre.put(assignment, &centre.first, no_day).await.code(400), "invalid");
    let both = json!({"appointments": [one("head", "2027-01-01"), one("deputy", "2027-01-01")]});
    let sheet = centre.put(assignment, &centre.first, both).await.with(200);
    assert_eq!(sheet["appointments"][0]["duty"], "head");
    assert_eq!(sheet["appointments"][0]["account"], Value::Null);
    for (account, why) in [("Ai đó", "a user name has"), ("khong-ai", "no account khong-ai")] {
        let mut head = one("head", "2027-01-01");
        head["account"] = json!(account);
        let other = json!({"appointments": [head, one("deputy", "2027-01-01")]});
        let refused = centre.put(assignment, &centre.first, other).await.code(400);
        assert_eq!(refused, "invalid", "{why}");
    }
    let confirm = "/api/v1/agencies/sokhcn/confirm";
    assert_eq!(centre.post(confirm, &centre.all, json!({})).await.code(409), "conflict");
    assert!(
        centre.post(confirm, &centre.first, json!({})).await.with(200)["confirmed_at"].is_string()
    );

    let path = "/api/v1/systems/cong-dvc";
    let mut system = json!({"code": "cong-dvc", "agency": "sokhcn", "name": "Cổng", "level": 4,
        "stage": "operation", "kind": "shared-system", "zone": "dedicated", "exposed": false,
        "data": ["personal-sensitive"], "critical": true, "rto_minutes": 60, "rpo_minutes": 5});
    let changed = centre.put(path, &centre.first, system.clone()).await.with(200);
    assert_eq!((&changed["zone"], &changed["critical"]), (&json!("dedicated"), &json!(true)));
    assert_eq!(centre.put(path, &centre.second, system.clone()).await.code(404), "not_found");
    system["scope"] = json!("cipher");
    let refused = centre.put(path, &centre.first, system.clone()).await;
    assert_eq!(refused.code(422), "out_of_scope");
    system["stage"] = json!("trial");
    system["scope"] = json!("civil");
    assert_eq!(centre.put(path, &centre.first, system).await.code(400), "invalid");
    let wanted = json!({"needs": ["benh-an"]});
    let needs = centre.put(&format!("{path}/needs"), &centre.first, wanted).await.with(200);
    assert_eq!(needs["needs"][0], json!({"code": "benh-an", "name": null, "far": 1}));
    let back = "/api/v1/systems/benh-an/needs";
    let circle = centre.put(back, &centre.second, json!({"needs": ["cong-dvc"]})).await;
    assert_eq!(circle.code(409), "conflict");
    let confirm = centre.post(&format!("{path}/confirm"), &centre.first, json!({})).await;
    assert!(confirm.with(200)["confirmed_at"].is_string());
    centre.app.stop().await;
}
