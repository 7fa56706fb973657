//! `/api/v1/search/export`

use axum::body::Body;

use super::centre::{Centre, process, request};

#[tokio::test(flavor = "multi_thread")]
async fn events_are_exported_oldest_first_in_three_forms_and_twice_in_the_audit_log() {
    let mut centre = Centre::start().await;
    let source = centre.sources[0];
    let lines: Vec<_> = [20, 10, 30]
        .map(|second| {
            process(
                &format!("PC{second}"),
                "C:\\a, b.exe",
                &format!("2026-10-15 00:00:{second}.000"),
            )
        })
        .to_vec();
    centre.events(source, &lines).await;
    let base = "/api/v1/search/export?fields=host,process";
    let reply = centre.get(&format!("{base}&form=csv"), &centre.first).await;
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"events.csv\"");
    let expected = "host,process\r\npc10,\"C:\\a, b.exe\"\r\npc20,\"C:\\a, b.exe\"\r\npc30,\"C:\\a, b.exe\"\r\n";
    assert_eq!(reply.text(), expected);
    let reply = centre.get(&format!("{base}&form=jsonl&limit=2"), &centre.first).await;
    let hosts: Vec<_> = (reply.text().lines())
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["host"].clone())
        .collect();
    assert_eq!(hosts, ["pc10", "pc20"]);
    let reply = centre.get(&format!("{base}&form=parquet"), &centre.first).await;
    assert!(reply.body.starts_with(b"PAR1") && reply.body.ends_with(b"PAR1"));
    centre.until("told", async |centre| centre.audited("events.export").await.len() == 6).await;
    let told = centre.audited("events.export").await;
    let details: Vec<_> = told.iter().map(|entry| entry["detail"].as_str().unwrap()).collect();
    assert!(details.iter().any(|detail| detail.ends_with("2 events, cut at the limit")));
    assert_eq!(details.iter().filter(|detail| detail.contains("begun")).count(), 3);
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_nobody_takes_ends_and_gives_its_place_back() {
    let mut centre = Centre::start().await;
    let source = centre.sources[0];
    let line = process("PC1", &format!("C:\\{}.exe", "x".repeat(4000)), "2026-10-15 00:00:01.000");
    centre.events(source, &vec![line; 500]).await;
    for _ in 0..20 {
        let request = request("GET", "/api/v1/search/export", &centre.first);
        let response = centre.answer(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 200);
        drop(response);
        let failed = async |centre: &Centre| {
            let told = centre.audited("events.export").await;
            told[0]["outcome"] == "failed"
        };
        centre.until("ended", failed).await;
    }
    centre.app.stop().await;
}
