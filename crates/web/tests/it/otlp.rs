//! OpenTelemetry over HTTP.

use prost::Message;
use serde_json::json;

use khien_web::protocol::otlp::message::{
    AnyValue, ExportLogsRequest, LogRecord, ResourceLogs, ScopeLogs, Value,
};

use crate::support::Centre;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_kept_in_both_encodings() {
    let centre = Centre::start().await;
    let bearer = format!("Bearer {}", centre.token().await);
    let body = AnyValue { value: Some(Value::Text("Invalid user x from 192.0.2.1".into())) };
    let record = LogRecord { body: Some(body), ..LogRecord::default() };
    let scope_logs =
        vec![ScopeLogs { scope: None, log_records: vec![record, LogRecord::default()] }];
    let request =
        ExportLogsRequest { resource_logs: vec![ResourceLogs { resource: None, scope_logs }] };
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/x-protobuf")];
    let reply = centre.send("POST /v1/logs", &headers, &request.encode_to_vec()).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["content-type"], "application/x-protobuf");
    assert!(!reply.body.is_empty(), "the empty record is told");
    let body = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [
        {"timeUnixNano": "1795136523000000000", "body": {"stringValue": "a"}},
        {"body": {"stringValue": "b"}}
    ]}]}]});
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let reply = centre.send("POST /v1/logs", &headers, body.to_string().as_bytes()).await;
    assert_eq!((reply.status, reply.json()), (200, json!({})));
    centre.holds(3).await;
    let reply = centre.send("POST /v1/logs", &headers, b"{").await;
    assert_eq!(reply.status, 400);
    let text = [("Authorization", bearer.as_str()), ("Content-Type", "text/plain")];
    assert_eq!(centre.send("POST /v1/logs", &text, b"x").await.status, 415);
    let nobody = [("Content-Type", "application/json")];
    assert_eq!(centre.send("POST /v1/logs", &nobody, b"{}").await.status, 401);
    centre.stop().await;
}
