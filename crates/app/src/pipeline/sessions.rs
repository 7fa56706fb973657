//! Files that are handed in together, and how far they have been worked off.
//!
//! Correlations over a session run when all of its batches have been judged. A batch may be judged
//! before its sender hears that it was kept, so both are counted apart.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sessions that are remembered; an older one that was never ended is forgotten.
const MOST: usize = 4096;

/// The open sessions.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<State>);

#[derive(Default)]
struct State {
    open: BTreeMap<String, Counts>,
    begun: u64,
    /// Batches that were found at the start and are not judged yet: any of them may belong to a
    /// session of the time before.
    recovered: usize,
}

#[derive(Default)]
struct Counts {
    begun: u64,
    kept: u64,
    judged: u64,
}

impl Sessions {
    /// So many batches were found at the start.
    pub(crate) fn recovered(&self, batches: usize) {
        self.lock().recovered = batches;
    }

    /// A batch that was found at the start is judged.
    pub(crate) fn recovered_judged(&self) {
        let mut state = self.lock();
        state.recovered = state.recovered.saturating_sub(1);
    }

    /// A batch of a session is on disk.
    pub(crate) fn kept(&self, session: &str) {
        self.lock().counts(session).kept += 1;
    }

    /// A batch of a session is judged.
    pub(crate) fn judged(&self, session: &str) {
        self.lock().counts(session).judged += 1;
    }

    /// Whether all batches of a session that are on disk are judged.
    pub(crate) fn is_judged(&self, session: &str) -> bool {
        let state = self.lock();
        let counts = state.open.get(session);
        state.recovered == 0 && counts.is_none_or(|counts| counts.judged >= counts.kept)
    }

    /// Forgets a session that is over.
    pub(crate) fn end(&self, session: &str) {
        self.lock().open.remove(session);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn counts(&mut self, session: &str) -> &mut Counts {
        if !self.open.contains_key(session) && self.open.len() >= MOST {
            let oldest = self.open.iter().min_by_key(|(_, counts)| counts.begun);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                self.open.remove(&oldest);
            }
        }
        self.begun += 1;
        let begun = self.begun;
        let counts = || Counts { begun, ..Counts::default() };
        self.open.entry(session.to_owned()).or_insert_with(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_judged_when_as_many_batches_are_judged_as_kept() {
        let sessions = Sessions::default();
        assert!(sessions.is_judged("never heard of"));
        sessions.judged("s");
        sessions.kept("s");
        sessions.kept("s");
        assert!(!sessions.is_judged("s"));
        sessions.judged("s");
        assert!(sessions.is_judged("s"));
        sessions.recovered(1);
        assert!(!sessions.is_judged("s"));
        sessions.recovered_judged();
        assert!(sessions.is_judged("s"));
    }

    #[test]
    fn the_oldest_session_is_forgotten_when_there_are_too_many() {
        let sessions = Sessions::default();
        for number in 0..=MOST {
            sessions.kept(&format!("{number:05}"));
        }
        assert!(sessions.is_judged("00000"));
        assert!(!sessions.is_judged("00001"));
    }
}
