//! What JSON objects are told to be, with the fields and roles that follow.

use crate::support::{read, read_as};

struct Case {
    text: &'static str,
    kind: &'static str,
    labels: &'static [&'static str],
    fields: &'static [(&'static str, &'static str)],
    time: &'static str,
    host: Option<&'static str>,
    user: Option<&'static str>,
    addresses: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        text: r#"{"timestamp":"2026-11-20T08:02:03.456789+0700","flow_id":1,"host":"ids-01","event_type":"alert","src_ip":"203.0.113.9","src_port":40000,"dest_ip":"192.0.2.10","dest_port":80,"proto":"TCP","alert":{"action":"allowed","signature_id":2000001,"signature":"Minh Hoa test","category":"Web Application Attack","severity":1}}"#,
        kind: "suricata/alert",
        labels: &["suricata/ids/alert"],
        fields: &[
            ("alert.severity", "1"),
            ("alert.signature", "Minh Hoa test"),
            ("dst_ip", "192.0.2.10"),
            ("dst_port", "80"),
        ],
        time: "2026-11-20T01:02:03.456789Z",
        host: Some("ids-01"),
        user: None,
        addresses: &["203.0.113.9", "192.0.2.10"],
    },
    Case {
        text: r#"{"timestamp":"2026-11-20T01:02:03Z","event_type":"dns","src_ip":"192.0.2.5","dest_ip":"192.0.2.53","dns":{"type":"query","rrname":"a.example","rrtype":"TXT"}}"#,
        kind: "suricata/dns",
        labels: &["suricata/dns/dns", "*/network/dns"],
        fields: &[("query", "a.example"), ("record_type", "TXT")],
        time: "2026-11-20T01:02:03Z",
        host: None,
        user: None,
        addresses: &["192.0.2.5", "192.0.2.53"],
    },
    Case {
        text: r#"{"timestamp":"2026-11-20T01:02:03Z","event_type":"http","src_ip":"192.0.2.5","dest_ip":"192.0.2.80","http":{"hostname":"www.minhhoa.example","url":"/a.php?x=1","http_user_agent":"curl/8","http_method":"GET","status":200}}"#,
        kind: "suricata/http",
        labels: &["suricata/proxy/http", "suricata/webserver/http"],
        fields: &[
            ("cs-method", "GET"),
            ("c-uri", "/a.php?x=1"),
            ("sc-status", "200"),
            ("c-ip", "192.0.2.5"),
        ],
        time: "2026-11-20T01:02:03Z",
        host: None,
        user: None,
        addresses: &["192.0.2.5", "192.0.2.80"],
    },
    Case {
        text: r#"{"_path":"dce_rpc","ts":1795136523.456,"uid":"C1","id.orig_h":"192.0.2.5","id.orig_p":1,"id.resp_h":"192.0.2.6","id.resp_p":135,"endpoint":"svcctl","operation":"CreateServiceW"}"#,
        kind: "zeek/dce_rpc",
        labels: &["zeek/*/dce_rpc"],
        fields: &[("operation", "CreateServiceW")],
        time: "2026-11-20T01:02:03.456Z",
        host: None,
        user: None,
        addresses: &["192.0.2.5", "192.0.2.6"],
    },
    Case {
        text: r#"{"ts":1795136523.456,"uid":"C1","id.orig_h":"192.0.2.5","id.resp_h":"192.0.2.53","trans_id":7,"query":"b.example","qtype_name":"A","rejected":false}"#,
        kind: "zeek/dns",
        labels: &["zeek/dns/dns", "*/network/dns"],
        fields: &[("query", "b.example"), ("record_type", "A"), ("src_ip", "192.0.2.5")],
        time: "2026-11-20T01:02:03.456Z",
        host: None,
        user: None,
        addresses: &["192.0.2.5", "192.0.2.53"],
    },
    Case {
        text: r#"{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::000000000000:user/an","userName":"an"},"eventTime":"2026-11-20T01:02:03Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"ap-southeast-1","sourceIPAddress":"198.51.100.4","requestParameters":{"userName":"moi"}}"#,
        kind: "aws/cloudtrail",
        labels: &["aws/*/cloudtrail"],
        fields: &[("userIdentity.type", "IAMUser"), ("requestParameters.userName", "moi")],
        time: "2026-11-20T01:02:03Z",
        host: None,
        user: Some("an"),
        addresses: &["198.51.100.4"],
    },
    Case {
        text: r#"{"RecordType":"ExchangeAdmin","CreationDate":"2026-11-20T01:02:04Z","AuditData":"{\"CreationTime\":\"2026-11-20T01:02:03Z\",\"Operation\":\"New-InboxRule\",\"Workload\":\"Exchange\",\"UserId\":\"an@minhhoa.example\",\"ClientIP\":\"198.51.100.4\",\"Parameters\":[{\"Name\":\"ForwardTo\",\"Value\":\"x@khac.example\"}]}"}"#,
        kind: "m365/Exchange",
        labels: &["m365/*/audit", "m365/*/exchange"],
        fields: &[("Operation", "New-InboxRule"), ("Parameters.Value", "x@khac.example")],
        time: "2026-11-20T01:02:03Z",
        host: None,
        user: Some("an@minhhoa.example"),
        addresses: &["198.51.100.4"],
    },
    Case {
        text: r#"{"CreationTime":"2026-11-20T01:02:03Z","Operation":"AlertTriggered","Workload":"SecurityComplianceCenter","Name":"User restricted from sending email","ResultStatus":"Succeeded"}"#,
        kind: "m365/SecurityComplianceCenter",
        labels: &["m365/*/audit", "m365/*/threat_management", "m365/*/threat_detection"],
        fields: &[
            ("eventSource", "SecurityComplianceCenter"),
            ("eventName", "User restricted from sending email"),
            ("status", "success"),
        ],
        time: "2026-11-20T01:02:03Z",
        host: None,
        user: None,
        addresses: &[],
    },
    Case {
        text: r#"{"time":"2026-11-20T01:02:03Z","resourceId":"/tenants/x","operationName":"Sign-in activity","category":"SignInLogs","resultType":"50126","callerIpAddress":"198.51.100.4","properties":{"userPrincipalName":"an@minhhoa.example"}}"#,
        kind: "azure/SignInLogs",
        labels: &["azure/*/signinlogs"],
        fields: &[("ResultType", "50126"), ("Status", "50126")],
        time: "2026-11-20T01:02:03Z",
        host: None,
        user: Some("an@minhhoa.example"),
        addresses: &["198.51.100.4"],
    },
    Case {
        text: r#"{"TimeGenerated":"2026-11-20T01:02:03Z","OperationName":"Add member to role","Category":"RoleManagement","Identity":"an"}"#,
        kind: "azure/RoleManagement",
        labels: &["azure/*/auditlogs", "azure/*/pim"],
        fields: &[("properties.message", "Add member to role")],
        time: "2026-11-20T01:02:03Z",
        host: None,
        user: None,
        addresses: &[],
    },
    Case {
        text: r#"{"logName":"projects/x/logs/cloudaudit.googleapis.com%2Factivity","timestamp":"2026-11-20T01:02:03Z","protoPayload":{"serviceName":"storage.googleapis.com","methodName":"storage.buckets.delete","authenticationInfo":{"principalEmail":"an@minhhoa.example"},"requestMetadata":{"callerIp":"198.51.100.4"}}}"#,
        kind: "gcp/storage.googleapis.com",
        labels: &["gcp/*/gcp.audit"],
        fields: &[("protoPayload.methodName", "storage.buckets.delete")],
        time: "2026-11-20T01:02:03Z",
        host: None,
        user: Some("an@minhhoa.example"),
        addresses: &["198.51.100.4"],
    },
    Case {
        text: r#"{"published":"2026-11-20T01:02:03Z","eventType":"user.session.start","outcome":{"result":"FAILURE"},"actor":{"alternateId":"an@minhhoa.example"},"client":{"ipAddress":"198.51.100.4"}}"#,
        kind: "okta",
        labels: &["okta/*/okta"],
        fields: &[("eventType", "user.session.start")],
        time: "2026-11-20T01:02:03Z",
        host: None,
        user: Some("an@minhhoa.example"),
        addresses: &["198.51.100.4"],
    },
    Case {
        text: r#"{"@timestamp":1795136523456,"action":"repo.destroy","actor":"an","created_at":1795136523456,"org":"minh-hoa","actor_ip":"198.51.100.4"}"#,
        kind: "github/audit",
        labels: &["github/*/audit"],
        fields: &[("action", "repo.destroy")],
        time: "2026-11-20T01:02:03.456Z",
        host: None,
        user: None,
        addresses: &["198.51.100.4"],
    },
    Case {
        text: r#"{"kind":"Event","auditID":"x","verb":"create","requestURI":"/api/v1/pods","objectRef":{"resource":"pods","namespace":"kube-system"},"user":{"username":"an"},"sourceIPs":["198.51.100.4"],"requestReceivedTimestamp":"2026-11-20T01:02:03.456789Z"}"#,
        kind: "kubernetes/audit",
        labels: &["kubernetes/application/audit"],
        fields: &[("objectRef.resource", "pods"), ("user.username", "an")],
        time: "2026-11-20T01:02:03.456789Z",
        host: None,
        user: Some("an"),
        addresses: &["198.51.100.4"],
    },
    Case {
        text: r#"{"__REALTIME_TIMESTAMP":"1795136523456000","_HOSTNAME":"web-01","_COMM":"demo","SYSLOG_IDENTIFIER":"demo","MESSAGE":[120,32,225,187,135]}"#,
        kind: "journald",
        labels: &["linux/*/syslog"],
        fields: &[("process", "demo"), ("hostname", "web-01")],
        time: "2026-11-20T01:02:03.456Z",
        host: Some("web-01"),
        user: None,
        addresses: &[],
    },
    Case {
        text: r#"{"log":"{\"event_type\":\"tls\",\"timestamp\":\"2026-11-20T01:02:03Z\",\"src_ip\":\"192.0.2.5\"}\n","stream":"stdout","time":"2026-11-20T01:02:03.1Z"}"#,
        kind: "suricata/tls",
        labels: &["suricata/*/tls"],
        fields: &[("stream", "stdout"), ("event_type", "tls")],
        time: "2026-11-20T01:02:03Z",
        host: None,
        user: None,
        addresses: &["192.0.2.5"],
    },
    Case {
        text: r#"{"Timestamp":"2026-11-20T01:02:03Z","DeviceId":"x","DeviceName":"pc-01","ActionType":"ProcessCreated","FolderPath":"C:\\Windows\\System32\\whoami.exe","ProcessCommandLine":"whoami","AccountDomain":"MINHHOA","AccountName":"an"}"#,
        kind: "defender-xdr/ProcessCreated",
        labels: &["windows/process_creation/*"],
        fields: &[("Image", r"C:\Windows\System32\whoami.exe"), ("CommandLine", "whoami")],
        time: "2026-11-20T01:02:03Z",
        host: Some("pc-01"),
        user: Some(r"MINHHOA\an"),
        addresses: &[],
    },
    Case {
        text: r#"{"time":"2026-11-20T01:02:03Z","level":"info","Event Name":"x"}"#,
        kind: "json",
        labels: &[],
        fields: &[("Event Name", "x")],
        time: "2026-11-20T01:02:03Z",
        host: None,
        user: None,
        addresses: &[],
    },
];

#[test]
fn objects_are_told_by_their_fields() {
    for case in CASES {
        let reading = read(case.text.as_bytes());
        assert_eq!(reading.problems, [], "{}", case.text);
        let [record] = reading.records.as_slice() else { panic!("{}: {reading:?}", case.text) };
        assert_eq!(record.kind, case.kind, "{record:?}");
        assert_eq!(record.labels, case.labels, "{record:?}");
        for (name, value) in case.fields {
            assert_eq!(record.get(name), *value, "{name} of {record:?}");
        }
        assert_eq!(record.time.as_deref(), Some(case.time), "{record:?}");
        assert_eq!(record.host.as_deref(), case.host, "{record:?}");
        assert_eq!(record.user.as_deref(), case.user, "{record:?}");
        assert_eq!(record.addresses, case.addresses, "{record:?}");
    }
}

#[test]
fn kinds_of_few_fields_have_their_labels() {
    for (text, kind, label) in [
        (r#"{"auditType":{"action":"x","category":"y"}}"#, "bitbucket/audit", "bitbucket/*/audit"),
        (r#"{"event_type_id":6,"account_id":1}"#, "onelogin", "onelogin/*/onelogin.events"),
        (r#"{"txid":"x","factor":"push","result":"denied"}"#, "duo", "cisco/*/duo"),
        (
            r#"{"logtype":4002,"node_id":"pot-01","dst_host":"192.0.2.9"}"#,
            "opencanary",
            "opencanary/application/*",
        ),
        (r#"{"host.scan.vuln":"x"}"#, "qualys", "qualys/*/*"),
        (
            r#"{"riskEventType":"x","detectedDateTime":"2026-11-20T01:02:03Z"}"#,
            "azure/UserRiskEvents",
            "azure/*/riskdetection",
        ),
        (
            r#"{"logName":"x","protoPayload":{"serviceName":"login.googleapis.com","methodName":"x"}}"#,
            "gcp/login.googleapis.com",
            "gcp/*/google_workspace.login",
        ),
    ] {
        let reading = read(text.as_bytes());
        assert_eq!(reading.records.len(), 1, "{text}: {:?}", reading.problems);
        assert_eq!(reading.records[0].kind, kind);
        assert_eq!(reading.records[0].labels, [label]);
    }
}

#[test]
fn items_of_a_wrapping_are_events() {
    let item = CASES[5].text;
    for text in [
        format!("{{\"Records\":[{item},{item},{item}]}}"),
        format!("{{\n  \"Records\": [\n{item},\n{item}\n,{item}]\n}}\n"),
        format!(
            "{{\"took\":1,\"hits\":{{\"total\":{{\"value\":3}},\"hits\":[{{\"_source\":{item}}},{{\"_source\":{item}}},{{\"_source\":{item}}}]}}}}"
        ),
    ] {
        let reading = read(text.as_bytes());
        assert_eq!((reading.format, reading.problems.len()), ("json-values", 0), "{text}");
        assert_eq!(reading.records.len(), 3, "{text}");
        for record in &reading.records {
            assert_eq!(record.kind, "aws/cloudtrail");
            assert_eq!(record.get("eventName"), "CreateUser");
            assert_eq!(record.raw.first(), Some(&b'{'));
        }
    }
}

#[test]
fn lines_of_container_runtimes_are_read() {
    let text = "2026-11-20T01:02:03.456789012Z stdout F {\"event_type\":\"ssh\",\"timestamp\":\"2026-11-20T01:02:03Z\"}\n\
        2026-11-20T08:02:04+07:00 stderr P một phần\n2026-11-20T01:02:05Z stdout F\nkhông phải\n";
    let reading = read_as(text.as_bytes(), Some("cri"));
    assert_eq!(reading.problems.len(), 1);
    let [json, part, empty] = reading.records.as_slice() else { panic!("{reading:?}") };
    assert_eq!((json.kind.as_str(), json.get("stream")), ("suricata/ssh", "stdout"));
    assert_eq!(json.time.as_deref(), Some("2026-11-20T01:02:03.456789012Z"));
    assert_eq!((part.kind.as_str(), part.get("message")), ("container", "một phần"));
    assert_eq!(part.get("partial"), "true");
    assert_eq!(part.time.as_deref(), Some("2026-11-20T01:02:04Z"));
    assert_eq!(empty.get("message"), "");
    assert_eq!(read(text.as_bytes()).format, "cri");
}
