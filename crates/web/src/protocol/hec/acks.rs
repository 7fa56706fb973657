//! Acknowledgements of the collector: which batches of a channel a client may still ask about.
//!
//! A batch is answered when it is safe, so every number that a client has seen is of a safe batch.
//! Numbers are those of batches and never come twice, not even after a restart; a number from
//! before the start of this process is answered as safe too. What this remembers is which batches
//! have not been asked about: a client that sends one of them again, because its answer was lost,
//! means the same batch. Once it has been told, the same bytes mean something new.
//!
//! Nothing here knows time or disk. Memory is bounded: the oldest channels and batches are
//! forgotten, and a forgotten batch that is sent again counts again.

use std::collections::{BTreeMap, HashMap, VecDeque};

/// Channels that are remembered.
pub const MAX_CHANNELS: usize = 4096;
/// Batches of a channel that are remembered.
pub const MAX_BATCHES: usize = 1024;

/// The hash of a batch's bytes.
pub type BatchHash = [u8; 32];

/// What a batch means that a client sends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Something new, under a number that no batch of this process had before.
    New(u64),
    /// A batch that is being kept, under the number it was given.
    Same(u64),
    /// A batch that is safe, with the number that it is asked about by.
    Safe(u64),
}

/// The channels.
#[derive(Debug, Default)]
pub struct Acks {
    channels: HashMap<String, Channel>,
    /// Channels in the order in which they were first used.
    order: VecDeque<String>,
    next: u64,
}

#[derive(Debug, Default)]
struct Channel {
    batches: HashMap<BatchHash, Pending>,
    order: VecDeque<(BatchHash, u64)>,
    /// Which batch a client asks about by a number.
    by_ack: BTreeMap<u64, BatchHash>,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    number: u64,
    ack: Option<u64>,
}

impl Acks {
    /// What a batch that comes in on a channel means. The same until [`Acks::safe`] and then until
    /// the client has been told.
    pub fn begin(&mut self, channel: &str, hash: BatchHash) -> Meaning {
        self.next += 1;
        let next = self.next;
        let known = self.channel(channel);
        if let Some(pending) = known.batches.get(&hash) {
            return pending.ack.map_or(Meaning::Same(pending.number), Meaning::Safe);
        }
        known.batches.insert(hash, Pending { number: next, ack: None });
        known.order.push_back((hash, next));
        if known.order.len() > MAX_BATCHES {
            known.forget_oldest();
        }
        Meaning::New(next)
    }

    /// Says that a batch is safe and that the client asks about it by `ack`.
    pub fn safe(&mut self, channel: &str, hash: BatchHash, ack: u64) {
        if let Some(known) = self.channels.get_mut(channel)
            && let Some(pending) = known.batches.get_mut(&hash)
        {
            pending.ack = Some(ack);
            known.by_ack.insert(ack, hash);
        }
    }

    /// Says that a batch was not kept: if it comes again, it is new.
    pub fn failed(&mut self, channel: &str, hash: BatchHash) {
        if let Some(known) = self.channels.get_mut(channel)
            && known.batches.get(&hash).is_some_and(|pending| pending.ack.is_none())
        {
            known.batches.remove(&hash);
            known.order.retain(|(kept, _)| *kept != hash);
        }
    }

    /// Whether the batch of a number is safe; `last` is the newest number that is. A batch that is
    /// told to be safe is no longer remembered.
    pub fn told(&mut self, channel: &str, ack: u64, last: u64) -> bool {
        if let Some(known) = self.channels.get_mut(channel)
            && let Some(hash) = known.by_ack.remove(&ack)
        {
            known.batches.remove(&hash);
            known.order.retain(|(kept, _)| *kept != hash);
        }
        ack <= last
    }

    fn channel(&mut self, name: &str) -> &mut Channel {
        if !self.channels.contains_key(name) {
            if self.order.len() >= MAX_CHANNELS
                && let Some(oldest) = self.order.pop_front()
            {
                self.channels.remove(&oldest);
            }
            self.order.push_back(name.to_owned());
        }
        self.channels.entry(name.to_owned()).or_default()
    }
}

impl Channel {
    fn forget_oldest(&mut self) {
        if let Some((hash, _)) = self.order.pop_front()
            && let Some(Pending { ack: Some(ack), .. }) = self.batches.remove(&hash)
        {
            self.by_ack.remove(&ack);
        }
    }
}

/// Whether a text may be the name of a channel: an id of letters, digits and dashes.
pub fn is_channel(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: BatchHash = [1; 32];
    const B: BatchHash = [2; 32];

    #[test]
    fn a_batch_is_the_same_until_its_client_has_been_told() {
        let mut acks = Acks::default();
        assert_eq!(acks.begin("c", A), Meaning::New(1));
        assert_eq!(acks.begin("c", A), Meaning::Same(1));
        acks.safe("c", A, 40);
        assert_eq!(acks.begin("c", A), Meaning::Safe(40));
        assert!(matches!(acks.begin("d", A), Meaning::New(_)), "another channel is another client");
        assert!(acks.told("c", 40, 40));
        assert!(matches!(acks.begin("c", A), Meaning::New(_)));
    }

    #[test]
    fn a_batch_that_was_not_kept_is_new_again() {
        let mut acks = Acks::default();
        assert_eq!(acks.begin("c", A), Meaning::New(1));
        acks.failed("c", A);
        assert_eq!(acks.begin("c", A), Meaning::New(2));
        acks.safe("c", A, 7);
        acks.failed("c", A);
        assert_eq!(acks.begin("c", A), Meaning::Safe(7));
    }

    #[test]
    fn numbers_of_an_earlier_run_are_safe_and_later_ones_are_not() {
        let mut acks = Acks::default();
        assert!(acks.told("c", 12, 12));
        assert!(!acks.told("c", 13, 12));
    }

    #[test]
    fn memory_stays_bounded() {
        let mut acks = Acks::default();
        for number in 0..MAX_BATCHES as u64 + 10 {
            let mut hash = B;
            hash[..8].copy_from_slice(&number.to_le_bytes());
            acks.begin("c", hash);
            acks.safe("c", hash, number);
        }
        let channel = &acks.channels["c"];
        assert_eq!(channel.batches.len(), MAX_BATCHES);
        assert_eq!(channel.by_ack.len(), MAX_BATCHES);
        for number in 0..MAX_CHANNELS + 10 {
            acks.begin(&format!("channel-{number}"), A);
        }
        assert_eq!((acks.channels.len(), acks.order.len()), (MAX_CHANNELS, MAX_CHANNELS));
    }

    #[test]
    fn names_of_channels_are_ids() {
        assert!(is_channel("0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba"));
        assert!(!is_channel(""));
        assert!(!is_channel("a b"));
        assert!(!is_channel(&"a".repeat(65)));
    }
}
