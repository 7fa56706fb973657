//! A ledger whose database was changed by somebody who holds the machine, and one with the wrong key.

use std::fs;
use std::path::{Path, PathBuf};

use khien_testkit::behind_its_back;
use serde_json::Value;
use tempfile::TempDir;

use crate::centre::{HEADS, khien as run, told};

/// A centre with a register, whose ledger has two checkpoints and two records after them.
fn centre() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    told(&["init", "--data", &at(&folder, "d")]);
    for code in ["sokhcn", "soyt", "soct"] {
        let data = at(&folder, "d");
        if code != "sokhcn" {
            told(&["ledger", "export", "--data", &data, "--out", &at(&folder, "e")]);
        }
        let agency = ["agency", "add", "--data", &data, "--code", code, "--name", "Cơ quan mẫu"];
        told(&[agency.as_slice(), &HEADS].concat());
    }
    folder
}

fn at(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

fn database(data: &str) -> PathBuf {
    Path::new(data).join("khien.db")
}

fn verify(data: &str) -> (Option<i32>, Value) {
    let output = run(&["ledger", "verify", "--data", data, "--json"]);
    let told = serde_json::from_slice(&output.stdout);
    (output.status.code(), told.unwrap_or_else(|_| panic!("{output:?}")))
}

/// What `khien doctor` says of the ledger, if it finds something wrong.
fn doctor(data: &str) -> Option<String> {
    let output = run(&["doctor", "--data", data, "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut checks = told["checks"].as_array().unwrap().iter();
    let bad = checks.find(|check| check["check"] == "ledger" && check["ok"] == false)?;
    Some(bad["message"].as_str().unwrap().to_owned())
}

#[test]
fn what_was_changed_in_the_database_is_found() {
    let update = "DROP TRIGGER ledger_no_update; UPDATE ledger SET";
    let delete = "DROP TRIGGER ledger_no_delete; DELETE FROM ledger WHERE";
    let last = "seq = (SELECT max(seq) FROM ledger)";
    let checkpoint = "UPDATE ledger_checkpoint SET";
    let guard = "DROP TRIGGER ledger_checkpoint_no_update;";
    let changes = [
        // Whoever asks about the system does not find the record any more.
        (format!("{update} system = 'khac' WHERE seq = 4"), "another system"),
        (format!("{update} agency = NULL WHERE {last}"), "another agency"),
        (format!("{update} kind = 'scan.done' WHERE {last}"), "another kind"),
        (format!("{update} subject = 'x' WHERE {last}"), "another subject"),
        (format!("{update} corrects = 1 WHERE {last}"), "another corrects"),
        (format!("{update} hash = zeroblob(32) WHERE {last}"), "another hash"),
        (format!("{update} line = 'x' WHERE {last}"), "no line of a ledger"),
        (format!("{delete} seq >= 3"), "records are missing at the end"),
        (format!("{delete} seq = 4"), "record 4 is missing"),
        (format!("{delete} seq = 3"), "its number is not 3: a record is missing"),
        (format!("{guard} {checkpoint} frontier = zeroblob(length(frontier))"), "checkpoint 0"),
    ];
    let good = centre();
    assert_eq!((verify(&at(&good, "d")).0, doctor(&at(&good, "d"))), (Some(0), None));
    for (sql, says) in changes {
        let folder = centre();
        let data = at(&folder, "d");
        if !behind_its_back(&database(&data), &sql) {
            return;
        }
        let (code, found) = verify(&data);
        assert_eq!((code, &found["holds"]), (Some(3), &Value::from(false)), "{sql}");
        let reason = found["reason"].as_str().unwrap();
        assert!(reason.contains(says), "{sql}: {reason}");
        let told = doctor(&data).unwrap_or_else(|| panic!("{sql}"));
        assert!(told.contains(says) && told.contains("restore a backup"), "{told}");
    }
}

#[test]
fn nothing_is_signed_over_records_that_are_gone_or_changed() {
    for sql in [
        "DROP TRIGGER ledger_no_delete; DELETE FROM ledger WHERE seq >= 3",
        "DROP TRIGGER ledger_no_update; UPDATE ledger SET kind = 'scan.done' WHERE seq =
             (SELECT max(seq) FROM ledger)",
        "DROP TRIGGER ledger_checkpoint_no_update;
             UPDATE ledger_checkpoint SET frontier = zeroblob(length(frontier))",
    ] {
        let folder = centre();
        let data = at(&folder, "d");
        if !behind_its_back(&database(&data), sql) {
            return;
        }
        let before = verify(&data).1;
        let export = run(&["ledger", "export", "--data", &data, "--out", &at(&folder, "new")]);
        assert_eq!(export.status.code(), Some(1), "{sql}");
        assert!(!folder.path().join("new").exists());
        assert_eq!(verify(&data).1, before, "nothing was added: {sql}");
    }
}

#[test]
fn the_key_of_another_ledger_signs_nothing_and_is_told() {
    let (folder, other) = (centre(), centre());
    let data = at(&folder, "d");
    let key = folder.path().join("d/keys/ledger.key");
    let own = fs::read(&key).unwrap();
    fs::copy(other.path().join("d/keys/ledger.key"), &key).unwrap();
    let export = run(&["ledger", "export", "--data", &data, "--out", &at(&folder, "new")]);
    let words = String::from_utf8_lossy(&export.stderr).into_owned();
    assert_eq!(export.status.code(), Some(1), "{words}");
    assert!(words.contains("is the key of another ledger") && words.contains("backup"), "{words}");
    assert!(doctor(&data).unwrap().contains("is the key of another ledger"));
    assert_eq!(verify(&data).0, Some(0), "nothing was signed with it");
    fs::write(&key, "x").unwrap();
    assert!(doctor(&data).unwrap().contains("put it back from a backup"));
    fs::remove_file(&key).unwrap();
    assert!(doctor(&data).unwrap().contains("missing"));
    fs::write(&key, own).unwrap();
    assert_eq!(doctor(&data), None);
    told(&["ledger", "export", "--data", &data, "--out", &at(&folder, "new")]);
    told(&["ledger", "verify", &at(&folder, "new")]);
}

#[test]
fn an_export_takes_the_place_of_an_older_one_alone() {
    let folder = centre();
    let data = at(&folder, "d");
    let export = |out: &str| run(&["ledger", "export", "--data", &data, "--out", out]);
    assert_eq!(export(&at(&folder, "e")).status.code(), Some(0), "an older export is replaced");
    fs::write(folder.path().join("note.txt"), "viết tay").unwrap();
    std::os::unix::fs::symlink(folder.path().join("note.txt"), folder.path().join("link")).unwrap();
    for name in ["d/keys/ledger.key", "d/khien.db", "note.txt", "link", "d"] {
        let before = fs::read(folder.path().join(name)).ok();
        let output = export(&at(&folder, name));
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{name}: {words}");
        assert!(words.contains("choose another name"), "{name}: {words}");
        if name != "d/khien.db" {
            assert_eq!(fs::read(folder.path().join(name)).ok(), before, "{name}");
        }
    }
    assert_eq!(verify(&data).0, Some(0));
}

#[test]
fn a_folder_that_was_not_finished_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let data = at(&folder, "d");
    let failed = run(&["init", "--data", &data, "--name", "hai từ"]);
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    told(&["init", "--data", &data]);
    told(&["ledger", "verify", "--data", &data]);
    let again = run(&["init", "--data", &data]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("nothing was changed"));
}
