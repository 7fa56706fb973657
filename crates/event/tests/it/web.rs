//! Web server logs.

use crate::support::{Kept, read, read_as};

fn one(line: &str, format: &str) -> Kept {
    let mut reading = read(line.as_bytes());
    assert_eq!((reading.format, reading.problems.len()), (format, 0), "{line}");
    assert_eq!(reading.records.len(), 1, "{line}");
    let record = reading.records.remove(0);
    assert_eq!(record.raw, line.as_bytes());
    record
}

#[track_caller]
fn has(record: &Kept, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(record.get(name), *value, "{name} of {record:#?}");
    }
}

#[test]
fn combined_lines_give_the_taxonomy_names() {
    let line = r#"192.0.2.7 - an.nguyen [20/Nov/2026:08:00:00 +0700] "GET /a/b.php?id=1%27 HTTP/1.1" 404 181 "https://x.example/" "Mozilla/5.0 \"q\" (X11)""#;
    let record = one(line, "web-access");
    has(
        &record,
        &[
            ("c-ip", "192.0.2.7"),
            ("cs-username", "an.nguyen"),
            ("cs-method", "GET"),
            ("c-uri", "/a/b.php?id=1%27"),
            ("cs-uri-stem", "/a/b.php"),
            ("cs-uri-query", "id=1%27"),
            ("cs-version", "HTTP/1.1"),
            ("sc-status", "404"),
            ("sc-bytes", "181"),
            ("cs-referer", "https://x.example/"),
            ("cs-user-agent", "Mozilla/5.0 \\\"q\\\" (X11)"),
        ],
    );
    assert_eq!(record.fields["cs-uri-query"], ["id=1%27", "/a/b.php?id=1%27"]);
    assert_eq!(record.time.as_deref(), Some("2026-11-20T01:00:00Z"));
    assert_eq!(record.time_source, "stated");
    assert_eq!(record.labels, ["*/webserver/*"]);
    assert_eq!(record.user.as_deref(), Some("an.nguyen"));
    assert_eq!(record.addresses, ["192.0.2.7"]);
}

#[test]
fn relatives_of_the_common_format_are_read() {
    let common =
        one("192.0.2.7 - - [20/Nov/2026:08:00:00 +0700] \"POST /x HTTP/1.0\" 200 -", "web-access");
    has(&common, &[("cs-method", "POST"), ("sc-bytes", ""), ("cs-uri-query", "")]);
    assert_eq!(common.fields["cs-uri-query"], ["", "/x"]);
    let host = one(
        "www.x.example:443 2001:db8::7 - - [20/Nov/2026:08:00:00 +0000] \"GET / HTTP/2.0\" 200 5 \"-\" \"ua\" \"198.51.100.7, 192.0.2.1\" 0.005",
        "web-access",
    );
    has(&host, &[("cs-host", "www.x.example"), ("s-port", "443"), ("c-ip", "2001:db8::7")]);
    has(&host, &[("x-forwarded-for", "198.51.100.7"), ("time-taken", "0.005")]);
    let odd = one(
        "192.0.2.7 - - [20/Nov/2026:08:00:00 +0700] \"\\x16\\x03\\x01\" 400 0 \"-\" \"-\"",
        "web-access",
    );
    has(&odd, &[("c-uri", "\\x16\\x03\\x01"), ("cs-method", ""), ("sc-status", "400")]);
    let cut = one(
        "192.0.2.7 - - [20/Nov/2026:08:00:00 +0700] \"GET / HTTP/1.1\" 200 5 \"-\" \"curl/8",
        "web-access",
    );
    has(&cut, &[("cs-user-agent", "curl/8")]);
    let blank = one(
        "192.0.2.7 - - [20/Nov/2026:08:00:00 +0700] \"GET /a b?c HTTP/1.1\" 200 5",
        "web-access",
    );
    has(&blank, &[("c-uri", "/a b?c"), ("cs-uri-query", "c")]);
    let proxied = one(
        "192.0.2.7 - - [20/Nov/2026:08:00:00 +0700] \"GET http://x.example/p?q HTTP/1.1\" 200 5",
        "web-access",
    );
    has(&proxied, &[("cs-uri-stem", "/p"), ("cs-host", "x.example"), ("cs-uri-query", "q")]);
    let named = one(
        "192.0.2.7, 192.0.2.8 - Nguyen Van An [20/Nov/2026:08:00:00 +0700] \"GET / HTTP/1.1\" 200 5",
        "web-access",
    );
    has(&named, &[("c-ip", "192.0.2.7"), ("cs-username", "Nguyen Van An")]);
    let brackets = one(
        "192.0.2.7 - a [b] [20/Nov/2026:08:00:00 +0700] \"GET / HTTP/1.1\" 401 5",
        "web-access",
    );
    has(&brackets, &[("cs-username", "a [b]"), ("sc-status", "401")]);
    assert_eq!(read_as(b"hello [world] x\n", Some("web-access")).problems.len(), 1);
}

#[test]
fn apache_errors_of_both_ages() {
    let old = one(
        "[Fri Nov 20 08:00:00 2026] [error] [client 192.0.2.7] File does not exist: /var/www/x, referer: https://x.example/",
        "apache-error",
    );
    has(&old, &[("level", "error"), ("c-ip", "192.0.2.7"), ("cs-referer", "https://x.example/")]);
    assert_eq!(old.time.as_deref(), Some("2026-11-20T01:00:00Z"));
    assert_eq!(old.labels, ["apache/*/apache"]);
    let new = one(
        "[Fri Nov 20 08:00:00.123456 2026] [auth_basic:error] [pid 5:tid 77] [client 192.0.2.7:4711] AH01617: user an.nguyen: authentication failure for \"/x\": Password Mismatch",
        "apache-error",
    );
    has(&new, &[("module", "auth_basic"), ("pid", "5"), ("tid", "77"), ("c-ip", "192.0.2.7")]);
    has(&new, &[("c-port", "4711"), ("error_code", "AH01617"), ("cs-username", "an.nguyen")]);
    let denied = one(
        "[Fri Nov 20 08:00:00.1 2026] [core:error] [pid 5] (13)Permission denied: [client 2001:db8::7:4711] AH00035: access denied",
        "apache-error",
    );
    has(&denied, &[("c-ip", "2001:db8::7"), ("c-port", "4711")]);
    let whole = one(
        "[Fri Nov 20 08:00:00 2026] [error] [client 2001:db8::4711] File does not exist: /ModSecurity",
        "apache-error",
    );
    has(&whole, &[("c-ip", "2001:db8::4711"), ("c-port", ""), ("action", "")]);
    has(&denied, &[("reason", "(13)Permission denied"), ("error_code", "AH00035")]);
}

#[test]
fn nginx_errors_and_their_members() {
    let record = one(
        "2026/11/20 08:00:00 [error] 5#7: *9 open() \"/x, y\" failed (2: No such file or directory), client: 192.0.2.7, server: www.x.example, request: \"GET /x?a=b, c HTTP/1.1\", host: \"x.example\", referrer: \"https://r.example/\"",
        "nginx-error",
    );
    has(&record, &[("level", "error"), ("pid", "5"), ("tid", "7"), ("connection", "9")]);
    has(&record, &[("c-ip", "192.0.2.7"), ("s-sitename", "www.x.example"), ("cs-method", "GET")]);
    has(
        &record,
        &[("c-uri", "/x?a=b, c"), ("cs-host", "x.example"), ("cs-referer", "https://r.example/")],
    );
    assert_eq!(record.labels, ["nginx/*/nginx"]);
    let auth = one(
        "2026/11/20 08:00:00 [error] 5#7: *9 user \"an.nguyen\": password mismatch, client: 192.0.2.7, server: x",
        "nginx-error",
    );
    has(&auth, &[("cs-username", "an.nguyen")]);
    let forged = one(
        "2026/11/20 08:00:00 [error] 5#7: *9 open() \"/x, client: 203.0.113.9, server: y\" failed (2: No such file or directory), client: 192.0.2.7, server: x",
        "nginx-error",
    );
    assert_eq!(forged.fields["c-ip"], ["203.0.113.9", "192.0.2.7"]);
    let plain = one(
        "2026/11/20 08:00:00 [alert] 5#5: worker process 9 exited on signal 6 (core dumped)",
        "nginx-error",
    );
    has(&plain, &[("message", "worker process 9 exited on signal 6 (core dumped)")]);
}

#[test]
fn mod_security_gives_its_members() {
    let tail = "ModSecurity: Access denied with code 403 (phase 2). Pattern match \"[a-z]\" at ARGS:q. [file \"/etc/c.conf\"] [line \"5\"] [id \"950119\"] [msg \"Tấn công\"] [severity \"CRITICAL\"] [tag \"A\"] [tag \"B\"] [hostname \"x.example\"] [uri \"/a.php\"] [unique_id \"Z\"]";
    for (line, format) in [
        (
            format!("[Fri Nov 20 08:00:00.1 2026] [:error] [pid 5] [client 192.0.2.7] {tail}"),
            "apache-error",
        ),
        (
            format!(
                "2026/11/20 08:00:00 [error] 5#5: *9 [client 192.0.2.7] {tail}, client: 192.0.2.7, server: x"
            ),
            "nginx-error",
        ),
    ] {
        let record = one(&line, format);
        has(
            &record,
            &[("id", "950119"), ("msg", "Tấn công"), ("severity", "CRITICAL"), ("action", "block")],
        );
        has(
            &record,
            &[
                ("uri", "/a.php"),
                ("c-uri", "/a.php"),
                ("cs-host", "x.example"),
                ("c-ip", "192.0.2.7"),
                ("sc-status", "403"),
            ],
        );
        assert_eq!(record.fields["tag"], ["A", "B"]);
        assert!(record.labels.contains(&"modsecurity/*/modsecurity".to_owned()));
    }
}

#[test]
fn iis_names_its_columns() {
    let log = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2026-11-20 01:00:00\r\n\
        #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n\
        2026-11-20 01:00:05 192.0.2.1 GET /a.aspx x=1 443 MINHHOA\\an 198.51.100.7 Mozilla/5.0+(Windows+NT) - 200 0 0 15\r\n\
        #Fields: time c-ip cs-uri-stem cs-uri-query\r\n\
        01:00:06 198.51.100.8 /b -\r\n\
        01:00:07\r\n";
    let reading = read(log.as_bytes());
    assert_eq!((reading.format, reading.records.len(), reading.problems.len()), ("w3c", 2, 1));
    let [first, second] = reading.records.as_slice() else { unreachable!() };
    has(
        first,
        &[
            ("c-ip", "198.51.100.7"),
            ("s-ip", "192.0.2.1"),
            ("cs-user-agent", "Mozilla/5.0 (Windows NT)"),
        ],
    );
    has(
        first,
        &[
            ("cs-uri-stem", "/a.aspx"),
            ("cs-uri-query", "x=1"),
            ("c-uri", "/a.aspx?x=1"),
            ("cs-username", "MINHHOA\\an"),
        ],
    );
    assert_eq!(first.fields["cs-uri-query"], ["x=1", "/a.aspx?x=1"]);
    assert_eq!(first.labels, ["iis/webserver/iis"]);
    assert_eq!(
        (first.time.as_deref(), first.time_source),
        (Some("2026-11-20T01:00:05Z"), "stated")
    );
    assert_eq!(second.time.as_deref(), Some("2026-11-20T01:00:06Z"));
    assert_eq!(second.fields["cs-uri-query"], ["", "/b"]);
    assert_eq!(second.offset, log.find("01:00:06").unwrap() as u64);
}

#[test]
fn other_w3c_logs_quote_and_may_be_of_proxies() {
    let log = "#Software: SGOS 7.3\n#Fields: date time c-ip cs-username cs-method cs-uri cs(User-Agent) s-action r-ip\n\
        2026-11-20 01:00:00 198.51.100.7 - GET http://x.example/a?b \"Mozilla/5.0 (X11)\" TCP_HIT 203.0.113.1\n";
    let reading = read(log.as_bytes());
    let [record] = reading.records.as_slice() else { panic!("{reading:?}") };
    has(
        record,
        &[("c-uri", "http://x.example/a?b"), ("cs-host", "x.example"), ("cs-uri-query", "b")],
    );
    has(record, &[("cs-user-agent", "Mozilla/5.0 (X11)"), ("r-ip", "203.0.113.1")]);
    assert_eq!(record.labels, ["*/proxy/*"]);
}

#[test]
fn audited_transactions_are_one_entry_each() {
    let first = "--a1b2c3d4-A--\n[20/Nov/2026:08:00:00.1 +0700] Zx1 198.51.100.7 50000 192.0.2.1 443\n--a1b2c3d4-B--\n\
        POST /a?b=c HTTP/1.1\nHost: x.example\nUser-Agent: sqlmap/1.8\n\n--a1b2c3d4-C--\nq=1\n--a1b2c3d4-F--\nHTTP/1.1 403 Forbidden\nServer: x\n\
        --a1b2c3d4-H--\nMessage: Access denied with code 403 (phase 2). [id \"942100\"] [msg \"SQLi\"] [severity \"CRITICAL\"]\nAction: Intercepted (phase 2)\n--a1b2c3d4-Z--\n";
    let log = format!(
        "{first}\n--00112233-A--\n[20/Nov/2026:08:00:01 +0700] Zx2 198.51.100.8 1 192.0.2.1 80\n"
    );
    let reading = read(log.as_bytes());
    assert_eq!((reading.format, reading.problems.len()), ("modsecurity-audit", 1));
    let [record, open] = reading.records.as_slice() else { panic!("{reading:?}") };
    assert_eq!(record.raw, first.trim_end().as_bytes());
    has(
        record,
        &[("c-ip", "198.51.100.7"), ("s-port", "443"), ("cs-method", "POST"), ("c-uri", "/a?b=c")],
    );
    has(record, &[("cs-user-agent", "sqlmap/1.8"), ("request_body", "q=1"), ("sc-status", "403")]);
    has(record, &[("id", "942100"), ("msg", "SQLi"), ("action", "block")]);
    assert_eq!(record.time.as_deref(), Some("2026-11-20T01:00:00.1Z"));
    assert_eq!((open.get("c-ip"), open.offset), ("198.51.100.8", first.len() as u64 + 1));
}
