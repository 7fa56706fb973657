//! `/api/v1/status`, `/api/v1/rules/reload`, `/metrics`, `/healthz`, `/readyz`, `/status`, and what
//! every answer has.

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use khien_domain::permission::{AgencyScope, Permission};
use serde_json::json;

use super::centre::{Centre, process, request};

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_told_to_whoever_may_read_them() {
    let mut centre = Centre::start().await;
    let source = centre.sources[0];
    centre.events(source, &[process("PC1", "C:\\a.exe", "2026-10-15 00:00:10.000")]).await;
    let status = centre.get("/api/v1/status", &centre.all).await.with(200);
    assert_eq!(status["received"]["events"], 1);
    assert_eq!((&status["rules"]["count"], &status["sources"]["active"]), (&json!(1), &json!(2)));
    assert_eq!(status["lake"]["recent_events"], 1);
    let metrics = centre.get("/metrics", &centre.all).await;
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = metrics.text();
    assert!(text.contains("\nkhien_events_total 1\n"), "{text}");
    assert!(text.contains("# TYPE khien_journal_waiting_bytes gauge\n"), "{text}");
    assert!(text.contains("\nkhien_build_info{version=\""), "{text}");
    let names = text.lines().filter(|line| line.starts_with("# TYPE")).count();
    let values = text.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(names, values);
    for path in ["/metrics", "/api/v1/status"] {
        assert_eq!(centre.get(path, &centre.first).await.code(403), "forbidden");
        assert_eq!(centre.get(path, "").await.code(401), "unauthorized");
    }
    let watcher = centre.token(&[Permission::Metrics], AgencyScope::All).await;
    assert_eq!(centre.get("/metrics", &watcher).await.status, 200);
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_may_ask_whether_it_lives() {
    let centre = Centre::start().await;
    assert_eq!(centre.get("/healthz", "").await.status, 200);
    let ready = centre.get("/readyz", "").await;
    assert_eq!((ready.status, ready.text().as_str()), (200, "ready\n"));
    centre.app.stop().await;
    let stopped = centre.get("/readyz", "").await;
    assert_eq!(stopped.status, 503);
    assert_eq!(centre.get("/healthz", "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_loaded_anew_by_operators() {
    let centre = Centre::start().await;
    let path = "/api/v1/rules/reload";
    assert_eq!(centre.post(path, &centre.all, json!({})).await.with(200)["count"], 1);
    assert_eq!(centre.get("/api/v1/status", &centre.all).await.json()["rules"]["generation"], 1);
    assert_eq!(centre.post(path, &centre.first, json!({})).await.code(403), "forbidden");
    let told = centre.audited("rules.reload").await;
    assert_eq!((&told[0]["outcome"], &told[1]["detail"]), (&json!("refused"), &json!("1 rules")));
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_page_is_plain_and_in_the_readers_language() {
    let centre = Centre::start().await;
    let page = centre.get("/status", &centre.all).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains("<html lang=\"vi\">") && text.contains("Nguồn im lặng"), "{text}");
    assert!(!text.contains("<script") && !text.contains("style=\""), "{text}");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let english = request("GET", "/status", &centre.all).header("Accept-Language", "en");
    let page = centre.send(english.body(Body::empty()).unwrap()).await.text();
    assert!(page.contains("<html lang=\"en\">") && page.contains("No source is silent"), "{page}");
    let nobody = centre.get("/status", "").await;
    assert_eq!(nobody.code(401), "unauthorized");
    assert!(nobody.header("www-authenticate").starts_with("Basic "));
    assert_eq!(centre.get("/status", &centre.first).await.code(403), "forbidden");
    let browser = request("GET", "/", "").header("Accept", "text/html");
    let sent = centre.send(browser.body(Body::empty()).unwrap()).await;
    assert_eq!((sent.status, sent.header("location")), (303, "/overview"));
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_remembers_opens_the_page_and_nothing_else() {
    let centre = Centre::start().await;
    let basic = STANDARD.encode(format!("an:{}", centre.all));
    for (method, path, status) in [
        ("GET", "/status", 200),
        ("GET", "/metrics", 401),
        ("GET", "/api/v1/status", 401),
        ("POST", "/api/v1/rules/reload", 401),
        ("POST", "/api/v1/sources/1/disable", 401),
    ] {
        let asked = request(method, path, "").header("Authorization", format!("Basic {basic}"));
        let reply = centre.send(asked.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, status, "{path}");
    }
    centre.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_a_number_and_headers_that_protect() {
    let centre = Centre::start().await;
    let first = centre.get("/api/v1/agencies", &centre.all).await;
    let second = centre.get("/api/v1/nothing", "").await;
    assert_eq!(second.code(404), "not_found");
    assert_eq!(
        centre.delete("/api/v1/agencies", &centre.all).await.code(405),
        "method_not_allowed"
    );
    for reply in [&first, &second] {
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("x-frame-options"), "DENY");
        assert!(reply.header("content-security-policy").contains("default-src 'none'"));
    }
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    let plain = request("POST", "/api/v1/agencies", &centre.all);
    let plain = plain.body(Body::from("{}")).unwrap();
    assert_eq!(centre.send(plain).await.code(415), "unsupported_media_type");
    let large = json!({"code": "a", "name": "x".repeat(2 << 20)});
    assert_eq!(centre.post("/api/v1/agencies", &centre.all, large).await.code(413), "too_large");
    let broken = request("POST", "/api/v1/agencies", &centre.all);
    let broken = broken.header("Content-Type", "application/json").body(Body::from("{")).unwrap();
    assert_eq!(centre.send(broken).await.code(400), "invalid");
    centre.app.stop().await;
}
