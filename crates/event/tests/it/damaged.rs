//! Sources that are damaged, cut off, in another encoding or too large, in every format.

use std::io::Read;
use std::sync::LazyLock;

use khien_event::format::{Context, FORMATS};
use khien_event::stream::MAX_ENTRY_BYTES;
use proptest::prelude::*;

use crate::support::{Reading, context, read_from};

static CONTEXT: LazyLock<Context> = LazyLock::new(context);

fn read_as(bytes: &[u8], format: &str) -> Reading {
    let reading = read_from(bytes, Some(format), &CONTEXT);
    assert_eq!(reading.format, format);
    reading
}

/// Two entries in each format of text.
const SAMPLES: &[(&str, &str)] = &[
    ("json", "{\"a\":\"é\"}\n{\"a\":2}\n"),
    ("json-values", "[{\"a\":\"é\"},\n{\"a\":[2,{}]}\n]"),
    (
        "windows-xml",
        "<Events><Event><System><EventID>1</EventID><Computer>é</Computer></System></Event>\n<Event><System><EventID>2</EventID></System></Event></Events>",
    ),
    ("cri", "2026-11-20T01:02:03.4Z stdout F a\n2026-11-20T01:02:03.4Z stdout F é\n"),
    (
        "auditd",
        "type=USER_CMD msg=audit(1709259330.1:1): pid=1 cmd=6C73 x=é\ntype=USER_CMD msg=audit(1709259330.1:2): pid=1\n",
    ),
    ("syslog", "Nov 20 08:00:00 h sshd[7]: é\nNov 20 08:00:00 h cron[7]: b\n"),
    (
        "daemon",
        "2026-11-20 08:00:00,1 fail2ban.actions [7]: NOTICE [sshé] Ban 192.0.2.1\n2026-11-20 08:00:00,1 fail2ban.actions [7]: NOTICE [sshd] Unban 192.0.2.1\n",
    ),
    (
        "web-access",
        "192.0.2.1 - - [20/Nov/2026:08:00:00 +0700] \"GET /é HTTP/1.1\" 200 5\n192.0.2.1 - - [20/Nov/2026:08:00:00 +0700] \"GET / HTTP/1.1\" 200 5\n",
    ),
    (
        "apache-error",
        "[Fri Nov 20 08:00:00.1 2026] [core:error] [pid 5] é\n[Fri Nov 20 08:00:00.1 2026] [core:error] [pid 5] b\n",
    ),
    (
        "nginx-error",
        "2026/11/20 08:00:00 [error] 5#7: *9 é\n2026/11/20 08:00:00 [error] 5#7: *9 b\n",
    ),
    (
        "modsecurity-audit",
        "--a1b2c3d4-A--\n[20/Nov/2026:08:00:00 +0700] u 192.0.2.1 5 192.0.2.2 80\n--a1b2c3d4-Z--\n--a1b2c3d5-A--\n[20/Nov/2026:08:00:00 +0700] é 192.0.2.1 5 192.0.2.2 80\n--a1b2c3d5-Z--\n",
    ),
    (
        "w3c",
        "#Fields: date time c-ip cs-uri-stem\n2026-11-20 01:00:00 192.0.2.1 /é\n2026-11-20 01:00:00 192.0.2.1 /\n",
    ),
    ("cef", "CEF:0|a|b|1|7|é|5|src=192.0.2.7\nCEF:0|a|b|1|7|c|5|src=192.0.2.7\n"),
    ("leef", "LEEF:1.0|a|b|1|7|src=192.0.2.7\nLEEF:1.0|a|b|1|é|src=192.0.2.7\n"),
    (
        "zeek",
        "#separator \\x09\n#path\tdns\n#fields\tts\tquery\n1709259330.1\té\n1709259331.1\tb\n",
    ),
    ("csv", "EventID,Channel\n1,é\n2,b\n"),
    ("application", "2026-11-20 08:00:00 ERROR é\n at a.b(C.java:7)\n2026-11-20 08:00:00 INFO b\n"),
];

/// What holds of anything that was read.
fn check(reading: &Reading, length: usize) {
    for record in &reading.records {
        assert!(record.offset <= length as u64 && record.number > 0, "{record:?}");
    }
    for problem in &reading.problems {
        assert!(problem.offset <= length as u64 && !problem.reason.is_empty(), "{problem:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_entries_or_problems(bytes in prop::collection::vec(any::<u8>(), 1..600)) {
        for format in FORMATS {
            let reading = read_as(&bytes, format.id);
            check(&reading, bytes.len() * 2);
            // A number sign may open a header, a blank line is none.
            if !bytes.contains(&b'#') && bytes.iter().any(u8::is_ascii_alphanumeric) {
                let told = reading.records.len() + reading.problems.len();
                // A table without rows has only said its columns.
                assert!(told > 0 || format.id == "csv", "{}", format.id);
            }
        }
    }
}

#[test]
fn samples_are_whole() {
    for (format, text) in SAMPLES {
        let reading = read_as(text.as_bytes(), format);
        assert_eq!(
            (reading.records.len(), reading.problems.len()),
            (2, 0),
            "{format}: {reading:?}"
        );
        assert_eq!(read_from(text.as_bytes(), None, &CONTEXT).format, *format);
    }
}

#[test]
fn sources_may_end_anywhere() {
    for (format, text) in SAMPLES {
        for end in 0..text.len() {
            let bytes = &text.as_bytes()[..end];
            let reading = read_as(bytes, format);
            check(&reading, end);
            assert!(reading.records.len() <= 2, "{format} at {end}");
            check(&read_from(bytes, None, &CONTEXT), end);
        }
    }
}

#[test]
fn nul_bytes_stay_in_their_entry() {
    for (format, text) in SAMPLES {
        let second = text.find('é').unwrap();
        let mut bytes = text.as_bytes().to_vec();
        bytes.splice(second..second, [0, 0]);
        let reading = read_as(&bytes, format);
        check(&reading, bytes.len());
        let told = reading.records.len() + reading.problems.len();
        assert!(told >= 2 && !reading.records.is_empty(), "{format}: {reading:?}");
    }
}

#[test]
fn utf_16_says_the_same() {
    for (format, text) in SAMPLES {
        let units = || std::iter::once(0xfeff).chain(text.encode_utf16());
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        let plain = read_as(text.as_bytes(), format);
        for bytes in [&little, &big] {
            let wide = read_as(bytes, format);
            let fields = |reading: &Reading| -> Vec<_> {
                reading.records.iter().map(|record| record.fields.clone()).collect()
            };
            assert_eq!(fields(&wide), fields(&plain), "{format}");
            check(&read_as(&bytes[..bytes.len() - 1], format), text.len() + 3);
        }
    }
}

#[test]
fn places_are_those_of_the_source_behind_bytes_that_are_no_text() {
    for (format, text) in SAMPLES {
        let plain = read_as(text.as_bytes(), format);
        let at = text.find('é').unwrap();
        // Two bytes for two: places stay, though each becomes a longer replacement.
        let mut bytes = text.as_bytes().to_vec();
        bytes.splice(at..at + 2, [0xff, 0xfe]);
        let reading = read_as(&bytes, format);
        let places = |reading: &Reading| -> Vec<(u64, u64)> {
            reading.records.iter().map(|record| (record.offset, record.number)).collect()
        };
        assert_eq!(places(&reading), places(&plain), "{format}");
        assert_eq!(reading.problems, [], "{format}");
    }
}

#[test]
fn a_line_of_a_hundred_megabytes_is_told_and_what_follows_is_read() {
    let after = "\n{\"a\":2}\n";
    for (format, follows) in [
        ("json", after),
        ("syslog", "\nNov 20 08:00:00 h sshd[7]: x\n"),
        ("application", "\n2026-11-20 08:00:00 ERROR x\n"),
        ("json-values", after),
        ("windows-xml", "\n<Event><System><EventID>1</EventID></System></Event>\n"),
    ] {
        let long = std::io::repeat(b'x').take(100 << 20).chain(follows.as_bytes());
        let reading = read_from(long, Some(format), &CONTEXT);
        assert!(!reading.problems.is_empty(), "{format}");
        let [record] = reading.records.as_slice() else {
            panic!("{format}: {:?}", reading.problems)
        };
        assert!(record.offset >= 100 << 20 && record.raw.len() < MAX_ENTRY_BYTES, "{format}");
    }
    for format in ["csv", "evtx", "w3c", "zeek", "auditd"] {
        let long = std::io::repeat(b'x').take(100 << 20);
        let reading = read_from(long, Some(format), &CONTEXT);
        assert!(!reading.problems.is_empty() && reading.records.is_empty(), "{format}");
    }
}
