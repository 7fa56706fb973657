//! Lines that the ways in over HTTP carry in objects: they give the same fields as on their own.

use crate::support::{Kept, read_as};

/// Lines as programs write them, with the format that reads them alone.
const LINES: [(&str, &str); 6] = [
    (
        "syslog",
        "<38>Nov 20 08:00:00 srv-01 sshd[7]: Failed password for invalid user bình from 203.0.113.4 port 5022 ssh2",
    ),
    (
        "syslog",
        "Nov 20 08:00:00 srv-01 sudo: an.nguyen : TTY=pts/0 ; PWD=/home/an ; USER=root ; COMMAND=/usr/bin/id",
    ),
    (
        "syslog",
        "<165>1 2026-11-20T08:00:00.123456+07:00 web-01.example app 77 ID47 [ex@32473 note=\"a \\\"b\\\" c\"] Xin chào",
    ),
    (
        "syslog",
        "2026-11-20T08:00:00.5+07:00 srv-01 app: {\"user\":\"an\",\"src_ip\":\"192.0.2.1\"}",
    ),
    (
        "web-access",
        "203.0.113.9 - an [20/Nov/2026:08:00:00 +0700] \"GET /a.php?x=1 HTTP/1.1\" 200 5 \"-\" \"curl/8\"",
    ),
    (
        "auditd",
        "type=USER_LOGIN msg=audit(1795136523.456:77): pid=9 uid=0 acct=\"an\" exe=\"/usr/sbin/sshd\" addr=192.0.2.1 res=failed",
    ),
];

/// An object as a way in writes it, around a line.
type Wrapping = fn(&str) -> String;

const OTLP: Wrapping = |line| {
    format!(
        r#"{{"@timestamp":"2026-11-22T00:00:00Z","observed_timestamp":"2026-11-22T00:00:00Z","severity_number":9,"body":{line},"log.file.name":"x"}}"#
    )
};
const HEC: Wrapping = |line| {
    format!(r#"{{"event":{line},"hec":{{"sourcetype":"linux_secure","host":"forwarder"}}}}"#)
};
const FILEBEAT: Wrapping = |line| {
    format!(
        r#"{{"@timestamp":"2026-11-22T00:00:00.000Z","message":{line},"agent":{{"type":"filebeat"}}}}"#
    )
};

fn only(line: &str, format: &str) -> Kept {
    let mut reading = read_as(line.as_bytes(), Some(format));
    assert_eq!(reading.problems, [], "{line}");
    assert_eq!(reading.records.len(), 1, "{line}");
    reading.records.remove(0)
}

/// The text as a JSON string.
fn quoted(line: &str) -> String {
    format!("\"{}\"", line.replace('\\', "\\\\").replace('"', "\\\""))
}

#[test]
fn a_carried_line_gives_the_same_fields_as_on_its_own() {
    for (format, line) in LINES {
        let alone = only(line, format);
        for wrapping in [OTLP, HEC, FILEBEAT] {
            let carried = only(&wrapping(&quoted(line)), "json");
            assert_eq!(carried.kind, alone.kind, "{line}");
            assert_eq!(carried.labels, alone.labels, "{line}");
            assert_eq!(carried.time, alone.time, "{line}");
            for (name, values) in &alone.fields {
                let found = carried.fields.get(name).map(Vec::as_slice).unwrap_or_default();
                let all = values.iter().all(|value| found.contains(value));
                assert!(all, "{name} of {line}: {values:?} in {found:?}");
            }
            assert_eq!(carried.user, alone.user, "{line}");
            assert_eq!(carried.addresses, alone.addresses, "{line}");
        }
    }
}

#[test]
fn a_message_without_header_is_told_by_the_program_beside_it() {
    let text = r#"{"observed_timestamp":"2026-11-22T00:00:00Z","body":"Failed password for an from 203.0.113.4 port 5022 ssh2","appname":"sshd","host.name":"srv-01"}"#;
    let record = only(text, "json");
    assert_eq!(record.kind, "sshd");
    assert_eq!(
        (record.get("user"), record.get("src_ip"), record.get("status")),
        ("an", "203.0.113.4", "failure")
    );
    assert_eq!(record.host.as_deref(), Some("srv-01"));
}

#[test]
fn the_envelope_tells_what_the_event_does_not() {
    let text =
        r#"{"event":"Xin chào","hec":{"sourcetype":"app","time":1795136523.5,"host":"web-01"}}"#;
    let record = only(text, "json");
    assert_eq!((record.kind.as_str(), record.get("message")), ("hec", "Xin chào"));
    assert_eq!(record.time.as_deref(), Some("2026-11-20T01:02:03.5Z"));
    assert_eq!(record.host.as_deref(), Some("web-01"));
    let text =
        r#"{"EventID":4625,"Channel":"Security","TargetUserName":"an","hec":{"sourcetype":"x"}}"#;
    assert_eq!(only(text, "json").kind, "windows");
    let text = r#"{"line":"<38>Nov 20 08:00:00 srv-01 sshd[7]: Invalid user x from 192.0.2.1","tag":"t","hec":{"sourcetype":"x"}}"#;
    assert_eq!(only(text, "json").kind, "sshd");
}

#[test]
fn lines_do_not_unfold_without_end() {
    let mut line = "<38>Nov 20 08:00:00 srv-01 sshd[7]: Invalid user x from 192.0.2.1".to_owned();
    for _ in 0..4 {
        line = format!("<38>Nov 20 08:00:00 srv-01 app: {}", OTLP(&quoted(&line)));
    }
    let record = only(&line, "syslog");
    assert_eq!(record.kind, "otlp");
}
