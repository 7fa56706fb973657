//! `khien rules check`, and the values of placeholders.

use serde_json::Value;

use khien_testkit::public_data;

use crate::runs::{EVIL, Folder, event, khien, scan};

#[test]
fn a_refused_rule_is_told_with_its_place_and_exit_code_3() {
    let folder = Folder::new();
    let rules = folder.rules(&[EVIL, &EVIL.replace("contains", "contents")]);
    let run = khien(&["rules", "check", &rules]);
    assert_eq!(run.code, 3);
    assert!(run.out.lines().any(|line| line.contains("1.yml:9: refused: ")), "{}", run.out);
    let run = khien(&["rules", "check", "--json", &rules]);
    let object: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&object["files"], &object["rules"]), (&2.into(), &1.into()));
    assert_eq!((&object["refused"], &object["problems"][0]["line"]), (&1.into(), &9.into()));
    assert_eq!(khien(&["rules", "check", &folder.write("ok/a.yml", EVIL)]).code, 0);
}

#[test]
fn placeholders_are_read_from_their_folder_and_told_while_they_are_missing() {
    let folder = Folder::new();
    let rule = EVIL.replace("CommandLine|contains: evil", "Computer|expand: '%Servers%'");
    let rules = folder.rules(&[&rule]);
    let log = folder.write("a.json", event(1, "dir"));
    let waiting = || -> Value {
        let run = khien(&["rules", "check", "--json", &rules]);
        serde_json::from_str::<Value>(&run.out).unwrap()["waiting_for_placeholders"].clone()
    };
    assert_eq!(waiting(), 1);
    assert_eq!(scan(&folder, &[&log], &[]).0.code, 0);
    folder.write("rules/placeholders/Servers.txt", "\u{feff}pc.example\r\n\r\nsrv.example\r\n");
    assert_eq!(waiting(), 0);
    assert_eq!(scan(&folder, &[&log], &[]).0.code, 10);
}

#[cfg(unix)]
#[test]
fn a_rules_folder_that_links_to_itself_has_an_end() {
    let folder = Folder::new();
    let rules = folder.rules(&[]);
    std::os::unix::fs::symlink(&rules, folder.path("rules/again")).unwrap();
    let run = khien(&["rules", "check", "--json", &rules]);
    let object: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&object["files"], run.code), (&1.into(), 0));
}

#[test]
fn rules_and_identifiers_that_are_not_there_are_wrong_usage() {
    let folder = Folder::new();
    let rules = folder.rules(&[]);
    let missing = folder.path("none").display().to_string();
    let log = folder.write("a.json", event(1, "dir"));
    for (arguments, word) in [
        (vec!["rules", "check", &missing], "none"),
        (vec!["rules", "list", &missing], "none"),
        (
            vec!["rules", "explain", "--event", &log, "--rules", &rules, "--rule", "nobody"],
            "«nobody»",
        ),
    ] {
        let run = khien(&arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.talk);
        assert!(run.talk.starts_with("khien: ") && run.talk.contains(word), "{}", run.talk);
        assert_eq!(run.out, "");
    }
}

/// More files than one thread takes at once: whichever is faster, the order is that of the names.
#[test]
fn rules_stand_in_the_order_of_their_files() {
    let folder = Folder::new();
    for at in 0..300 {
        folder.write(&format!("rules/{:02}/{at:03}.yml", at / 10), "title: no rule\n");
    }
    let rules = folder.path("rules").display().to_string();
    let object: Value =
        serde_json::from_str(&khien(&["rules", "check", "--json", &rules]).out).unwrap();
    let files: Vec<&str> = object["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["file"].as_str().unwrap())
        .collect();
    assert_eq!(files.len(), 300);
    assert!(files.is_sorted());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_without_waiting_for_it() {
    let folder = Folder::new();
    let rules = folder.rules(&[]);
    let _socket = std::os::unix::net::UnixListener::bind(folder.path("rules/a.yml")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(folder.path("rules/b.yml")).status();
    std::os::unix::fs::symlink(folder.path("rules/b.yml"), folder.path("rules/c.yml")).unwrap();
    let run = khien(&["rules", "check", "--json", &rules]);
    let object: Value = serde_json::from_str(&run.out).unwrap();
    assert!(pipe.is_ok_and(|status| status.success()));
    assert_eq!((&object["rules"], &object["refused"], run.code), (&1.into(), &3.into(), 3));
}

#[test]
fn all_public_rules_load() {
    let Some(rules) = public_data("sigma/rules") else { return };
    let run = khien(&["rules", "check", "--json", &rules.display().to_string()]);
    let object: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(object["refused"], 0, "{}", object["problems"]);
    assert!(object["rules"].as_u64() > Some(1000));
}
