//! What is counted while the centre runs, for `/metrics`, the status page and `khien doctor`.
//!
//! Counters only grow and begin at zero with the process.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Addresses of refused senders that are told apart; those beyond count together.
const MAX_REFUSED: usize = 4096;

/// The counters.
#[derive(Default)]
pub struct Figures {
    batches: AtomicU64,
    bytes: AtomicU64,
    events: AtomicU64,
    unreadable: AtomicU64,
    matches: AtomicU64,
    alerts: AtomicU64,
    busy: AtomicU64,
    not_kept: AtomicU64,
    repeated: AtomicU64,
    hunted: AtomicU64,
    hunt_hits: AtomicU64,
    refused: Mutex<BTreeMap<Refusal, u64>>,
}

/// A refused sender: address (none for those beyond the bound), listener, reason.
pub(crate) type Refusal = (Option<IpAddr>, &'static str, &'static str);

/// The counters at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Batches that were taken in.
    pub batches: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Events that were read and judged.
    pub events: u64,
    /// Records that could not be read.
    pub unreadable: u64,
    /// Matches of rules.
    pub matches: u64,
    /// Alerts that were raised or grew.
    pub alerts: u64,
    /// Batches that were sent away because too much was under way.
    pub busy: u64,
    /// Batches that the disk did not take.
    pub not_kept: u64,
    /// Batches that clients repeated.
    pub repeated: u64,
    /// Events that hunts have looked at.
    pub hunted: u64,
    /// Hits of hunts.
    pub hunt_hits: u64,
}

impl Figures {
    /// A batch was taken in.
    pub(crate) fn received(&self, bytes: u64) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A batch was sent away.
    pub(crate) fn was_busy(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    /// The disk did not take a batch.
    pub(crate) fn was_not_kept(&self) {
        self.not_kept.fetch_add(1, Ordering::Relaxed);
    }

    /// A batch came again.
    pub(crate) fn was_repeated(&self) {
        self.repeated.fetch_add(1, Ordering::Relaxed);
    }

    /// A batch was judged.
    pub(crate) fn judged(&self, events: u64, unreadable: u64, matches: u64) {
        self.events.fetch_add(events, Ordering::Relaxed);
        self.unreadable.fetch_add(unreadable, Ordering::Relaxed);
        self.matches.fetch_add(matches, Ordering::Relaxed);
    }

    /// Alerts were raised or grew.
    pub(crate) fn raised(&self, alerts: u64) {
        self.alerts.fetch_add(alerts, Ordering::Relaxed);
    }

    /// Hunts have looked at events and found hits.
    pub(crate) fn hunted(&self, events: u64, hits: u64) {
        self.hunted.fetch_add(events, Ordering::Relaxed);
        self.hunt_hits.fetch_add(hits, Ordering::Relaxed);
    }

    /// Somebody who is nobody's source was sent away: by which listener (`http`, `syslog-udp`) and
    /// why (`unknown_address`).
    pub fn refused(&self, address: IpAddr, listener: &'static str, reason: &'static str) {
        self.refused_times(address, listener, reason, 1);
    }

    /// The same, several times.
    pub fn refused_times(
        &self,
        address: IpAddr,
        listener: &'static str,
        reason: &'static str,
        times: u64,
    ) {
        if times == 0 {
            return;
        }
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (Some(address), listener, reason);
        let key = if refused.len() < MAX_REFUSED || refused.contains_key(&key) {
            key
        } else {
            (None, listener, reason)
        };
        *refused.entry(key).or_default() += times;
    }

    /// Takes what was refused since the last call.
    pub(crate) fn take_refused(&self) -> BTreeMap<Refusal, u64> {
        std::mem::take(&mut *self.refused.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives back what was taken and could not be noted.
    pub(crate) fn give_back(&self, taken: BTreeMap<Refusal, u64>) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        for (refusal, times) in taken {
            *refused.entry(refusal).or_default() += times;
        }
    }

    /// All counters.
    pub fn counted(&self) -> Counted {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counted {
            batches: read(&self.batches),
            bytes: read(&self.bytes),
            events: read(&self.events),
            unreadable: read(&self.unreadable),
            matches: read(&self.matches),
            alerts: read(&self.alerts),
            busy: read(&self.busy),
            not_kept: read(&self.not_kept),
            repeated: read(&self.repeated),
            hunted: read(&self.hunted),
            hunt_hits: read(&self.hunt_hits),
        }
    }
}
