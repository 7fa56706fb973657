//! A centre as people run it: made, filled, sent to, killed, started again, searched.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A data folder with one agency, one system and one source.
pub(crate) struct Centre {
    pub(crate) place: tempfile::TempDir,
    pub(crate) data: PathBuf,
    pub(crate) token: String,
    pub(crate) source: i64,
}

/// A running centre; it is killed when the test ends.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Who answers for an agency that is registered.
pub(crate) const HEADS: [&str; 10] = [
    "--head",
    "Cán bộ Mẫu 901",
    "--deputy",
    "Cán bộ Mẫu 902",
    "--document",
    "01/QĐ.MH",
    "--signed",
    "2026-01-05",
    "--until",
    "2028-12-31",
];

pub(crate) fn khien(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_khien")).args(arguments).output().unwrap()
}

/// Runs a command with `--json` and reads what it prints.
pub(crate) fn told(arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.push("--json");
    let output = khien(&all);
    assert!(output.status.success(), "{all:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Centre {
    pub(crate) fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        let folder = data.to_str().unwrap();
        let made = told(&["init", "--data", folder]);
        assert!(made["token"].as_str().unwrap().starts_with("khien_api_"));
        let agency = ["--code", "sokhcn", "--name", "Sở Khoa học và Công nghệ"];
        told(&[&["agency", "add", "--data", folder], agency.as_slice(), &HEADS].concat());
        let system = ["--agency", "sokhcn", "--code", "cong-dvc", "--name", "Cổng", "--level", "3"];
        told(&[&["system", "add", "--data", folder], system.as_slice()].concat());
        let source = ["--system", "cong-dvc", "--kind", "http", "--name", "máy chủ"];
        let source = told(&[&["source", "add", "--data", folder], source.as_slice()].concat());
        let token = source["token"].as_str().unwrap().to_owned();
        let source = source["id"].as_i64().unwrap();
        Self { place, data, token, source }
    }

    pub(crate) fn folder(&self) -> &str {
        self.data.to_str().unwrap()
    }

    pub(crate) fn serve(&self) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_khien"))
            .args(["serve", "--data", self.folder(), "--http", "127.0.0.1:0", "--plain-http"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.by_ref().map_while(Result::ok).find(|line| line.contains(" listens on "));
        let url = line.unwrap().rsplit(' ').next().unwrap().to_owned();
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Running { child, url }
    }

    pub(crate) fn count(&self, query: &str) -> u64 {
        told(&["search", "--data", self.folder(), "--count", query])["count"].as_u64().unwrap()
    }

    /// Sends lines under a name; answers the status, or nothing if the centre is gone.
    pub(crate) fn send(&self, running: &Running, name: &str, lines: &str) -> Option<u16> {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(10)))
            .build()
            .new_agent();
        let request = agent
            .post(format!("{}/api/v1/intake/json", running.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header("idempotency-key", name);
        Some(request.send(lines).ok()?.status().as_u16())
    }
}

pub(crate) fn lines(batch: u32, count: u32) -> String {
    let line = |line: u32| {
        let host = batch % 3;
        let mut text = serde_json::json!({
            "EventID": 1,
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Computer": format!("pc{host}"),
            "Image": "C:\\Windows\\System32\\whoami.exe",
            "CommandLine": "whoami /all",
            "round": batch.to_string(),
            "line": line,
        })
        .to_string();
        text.push('\n');
        text
    };
    (0..count).map(line).collect()
}

pub(crate) fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
}

#[test]
fn what_is_sent_is_found_while_it_runs_and_after_it_stopped() {
    let centre = Centre::new();
    let mut running = centre.serve();
    assert_eq!(centre.send(&running, "a", &lines(1, 50)), Some(200));
    assert_eq!(centre.send(&running, "a", &lines(1, 50)), Some(200), "the same again");
    // Searchable within two seconds, long before it is in a file; asked of the running centre.
    let found = (0..20).any(|_| {
        std::thread::park_timeout(Duration::from_millis(100));
        centre.count("host:pc1") == 50
    });
    assert!(found, "not searchable within two seconds");
    let search = |more: &[&str]| {
        let all = [&["search", "--data", centre.folder(), "--fields", "host,line"], more].concat();
        String::from_utf8(khien(&all).stdout).unwrap()
    };
    assert_eq!(search(&["line:7"]), "pc1  7\n");
    assert_eq!(
        search(&["--format", "csv", "line:7"]),
        "host,line\r\npc1,7\r\n",
        "as RFC 4180 says"
    );
    signal(&running.child, "TERM");
    assert!(running.child.wait().unwrap().success());
    assert_eq!(centre.count(""), 50);
    assert_eq!(centre.count("host:pc1 AND agency:sokhcn"), 50);
    assert_eq!(centre.count("line:7"), 1);
    let listed = told(&["source", "list", "--data", centre.folder()]);
    assert_eq!(listed[0]["events"], 50);
    let wrong = khien(&["search", "--data", centre.folder(), "--count", "host:"]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("letter 6"), "{wrong:?}");
}

#[test]
fn nobody_else_is_let_in() {
    let centre = Centre::new();
    let running = centre.serve();
    let stranger = Centre { token: "khien_src_nonsense".into(), ..Centre::new() };
    assert_eq!(stranger.send(&running, "a", "{}"), Some(401));
    let id = centre.source.to_string();
    told(&["source", "disable", "--data", centre.folder(), &id]);
    // What another process changed holds within moments.
    let refused = (0..40).any(|number| {
        std::thread::park_timeout(Duration::from_millis(250));
        centre.send(&running, &number.to_string(), "{\"a\":1}\n") != Some(200)
    });
    assert!(refused, "a disabled source still sends");
}

#[test]
fn killed_at_any_moment_it_loses_and_doubles_nothing_that_it_acknowledged() {
    // `KHIEN_CRASH_ROUNDS=100` for the long run.
    let rounds = std::env::var("KHIEN_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds: u32 = rounds.unwrap_or(4);
    let centre = Centre::new();
    let (mut batch, mut acknowledged) = (0, 0);
    for round in 0..rounds {
        let mut running = centre.serve();
        // Another moment every round, without chance: the test says the same when it is run again.
        let moment = Duration::from_millis(u64::from(30 + round * 97 % 400));
        let (wake, woken) = std::sync::mpsc::channel::<()>();
        let pid = running.child.id().to_string();
        let killer = std::thread::spawn(move || {
            let _ = woken.recv_timeout(moment);
            Command::new("kill").args(["-s", "KILL", &pid]).status().unwrap()
        });
        // A client that repeats what was not answered.
        while let Some(status) = centre.send(&running, &format!("b{batch}"), &lines(batch, 40)) {
            assert_eq!(status, 200);
            batch += 1;
            acknowledged += 40;
        }
        drop(wake);
        killer.join().unwrap();
        running.child.wait().unwrap();
    }
    // The last batch was not answered; sent again, it is there once.
    let mut running = centre.serve();
    assert_eq!(centre.send(&running, &format!("b{batch}"), &lines(batch, 40)), Some(200));
    acknowledged += 40;
    signal(&running.child, "TERM");
    assert!(running.child.wait().unwrap().success());
    assert!(acknowledged > 40 * u64::from(rounds), "{acknowledged} events in {rounds} rounds");
    assert_eq!(centre.count(""), acknowledged);
    let fields = ["--fields", "round,line", "--format", "csv"];
    let found = khien(&[&["search", "--data", centre.folder()], fields.as_slice()].concat());
    let found = String::from_utf8(found.stdout).unwrap();
    let found: BTreeSet<&str> = found.lines().skip(1).collect();
    let expected = (0..=batch).flat_map(|batch| (0..40).map(move |line| format!("{batch},{line}")));
    let expected: Vec<String> = expected.collect();
    assert_eq!(found, expected.iter().map(String::as_str).collect());
}

#[test]
fn files_that_are_pushed_are_found_as_a_scan_finds_them() {
    let centre = Centre::new();
    let running = centre.serve();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo");
    let demo = demo.to_str().unwrap();
    let push =
        |token: &str| told(&["push", demo, "--to", &running.url, "--token", token, "--quiet"]);
    let first = push(&centre.token);
    let again = push(&centre.token);
    assert_eq!(again["repeated"], first["parts"]);
    let place = tempfile::tempdir().unwrap();
    let summary = place.path().join("summary.json");
    khien(&["scan", demo, "--quiet", "--summary", summary.to_str().unwrap()]);
    let scanned: Value = serde_json::from_slice(&std::fs::read(summary).unwrap()).unwrap();
    drop(running);
    assert_eq!(centre.count(""), scanned["events"].as_u64().unwrap());
    assert!(centre.count("rules:*") > 10);
    assert_eq!(first["correlations"], again["correlations"]);
}

#[test]
fn settings_are_checked_and_the_example_is_in_order() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("khien.toml");
    std::fs::write(&file, khien(&["config", "example"]).stdout).unwrap();
    assert_eq!(told(&["config", "check", file.to_str().unwrap()])["ok"], true);
    std::fs::write(&file, "[server]\nhtpp = 1\n").unwrap();
    let output = khien(&["config", "check", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("line 2"), "{output:?}");
}

#[test]
fn a_folder_that_is_none_or_is_in_use_is_told() {
    let place = tempfile::tempdir().unwrap();
    let nowhere = place.path().join("nowhere");
    let output = khien(&["agency", "list", "--data", nowhere.to_str().unwrap()]);
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && talk.contains("khien init"), "{talk}");
    let centre = Centre::new();
    let output = khien(&["init", "--data", centre.folder()]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("already"), "{output:?}");
    let _running = centre.serve();
    let output = khien(&["serve", "--data", centre.folder(), "--http", "127.0.0.1:0"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("is running"), "{output:?}");
}

#[test]
fn a_source_is_told_with_settings_for_its_shippers() {
    let centre = Centre::new();
    let add = ["source", "add", "--data", centre.folder(), "--system", "cong-dvc", "--name", "x"];
    let host = ["--host", "siem.minhhoa.example"];
    let made = told(&[add.as_slice(), &host, &["--kind", "syslog"]].concat());
    let shippers = made["snippets"].as_array().unwrap().iter();
    let shippers: Vec<&str> = shippers.map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(shippers, ["rsyslog", "syslog-ng", "nxlog"]);
    let (id, token) = (made["id"].to_string(), made["token"].as_str().unwrap());
    assert!(made["snippets"][0]["text"].as_str().unwrap().contains(token), "{made}");
    let rotate = ["source", "rotate", "--data", centre.folder(), &id, "--snippet", "syslog-ng"];
    let output = khien(&[rotate.as_slice(), &host].concat());
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(words.contains("# syslog-ng /etc/") && !words.contains("rsyslog"), "{words}");
    assert!(words.contains("siem.minhhoa.example") && !words.contains(token), "{words}");
    let output = khien(&[add.as_slice(), &["--kind", "file", "--snippet", "vector"]].concat());
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("vector does not send") && said.contains("push, curl"), "{said}");
    let changed = told(&["source", "formats", "--data", centre.folder(), &id, "cef", "leef"]);
    assert_eq!(changed["formats"], serde_json::json!(["cef", "leef"]));
    let output = khien(&["source", "formats", "--data", centre.folder(), &id, "word"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn hosts_and_tokens_are_kept_at_the_command_line() {
    let centre = Centre::new();
    let data = ["--data", centre.folder()];
    let of = ["--system", "cong-dvc"];
    let hosts = |more: &[&str]| told(&[&["host", "list"], data.as_slice(), &of, more].concat());
    told(&[&["host", "register"], data.as_slice(), &of, &["PC1", "pc2."]].concat());
    assert_eq!(hosts(&[])[0]["name"], "pc1");
    assert!(hosts(&[])[1]["registered_at"].is_string());
    told(&[&["host", "unregister"], data.as_slice(), &of, &["pc1"]].concat());
    assert!(hosts(&[])[0]["registered_at"].is_null());
    let unregistered = hosts(&["--unregistered"]);
    assert_eq!(unregistered.as_array().unwrap().len(), 1, "{unregistered}");
    assert_eq!(unregistered[0]["name"], "pc1");
    let output = khien(&[&["host", "register"], data.as_slice(), &of, &["a b"]].concat());
    assert_eq!(output.status.code(), Some(2));

    let wanted = ["--name", "tra cứu", "--permission", "events.read", "--agency", "sokhcn"];
    let made = told(&[&["token", "add"], data.as_slice(), &wanted].concat());
    let token = made["token"].as_str().unwrap();
    let running = centre.serve();
    let search = ["search", "--to", &running.url, "--token", token, "--count", ""];
    assert_eq!(told(&search)["count"], 0);
    // Beside the running centre, which learns of it.
    let id = made["id"].to_string();
    assert_eq!(told(&[&["token", "revoke"], data.as_slice(), &[&id]].concat())["revoked"], true);
    let refused = (0..1000).any(|_| !khien(&search).status.success());
    assert!(refused, "nobody is let in with a revoked token");
    let listed = told(&[&["token", "list"], data.as_slice()].concat());
    let listed = listed.as_array().unwrap();
    let ours = listed.iter().find(|one| one["id"] == made["id"]).unwrap();
    assert!(ours["revoked_at"].is_string() && !ours.to_string().contains(token), "{ours}");
    let output = khien(
        &[&["token", "add"], data.as_slice(), &wanted[..2], &["--permission", "ingest"]].concat(),
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn alerts_are_worked_on_at_the_command_line() {
    let centre = Centre::new();
    let running = centre.serve();
    assert_eq!(centre.send(&running, "a", &lines(1, 3)), Some(200));
    let list = || told(&["alert", "list", "--data", centre.folder(), "--state", "new"]);
    let mut lists = (0..1000).map(|_| list());
    let all = lists.find(|all| all.as_array().is_some_and(|all| !all.is_empty()));
    let id = all.expect("an alert")[0]["id"].to_string();
    let data = ["--data", centre.folder(), id.as_str()];
    let shown = told(&[&["alert", "show"], data.as_slice()].concat());
    assert!(shown["events"].is_array(), "{shown}");
    told(&[&["alert", "assign"], data.as_slice(), &["người trực"]].concat());
    told(&[&["alert", "comment"], data.as_slice(), &["đang xem"]].concat());
    let output = khien(&[&["alert", "set"], data.as_slice(), &["closed"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--reason"));
    let closed = ["closed", "--reason", "benign", "--comment", "diễn tập"];
    let closed = told(&[&["alert", "set"], data.as_slice(), &closed].concat());
    assert_eq!((&closed["state"], &closed["reason"]), (&"closed".into(), &"benign".into()));
    let shown = told(&[&["alert", "show"], data.as_slice()].concat());
    assert_eq!(
        (&shown["assignee"], shown["comments"].as_array().unwrap().len()),
        (&"người trực".into(), 2)
    );
    let words = khien(&[&["alert", "show"], data.as_slice()].concat()).stdout;
    assert!(String::from_utf8(words).unwrap().contains("diễn tập"));
}

#[test]
fn a_time_without_a_zone_is_viet_nams_wherever_the_machine_is() {
    let centre = Centre::new();
    let running = centre.serve();
    let event = r#"{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pc",
        "UtcTime":"2026-10-14 17:30:00.000","Image":"C:\\a.exe"}"#;
    assert_eq!(centre.send(&running, "a", &event.replace('\n', "")), Some(200));
    let count = |from: &str| {
        let search = ["search", "--count", "--json", "--data", centre.folder(), "--from", from];
        let mut khien = Command::new(env!("CARGO_BIN_EXE_khien"));
        told_of(&khien.env("TZ", "UTC").args(search).output().unwrap())["count"].clone()
    };
    assert_eq!((count("2026-10-15"), count("2026-10-15T01:00")), (1.into(), 0.into()));
    assert_eq!(
        (count("2026-10-14T17:00:00Z"), count("2026-10-14T18:00:00Z")),
        (1.into(), 0.into())
    );
    let wrong = khien(&["search", "--data", centre.folder(), "--from", "15/10/2026"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("no time such as 2026-10-15"));
}

#[test]
fn what_is_registered_already_is_told_by_its_name() {
    let centre = Centre::new();
    let refused = |words: &[&str]| {
        let output = khien(&[words, &["--data", centre.folder()]].concat());
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let agency = ["agency", "add", "--code", "sokhcn", "--name", "x"];
    let told = refused(&[agency.as_slice(), &HEADS].concat());
    assert!(told.contains("an agency sokhcn already"), "{told}");
    let back = ["--head", "a", "--deputy", "b", "--document", "1/QĐ", "--signed", "2026-02-01"];
    let new = ["agency", "add", "--code", "moi", "--name", "x", "--until", "2026-01-01"];
    let told = refused(&[new.as_slice(), &back].concat());
    assert!(told.contains("the appointment of the head ends before it was signed"), "{told}");
    let system = ["system", "add", "--code", "cong-dvc", "--name", "x", "--level", "1"];
    let told = refused(&[system.as_slice(), &["--agency", "sokhcn"]].concat());
    assert!(told.contains("a system cong-dvc already"), "{told}");
    let system = ["system", "add", "--code", "moi", "--name", "x", "--level", "1"];
    let told = refused(&[system.as_slice(), &["--agency", "soyt"]].concat());
    assert!(told.contains("no agency soyt; register it first"), "{told}");
    let source = ["source", "add", "--system", "cong-dvc", "--kind", "http", "--name", "máy chủ"];
    let told = refused(&source);
    assert!(told.contains("cong-dvc has a source «máy chủ» already"), "{told}");
}

#[test]
fn texts_are_told_as_json_too() {
    for command in [&["man"][..], &["completions", "bash"], &["config", "example"]] {
        let plain = String::from_utf8(khien(command).stdout).unwrap();
        assert!(plain.len() > 100);
        assert_eq!(told(command)["text"], plain.as_str(), "{command:?}");
    }
}

#[test]
fn a_hunt_runs_beside_a_centre_and_without_one_and_keeps_its_hits() {
    let centre = Centre::new();
    let rule = centre.data.with_file_name("rule.yml");
    let text = "title: Who\nid: 88888888-8888-4888-8888-888888888888\nlevel: high\n\
        logsource: {product: windows, category: process_creation}\n\
        detection: {s: {Image|endswith: '\\whoami.exe'}, condition: s}\n";
    std::fs::write(&rule, text).unwrap();
    let list = centre.data.with_file_name("list.csv");
    std::fs::write(&list, "type,value\nfile,whoami.exe\nyara,x\n").unwrap();
    let place = ["--data", centre.folder()];
    let hunt = |more: &[&str]| khien(&[&["hunt"], more, &place].concat());
    let of_rule = ["--rule", rule.to_str().unwrap()];
    let mut running = centre.serve();
    assert_eq!(centre.send(&running, "a", &lines(1, 50)), Some(200));
    // Of the running centre, by its own record of how to reach it.
    let found = hunt(&[of_rule.as_slice(), &["--format", "jsonl"]].concat());
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    let hits: Vec<Value> = String::from_utf8(found.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((hits.len(), &hits[0]["rule"]["title"]), (50, &"Who".into()));
    assert!(!String::from_utf8_lossy(&found.stderr).contains('\r'), "no progress in a pipe");
    let detached = hunt(&[of_rule.as_slice(), &["--detach", "--json"]].concat());
    let detached: Value = serde_json::from_slice(&detached.stdout).unwrap();
    assert_eq!(detached["id"], 2);
    signal(&running.child, "TERM");
    assert!(running.child.wait().unwrap().success());

    // Without one, here; what it had not done goes on here as well.
    let found = hunt(&["--indicators", list.to_str().unwrap(), "--lang", "en"]);
    let (out, told) = (String::from_utf8(found.stdout).unwrap(), String::from_utf8(found.stderr));
    assert_eq!(out.matches("file whoami.exe").count(), 50, "{out}");
    let told = told.unwrap();
    assert!(told.contains("line 3: the type «yara» is not understood"), "{told}");
    assert!(told.contains("50 events looked at"), "{told}");
    let csv = String::from_utf8(hunt(&["results", "2", "--format", "csv"]).stdout).unwrap();
    assert_eq!(csv.lines().count(), 51, "{csv}");
    assert!(csv.contains(",high,Who,88888888-"), "{csv}");
    let listed = told_of(&hunt(&["list", "--json"]));
    let states: Vec<&str> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["state"].as_str())
        .collect();
    assert_eq!(states, ["finished"; 3]);
    assert_eq!(told_of(&hunt(&["show", "3", "--json"]))["what"], "indicators");
    for (more, code, words) in [
        (vec!["cancel", "1"], 1, "hunt 1 is finished"),
        (vec!["show", "9"], 1, "there is no hunt 9"),
        (vec![], 2, "--rule FILE or --indicators FILE"),
        (vec!["--rule", "/none.yml"], 2, "there is no rule file"),
        (vec!["--indicators", "/none.csv"], 1, "cannot read /none.csv"),
        ([of_rule.as_slice(), &["--detach"]].concat(), 2, "needs a running centre"),
        ([of_rule.as_slice(), &["--from", "x"]].concat(), 2, "is no time"),
    ] {
        let refused = hunt(&more);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(code), "{more:?}: {said}");
        assert!(said.contains(words), "{more:?}: {said}");
    }
}

#[test]
fn a_hunt_that_was_cut_off_goes_on() {
    let centre = Centre::new();
    let list = centre.data.with_file_name("list.txt");
    std::fs::write(&list, "whoami.exe.minhhoa.example\n198.51.100.7\n").unwrap();
    let hunt = |more: &[&str]| khien(&[&["hunt"], more, &["--data", centre.folder()]].concat());
    // A hunt is taken within half a second, so that a centre killed at once has not ended it.
    let id = (0..20).find_map(|_| {
        let mut running = centre.serve();
        let begun = hunt(&["--indicators", list.to_str().unwrap(), "--detach", "--json"]);
        signal(&running.child, "KILL");
        running.child.wait().unwrap();
        let id = told_of(&begun)["id"].to_string();
        let state = told_of(&hunt(&["show", &id, "--json"]))["state"].clone();
        (state != "finished").then_some(id)
    });
    let id = id.unwrap();
    let resumed = hunt(&["resume", &id, "--json"]);
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
    assert_eq!(told_of(&resumed)["state"], "finished");
    let again = hunt(&["resume", &id]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is finished"));
}

fn told_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}
