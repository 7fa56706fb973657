//! Batches that are on disk and wait to be worked on, fairly by source.
//!
//! Every source has a line of its own; the lines take turns, and a turn ends when a source has had
//! its share of bytes. So a source that floods waits behind itself and nobody else.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::{SourceKey, Waiting};

/// What a source may hand out before it is the next one's turn, in bytes of payload.
const TURN_BYTES: u64 = 256 << 10;

/// The lines of all sources.
#[derive(Default)]
pub(super) struct Queue {
    lines: FxHashMap<SourceKey, Line>,
    turns: VecDeque<SourceKey>,
    bytes: u64,
    /// Bytes whose payload is in memory.
    in_memory: u64,
}

#[derive(Default)]
struct Line {
    waiting: VecDeque<Waiting>,
    bytes: u64,
    /// What is left of the turn.
    share: u64,
}

impl Queue {
    /// Bytes of payload that wait, over all sources.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes of payload that wait for one source.
    pub(super) fn bytes_of(&self, source: SourceKey) -> u64 {
        self.lines.get(&source).map_or(0, |line| line.bytes)
    }

    /// Bytes of payload that are held in memory.
    pub(super) fn in_memory(&self) -> u64 {
        self.in_memory
    }

    pub(super) fn push(&mut self, waiting: Waiting) {
        let source = waiting.source;
        let bytes = u64::from(waiting.raw_length);
        self.bytes += bytes;
        self.in_memory += waiting.payload.as_ref().map_or(0, |payload| payload.len() as u64);
        let line = self.lines.entry(source).or_default();
        if line.waiting.is_empty() {
            line.share = TURN_BYTES;
            self.turns.push_back(source);
        }
        line.bytes += bytes;
        line.waiting.push_back(waiting);
    }

    pub(super) fn pop(&mut self) -> Option<Waiting> {
        let source = self.turns.front().copied()?;
        let line = self.lines.get_mut(&source)?;
        let waiting = line.waiting.pop_front()?;
        let bytes = u64::from(waiting.raw_length);
        line.bytes -= bytes;
        self.bytes -= bytes;
        self.in_memory -= waiting.payload.as_ref().map_or(0, |payload| payload.len() as u64);
        line.share = line.share.saturating_sub(bytes);
        if line.waiting.is_empty() {
            self.turns.pop_front();
            self.lines.remove(&source);
        } else if line.share == 0 {
            line.share = TURN_BYTES;
            self.turns.rotate_left(1);
        }
        Some(waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(source: i64, number: u64, length: u32) -> Waiting {
        Waiting {
            number,
            source: SourceKey(source),
            segment: 1,
            offset: 0,
            length: 0,
            raw_length: length,
            payload: None,
        }
    }

    #[test]
    fn a_flood_waits_behind_itself() {
        let mut queue = Queue::default();
        for number in 0..1000 {
            queue.push(waiting(1, number, 100_000));
        }
        queue.push(waiting(2, 1000, 1000));
        queue.push(waiting(3, 1001, 1000));
        let first: Vec<i64> = (0..6).map(|_| queue.pop().unwrap().source.0).collect();
        assert!(first.contains(&2) && first.contains(&3), "{first:?}");
    }

    #[test]
    fn every_batch_comes_out_once_and_in_the_order_of_its_source() {
        let mut queue = Queue::default();
        for number in 0..300 {
            queue.push(waiting((number % 3) as i64, number, 50_000));
        }
        assert_eq!(queue.bytes(), 300 * 50_000);
        let mut last = [None; 3];
        let mut count = 0;
        while let Some(next) = queue.pop() {
            let place = &mut last[next.source.0 as usize];
            assert!(place.is_none_or(|before| before < next.number));
            *place = Some(next.number);
            count += 1;
        }
        assert_eq!((count, queue.bytes(), queue.in_memory()), (300, 0, 0));
    }
}
