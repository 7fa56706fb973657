//! What a backup needs of the running centre: a snapshot of everything, and its end.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use khien_domain::audit::Outcome;
use khien_domain::permission::Permission;

use super::UseError;
use crate::access::{Caller, Deed};
use crate::app::App;
use crate::backup::{SnapshotError, of_running};

/// Whoever asks for a snapshot is answered after this at the latest.
const PATIENCE: Duration = Duration::from_mins(1);

/// Makes a snapshot in the data folder, in place of one that is there. Answers where it is. A large
/// one goes on after whoever asked was told that it takes long; then
/// [`snapshot_complete`](crate::folder::DataFolder::snapshot_complete) tells its end.
pub async fn take_snapshot(app: &Arc<App>, caller: &Caller) -> Result<PathBuf, UseError> {
    let deed = Deed::new("backup.snapshot", "", None);
    app.require(caller, Permission::Operate, &deed).await?;
    if app.config.database.is_some() {
        let message = "the records are in PostgreSQL, which a snapshot does not take along";
        return Err(UseError::Conflict(message.to_owned()));
    }
    let one = Arc::clone(&app.snapshot).try_lock_owned();
    let one = one.map_err(|_| UseError::Busy { seconds: 10 })?;
    let (app, caller) = (Arc::clone(app), caller.clone());
    let making = tokio::spawn(async move {
        let made = of_running(&app).await;
        drop(one);
        let (deed, outcome) = match &made {
            Ok(()) => (deed, Outcome::Done),
            Err(error) => (deed.with(error.to_string()), Outcome::Failed),
        };
        app.audit(&app.entry(&caller, &deed, outcome)).await?;
        made.map(|()| app.folder.snapshot()).map_err(UseError::from)
    });
    match tokio::time::timeout(PATIENCE, making).await {
        Ok(made) => made.unwrap_or(Err(UseError::Fault("making a snapshot ended early"))),
        Err(_) => Err(UseError::Busy { seconds: 10 }),
    }
}

/// Removes the snapshot, if there is one.
pub async fn end_snapshot(app: &Arc<App>, caller: &Caller) -> Result<(), UseError> {
    let deed = Deed::new("backup.end", "", None);
    app.require(caller, Permission::Operate, &deed).await?;
    app.folder.remove_snapshot().map_err(SnapshotError::from)?;
    app.audit(&app.entry(caller, &deed, Outcome::Done)).await
}

impl From<SnapshotError> for UseError {
    fn from(error: SnapshotError) -> Self {
        match error {
            SnapshotError::NoRoom { .. } => Self::Conflict(error.to_string()),
            SnapshotError::Store(error) => Self::Store(error),
            SnapshotError::Lake(error) => Self::Lake(error),
            other => {
                tracing::error!(error = &other as &dyn std::error::Error, "no snapshot was made");
                Self::Fault("no snapshot was made; the log tells more")
            }
        }
    }
}
