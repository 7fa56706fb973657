//! The contract of `khien scan`.

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::Value;

use crate::runs::{EVIL, Folder, command, event, figures, khien, khien_fed, scan};

fn gzip(text: &str) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (at, (name, text)) in entries.iter().enumerate() {
        let method = [zip::CompressionMethod::Deflated, zip::CompressionMethod::Stored][at % 2];
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        out.start_file(*name, options.large_file(at % 3 == 0)).unwrap();
        out.write_all(text.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn exit_codes_tell_nothing_found_found_fault_and_usage() {
    let folder = Folder::new();
    let rules = folder.rules(&[]);
    let (good, bad) =
        (folder.write("good.json", event(1, "dir")), folder.write("bad.json", event(1, "evil")));
    let code = |arguments: &[&str]| khien(arguments).code;
    assert_eq!(code(&["scan", &good, "--rules", &rules]), 0);
    assert_eq!(code(&["scan", &bad, "--rules", &rules]), 10);
    assert_eq!(code(&["scan", "/no/such/file", "--rules", &rules]), 1);
    assert_eq!(code(&["scan", &good, "/no/such/file", "--rules", &rules]), 1);
    assert_eq!(code(&["scan", &bad, "/no/such/file", "--rules", &rules]), 10);
    assert_eq!(code(&["scan"]), 2);
    for (arguments, said) in [
        (["--threads", "0"], "--threads"),
        (["--since", "yesterday"], "2026-11-22"),
        (["--until", "2026-13-40"], "--until"),
        (["--input-format", "tea-leaves"], "syslog"),
        (["--assume-zone", "Hanoi"], "+07:00"),
        (["--min-level", "dire"], "critical"),
    ] {
        let run = khien(&[&["scan", &good, "--rules", &rules][..], &arguments].concat());
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.talk.contains(said), "{}", run.talk);
    }
}

#[test]
fn faults_of_rules_and_outputs_say_what_where_and_what_to_do() {
    let folder = Folder::new();
    let rules = folder.rules(&[]);
    let bad = folder.write("bad.json", event(1, "evil"));
    let broken = folder.write("broken/a.yml", "title: [\n");
    std::fs::create_dir(folder.path("empty")).unwrap();
    let empty = folder.path("empty").display().to_string();
    let cases: [(&[&str], i32, &str); 8] = [
        (&["--rules", "/no/such/rules"], 2, "/no/such/rules"),
        (&["--rules", &empty], 1, ".yml"),
        (&["--rules", &broken], 1, "khien rules check"),
        (&["--rules", &rules, "--rule", "nobody"], 2, "khien rules list"),
        (&["--rules", &rules, "--tag", "T9999"], 2, "no rule has the tag"),
        (&["--rules", &rules, "--output", "/no/such/folder/out"], 1, "cannot write"),
        (&["--rules", &rules, "--summary", "/no/such/folder/out"], 1, "cannot write"),
        (&["--rules", &rules, "--output", &bad], 1, "overwritten"),
    ];
    for (arguments, code, said) in cases {
        let run = khien(&[&["scan", &bad], arguments].concat());
        assert_eq!(run.code, code, "{arguments:?}: {}", run.talk);
        assert!(run.talk.contains(said), "{arguments:?}: {}", run.talk);
    }
    assert_eq!(std::fs::read_to_string(&bad).unwrap(), event(1, "evil"), "the log is untouched");
}

#[test]
fn every_kind_of_input_is_read_and_told_in_the_order_of_time() {
    let folder = Folder::new();
    folder.rules(&[]);
    folder.write("in/a.json", event(9, "evil 9") + &event(2, "evil 2"));
    folder.write("in/deep/b.json.gz", gzip(&event(3, "evil 3")));
    folder.write("in/rotated", gzip(&event(8, "evil 8")));
    let frames = ["evil 4", "evil 7"].map(|text| {
        compress_to_vec(event(text.len() as u64, text).as_bytes(), CompressionLevel::Fastest)
    });
    folder.write("in/c.zst", frames.concat());
    let (first, second, third) = (event(1, "evil 1"), event(5, "evil 5"), event(4, "evil 4"));
    let entries =
        [("../../etc/x.json", &*first), ("y.json", &*second), ("__MACOSX/z", ""), ("w", &*third)];
    folder.write("in/d.Zip", zip(&entries));
    let input = folder.path("in").display().to_string();
    let (run, figures) = scan(&folder, &[&input], &["--threads", "2"]);
    assert_eq!((run.code, &figures["unreadable_count"]), (10, &Value::from(0)));
    let times: Vec<String> = run.lines().iter().map(|line| line["time"].to_string()).collect();
    assert_eq!(times.len(), 9);
    assert!(times.is_sorted(), "{times:?}");
    assert!(run.out.contains("d.Zip!../../etc/x.json"));
    let (alone, _) = scan(&folder, &[&input], &["--threads", "1"]);
    assert_eq!(run.out, alone.out);
    let rules = folder.path("rules").display().to_string();
    for text in [first.clone().into_bytes(), gzip(&first)] {
        let fed = khien_fed(&["scan", "-", "--rules", &rules, "--format", "jsonl"], move |out| {
            out.write_all(&text)
        });
        assert_eq!(fed.lines()[0]["source"]["file"], "-");
    }
}

#[test]
fn a_detection_and_the_summary_have_the_promised_members() {
    let folder = Folder::new();
    folder.rules(&[]);
    let bad = folder.write("bad.json", event(3661, "run evil.exe"));
    let (run, figures) = scan(&folder, &[&bad], &["--quiet"]);
    assert_eq!(run.talk, "");
    let lines = run.lines();
    let one = &lines[0];
    assert_eq!(one["time"], "2026-11-20T01:01:01Z");
    assert_eq!(one["rule"]["id"], "11111111-1111-4111-8111-111111111111");
    assert_eq!(one["rule"]["title"], "Evil command");
    assert_eq!(one["rule"]["level"], "high");
    assert_eq!(one["rule"]["tags"][1], "attack.t1059.004");
    assert_eq!(one["logsource"]["category"], "process_creation");
    assert_eq!((&one["host"], &one["user"]), (&"pc.example".into(), &"an".into()));
    assert_eq!((&one["source"]["file"], &one["source"]["record"]), (&bad.into(), &1.into()));
    let matched = &one["matched"][0];
    assert_eq!(matched["field"], "CommandLine");
    assert_eq!((&matched["value"], &matched["pattern"]), (&"run evil.exe".into(), &"evil".into()));
    assert_eq!(matched["modifier"], "contains");
    assert_eq!(one["event"]["CommandLine"], "run evil.exe");
    for key in [
        "files",
        "bytes",
        "events",
        "unreadable",
        "rules_loaded",
        "rules_refused",
        "detections",
        "by_rule",
        "by_level",
        "by_tactic",
        "by_host",
        "wall_seconds",
        "cpu_seconds",
        "peak_memory_bytes",
        "fields_dropped",
    ] {
        assert!(!figures[key].is_null(), "{key}");
    }
    assert_eq!(figures["by_level"]["high"], 1);
    assert_eq!(figures["by_host"]["pc.example"], 1);
}

#[test]
fn filters_of_time_level_rule_and_tag_choose() {
    let folder = Folder::new();
    let low = EVIL.replace("high", "low").replace("8111-111111111111", "8111-222222222222");
    let low = low.replace("  - attack.execution\n  - attack.t1059.004\n", "  - attack.impact\n");
    folder.rules(&[EVIL, &low]);
    let bad = folder.write("bad.json", event(10, "evil") + &event(20, "evil"));
    for (arguments, expected) in [
        (&["--since", "2026-11-20T00:00:10Z"][..], 4),
        (&["--since", "2026-11-20T00:00:11Z"], 2),
        (&["--until", "2026-11-20T00:00:20Z"], 2),
        (&["--until", "2026-11-20T07:00:21+07:00"], 4),
        (&["--since", "2026-11-20", "--until", "2026-11-21"], 4),
        (&["--until", "2026-11-20"], 0),
        (&["--min-level", "medium"], 2),
        (&["--tag", "T1059"], 2),
        (&["--tag", "attack.t1059"], 2),
        (&["--tag", "attack.execution", "attack.impact"], 4),
        (&["--rule", "11111111-1111-4111-8111-111111111111"], 2),
    ] {
        let (run, _) = scan(&folder, &[&bad], arguments);
        assert_eq!(run.lines().len(), expected, "{arguments:?}");
        assert_eq!(run.code, if expected == 0 { 0 } else { 10 });
    }
    let other = folder.write("more/b.yml", EVIL.replace("8111-111111111111", "8111-333333333333"));
    let (run, _) = scan(&folder, &[&bad], &["--rules", &other]);
    assert_eq!(run.lines().len(), 6, "--rules is repeatable");
}

#[test]
fn a_large_file_gives_the_same_lines_whole_and_in_ranges() {
    let folder = Folder::new();
    let rules = folder.rules(&[]);
    for (end, last) in [("\n", "\n"), ("\r\n", "")] {
        let filler = "x".repeat(900);
        let mut text = String::from("\u{feff}");
        for line in 0..24_000_u64 {
            let command = if line % 1000 == 7 { "evil" } else { &filler };
            text.push_str(event(line, command).trim_end());
            text.push_str(if line % 5 == 0 { "\n" } else { end });
            if line % 11 == 0 {
                text.push_str(end);
            }
        }
        text.push_str(event(86_399, "evil").trim_end());
        text.push_str(last);
        let expected: Vec<u64> = text
            .lines()
            .zip(1..)
            .filter(|(line, _)| line.contains("evil"))
            .map(|(_, number)| number)
            .collect();
        let large = folder.write("large.json", &text);
        let (cut, figures_cut) = scan(&folder, &[&large], &["--threads", "2"]);
        let (alone, _) = scan(&folder, &[&large], &["--threads", "1"]);
        assert_eq!(cut.out, alone.out);
        assert_eq!(figures_cut["bytes"], text.len());
        assert_eq!(figures_cut["by_format"]["json"], 1);
        let numbers = |run: &crate::runs::Run| -> Vec<u64> {
            run.lines().iter().filter_map(|line| line["source"]["record"].as_u64()).collect()
        };
        assert_eq!(numbers(&cut), expected);
        let summary = folder.path("fed.json").display().to_string();
        let arguments =
            ["scan", "-", "--rules", &rules, "--format", "jsonl", "--summary", &summary];
        let whole = khien_fed(&arguments, move |out| out.write_all(text.as_bytes()));
        assert_eq!(numbers(&whole), expected);
        assert_eq!(figures(summary.as_ref(), &whole)["events"], figures_cut["events"]);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_a_pipe_sees_no_progress() {
    let folder = Folder::new();
    let rules = folder.rules(&[]);
    let bad = folder.write("bad.json", event(1, "evil").repeat(5000));
    let mut child = command(&["scan", &bad, "--rules", &rules, "--format", "jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    let talk = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*talk), (Some(0), ""));
    for (language, word) in [("vi", "phát hiện trong"), ("en", "detections in")] {
        let run = khien(&["scan", &bad, "--rules", &rules, "--lang", language]);
        assert!(format!("{}{}", run.out, run.talk).contains(word));
        assert!(!run.talk.contains('\u{1b}') && !run.out.contains('\u{1b}'));
    }
}

#[test]
fn correlations_join_events_of_several_files_in_whatever_order_they_are_read() {
    let failed = "title: Failed
id: 21111111-1111-4111-8111-111111111111
name: failed
logsource: {product: linux, service: sshd}
detection: {k: ['Failed password'], condition: k}
level: low
";
    let accepted = failed.replace("title: Failed", "title: In").replace("id: 2", "id: 3");
    let accepted = accepted.replace("name: failed", "name: in").replace("Failed p", "Accepted p");
    let both = "title: Guessed
id: 41111111-1111-4111-8111-111111111111
correlation:
  type: temporal_ordered
  rules: [failed, in]
  group-by: [src_ip]
  timespan: 10m
level: high
";
    let line = |time: &str, what: &str| {
        format!(
            "2026-11-20T{time}+07:00 srv.example sshd[7]: {what} password for an from 192.0.2.7 port 4000 ssh2\n"
        )
    };
    for generate in [false, true] {
        let folder = Folder::new();
        let group = if generate { "  generate: true\n" } else { "" };
        folder.rules(&[failed, &accepted, &both.replace("level:", &format!("{group}level:"))]);
        // The second file is larger and so read first, although its events are later.
        let first = folder.write("1.log", line("01:00:00", "Failed"));
        let later = line("01:01:00", "Accepted") + &line("05:00:00", "Failed").repeat(3);
        let second = folder.write("2.log", later);
        let (run, figures) = scan(&folder, &[&second, &first], &[]);
        let lines = run.lines();
        let hits: Vec<_> = lines.iter().filter(|line| !line["correlation"].is_null()).collect();
        assert_eq!(hits.len(), 1, "{}", run.out);
        let events = &hits[0]["correlation"]["events"];
        assert_eq!((&events[0]["file"], &events[1]["file"]), (&first.into(), &second.into()));
        assert_eq!(events[0]["record"], 1);
        assert_eq!(events[0]["time"], "2026-11-19T18:00:00Z");
        assert_eq!(events[1]["rule"], "31111111-1111-4111-8111-111111111111");
        assert_eq!(figures["correlation_lost"]["late"], 0);
        assert_eq!(lines.len(), if generate { 6 } else { 1 });
    }
}
