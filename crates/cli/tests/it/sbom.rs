//! The bill of materials: what cargo links, no less and no more, as CycloneDX takes it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::controls::{done, script, trestle};

/// What cargo says, run in the workspace.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(cargo).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Name and version of each component.
fn components(bill: &Value) -> BTreeSet<(String, String)> {
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let all = bill["components"].as_array().unwrap().iter();
    all.map(|one| (text(one, "name"), text(one, "version"))).collect()
}

/// Holds a file to the schema of CycloneDX 1.6, and each reference to what it names.
const BILL: &str = r#"
import json, pathlib, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = pathlib.Path(sys.argv[1]).read_text()
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
assert wrong is None, wrong
bom = json.loads(text)
refs = {one["bom-ref"] for one in bom["components"] + [bom["metadata"]["component"]]}
assert refs == {one["ref"] for one in bom["dependencies"]}
assert all(set(one["dependsOn"]) <= refs for one in bom["dependencies"])
"#;

#[test]
fn the_bill_has_every_crate_of_the_binary_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let told = done(&folder, &["sbom", "--out", "sbom.json", "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let text = std::fs::read_to_string(folder.path().join("sbom.json")).unwrap();
    let bill: Value = serde_json::from_str(&text).unwrap();
    let found = components(&bill);
    assert_eq!(told["components"], found.len());
    assert_eq!(bill["components"].as_array().unwrap().len(), found.len(), "none stands twice");
    assert_eq!(bill["metadata"]["component"]["name"], "khien");

    // What cargo lists of the tree, flat.
    let target = cargo(&["-vV"]);
    let target = target.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let tree = ["tree", "-p", "khien", "--locked", "--offline", "--prefix", "none"];
    let linked = ["-e", "normal,no-proc-macro", "--format", "{p}", "--target", target];
    let listed = cargo(&[&tree[..], &linked[..]].concat());
    // After a blank line come trees of other packages of the workspace.
    let listed = listed.lines().take_while(|line| !line.is_empty()).map(|line| {
        let mut words = line.split(' ');
        let (name, version) = (words.next().unwrap(), words.next().unwrap());
        (name.to_owned(), version.trim_start_matches('v').to_owned())
    });
    let mut listed: BTreeSet<(String, String)> = listed.collect();
    assert!(listed.remove(&("khien".into(), env!("CARGO_PKG_VERSION").into())));
    assert_eq!(found, listed);

    // Each is of the lock file, with the checksum that stands there; tests and macros are not linked.
    let lock =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock"));
    let lock = lock.unwrap();
    for one in bill["components"].as_array().unwrap() {
        let (name, version) = (one["name"].as_str().unwrap(), one["version"].as_str().unwrap());
        let head = format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        let entry = lock.split_once(&head).unwrap_or_else(|| panic!("{name} {version}")).1;
        let entry = entry.split("[[package]]").next().unwrap();
        let checksum = one["hashes"][0]["content"].as_str();
        assert_eq!(checksum.is_none(), !entry.contains("checksum = "), "{name}");
        assert!(checksum.is_none_or(|checksum| entry.contains(checksum)), "{name}");
        assert!(one["licenses"][0]["expression"].is_string(), "{name}");
    }
    let has = |name: &str| found.iter().any(|(one, _)| one == name);
    assert!(has("khien-app") && has("rustls") && has("sqlx") && has("tikv-jemallocator"));
    assert!(!has("proptest") && !has("khien-testkit") && !has("serde_derive"));
    assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "no folder of the machine is told");

    let Some(python) = trestle() else { return };
    let (holds, told) = script(&python, folder.path(), BILL, &["sbom.json"]);
    assert!(holds, "{told}");
    std::fs::write(folder.path().join("bad.json"), text.replace("\"library\"", "\"crate\""))
        .unwrap();
    assert!(!script(&python, folder.path(), BILL, &["bad.json"]).0);
}
