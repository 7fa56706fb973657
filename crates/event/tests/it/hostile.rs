//! No line, however broken, stops a reader or loses its bytes.

use proptest::prelude::*;

use crate::support::read_as;

const FORMATS: [&str; 7] =
    ["syslog", "daemon", "web-access", "apache-error", "nginx-error", "w3c", "modsecurity-audit"];

/// A line of every shape that the readers know.
const LINES: &[&str] = &[
    "<165>1 2026-11-20T08:00:00Z h app 7 ID [a@1 b=\"c \\\" d\"][e f=\"g\"] text",
    "<13>Nov 20 08:00:00 h sshd[7]: Failed password for invalid user an from 192.0.2.1 port 22 ssh2",
    "Nov 20 08:00:00 h sshd(pam_unix)[7]: authentication failure; logname= uid=0 rhost=192.0.2.1 user=an",
    "Nov 20 08:00:00 h sudo: an : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
    "Nov 20 08:00:00 h kernel: [1.2] [UFW BLOCK] IN=a OUT= SRC=192.0.2.1 DST=192.0.2.2 PROTO=TCP SPT=1 DPT=2",
    "Nov 20 08:00:00 h kernel: audit: apparmor=\"DENIED\" operation=\"open\" name=\"/x\" pid=1",
    "Nov 20 08:00:00 h named[7]: client @0x1 192.0.2.1#5 (a.example): query: a.example IN A + (192.0.2.2)",
    "Nov 20 08:00:00 h unbound: [1:0] info: 192.0.2.1 a.example. A IN",
    "Nov 20 08:00:00 h postfix/smtpd[7]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 5; from=<a> to=<b> proto=c helo=<d>",
    "Nov 20 08:00:00 h proftpd[7]: h (x[192.0.2.1]) - USER an: Login successful.",
    "Nov 20 08:00:00 h dovecot: imap-login: Login: user=<an>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, x",
    "Nov 20 08:00:00 h fail2ban[7]: NOTICE [sshd] Ban 192.0.2.1",
    "Nov 20 08:00:00 h app: message repeated 2 times: [ {\"a\":[1,{\"b\":\"c\"}]}]",
    "2026-11-20 08:00:00 x authenticator failed for (h) [192.0.2.1]:1: 535 no (set_id=an)",
    "Fri Nov 20 08:00:00 UTC 2026 [pid 5] [an] OK LOGIN: Client \"192.0.2.1\"",
    "www:80 192.0.2.1 - an [20/Nov/2026:08:00:00 +0700] \"GET http://x/a?b HTTP/1.1\" 200 5 \"r\" \"u\\\"a\" \"192.0.2.2\"",
    "[Fri Nov 20 08:00:00.1 2026] [a:error] [pid 5:tid 7] (13)x: [client 192.0.2.1:5] ModSecurity: x [id \"1\"] [uri \"/x?y\"]",
    "2026/11/20 08:00:00 [error] 5#7: *9 x, client: 192.0.2.1, server: s, request: \"GET / HTTP/1.1\", host: \"h\"",
    "#Fields: date time c-ip cs-uri-stem cs-uri-query cs(User-Agent)",
    "2026-11-20 01:00:05 192.0.2.1 /a b=c \"x y\"",
];

fn check(line: &str) -> Result<(), TestCaseError> {
    let line: String = line.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    // At the beginning of a source it marks the encoding, and belongs to no entry.
    let line = line.trim_start_matches('\u{feff}').to_owned();
    for format in FORMATS {
        let head = match format {
            "w3c" => "#Fields: date time c-ip cs-uri-stem cs(x)\n",
            "modsecurity-audit" => "--a1b2c3d4-A--\n",
            _ => "",
        };
        let whole = format!("{head}{line}");
        let reading = read_as(format!("{whole}\n").as_bytes(), Some(format));
        let raw = if format == "modsecurity-audit" { whole.trim_ascii_end() } else { &line };
        for record in &reading.records {
            prop_assert_eq!(&record.raw, raw.as_bytes());
        }
        prop_assert!(reading.records.len() <= 1);
    }
    Ok(())
}

/// The audit log's parts one after the other, with lines of others between.
fn audit(lines: &[String]) -> Result<(), TestCaseError> {
    let parts = ["A", "B", "C", "F", "H", "Z"].map(|part| format!("--a1b2c3d4-{part}--"));
    let mut text = String::new();
    for (part, line) in parts.iter().zip(lines) {
        text.extend([part, "\n", line, "\n"]);
    }
    let reading = read_as(text.as_bytes(), Some("modsecurity-audit"));
    prop_assert_eq!(reading.records.len(), 1);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_an_entry_or_a_problem(line in "\\PC{0,200}") {
        check(&line)?;
    }

    #[test]
    fn text_after_any_header_is_kept(head in 0..LINES.len(), cut in 0usize..120, tail in "[\\[\\](){}<>\"'=:;,#*@ \\\\éa1.-]{0,60}") {
        let line: String = LINES[head].chars().take(cut).collect();
        check(&format!("{line}{tail}"))?;
    }

    #[test]
    fn lines_with_pieces_exchanged_are_read(line in 0..LINES.len(), other in 0..LINES.len(), at in 0usize..150, from in 0usize..150, c in any::<char>()) {
        let mut mutated: String = LINES[line].chars().take(at).collect();
        mutated.push(c);
        mutated.extend(LINES[other].chars().skip(from));
        check(&mutated)?;
    }

    #[test]
    fn transactions_hold_any_text(lines in proptest::collection::vec("\\PC{0,60}", 6)) {
        audit(&lines)?;
    }
}
