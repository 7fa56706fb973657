//! Every log source that rules ask for is the label of some kind.

use std::path::Path;

use khien_event::LogSource;
use khien_event::yaml;

use crate::support::{context, shared};

/// The log sources of a rule file.
fn wanted(text: &str) -> Vec<LogSource> {
    let documents = yaml::parse(text).unwrap_or_default();
    let source = |document: &yaml::Node<'_>| {
        let source = document.get("logsource")?;
        let part = |key| source.get_str(key).map(str::to_owned);
        Some(LogSource {
            product: part("product"),
            category: part("category"),
            service: part("service"),
        })
    };
    documents.iter().filter_map(source).collect()
}

fn missing(wanted: &[LogSource]) -> Vec<String> {
    let context = context();
    let labels: Vec<_> = context.packs.routes().iter().flat_map(|route| &route.labels).collect();
    let missing = wanted.iter().filter(|w| !labels.iter().any(|label| label.satisfies(w)));
    let mut missing: Vec<String> = missing.map(ToString::to_string).collect();
    missing.sort();
    missing.dedup();
    missing
}

fn rules(folder: &Path, found: &mut Vec<LogSource>) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            count += rules(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            found.extend(wanted(&std::fs::read_to_string(path).unwrap()));
            count += 1;
        }
    }
    count
}

#[test]
fn our_own_rules_have_their_log_sources() {
    let mut found = Vec::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules");
    let files = rules(Path::new(root), &mut found);
    assert!(files > 50 && found.len() > 50, "{files} files, {} log sources", found.len());
    assert_eq!(missing(&found), [""; 0]);
}

#[test]
fn the_sigma_taxonomy_has_its_log_sources() {
    let name = "sigma/specification/specification/sigma-appendix-taxonomy.md";
    let Some(path) = shared(name) else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let mut found = Vec::new();
    for row in text.lines().filter(|line| line.starts_with('|')) {
        let columns: Vec<&str> = row.split('|').map(str::trim).collect();
        // The second column: `product: zeek<br>service: dns`.
        let Some(cell) = columns.get(2).filter(|cell| {
            ["product:", "category:", "service:"].iter().any(|key| cell.starts_with(key))
        }) else {
            continue;
        };
        let mut source = LogSource::default();
        for part in cell.split("<br>") {
            let Some((key, value)) = part.split_once(':') else { continue };
            let value = Some(value.trim().to_owned());
            match key.trim() {
                "product" => source.product = value,
                "category" => source.category = value,
                "service" => source.service = value,
                _ => {}
            }
        }
        found.push(source);
    }
    assert!(found.len() > 100, "{}", found.len());
    assert_eq!(missing(&found), [""; 0]);
}

#[test]
fn public_rules_have_their_log_sources() {
    let Some(root) = shared("sigma") else { return };
    let mut found = Vec::new();
    let mut files = 0;
    for set in ["rules", "rules-emerging-threats", "rules-threat-hunting", "rules-dfir"] {
        files += rules(&root.join(set), &mut found);
    }
    assert!(files > 2000, "{files}");
    // No log of the appliance tells which files were made: nothing could honestly be named so.
    assert_eq!(missing(&found), ["paloalto/file_event/globalprotect"]);
}
