//! Splunk's HTTP Event Collector.

use serde_json::json;

use crate::support::Centre;

const CHANNEL: (&str, &str) = ("X-Splunk-Request-Channel", "0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_and_raw_lines_are_kept() {
    let centre = Centre::start().await;
    let splunk = format!("Splunk {}", centre.token().await);
    let headers = [("Authorization", splunk.as_str())];
    let body = r#"{"event":"a","sourcetype":"x"}{"event":{"b":1},"time":1795136523.1}"#;
    for path in ["/services/collector", "/services/collector/event"] {
        let reply = centre.send(&format!("POST {path}"), &headers, body.as_bytes()).await;
        assert_eq!((reply.status, reply.json()), (200, json!({"text": "Success", "code": 0})));
    }
    let lines = "<38>Nov 20 08:00:00 srv-01 sshd[7]: Invalid user x from 192.0.2.1 port 9\n";
    let reply = centre.send("POST /services/collector/raw", &headers, lines.as_bytes()).await;
    assert_eq!(reply.status, 200);
    centre.holds(5).await;
    let reply = centre.send("GET /services/collector/health", &[], b"").await;
    assert_eq!((reply.status, reply.json()["code"].as_u64()), (200, Some(17)));
    for (headers, body, status, code) in [
        (vec![], "{}", 401, 2),
        (vec![("Authorization", "Splunk khien_src_x")], "{}", 403, 4),
        (vec![("Authorization", "Splunk")], "{}", 401, 3),
        (headers.to_vec(), "", 400, 5),
        (headers.to_vec(), "{", 400, 6),
        (headers.to_vec(), "{\"host\":\"h\"}", 400, 12),
    ] {
        let reply = centre.send("POST /services/collector", &headers, body.as_bytes()).await;
        assert_eq!((reply.status, reply.json()["code"].as_u64()), (status, Some(code)), "{body}");
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_a_channel_counts_once_until_its_client_was_told() {
    let centre = Centre::start().await;
    let splunk = format!("Splunk {}", centre.token().await);
    let headers = [("Authorization", splunk.as_str()), CHANNEL];
    let send = async || {
        let reply = centre.send("POST /services/collector", &headers, b"{\"event\":\"a\"}").await;
        assert_eq!(reply.status, 200);
        reply.json()["ackId"].as_u64().unwrap()
    };
    let ack = send().await;
    assert_eq!(send().await, ack, "the answer was lost and the batch is sent again");
    centre.holds(1).await;
    let ask = async |headers: &[(&str, &str)], acks: &[u64]| {
        let body = json!({"acks": acks}).to_string();
        centre.send("POST /services/collector/ack", headers, body.as_bytes()).await
    };
    let reply = ask(&headers, &[ack, ack + 1000]).await;
    let (safe, not) = (ack.to_string(), (ack + 1000).to_string());
    assert_eq!(reply.json(), json!({"acks": {safe: true, not: false}}));
    assert_ne!(send().await, ack, "the same bytes mean something new");
    centre.holds(2).await;
    let reply = ask(&headers[..1], &[ack]).await;
    assert_eq!((reply.status, reply.json()["code"].as_u64()), (400, Some(10)));
    let odd = [("Authorization", splunk.as_str()), ("X-Splunk-Request-Channel", "a b")];
    let reply = ask(&odd, &[ack]).await;
    assert_eq!((reply.status, reply.json()["code"].as_u64()), (400, Some(11)));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_of_an_earlier_run_are_safe() {
    let centre = Centre::start().await;
    let splunk = format!("Splunk {}", centre.token().await);
    let headers = [("Authorization", splunk.as_str()), CHANNEL];
    let reply = centre.send("POST /services/collector", &headers, b"{\"event\":\"a\"}").await;
    let ack = reply.json()["ackId"].as_u64().unwrap();
    let centre = centre.restart().await;
    let body = json!({"acks": [ack]}).to_string();
    let asked = "POST /services/collector/ack?channel=0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba";
    let reply = centre.send(asked, &headers[..1], body.as_bytes()).await;
    assert_eq!(reply.json(), json!({"acks": {ack.to_string(): true}}));
    centre.stop().await;
}
