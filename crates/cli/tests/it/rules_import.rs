//! `khien rules import` and `remove`, where no centre runs, and that backups have what was imported.

use serde_json::Value;

use crate::runs::{EVIL, Folder, khien};

fn json(arguments: &[&str]) -> (i32, Value) {
    let run = khien(&[arguments, &["--json"]].concat());
    (run.code, serde_json::from_str(&run.out).unwrap_or_else(|_| run.talk.clone().into()))
}

#[test]
fn a_folder_is_looked_at_imported_backed_up_and_removed() {
    let folder = Folder::new();
    let data = folder.path("data").display().to_string();
    assert_eq!(khien(&["init", "--data", &data]).code, 0);
    let rules = folder.rules(&[EVIL, &EVIL.replace("contains", "contents")]);
    let (code, looked) = json(&["rules", "import", &rules, "--data", &data, "--dry-run"]);
    assert_eq!((code, &looked["accepted"], &looked["written"]), (0, &1.into(), &false.into()));
    assert_eq!(looked["set"], "rules");
    let files = looked["files"].as_array().unwrap();
    let refused = files.iter().find(|file| file["accepted"] == false).unwrap();
    assert_eq!(
        (&refused["said"][0]["kind"], &refused["said"][0]["line"]),
        (&"refused".into(), &9.into())
    );
    assert!(!folder.path("data/rules/rules").exists(), "only looked");

    let run = khien(&["rules", "import", &rules, "--data", &data, "--name", "own"]);
    assert_eq!(run.code, 0, "{}", run.talk);
    assert!(run.out.contains(":9: refused: ") && run.out.contains("1 of 2 files"), "{}", run.out);
    let again = khien(&["rules", "import", &rules, "--data", &data, "--name", "own"]);
    assert_eq!(again.code, 1);
    assert!(again.talk.contains("there is a set own already"), "{}", again.talk);
    let (code, doubles) = json(&["rules", "import", &rules, "--data", &data, "--name", "twice"]);
    assert_eq!((code, &doubles["accepted"]), (3, &0.into()), "the same rules are in force");
    let told = doubles["files"].to_string();
    assert!(told.contains("imported:own/"), "{told}");

    let secret = folder.write("secret", "một mật khẩu đủ dài");
    let backup = folder.path("backup.age").display().to_string();
    let closing = ["--passphrase-file", &secret];
    let made = khien(&[&["backup", "--data", &data, "--output", &backup], &closing[..]].concat());
    assert_eq!(made.code, 0, "{}", made.talk);
    let back = folder.path("back").display().to_string();
    let restored = khien(&[&["restore", &backup, "--data", &back], &closing[..]].concat());
    assert_eq!(restored.code, 0, "{}", restored.talk);
    for place in [&data, &back] {
        assert_eq!(khien(&["rules", "remove", "own", "--data", place]).code, 0, "{place}");
        let gone = khien(&["rules", "remove", "own", "--data", place]);
        assert!(
            gone.code == 1 && gone.talk.contains("there is no set of rules own"),
            "{}",
            gone.talk
        );
    }
}

#[test]
fn what_cannot_be_imported_is_told() {
    let folder = Folder::new();
    let data = folder.path("data").display().to_string();
    assert_eq!(khien(&["init", "--data", &data]).code, 0);
    let evil = folder.write("evil.zip", "PK\u{3}\u{4}nonsense");
    let none = folder.path("none").display().to_string();
    for (path, name, says) in [
        (&evil, "set", "the zip cannot be read"),
        (&none, "set", "cannot read"),
        (&folder.write("a.yml", EVIL), "../x", "the name of a set"),
    ] {
        let run = khien(&["rules", "import", path, "--data", &data, "--name", name]);
        assert!(run.code != 0 && run.talk.contains(says), "{path}: {}", run.talk);
    }
}
