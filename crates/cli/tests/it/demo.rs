//! The demonstration as people run it: it comes alive within a minute, goes on where it was, ends
//! when it is told to, and touches nothing that is not its own.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

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
        (sources.len() == 32 && quiet == 1).then_some(())
    });
    shown.wait_for("live events of every source", |demo| {
        let live = "NOT origin:*.log";
        let data = demo.text("data");
        let found =
            khien(&["search", "--data", data, "--format", "jsonl", "--fields", "source", live]);
        let lines = String::from_utf8_lossy(&found.stdout).into_owned();
        let sources: BTreeSet<&str> = lines.lines().collect();
        (sources.len() == 31).then_some(())
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
    shown.end("TERM");
    assert!(data.join("DEMO").exists() && !data.join("running.json").exists());

    // The same folder is gone on with: nothing is registered twice.
    let again = demo(&["--data", data.to_str().unwrap()]);
    assert_eq!(again.get("/api/v1/agencies?limit=500")["items"].as_array().unwrap().len(), 54);
    assert_eq!(again.get("/api/v1/systems?limit=500")["items"].as_array().unwrap().len(), 95);
    assert_eq!(again.get("/api/v1/sources?limit=500")["items"].as_array().unwrap().len(), 32);
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
    let filled = khien(&["demo", "--once", "--json", "--addr", "127.0.0.1:0", "--data", data]);
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
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
