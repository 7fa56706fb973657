//! A data folder made of a backup, and looked at before it counts.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use khien_lake::{Cancel, Damage};
use khien_store::{Database, Schema, Store};

use super::archive::{self, Broken, Contents};
use super::{BackupError, Secret};
use crate::folder::DataFolder;
use crate::journal;

/// What was restored, and what it was found to be.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What the backup says of itself.
    pub contents: Contents,
    /// The migrations of the records; what is missing is run at the first start.
    pub schema: Schema,
    /// Faults of the records, in the database's words.
    pub faults: Vec<String>,
    /// Files of events that are damaged or missing: they were when the backup was made, because the
    /// files are what was backed up.
    pub damage: Vec<Damage>,
    /// Damaged places of the journal, likewise.
    pub damaged_journal: usize,
}

impl Restored {
    /// Whether everything is whole.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.damage.is_empty() && self.damaged_journal == 0
    }
}

/// Makes the data folder `target`, which must not exist or be empty, of a backup. Until all of it is
/// there and was looked at, it stands under another name beside it, and goes when something fails.
pub async fn restore(
    backup: &Path,
    secret: &Secret,
    target: &Path,
) -> Result<Restored, BackupError> {
    match fs::read_dir(target) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(BackupError::Exists(target.to_owned()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(BackupError::io("read", target)(error)),
    }
    let beside = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new("."));
    // Removes itself unless it is finished.
    let new = tempfile::Builder::new().prefix(".khien-restore-").tempdir_in(beside);
    let new = new.map_err(BackupError::io("make a folder in", beside))?;
    let place = new.path();
    let contents =
        archive::read(backup, secret, &mut |path, _, reader| unpack(place, path, reader))?;
    let folder = DataFolder::complete(place)?;
    let restored = look_at(&folder, contents, backup).await?;
    sync_folders(place).map_err(BackupError::io("sync", place))?;
    fs::rename(place, target).map_err(BackupError::io("put in place", target))?;
    // It has another name now.
    let _ = new.keep();
    let synced = File::open(beside).and_then(|folder| folder.sync_all());
    synced.map_err(BackupError::io("sync", beside))?;
    Ok(restored)
}

fn unpack(place: &Path, path: &Path, reader: &mut dyn Read) -> Result<(), Broken> {
    let to = place.join(path);
    let out = |error| Broken::Out(to.clone(), error);
    if let Some(folder) = to.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(out)?;
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&to);
    let mut file = made.map_err(out)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = reader.read(&mut buffer).map_err(Broken::In)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        file.write_all(part).map_err(out)?;
    }
    file.sync_all().map_err(out)
}

async fn look_at(
    folder: &DataFolder,
    contents: Contents,
    backup: &Path,
) -> Result<Restored, BackupError> {
    if !folder.database().exists() {
        let reason = "it has no records (khien.db)".to_owned();
        return Err(BackupError::Damaged { path: backup.to_owned(), reason });
    }
    let store = Store::open(&Database::Sqlite(folder.database())).await?;
    let looked = async { Ok::<_, BackupError>((store.schema().await?, store.check().await?)) };
    let looked = looked.await;
    store.close().await;
    let (schema, faults) = looked?;
    if schema.found > schema.known {
        let (found, known) = (schema.found, schema.known);
        let reason = format!("its records have migration {found}, this program knows {known}");
        return Err(BackupError::Newer { path: backup.to_owned(), reason });
    }
    let (mut quiet, cancel) = (|_, _| (), Cancel::new());
    let lake = khien_lake::inspect(&folder.lake(), true, &mut quiet, &cancel)?;
    let journal = journal::inspect(&folder.journal())?;
    let damaged_journal = journal.damaged.len();
    Ok(Restored { contents, schema, faults, damage: lake.damage, damaged_journal })
}

/// Makes the names in a folder and all below it safe.
fn sync_folders(folder: &Path) -> io::Result<()> {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            }
        }
        File::open(&folder)?.sync_all()?;
    }
    Ok(())
}
