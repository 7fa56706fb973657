//! Both encodings give the same lines, and the lines are what the data model says.

use proptest::prelude::*;
use prost::Message;
use serde_json::{Value as Json, json};

use super::message::{
    AnyValue, ArrayValue, KeyValue, KeyValueList, LogRecord, Resource, ResourceLogs, Scope,
    ScopeLogs, Value,
};
use super::*;

const NOW: u64 = 1_795_136_523_000_000_000;

fn any_of(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(any_of(value)) }
}

fn request(records: Vec<LogRecord>) -> ExportLogsRequest {
    let resource =
        Resource { attributes: vec![pair("host.name", text("web-01")), pair("user", text("r"))] };
    let scope = Scope { name: "auth".into(), version: "1".into(), attributes: Vec::new() };
    let scope_logs = vec![ScopeLogs { scope: Some(scope), log_records: records }];
    ExportLogsRequest { resource_logs: vec![ResourceLogs { resource: Some(resource), scope_logs }] }
}

fn objects(lines: &Lines) -> Vec<Json> {
    let text = std::str::from_utf8(lines.bytes()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_record_becomes_one_flat_object() {
    let record = LogRecord {
        time_unix_nano: NOW + 123_456_789,
        severity_number: 9,
        severity_text: "INFO".into(),
        body: Some(any_of(text("Failed password for \"an\"\nx"))),
        attributes: vec![
            pair("user", text("an")),
            pair("body", text("mine")),
            pair("count", Value::Int(-7)),
            pair("share", Value::Double(0.5)),
            pair("odd", Value::Double(f64::NAN)),
            pair("raw", Value::Bytes(vec![0, 255])),
            pair("list", Value::Array(ArrayValue { values: vec![any_of(Value::Bool(true))] })),
            pair("map", Value::Map(KeyValueList { values: vec![pair("a", text("b"))] })),
            KeyValue { key: "none".into(), value: None },
        ],
        trace_id: vec![0xab; 16],
        ..LogRecord::default()
    };
    let body = request(vec![record]).encode_to_vec();
    let logs = parse(&body, Encoding::Protobuf, NOW).unwrap();
    let expected = json!({
        "@timestamp": "2026-11-20T01:02:03.123456789Z",
        "observed_timestamp": "2026-11-20T01:02:03Z",
        "severity_number": 9,
        "severity_text": "INFO",
        "trace_id": "ab".repeat(16),
        "body": "Failed password for \"an\"\nx",
        "user": "an",
        "attributes.body": "mine",
        "count": -7,
        "share": 0.5,
        "odd": "NaN",
        "raw": "AP8=",
        "list": [true],
        "map": {"a": "b"},
        "none": null,
        "host.name": "web-01",
        "resource.user": "r",
        "scope.name": "auth",
        "scope.version": "1",
    });
    assert_eq!(objects(&logs.lines), [expected]);
    assert_eq!((logs.lines.count(), logs.empty), (1, 0));
}

#[test]
fn json_says_the_same_as_protobuf() {
    let body = json!({"resourceLogs": [{
        "resource": {"attributes": [
            {"key": "host.name", "value": {"stringValue": "web-01"}},
            {"key": "user", "value": {"stringValue": "r"}}
        ], "droppedAttributesCount": 0},
        "scopeLogs": [{"scope": {"name": "auth", "version": "1"}, "logRecords": [
            {
                "timeUnixNano": NOW.to_string(), "observedTimeUnixNano": NOW, "severityNumber": 17,
                "severityText": "ERROR", "flags": 1, "unknown": {"a": [1]},
                "traceId": "5B8EFFF798038103D269B633813FC60C", "spanId": "EEE19B7EC3C1B174",
                "body": {"kvlistValue": {"values": [
                    {"key": "EventID", "value": {"intValue": "4688"}},
                    {"key": "ok", "value": {"boolValue": true}},
                    {"key": "list", "value": {"arrayValue": {"values": [{"doubleValue": 1.5}, {}]}}},
                    {"key": "bytes", "value": {"bytesValue": "AP8="}}
                ]}}
            },
            {"severityNumber": "SEVERITY_NUMBER_WARN2", "body": {"stringValue": "x"}},
            {"body": {"stringValue": ""}}
        ]}]
    }]});
    let from_json = parse(body.to_string().as_bytes(), Encoding::Json, NOW).unwrap();
    let map = Value::Map(KeyValueList {
        values: vec![
            pair("EventID", Value::Int(4688)),
            pair("ok", Value::Bool(true)),
            pair(
                "list",
                Value::Array(ArrayValue {
                    values: vec![any_of(Value::Double(1.5)), AnyValue::default()],
                }),
            ),
            pair("bytes", Value::Bytes(vec![0, 255])),
        ],
    });
    let id = |hex: &str| -> Vec<u8> {
        (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap())
            .collect()
    };
    let records = vec![
        LogRecord {
            time_unix_nano: NOW,
            observed_time_unix_nano: NOW,
            severity_number: 17,
            severity_text: "ERROR".into(),
            body: Some(any_of(map)),
            trace_id: id("5b8efff798038103d269b633813fc60c"),
            span_id: id("eee19b7ec3c1b174"),
            ..LogRecord::default()
        },
        LogRecord { severity_number: 14, body: Some(any_of(text("x"))), ..LogRecord::default() },
        LogRecord { body: Some(any_of(text(""))), ..LogRecord::default() },
    ];
    let body = request(records).encode_to_vec();
    let from_protobuf = parse(&body, Encoding::Protobuf, NOW).unwrap();
    assert_eq!(from_json, from_protobuf);
    assert_eq!((from_json.lines.count(), from_json.empty), (2, 1));
    assert_eq!(objects(&from_json.lines)[0]["EventID"], 4688);
}

#[test]
fn what_is_no_request_is_refused() {
    assert!(matches!(parse(b"\xff\xff", Encoding::Protobuf, 0), Err(OtlpError::Protobuf(_))));
    assert!(matches!(parse(b"{\"resourceLogs\":7}", Encoding::Json, 0), Err(OtlpError::Json(_))));
    assert!(parse(b"", Encoding::Protobuf, 0).unwrap().lines.is_empty());
    assert!(parse(b"{}", Encoding::Json, 0).unwrap().lines.is_empty());
}

#[test]
fn deep_values_are_cut_or_refused() {
    let mut deep = any_of(text("x"));
    for _ in 0..60 {
        deep = any_of(Value::Array(ArrayValue { values: vec![deep] }));
    }
    let record = LogRecord { body: Some(deep), ..LogRecord::default() };
    // Each level takes two messages.
    let body = request(vec![record]).encode_to_vec();
    assert!(parse(&body, Encoding::Protobuf, 0).is_err());
    let json = format!(
        "{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"body\":{}{}}}]}}]}}]}}",
        "{\"arrayValue\":{\"values\":[".repeat(1000),
        "]}}".repeat(1000)
    );
    assert!(matches!(parse(json.as_bytes(), Encoding::Json, 0), Err(OtlpError::Json(_))));
}

#[test]
fn many_records_of_a_large_resource_do_not_grow_beyond_a_batch() {
    let resource = Resource { attributes: vec![pair("a", text(&"x".repeat(1 << 20)))] };
    let record = LogRecord { body: Some(any_of(text("x"))), ..LogRecord::default() };
    let scope_logs = vec![ScopeLogs { scope: None, log_records: vec![record; 1000] }];
    let request = ExportLogsRequest {
        resource_logs: vec![ResourceLogs { resource: Some(resource), scope_logs }],
    };
    let body = request.encode_to_vec();
    assert!(matches!(parse(&body, Encoding::Protobuf, 0), Err(OtlpError::TooLarge(_))));
}

#[test]
fn what_was_left_out_is_told() {
    assert_eq!(answer(Encoding::Protobuf, 0), b"");
    assert_eq!(answer(Encoding::Json, 0), b"{}");
    let response = ExportLogsResponse::decode(answer(Encoding::Protobuf, 2).as_slice()).unwrap();
    assert_eq!(response.partial_success.unwrap().rejected_log_records, 2);
    let response: Json = serde_json::from_slice(&answer(Encoding::Json, 2)).unwrap();
    assert_eq!(response["partialSuccess"]["rejectedLogRecords"], "2");
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(body in proptest::collection::vec(proptest::arbitrary::any::<u8>(), 0..100)) {
        let _ = parse(&body, Encoding::Protobuf, 0);
        let _ = parse(&body, Encoding::Json, 0);
    }

    #[test]
    fn every_line_is_an_object(key in ".{0,12}", value in ".{1,20}", body in ".{1,20}") {
        let record = LogRecord {
            body: Some(any_of(text(&body))),
            attributes: vec![pair(&key, text(&value)), pair(&key, text(&value))],
            ..LogRecord::default()
        };
        let logs = parse(&request(vec![record]).encode_to_vec(), Encoding::Protobuf, NOW).unwrap();
        let objects = objects(&logs.lines);
        prop_assert_eq!(objects.len(), 1);
        prop_assert_eq!(objects[0]["body"].as_str(), Some(body.as_str()));
    }
}
