//! When the disk does not take what is sent: told once, counted, and told again when it does.
//!
//! A full disk refuses every batch of every client; a line of the log for each would fill what is
//! left of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// While it lasts it is told this often.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// What was refused longer ago than this says nothing about now.
const RECENT: SignedDuration = SignedDuration::from_secs(30);

/// Whether the disk takes what is sent.
#[derive(Default)]
pub(crate) struct Trouble {
    is_there: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    refused: u64,
    told_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
}

impl Trouble {
    /// A batch was refused.
    pub(crate) fn refused(&self, reason: &str, now: Timestamp) {
        let mut state = self.lock();
        self.is_there.store(true, Ordering::Relaxed);
        state.refused += 1;
        state.last_at = Some(now);
        if state.told_at.is_none_or(|at| now.duration_since(at).abs() >= AGAIN) {
            state.told_at = Some(now);
            let refused = state.refused;
            tracing::error!(
                reason,
                refused,
                "the disk takes no more batches: clients are told to come again"
            );
        }
    }

    /// A batch was kept.
    pub(crate) fn kept(&self) {
        if self.is_there.swap(false, Ordering::Relaxed) {
            let State { refused, .. } = std::mem::take(&mut *self.lock());
            tracing::info!(refused, "the disk takes batches again");
        }
    }

    /// Whether the last batch was refused, moments ago.
    pub(crate) fn is_there(&self, now: Timestamp) -> bool {
        self.is_there.load(Ordering::Relaxed)
            && self.lock().last_at.is_some_and(|at| now.duration_since(at).abs() < RECENT)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    #[test]
    fn trouble_lasts_until_a_batch_is_kept_or_nobody_tries() {
        let now: Timestamp = "2026-10-15T01:00:00Z".parse().unwrap();
        let trouble = Trouble::default();
        assert!(!trouble.is_there(now));
        trouble.refused("full", now);
        assert!(trouble.is_there(now) && trouble.is_there(now + 29.seconds()));
        // A balancer that asks whether to send must not wait for ever for somebody who sends.
        assert!(!trouble.is_there(now + 31.seconds()));
        trouble.kept();
        assert!(!trouble.is_there(now));
    }
}
