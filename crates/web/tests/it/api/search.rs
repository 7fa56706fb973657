//! `/api/v1/search`

use std::collections::BTreeSet;

use axum::body::Body;
use http_body_util::BodyExt;
use khien_domain::permission::{AgencyScope, Permission};

use super::centre::{Centre, encoded, process, request};

fn at(second: u32) -> String {
    format!("2026-10-15 00:{:02}:{:02}.000", second / 60, second % 60)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_shows_what_was_sent_and_stands_in_the_audit_log() {
    let mut centre = Centre::start().await;
    let source = centre.sources[0];
    let lines = [process("PC1", "C:\\a.exe", &at(10)), process("PC2", "C:\\b.exe", &at(20))];
    centre.events(source, &lines).await;
    let query = encoded("host:pc2");
    let path = format!("/api/v1/search?query={query}&fields=time,host,EventID,nothing");
    let found = centre.get(&path, &centre.first).await.with(200);
    let events = found["events"].as_array().unwrap();
    assert_eq!(events.len(), 1);
    let expected = serde_json::json!({
        "time": "2026-10-15T00:00:20Z", "host": "pc2", "EventID": "1",
    });
    assert_eq!(events[0]["fields"], expected);
    assert_eq!(found["next"], serde_json::Value::Null);
    let usual = centre.get(&format!("/api/v1/search?query={query}"), &centre.first).await;
    let fields = &usual.with(200)["events"][0]["fields"];
    assert_eq!((&fields["agency"], &fields["system"]), (&"sokhcn".into(), &"cong-dvc".into()));
    assert!(fields["raw"].as_str().unwrap().contains("b.exe"), "{fields}");
    let told = &centre.audited("events.search").await[0];
    assert_eq!(told["target"], "host:pc2");
    assert_eq!(told["origin"], "192.0.2.55");
    assert_eq!(told["agency"], "sokhcn");
    assert_eq!(told["outcome"], "done");
    assert!(told["detail"].as_str().unwrap().ends_with(": 1 events"), "{told}");
    assert!(told["who"].as_str().unwrap().starts_with("token:"), "{told}");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_agencys_events_come_back_by_no_way() {
    let mut centre = Centre::start().await;
    let [first, second] = centre.sources;
    centre.events(first, &[process("PC1", "C:\\a.exe", &at(10))]).await;
    centre.events(second, &[process("BENH-AN", "C:\\b.exe", &at(20))]).await;
    assert_eq!(centre.count("", &centre.all).await, 2);
    assert_eq!(centre.count("", &centre.first).await, 1);
    for query in ["agency:soyt", "host:benh-an", "NOT agency:sokhcn", "b.exe"] {
        assert_eq!(centre.count(query, &centre.first).await, 0, "{query}");
    }
    let range = "from=2026-10-15T00:00:00Z&to=2026-10-15T01:00:00Z";
    for way in [
        "search?limit=10",
        "search/top?field=host",
        &format!("search/histogram?{range}&buckets=6"),
        "search/export?form=jsonl",
        "search/export?form=csv",
    ] {
        let reply = centre.get(&format!("/api/v1/{way}"), &centre.second).await;
        assert_eq!(reply.status, 200, "{way}");
        let text = reply.text().to_lowercase();
        assert!(!text.contains("pc1") && !text.contains("a.exe"), "{way}: {text}");
    }
    let path = format!("/api/v1/search/histogram?{range}&buckets=6");
    let histogram = centre.get(&path, &centre.second).await;
    let counts = histogram.with(200)["counts"].clone();
    assert_eq!(counts, serde_json::json!([1, 0, 0, 0, 0, 0]));
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_each_event_once_while_others_arrive() {
    let mut centre = Centre::start().await;
    let source = centre.sources[0];
    let lines: Vec<_> =
        (0..25).map(|n| process(&format!("PC{n}"), "C:\\a.exe", &at(100 + n / 3))).collect();
    centre.events(source, &lines).await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    for turn in 0..10 {
        let path = format!("/api/v1/search?fields=host&limit=4{after}");
        let page = centre.get(&path, &centre.first).await.with(200);
        let events = page["events"].as_array().unwrap();
        seen.extend(events.iter().map(|event| event["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
        // Newer, and so before the pages that are still to come.
        centre.events(source, &[process("NEW", "C:\\a.exe", &at(1000 + turn))]).await;
    }
    assert_eq!(seen.len(), 25);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 25);
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_with_its_place() {
    let centre = Centre::start().await;
    let path = format!("/api/v1/search?query={}", encoded("host:a AND (user:b"));
    let reply = centre.get(&path, &centre.all).await;
    assert_eq!(reply.code(400), "bad_query");
    let error = reply.json()["error"].clone();
    assert_eq!(error["at"], 11);
    assert!(error["message"].as_str().unwrap().contains("letter 12"), "{error}");
    assert!(error["message_vi"].as_str().unwrap().contains("ký tự 12"), "{error}");
    for wrong in [
        "search?from=yesterday",
        "search?from=2026-10-16&to=2026-10-15",
        "search?limit=0",
        "search?limit=1001",
        "search?limit=x",
        "search?after=x",
        "search?what=1",
        "search/histogram?buckets=0",
        "search/histogram?buckets=100000",
        "search/top",
        "search/top?field=",
        "search/top?field=host&limit=0",
        "search/export?form=xml",
        "search/export?limit=0",
        "search/tail?seconds=0",
        "search/tail?seconds=901",
    ] {
        let reply = centre.get(&format!("/api/v1/{wrong}"), &centre.all).await;
        assert_eq!(reply.code(400), "invalid", "{wrong}");
    }
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn searching_needs_the_permission_and_a_refusal_is_audited() {
    let centre = Centre::start().await;
    let alerts = centre.token(&[Permission::AlertsRead], AgencyScope::All).await;
    for way in
        ["search", "search/count", "search/histogram", "search/top?field=host", "search/tail"]
    {
        let reply = centre.get(&format!("/api/v1/{way}"), &alerts).await;
        assert_eq!(reply.code(403), "forbidden", "{way}");
    }
    let reader = centre.token(&[Permission::EventsRead], AgencyScope::All).await;
    assert_eq!(centre.get("/api/v1/search/export", &reader).await.code(403), "forbidden");
    let told = &centre.audited("events.export").await[0];
    assert_eq!(told["outcome"], "refused");
    assert!(told["detail"].as_str().unwrap().contains("events.export"), "{told}");
    assert_eq!(centre.audited("events.count").await[0]["outcome"], "refused");
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn top_values_are_counted() {
    let mut centre = Centre::start().await;
    let source = centre.sources[0];
    let lines: Vec<_> = [("PC1", 10), ("PC2", 11), ("PC1", 12), ("PC3", 13)]
        .map(|(host, second)| process(host, "C:\\a.exe", &at(second)))
        .to_vec();
    centre.events(source, &lines).await;
    let top = centre.get("/api/v1/search/top?field=device.hostname&limit=1", &centre.first).await;
    let top = top.with(200);
    assert_eq!(top["values"], serde_json::json!([{"value": "pc1", "count": 2}]));
    assert_eq!((top["field"].as_str(), top["others"].as_u64()), (Some("host"), Some(2)));
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_hears_what_arrives_in_its_agency_only() {
    let mut centre = Centre::start().await;
    let [first, second] = centre.sources;
    let path = "/api/v1/search/tail?query=a.exe&fields=host&seconds=600";
    let request = request("GET", path, &centre.first).body(Body::empty()).unwrap();
    let response = centre.answer(request).await;
    assert_eq!(response.status(), 200);
    centre.events(second, &[process("OTHER", "C:\\a.exe", &at(5))]).await;
    centre.events(first, &[process("PC9", "C:\\b.exe", &at(6))]).await;
    centre.events(first, &[process("PC1", "C:\\a.exe", &at(7))]).await;
    let mut body = response.into_body();
    let mut heard = String::new();
    while !heard.contains("pc1") {
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        heard.push_str(&String::from_utf8_lossy(&frame));
    }
    assert!(!heard.contains("other") && !heard.contains("pc9"), "{heard}");
    let line = heard.lines().find(|line| !line.is_empty()).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["event"]["fields"]["host"], "pc1");
    drop(body);
    centre
        .until("ended", async |centre| {
            let told = centre.audited("events.tail").await;
            told[0]["detail"].as_str().unwrap().starts_with("ended: 1 ")
        })
        .await;
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_listed_with_their_paths() {
    let centre = Centre::start().await;
    let fields = centre.get("/api/v1/search/fields", &centre.first).await.with(200);
    let fields = fields["fields"].as_array().unwrap();
    let host = fields.iter().find(|field| field["name"] == "host").unwrap();
    assert_eq!(host["paths"], serde_json::json!(["device.hostname"]));
    assert_eq!(centre.get("/api/v1/search/fields", "").await.code(401), "unauthorized");
    centre.app.stop().await;
}
