//! Rules of the house that the compiler does not know: which crate may see which, and under which
//! licences the dependencies stand.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what the tests share stops at the first surprise and says so"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Licences that may stand beside Apache-2.0 in one binary.
const ALLOWED: [&str; 15] = [
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "MIT",
    "MIT-0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "CC0-1.0",
    "Unlicense",
    "Unicode-3.0",
    "BSL-1.0",
    // For data: Mozilla's list of certificate authorities; asks only that its text goes along.
    "CDLA-Permissive-2.0",
];

/// Crates that may stand under the Mozilla Public License 2.0, each named: its terms are for the
/// files of the crate alone, which are used unchanged and had from where cargo had them (MPL-2.0, 3.2
/// and 3.3). No licence of this kind is allowed in general.
const MPL: [&str; 5] = [
    "webauthn-rs",
    "webauthn-rs-core",
    "webauthn-rs-proto",
    "webauthn-attestation-ca",
    "crypto-glue",
];

/// The workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What cargo knows of the dependency tree.
fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .unwrap_or_else(|error| panic!("cargo does not run: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("no JSON: {error}"))
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

/// Whether an SPDX expression can be fulfilled with allowed licences: one side of every `OR`, both
/// of every `AND`. The old form `MIT/Apache-2.0` means `OR`.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = expression.split_whitespace().collect();
    let mut at = 0;
    let allowed = any_of(&tokens, &mut at);
    allowed && at == tokens.len()
}

fn any_of(tokens: &[&str], at: &mut usize) -> bool {
    let mut allowed = all_of(tokens, at);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        allowed |= all_of(tokens, at);
    }
    allowed
}

fn all_of(tokens: &[&str], at: &mut usize) -> bool {
    let mut allowed = licence(tokens, at);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        allowed &= licence(tokens, at);
    }
    allowed
}

fn licence(tokens: &[&str], at: &mut usize) -> bool {
    let Some(token) = tokens.get(*at) else { return false };
    *at += 1;
    if *token == "(" {
        let allowed = any_of(tokens, at);
        let closed = tokens.get(*at) == Some(&")");
        *at += 1;
        return allowed && closed;
    }
    if tokens.get(*at) == Some(&"WITH") {
        let exception = tokens.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return ALLOWED.contains(&format!("{token} WITH {exception}").as_str());
    }
    ALLOWED.contains(token)
}

#[test]
fn licence_expressions_are_understood() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0 OR MIT",
        "(MIT OR GPL-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(is_allowed(good), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "", "(MIT", "MPL-2.0", "MIT Apache-2.0"] {
        assert!(!is_allowed(bad), "{bad}");
    }
}

#[test]
fn every_dependency_stands_under_a_compatible_licence() {
    let metadata = metadata();
    assert!(packages(&metadata).count() > 20, "the tree was read");
    let refused: Vec<String> = packages(&metadata)
        .filter(|package| !is_allowed(package["license"].as_str().unwrap_or_default()))
        .filter(|package| {
            let name = package["name"].as_str().unwrap_or_default();
            package["license"] != "MPL-2.0" || !MPL.contains(&name)
        })
        .map(|package| {
            format!("{} {}: {}", package["name"], package["version"], package["license"])
        })
        .collect();
    assert!(refused.is_empty(), "not compatible with Apache-2.0:\n{}", refused.join("\n"));
}

#[test]
fn crates_depend_in_one_direction() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("khien-event", [].as_slice()),
        ("khien-sigma", ["khien-event"].as_slice()),
        ("khien-domain", ["khien-event"].as_slice()),
        ("khien-store", ["khien-domain"].as_slice()),
        ("khien-lake", [].as_slice()),
        ("khien-seal", [].as_slice()),
        (
            "khien-app",
            [
                "khien-domain",
                "khien-event",
                "khien-lake",
                "khien-seal",
                "khien-sigma",
                "khien-store",
            ]
            .as_slice(),
        ),
        ("khien-web", ["khien-app", "khien-domain", "khien-event", "khien-lake"].as_slice()),
        ("khien-demo", [].as_slice()),
        // For tests only: no other package may name it outside its own tests.
        ("khien-testkit", ["khien-app", "khien-domain", "khien-event", "khien-sigma"].as_slice()),
        (
            "khien",
            [
                "khien-app",
                "khien-demo",
                "khien-domain",
                "khien-event",
                "khien-lake",
                "khien-seal",
                "khien-sigma",
                "khien-store",
                "khien-web",
            ]
            .as_slice(),
        ),
    ]);
    let metadata = metadata();
    let name = |package: &Value| package["name"].as_str().unwrap_or_default().to_owned();
    for package in packages(&metadata).filter(|package| name(package).starts_with("khien")) {
        let ours: BTreeSet<String> = package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|dependency| dependency["kind"].is_null())
            .map(name)
            .filter(|name| name.starts_with("khien"))
            .collect();
        let place = allowed.get(name(package).as_str());
        let place = place.unwrap_or_else(|| panic!("{} has no place in the house", name(package)));
        let may: BTreeSet<String> = place.iter().map(ToString::to_string).collect();
        assert!(ours.is_subset(&may), "{} sees {ours:?} and may see {may:?}", name(package));
    }
}

/// Clients of networks of people, mail and the web: what they bring in or carry out is nothing that a
/// centre of cyber security needs.
const NO_CONNECTOR: [&str; 21] = [
    "reqwest",
    "ureq",
    "isahc",
    "curl",
    "attohttpc",
    "surf",
    "lettre",
    "imap",
    "facebook",
    "twitter",
    "egg-mode",
    "instagram",
    "tiktok",
    "youtube",
    "zalo",
    "telegram",
    "teloxide",
    "grammers",
    "roux",
    "megalodon",
    "matrix-sdk",
];

#[test]
fn the_program_links_no_client_of_social_networks_mail_or_the_web() {
    let metadata = metadata();
    let clients = |of: &str| -> Vec<String> {
        let linked = linked(&metadata, of);
        assert!(linked.contains("khien-app") && linked.contains("sqlx"), "the tree is read");
        let is_client = |name: &String| {
            let base = name.strip_suffix("-rs").unwrap_or(name);
            NO_CONNECTOR.contains(&base.strip_suffix("-api").unwrap_or(base))
        };
        linked.into_iter().filter(is_client).collect()
    };
    assert_eq!(clients("khien-web"), Vec::<String>::new(), "the centre opens no connection there");
    // `khien push` and the hunt at the command line speak to a centre.
    assert_eq!(clients("khien"), ["ureq"]);
}

/// The crates that one is made of, itself among them; those of tests and of builds left out.
fn linked(metadata: &Value, of: &str) -> BTreeSet<String> {
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let names: BTreeMap<&str, &str> = packages(metadata)
        .map(|one| (one["id"].as_str().unwrap(), one["name"].as_str().unwrap()))
        .collect();
    let root = names.iter().find(|(_, name)| **name == of).map(|(id, _)| *id).unwrap();
    let (mut found, mut open) = (BTreeSet::new(), vec![root]);
    while let Some(id) = open.pop() {
        if !found.insert(names[id].to_owned()) {
            continue;
        }
        let node = nodes.iter().find(|node| node["id"] == id).unwrap();
        for dependency in node["deps"].as_array().unwrap() {
            let mut kinds = dependency["dep_kinds"].as_array().unwrap().iter();
            if kinds.any(|kind| kind["kind"].is_null()) {
                open.push(dependency["pkg"].as_str().unwrap());
            }
        }
    }
    found
}

#[test]
fn only_the_lake_knows_arrow() {
    let metadata = metadata();
    for package in packages(&metadata) {
        let name = package["name"].as_str().unwrap_or_default();
        if !name.starts_with("khien") || name == "khien-lake" {
            continue;
        }
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let other = dependency["name"].as_str().unwrap_or_default();
            assert!(!other.starts_with("arrow") && other != "parquet", "{name} sees {other}");
        }
    }
}

#[test]
fn only_the_store_knows_sql() {
    let metadata = metadata();
    for package in packages(&metadata) {
        let name = package["name"].as_str().unwrap_or_default();
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        let sql = dependencies
            .filter_map(|dependency| dependency["name"].as_str())
            .any(|dependency| dependency.starts_with("sqlx") || dependency == "rusqlite");
        assert!(
            !sql || name == "khien-store" || !name.starts_with("khien"),
            "{name} depends on a SQL driver"
        );
    }
}

#[test]
fn pure_crates_open_no_file_and_read_no_clock() {
    let banned = [
        "std::fs",
        "TcpStream",
        "UdpSocket",
        "std::process",
        "SystemTime::now",
        "Instant::now",
        "Timestamp::now",
    ];
    let mut sources = Vec::new();
    for crate_name in ["demo", "event", "seal", "sigma", "domain"] {
        rust_files(&root().join("crates").join(crate_name).join("src"), &mut sources);
    }
    assert!(sources.len() > 30, "the sources were found");
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}"));
        for word in banned {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
