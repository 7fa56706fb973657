//! Controls and cryptography as people use them, and as programs of others read what is written.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::centre::HEADS;

/// Exit code, standard output and standard error of `khien`.
fn khien(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_khien"));
    let output = command.current_dir(folder.path()).args(arguments).output().unwrap();
    let Output { status, stdout, stderr } = output;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

pub(crate) fn done(folder: &TempDir, arguments: &[&str]) -> String {
    let (code, out, told) = khien(folder, arguments);
    assert_eq!(code, 0, "{arguments:?}: {told}");
    out
}

/// A centre with a system of level 3.
fn centre() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    done(&folder, &["init", "--data", "d"]);
    let agency = ["agency", "add", "--data", "d", "--code", "sokhcn", "--name", "Sở Mẫu"];
    done(&folder, &[agency.as_slice(), &HEADS].concat());
    let system = [
        "system",
        "add",
        "--data",
        "d",
        "--code",
        "mh-mau",
        "--agency",
        "sokhcn",
        "--name",
        "Hệ thống «mẫu»",
        "--level",
        "3",
    ];
    done(&folder, &system);
    folder
}

/// A Python that has trestle and the schemas of CycloneDX: the one named by `KHIEN_TRESTLE_PYTHON`, or
/// `python3`; there must be one where `KHIEN_REQUIRE_TRESTLE` is set.
pub(crate) fn trestle() -> Option<String> {
    let python = std::env::var("KHIEN_TRESTLE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = "from trestle.oscal import OSCAL_VERSION\n\
               from cyclonedx.validation.json import JsonStrictValidator\n\
               import jsonschema\n\
               assert OSCAL_VERSION == '1.2.1'";
    let found = Command::new(&python).args(["-c", has]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let required = std::env::var_os("KHIEN_REQUIRE_TRESTLE").is_some();
    assert!(!required, "KHIEN_REQUIRE_TRESTLE is set and no Python with trestle was found");
    eprintln!("skipped: no Python with compliance-trestle (KHIEN_TRESTLE_PYTHON names one)");
    None
}

/// Runs a script of Python in a folder; what it printed.
pub(crate) fn script(
    python: &str,
    folder: &Path,
    text: &str,
    arguments: &[&str],
) -> (bool, String) {
    let mut command = Command::new(python);
    let command = command.current_dir(folder).args(["-B", "-c", text]).args(arguments);
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), told)
}

/// Reads each document by trestle's model of it, which refuses names it does not know, resolves the
/// profile, and holds references to what they name.
const OSCAL: &str = r#"
import json, pathlib, sys
import trestle.core.validator_factory
from trestle.core.all_validator import AllValidator
from trestle.core.profile_resolver import ProfileResolver
from trestle.oscal import OSCAL_VERSION, catalog, profile, ssp, assessment_plan, assessment_results

# The resolver keeps what it fetches in the folder of a workspace.
pathlib.Path(".trestle/cache").mkdir(parents=True, exist_ok=True)
models = [
    ("catalog", catalog.Catalog),
    ("profile", profile.Profile),
    ("system-security-plan", ssp.SystemSecurityPlan),
    ("assessment-plan", assessment_plan.AssessmentPlan),
    ("assessment-results", assessment_results.AssessmentResults),
]
files = {json.loads(pathlib.Path(name).read_text()).popitem()[0]: name for name in sys.argv[1:]}
read = {}
for name, model in models:
    path = pathlib.Path(files[name]).resolve()
    read[name] = model.oscal_read(path)
    assert read[name] is not None, name
    version = json.loads(path.read_text())[name]["metadata"]["oscal-version"]
    assert version == OSCAL_VERSION == "1.2.1", version
    assert AllValidator().model_is_valid(read[name], False, pathlib.Path.cwd()), name

text = {name: json.loads(pathlib.Path(files[name]).read_text())[name] for name, _ in models}
hrefs = {
    "profile": text["profile"]["imports"][0]["href"],
    "system-security-plan": text["system-security-plan"]["import-profile"]["href"],
    "assessment-plan": text["assessment-plan"]["import-ssp"]["href"],
    "assessment-results": text["assessment-results"]["import-ap"]["href"],
}
order = [name for name, _ in models]
for before, after in zip(order, order[1:]):
    assert hrefs[after] == files[before], (after, hrefs[after])

def ids(node):
    for control in node.get("controls", []):
        yield control["id"]
        yield from ids(control)
    for group in node.get("groups", []):
        yield from ids(group)

known = set(ids(text["catalog"]))
due = set(text["profile"]["imports"][0]["include-controls"][0]["with-ids"])
assert due <= known and len(due) > 30
resolved = ProfileResolver.get_resolved_profile_catalog(pathlib.Path.cwd(), pathlib.Path(files["profile"]).resolve())
assert set(ids(json.loads(resolved.oscal_serialize_json())["catalog"])) == due
said = [one["control-id"] for one in text["system-security-plan"]["control-implementation"]["implemented-requirements"]]
assert sorted(said) == sorted(due) and len(said) == len(set(said))
print(len(known), len(due))
"#;

/// Reads a mapping by trestle's model of it, and holds what it maps to the catalogues that it names.
const MAPPING: &str = r#"
import json, pathlib, sys
import trestle.core.validator_factory
from trestle.core.all_validator import AllValidator
from trestle.oscal import OSCAL_VERSION, mapping

path = pathlib.Path(sys.argv[1]).resolve()
read = mapping.MappingCollection.oscal_read(path)
assert read is not None
assert AllValidator().model_is_valid(read, False, pathlib.Path.cwd())
text = json.loads(path.read_text())["mapping-collection"]
assert text["metadata"]["oscal-version"] == OSCAL_VERSION == "1.2.1"

def ids(node):
    for control in node.get("controls", []):
        yield control["id"]
        yield from ids(control)
    for group in node.get("groups", []):
        yield from ids(group)

[one] = text["mappings"]
for side, members in [("source-resource", "sources"), ("target-resource", "targets")]:
    catalog = json.loads(pathlib.Path(one[side]["href"]).read_text())["catalog"]
    known = set(ids(catalog))
    for item in one["maps"]:
        assert all(member["id-ref"] in known for member in item[members]), item
print(len(one["maps"]), {item["relationship"] for item in one["maps"]})
"#;

#[test]
fn the_mapping_that_is_written_is_oscal_for_trestle() {
    let folder = centre();
    let export = ["controls", "mapping", "export", "--data", "d", "--out", ".", "--json"];
    let (code, _, told) = khien(&folder, &export);
    assert!(code == 1 && told.contains("no catalogue csf-2.0 yet"), "{told}");
    std::fs::write(folder.path().join("csf.json"), khien_testkit::like_csf()).unwrap();
    done(&folder, &["controls", "import", "csf.json", "--data", "d"]);
    let told: Value = serde_json::from_str(&done(&folder, &export)).unwrap();
    let path = Path::new(told["file"].as_str().unwrap());
    let name = path.file_name().unwrap().to_str().unwrap();
    assert_eq!(name, "mapping-mh-levels-2026.1-csf-2.0-1.0.0.json");
    for catalogue in ["mh-levels@2026.1", "csf-2.0@1.0.0"] {
        let export = ["controls", "export", "--what", "catalog", "--catalogue", catalogue];
        done(&folder, &[&export[..], &["--data", "d", "--out", "."]].concat());
    }
    let Some(python) = trestle() else { return };
    let (holds, told) = script(&python, folder.path(), MAPPING, &[name]);
    assert!(holds && told.trim().ends_with("{'intersects-with'}"), "{told}");
    let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
    std::fs::write(folder.path().join(name), text.replacen("\"id-ref\"", "\"idref\"", 1)).unwrap();
    assert!(!script(&python, folder.path(), MAPPING, &[name]).0);
}

#[test]
fn a_mapping_is_imported_listed_and_refused_by_place() {
    let folder = centre();
    for (name, text) in [
        ("csf.json", khien_testkit::like_csf()),
        ("b.csv", "id,title\n1.1,Một\n1.2,Hai\n".to_owned()),
        ("bad.csv", "source,relationship,target\n1.9,equal-to,PR.DS-11\n".to_owned()),
        ("map.csv", "source;relationship;target\n1.1;Equal;PR.DS-11\n".to_owned()),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    done(&folder, &["controls", "import", "csf.json", "--data", "d"]);
    let bare = ["controls", "import", "b.csv", "--data", "d"];
    let (code, _, told) = khien(&folder, &bare);
    assert!(code == 1 && told.contains("b.csv: pack"), "{told}");
    let named = ["--name", "mau-b@8.1", "--title", "Danh mục Mẫu B"];
    done(&folder, &[&bare[..], &named].concat());
    let between = ["--source", "mau-b@8.1", "--target", "csf-2.0@1.0.0", "--data", "d"];
    let import = |file| [&["controls", "mapping", "import", file][..], &between].concat();
    let (code, _, told) = khien(&folder, &import("bad.csv"));
    assert!(code == 1 && told.contains("row 2: mau-b@8.1 has no control 1.9"), "{told}");
    let told = done(&folder, &[import("map.csv"), vec!["--json"]].concat());
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["relations"], &told["unrelated"]), (&1.into(), &0.into()));
    let listed = done(&folder, &["controls", "mapping", "list", "--data", "d"]);
    assert_eq!(listed.trim(), "* mau-b@8.1 → csf-2.0@1.0.0 · 1 · map.csv");
    let of = ["controls", "mapping", "list", "--of", "mau-b@8.1", "--data", "d", "--json"];
    let told: Value = serde_json::from_str(&done(&folder, &of)).unwrap();
    assert_eq!(told[0]["unmapped"], serde_json::json!(["1.2"]));
    assert_eq!(told[1]["catalogue"], "mh-levels@2026.1");
    assert_eq!(
        (&told[1]["derived_through"], &told[1]["mapped"]),
        (&"csf-2.0@1.0.0".into(), &1.into())
    );
}

#[test]
fn what_is_written_is_oscal_for_trestle() {
    let Some(python) = trestle() else { return };
    let folder = centre();
    let mut files = Vec::new();
    for what in ["catalog", "profile", "ssp", "assessment-plan", "assessment-results"] {
        let export =
            ["controls", "export", "--what", what, "mh-mau", "--data", "d", "--out", ".", "--json"];
        let told: Value = serde_json::from_str(&done(&folder, &export)).unwrap();
        let path = Path::new(told["file"].as_str().unwrap());
        files.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    let (holds, told) = script(&python, folder.path(), OSCAL, &names);
    assert!(holds, "{told}");
    assert_eq!(told.trim(), "59 53");
    // What is no OSCAL is none for it either.
    let plan = folder.path().join(&files[2]);
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&plan, text.replacen("\"system-name\"", "\"system-nam\"", 1)).unwrap();
    assert!(!script(&python, folder.path(), OSCAL, &names).0);
}

/// Holds a file to the schema of CycloneDX 1.6, and each reference to what it names.
const CBOM: &str = r#"
import json, pathlib, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = pathlib.Path(sys.argv[1]).read_text()
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
assert wrong is None, wrong
bom = json.loads(text)
refs = [one["bom-ref"] for one in bom["components"]]
assert len(refs) == len(set(refs))
for one in bom["dependencies"]:
    assert one["ref"] in refs and set(one["dependsOn"]) <= set(refs), one
print(" ".join(sorted(one["name"] for one in bom["components"])))
"#;

#[test]
fn the_inventory_is_cyclonedx_and_names_our_own_keys() {
    let folder = centre();
    let cbom = ["crypto", "cbom", "--data", "d", "--out", "cbom.json", "--json"];
    let told: Value = serde_json::from_str(&done(&folder, &cbom)).unwrap();
    assert!(told["components"].as_u64().unwrap() >= 7, "{told}");
    let text = std::fs::read_to_string(folder.path().join("cbom.json")).unwrap();
    for own in ["ML-DSA-65", "Ed25519", "X-Wing", "ML-KEM-768", "X25519"] {
        assert!(text.contains(&format!("\"name\": \"{own}\"")), "{own}");
    }
    let Some(python) = trestle() else { return };
    let (holds, told) = script(&python, folder.path(), CBOM, &["cbom.json"]);
    assert!(holds, "{told}");
    std::fs::write(folder.path().join("bad.json"), text.replace("\"algorithm\"", "\"recipe\""))
        .unwrap();
    assert!(!script(&python, folder.path(), CBOM, &["bad.json"]).0);
}

#[test]
fn catalogues_are_imported_and_refused_with_the_reason() {
    let folder = centre();
    let catalogue = r#"{"catalog": {"uuid": "x", "metadata": {"title": "Khung Mẫu", "version": "1"},
        "controls": [{"id": "a-1", "title": "Một"}]}}"#;
    std::fs::write(folder.path().join("mau.json"), catalogue).unwrap();
    let import = ["controls", "import", "mau.json", "--data", "d", "--json"];
    let told: Value = serde_json::from_str(&done(&folder, &import)).unwrap();
    assert_eq!(told["catalogue"], "khung-mau@1");
    let (code, _, told) = khien(&folder, &import);
    assert!(code == 1 && told.contains("khung-mau@1 is there already"), "{told}");
    let listed = done(&folder, &["controls", "list", "--data", "d"]);
    assert!(
        listed.contains("* khung-mau@1 · 1") && listed.contains("mh-levels@2026.1 · 59"),
        "{listed}"
    );
    let check =
        ["controls", "check", "mh-mau", "--data", "d", "--catalogue", "khung-mau@1", "--json"];
    let told: Value = serde_json::from_str(&done(&folder, &check)).unwrap();
    assert_eq!(
        (&told["counts"]["open"], &told["controls"][0]["control"]),
        (&1.into(), &"a-1".into())
    );
    std::fs::write(folder.path().join("bad.xml"), "<catalog>").unwrap();
    let (code, _, told) = khien(&folder, &["controls", "import", "bad.xml", "--data", "d"]);
    assert!(code == 1 && told.contains("bad.xml: the file ends within an element"), "{told}");
    let (code, _, told) =
        khien(&folder, &["controls", "export", "--what", "ssp", "--data", "d", "--out", "x"]);
    assert!(code == 2 && told.contains("name its code"), "{told}");
    let (code, _, told) = khien(&folder, &["probe", "web.minhhoa.example:443", "--data", "d"]);
    assert!(code == 1 && told.contains("no registered endpoint"), "{told}");
    assert_eq!(done(&folder, &["probe", "--data", "d", "--json"]).trim(), "[]");
}
