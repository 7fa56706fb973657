//! Rules that were imported: sets of files in the data folder.
//!
//! A set is a folder of `rules/`. It is written whole beside the others and then renamed, so that
//! it is there or is not. Names of its files are checked part by part: nothing is written or read
//! outside of it.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::folder::{DataFolder, FolderError};
use crate::hunt::RuleFile;

/// What names of imported files begin with where rules tell where they stand; the set and the path
/// follow.
pub const PREFIX: &str = "imported:";
/// No file is larger.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// No set is larger.
pub const MAX_SET_BYTES: usize = 48 << 20;
/// No set has more files.
pub const MAX_FILES: usize = 10_000;
/// So deep may files lie in a set.
pub const MAX_DEPTH: usize = 8;
/// Part of a path, or a name of a set, in bytes.
const MAX_PART: usize = 200;

/// Whether a text can name a set: small letters, digits, hyphens.
pub fn is_set(name: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    (1..=40).contains(&bytes.len())
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(inner)
}

/// Whether a text is the path of a rule file within a set.
pub fn is_path(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let is_part = |part: &&str| {
        !part.is_empty()
            && part.len() <= MAX_PART
            && !part.starts_with('.')
            && !part.contains(|c: char| c.is_control() || c == '\\')
    };
    parts.len() <= MAX_DEPTH && parts.iter().all(is_part) && is_rule_file(path)
}

/// Whether a file's name says that it holds rules.
pub fn is_rule_file(path: &str) -> bool {
    let extension = Path::new(path).extension();
    extension.is_some_and(|it| it.eq_ignore_ascii_case("yml") || it.eq_ignore_ascii_case("yaml"))
}

/// The names of the sets, in their order.
pub(crate) fn sets(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let name = |entry: io::Result<fs::DirEntry>| {
        let entry = entry.ok().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))?;
        entry.file_name().into_string().ok().filter(|name| is_set(name))
    };
    let mut sets: Vec<String> = entries.filter_map(name).collect();
    sets.sort();
    sets
}

/// The files of all sets. What cannot be read is told in the log and left out: it is no reason for
/// a centre not to start.
pub(crate) fn read(folder: &Path) -> Vec<RuleFile> {
    let mut files = Vec::new();
    for set in sets(folder) {
        let mut paths = Vec::new();
        gather(&folder.join(&set), "", &mut paths);
        paths.sort();
        for path in paths {
            let name = format!("{PREFIX}{set}/{path}");
            match read_text(&folder.join(&set).join(&path)) {
                Ok(text) => files.push(RuleFile { name, text }),
                Err(error) => tracing::error!(%error, file = name, "imported rules are missing"),
            }
        }
    }
    files
}

fn gather(folder: &Path, above: &str, paths: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
            continue;
        };
        let path = if above.is_empty() { name } else { format!("{above}/{name}") };
        if kind.is_dir() && path.split('/').count() < MAX_DEPTH {
            gather(&entry.path(), &path, paths);
        } else if kind.is_file() && is_path(&path) {
            paths.push(path);
        }
    }
}

fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE_BYTES as u64).read_to_string(&mut text)?;
    Ok(text)
}

/// The text of an imported file, by the name that its rules tell.
pub(crate) fn text(folder: &Path, name: &str) -> Option<String> {
    let (set, path) = name.strip_prefix(PREFIX)?.split_once('/')?;
    if !is_set(set) || !is_path(path) {
        return None;
    }
    read_text(&folder.join(set).join(path)).ok()
}

/// Writes a set that is not there yet, whole or not at all. Names of sets and files were checked.
pub(crate) fn write(folder: &DataFolder, set: &str, files: &[RuleFile]) -> Result<(), FolderError> {
    let (rules, new) = (folder.rules(), folder.rules().join(format!(".{set}")));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError::Io { path, source }
    };
    DataFolder::make_private(&rules)?;
    // What somebody was writing when the program ended.
    remove_folder(&new)?;
    for file in files {
        let path = new.join(&file.name);
        if let Some(above) = path.parent() {
            DataFolder::make_private(above)?;
        }
        let options = File::options().write(true).create_new(true).mode(0o600).to_owned();
        let mut file_ = options.open(&path).map_err(failed(&path))?;
        let written = file_.write_all(file.text.as_bytes()).and_then(|()| file_.sync_all());
        written.map_err(failed(&path))?;
    }
    fs::rename(&new, rules.join(set)).map_err(failed(&new))?;
    let synced = File::open(&rules).and_then(|folder| folder.sync_all());
    synced.map_err(failed(&rules))
}

/// Removes a set. Answers whether it was there.
pub(crate) fn remove(folder: &DataFolder, set: &str) -> Result<bool, FolderError> {
    let (path, gone) = (folder.rules().join(set), folder.rules().join(format!(".{set}")));
    remove_folder(&gone)?;
    // It is not half there when the program ends in the middle.
    match fs::rename(&path, &gone) {
        Ok(()) => remove_folder(&gone).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(FolderError::Io { path, source }),
    }
}

fn remove_folder(path: &PathBuf) -> Result<(), FolderError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FolderError::Io { path: path.clone(), source: error })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_within_a_set_are_paths() {
        for good in ["a.yml", "win/proc/a b (1).yaml", "tệp.YML"] {
            assert!(is_path(good), "{good}");
        }
        let deep = "a/".repeat(MAX_DEPTH) + "b.yml";
        let long = "a".repeat(MAX_PART) + ".yml";
        for bad in [
            "",
            "a.txt",
            "../a.yml",
            "/etc/a.yml",
            "a//b.yml",
            "a/./b.yml",
            ".a.yml",
            "a/..",
            "a\\..\\b.yml",
            "a\0.yml",
            "a\n.yml",
            &deep,
            &long,
        ] {
            assert!(!is_path(bad), "{bad:?}");
        }
        assert!(is_set("sigma-2026"));
        for bad in ["", "-a", "A", "a b", "..", "a/b", &"a".repeat(41)] {
            assert!(!is_set(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_set_is_written_read_and_removed() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::create(&place.path().join("data")).unwrap();
        let file = |name: &str, text: &str| RuleFile { name: name.into(), text: text.into() };
        assert!(read(&folder.rules()).is_empty());
        write(&folder, "one", &[file("win/a.yml", "x: 1"), file("b.yml", "y: 2")]).unwrap();
        assert!(write(&folder, "one", &[file("c.yml", "")]).is_err(), "it is there already");
        let names =
            |files: Vec<RuleFile>| files.into_iter().map(|file| file.name).collect::<Vec<_>>();
        assert_eq!(names(read(&folder.rules())), ["imported:one/b.yml", "imported:one/win/a.yml"]);
        assert_eq!(text(&folder.rules(), "imported:one/win/a.yml").as_deref(), Some("x: 1"));
        for other in ["imported:one/../../khien.lock", "imported:../keys/a.yml", "one/b.yml"] {
            assert_eq!(text(&folder.rules(), other), None, "{other}");
        }
        assert!(remove(&folder, "one").unwrap() && !remove(&folder, "one").unwrap());
        assert!(read(&folder.rules()).is_empty() && sets(&folder.rules()).is_empty());
    }
}
