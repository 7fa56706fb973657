//! `/api/v1/audit`

use khien_domain::permission::{AgencyScope, Permission};
use serde_json::Value;

use super::centre::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn each_reads_the_entries_of_their_agencies() {
    let centre = Centre::start().await;
    assert_eq!(centre.count("tìm", &centre.first).await, 0);
    assert_eq!(centre.count("khác", &centre.second).await, 0);
    let list = async |what: &str, token: &str| -> Vec<Value> {
        let found = centre.get(&format!("/api/v1/audit?{what}"), token).await.with(200);
        found["items"].as_array().unwrap().clone()
    };
    let own = list("action=events.count", &centre.first).await;
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["target"], "tìm");
    assert!(list("", &centre.first).await.iter().all(|entry| entry["agency"] == "sokhcn"));
    assert_eq!(list("action=events.count", &centre.all).await.len(), 2);
    assert_eq!(list("outcome=refused", &centre.all).await.len(), 0);
    let page = centre.get("/api/v1/audit?limit=2", &centre.all).await.with(200);
    let next = page["next"].as_str().unwrap();
    let rest = list(&format!("after={next}"), &centre.all).await;
    assert!(rest[0]["id"].as_i64() < page["items"][1]["id"].as_i64());
    for wrong in ["outcome=x", "from=x", "after=x", "what=x"] {
        let reply = centre.get(&format!("/api/v1/audit?{wrong}"), &centre.all).await;
        assert_eq!(reply.code(400), "invalid", "{wrong}");
    }
    let nobody = centre.token(&[Permission::EventsRead], AgencyScope::All).await;
    assert_eq!(centre.get("/api/v1/audit", &nobody).await.code(403), "forbidden");
    let refused = list("outcome=refused", &centre.all).await;
    assert_eq!(refused[0]["action"], "audit.list");
    centre.app.stop().await;
}
