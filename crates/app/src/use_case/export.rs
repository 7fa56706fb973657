//! Exporting events: a file in the making, handed out as it is written.
//!
//! In comes what is wanted, in which form and how much at most; out come pieces of the file. An
//! export is in the audit log before its first piece leaves, and once more with what came of it. It
//! ends when nobody takes its pieces any more.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use khien_domain::audit::Outcome;
use khien_domain::permission::Permission;
use khien_lake::{Cancel, Export, ExportForm, LakeError, Shown};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::UseError;
use super::search::{Wanted, check_shown, prepare};
use crate::access::{Caller, Deed};
use crate::app::App;

/// The most events of an export.
pub const MAX_EXPORT: u64 = 100_000_000;
/// Bytes of a piece.
const PIECE: usize = 64 << 10;
/// Pieces that wait for the client.
const WAITING: usize = 4;
/// How long a client may leave its pieces.
const PAUSE: Duration = Duration::from_mins(1);

/// Pieces of a file. An error means that the file is not complete.
pub type Pieces = mpsc::Receiver<Result<Vec<u8>, UseError>>;

/// Exports at most `limit` events that match, oldest first.
pub async fn export(
    app: &Arc<App>,
    caller: &Caller,
    wanted: &Wanted,
    shown: Vec<Shown>,
    form: ExportForm,
    limit: u64,
) -> Result<Pieces, UseError> {
    if !(1..=MAX_EXPORT).contains(&limit) {
        return Err(UseError::Invalid(format!("1 to {MAX_EXPORT} events can be exported")));
    }
    if shown.is_empty() {
        return Err(UseError::Invalid("an export needs a field to write".to_owned()));
    }
    check_shown(&shown)?;
    let action = "events.export";
    let permission = Permission::EventsExport;
    let (request, deed) = prepare(app, caller, permission, wanted, action).await?;
    let place = app.places.stream()?;
    let begun = Deed { detail: format!("{}: begun, {form:?}", deed.detail), ..deed.clone() };
    app.audit(&app.entry(caller, &begun, Outcome::Done)).await?;
    let (sender, pieces) = mpsc::channel(WAITING);
    let (app, caller) = (Arc::clone(app), caller.clone());
    tokio::spawn(async move {
        let written = Arc::new(AtomicU64::new(0));
        let (lake, rows) = (Arc::clone(&app), Arc::clone(&written));
        let out = sender.clone();
        let export = Export { request, shown, form, limit };
        let task = tokio::task::spawn_blocking(move || {
            let written = write(&lake, &export, out, &rows);
            drop(place);
            written
        });
        let result = task.await.map_err(|_| UseError::Fault("an export ended early"));
        let result = result.and_then(|written| Ok(written?));
        let rows = written.load(Ordering::Relaxed);
        let (came, outcome) = match &result {
            Ok(true) => (format!("{rows} events, all"), Outcome::Done),
            Ok(false) => (format!("{rows} events, cut at the limit"), Outcome::Done),
            Err(error) => (format!("{rows} events, then: {error}"), Outcome::Failed),
        };
        let deed = Deed { detail: format!("{}: {came}", deed.detail), ..deed };
        if let Err(error) = app.audit(&app.entry(&caller, &deed, outcome)).await {
            tracing::error!(%error, "the end of an export is not in the audit log");
        }
        if let Err(error) = result {
            // Whoever has gone away does not hear it.
            let _ = sender.send(Err(error)).await;
        }
    });
    Ok(pieces)
}

/// Writes the file; answers whether it holds all that match.
fn write(
    app: &App,
    export: &Export,
    pieces: mpsc::Sender<Result<Vec<u8>, UseError>>,
    written: &AtomicU64,
) -> Result<bool, LakeError> {
    let mut out = BufWriter::with_capacity(PIECE, Out { pieces, runtime: Handle::current() });
    let mut progress = |rows| written.store(rows, Ordering::Relaxed);
    let cancel = Cancel::new();
    let done = app.lake().export(export, &mut out, &mut progress, &cancel)?;
    out.flush().map_err(LakeError::Output)?;
    Ok(done.found.complete && done.damage.is_empty())
}

/// Where the lake writes: to whoever takes the pieces.
struct Out {
    pieces: mpsc::Sender<Result<Vec<u8>, UseError>>,
    runtime: Handle,
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let handed = timeout(PAUSE, self.pieces.send(Ok(bytes.to_vec())));
        match self.runtime.block_on(handed) {
            Ok(Ok(())) => Ok(bytes.len()),
            Ok(Err(_)) => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the client went away")),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
