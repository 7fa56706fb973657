//! Public logs with expected parses, where they are at hand: what stands in the lines is found.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests fail and report so")]

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::support::{Kept, read_as, shared};

/// The rows of a CSV file, each by column name.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines().map(cells);
    let names = lines.next().unwrap_or_default();
    lines.map(|cells| names.iter().cloned().zip(cells).collect()).collect()
}

fn cells(line: &str) -> Vec<String> {
    let (mut out, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut cell)),
            _ => cell.push(c),
        }
    }
    out.push(cell);
    out
}

/// The IPv4 and IPv6 addresses in a line, found without the parser's help.
fn addresses(line: &str) -> Vec<String> {
    let found = line.split(|c: char| !(c.is_alphanumeric() || ".:-_".contains(c)));
    let found = found.map(|word| word.trim_end_matches(['.', ':'])).filter_map(|word| {
        let word = match word.rsplit_once(':') {
            Some((host, _)) if host.matches('.').count() == 3 && !host.contains(':') => host,
            _ => word,
        };
        (word.len() > 2).then_some(word).filter(|word| word.parse::<IpAddr>().is_ok())
    });
    found.map(str::to_owned).collect()
}

/// The name after one of the words that stand before users.
fn user<'l>(line: &'l str, template: &str) -> Option<&'l str> {
    const BEFORE: [&str; 7] = [
        "invalid user ",
        "for user ",
        "Invalid user ",
        " user=",
        "password for ",
        "none for ",
        "failures for ",
    ];
    if !template.contains("<*>")
        && !template.contains("user=")
        && !template.contains("failures for ")
    {
        return None;
    }
    let line = line.trim_start_matches("message repeated ");
    let at = BEFORE.iter().find_map(|before| line.find(before).map(|at| at + before.len()))?;
    let name = line.get(at..)?.split(' ').next()?;
    (!name.is_empty() && name != "from").then_some(name)
}

fn holds(record: &Kept, wanted: &str) -> bool {
    let outside = ["message", "hostname"];
    let mut fields = record.fields.iter().filter(|(name, _)| !outside.contains(&name.as_str()));
    fields.any(|(_, values)| values.iter().any(|value| value == wanted))
}

/// Compares a log with its CSV; `columns` are host, process and pid.
fn compare(
    name: &str,
    format: &str,
    columns: [&str; 3],
    time: impl Fn(&BTreeMap<String, String>) -> String,
) {
    let Some(root) = shared(&format!("logs/loghub/{name}")) else { return };
    let log = std::fs::read(root.join(format!("{name}_2k.log"))).unwrap();
    let csv = std::fs::read_to_string(root.join(format!("{name}_2k.log_structured.csv"))).unwrap();
    let rows = rows(&csv);
    let detected = crate::support::read(&log);
    assert_eq!(detected.format, format);
    assert_eq!(detected.problems, []);
    let mut score: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut count = |what, right: bool, line: &str| {
        let entry = score.entry(what).or_default();
        entry.1 += 1;
        entry.0 += u32::from(right);
        if !right {
            eprintln!("{name} {what}: {line}");
        }
    };
    for (row, record) in rows.iter().zip(&detected.records) {
        let line = String::from_utf8_lossy(&record.raw).into_owned();
        let moment = record.time.as_deref().unwrap_or("");
        count("time", moment.get(4..) == time(row).get(4..), &line);
        for (field, column) in ["hostname", "process", "pid"].into_iter().zip(columns) {
            if let Some(wanted) = row.get(column).filter(|wanted| !wanted.is_empty()) {
                count(field, record.get(field) == wanted, &line);
            }
        }
        let content = row.get("Content").unwrap();
        for address in addresses(content) {
            count("address", holds(record, &address), &line);
        }
        if let Some(user) = user(content, row.get("EventTemplate").unwrap()) {
            count("user", record.user.as_deref() == Some(user), &line);
        }
    }
    eprintln!("{name}: {} lines, {score:?}", rows.len());
    assert_eq!(rows.len(), detected.records.len());
    for (what, (right, all)) in score {
        assert!(right * 100 >= all * 99, "{name} {what}: {right} of {all}");
    }
}

fn month(name: &str) -> usize {
    "JanFebMarAprMayJunJulAugSepOctNovDec".find(name).unwrap() / 3 + 1
}

/// Local time in Vietnam as UTC, of any year.
fn utc(month: usize, day: &str, clock: &str) -> String {
    let date = format!("2026-{month:02}-{:02}T{clock}+07:00", day.parse::<u8>().unwrap());
    date.parse::<jiff::Timestamp>().unwrap().to_string()
}

#[test]
fn linux_system_logs_agree_with_their_table() {
    compare("Linux", "syslog", ["Level", "Component", "PID"], |row| {
        utc(month(&row["Month"]), &row["Date"], &row["Time"])
    });
}

#[test]
fn openssh_logs_agree_with_their_table() {
    compare("OpenSSH", "syslog", ["Component", "-", "Pid"], |row| {
        utc(month(&row["Date"]), &row["Day"], &row["Time"])
    });
}

#[test]
fn apache_error_logs_agree_with_their_table() {
    compare("Apache", "apache-error", ["-", "-", "-"], |row| {
        let words: Vec<&str> = row["Time"].split(' ').collect();
        utc(month(words[1]), words[2], words[3])
    });
}

/// Samples of other people's decoders: the file, the format, the kind, and names that are users.
const DECODERS: &[(&str, &str, &[&str])] = &[
    ("sshd", "sshd", &["warez", "opcione", "checker", "root", "ansible"]),
    ("sudo", "sudo", &["dcid", "cplummer", "mike", "ddp2", "root"]),
    ("samba", "samba", &["ahmet"]),
    ("proftpd", "proftpd", &["anonymous", "jufu", "backup", "root"]),
    ("nginx", "nginx-error", &[]),
    ("web_appsec", "web-access", &[]),
    ("modsecurity", "modsecurity", &[]),
    ("exim", "exim", &["user", "test"]),
    ("unbound", "unbound", &[]),
    ("doas", "doas", &["ddp2", "ddp", "ddpnfs"]),
    ("apparmor", "apparmor", &[]),
    ("openvpn_ldap", "openvpn", &["Harry T. Hacker"]),
    ("mailscanner", "mailscanner", &[]),
    ("cimserver", "cimserver", &["jones_b", "domain\\jones_b"]),
    ("ossec", "ossec", &[]),
];

#[test]
fn samples_of_other_decoders_are_known_and_their_addresses_and_users_found() {
    let Some(root) = shared("logs/wazuh") else { return };
    let (mut lines, mut failures) = (0, Vec::new());
    for (file, kind, users) in DECODERS {
        let text = std::fs::read_to_string(root.join(format!("{file}.ini"))).unwrap();
        let samples = text.lines().filter_map(|line| {
            let (head, sample) = line.trim_start_matches(';').split_once(" = ")?;
            (head.starts_with("log ") && !sample.is_empty()).then_some(sample)
        });
        for sample in samples {
            lines += 1;
            let reading = crate::support::read(sample.as_bytes());
            let [record] = reading.records.as_slice() else {
                failures
                    .push(format!("{file}: {} {:?}: {sample}", reading.format, reading.problems));
                continue;
            };
            if record.kind.split('/').next() != Some(*kind) {
                failures.push(format!("{file}: kind {}: {sample}", record.kind));
            }
            assert_eq!(record.raw, sample.as_bytes());
            for address in addresses(sample)
                .iter()
                .filter(|a| !holds(record, a) && record.get("hostname") != a.as_str())
            {
                failures
                    .push(format!("{file}: address {address}: {sample}\n   {:?}", record.fields));
            }
            let names = |user: &&&str| {
                let word = sample.split(|c: char| !(c.is_alphanumeric() || "_\\".contains(c)));
                if user.contains(' ') {
                    sample.contains(**user)
                } else {
                    word.into_iter().any(|w| w == **user)
                }
            };
            for user in users.iter().filter(names).filter(|user| !holds(record, user)) {
                failures.push(format!("{file}: user {user}: {sample}\n   {:?}", record.fields));
            }
        }
    }
    eprintln!("{lines} samples, {} failures", failures.len());
    assert!(lines > 100, "{lines}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_format_can_be_named() {
    let line = b"Nov 20 08:00:00 web-01 sshd[7]: Invalid user an.nguyen from 192.0.2.1 port 5";
    assert_eq!(read_as(line, Some("syslog")).records.len(), 1);
    assert_eq!(read_as(line, Some("w3c")).problems.len(), 1);
}
