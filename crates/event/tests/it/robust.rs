//! Bytes that nobody meant: nothing panics, nothing grows without bound.

use proptest::prelude::*;

use crate::support::{Reading, read, read_as};

const FORMATS: &[&str] = &["json", "json-values", "windows-xml", "windows-text", "cri"];

const SAMPLES: &[&str] = &[
    r##"{"Event":{"System":{"EventID":1,"Channel":"Security"},"EventData":{"Data":[{"@Name":"A b","#text":["x",1]}]}}}"##,
    r#"{"Records":[{"eventSource":"s3","eventName":"GetObject","awsRegion":"x"},{"a.b c":"\ud83d"}]}"#,
    r#"{"AuditData":"{\"Workload\":\"Exchange\",\"Operation\":\"x\",\"CreationTime\":\"2026-11-20T01:02:03\"}"}"#,
    r#"{"__REALTIME_TIMESTAMP":"1","MESSAGE":[60,69,118],"SYSLOG_IDENTIFIER":"sysmon"}"#,
    r#"{"log":"2026 \"x\" é\n","stream":"stdout","time":"2026-11-20T01:02:03Z"}"#,
    "<Event><System><Provider Name='x'/><EventID>1</EventID></System><EventData><Data Name='é x'>&lt;&#x41;</Data></EventData></Event>",
    "MSWinEventLog\t1\tSecurity\t42\tFri Nov 20 08:02:03 2026\t4688\tP\tan\tN/A\tSuccess\tpc\tc\t\tSubject:  Account Name: é",
    "2014 Dec 20 09:29:47 WinEvtLog: Security: AUDIT(4688): p: u: d: h: A: Image: C:\\x  User: é",
    "2026-11-20T01:02:03.4Z stdout F {\"a\":1}",
];

fn read_all(bytes: &[u8]) {
    read(bytes);
    for format in FORMATS {
        read_as(bytes, Some(format));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
        read_all(text.as_bytes());
    }

    #[test]
    fn mutated_samples_never_panic(
        sample in 0..SAMPLES.len(),
        at in any::<prop::sample::Index>(),
        cut in 0usize..6,
        insert in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let mut bytes = SAMPLES[sample].as_bytes().to_vec();
        let at = at.index(bytes.len());
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, insert);
        read_all(&bytes);
    }
}

fn one_problem(reading: &Reading) {
    assert!(!reading.problems.is_empty());
    assert!(reading.records.is_empty());
}

#[test]
fn deep_nesting_is_a_problem_and_no_crash() {
    one_problem(&read(format!("<Event>{}</Event>", "<a>".repeat(10_000)).as_bytes()));
    let closed = format!("<Event>{}{}</Event>", "<a>".repeat(10_000), "</a>".repeat(10_000));
    one_problem(&read(closed.as_bytes()));
    for open in ["{\"a\":", "[", "{\"Event\":{\"EventData\":{\"Data\":["] {
        let text = format!("{{\"x\":{}", open.repeat(10_000));
        one_problem(&read_as(text.as_bytes(), Some("json")));
        one_problem(&read_as(text.as_bytes(), Some("json-values")));
    }
}

#[test]
fn a_million_members_are_counted_and_not_kept() {
    let members: Vec<String> = (0..1_000_000).map(|number| format!(",\"k{number}\":0")).collect();
    let text = format!("{{\"EventID\":1,\"Channel\":\"Security\"{}}}", members.concat());
    let reading = read(text.as_bytes());
    let [record] = reading.records.as_slice() else { panic!("{:?}", reading.problems) };
    assert_eq!(record.labels, ["windows/*/security"]);
    assert_eq!(record.fields.len(), khien_event::record::MAX_FIELDS);
}

#[test]
fn long_names_do_not_multiply() {
    let members: Vec<String> = (0..5000).map(|number| format!("\"k{number}\":1")).collect();
    let text = format!("{{\"{}\":{{{}}}}}", "n".repeat(1 << 20), members.join(","));
    one_problem(&read(text.as_bytes()));
}
