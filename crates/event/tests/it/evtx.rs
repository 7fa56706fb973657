use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{Kept, read, shared};

fn files(root: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What an event says, with the spellings in which the two forms differ by design made equal:
/// GUIDs have braces in one, hexadecimal and times are written differently in the other.
fn plain(record: &Kept) -> BTreeMap<String, String> {
    record
        .fields
        .iter()
        .filter(|(name, values)| values.iter().any(|v| !v.is_empty()) && !name.starts_with('#'))
        .filter(|(name, _)| !name.contains("xmlns") && *name != "TimeCreated")
        .map(|(name, values)| {
            let text = values.join(" ").to_lowercase();
            let text = text.trim().trim_matches(['{', '}']).replace(".0z", "z");
            (name.replace(' ', ""), text)
        })
        .collect()
}

#[test]
fn the_binary_form_says_what_the_json_form_says() {
    let Some(root) = shared("sigma/regression_data") else { return };
    let mut differences = Vec::new();
    let mut compared = 0;
    for path in files(&root, "evtx") {
        let json = path.with_extension("json");
        if !json.exists() {
            continue;
        }
        let binary = read(&std::fs::read(&path).unwrap());
        let nested = read(&std::fs::read(&json).unwrap());
        assert_eq!(binary.problems, [], "{}", path.display());
        if binary.records.len() != nested.records.len() {
            differences.push(format!(
                "{}: {} and {} records",
                path.display(),
                binary.records.len(),
                nested.records.len()
            ));
        }
        for (left, right) in binary.records.iter().zip(&nested.records) {
            compared += 1;
            // The JSON form was cut to microseconds.
            let micros = |kept: &Kept| {
                let time: jiff::Timestamp = kept.time.as_deref().unwrap().parse().unwrap();
                time.as_microsecond()
            };
            assert_eq!(micros(left), micros(right), "{}", path.display());
            assert_eq!(left.labels, right.labels, "{}", path.display());
            let (left, right) = (plain(left), plain(right));
            for name in left.keys().chain(right.keys()) {
                if left.get(name) != right.get(name) {
                    let text = format!("{name}: {:?} and {:?}", left.get(name), right.get(name));
                    differences.push(text);
                }
            }
        }
    }
    differences.sort();
    differences.dedup();
    assert!(differences.is_empty(), "{compared} compared\n{}", differences.join("\n"));
    assert!(compared >= 97, "{compared}");
}

#[test]
fn every_attack_sample_is_read_without_a_problem() {
    let Some(root) = shared("evtx") else { return };
    let (mut records, mut problems) = (0, Vec::new());
    for path in files(&root, "evtx") {
        let reading = read(&std::fs::read(&path).unwrap());
        records += reading.records.len();
        problems.extend(reading.problems.into_iter().map(|p| format!("{}: {p:?}", path.display())));
        for record in reading.records {
            assert!(!record.get("EventID").is_empty(), "{}: {}", path.display(), record.number);
            assert_eq!(record.time_source, "stated");
        }
    }
    assert!(problems.is_empty(), "{records} records\n{}", problems.join("\n"));
    assert!(records > 8000, "{records}");
}

#[test]
fn damaged_files_are_read_as_far_as_they_go() {
    let Some(root) = shared("evtx-damaged") else { return };
    for path in files(&root, "evtx") {
        let reading = read(&std::fs::read(&path).unwrap());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!reading.records.is_empty(), "{name}");
    }
}
