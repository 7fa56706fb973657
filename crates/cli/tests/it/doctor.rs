//! `khien doctor` on whole, damaged and running data folders; legal holds; the unit of systemd.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::centre::{Centre, khien, lines, signal, told};

/// A stopped centre with events in files.
fn filled() -> Centre {
    let centre = Centre::new();
    let mut running = centre.serve();
    assert_eq!(centre.send(&running, "a", &lines(1, 50)), Some(200));
    signal(&running.child, "TERM");
    assert!(running.child.wait().unwrap().success());
    assert_eq!(centre.count(""), 50);
    centre
}

/// What is found wrong: the checks and their English texts.
fn findings(centre: &Centre, more: &[&str]) -> (Option<i32>, Vec<(String, String)>) {
    let all = [&["doctor", "--data", centre.folder(), "--json"], more].concat();
    let output = khien(&all);
    let told: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let text = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    let bad = told["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false);
    let bad: Vec<_> = bad.map(|check| (text(check, "check"), text(check, "message"))).collect();
    assert_eq!(told["ok"], bad.is_empty());
    (output.status.code(), bad)
}

#[track_caller]
fn only(centre: &Centre, check: &str, says: &str) {
    let (code, found) = findings(centre, &[]);
    assert_eq!(code, Some(3), "{found:?}");
    let is_told = found.iter().any(|(name, text)| name == check && text.contains(says));
    assert!(is_told && found.iter().all(|(name, _)| name == check), "{check}: {found:?}");
}

fn file_of_events(centre: &Centre) -> PathBuf {
    let events = centre.data.join("lake/events");
    let day = std::fs::read_dir(events).unwrap().next().unwrap().unwrap().path();
    std::fs::read_dir(day).unwrap().next().unwrap().unwrap().path()
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_whole_folder_is_good_and_says_so_in_both_languages() {
    let centre = filled();
    // How much disk this machine has is not what is tested.
    std::fs::write(centre.data.join("khien.toml"), "[limits]\nreserve_mib = 0\n").unwrap();
    assert_eq!(findings(&centre, &[]), (Some(0), vec![]));
    assert_eq!(findings(&centre, &["--quick"]), (Some(0), vec![]));
    let vi = khien(&["doctor", "--data", centre.folder()]);
    assert!(String::from_utf8_lossy(&vi.stdout).contains("không thấy gì sai"), "{vi:?}");
    let en = khien(&["doctor", "--data", centre.folder(), "--lang", "en"]);
    assert!(String::from_utf8_lossy(&en.stdout).contains("50 events in 1 files"), "{en:?}");
    let nowhere = khien(&["doctor", "--data", "/nowhere/at/all"]);
    assert_eq!(nowhere.status.code(), Some(1));
}

#[test]
fn what_is_damaged_is_told_and_nothing_else() {
    let centre = filled();
    let settings = centre.data.join("khien.toml");
    std::fs::write(&settings, "[limits]\nreserve_mib = 0\n").unwrap();
    // A byte of a file of events: only reading it tells.
    let file = file_of_events(&centre);
    let whole = std::fs::read(&file).unwrap();
    let mut broken = whole.clone();
    broken[100] ^= 1;
    std::fs::write(&file, &broken).unwrap();
    only(&centre, "events", "SHA-256");
    assert_eq!(findings(&centre, &["--quick"]).0, Some(0));
    std::fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(findings(&centre, &["--quick"]).1[0].0, "events");
    std::fs::remove_file(&file).unwrap();
    only(&centre, "events", "50 events");
    std::fs::write(&file, &whole).unwrap();
    // The manifest.
    let manifest = centre.data.join("lake/manifest");
    let lines = std::fs::read(&manifest).unwrap();
    std::fs::write(&manifest, [b"x", lines.as_slice()].concat()).unwrap();
    only(&centre, "events", "line 1");
    std::fs::write(&manifest, lines).unwrap();
    // Rights.
    mode(&centre.data.join("keys/certificate-key.pem"), 0o644);
    only(&centre, "rights", "chmod go-rwx");
    mode(&centre.data.join("keys/certificate-key.pem"), 0o600);
    mode(&centre.data, 0o755);
    only(&centre, "rights", "chmod go-rwx");
    mode(&centre.data, 0o700);
    // The certificate and its key.
    let other = Centre::new();
    let key = centre.data.join("keys/certificate-key.pem");
    let own = std::fs::read(&key).unwrap();
    std::fs::write(&key, std::fs::read(other.data.join("keys/certificate-key.pem")).unwrap())
        .unwrap();
    only(&centre, "certificate", "cannot be used");
    std::fs::write(&key, own).unwrap();
    // The journal: something damaged before something whole, and a file set aside.
    let aside = centre.data.join("journal/00000000000000000001.damaged");
    std::fs::write(&aside, "x").unwrap();
    only(&centre, "journal", "set aside");
    std::fs::remove_file(aside).unwrap();
    // Settings.
    std::fs::write(&settings, "[limits]\nreserve_mb = 0\n").unwrap();
    let (_, found) = findings(&centre, &[]);
    assert!(found.iter().any(|(check, text)| check == "settings" && text.contains("line 2")));
    std::fs::write(&settings, "[limits]\nreserve_mib = 4000000000\n").unwrap();
    only(&centre, "disk", "nothing more is taken in");
    std::fs::write(&settings, "[limits]\nreserve_mib = 0\n").unwrap();
    // The records: pages overwritten, then no records at all.
    let database = centre.data.join("khien.db");
    let mut records = std::fs::read(&database).unwrap();
    let middle = records.len() / 2 / 4096 * 4096;
    records[middle..middle + 8192].fill(0xa5);
    std::fs::write(&database, records).unwrap();
    only(&centre, "records", "restore a backup");
    std::fs::remove_file(&database).unwrap();
    only(&centre, "records", "is not there");
    assert!(!database.exists(), "nothing is made by looking");
}

#[test]
fn a_running_centre_is_asked_and_a_frozen_one_is_told() {
    let centre = Centre::new();
    std::fs::write(centre.data.join("khien.toml"), "[limits]\nreserve_mib = 0\n").unwrap();
    let running = centre.serve();
    assert_eq!(centre.send(&running, "a", &lines(1, 50)), Some(200));
    // How many files this machine lets a process open is not what is tested.
    let not_limits = |found: Vec<(String, String)>| {
        found.into_iter().filter(|(check, _)| check != "limits").collect::<Vec<_>>()
    };
    assert_eq!(not_limits(findings(&centre, &[]).1), vec![]);
    assert_eq!(centre.send(&running, "b", "no JSON at all\n"), Some(200));
    let told = (0..40).any(|_| {
        std::thread::park_timeout(std::time::Duration::from_millis(100));
        not_limits(findings(&centre, &[]).1).iter().any(|(check, _)| check == "quarantine")
    });
    assert!(told, "what cannot be read is not told");
    let path = centre.data.join("running.json");
    let text = std::fs::read_to_string(&path).unwrap();
    // Nobody listens there.
    let mut wrong: Value = serde_json::from_str(&text).unwrap();
    wrong["url"] = "http://127.0.0.1:9".into();
    std::fs::write(&path, wrong.to_string()).unwrap();
    let found = not_limits(findings(&centre, &[]).1);
    assert!(found.len() == 1 && found[0].1.contains("does not answer"), "{found:?}");
}

#[test]
fn a_hold_is_placed_listed_and_lifted() {
    let centre = Centre::new();
    let data = ["--data", centre.folder()];
    let add =
        ["hold", "add", "--agency", "sokhcn", "--from", "2026-10-01", "--reason", "vụ việc mẫu"];
    let placed = told(&[&add[..], &data].concat());
    assert_eq!(
        (placed["id"].as_i64(), placed["from"].as_str()),
        (Some(1), Some("2026-09-30T17:00:00Z"))
    );
    assert!(placed["owner"].as_str().unwrap().starts_with("machine:"));
    let listed = told(&[&["hold", "list"], &data[..]].concat());
    assert_eq!((&listed[0]["id"], &listed[0]["reason"]), (&placed["id"], &placed["reason"]));
    let lifted = told(&[&["hold", "lift", "1"], &data[..]].concat());
    assert!(lifted["lifted_at"].is_string());
    let again = khien(&[&["hold", "lift", "1"], &data[..]].concat());
    assert!(String::from_utf8_lossy(&again.stderr).contains("lifted before"), "{again:?}");
    let wrong = [
        &["hold", "add", "--reason", "x", "--from", "2026-10-02", "--to", "2026-10-01"],
        &data[..],
    ];
    let wrong = khien(&wrong.concat());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("begin before they end"), "{wrong:?}");
}

#[test]
fn the_unit_of_systemd_names_what_there_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/khien.service");
    let unit = std::fs::read_to_string(&path).unwrap();
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    let help = khien(&[words[0], "--help"]);
    assert!(help.status.success(), "khien {} is no command", words[0]);
    let help = String::from_utf8(help.stdout).unwrap();
    for option in words.iter().filter(|word| word.starts_with("--")) {
        assert!(help.contains(option), "{option} is no option of khien {}", words[0]);
    }
    assert!(!unit.contains("Type=notify"), "the program does not tell systemd that it is ready");
    // systemd's own opinion, where it is there.
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("khien.service");
    let here = unit.replace("/usr/local/bin/khien", env!("CARGO_BIN_EXE_khien"));
    std::fs::write(&copy, here).unwrap();
    let verify = std::process::Command::new("systemd-analyze").arg("verify").arg(&copy).output();
    let Ok(verify) = verify else {
        eprintln!("skipped: systemd-analyze is not there");
        return;
    };
    let said = String::from_utf8_lossy(&verify.stderr);
    let about_us: Vec<&str> = said.lines().filter(|line| line.contains("khien.service")).collect();
    assert!(about_us.is_empty(), "{about_us:?}");
}
