//! Elasticsearch's API, as its clients use it.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::support::Centre;

const V9: &str = "application/vnd.elasticsearch+x-ndjson; compatible-with=9";
const ANSWER_V9: &str = "application/vnd.elasticsearch+json; compatible-with=9";

fn bulk(ids: &[Option<&str>]) -> Vec<u8> {
    let mut body = String::new();
    for (number, id) in ids.iter().enumerate() {
        let meta = id.map_or(json!({}), |id| json!({"_id": id}));
        body += &format!("{}\n", json!({"create": meta}));
        body += &format!("{}\n", json!({"message": format!("event {number}"), "n": number}));
    }
    body.into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_are_kept_whatever_the_verb_the_address_and_the_encoding() {
    let centre = Centre::start().await;
    let key = format!("ApiKey {}", centre.token().await);
    let body = bulk(&[None, None, None]);
    let headers = [("Authorization", key.as_str()), ("Content-Type", V9), ("Accept", ANSWER_V9)];
    let reply = centre.send("PUT /_bulk", &headers, &body).await;
    assert_eq!((reply.status, reply.json()["errors"].as_bool()), (200, Some(false)));
    assert_eq!(reply.headers["x-elastic-product"], "Elasticsearch");
    assert_eq!(
        reply.headers["content-type"],
        "application/vnd.elasticsearch+json;compatible-with=9"
    );
    let items = reply.json()["items"].as_array().unwrap().clone();
    assert!(items.iter().all(|item| item["create"]["status"] == 201));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&body).unwrap();
    let headers =
        [("Authorization", key.as_str()), ("Content-Encoding", "gzip"), ("Accept", "*/*")];
    let request = "POST /filebeat-8.17.0/_bulk?filter_path=errors,items.*.status";
    let reply = centre.send(request, &headers, &gzip.finish().unwrap()).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["items"][0]["create"]["_index"], "filebeat-8.17.0");
    centre.holds(6).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_batch_with_ids_or_a_key_counts_once() {
    let centre = Centre::start().await;
    let key = format!("Bearer {}", centre.token().await);
    let headers = [("Authorization", key.as_str())];
    let body = bulk(&[Some("a"), Some("b")]);
    for _ in 0..3 {
        let reply = centre.send("POST /_bulk", &headers, &body).await;
        assert_eq!((reply.status, &reply.json()["items"][1]["create"]["_id"]), (200, &json!("b")));
    }
    let named = [("Authorization", key.as_str()), ("Idempotency-Key", "batch 7")];
    for _ in 0..2 {
        let reply = centre.send("POST /_bulk", &named, &bulk(&[None])).await;
        assert_eq!(reply.status, 200);
    }
    centre.holds(3).await;
    let centre = centre.restart().await;
    assert_eq!(centre.send("POST /_bulk", &headers, &body).await.status, 200);
    assert_eq!(centre.send("POST /_bulk", &named, &bulk(&[None])).await.status, 200);
    assert_eq!(centre.app.figures().counted().repeated, 2);
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_before_sending_is_answered() {
    let centre = Centre::start().await;
    let key = format!("ApiKey {}", centre.token().await);
    let headers = [("Authorization", key.as_str()), ("Accept", "application/json")];
    let reply = centre.send("GET /", &headers, b"").await;
    assert_eq!(reply.json()["tagline"], "You Know, for Search");
    assert_eq!(reply.headers["x-elastic-product"], "Elasticsearch");
    assert_eq!(centre.send("HEAD /", &headers, b"").await.status, 200);
    let license = centre.send("GET /_license?human=false", &headers, b"").await;
    assert_eq!(license.json()["license"]["status"], "active");
    for request in [
        "GET /_xpack",
        "GET /_cluster/health",
        "HEAD /_index_template/filebeat-8.17.0",
        "GET /_data_stream/filebeat-8.17.0",
        "GET /_ilm/policy/filebeat",
        "GET /_ingest/pipeline/winlogbeat-8.17.0-security",
        "GET /_template/filebeat",
        "HEAD /_alias/filebeat",
    ] {
        assert_eq!(centre.send(request, &headers, b"").await.status, 200, "{request}");
    }
    for request in ["PUT /_index_template/x", "PUT /_ilm/policy/x", "PUT /_ingest/pipeline/x"] {
        let reply = centre.send(request, &headers, b"{}").await;
        assert_eq!(reply.json()["acknowledged"], true, "{request}");
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_s_requests_are_refused_and_counted() {
    let centre = Centre::start().await;
    let body = bulk(&[None]);
    for (headers, kind) in [
        (vec![], "security_exception"),
        (vec![("Authorization", "Bearer khien_src_x")], "security_exception"),
        (vec![("Authorization", "Digest x")], "security_exception"),
    ] {
        let reply = centre.send("POST /_bulk", &headers, &body).await;
        assert_eq!((reply.status, &reply.json()["error"]["type"]), (401, &json!(kind)));
        assert!(!String::from_utf8_lossy(&reply.body).contains("khien_src_x"));
    }
    centre.holds(0).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_are_told_as_clients_know_them() {
    let centre = Centre::start().await;
    let key = format!("Bearer {}", centre.token().await);
    let headers = [("Authorization", key.as_str())];
    let reply = centre.send("POST /_bulk", &headers, b"{\"create\":{}}\n{}\nno\n").await;
    assert_eq!(reply.status, 400);
    assert!(reply.json()["error"]["reason"].as_str().unwrap().contains("line [3]"));
    let gzip = [("Authorization", key.as_str()), ("Content-Encoding", "gzip")];
    assert_eq!(centre.send("POST /_bulk", &gzip, b"no gzip").await.status, 400);
    let zstd = [("Authorization", key.as_str()), ("Content-Encoding", "zstd")];
    assert_eq!(centre.send("POST /_bulk", &zstd, b"x").await.status, 415);
    let long = [("Authorization", key.as_str()), ("Content-Length", "99999999999")];
    assert_eq!(centre.send("POST /_bulk", &long, b"").await.status, 413);
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..40 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    assert_eq!(centre.send("POST /_bulk", &gzip, &bomb.finish().unwrap()).await.status, 413);
    centre.holds(0).await;
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_over_its_rate_is_told_when_to_come_again() {
    use crate::support::Known;
    let centre = Centre::start().await;
    let known = Known { events_per_second: Some(1), ..Known::default() };
    let (_, token) = centre.source(khien_domain::source::SourceKind::Http, known).await;
    let key = format!("Bearer {token}");
    let headers = [("Authorization", key.as_str())];
    let body = bulk(&[None; 100]);
    assert_eq!(centre.send("POST /_bulk", &headers, &body).await.status, 200);
    let reply = centre.send("POST /_bulk", &headers, &body).await;
    assert_eq!(reply.status, 503);
    assert!(reply.headers["retry-after"].parse::<u32>().unwrap() >= 1);
    assert_eq!(reply.json()["error"]["type"], "es_rejected_execution_exception");
    centre.holds(100).await;
    centre.stop().await;
}
