//! Events as they arrive.
//!
//! A tail hears of every append from the moment it begins. If nobody listens for long, the oldest are
//! dropped and counted, so that a slow listener neither holds up the lake nor fills the memory.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_buffer::BooleanBuffer;
use jiff::Timestamp;

use super::columns::Columns;
use super::filter::Filter;
use super::matching::matching;
use super::page::{Cursor, Event};
use super::units::Unit;
use super::value::Cells;
use super::{Cancel, Request, Shown};
use crate::error::LakeError;
use crate::lake::{Lake, lock};
use crate::schema::Column;

/// Memory of batches that wait for one listener, in bytes.
const WAITING_BYTES: usize = 32 << 20;

/// What waits for a listener.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    batches: VecDeque<RecordBatch>,
    bytes: usize,
    missed: u64,
    is_over: bool,
}

/// Who listens to what arrives.
#[derive(Debug, Default)]
pub(crate) struct Tails {
    queues: Vec<Weak<Queue>>,
    are_over: bool,
}

/// Listens to what arrives.
#[derive(Debug)]
pub struct Tail {
    queue: Arc<Queue>,
    filter: Filter,
    shown: Vec<Shown>,
}

/// What was heard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// Events that match, in the order of their arrival.
    pub events: Vec<Event>,
    /// Events, matching or not, that were dropped because nobody listened.
    pub missed: u64,
    /// Whether nothing more will be heard.
    pub is_over: bool,
}

impl Lake {
    /// Begins to listen for events that match.
    pub fn tail(&self, request: &Request, shown: &[Shown]) -> Tail {
        let queue = Arc::new(Queue::default());
        let mut tails = lock(&self.tails);
        lock(&queue.waiting).is_over = tails.are_over;
        tails.queues.push(Arc::downgrade(&queue));
        drop(tails);
        Tail { queue, filter: Filter::new(request), shown: shown.to_vec() }
    }

    /// Ends all tails, now and later: whoever waits hears so at once.
    pub fn end_tails(&self) {
        let mut tails = lock(&self.tails);
        tails.are_over = true;
        for queue in tails.queues.iter().filter_map(Weak::upgrade) {
            lock(&queue.waiting).is_over = true;
            queue.arrived.notify_all();
        }
    }

    /// Tells all tails of batches; forgets those that nobody holds any more.
    pub(crate) fn tell(&self, batches: &[RecordBatch]) {
        lock(&self.tails).queues.retain(|tail| {
            let queue = tail.upgrade();
            queue.iter().for_each(|queue| queue.add(batches));
            queue.is_some()
        });
    }
}

impl Queue {
    fn add(&self, batches: &[RecordBatch]) {
        let mut waiting = lock(&self.waiting);
        for batch in batches {
            waiting.bytes += batch.get_array_memory_size();
            waiting.batches.push_back(batch.clone());
        }
        while waiting.bytes > WAITING_BYTES {
            let Some(oldest) = waiting.batches.pop_front() else { break };
            waiting.bytes -= oldest.get_array_memory_size();
            waiting.missed += oldest.num_rows() as u64;
        }
        self.arrived.notify_all();
    }
}

impl Tail {
    /// What has arrived since the last call; waits for something at most this long.
    pub fn listen(&self, at_most: Duration) -> Result<Heard, LakeError> {
        let waiting = {
            let waiting = lock(&self.queue.waiting);
            let nothing = |waiting: &mut Waiting| waiting.batches.is_empty() && !waiting.is_over;
            let waited = self.queue.arrived.wait_timeout_while(waiting, at_most, nothing);
            let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
            let is_over = waiting.is_over;
            std::mem::replace(&mut *waiting, Waiting { is_over, ..Waiting::default() })
        };
        let mut heard =
            Heard { events: Vec::new(), missed: waiting.missed, is_over: waiting.is_over };
        for batch in waiting.batches {
            let unit = Unit::Recent(Arc::new(batch.clone()));
            if let Some(rows) = matching(&unit, &self.filter, &Cancel::new())? {
                self.show(&batch, &rows, &mut heard.events);
            }
        }
        Ok(heard)
    }

    fn show(&self, batch: &RecordBatch, rows: &BooleanBuffer, events: &mut Vec<Event>) {
        let (cells, columns) = (Cells::new(batch), Columns::new(batch));
        for row in rows.set_indices() {
            let number = |column| columns.number(column, row).unwrap_or_default();
            let at = Cursor {
                time: Timestamp::from_microsecond(number(Column::Time)).unwrap_or_default(),
                batch: number(Column::Batch) as u64,
                item: number(Column::Item) as u32,
            };
            let values = self.shown.iter().map(|shown| cells.value(shown, row)).collect();
            events.push(Event { at, values });
        }
    }
}
