//! Another index is checked, brought and put into force by the command line.

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

const OWN: &str = include_str!("../../../../packs/index/mh-57-2026.1.yml");

/// Exit code, standard output and what is told of faults.
fn khien(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_khien"));
    let out = command.current_dir(folder.path()).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code(), text(out.stdout), text(out.stderr))
}

fn json(folder: &TempDir, arguments: &[&str]) -> Value {
    let (code, out, told) = khien(folder, arguments);
    assert_eq!(code, Some(0), "{told}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_province_counts_by_an_index_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let text = OWN.replacen("pack: mh-57-2026.1", "pack: tinh-2026.1", 1);
    fs::write(folder.path().join("tinh.yml"), &text).unwrap();
    fs::write(folder.path().join("hong.yml"), text.replacen("weight: 18", "weight: 180", 1))
        .unwrap();
    assert_eq!(json(&folder, &["index", "pack", "check", "tinh.yml", "--json"])["indicators"], 42);
    let (code, _, told) = khien(&folder, &["index", "pack", "check", "hong.yml"]);
    assert!(code == Some(1) && told.contains("hong.yml") && told.contains("line "), "{told}");

    khien(&folder, &["init", "--data", "d"]);
    let brought = json(&folder, &["index", "pack", "import", "tinh.yml", "--data", "d", "--json"]);
    assert_eq!((&brought["pack"], &brought["current"]), (&"tinh-2026.1".into(), &true.into()));
    let (code, _, told) = khien(&folder, &["index", "pack", "import", "tinh.yml", "--data", "d"]);
    assert!(code == Some(1) && told.contains("is in the ledger already"), "{told}");
    let listed = json(&folder, &["index", "pack", "list", "--data", "d", "--json"]);
    let found = listed.as_array().unwrap().iter().map(|one| {
        (one["pack"].as_str().unwrap(), one["current"] == true, one["with_the_program"] == true)
    });
    let found: Vec<_> = found.collect();
    assert_eq!(found, [("tinh-2026.1", true, false), ("mh-57-2026.1", false, true)]);

    // A table by it, from the centre and from an export alone.
    let at = "2027-06-01T00:00:00Z";
    let computed = json(&folder, &["index", "compute", "--data", "d", "--at", at, "--json"]);
    assert_eq!(computed["pack"], "tinh-2026.1");
    khien(&folder, &["ledger", "export", "--data", "d", "--out", "e"]);
    assert_eq!(json(&folder, &["index", "recompute", "e", "--json"]), computed);
    khien(&folder, &["index", "pack", "use", "mh-57-2026.1", "--data", "d"]);
    let (_, listed, _) = khien(&folder, &["index", "pack", "list", "--data", "d"]);
    assert!(listed.starts_with("* mh-57-2026.1 · "), "{listed}");
}
