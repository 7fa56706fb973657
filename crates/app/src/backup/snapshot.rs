//! A folder in which everything of a centre stands as of one moment.
//!
//! A batch is in the journal until its rows are in the lake and what was found in it is in the
//! store; after a start, rows and finds that are there already are not added again. So the copy
//! loses and doubles nothing if every batch that the copies of lake or store lack is in the copy of
//! the journal: while a centre runs, the journal is made to keep its files ([`journal::Hold`]), then the lake
//! is copied, then the store, and the journal last. Whatever left the journal before the beginning
//! is in both others; whatever came or was worked off meanwhile is in the journal's copy. Files that
//! are not written any more are linked, so that a snapshot costs the space of the records alone.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use khien_lake::{Lake, LakeError, Options};
use khien_store::{Database, Store, StoreError};

use crate::app::App;
use crate::folder::{DataFolder, FolderError};
use crate::journal::{self, JournalError};

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Too little disk is free for a copy of the records.
    #[error(
        "the copy of the records needs {needed} bytes beside the data and {free} are free; \
         make room, or see what uses it with khien doctor"
    )]
    NoRoom {
        /// Bytes of the records.
        needed: u64,
        /// Free bytes.
        free: u64,
    },
    /// The system refuses.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The records cannot be copied.
    #[error("the records cannot be copied")]
    Store(#[from] StoreError),
    /// The events cannot be copied.
    #[error("the events cannot be copied")]
    Lake(#[from] LakeError),
    /// The journal cannot be copied.
    #[error("the journal cannot be copied")]
    Journal(#[from] JournalError),
    /// A thread ended early.
    #[error("the program failed while it copied")]
    Fault,
}

/// Makes the snapshot of a folder on which no centre runs: the folder must be held.
pub async fn of_stopped(folder: &DataFolder) -> Result<(), SnapshotError> {
    begin(folder)?;
    let made = async {
        let lake = Lake::open(&folder.lake(), Options::default())?;
        lake.copy_to(&folder.snapshot().join("lake"))?;
        let store = Store::open(&Database::Sqlite(folder.database())).await?;
        let copied = store.backup(&folder.snapshot().join("khien.db")).await;
        store.close().await;
        copied?;
        journal::copy_stopped(&folder.journal(), &folder.snapshot().join("journal"))?;
        finish(folder)
    };
    given_up_on_error(folder, made.await)
}

/// Makes the snapshot of the centre that runs in this process.
pub(crate) async fn of_running(app: &Arc<App>) -> Result<(), SnapshotError> {
    begin(&app.folder)?;
    let made = async {
        let hold = app.hold_journal();
        let lake =
            blocking(app, |app| Ok(app.lake().copy_to(&app.folder.snapshot().join("lake"))?));
        lake.await?;
        app.store.backup(&app.folder.snapshot().join("khien.db")).await?;
        blocking(app, move |app| {
            hold.copy_to(&app.folder.snapshot().join("journal"))?;
            finish(&app.folder)
        })
        .await
    };
    given_up_on_error(&app.folder, made.await)
}

/// Removes a snapshot, if there is one.
pub(crate) fn remove(folder: &DataFolder) -> Result<(), FolderError> {
    let path = folder.snapshot();
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(FolderError::Io { path, source: error })
        }
        _ => Ok(()),
    }
}

async fn blocking<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&App) -> Result<T, SnapshotError> + Send + 'static,
) -> Result<T, SnapshotError> {
    let app = Arc::clone(app);
    let worked = tokio::task::spawn_blocking(move || work(&app)).await;
    worked.unwrap_or(Err(SnapshotError::Fault))
}

fn begin(folder: &DataFolder) -> Result<(), SnapshotError> {
    remove(folder)?;
    let needed = bytes_of(&folder.database()) + bytes_of(&folder.path().join("khien.db-wal"));
    if let Some(free) = folder.free_bytes().filter(|free| *free < needed) {
        return Err(SnapshotError::NoRoom { needed, free });
    }
    Ok(DataFolder::make_private(&folder.snapshot())?)
}

fn bytes_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

/// Copies keys, settings and imported rules, which are small and change seldom, and says that all is
/// there.
fn finish(folder: &DataFolder) -> Result<(), SnapshotError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError::Io { path, source }
    };
    let snapshot = folder.snapshot();
    let keys = snapshot.join("keys");
    DataFolder::make_private(&keys)?;
    for entry in fs::read_dir(folder.keys()).map_err(failed(&folder.keys()))? {
        let from = entry.map_err(failed(&folder.keys()))?.path();
        if let Some(name) = from.file_name().filter(|_| from.is_file()) {
            fs::copy(&from, keys.join(name)).map_err(failed(&from))?;
        }
    }
    if let Some(settings) = folder.settings() {
        fs::copy(&settings, snapshot.join("khien.toml")).map_err(failed(&settings))?;
    }
    if folder.is_demo() {
        // What is restored must not be taken for real.
        let mark = folder.demo_mark();
        fs::copy(&mark, snapshot.join("DEMO")).map_err(failed(&mark))?;
    }
    copy_rules(&folder.rules(), &snapshot.join("rules"))?;
    let complete = folder.snapshot_complete();
    File::create(&complete).map_err(failed(&complete))?;
    let synced = File::open(&snapshot).and_then(|folder| folder.sync_all());
    Ok(synced.map_err(failed(&snapshot))?)
}

/// Copies imported rules with the folders that they are in; there need not be any.
fn copy_rules(from: &Path, to: &Path) -> Result<(), FolderError> {
    let failed = |source| FolderError::Io { path: from.to_owned(), source };
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    DataFolder::make_private(to)?;
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        // What begins with a full stop is a set that is being written.
        if kind.is_dir() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
            copy_rules(&entry.path(), &to.join(entry.file_name()))?;
        } else if kind.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).map_err(failed)?;
        }
    }
    Ok(())
}

fn given_up_on_error(
    folder: &DataFolder,
    made: Result<(), SnapshotError>,
) -> Result<(), SnapshotError> {
    if made.is_err() {
        // What cannot be removed now is removed by the next snapshot.
        let _ = remove(folder);
    }
    made
}
