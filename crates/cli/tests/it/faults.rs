//! What the machine does to a centre: a full disk, a disk that is slow to flush.
//!
//! Both need rights that not every machine gives; where they are missing, the test says so on
//! standard error and ends. `scripts/fault-runs` makes that a failure, and runs longer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::centre::{Centre, Running, signal, told};

/// Says that a test cannot run here; a failure where `KHIEN_FAULT_RUNS` is set.
fn skipped(why: &str) {
    assert!(std::env::var_os("KHIEN_FAULT_RUNS").is_none(), "cannot run: {why}");
    eprintln!("skipped: {why}");
}

/// Batches to send: more in a long run.
fn size() -> u32 {
    let asked = std::env::var("KHIEN_FAULT_BATCHES").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(40)
}

/// A small disk of its own; unmounted when it goes.
struct Disk(PathBuf);

impl Disk {
    fn mount(place: &Path, mebibytes: u32) -> Option<Self> {
        std::fs::create_dir(place).unwrap();
        let size = format!("size={mebibytes}m");
        let mount = ["-t", "tmpfs", "-o", &size, "khien-test", place.to_str().unwrap()];
        let mounted = Command::new("mount").args(mount).stderr(Stdio::null()).status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(place.to_owned()))
    }

    fn free(&self) -> u64 {
        let told =
            Command::new("df").args(["--output=avail", "-B1"]).arg(&self.0).output().unwrap();
        let text = String::from_utf8(told.stdout).unwrap();
        text.lines().nth(1).unwrap().trim().parse().unwrap()
    }

    /// Takes all that is free but a little, as a file that can be removed.
    fn fill(&self, leave: u64) -> PathBuf {
        let ballast = self.0.join("ballast");
        let bytes = self.free().saturating_sub(leave);
        let mut file = std::fs::File::create(&ballast).unwrap();
        let block = vec![0; 1 << 16];
        for _ in 0..bytes >> 16 {
            file.write_all(&block).unwrap();
        }
        ballast
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: what still runs on it must not keep the test from ending.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Starts a centre, under another program if one is named; answers it with what it says.
fn serve(centre: &Centre, under: &[&str]) -> (Running, Arc<Mutex<Vec<String>>>) {
    let mut words = under.to_vec();
    words.push(env!("CARGO_BIN_EXE_khien"));
    words.extend(["serve", "--data", centre.folder(), "--http", "127.0.0.1:0", "--plain-http"]);
    let mut child =
        Command::new(words[0]).args(&words[1..]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.by_ref().map_while(Result::ok).find(|line| line.contains(" listens on "));
    let url = line.unwrap().rsplit(' ').next().unwrap().to_owned();
    let said = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&said);
    std::thread::spawn(move || {
        lines.map_while(Result::ok).for_each(|line| hears.lock().unwrap().push(line));
    });
    (Running { child, url }, said)
}

/// An answer: its status, and when to come again.
fn post(centre: &Centre, running: &Running, name: &str, lines: &str) -> (u16, Option<u64>) {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_mins(1)))
        .build()
        .new_agent();
    let request = agent
        .post(format!("{}/api/v1/intake/json", running.url))
        .header("authorization", format!("Bearer {}", centre.token))
        .header("idempotency-key", name);
    let answer = request.send(lines).unwrap();
    let after = answer.headers().get("retry-after").map(|value| value.to_str().unwrap());
    (answer.status().as_u16(), after.map(|after| after.parse().unwrap()))
}

fn get(centre: &Centre, running: &Running, path: &str) -> (u16, String) {
    let told: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(centre.data.join("running.json")).unwrap())
            .unwrap();
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let token = told["token"].as_str().unwrap();
    let request = agent.get(format!("{}{path}", running.url));
    let mut answer = request.header("authorization", format!("Bearer {token}")).call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

/// Events that do not compress well: half a mebibyte a batch.
fn heavy(batch: u32) -> String {
    let mut state = u64::from(batch) + 1;
    let mut noise = || {
        // Numbers that look random and are the same every time.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:016x}", state ^ (state >> 29))
    };
    let mut event = |line: u32| {
        let text: String = (0..800).map(|_| noise()).collect();
        let event = serde_json::json!({"round": batch.to_string(), "line": line, "message": text});
        event.to_string() + "\n"
    };
    (0..40).map(&mut event).collect()
}

#[test]
fn a_full_disk_is_told_to_clients_and_costs_nothing_that_was_acknowledged() {
    let centre = Centre::new();
    let place = centre.place.path().join("disk");
    let Some(disk) = Disk::mount(&place, 192) else {
        return skipped("a file system cannot be mounted here");
    };
    // The centre's folder moves onto the small disk. Nothing is kept free, so that the disk itself
    // refuses.
    let data = place.join("data");
    let copied = Command::new("cp").arg("-a").arg(&centre.data).arg(&data).status().unwrap();
    assert!(copied.success());
    std::fs::write(data.join("khien.toml"), "[limits]\nreserve_mib = 0\nmemory_mib = 16\n")
        .unwrap();
    let centre = Centre { data, ..centre };
    let (mut running, said) = serve(&centre, &[]);
    let ballast = disk.fill(24 << 20);
    let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
    let many = size() * 4;
    for batch in 0..many {
        match post(&centre, &running, &format!("b{batch}"), &heavy(batch)) {
            (200, _) => acknowledged.push(batch),
            (503, Some(after)) => {
                assert!((1..=60).contains(&after), "come again in {after} s");
                refused.push(batch);
            }
            other => panic!("batch {batch}: {other:?}"),
        }
        if refused.len() >= 20 {
            break;
        }
    }
    assert!(!refused.is_empty(), "the disk was full after {} batches", acknowledged.len());
    let (status, metrics) = get(&centre, &running, "/metrics");
    assert_eq!(status, 200, "figures are told on a full disk");
    let line = format!("khien_batches_not_kept_total {}", refused.len());
    assert!(metrics.lines().any(|found| found == line), "{line} in\n{metrics}");
    assert_eq!(get(&centre, &running, "/healthz").0, 200);
    assert_eq!(get(&centre, &running, "/readyz").0, 503);
    let loud = || {
        let said = said.lock().unwrap();
        said.iter().filter(|line| line.contains("the disk takes no more batches")).count()
    };
    assert!((1..=3).contains(&loud()), "told {} times for {} batches", loud(), refused.len());
    let segments = std::fs::read_dir(centre.data.join("journal")).unwrap().count();
    assert!(segments < 20, "{segments} files are left of batches that were refused");
    // Room again: it goes on as it is.
    std::fs::remove_file(ballast).unwrap();
    for batch in refused {
        let goes_on = (0..60).any(|_| {
            let (status, _) = post(&centre, &running, &format!("b{batch}"), &heavy(batch));
            if status != 200 {
                std::thread::park_timeout(Duration::from_millis(500));
            }
            status == 200
        });
        assert!(goes_on, "batch {batch} is not taken after room was made");
        acknowledged.push(batch);
    }
    assert!(said.lock().unwrap().iter().any(|line| line.contains("takes batches again")));
    let ready = (0..80).any(|_| {
        std::thread::park_timeout(Duration::from_millis(250));
        get(&centre, &running, "/readyz").0 == 200
    });
    assert!(ready, "not ready after room was made");
    signal(&running.child, "TERM");
    assert!(running.child.wait().unwrap().success());
    exactly(&centre, &acknowledged, 40);
    let heard = told(&["source", "list", "--data", centre.folder()]);
    assert_eq!(heard[0]["events"], acknowledged.len() * 40, "what was heard is counted in full");
}

/// Whether exactly these batches are found, each event once.
#[track_caller]
fn exactly(centre: &Centre, batches: &[u32], lines: u32) {
    use std::collections::BTreeSet;
    let fields = ["--fields", "round,line", "--format", "csv"];
    let found =
        crate::centre::khien(&[&["search", "--data", centre.folder()], &fields[..]].concat());
    assert!(found.status.success(), "{found:?}");
    let found = String::from_utf8(found.stdout).unwrap();
    let rows: Vec<&str> = found.lines().skip(1).collect();
    let expected: BTreeSet<String> = (batches.iter())
        .flat_map(|batch| (0..lines).map(move |line| format!("{batch},{line}")))
        .collect();
    let events: BTreeSet<String> = rows.iter().map(ToString::to_string).collect();
    assert_eq!(rows.len(), events.len(), "an event is there twice");
    let lost: Vec<&String> = expected.difference(&events).take(5).collect();
    let foreign: Vec<&String> = events.difference(&expected).take(5).collect();
    assert!(lost.is_empty() && foreign.is_empty(), "lost {lost:?}, never acknowledged {foreign:?}");
}

#[test]
fn with_little_disk_left_nothing_is_taken_and_what_was_is_kept() {
    let centre = Centre::new();
    let place = centre.place.path().join("disk");
    let Some(disk) = Disk::mount(&place, 128) else {
        return skipped("a file system cannot be mounted here");
    };
    let data = place.join("data");
    let copied = Command::new("cp").arg("-a").arg(&centre.data).arg(&data).status().unwrap();
    assert!(copied.success());
    std::fs::write(data.join("khien.toml"), "[limits]\nreserve_mib = 32\n").unwrap();
    let centre = Centre { data, ..centre };
    let (mut running, _said) = serve(&centre, &[]);
    assert_eq!(post(&centre, &running, "b0", &heavy(0)).0, 200);
    let ballast = disk.fill(16 << 20);
    assert_eq!(post(&centre, &running, "b1", &heavy(1)).0, 503);
    assert_eq!(get(&centre, &running, "/readyz").0, 503);
    // What is kept free is enough to stop in order: events go into files, and the audit log is
    // written.
    signal(&running.child, "TERM");
    assert!(running.child.wait().unwrap().success());
    std::fs::remove_file(ballast).unwrap();
    exactly(&centre, &[0], 40);
}

#[expect(clippy::disallowed_methods, reason = "how long an answer takes is what is tested")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

#[test]
fn a_disk_that_is_slow_to_flush_delays_the_answer_and_nothing_else() {
    // The system call itself is delayed: 200 ms for each flush of a file.
    let probe = ["-f", "-qq", "-e", "trace=none", "true"];
    if !Command::new("strace").args(probe).status().is_ok_and(|status| status.success()) {
        return skipped("strace is not there, or may not trace");
    }
    let centre = Centre::new();
    let inject = "inject=fdatasync,fsync:delay_enter=200000";
    let under = [
        "strace",
        "-f",
        "-qq",
        "--seccomp-bpf",
        "-e",
        "trace=fdatasync,fsync",
        "-e",
        inject,
        "-o",
        "/dev/null",
    ];
    let (mut running, _said) = serve(&centre, &under);
    let running_file = std::fs::read_to_string(centre.data.join("running.json")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&running_file).unwrap();
    let pid = told["pid"].as_u64().unwrap();
    let clients = 4;
    let batches: Vec<u32> = (0..size() / clients * clients).collect();
    let slowest = Mutex::new(Duration::ZERO);
    std::thread::scope(|scope| {
        for client in 0..clients {
            let (centre, running, batches, slowest) = (&centre, &running, &batches, &slowest);
            scope.spawn(move || {
                for batch in batches.iter().filter(|batch| **batch % clients == client) {
                    let begun = now();
                    let lines = crate::centre::lines(*batch, 40);
                    assert_eq!(post(centre, running, &format!("b{batch}"), &lines).0, 200);
                    let mut slowest = slowest.lock().unwrap();
                    *slowest = (*slowest).max(begun.elapsed());
                }
            });
        }
    });
    let slowest = *slowest.lock().unwrap();
    assert!(slowest >= Duration::from_millis(200), "an answer came before the flush: {slowest:?}");
    assert!(slowest < Duration::from_secs(30), "{slowest:?}");
    // The centre's own process: its tracer ends with it.
    let stopped = Command::new("kill").args(["-s", "TERM", &pid.to_string()]).status().unwrap();
    assert!(stopped.success() && running.child.wait().unwrap().success());
    exactly(&centre, &batches, 40);
}
