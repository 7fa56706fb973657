//! Runs the program in the folder of the fixtures.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder `fixtures/report`: events, rules and expected results.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/report")
}

/// Runs `khien` there.
pub(crate) fn khien(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_khien"))
        .current_dir(folder())
        .args(arguments)
        .output()
        .unwrap()
}

/// Scans the events with the rules that stand beside them; the result.
pub(crate) fn scan(arguments: &[&str]) -> String {
    let mut all = vec!["scan", "events.jsonl", "--rules", "rules", "--threads", "1"];
    all.extend(arguments);
    let output = khien(&all);
    let talk = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(10), "{talk}");
    String::from_utf8(output.stdout).unwrap()
}
