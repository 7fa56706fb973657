//! The demonstration as people run it: it comes alive within a minute, goes on where it was, ends
//! when it is told to, and touches nothing that is not its own.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::centre::{khien, signal, told};

/// A demonstration that runs; it is killed when the test ends.
struct Demo {
    child: Child,
    told: Value,
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn demo(arguments: &[&str]) -> Demo {
    let mut child = Command::new(env!("CARGO_BIN_EXE_khien"))
        .args(["demo", "--json", "--addr", "127.0.0.1:0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told = serde_json::from_str(&line).unwrap();
    Demo { child, told }
}

impl Demo {
    fn text(&self, name: &str) -> &str {
        self.told[name].as_str().unwrap()
    }

    /// Asks the API as the command line of the machine does.
    fn get(&self, path: &str) -> Value {
        let running = Path::new(self.text("data")).join("running.json");
        let running: Value =
            serde_json::from_str(&std::fs::read_to_string(running).unwrap()).unwrap();
        let token = running["token"].as_str().unwrap();
        let asked = ureq::get(format!("{}{path}", self.text("url")))
            .header("authorization", format!("Bearer {token}"))
            .call();
        serde_json::from_str(&asked.unwrap().body_mut().read_to_string().unwrap()).unwrap()
    }

    /// Asks until something holds, for a minute.
    fn wait_for<T>(&self, what: &str, holds: impl Fn(&Self) -> Option<T>) -> T {
        let found = (0..240).find_map(|_| {
            let found = holds(self);
            if found.is_none() {
                std::thread::park_timeout(Duration::from_millis(250));
            }
            found
        });
        found.unwrap_or_else(|| panic!("not within a minute: {what}"))
    }

    fn end(mut self, name: &str) {
        signal(&self.child, name);
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

/// The different values of a field of what is listed.
fn different(listed: &Value, field: &str) -> BTreeSet<String> {
    let items = listed["items"].as_array().unwrap();
    items.iter().map(|item| item[field].to_string()).collect()
}

#[test]
fn it_is_alive_within_a_minute_and_ends_when_it_is_told_to() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("demo");
    let shown = demo(&["--data", data.to_str().unwrap()]);
    assert!(shown.text("url").starts_with("http://localhost:"), "{}", shown.told);
    assert!(shown.told["accounts"].is_array());
    assert!(shown.text("syslog_tcp").starts_with("127.0.0.1:"));
    assert!(shown.text("syslog_udp").starts_with("127.0.0.1:"));
    shown.wait_for("alerts of five rules", |demo| {
        let alerts = demo.get("/api/v1/alerts?limit=500");
        let (rules, grades) = (different(&alerts, "rule"), different(&alerts, "severity"));
        (rules.len() >= 5 && grades.len() >= 3).then_some(())
    });
    // Every source gets through by its own way, but for the one that has never sent. A past that
    // was handed in says nothing of that, so the live part is waited for.
    shown.wait_for("events of every source", |demo| {
        let sources = demo.get("/api/v1/sources?limit=500");
        let sources = sources["items"].as_array().unwrap();
        let quiet = sources.iter().filter(|one| one["events"].as_u64() == Some(0)).count();
        (sources.len() == 39 && quiet == 1).then_some(())
    });
    shown.wait_for("live events of every source", |demo| {
        let live = "NOT origin:*.log";
        let data = demo.text("data");
        let found =
            khien(&["search", "--data", data, "--format", "jsonl", "--fields", "source", live]);
        let lines = String::from_utf8_lossy(&found.stdout).into_owned();
        let sources: BTreeSet<&str> = lines.lines().collect();
        (sources.len() == 38).then_some(())
    });
    assert_eq!(shown.get("/api/v1/quarantine")["items"].as_array().unwrap().len(), 0);
    assert_eq!(shown.get("/api/v1/refused")["items"].as_array().unwrap().len(), 0);
    let hosts = shown.get("/api/v1/alerts?limit=500");
    let shadow = hosts["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|alert| alert["kind"] == "unregistered_host");
    let shadow: Vec<&str> = shadow.map(|alert| alert["entity"].as_str().unwrap()).collect();
    assert_eq!(shadow, ["lichtiep.saban.minhhoa.example"], "one host, and no other, is not known");
    official(&shown, place.path(), &data);
    shown.end("TERM");
    assert!(data.join("DEMO").exists() && !data.join("running.json").exists());

    // The same folder is gone on with: nothing is registered twice.
    let again = demo(&["--data", data.to_str().unwrap()]);
    assert_eq!(again.get("/api/v1/agencies?limit=500")["items"].as_array().unwrap().len(), 54);
    assert_eq!(again.get("/api/v1/systems?limit=500")["items"].as_array().unwrap().len(), 95);
    assert_eq!(again.get("/api/v1/sources?limit=500")["items"].as_array().unwrap().len(), 39);
    again.end("INT");
}

#[test]
fn a_folder_that_nobody_named_goes_again() {
    let shown = demo(&["--speed", "5"]);
    let data = Path::new(shown.text("data")).to_owned();
    assert!(data.join("khien.db").exists());
    assert_eq!(shown.told["is_kept"], false);
    // In the middle of the past, which must not hold up the end.
    shown.end("INT");
    assert!(!data.exists());
}

#[test]
fn once_it_is_filled_it_ends() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("demo");
    let data = data.to_str().unwrap();
    // Whoever has the usual port does not hold it up.
    let _usual = TcpListener::bind("127.0.0.1:8057");
    let filled = khien(&["demo", "--once", "--data", data]);
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
    let said = String::from_utf8_lossy(&filled.stdout);
    assert!(said.contains(&format!("khien demo --data {data}")), "{said}");
    assert!(said.contains("truc1") && !said.contains("localhost"), "{said}");
    let count = khien(&["search", "--data", data, "--count", "--json", ""]);
    let count: Value = serde_json::from_slice(&count.stdout).unwrap();
    assert!(count["count"].as_u64().unwrap() > 8_000, "{count}");
    let live = khien(&["search", "--data", data, "--count", "--json", "NOT origin:*.log"]);
    let live: Value = serde_json::from_slice(&live.stdout).unwrap();
    assert_eq!(live["count"], 0, "all of it is of the past");
    let alerts = khien(&["alert", "list", "--data", data, "--json", "--limit", "500"]);
    let alerts: Vec<Value> = serde_json::from_slice(&alerts.stdout).unwrap();
    let rules: BTreeSet<String> = alerts.iter().map(|alert| alert["rule"].to_string()).collect();
    assert!(rules.len() >= 38, "all stories left alerts: {}", rules.len());
    the_year_behind_it(data, place.path());
    // What is restored of it is a demonstration as well.
    let (file, restored) = (place.path().join("demo.age"), place.path().join("restored"));
    let (file, key) = (file.to_str().unwrap(), place.path().join("demo.key"));
    let key = key.to_str().unwrap();
    told(&["backup", "key", "--output", key]);
    told(&["backup", "--data", data, "--output", file, "--key-file", key]);
    told(&["restore", file, "--data", restored.to_str().unwrap(), "--key-file", key]);
    assert!(restored.join("DEMO").exists());
    // Correlations went by the times in the files and not by the hour of filling.
    let spread: BTreeSet<&str> = alerts
        .iter()
        .filter(|alert| alert["kind"] == "correlation")
        .map(|alert| &alert["first_at"].as_str().unwrap()[..13])
        .collect();
    assert!(spread.len() >= 8, "{spread:?}");
}

/// What a command says, and with which code it ends.
fn said(arguments: &[&str]) -> (Option<i32>, String) {
    let output = khien(arguments);
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Register, gate, ledger and index of a demonstration that was filled.
fn the_year_behind_it(data: &str, place: &Path) {
    let listed = |what: &str| -> Vec<Value> {
        let (code, told) = said(&[what, "list", "--data", data, "--json"]);
        assert_eq!(code, Some(0), "{what}");
        serde_json::from_str(&told).unwrap()
    };
    let agencies = listed("agency");
    assert_eq!(agencies.len(), 54);
    let systems = listed("system");
    let mut levels = [0; 6];
    for system in &systems {
        levels[usize::try_from(system["level"].as_u64().unwrap()).unwrap()] += 1;
    }
    // Of 41 systems of level 2 nobody has registered one.
    assert_eq!(levels, [0, 34, 40, 18, 3, 0]);
    assert!(!systems.iter().any(|system| system["code"] == "mh-lichtiep"));

    let gate = |system: &str| said(&["gate", "check", "--data", data, system, "--json"]).0;
    let retired = ["gate", "check", "--data", data, "MH-DVC", "--stage", "retired"];
    let words = String::from_utf8(khien(&retired).stderr).unwrap();
    assert!(words.contains("nothing is asked: ask about"), "{words}");
    assert_eq!(gate("MH-DVC"), Some(0));
    assert_eq!(gate("MH-VBDH"), Some(0));
    // Each story is denied for its own reason and no other; the glass of MH-HOPKG is whole again.
    for (system, reason) in [
        ("MH-HOPKG", "dossier"),
        ("MH-LGSP", "restore"),
        ("MH-DATDAI", "finding"),
        ("MH-QLHS", "test-data"),
    ] {
        let (code, told) = said(&["gate", "check", "--data", data, system, "--json"]);
        assert_eq!(code, Some(3), "{system}");
        let told: Value = serde_json::from_str(&told).unwrap();
        let reasons = told["reasons"].as_array().unwrap().iter();
        let failed = reasons.filter(|one| one["holds"] == false);
        let failed: Vec<&str> = failed.map(|one| one["condition"].as_str().unwrap()).collect();
        assert_eq!(failed, [reason], "{system}");
    }

    let export = place.join("ledger.export");
    let file = export.to_str().unwrap();
    told(&["ledger", "export", "--data", data, "--out", file]);
    told(&["ledger", "verify", file]);
    let (code, kept) = said(&["index", "recompute", file, "--json"]);
    assert_eq!(code, Some(0), "the table that the demonstration kept is computed again");
    let kept: Value = serde_json::from_str(&kept).unwrap();
    of_the_year(&std::fs::read_to_string(&export).unwrap());

    // An instant before the folder was filled has a full table too, and so has one after it.
    let now: Timestamp = kept["at"].as_str().unwrap().parse().unwrap();
    for hours in [-40, -12, 0, 20] {
        let at = (now + SignedDuration::from_hours(hours)).to_string();
        let (code, table) = said(&["index", "compute", "--data", data, "--at", &at, "--json"]);
        assert_eq!(code, Some(0), "{at}");
        ranked(&serde_json::from_str(&table).unwrap(), &at);
    }
}

/// What anybody reads of official addresses is verified with the public key and nothing else, and a log
/// that names a host below one finds it.
fn official(shown: &Demo, place: &Path, data: &Path) {
    let verified = shown.get("/verified.json");
    for (name, part) in [("list.json", "statement"), ("list.sig", "signature")] {
        std::fs::write(place.join(name), verified[part].as_str().unwrap()).unwrap();
    }
    let path = |name: &str| place.join(name).to_str().unwrap().to_owned();
    let key = data.join("keys/ledger.pub").to_str().unwrap().to_owned();
    let verify = || {
        let (list, signature) = (path("list.json"), path("list.sig"));
        khien(&["verify", &list, "--signature", &signature, "--by", &key]).status.code()
    };
    assert_eq!(verify(), Some(0));
    let text = std::fs::read_to_string(path("list.json")).unwrap();
    assert!(text.contains("saban.minhhoa.example") && !text.contains("lichtiep"), "{text}");
    std::fs::write(path("list.json"), text.replace("saban", "sabam")).unwrap();
    assert_eq!(verify(), Some(1));

    let log = "name\nthu.saban.minhhoa.example\nlichtiep.saban.minhhoa.example\n?\n";
    std::fs::write(place.join("log.csv"), log).unwrap();
    let (log, data) = (path("log.csv"), data.to_str().unwrap());
    let found = khien(&["host", "certificates", &log, "--data", data, "--json"]);
    assert_eq!(found.status.code(), Some(3), "a place cannot be read");
    let told: Value = serde_json::from_slice(&found.stdout).unwrap();
    let host = json!({"name": "thu.saban.minhhoa.example", "agency": "saban"});
    assert_eq!((&told["found"], &told["known"]), (&json!([host]), &json!(1)));
    assert_eq!(told["problems"][0]["place"], "row 4");
    let settle = ["host", "settle", "thu.saban.minhhoa.example", "--as", "off", "--note", "đã gỡ"];
    let settle = || khien(&[&settle[..], &["--data", data]].concat());
    assert_eq!(settle().status.code(), Some(0));
    let again = settle();
    assert!(String::from_utf8_lossy(&again.stderr).contains("settled already"));
}

/// A table in which the agencies of the province stand apart.
fn ranked(table: &Value, at: &str) {
    let agencies = table["agencies"].as_array().unwrap();
    assert_eq!(agencies.len(), 52, "{at}: what is military is not rated");
    let mut grades: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for agency in agencies {
        let cohort = agency["cohort"].as_str().unwrap();
        let grade = agency["grade"].as_str().unwrap();
        grades.entry(cohort).or_default().insert(grade);
        assert_eq!(agency["rank"].is_null(), cohort == "K4", "{at}: {}", agency["agency"]);
    }
    let all = BTreeSet::from(["A", "B", "C", "D", "E"]);
    assert_eq!((&grades["K1"], &grades["K2"]), (&all, &all), "{at}");
}

/// The records of the ledger tell as much as is promised.
fn of_the_year(export: &str) {
    let lines = export.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let records: Vec<Value> = lines.filter(|line| line["about"].is_object()).collect();
    let of =
        |kind: &'static str| records.iter().filter(move |record| record["about"]["type"] == kind);
    let taken: BTreeSet<&str> = of("alert.handled")
        .filter(|record| record["content"]["drill"] == false)
        .map(|record| record["about"]["subject"].as_str().unwrap())
        .collect();
    assert_eq!(taken.len(), 240);
    let real = of("alert.handled").filter_map(|one| one["about"]["ref"].as_str());
    let real =
        real.filter(|told| told.strip_prefix("alert ").is_some_and(|id| id.parse::<u64>().is_ok()));
    assert_eq!(real.count(), 40, "so many lead to an alert of the queue");
    let mut tasks = BTreeMap::new();
    for record in of("task.state") {
        tasks.insert(
            record["about"]["subject"].as_str().unwrap(),
            record["content"]["done"].is_string(),
        );
    }
    // Each system that is used without leave of the gate is a task of its own.
    let (of_gate, others): (Vec<_>, Vec<_>) =
        tasks.into_iter().partition(|(subject, _)| subject.starts_with("gate mh-"));
    // So is each line whose support ends soon and before it is renewed.
    let (of_support, others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|(subject, _)| subject.starts_with("support "));
    assert!(!of_support.is_empty() && of_support.iter().all(|(_, done)| !done), "{of_support:?}");
    // And so is what ends in the register, and the host that only a certificate log knows.
    let (of_register, others): (Vec<_>, Vec<_>) = (others.into_iter())
        .partition(|(name, _)| name.starts_with("ends ") || name.starts_with("host "));
    let ends = |end| of_register.iter().filter(|(name, done)| name.ends_with(end) && !done).count();
    assert_eq!((ends("minhhoa.example"), of_register.len()), (2, 2), "{of_register:?}");
    let open = others.iter().filter(|(_, done)| !done).count();
    let why = "with those of two lost devices and of an asset in two networks";
    assert_eq!((others.len(), open), (143, 13), "{why}");
    let mut last = BTreeMap::new();
    for record in of("gate.decision") {
        last.insert(record["about"]["system"].as_str().unwrap(), &record["content"]["decision"]);
    }
    // The one whose glass was broken is not in use.
    let denied = last.iter().filter(|(code, said)| **said == "deny" && **code != "mh-hopkg");
    let denied: BTreeSet<String> = denied.map(|(code, _)| format!("gate {code}")).collect();
    let told: BTreeSet<String> = of_gate.iter().map(|(subject, _)| (*subject).to_owned()).collect();
    assert_eq!(told, denied);
    assert!(of_gate.iter().all(|(_, done)| !done) && told.len() > 30, "{}", told.len());
    let broken: Vec<&Value> =
        of("gate.decision").filter(|one| one["content"]["break_glass"] == true).collect();
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0]["about"]["system"], "mh-hopkg");
    let discovered = of("system.discovered").filter(|one| one["about"]["agency"] == "saban");
    let by_log = |one: &&&Value| {
        let told = one["about"]["ref"].as_str().unwrap_or_default();
        told.starts_with("certificate log sha256 ")
    };
    let discovered: Vec<&Value> = discovered.collect();
    assert_eq!(discovered.iter().filter(by_log).count(), 1, "a log named the shadow host");
    let decided: BTreeSet<&str> =
        of("gate.decision").map(|one| one["about"]["system"].as_str().unwrap()).collect();
    assert_eq!(decided.len(), 94, "all that are in use, and one that was");
}

#[test]
fn what_it_cannot_do_is_refused_with_a_way_out() {
    let refused = |arguments: &[&str]| -> (Option<i32>, String) {
        let output: Output = khien(&[&["demo", "--json"], arguments].concat());
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, words) = refused(&["--addr", "0.0.0.0:0"]);
    assert!(code == Some(2) && words.contains("127.0.0.1:8057"), "{words}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, words) = refused(&["--addr", &address]);
    assert!(code == Some(1) && words.contains("is in use") && words.contains("--addr"), "{words}");
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("a.txt"), "a").unwrap();
    let data = place.path().to_str().unwrap();
    let (code, words) = refused(&["--addr", "127.0.0.1:0", "--data", data]);
    assert!(code == Some(2) && words.contains("is not empty"), "{words}");
    let (code, words) = refused(&["--addr", "127.0.0.1:0", "--data", "/proc/khien-demo"]);
    assert!(code == Some(1) && words.contains("/proc/khien-demo"), "{words}");
    let (code, _) = refused(&["--addr", "127.0.0.1:0", "--speed", "0"]);
    assert_eq!(code, Some(2));
    let (code, words) = refused(&["--once"]);
    assert!(code == Some(2) && words.contains("--data"), "{words}");
}
