//! Logs of applications, databases and macOS, and what else has no line format of its own.

use crate::support::{Kept, read, read_as};

fn kinds(text: &str) -> Vec<String> {
    let reading = read(text.as_bytes());
    assert_eq!(reading.format, "application", "{text}");
    assert_eq!(reading.problems, [], "{text}");
    reading.records.into_iter().map(|record| record.kind).collect()
}

#[test]
fn traces_are_one_entry_and_say_whose_they_are() {
    let django = "2026-11-20 08:00:00,123 ERROR Internal Server Error: /tra-cuu\n\
                  Traceback (most recent call last):\n  \
                    File \"/srv/x/django/core/handlers/base.py\", line 7, in inner\n    \
                      response = get_response(request)\n\
                  django.core.exceptions.DisallowedHost: Invalid HTTP_HOST header\n\
                  2026-11-20 08:00:01,000 INFO ready\n";
    let reading = read(django.as_bytes());
    let [trace, ready] = reading.records.as_slice() else { panic!("{reading:#?}") };
    assert_eq!(trace.labels, ["django/application/*", "python/application/*"]);
    assert_eq!((trace.get("level"), trace.number), ("ERROR", 1));
    assert!(trace.get("message").ends_with("DisallowedHost: Invalid HTTP_HOST header"));
    assert_eq!(trace.time.as_deref(), Some("2026-11-20T01:00:00.123Z"));
    // What has no mark is of what the source was told to be.
    assert_eq!((ready.kind.as_str(), ready.number), ("application/django", 6));

    let spring = "2026-11-20T08:00:00.123+07:00 ERROR 7 --- [nio-1] o.s.w.s.x : failed\n\
                  org.springframework.expression.ExpressionException: bad\n\
                  \tat org.springframework.A.b(A.java:7)\n\
                  Caused by: java.lang.IllegalStateException: x\n\t... 5 more\n\
                  2026-11-20T08:00:02.000+07:00  INFO 7 --- [main] x : up\n";
    assert_eq!(kinds(spring), ["application/spring", "application/spring"]);

    let rails = "E, [2026-11-20T08:00:00.123456 #7] ERROR -- : ActionController::InvalidAuthenticityToken\n";
    assert_eq!(kinds(rails), ["application/ruby_on_rails"]);
    let node = "Error: spawn\n    at ChildProcess.spawn (node:child_process:421:11)\n";
    assert_eq!(kinds(node), ["application/nodejs"]);
    let bare = "Traceback (most recent call last):\n  File \"/a.py\", line 1, in x\nsqlite3.OperationalError: near \"'\": syntax error\n";
    assert_eq!(kinds(bare), ["application/python+sql"]);
    let java =
        "Exception in thread \"main\" java.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)\n";
    assert_eq!(kinds(java), ["application/jvm"]);
}

#[test]
fn entries_are_bounded_and_prose_is_a_problem() {
    let mut text = "2026-11-20 08:00:00 ERROR x\nTraceback (most recent call last):\n".to_owned();
    for _ in 0..20_000 {
        text.push_str("  File \"/srv/app/x.py\", line 7, in x\n");
    }
    let reading = read(text.as_bytes());
    assert_eq!((reading.records.len(), reading.problems.len()), (1, 1));
    assert!(reading.records[0].raw.len() <= khien_event::format::application::MAX_ENTRY_BYTES);
    let reading = read_as(b"just prose\nand more\n", Some("application"));
    let offsets: Vec<u64> = reading.problems.iter().map(|problem| problem.offset).collect();
    assert_eq!((reading.records.len(), offsets), (0, vec![0, 11]));
}

#[test]
fn databases_give_their_statements() {
    let text = "2026-11-20T01:00:00.123456Z\t   12 Connect\tan@192.0.2.5 on shop using TCP/IP\n\
                2026-11-20T01:00:01.123456Z\t   12 Query\tSELECT a\n  FROM b WHERE c = 1\n";
    let reading = read(text.as_bytes());
    let [connect, query] = reading.records.as_slice() else { panic!("{reading:#?}") };
    assert_eq!(connect.labels, ["mysql/database/*"]);
    assert_eq!((connect.get("user"), connect.get("database")), ("an", "shop"));
    assert_eq!(connect.addresses, ["192.0.2.5"]);
    assert_eq!(query.get("query"), "SELECT a\n  FROM b WHERE c = 1");
    assert_eq!(query.time.as_deref(), Some("2026-11-20T01:00:01.123456Z"));

    let text = "2026-11-20 08:00:00.123 +07 [77] an@shop LOG:  statement: DROP TABLE x\n\
                2026-11-20 08:00:01.123 +07 [77] an@shop ERROR:  syntax error at or near \"'\" at character 7\n";
    let reading = read(text.as_bytes());
    let [drop, error] = reading.records.as_slice() else { panic!("{reading:#?}") };
    assert_eq!(drop.labels, ["postgresql/database/*"]);
    assert_eq!(
        (drop.get("query"), drop.get("user"), drop.get("pid")),
        ("DROP TABLE x", "an", "77")
    );
    assert_eq!(drop.time.as_deref(), Some("2026-11-20T01:00:00.123Z"));
    assert_eq!(error.labels, ["postgresql/database/*", "sql/application/*"]);

    let text = "2026-11-20 08:00:00.12 Logon       Login failed for user 'sa'. Reason: x [CLIENT: 192.0.2.7]\n";
    let reading = read(text.as_bytes());
    assert_eq!(reading.records[0].labels, ["mssql/database/*"]);
    assert_eq!(
        (reading.records[0].get("user"), reading.records[0].get("src_ip")),
        ("sa", "192.0.2.7")
    );
}

fn one(text: &str) -> Kept {
    let reading = read(text.as_bytes());
    assert_eq!(reading.problems, [], "{text}");
    assert_eq!(reading.records.len(), 1, "{text}");
    reading.records.into_iter().next().unwrap()
}

fn holds(record: &Kept, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(record.get(name), *value, "{name}: {record:?}");
    }
}

#[test]
fn macos_says_who_started_what() {
    let exec = one(
        r#"{"schema_version":1,"mach_time":7,"event_type":9,"time":"2026-11-20T01:00:00.5Z","process":{"audit_token":{"pid":77,"euid":501},"executable":{"path":"/bin/zsh"},"ppid":1},"event":{"exec":{"args":["curl","-s","http://a.example"],"cwd":{"path":"/tmp"},"target":{"ppid":70,"audit_token":{"pid":77},"executable":{"path":"/usr/bin/curl"}}}}}"#,
    );
    assert_eq!(exec.labels, ["macos/process_creation/*"]);
    holds(
        &exec,
        &[
            ("Image", "/usr/bin/curl"),
            ("CommandLine", "curl -s http://a.example"),
            ("ParentImage", "/bin/zsh"),
            ("CurrentDirectory", "/tmp"),
        ],
    );
    let create = one(
        r#"{"mach_time":7,"event_type":13,"process":{"executable":{"path":"/bin/zsh"}},"event":{"create":{"destination_type":1,"destination":{"new_path":{"dir":{"path":"/Library/LaunchAgents"},"filename":"a.plist"}}}}}"#,
    );
    assert_eq!(create.labels, ["macos/file_event/*"]);
    holds(&create, &[("TargetFilename", "/Library/LaunchAgents/a.plist"), ("Image", "/bin/zsh")]);
    let connect = one(
        r#"{"header":{"event_name":"AUE_CONNECT","time_seconds_epoch":1795136523},"subject":{"process_name":"/usr/bin/nc","effective_user_name":"an"},"socket_inet":{"ip_address":"192.0.2.7","port":443},"host_info":{"host_name":"mac-1"}}"#,
    );
    assert_eq!(connect.labels, ["macos/network_connection/*"]);
    holds(&connect, &[("DestinationIp", "192.0.2.7"), ("DestinationPort", "443")]);
    assert_eq!((connect.host.as_deref(), connect.user.as_deref()), (Some("mac-1"), Some("an")));
}

#[test]
fn json_audit_logs_of_mod_security_have_the_names_of_the_serial_ones() {
    let three = one(
        r#"{"transaction":{"client_ip":"192.0.2.7","client_port":5,"host_ip":"192.0.2.1","host_port":80,"unique_id":"u1","request":{"method":"GET","uri":"/?a=1","headers":{"Host":"w.example","User-Agent":"x"}},"response":{"http_code":403},"messages":[{"message":"SQL Injection","details":{"ruleId":"942100","severity":"2","tags":["a"]}}]}}"#,
    );
    assert_eq!(three.labels, ["modsecurity/*/modsecurity"]);
    holds(
        &three,
        &[
            ("c-ip", "192.0.2.7"),
            ("c-uri", "/?a=1"),
            ("cs-host", "w.example"),
            ("sc-status", "403"),
            ("id", "942100"),
            ("msg", "SQL Injection"),
        ],
    );
    let two = one(
        r#"{"transaction":{"time":"20/Nov/2026:08:00:00 +0700","transaction_id":"t","remote_address":"192.0.2.7","remote_port":5},"request":{"request_line":"GET /?a=1 HTTP/1.1","headers":{"Host":"w.example"}},"response":{"status":403},"audit_data":{"messages":["Access denied with code 403 (phase 2). [file \"/r.conf\"] [line \"7\"] [id \"942100\"] [msg \"SQL Injection\"]"]}}"#,
    );
    assert_eq!(two.kind, "modsecurity");
    holds(&two, &[("c-ip", "192.0.2.7"), ("id", "942100"), ("action", "block")]);
}

#[test]
fn lists_of_devices_behind_structured_headers_are_read() {
    let junos = one(
        "<14>1 2026-11-20T08:00:00.123+07:00 srx-1 RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636.1.1.1.2.129 source-address=\"192.0.2.7\" source-port=\"5\" destination-address=\"192.0.2.1\" destination-port=\"80\" policy-name=\"deny-all\"] session denied",
    );
    assert_eq!(junos.kind, "junos/flow");
    holds(
        &junos,
        &[("src_ip", "192.0.2.7"), ("dst_port", "80"), ("rule", "deny-all"), ("hostname", "srx-1")],
    );
    let checkpoint = one(
        "<134>1 2026-11-20T01:00:00Z fw-1 CheckPoint 7 - [action:\"Drop\"; ifdir:\"inbound\"; loguid:\"{1}\"; origin:\"192.0.2.1\"; src:\"192.0.2.7\"; dst:\"192.0.2.2\"; product:\"VPN-1\"; service:\"80\"; s_port:\"5\"]",
    );
    assert_eq!(checkpoint.kind, "checkpoint");
    holds(&checkpoint, &[("src_ip", "192.0.2.7"), ("blocked", "true"), ("action", "Drop")]);
    let kernel = one(
        "Nov 20 08:00:00 h kernel: [1.5] audit: type=1300 audit(1795136523.456:7): arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=7 uid=0 comm=\"id\" exe=\"/usr/bin/id\"",
    );
    assert!(kernel.labels.contains(&"linux/process_creation/auditd".to_owned()), "{kernel:?}");
    let firewalld = one(
        "Nov 20 08:00:00 h firewalld[7]: ERROR: COMMAND_FAILED: '/usr/sbin/iptables -w' failed: x",
    );
    assert_eq!(firewalld.labels, ["linux/*/firewalld", "linux/*/syslog"]);
    holds(&firewalld, &[("level", "ERROR"), ("error_code", "COMMAND_FAILED")]);
    let zone = one("Nov 20 08:00:00 h firewalld[7]: DEBUG1: zone.addService('public', 'ssh')");
    holds(&zone, &[("operation", "zone.addService"), ("zone", "public"), ("change", "'ssh'")]);
}
