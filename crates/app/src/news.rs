//! What changed, for those who watch: a number a topic that only grows.
//!
//! Whoever changes something says so after its transaction; whoever watches compares numbers. Nothing
//! is said about what changed, so that nobody learns here what they may not see.

use std::sync::atomic::{AtomicU64, Ordering};

/// What can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Alerts: raised, grown, worked on.
    Alerts,
    /// Incidents and the hand-over of shifts.
    Incidents,
    /// Sources: registered, heard, silent.
    Sources,
}

impl Topic {
    /// All topics.
    pub const ALL: [Self; 3] = [Self::Alerts, Self::Incidents, Self::Sources];

    /// The name that the console's modules know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::Incidents => "incidents",
            Self::Sources => "sources",
        }
    }
}

/// The numbers.
#[derive(Debug, Default)]
pub struct News([AtomicU64; 3]);

impl News {
    /// Says that something of a topic changed.
    pub fn tell(&self, topic: Topic) {
        if let Some(number) = self.0.get(topic as usize) {
            number.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The numbers of all topics.
    pub fn all(&self) -> [u64; 3] {
        [0, 1, 2].map(|at: usize| self.0[at].load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_seen_of_its_topic_alone() {
        let news = News::default();
        news.tell(Topic::Incidents);
        news.tell(Topic::Incidents);
        assert_eq!(news.all(), [0, 2, 0]);
        for (at, topic) in Topic::ALL.into_iter().enumerate() {
            assert_eq!(topic as usize, at);
        }
    }
}
