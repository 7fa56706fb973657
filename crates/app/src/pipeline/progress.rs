//! Which batches are where, so that the journal forgets a batch neither too early nor never.
//!
//! A batch is done when its rows are in files of the lake and its alerts are in the store. Both
//! happen in their own time and in any order.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use khien_lake::Numbers;

/// What is known of the batches that workers have taken.
#[derive(Default)]
pub(crate) struct Progress(Mutex<Places>);

#[derive(Default)]
struct Places {
    /// In the lake's memory.
    appended: BTreeSet<u64>,
    /// In files, and not judged yet.
    stored: BTreeSet<u64>,
    /// Judged, and not in files yet.
    judged: BTreeSet<u64>,
}

impl Progress {
    /// The rows of a batch are in the lake's memory.
    pub(crate) fn appended(&self, number: u64) {
        self.lock().appended.insert(number);
    }

    /// The batches are judged. Answers those that are done with it.
    pub(crate) fn judged(&self, numbers: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let mut places = self.lock();
        let mut done = Vec::new();
        for number in numbers {
            if places.stored.remove(&number) {
                done.push(number);
            } else {
                places.judged.insert(number);
            }
        }
        done
    }

    /// The rows of a batch are in files. Answers whether it is done with it.
    pub(crate) fn stored(&self, number: u64) -> bool {
        let mut places = self.lock();
        let done = places.judged.remove(&number);
        if !done {
            places.stored.insert(number);
        }
        done
    }

    /// The lake has written files. Answers the batches that are done with it.
    pub(crate) fn flushed(&self, covered: &Numbers) -> Vec<u64> {
        let mut places = self.lock();
        let (stored, waiting) = std::mem::take(&mut places.appended)
            .into_iter()
            .partition::<BTreeSet<_>, _>(|number| covered.contains(*number));
        places.appended = waiting;
        drop(places);
        stored.into_iter().filter(|number| self.stored(*number)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_done_when_it_is_stored_and_judged_in_either_order() {
        let progress = Progress::default();
        for number in 1..=3 {
            progress.appended(number);
        }
        assert!(progress.judged([1]).is_empty());
        let mut covered = Numbers::default();
        covered.insert(1);
        covered.insert(2);
        assert_eq!(progress.flushed(&covered), [1]);
        assert_eq!(progress.judged([2, 3]), [2]);
        covered.insert(3);
        assert_eq!(progress.flushed(&covered), [3]);
        assert!(progress.flushed(&covered).is_empty());
    }

    #[test]
    fn a_batch_that_was_stored_before_the_start_waits_only_for_its_alerts() {
        let progress = Progress::default();
        assert!(!progress.stored(7));
        assert_eq!(progress.judged([7]), [7]);
    }
}
