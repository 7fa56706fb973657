//! Backups: everything of a centre in one encrypted file, and a data folder made of it again.
//!
//! A backup is made in two steps. First a *snapshot*: a folder beside the data in which everything
//! stands as of one moment ([`of_stopped`], or the running centre's own use case). Then the
//! *archive* of that folder ([`write()`]): a tar in Zstandard in
//! [age](https://age-encryption.org/v1), with a manifest of SHA-256 sums as its last entry, so that
//! `age -d FILE | zstd -d | tar x` opens it without this program. [`check`] reads an archive
//! through; [`restore()`] makes a data folder of it and looks whether it is whole.
//!
//! Why a snapshot loses and doubles nothing is told in `snapshot.rs`.
//!
//! Nothing here decides who may make a backup: that is for the use case.

mod archive;
mod restore;
mod secret;
mod snapshot;

pub use archive::{Contents, Wrote, check, write};
pub use restore::{Restored, restore};
pub use secret::{KeyFileError, Lock, MIN_PASSPHRASE, Secret, new_key};
pub use snapshot::{SnapshotError, of_stopped};
pub(crate) use snapshot::{of_running, remove};

use std::path::PathBuf;

use crate::journal::JournalError;

/// Why a backup was not written, or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or folder on this side refuses.
    #[error("cannot {doing} {path}")]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// What would be written is there already.
    #[error("{0} is there already; nothing was changed")]
    Exists(PathBuf),
    /// The file is no backup.
    #[error("{0} is no backup of Khiên: it is not encrypted by age")]
    NotOurs(PathBuf),
    /// The passphrase or the key does not open it.
    #[error("{path} does not open: {reason}")]
    Locked {
        /// The backup.
        path: PathBuf,
        /// Why, and what would.
        reason: &'static str,
    },
    /// The file is not what was written.
    #[error("{path} is damaged or was cut short: {reason}")]
    Damaged {
        /// The backup.
        path: PathBuf,
        /// What does not hold.
        reason: String,
    },
    /// A newer program wrote it.
    #[error("{path} was written by a newer program: {reason}")]
    Newer {
        /// The backup.
        path: PathBuf,
        /// What is newer.
        reason: String,
    },
    /// What it holds cannot be opened as records.
    #[error("the records in the backup cannot be used")]
    Store(#[from] khien_store::StoreError),
    /// What it holds cannot be opened as events.
    #[error("the events in the backup cannot be used")]
    Lake(#[from] khien_lake::LakeError),
    /// What it holds cannot be opened as a journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A data folder cannot be made.
    #[error(transparent)]
    Folder(#[from] crate::folder::FolderError),
}

impl BackupError {
    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}
