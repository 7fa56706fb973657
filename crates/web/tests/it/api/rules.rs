use serde_json::json;

use super::centre::Centre;

const NET: &str = "title: Net\nid: 33333333-3333-4333-8333-333333333333\nlogsource: {product: windows}\n\
                   detection:\n  s: {Image|endswith: '\\net.exe'}\n  condition: s\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_looked_at_imported_listed_and_removed() {
    let centre = Centre::start().await;
    let all = centre.all.clone();
    let files = json!([{"name": "net.yml", "text": NET}, {"name": "../x.yml", "text": NET}]);
    let look = json!({"set": "them", "files": files, "dry_run": true});
    let told = centre.post("/api/v1/rules/import", &all, look).await.with(200);
    assert_eq!((&told["accepted"], &told["written"]), (&json!(1), &json!(false)));
    assert_eq!(told["files"][1]["said"][0]["kind"], "unsupported");
    let import = json!({"set": "them", "files": files});
    centre.post("/api/v1/rules/import", &centre.first.clone(), import.clone()).await.with(403);
    centre.post("/api/v1/rules/import", &all, import.clone()).await.with(200);
    centre.post("/api/v1/rules/import", &all, import.clone()).await.with(409);
    let wrong = json!({"set": "no name", "files": files});
    centre.post("/api/v1/rules/import", &all, wrong).await.with(400);
    let sets = centre.get("/api/v1/rules/imported", &all).await.with(200);
    assert_eq!(sets["items"], json!([{"set": "them", "files": 1, "rules": 1}]));
    centre.delete("/api/v1/rules/imported/them", &centre.first.clone()).await.with(403);
    let gone = centre.delete("/api/v1/rules/imported/them", &all).await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    centre.delete("/api/v1/rules/imported/them", &all).await.with(404);
    centre.app.stop().await;
}
