//! The ledger's export as people verify it, and as an independent program does.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::centre::HEADS;
use crate::sealing::cryptography;

/// Exit code and standard output of `khien`.
fn khien(folder: &TempDir, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_khien"));
    let Output { status, stdout, .. } =
        command.current_dir(folder.path()).args(arguments).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap())
}

/// A centre with some register, so that its ledger has records, exported twice.
fn exported() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(khien(&folder, &["init", "--data", "d"]).0, 0);
    assert_eq!(khien(&folder, &["ledger", "export", "--data", "d", "--out", "first"]).0, 0);
    for code in ["sokhcn", "soyt"] {
        let name = ["agency", "add", "--data", "d", "--code", code, "--name", "Cơ quan «mẫu»"];
        let all = [name.as_slice(), &HEADS].concat();
        assert_eq!(khien(&folder, &all).0, 0, "{code}");
    }
    assert_eq!(khien(&folder, &["ledger", "export", "--data", "d", "--out", "e"]).0, 0);
    folder
}

fn verified(folder: &TempDir, file: &str) -> (i32, Value) {
    let (code, out) = khien(folder, &["ledger", "verify", file, "--json"]);
    (code, serde_json::from_str(&out).unwrap())
}

/// What `docs/verify.py` says, if there is a Python that can.
fn by_script(folder: &TempDir, arguments: &[&str]) -> Option<(i32, Value)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify.py");
    let mut command = Command::new(cryptography()?);
    let out = command.current_dir(folder.path()).arg(script).args(arguments).output().unwrap();
    Some((out.status.code().unwrap(), serde_json::from_slice(&out.stdout).unwrap()))
}

#[test]
fn an_export_holds_for_khien_and_for_a_script_without_it() {
    let folder = exported();
    let (code, told) = verified(&folder, "e");
    assert_eq!((code, &told["holds"]), (0, &Value::from(true)));
    assert_eq!(told["covered"], told["records"]);
    let (code, of_folder) = khien(&folder, &["ledger", "verify", "--data", "d", "--json"]);
    assert_eq!(code, 0);
    let of_folder: Value = serde_json::from_str(&of_folder).unwrap();
    assert_eq!((&of_folder["root"], &of_folder["key"]), (&told["root"], &told["key"]));
    let by = ["ledger", "verify", "e", "--by", "d/keys/ledger.pub"];
    assert_eq!(khien(&folder, &by).0, 0);
    assert_eq!(khien(&folder, &["key", "new", "--out", "other"]).0, 0);
    assert_eq!(khien(&folder, &["ledger", "verify", "e", "--by", "other.pub"]).0, 3);
    if let Some((code, said)) = by_script(&folder, &["e"]) {
        assert_eq!((code, &said["root"]), (0, &told["root"]));
        assert_eq!(said["records"], told["records"]);
    }
    // A fingerprint is taken as people see it, as programs do, and in other letters.
    let (_, words) = khien(&folder, &["key", "show", "d/keys/ledger.pub"]);
    let shown = words.split_whitespace().find(|word| word.len() == 79).unwrap().to_owned();
    let key = told["key"].as_str().unwrap();
    let other = format!("0000{}", &key[4..]);
    for (fingerprint, expected) in
        [(shown.as_str(), 0), (key, 0), (&shown.to_uppercase(), 0), (&other, 3)]
    {
        if let Some((code, said)) = by_script(&folder, &["e", fingerprint]) {
            assert_eq!(code, expected, "{fingerprint}: {said}");
        }
    }
    // What was handed out before still holds.
    assert_eq!(verified(&folder, "first").0, 0);
}

#[test]
fn a_changed_export_is_found_by_both() {
    let folder = exported();
    let good = std::fs::read_to_string(folder.path().join("e")).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let join = |lines: &[&str]| (lines.join("\n") + "\n").into_bytes();
    let last = lines.len();
    let records = lines.iter().filter(|line| line.starts_with("{\"about\"")).count();
    assert!(records >= 3 && last - records >= 3, "{records} of {last}");
    let mut wrong = vec![
        ("a word of a record", good.replacen("\"format\":1", "\"format\":2", 1).into()),
        ("the tail", join(&lines[..last - 1])),
        ("the tail up to a checkpoint", join(&lines[..2])),
        ("half a line", good.as_bytes()[..good.len() - 9].to_vec()),
        ("an older end", [&join(&lines[..last - 1])[..], b"x"].concat()),
        ("a line twice", join(&[&lines[..2], &lines[1..]].concat())),
        ("nothing", Vec::new()),
        ("an empty line", b"\n".to_vec()),
    ];
    for place in 0..last {
        let mut less = lines.clone();
        less.remove(place);
        wrong.push(("a line less", join(&less)));
        if place > 0 {
            let mut moved = lines.clone();
            moved.swap(place, place - 1);
            wrong.push(("two lines in the other order", join(&moved)));
        }
    }
    let step = good.len() / 20;
    for at in (0..good.len()).step_by(step.max(1)) {
        for (what, bit) in [("a byte", 1), ("a byte that makes it no text", 0x80)] {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= bit;
            wrong.push((what, bytes));
        }
    }
    for (what, text) in wrong {
        std::fs::write(folder.path().join("wrong"), text).unwrap();
        let (code, told) = verified(&folder, "wrong");
        assert_eq!((code, &told["holds"]), (3, &Value::from(false)), "{what}");
        assert!(told["line"].is_u64() && told["reason"].is_string(), "{what}: {told}");
        if let Some((code, said)) = by_script(&folder, &["wrong"]) {
            assert_eq!((code, &said["holds"]), (3, &Value::from(false)), "{what}");
            assert_eq!(said["line"], told["line"], "{what}");
        }
    }
}

#[test]
fn a_key_from_elsewhere_is_found() {
    let folder = exported();
    let other = exported();
    let read = |folder: &TempDir| std::fs::read_to_string(folder.path().join("e")).unwrap();
    let (good, strange) = (read(&folder), read(&other));
    let mut lines: Vec<&str> = good.lines().collect();
    let theirs: Vec<&str> = strange.lines().collect();
    lines[0] = theirs[0];
    let text = lines.join("\n") + "\n";
    std::fs::write(folder.path().join("wrong"), text).unwrap();
    assert_eq!(verified(&folder, "wrong").0, 3);
    if let Some((code, _)) = by_script(&folder, &["wrong"]) {
        assert_eq!(code, 3);
    }
}

#[test]
fn what_cannot_be_verified_is_told() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(khien(&folder, &["ledger", "verify", "none"]).0, 1);
    assert_eq!(khien(&folder, &["ledger", "verify"]).0, 2);
    assert_eq!(khien(&folder, &["init", "--data", "d"]).0, 0);
    std::fs::remove_file(folder.path().join("d/keys/ledger.key")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_khien"));
    let out = command
        .current_dir(folder.path())
        .args(["ledger", "export", "--data", "d", "--out", "e"])
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(1));
    let told = String::from_utf8(out.stderr).unwrap();
    assert!(told.contains("ledger.key") && told.contains("backup"), "{told}");
    assert!(!folder.path().join("e").exists());
    // Without the key the ledger itself still reads.
    assert_eq!(khien(&folder, &["ledger", "verify", "--data", "d"]).0, 0);
}

#[test]
fn what_cannot_be_computed_again_is_told_once() {
    let folder = exported();
    let read = std::fs::read_to_string(folder.path().join("e")).unwrap();
    let broken = read.replacen("\"format\":1", "\"format\":2", 1);
    std::fs::write(folder.path().join("wrong"), broken).unwrap();
    let at = ["--at", "2026-10-15T01:00:00Z"];
    let recompute = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_khien"));
        command.current_dir(folder.path()).args(["index", "recompute"]).args(arguments).args(at);
        let out = command.output().unwrap();
        assert_eq!(out.status.code(), Some(1));
        String::from_utf8(out.stderr).unwrap()
    };
    let told = recompute(&["wrong"]);
    assert_eq!(told.matches("its content was changed").count(), 1, "{told}");
    assert!(told.contains("the ledger is broken: line 1 (record 0): "), "{told}");
    let told = recompute(&["e", "--pack", "nope"]);
    assert!(told.contains("the ledger has no pack «nope»"), "{told}");
}
