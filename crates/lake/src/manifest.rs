//! The manifest: which files are the lake, and which batches they cover.
//!
//! An append-only file. The first line tells the version; each other line is one commit: files added,
//! files removed, batch numbers covered. A line counts once it stands there whole, with its checksum,
//! and is synced; what a crash leaves of a last line is cut off at the next opening. A damaged line
//! elsewhere is an error, because guessing would remove files. Long manifests are rewritten.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::data_file::Entry;
use crate::error::LakeError;
use crate::numbers::Numbers;

/// The version of this form.
const VERSION: u64 = 1;
/// Hexadecimal digits of the checksum before each line.
const CHECK_DIGITS: usize = 16;
/// A manifest is rewritten when it has this many lines more than twice its files.
const SLACK_LINES: usize = 1000;

/// One commit.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) add: Vec<Entry>,
    pub(crate) remove: Vec<u64>,
    pub(crate) covered: Numbers,
}

/// What all commits together say.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) files: BTreeMap<u64, Entry>,
    pub(crate) covered: Numbers,
    /// The smallest id that was never given.
    pub(crate) next_id: u64,
}

impl Contents {
    fn apply(&mut self, commit: Commit) {
        for entry in commit.add {
            self.next_id = self.next_id.max(entry.id + 1);
            self.files.insert(entry.id, entry);
        }
        for id in commit.remove {
            self.files.remove(&id);
        }
        self.covered.merge(&commit.covered);
    }
}

/// The manifest, open for appending.
#[derive(Debug)]
pub(crate) struct Manifest {
    path: PathBuf,
    file: File,
    /// Bytes that are known to be whole lines.
    length: u64,
    lines: usize,
    /// Whether nothing stands behind `length`.
    clean: bool,
}

impl Manifest {
    /// Opens or begins the manifest at `path` and reads it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Contents), LakeError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                rewrite(path, &Contents::default())?;
                std::fs::read(path).map_err(LakeError::io("read", path))?
            }
            Err(error) => return Err(LakeError::io("read", path)(error)),
        };
        let (contents, length, lines) = replay(path, &text)?;
        let file = open_for_writing(path)?;
        Ok((Self { path: path.to_owned(), file, length, lines, clean: false }, contents))
    }

    /// Makes a commit durable. After an error nothing of it counts.
    pub(crate) fn append(&mut self, commit: &Commit) -> Result<(), LakeError> {
        let line = line(&commit_json(commit));
        let written = self.cut_off().and_then(|()| {
            self.file.seek(SeekFrom::Start(self.length))?;
            self.clean = false;
            self.file.write_all(line.as_bytes())?;
            self.file.sync_data()
        });
        if let Err(error) = written {
            // If this fails too, `is_clean` tells.
            let _ = self.cut_off();
            return Err(LakeError::io("write", &self.path)(error));
        }
        self.length += line.len() as u64;
        self.lines += 1;
        self.clean = true;
        Ok(())
    }

    /// Whether nothing of a commit that failed is left.
    pub(crate) fn is_clean(&self) -> bool {
        self.clean
    }

    fn cut_off(&mut self) -> std::io::Result<()> {
        if !self.clean {
            self.file.set_len(self.length)?;
            self.file.sync_all()?;
            self.clean = true;
        }
        Ok(())
    }

    /// Whether a rewrite is due for this many files.
    pub(crate) fn is_long(&self, files: usize) -> bool {
        self.lines > 2 * files + SLACK_LINES
    }

    /// Writes one line a file in place of the history.
    pub(crate) fn rewrite(&mut self, contents: &Contents) -> Result<(), LakeError> {
        let (length, lines) = rewrite(&self.path, contents)?;
        self.file = open_for_writing(&self.path)?;
        (self.length, self.lines) = (length, lines);
        Ok(())
    }
}

/// What the manifest at `path` says now; a line that is being written does not count.
pub(crate) fn read_contents(path: &Path) -> Result<Contents, LakeError> {
    let text = std::fs::read(path).map_err(LakeError::io("read", path))?;
    replay(path, &text).map(|(contents, ..)| contents)
}

fn open_for_writing(path: &Path) -> Result<File, LakeError> {
    OpenOptions::new().write(true).open(path).map_err(LakeError::io("open", path))
}

fn replay(path: &Path, text: &[u8]) -> Result<(Contents, u64, usize), LakeError> {
    let mut contents = Contents::default();
    let mut length = 0;
    let mut lines = 0;
    let parts: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
    for (at, part) in parts.iter().enumerate() {
        let damaged = |reason: &str| LakeError::Manifest {
            path: path.to_owned(),
            line: at + 1,
            reason: reason.to_owned(),
        };
        match checked(part).ok_or("its checksum does not hold") {
            Ok(value) if at == 0 => {
                if value.get("lake").and_then(Value::as_u64) != Some(VERSION) {
                    return Err(damaged("it is of a version that this program does not know"));
                }
                contents.next_id = value.get("next").and_then(Value::as_u64).unwrap_or(1);
            }
            Ok(value) => {
                let commit = commit_of(&value).ok_or_else(|| damaged("a member is missing"))?;
                contents.apply(commit);
            }
            // A crash tears only what was being written, and that was never acknowledged.
            Err(_) if at > 0 && at + 1 == parts.len() => break,
            Err(reason) => return Err(damaged(reason)),
        }
        length += part.len() as u64;
        lines += 1;
    }
    if lines == 0 {
        return Err(LakeError::Manifest {
            path: path.to_owned(),
            line: 1,
            reason: "it is empty".to_owned(),
        });
    }
    Ok((contents, length, lines))
}

/// Writes a new manifest and puts it in place at once.
pub(crate) fn rewrite(path: &Path, contents: &Contents) -> Result<(u64, usize), LakeError> {
    let mut text = line(&json!({ "lake": VERSION, "next": contents.next_id.max(1) }));
    for entry in contents.files.values() {
        let commit = Commit { add: vec![entry.clone()], ..Commit::default() };
        text.push_str(&line(&commit_json(&commit)));
    }
    let covered = Commit { covered: contents.covered.clone(), ..Commit::default() };
    text.push_str(&line(&commit_json(&covered)));
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh).map_err(LakeError::io("create", &fresh))?;
    file.write_all(text.as_bytes()).map_err(LakeError::io("write", &fresh))?;
    file.sync_all().map_err(LakeError::io("sync", &fresh))?;
    std::fs::rename(&fresh, path).map_err(LakeError::io("rename", &fresh))?;
    if let Some(folder) = path.parent() {
        sync_folder(folder)?;
    }
    Ok((text.len() as u64, contents.files.len() + 2))
}

/// Makes names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), LakeError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(LakeError::io("sync", folder))
}

/// A digest in hexadecimal.
pub(crate) fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(2 * digest.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn check(json: &str) -> String {
    let mut digits = hex(&Sha256::digest(json.as_bytes()));
    digits.truncate(CHECK_DIGITS);
    digits
}

fn line(value: &Value) -> String {
    let json = value.to_string();
    format!("{} {json}\n", check(&json))
}

fn checked(line: &[u8]) -> Option<Value> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (digits, json) = line.split_once(' ')?;
    (digits == check(json)).then(|| serde_json::from_str(json).ok()).flatten()
}

fn commit_json(commit: &Commit) -> Value {
    let add: Vec<Value> = commit
        .add
        .iter()
        .map(|entry| {
            json!({
                "id": entry.id, "day": entry.day, "rows": entry.rows, "bytes": entry.bytes,
                "first": entry.first, "last": entry.last, "received": entry.received,
                "sha256": entry.sha256,
            })
        })
        .collect();
    json!({ "add": add, "remove": commit.remove, "covered": commit.covered.to_string() })
}

fn commit_of(value: &Value) -> Option<Commit> {
    let add = value.get("add")?.as_array()?.iter().map(entry_of).collect::<Option<_>>()?;
    let remove = value.get("remove")?.as_array()?.iter().map(Value::as_u64).collect::<Option<_>>();
    let covered = value.get("covered")?.as_str()?.parse().ok()?;
    Some(Commit { add, remove: remove?, covered })
}

fn entry_of(value: &Value) -> Option<Entry> {
    let number = |name| value.get(name).and_then(Value::as_u64);
    let time = |name| value.get(name).and_then(Value::as_i64);
    Some(Entry {
        id: number("id")?,
        day: time("day")?,
        rows: number("rows")?,
        bytes: number("bytes")?,
        first: time("first")?,
        last: time("last")?,
        received: time("received")?,
        sha256: value.get("sha256")?.as_str()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Commit, Manifest};
    use crate::data_file::Entry;
    use crate::error::LakeError;

    fn entry(id: u64) -> Entry {
        Entry {
            id,
            day: 20_000,
            rows: 3,
            bytes: 4,
            first: -5,
            last: 6,
            received: 7,
            sha256: "ab".into(),
        }
    }

    fn commit(id: u64, remove: Vec<u64>) -> Commit {
        Commit { add: vec![entry(id)], remove, covered: [id].into_iter().collect() }
    }

    #[test]
    fn commits_add_up_and_a_torn_line_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest");
        let (mut manifest, contents) = Manifest::open(&path).unwrap();
        assert_eq!((contents.files.len(), contents.next_id), (0, 1));
        manifest.append(&commit(1, vec![])).unwrap();
        let whole = std::fs::read(&path).unwrap();
        manifest.append(&commit(2, vec![1])).unwrap();
        let longer = std::fs::read(&path).unwrap();
        for length in whole.len()..longer.len() {
            std::fs::write(&path, &longer[..length]).unwrap();
            let (mut manifest, contents) = Manifest::open(&path).unwrap();
            assert_eq!(contents.files.keys().collect::<Vec<_>>(), [&1]);
            manifest.append(&commit(2, vec![1])).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), longer);
        }
        let (mut manifest, contents) = Manifest::open(&path).unwrap();
        assert_eq!(contents.files.values().collect::<Vec<_>>(), [&entry(2)]);
        assert_eq!(contents.covered.intervals(), [(1, 2)]);
        manifest.rewrite(&contents).unwrap();
        manifest.append(&commit(3, vec![])).unwrap();
        let (_, contents) = Manifest::open(&path).unwrap();
        assert_eq!((contents.files.len(), contents.next_id), (2, 4));
        assert_eq!(contents.covered.intervals(), [(1, 3)]);
    }

    #[test]
    fn damage_before_the_last_line_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest");
        let (mut manifest, _) = Manifest::open(&path).unwrap();
        manifest.append(&commit(1, vec![])).unwrap();
        manifest.append(&commit(2, vec![])).unwrap();
        let mut text = std::fs::read(&path).unwrap();
        let middle = text.len() / 2;
        text[middle] ^= 1;
        std::fs::write(&path, &text).unwrap();
        assert!(matches!(Manifest::open(&path), Err(LakeError::Manifest { .. })));
        std::fs::write(&path, b"").unwrap();
        assert!(matches!(Manifest::open(&path), Err(LakeError::Manifest { line: 1, .. })));
    }

    #[test]
    fn ids_of_removed_files_are_not_given_again_after_a_rewrite() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest");
        let (mut manifest, _) = Manifest::open(&path).unwrap();
        manifest.append(&commit(7, vec![7])).unwrap();
        let (mut manifest, contents) = Manifest::open(&path).unwrap();
        manifest.rewrite(&contents).unwrap();
        assert_eq!(Manifest::open(&path).unwrap().1.next_id, 8);
    }
}
