//! Writes the lake's rows into files: when their memory is full, and every few minutes.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use khien_lake::Lake;

use super::progress::Progress;
use crate::journal::Journal;

/// Rows wait no longer than this for their file. Until then the journal has them, and a start
/// after a crash reads that much again.
const LONGEST: Duration = Duration::from_mins(2);
/// When the disk refuses, it is tried again after this.
const AGAIN: Duration = Duration::from_secs(5);

/// Flushes until the channel closes. Anything sent asks for a flush now.
pub(crate) fn run(lake: &Lake, journal: &Journal, progress: &Progress, asked: &Receiver<()>) {
    let mut wait = LONGEST;
    loop {
        let is_last = matches!(asked.recv_timeout(wait), Err(RecvTimeoutError::Disconnected));
        // Several workers may have asked for the same flush.
        while asked.try_recv().is_ok() {}
        wait = LONGEST;
        match lake.flush() {
            Ok(()) => journal.finish(progress.flushed(&lake.covered())),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "events stay in memory");
                wait = AGAIN;
            }
        }
        if is_last {
            return;
        }
    }
}
