//! The data folder: where everything of a centre lies.
//!
//! ```text
//! khien.toml   settings, if there are any        khien.db   records
//! journal/     batches that wait                 lake/      events
//! keys/        keys and certificates             khien.lock held by the one running centre
//! running.json where the running centre is, for the command line of the machine
//! rules/       rules that were imported, a folder a set
//! snapshot/    what a backup is being made of     backup.lock  held by whoever makes it
//! DEMO         there if the data is a demonstration: nobody's, and of no legal value
//! ```

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is none.
    #[error("{0} is no data folder of Khiên; `khien init --data {0}` makes one")]
    Missing(String),
    /// There is one already.
    #[error("{0} is a data folder already; nothing was changed")]
    Exists(String),
    /// Another centre runs on it.
    #[error("a centre is running on {0}")]
    Locked(String),
    /// Another backup is being made of it.
    #[error("another backup of {0} is being made; wait until it has ended")]
    BackingUp(String),
    /// The system refuses.
    #[error("{path} cannot be used")]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A data folder.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// Held as long as a centre runs.
    lock: Option<File>,
}

const LOCK: &str = "khien.lock";
const BACKUP_LOCK: &str = "backup.lock";

impl DataFolder {
    /// Makes a data folder. Only the one who makes it may read it.
    pub fn create(path: &Path) -> Result<Self, FolderError> {
        if path.join(LOCK).exists() {
            return Err(FolderError::Exists(path.display().to_string()));
        }
        Self::complete(path)
    }

    /// Lets a folder that was not made to its end be made again.
    pub fn give_up(&self) -> Result<(), FolderError> {
        let lock = self.path.join(LOCK);
        fs::remove_file(&lock).map_err(|source| FolderError::Io { path: lock, source })
    }

    /// Makes what a data folder lacks: all of a new one, a little of one that comes from a backup.
    pub(crate) fn complete(path: &Path) -> Result<Self, FolderError> {
        let folder = Self { path: path.to_owned(), lock: None };
        for made in [path.to_owned(), folder.journal(), folder.lake(), folder.keys()] {
            Self::make_private(&made)?;
        }
        let lock = path.join(LOCK);
        File::create(&lock).map_err(|source| FolderError::Io { path: lock, source })?;
        Ok(folder)
    }

    /// Makes a folder that nobody else may look into.
    pub(crate) fn make_private(path: &Path) -> Result<(), FolderError> {
        let made = fs::create_dir_all(path).and_then(|()| restrict(path));
        made.map_err(|source| FolderError::Io { path: path.to_owned(), source })
    }

    /// A data folder that is there, beside a running centre or without one.
    pub fn find(path: &Path) -> Result<Self, FolderError> {
        if path.join(LOCK).exists() {
            Ok(Self { path: path.to_owned(), lock: None })
        } else {
            Err(FolderError::Missing(path.display().to_string()))
        }
    }

    /// A data folder for the one centre that runs on it.
    pub fn hold(path: &Path) -> Result<Self, FolderError> {
        let found = Self::find(path)?;
        let place = path.join(LOCK);
        let failed = |source| FolderError::Io { path: place.clone(), source };
        let lock = File::options().write(true).open(&place).map_err(failed)?;
        if lock.try_lock().is_err() {
            return Err(FolderError::Locked(path.display().to_string()));
        }
        Ok(Self { lock: Some(lock), ..found })
    }

    /// Whether this is the running centre's own.
    pub fn is_held(&self) -> bool {
        self.lock.is_some()
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The settings, if somebody wrote any.
    pub fn settings(&self) -> Option<PathBuf> {
        Some(self.path.join("khien.toml")).filter(|path| path.exists())
    }

    /// The records.
    pub fn database(&self) -> PathBuf {
        self.path.join("khien.db")
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// The lake.
    pub fn lake(&self) -> PathBuf {
        self.path.join("lake")
    }

    /// Keys and certificates.
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// Rules that were imported.
    pub fn rules(&self) -> PathBuf {
        self.path.join("rules")
    }

    /// The certificate that the centre shows, in PEM.
    pub fn certificate(&self) -> PathBuf {
        self.keys().join("certificate.pem")
    }

    /// Its key, in PEM.
    pub fn certificate_key(&self) -> PathBuf {
        self.keys().join("certificate-key.pem")
    }

    /// Where a running centre is, and the token by which the command line speaks with it.
    pub fn running(&self) -> PathBuf {
        self.path.join("running.json")
    }

    /// Where everything stands as of one moment while a backup is made of it.
    pub fn snapshot(&self) -> PathBuf {
        self.path.join("snapshot")
    }

    /// Is there when the snapshot is complete; no part of a backup.
    pub fn snapshot_complete(&self) -> PathBuf {
        self.snapshot().join("complete")
    }

    /// Marks the data as a demonstration, once and for all: what is shown of it says so.
    pub fn mark_as_demo(&self) -> Result<(), FolderError> {
        let path = self.demo_mark();
        fs::write(&path, "").map_err(|source| FolderError::Io { path, source })
    }

    /// Whether the data is a demonstration.
    pub fn is_demo(&self) -> bool {
        self.demo_mark().exists()
    }

    /// Is there if the data is a demonstration.
    pub(crate) fn demo_mark(&self) -> PathBuf {
        self.path.join("DEMO")
    }

    /// Held by whoever makes a backup, so that there is one at a time.
    pub fn hold_backup(&self) -> Result<File, FolderError> {
        let place = self.path.join(BACKUP_LOCK);
        let lock = File::create(&place);
        let lock = lock.map_err(|source| FolderError::Io { path: place, source })?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(_) => Err(FolderError::BackingUp(self.path.display().to_string())),
        }
    }

    /// Removes what a backup that was broken off has left.
    pub fn remove_snapshot(&self) -> Result<(), FolderError> {
        crate::backup::remove(self)
    }

    /// Writes a file of the folder that nobody else may read, whole or not at all.
    pub fn write_secret(&self, path: &Path, text: &str) -> Result<(), FolderError> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        let failed = |source| FolderError::Io { path: path.to_owned(), source };
        let new = path.with_extension("new");
        let options =
            File::options().write(true).create(true).truncate(true).mode(0o600).to_owned();
        let mut file = options.open(&new).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&new, path).map_err(failed)
    }

    /// Free bytes of the disk, as far as the system tells.
    pub fn free_bytes(&self) -> Option<u64> {
        let told = rustix::fs::statvfs(&self.path).ok()?;
        Some(told.f_bavail * told.f_frsize)
    }
}

/// Nobody else may look in.
fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_once_found_and_held_by_one() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        assert!(matches!(DataFolder::find(&path), Err(FolderError::Missing(_))));
        DataFolder::create(&path).unwrap();
        assert!(matches!(DataFolder::create(&path), Err(FolderError::Exists(_))));
        let held = DataFolder::hold(&path).unwrap();
        assert!(held.is_held() && !DataFolder::find(&path).unwrap().is_held());
        assert!(matches!(DataFolder::hold(&path), Err(FolderError::Locked(_))));
        drop(held);
        DataFolder::hold(&path).unwrap();
        assert!(held_bytes(&path) > 0);
    }

    #[test]
    fn a_demonstration_stays_one() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::create(place.path()).unwrap();
        assert!(!folder.is_demo());
        folder.mark_as_demo().unwrap();
        assert!(DataFolder::find(place.path()).unwrap().is_demo());
    }

    fn held_bytes(path: &Path) -> u64 {
        DataFolder::find(path).unwrap().free_bytes().unwrap()
    }
}
