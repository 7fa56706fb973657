//! Rules from folders, or those that ship with the binary.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use khien_sigma::load::{Loaded, Loader};
use rustc_hash::FxHashMap;

const BUILT_IN: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.txt"));
/// No rule file is larger.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// Loads rules from files and folders; from none, the rules that ship with the binary.
pub(crate) fn load(paths: &[PathBuf], threads: usize) -> Result<Loaded> {
    if paths.is_empty() {
        let none = FxHashMap::default();
        let mut loader = Loader::new(&none);
        for file in BUILT_IN.split('\u{c}') {
            if let Some((name, text)) = file.split_once('\n') {
                loader.file(name, text);
            }
        }
        return Ok(loader.finish());
    }
    let mut files = Vec::new();
    for path in paths {
        fs::metadata(path).with_context(|| format!("cannot read the rules {}", path.display()))?;
        let before = files.len();
        gather(path, &mut files)?;
        if files.len() == before {
            bail!("no rule file (.yml or .yaml) is in {}", path.display());
        }
    }
    let placeholders = placeholders(paths)?;
    let threads = threads.clamp(1, files.len().max(1));
    let share = files.len().div_ceil(threads).max(1);
    let mut loader = Loader::new(&placeholders);
    let parts: Vec<Result<Loader<'_>>> = std::thread::scope(|scope| {
        let workers: Vec<_> = files
            .chunks(share)
            .map(|files| {
                let placeholders = &placeholders;
                scope.spawn(move || {
                    let mut loader = Loader::new(placeholders);
                    for file in files {
                        read_into(&mut loader, file)?;
                    }
                    Ok(loader)
                })
            })
            .collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, _>| match worker.join() {
            Ok(part) => part,
            Err(_) => bail!("reading the rules failed"),
        };
        workers.into_iter().map(join).collect()
    });
    for part in parts {
        loader.join(part?);
    }
    Ok(loader.finish())
}

fn read_into(loader: &mut Loader<'_>, file: &Path) -> Result<()> {
    let name = file.display().to_string();
    let metadata = fs::metadata(file).with_context(|| format!("cannot read {name}"))?;
    if !metadata.is_file() {
        loader.refuse_file(&name, "it is neither a file nor a folder");
        return Ok(());
    }
    let size = metadata.len();
    if size > MAX_FILE_BYTES {
        loader.refuse_file(&name, &format!("a rule file is no larger than {MAX_FILE_BYTES} bytes"));
        return Ok(());
    }
    let bytes = fs::read(file).with_context(|| format!("cannot read {name}"))?;
    match String::from_utf8(bytes) {
        Ok(text) => loader.file(&name, &text),
        Err(_) => loader.refuse_file(&name, "the file is not UTF-8 text"),
    }
    Ok(())
}

/// The YAML files under a path, in order. Samples that stand beside rules are left out, and so are
/// the `info.yml` files of the public regression data.
pub(crate) fn gather(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    gather_into(path, files, &mut Vec::new())
}

/// `above` are the folders that lead here: a link to one of them would have no end.
fn gather_into(path: &Path, files: &mut Vec<PathBuf>, above: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let cannot = || format!("cannot read {}", path.display());
    let full = path.canonicalize().with_context(cannot)?;
    if above.contains(&full) {
        return Ok(());
    }
    above.push(full);
    let entries = fs::read_dir(path).with_context(cannot)?;
    let mut paths: Vec<PathBuf> = entries.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let yaml =
            path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
        let tests = name.ends_with(".samples.yml") || name == "info.yml";
        if path.is_dir() || (yaml && !tests) {
            gather_into(&path, files, above)?;
        }
    }
    above.pop();
    Ok(())
}

/// The values of placeholders: `placeholders/<name>.txt` in a rules folder, one a line.
fn placeholders(paths: &[PathBuf]) -> Result<FxHashMap<String, Vec<String>>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in paths.iter().map(|path| path.join("placeholders")).filter(|path| path.is_dir()) {
        for entry in
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
        {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let text = text.trim_start_matches('\u{feff}');
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                found.entry(name).or_default().extend(lines.map(str::to_owned));
            }
        }
    }
    Ok(found.into_iter().collect())
}
