//! Packs the rules that ship with Khiên into one text, so that the binary needs no folder, and notes the
//! crates that are linked into it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    pack_rules();
    note_crates();
}

/// The tree of the crates that are linked: a line each with its depth, name, version and licence.
fn note_crates() {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    for watched in ["../../Cargo.lock", "../../Cargo.toml", "Cargo.toml"] {
        println!("cargo:rerun-if-changed={}", folder.join(watched).display());
    }
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "-p", "khien", "--locked", "--offline", "--prefix", "depth"])
        .args(["-e", "normal,no-proc-macro", "--format", "\t{p}\t{l}"])
        .args(["--target", &env::var("TARGET").unwrap_or_default()])
        .current_dir(&folder)
        .output();
    let tree = match output {
        Ok(output) if output.status.success() => output.stdout,
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
            println!("cargo:error=the crates cannot be listed: {told}");
            return;
        }
        Err(error) => {
            println!("cargo:error=the crates cannot be listed: {error}");
            return;
        }
    };
    // After a blank line come trees of other packages of the workspace.
    let tree = String::from_utf8_lossy(&tree);
    let own = tree.lines().take_while(|line| !line.trim().is_empty());
    write("crates.txt", &own.map(noted).collect::<String>());
}

/// A line of the tree without the folder of the crate and without the mark of what stands twice.
fn noted(line: &str) -> String {
    let mut parts = line.split('\t');
    let mut part = || parts.next().unwrap_or_default();
    let (depth, package, licence) = (part(), part(), part());
    let mut words = package.split(' ');
    let (name, version) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let licence = licence.trim_end_matches("(*)").trim_end();
    format!("{depth}\t{name}\t{}\t{licence}\n", version.trim_start_matches('v'))
}

fn write(name: &str, text: &str) {
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join(name);
    if let Err(error) = fs::write(&out, text) {
        println!("cargo:error=cannot write {}: {error}", out.display());
    }
}

fn pack_rules() {
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
    write("rules.txt", &packed);
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
