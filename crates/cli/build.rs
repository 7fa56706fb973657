//! Packs the rules that ship with Khiên into one text, so that the binary needs no folder.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../rules");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    gather(&root, &mut files);
    files.sort();
    let mut packed = String::new();
    for file in files {
        let name = file.strip_prefix(&root).unwrap_or(&file).display().to_string();
        let Ok(text) = fs::read_to_string(&file) else { continue };
        // A form feed cannot stand in YAML, so it parts the files.
        packed.push_str(&format!("{name}\n{text}\u{c}"));
    }
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join("rules.txt");
    if let Err(error) = fs::write(&out, packed) {
        println!("cargo:error=cannot write {}: {error}", out.display());
    }
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|e| e == "yml") && !name.ends_with(".samples.yml") {
            files.push(path);
        }
    }
}
