//! Syslog headers and the messages of programs.

use crate::support::{Kept, read, read_as};

pub(crate) fn one(line: &str) -> Kept {
    let mut reading = read_as(line.as_bytes(), Some("syslog"));
    assert_eq!(reading.problems, [], "{line}");
    assert_eq!(reading.records.len(), 1, "{line}");
    let record = reading.records.remove(0);
    assert_eq!(record.raw, line.as_bytes());
    record
}

/// Checks `name=value` pairs, separated by `; `.
#[track_caller]
pub(crate) fn has(record: &Kept, expected: &str) {
    for pair in expected.split("; ") {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        assert_eq!(record.get(name), value, "{name} of {record:#?}");
    }
}

#[test]
fn rfc_5424_gives_all_its_parts() {
    let line = "<165>1 2026-11-20T08:00:00.123456+07:00 web-01.example app 77 ID47 \
        [ex@32473 iut=\"3\" note=\"a \\\"b\\\" c\\]\"][other x=\"y\"] \u{feff}Xin chào";
    let record = one(line);
    has(&record, "facility=local4; severity=notice; hostname=web-01.example; process=app; pid=77");
    has(&record, "message_id=ID47; ex@32473.iut=3; ex@32473.note=a \"b\" c]; other.x=y");
    has(&record, "message=Xin chào");
    assert_eq!(record.time.as_deref(), Some("2026-11-20T01:00:00.123456Z"));
    assert_eq!(record.time_source, "stated");
    assert_eq!(record.labels, ["linux/*/syslog"]);
    has(&one("31 <34>1 - h app - - - counted bytes"), "hostname=h; message=counted bytes");
    let bare = one("<34>1 - - - - - -");
    assert_eq!((bare.time_source, bare.get("hostname"), bare.get("message")), ("missing", "", ""));
    let login = one(
        "<38>1 2026-11-20T01:00:00Z h sshd 9 - - Accepted publickey for an.nguyen from 2001:db8::7 port 4000 ssh2: ED25519 SHA256:x",
    );
    has(&login, "user=an.nguyen; src_ip=2001:db8::7; auth_method=publickey; status=success");
}

#[test]
fn rfc_3164_and_its_relatives_have_one_shape() {
    let common = "hostname=fw-01; process=prog; pid=9; message=text: more";
    for (line, time, source) in [
        ("<13>Nov  2 08:00:00 fw-01 prog[9]: text: more", "2026-11-02T01:00:00Z", "assumed_year"),
        (
            "Nov 02 08:00:00.250 fw-01 prog[9]: text: more",
            "2026-11-02T01:00:00.25Z",
            "assumed_year",
        ),
        ("Nov  2 2025 08:00:00 fw-01 prog[9]: text: more", "2025-11-02T01:00:00Z", "assumed_zone"),
        ("Nov  2 08:00:00 2025 fw-01 prog[9]: text: more", "2025-11-02T01:00:00Z", "assumed_zone"),
        ("Nov  2 2025 08:00:00 UTC fw-01 prog[9]: text: more", "2025-11-02T08:00:00Z", "stated"),
        ("Dec  2 08:00:00 fw-01 prog[9]: text: more", "2025-12-02T01:00:00Z", "assumed_year"),
        ("2026-11-02T08:00:00+07:00 fw-01 prog[9]: text: more", "2026-11-02T01:00:00Z", "stated"),
        (
            "2026-11-02 08:00:00,5 fw-01 prog[9]: text: more",
            "2026-11-02T01:00:00.5Z",
            "assumed_zone",
        ),
        ("<13>2026-11-02T08:00:00Z fw-01 prog[9] text: more", "2026-11-02T08:00:00Z", "stated"),
    ] {
        let record = one(line);
        has(&record, common);
        assert_eq!((record.time.as_deref(), record.time_source), (Some(time), source), "{line}");
        assert_eq!(record.host.as_deref(), Some("fw-01"));
        assert_eq!(read(line.as_bytes()).format, "syslog", "{line}");
    }
    let no_host = one("Nov  2 08:00:00 prog[9]: text");
    has(&no_host, "hostname=; process=prog; pid=9; message=text");
    let counted = one("<189>Nov  2 08:00:00 fw-01 45: %SYS-5-X: y");
    has(&counted, "process=; message=45: %SYS-5-X: y");
    has(&one("Nov  2 08:00:00 fw-01 CEF:0|a|b|c|d|e|5|x=y"), "message=CEF:0|a|b|c|d|e|5|x=y");
    let no_program = one("<6>Nov  2 08:00:00 fw-01 link is down");
    has(
        &no_program,
        "hostname=fw-01; process=; message=link is down; facility=kern; severity=info",
    );
    has(&one("Nov  2 08:00:00 h syslogd 1.4.1: restart."), "process=syslogd; message=restart.");
    has(&one("Nov  2 08:00:00 192.0.2.5 a: [ID 1 auth.notice] b"), "hostname=192.0.2.5; message=b");
}

#[test]
fn lines_without_a_header_are_problems() {
    assert_eq!(read(b"2026-11-20 main started\n").format, "");
    let reading = read_as(b"just text\n<999>Nov 2\n<13\n", Some("syslog"));
    assert_eq!((reading.records.len(), reading.problems.len()), (0, 3));
}

#[test]
fn json_in_syslog_gives_its_members() {
    let record = one(
        r#"<13>Nov 20 08:00:00 app-01 api[3]: {"user":"an.nguyen","client":{"ip":"192.0.2.8"}}"#,
    );
    has(&record, "user=an.nguyen; client.ip=192.0.2.8; process=api");
    assert_eq!(record.kind, "syslog");
    has(&one(r#"Nov 20 08:00:00 h audisp: @cee: {"a":"b"}"#), "a=b");
}

#[test]
fn files_that_daemons_write_themselves() {
    for (line, kind, time, expected) in [
        (
            "2026-11-20 08:00:00 no host name found for IP address 192.0.2.7",
            "exim",
            "2026-11-20T01:00:00Z",
            "src_ip=192.0.2.7",
        ),
        (
            "2026-11-20 08:00:00 1abcde-000abc-1A <= a@b.example H=x.example [192.0.2.7]:25 P=esmtp",
            "exim",
            "2026-11-20T01:00:00Z",
            "sender=a@b.example; src_ip=192.0.2.7",
        ),
        (
            "Fri Nov 20 08:00:00 2026 [pid 5] [an] OK LOGIN: Client \"192.0.2.7\"",
            "vsftpd",
            "2026-11-20T01:00:00Z",
            "user=an; src_ip=192.0.2.7",
        ),
        (
            "Fri Nov 20 08:00:00 UTC 2026 /var/ossec/active-response/bin/firewall-drop.sh add - 192.0.2.7 1.2 5",
            "ossec",
            "2026-11-20T08:00:00Z",
            "src_ip=192.0.2.7; action=block",
        ),
        (
            "20-Nov-2026 08:00:00.250 client @0x7f 192.0.2.7#53 (a.example): query: a.example IN A +E(0) (192.0.2.53)",
            "named",
            "2026-11-20T01:00:00.25Z",
            "query=a.example; src_ip=192.0.2.7",
        ),
        (
            "2026-11-20 08:00:00,123 fail2ban.actions [5]: NOTICE [sshd] Ban 192.0.2.7",
            "fail2ban",
            "2026-11-20T01:00:00.123Z",
            "src_ip=192.0.2.7; jail=sshd",
        ),
        (
            "[1795136400] unbound[5:0] info: 192.0.2.7 a.example. A IN",
            "unbound",
            "2026-11-20T01:00:00Z",
            "query=a.example.; src_ip=192.0.2.7",
        ),
        (
            "Fri Nov 20 08:00:00 2026 -> /srv/x: Eicar-Signature FOUND",
            "clamav",
            "2026-11-20T01:00:00Z",
            "file=/srv/x; signature=Eicar-Signature",
        ),
    ] {
        let reading = read(line.as_bytes());
        assert_eq!(reading.format, "daemon", "{line}");
        let [record] = reading.records.as_slice() else { panic!("{reading:?}") };
        assert_eq!((record.kind.as_str(), record.time.as_deref()), (kind, Some(time)), "{line}");
        has(record, expected);
    }
    assert_eq!(read_as(b"no time\n2026-11-20 08:00:00 what\n", Some("daemon")).problems.len(), 2);
}
