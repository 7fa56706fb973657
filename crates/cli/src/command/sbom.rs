//! `khien sbom`: the crates that this program is made of, as CycloneDX 1.6.
//!
//! The tree comes from the build (`build.rs` asks cargo what it links for this target), the checksums from
//! the lock file, so that what is written is what was built. Neither the network nor a data folder is
//! needed. Crates of tests, of builds and of macros are not linked and not in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::{Value, json};

use crate::centre::{shown, tell, tell_text};

/// A line a crate: depth, name, version and licence, parted by tabs.
const TREE: &str = include_str!(concat!(env!("OUT_DIR"), "/crates.txt"));
/// What cargo took, with checksums.
const LOCK: &str = include_str!("../../../../Cargo.lock");

#[derive(Args)]
pub(crate) struct Arguments {
    /// The file to write; standard output if none is given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print JSON of what was written
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let bill = bill(TREE, LOCK);
    let text = serde_json::to_string_pretty(&bill)? + "\n";
    let Some(path) = &arguments.out else { return tell_text(false, &text) };
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
    let components = bill["components"].as_array().map_or(0, Vec::len);
    let object = json!({"file": shown(path), "components": components});
    tell(arguments.json, &object, &format!("{} · {components}", shown(path)))
}

/// A crate of the tree.
#[derive(Default)]
struct Linked<'t> {
    licence: &'t str,
    needs: BTreeSet<String>,
}

/// The bill of a tree, of which the first line is the program itself.
fn bill(tree: &str, lock: &str) -> Value {
    let (mut crates, mut above) = (BTreeMap::<String, Linked<'_>>::new(), Vec::<String>::new());
    for line in tree.lines() {
        let mut parts = line.splitn(4, '\t');
        let mut part = || parts.next().unwrap_or_default();
        let (depth, name, version, licence) = (part(), part(), part(), part());
        let reference = format!("{name}@{version}");
        above.truncate(depth.parse().unwrap_or_default());
        if let Some(parent) = above.last() {
            crates.entry(parent.clone()).or_default().needs.insert(reference.clone());
        }
        crates.entry(reference.clone()).or_default().licence = licence;
        above.push(reference);
    }
    let own = above.into_iter().next().unwrap_or_default();
    let checksums = checksums(lock);
    let of = |(reference, linked): (&String, &Linked<'_>)| {
        component(reference, linked.licence, checksums.get(reference).copied())
    };
    let mut root = crates.get_key_value(&own).map(of).unwrap_or_default();
    root["type"] = json!("application");
    let others = crates.iter().filter(|(reference, _)| **reference != own);
    let dependencies = crates
        .iter()
        .map(|(reference, linked)| json!({"ref": reference, "dependsOn": linked.needs}));
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root},
        "components": others.map(of).collect::<Vec<_>>(),
        "dependencies": dependencies.collect::<Vec<_>>(),
    })
}

fn component(reference: &str, licence: &str, checksum: Option<&str>) -> Value {
    let (name, version) = reference.split_once('@').unwrap_or((reference, ""));
    let mut component = json!({
        "type": "library",
        "bom-ref": reference,
        "name": name,
        "version": version,
        // A version may hold a «+», which means a blank in an address.
        "purl": format!("pkg:cargo/{name}@{}", version.replace('+', "%2B")),
    });
    if !licence.is_empty() {
        // The old form of «OR».
        let expression = licence.replace(" / ", "/").replace('/', " OR ");
        component["licenses"] = json!([{"expression": expression}]);
    }
    if let Some(checksum) = checksum {
        component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
    }
    component
}

/// The checksums of a lock file, by name and version; crates of the workspace have none.
fn checksums(lock: &str) -> BTreeMap<String, &str> {
    let entries = lock.split("[[package]]").skip(1).filter_map(|entry| {
        let value = |key: &str| {
            let line = entry.lines().find_map(|line| line.strip_prefix(key))?;
            line.strip_prefix(" = \"")?.strip_suffix('"')
        };
        Some((format!("{}@{}", value("name")?, value("version")?), value("checksum")?))
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_becomes_components_with_what_they_need() {
        let tree = "0\tkhien\t1.0.0\tApache-2.0\n1\ta\t1.2.3+x\tMIT/Apache-2.0\n2\tb\t0.1.0\tISC\n\
                    1\tb\t0.1.0\tISC\n";
        let lock = "[[package]]\nname = \"b\"\nversion = \"0.1.0\"\nchecksum = \"ab12\"\n";
        let bill = bill(tree, lock);
        assert_eq!(bill["metadata"]["component"]["bom-ref"], "khien@1.0.0");
        assert_eq!(bill["metadata"]["component"]["type"], "application");
        let names = |of: &Value| of.as_array().unwrap().len();
        assert_eq!((names(&bill["components"]), names(&bill["dependencies"])), (2, 3));
        let first = &bill["components"][0];
        assert_eq!(first["purl"], "pkg:cargo/a@1.2.3%2Bx");
        assert_eq!(first["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert!(first.get("hashes").is_none());
        assert_eq!(bill["components"][1]["hashes"][0]["content"], "ab12");
        let needs = &bill["dependencies"][2];
        assert_eq!(needs["ref"], "khien@1.0.0");
        assert_eq!(needs["dependsOn"], json!(["a@1.2.3+x", "b@0.1.0"]));
    }
}
