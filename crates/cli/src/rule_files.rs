//! Rules from folders, or those that ship with the binary.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail};
use khien_sigma::load::{Loaded, Loader};
use rustc_hash::FxHashMap;

use crate::Usage;

const BUILT_IN: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.txt"));
/// No rule file is larger.
const MAX_FILE_BYTES: u64 = 4 << 20;
/// So many files a thread reads before it asks for more.
const SHARE: usize = 64;

/// Loads rules from files and folders; from none, the rules that ship with the binary.
pub(crate) fn load(paths: &[PathBuf], threads: usize) -> Result<Loaded> {
    load_and(paths, threads, [])
}

/// The same, and after them some more, each a name and a text.
pub(crate) fn load_and<'t>(
    paths: &[PathBuf],
    threads: usize,
    more: impl IntoIterator<Item = (&'t str, &'t str)>,
) -> Result<Loaded> {
    if paths.is_empty() {
        let none = FxHashMap::default();
        let mut loader = Loader::new(&none);
        built_in().for_each(|(name, text)| loader.file(name, text));
        more.into_iter().for_each(|(name, text)| loader.file(name, text));
        return Ok(loader.finish());
    }
    let files = gather_all(paths)?;
    let placeholders = placeholders(paths)?;
    let shares: Vec<&[Found]> = files.chunks(SHARE).collect();
    let next = AtomicUsize::new(0);
    let take = || -> Result<Vec<(usize, Loader<'_>)>> {
        let mut parts = Vec::new();
        let mut buffer = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(share) = shares.get(at) else { return Ok(parts) };
            let mut loader = Loader::new(&placeholders);
            for file in *share {
                read_into(&mut loader, file, &mut buffer)?;
            }
            parts.push((at, loader));
        }
    };
    let mut parts = std::thread::scope(|scope| -> Result<Vec<_>> {
        let others: Vec<_> = (1..threads.min(shares.len())).map(|_| scope.spawn(take)).collect();
        let mut parts = take()?;
        for other in others {
            match other.join() {
                Ok(part) => parts.extend(part?),
                Err(_) => bail!("reading the rules failed"),
            }
        }
        Ok(parts)
    })?;
    // Whichever thread was faster, rules stand in the order of their files.
    parts.sort_unstable_by_key(|(at, _)| *at);
    let mut loader = Loader::new(&placeholders);
    for (_, part) in parts {
        loader.join(part);
    }
    more.into_iter().for_each(|(name, text)| loader.file(name, text));
    Ok(loader.finish())
}

/// The rules that ship with the binary, each a name and a text.
fn built_in() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN.split('\u{c}').filter_map(|file| file.split_once('\n'))
}

/// The text of a file that [`load`] read, by its name there.
pub(crate) fn text(paths: &[PathBuf], name: &str) -> Option<String> {
    if paths.is_empty() {
        return built_in().find(|(known, _)| *known == name).map(|(_, text)| text.to_owned());
    }
    let path = Path::new(name);
    paths.iter().find(|folder| path.starts_with(folder))?;
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_FILE_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The rule files of all paths, of which each must have some.
fn gather_all(paths: &[PathBuf]) -> Result<Vec<Found>> {
    let mut files = Vec::new();
    for path in paths {
        if fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            let message = format!("there is no rule file or folder {}", path.display());
            return Err(Usage(message).into());
        }
        let found = gather(path)?;
        if found.is_empty() {
            bail!("no rule file (.yml or .yaml) is in {}", path.display());
        }
        files.extend(found);
    }
    Ok(files)
}

/// The names and texts of rule files, for somebody else to load. What is no text is refused there.
pub(crate) fn texts(paths: &[PathBuf]) -> Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for file in gather_all(paths)? {
        let name = file.path.display().to_string();
        if !file.readable {
            bail!("{name} is neither a file nor a folder");
        }
        let cannot = || format!("cannot read {name}");
        let mut bytes = Vec::new();
        let opened = File::open(&file.path).with_context(cannot)?;
        opened.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).with_context(cannot)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            bail!("{name}: a rule file is no larger than {MAX_FILE_BYTES} bytes");
        }
        texts.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(texts)
}

/// Reads a file that [`gather`] found; `buffer` is any, reused between files.
fn read_into(loader: &mut Loader<'_>, file: &Found, buffer: &mut Vec<u8>) -> Result<()> {
    let name = file.path.display().to_string();
    if !file.readable {
        loader.refuse_file(&name, "it is neither a file nor a folder");
        return Ok(());
    }
    let cannot = || format!("cannot read {name}");
    buffer.clear();
    let opened = File::open(&file.path).with_context(cannot)?;
    opened.take(MAX_FILE_BYTES + 1).read_to_end(buffer).with_context(cannot)?;
    if buffer.len() as u64 > MAX_FILE_BYTES {
        loader.refuse_file(&name, &format!("a rule file is no larger than {MAX_FILE_BYTES} bytes"));
        return Ok(());
    }
    match std::str::from_utf8(buffer) {
        Ok(text) => loader.file(&name, text),
        Err(_) => loader.refuse_file(&name, "the file is not UTF-8 text"),
    }
    Ok(())
}

/// A file that [`gather`] found.
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// Whether it can be opened without waiting for somebody to write into it.
    readable: bool,
}

/// The YAML files under a path, in order. Samples that stand beside rules are left out, and so are
/// the `info.yml` files of the public regression data.
pub(crate) fn gather(path: &Path) -> Result<Vec<Found>> {
    let mut files = Vec::new();
    let metadata = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    if metadata.is_dir() {
        gather_into(path, &mut files, &mut Vec::new(), false)?;
    } else {
        files.push(Found { path: path.to_owned(), readable: metadata.is_file() });
    }
    Ok(files)
}

/// `above` are the folders that lead here, and `linked` tells whether a link is among them: only
/// then a folder can be one of those above, and have no end.
fn gather_into(
    path: &Path,
    files: &mut Vec<Found>,
    above: &mut Vec<PathBuf>,
    linked: bool,
) -> Result<()> {
    let cannot = || format!("cannot read {}", path.display());
    if linked {
        let full = path.canonicalize().with_context(cannot)?;
        if above.iter().any(|above| above.canonicalize().is_ok_and(|above| above == full)) {
            return Ok(());
        }
    }
    above.push(path.to_owned());
    let mut entries: Vec<DirEntry> =
        fs::read_dir(path).with_context(cannot)?.collect::<Result<_, _>>()?;
    entries.sort_by_cached_key(DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type()?;
        // What a link leads to nowhere is told when it is opened.
        let target = if kind.is_symlink() { fs::metadata(&path).ok() } else { None };
        let kind = target.map_or(kind, |target| target.file_type());
        if kind.is_dir() {
            gather_into(&path, files, above, linked || entry.file_type()?.is_symlink())?;
        } else if is_rule_file(&path) {
            files.push(Found { path, readable: kind.is_file() || kind.is_symlink() });
        }
    }
    above.pop();
    Ok(())
}

fn is_rule_file(path: &Path) -> bool {
    let yaml = path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    yaml && !name.ends_with(b".samples.yml") && name != b"info.yml"
}

/// The values of placeholders: `placeholders/<name>.txt` in a rules folder, one a line.
pub(crate) fn placeholders(paths: &[PathBuf]) -> Result<FxHashMap<String, Vec<String>>> {
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
