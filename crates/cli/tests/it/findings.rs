//! Findings and the catalogue of what is exploited, from files at the command line.

use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::centre::HEADS;

/// Exit code and what was told as JSON.
fn khien(folder: &TempDir, arguments: &[&str]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_khien"));
    let Output { status, stdout, .. } =
        command.current_dir(folder.path()).args(arguments).arg("--json").output().unwrap();
    (status.code().unwrap(), serde_json::from_slice(&stdout).unwrap_or_default())
}

#[test]
fn a_file_is_looked_at_kept_once_and_refused_by_place() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    assert_eq!(khien(&folder, &["init", "--data", "d"]).0, 0);
    let agency = ["agency", "add", "--data", "d", "--code", "sokhcn", "--name", "Sở mẫu"];
    assert_eq!(khien(&folder, &[agency.as_slice(), &HEADS].concat()).0, 0);
    let system = [
        "system",
        "add",
        "--data",
        "d",
        "--agency",
        "sokhcn",
        "--code",
        "mh-mau",
        "--name",
        "Mẫu",
        "--level",
        "2",
        "--stage",
        "operation",
    ];
    assert_eq!(khien(&folder, &system).0, 0);
    write("a.csv", "rule,title,severity,place,cve\nA,T,low,x,CVE-2026-0001\nB,T,high,y,\n");
    write("b.csv", "rule,title,severity,place\nA,T,dire,x\n");
    let import = |file: &str, more: &[&str]| {
        let all = ["findings", "import", file, "--data", "d", "--system", "MH-MAU", "--tool", "m"];
        khien(&folder, &[&all, more].concat())
    };
    let (code, told) = import("a.csv", &["--dry-run"]);
    assert_eq!((code, &told["added"], &told["kept"]), (0, &json!(2), &json!(false)));
    let at = ["--at", "2026-10-15T01:00:00Z"];
    let (code, told) = import("a.csv", &at);
    assert_eq!((code, &told["added"], &told["kept"]), (0, &json!(2), &json!(true)));
    assert_eq!(told["at"], at[1]);
    assert_eq!(import("a.csv", &at).1["again"], true);
    assert_eq!(import("a.csv", &[]).1["again"], false, "it was run now");
    let (code, told) = import("b.csv", &[]);
    assert_eq!((code, &told["problems"][0]["place"]), (3, &json!("C2")));
    assert_eq!(import("none.csv", &[]).0, 1);
    let catalogue = json!({"catalogVersion": "2026.10.14", "dateReleased": "2026-10-14T10:00:00Z",
    "vulnerabilities": [
        {"cveID": "CVE-2026-0001", "vulnerabilityName": "Lỗi mẫu", "dateAdded": "2026-10-14"},
    ]});
    write("kev.json", &catalogue.to_string());
    let (code, told) = khien(&folder, &["kev", "import", "kev.json", "--data", "d"]);
    assert_eq!(
        (code, &told["vulnerabilities"], &told["findings_changed"]),
        (0, &json!(1), &json!(1))
    );
    assert_eq!(khien(&folder, &["kev", "import", "a.csv", "--data", "d"]).0, 1);
    assert_eq!(khien(&folder, &["ledger", "verify", "--data", "d"]).0, 0);
}

#[test]
fn an_advisory_is_held_against_what_the_register_knows() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    assert_eq!(khien(&folder, &["init", "--data", "d"]).0, 0);
    let agency = ["agency", "add", "--data", "d", "--code", "sokhcn", "--name", "Sở mẫu"];
    assert_eq!(khien(&folder, &[agency.as_slice(), &HEADS].concat()).0, 0);
    let system = ["system", "add", "--data", "d", "--agency", "sokhcn", "--code", "mh-mau"];
    let more = ["--name", "Mẫu", "--level", "2", "--stage", "operation"];
    assert_eq!(khien(&folder, &[&system[..], &more[..]].concat()).0, 0);
    let advisory = |status: &str| {
        json!({
            "document": {"category": "csaf_base", "csaf_version": "2.0", "title": "Lỗi mẫu",
                "publisher": {"name": "Xưởng Mẫu", "namespace": "https://xuong-mau.example"},
                "tracking": {"id": "XM-1", "version": "1", "status": status,
                    "current_release_date": "2026-10-01T00:00:00Z"}},
            "product_tree": {"full_product_names": [{"name": "Cổng Mẫu 1.0", "product_id": "A"}]},
            "vulnerabilities": [{"cve": "CVE-2026-0001", "product_status": {"known_affected": ["A"]}}],
        })
        .to_string()
    };
    write("final.json", &advisory("final"));
    write("draft.json", &advisory("draft"));
    let import = |file: &str| {
        let all = ["findings", "import", file, "--data", "d", "--system", "mh-mau"];
        khien(&folder, &all)
    };
    let (code, told) = import("final.json");
    assert_eq!((code, &told["tool"]), (0, &json!("CSAF: XM-1 · xuong-mau.example")));
    assert_eq!((&told["findings"], &told["left_out"]), (&json!(0), &json!(1)));
    let (advisory, kept) = (&told["advisory"], &told["kept"]);
    assert_eq!((&advisory["concerns"], kept), (&json!(false), &json!(false)));
    assert_eq!(import("draft.json").0, 1);
    assert_eq!(khien(&folder, &["ledger", "verify", "--data", "d"]).0, 0);
}
