//! The file of a backup: a tar in Zstandard in age, written and read as a stream.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{BackupError, Lock, Secret};
use crate::rules::imported::MAX_DEPTH;

/// The form of the file.
const VERSION: u32 = 1;
/// The last entry: what the others are.
const MANIFEST: &str = "backup.json";
/// No manifest is longer.
const MANIFEST_BYTES: u64 = 256 << 20;
/// Events are compressed already; the records become a fifth.
const LEVEL: i32 = 1;
const BUFFER_BYTES: usize = 1 << 20;

/// What stands in a backup, as its last entry says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Contents {
    /// The form of the file.
    khien_backup: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// When.
    pub made_at: String,
    /// The last migration of the records.
    pub schema: i64,
    /// Events in files.
    pub events: u64,
    /// Files of events that were damaged or missing when the backup was made.
    pub damaged_files: usize,
    /// Batches in the journal; some of their events may be in files too, and count once.
    pub waiting_batches: usize,
    /// The files.
    pub files: Vec<Listed>,
}

/// A file in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Listed {
    /// Its path below the data folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its content, hexadecimal.
    pub sha256: String,
}

impl Contents {
    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// A backup that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// What is in it.
    pub contents: Contents,
    /// Its own length.
    pub bytes: u64,
}

/// What the manifest says beside the list of files.
pub(super) struct About {
    pub(super) schema: i64,
    pub(super) events: u64,
    pub(super) damaged_files: usize,
    pub(super) waiting_batches: usize,
}

/// Writes the backup of a snapshot into a file that must not exist. It stands there whole or not at
/// all. `progress` hears the bytes read so far.
pub async fn write(
    snapshot: &Path,
    output: &Path,
    lock: &Lock,
    now: Timestamp,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Wrote, BackupError> {
    let about = about(snapshot).await?;
    if output.exists() {
        return Err(BackupError::Exists(output.to_owned()));
    }
    let beside = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new("."));
    let failed = || BackupError::io("write", output);
    // Removes itself unless it is finished.
    let new = tempfile::Builder::new().prefix(".khien-backup-").tempfile_in(beside);
    let mut new = new.map_err(failed())?;
    let encryptor = lock.encryptor().map_err(|error| failed()(io::Error::other(error)))?;
    let writer = BufWriter::with_capacity(BUFFER_BYTES, new.as_file_mut());
    let writer = encryptor.wrap_output(writer).map_err(failed())?;
    let mut writer = zstd::Encoder::new(writer, LEVEL).map_err(failed())?;
    writer.include_checksum(true).map_err(failed())?;
    let mut tar = tar::Builder::new(writer);
    let mut contents = Contents {
        khien_backup: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: now.to_string(),
        schema: about.schema,
        events: about.events,
        damaged_files: about.damaged_files,
        waiting_batches: about.waiting_batches,
        files: Vec::new(),
    };
    let mut done = 0;
    for path in files(snapshot)? {
        let from = snapshot.join(&path);
        let file = File::open(&from).map_err(BackupError::io("read", &from))?;
        let bytes = file.metadata().map_err(BackupError::io("read", &from))?.len();
        let mut reader = Hashing::new(BufReader::with_capacity(BUFFER_BYTES, file).take(bytes));
        let mut header = header(bytes, now);
        tar.append_data(&mut header, &path, &mut reader).map_err(failed())?;
        if reader.bytes != bytes {
            let cut = io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter");
            return Err(BackupError::io("read", &from)(cut));
        }
        done += bytes;
        progress(done);
        let path = path.to_string_lossy().into_owned();
        contents.files.push(Listed { path, bytes, sha256: reader.hex() });
    }
    let manifest = serde_json::to_vec_pretty(&contents).map_err(io::Error::other);
    let manifest = manifest.map_err(failed())?;
    let mut header = header(manifest.len() as u64, now);
    tar.append_data(&mut header, MANIFEST, manifest.as_slice()).map_err(failed())?;
    let mut writer = tar
        .into_inner()
        .and_then(zstd::Encoder::finish)
        .and_then(age::stream::StreamWriter::finish)
        .map_err(failed())?;
    writer.flush().map_err(failed())?;
    drop(writer);
    new.as_file().sync_all().map_err(failed())?;
    let bytes = new.as_file().metadata().map_err(failed())?.len();
    new.persist_noclobber(output).map_err(|error| failed()(error.error))?;
    let synced = File::open(beside).and_then(|folder| folder.sync_all());
    synced.map_err(failed())?;
    Ok(Wrote { contents, bytes })
}

/// What a snapshot holds.
async fn about(snapshot: &Path) -> Result<About, BackupError> {
    let store = khien_store::Database::Sqlite(snapshot.join("khien.db"));
    let store = khien_store::Store::open(&store).await?;
    let schema = store.schema().await;
    store.close().await;
    let mut quiet = |_, _| ();
    let cancel = khien_lake::Cancel::new();
    let lake = khien_lake::inspect(&snapshot.join("lake"), false, &mut quiet, &cancel)?;
    let journal = crate::journal::inspect(&snapshot.join("journal"))?;
    Ok(About {
        schema: schema?.found,
        events: lake.stats.rows,
        damaged_files: lake.damage.len(),
        waiting_batches: journal.batches,
    })
}

fn header(bytes: u64, now: Timestamp) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(now.as_second()).unwrap_or_default());
    header
}

/// The files of a snapshot as relative paths, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(relative) = folders.pop() {
        let place = folder.join(&relative);
        for entry in fs::read_dir(&place).map_err(BackupError::io("read", &place))? {
            let entry = entry.map_err(BackupError::io("read", &place))?;
            let kind = entry.file_type().map_err(BackupError::io("read", &place))?;
            let path = relative.join(entry.file_name());
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && belongs(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a backup through and compares it with its own manifest; nothing is written.
pub fn check(path: &Path, secret: &Secret) -> Result<Contents, BackupError> {
    read(path, secret, &mut |_, _, reader| {
        io::copy(reader, &mut io::sink()).map(|_| ()).map_err(Broken::In)
    })
}

/// Which side of a copy failed.
pub(super) enum Broken {
    /// The backup.
    In(io::Error),
    /// What is made of it, and where.
    Out(PathBuf, io::Error),
}

/// Takes a file of a backup: its path, its length, its content.
pub(super) type Take<'t> = dyn FnMut(&Path, u64, &mut dyn Read) -> Result<(), Broken> + 't;

/// Reads a backup, hands every file to `take`, and compares all with the manifest at the end.
pub(super) fn read(
    path: &Path,
    secret: &Secret,
    take: &mut Take<'_>,
) -> Result<Contents, BackupError> {
    let damaged = |reason: String| BackupError::Damaged { path: path.to_owned(), reason };
    let cut = |error: io::Error| damaged(error.to_string());
    let file = File::open(path).map_err(BackupError::io("read", path))?;
    let file = BufReader::with_capacity(BUFFER_BYTES, file);
    let decryptor = age::Decryptor::new_buffered(file).map_err(|error| told(path, &error))?;
    if decryptor.is_scrypt() != matches!(secret, Secret::Passphrase(_)) {
        let reason = match secret {
            Secret::Passphrase(_) => "it was closed to a key; name its file with --key-file",
            Secret::Keys(_) => "it was closed to a passphrase; name it with --passphrase-file",
        };
        return Err(BackupError::Locked { path: path.to_owned(), reason });
    }
    let identities = secret.identities();
    let reader = decryptor.decrypt(identities.iter().map(AsRef::as_ref));
    let reader = reader.map_err(|error| told(path, &error))?;
    let mut tar = tar::Archive::new(zstd::Decoder::new(reader).map_err(cut)?);
    let mut found = Vec::new();
    let mut contents: Option<Contents> = None;
    for entry in tar.entries().map_err(cut)? {
        let mut entry = entry.map_err(cut)?;
        let name = entry.path().map_err(cut)?.into_owned();
        let bytes = entry.header().size().map_err(cut)?;
        if contents.is_some() {
            return Err(damaged("something stands behind its manifest".to_owned()));
        }
        if name == Path::new(MANIFEST) {
            let mut text = Vec::new();
            (&mut entry).take(MANIFEST_BYTES).read_to_end(&mut text).map_err(cut)?;
            contents = Some(manifest(path, &text)?);
            continue;
        }
        if !entry.header().entry_type().is_file() || !belongs(&name) {
            return Err(damaged(format!("«{}» does not belong into it", name.display())));
        }
        let mut reader = Hashing::new(&mut entry);
        match take(&name, bytes, &mut reader) {
            Ok(()) => {}
            Err(Broken::In(error)) => return Err(cut(error)),
            Err(Broken::Out(place, error)) => return Err(BackupError::io("write", place)(error)),
        }
        let path = name.to_string_lossy().into_owned();
        found.push(Listed { path, bytes: reader.bytes, sha256: reader.hex() });
    }
    // The last part proves that nothing was cut off.
    io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(cut)?;
    let contents = contents.ok_or_else(|| damaged("its manifest is missing".to_owned()))?;
    if let Some((found, listed)) =
        found.iter().zip(&contents.files).find(|(found, listed)| found != listed)
    {
        let reason = format!("{} is not {}, which its manifest lists", found.path, listed.path);
        let same = format!("{} is not what its manifest says", found.path);
        return Err(damaged(if found.path == listed.path { same } else { reason }));
    }
    if found.len() != contents.files.len() {
        let (has, lists) = (found.len(), contents.files.len());
        return Err(damaged(format!("it has {has} files and its manifest lists {lists}")));
    }
    Ok(contents)
}

fn manifest(path: &Path, text: &[u8]) -> Result<Contents, BackupError> {
    /// What every version says.
    #[derive(Deserialize)]
    struct Form {
        khien_backup: u32,
        program: String,
    }
    let damaged = |error: serde_json::Error| BackupError::Damaged {
        path: path.to_owned(),
        reason: format!("its manifest cannot be read: {error}"),
    };
    let form: Form = serde_json::from_slice(text).map_err(damaged)?;
    if form.khien_backup > VERSION {
        let reason = format!("form {} of khien {}", form.khien_backup, form.program);
        return Err(BackupError::Newer { path: path.to_owned(), reason });
    }
    serde_json::from_slice(text).map_err(damaged)
}

/// Whether a path is one that a data folder has: nothing outside of it, and nothing foreign.
fn belongs(path: &Path) -> bool {
    let mut parts = Vec::new();
    for part in path.components() {
        let Component::Normal(part) = part else { return false };
        parts.push(part.to_str());
    }
    match parts.as_slice() {
        [Some("khien.db" | "khien.toml" | "DEMO")] => true,
        [Some("lake" | "journal" | "keys"), rest @ ..] => {
            (1..=4).contains(&rest.len()) && rest.iter().all(Option::is_some)
        }
        [Some("rules"), rest @ ..] => {
            (2..=1 + MAX_DEPTH).contains(&rest.len()) && rest.iter().all(Option::is_some)
        }
        _ => false,
    }
}

fn told(path: &Path, error: &age::DecryptError) -> BackupError {
    use age::DecryptError as Fault;
    let locked = |reason| BackupError::Locked { path: path.to_owned(), reason };
    match error {
        Fault::InvalidHeader | Fault::UnknownFormat => BackupError::NotOurs(path.to_owned()),
        Fault::NoMatchingKeys => locked("none of the keys is one that it was closed to"),
        Fault::ExcessiveWork { .. } => locked("its passphrase asks for more work than any of ours"),
        Fault::DecryptionFailed | Fault::KeyDecryptionFailed => locked("the passphrase is wrong"),
        other => BackupError::Damaged {
            path: path.to_owned(),
            reason: format!("its beginning: {other}"),
        },
    }
}

/// Hashes what is read through it.
struct Hashing<R> {
    inner: R,
    digest: Sha256,
    bytes: u64,
}

impl<R> Hashing<R> {
    fn new(inner: R) -> Self {
        Self { inner, digest: Sha256::new(), bytes: 0 }
    }

    fn hex(self) -> String {
        use std::fmt::Write as _;
        self.digest.finalize().iter().fold(String::new(), |mut text, byte| {
            // Writing into a text does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.digest.update(buffer.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::belongs;

    #[test]
    fn only_what_a_data_folder_has_is_taken() {
        for good in [
            "khien.db",
            "lake/manifest",
            "lake/events/day=2026-11-22/1.parquet",
            "keys/a",
            "rules/set/a/b.yml",
        ] {
            assert!(belongs(good.as_ref()), "{good}");
        }
        for bad in [
            "/etc/passwd",
            "../x",
            "keys/../../x",
            "khien.lock",
            "lake",
            "running.json",
            "a/b",
            "",
            "rules/a",
        ] {
            assert!(!belongs(bad.as_ref()), "{bad}");
        }
    }
}
