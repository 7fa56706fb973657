//! Sorted streams of rows to one sorted stream.
//!
//! A stream is opened only when the merged time reaches its first row, so that files that follow each
//! other in time are not open together.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use arrow_array::RecordBatch;
use arrow_select::interleave::interleave_record_batch;

use crate::error::LakeError;
use crate::schema::Column;
use crate::search::columns::Columns;

/// Rows that are put together at a time.
const CHUNK_ROWS: usize = 1024;

/// Batches in the order of time and identity, all with the columns of both.
pub(crate) type Batches<'a> = Box<dyn Iterator<Item = Result<RecordBatch, LakeError>> + 'a>;

/// A stream that is not open yet.
pub(crate) struct Source<'a> {
    /// No row is earlier.
    pub(crate) first: i64,
    pub(crate) open: Box<dyn FnOnce() -> Result<Batches<'a>, LakeError> + 'a>,
}

type Key = (i64, u64, u32);

struct Stream<'a> {
    rest: Batches<'a>,
    batch: RecordBatch,
    /// The keys of the batch's rows.
    keys: Vec<Key>,
    row: usize,
}

/// Shows the rows of all sources in order until `see` says that it is enough.
pub(crate) fn merge(
    mut sources: Vec<Source<'_>>,
    see: &mut dyn FnMut(&RecordBatch) -> Result<bool, LakeError>,
) -> Result<(), LakeError> {
    sources.sort_by_key(|source| Reverse(source.first));
    let mut streams: Vec<Stream<'_>> = Vec::new();
    let mut heap: BinaryHeap<Reverse<(Key, usize)>> = BinaryHeap::new();
    let mut picked: Vec<(usize, usize)> = Vec::new();
    loop {
        let due = |source: &Source<'_>| heap.peek().is_none_or(|next| source.first <= next.0.0.0);
        if let Some(source) = sources.pop_if(|source| due(source)) {
            let rest = (source.open)()?;
            streams.push(Stream { rest, batch: empty(), keys: Vec::new(), row: 0 });
            let number = streams.len() - 1;
            advance(&mut streams, number, &mut heap)?;
            continue;
        }
        let Some(Reverse((_, number))) = heap.pop() else { break };
        let Some(stream) = streams.get_mut(number) else { break };
        // Everything of this stream that comes before all others is picked at once.
        let others = heap.peek().map(|next| next.0.0);
        let opening = sources.last().map(|source| source.first);
        loop {
            picked.push((number, stream.row));
            stream.row += 1;
            let first = stream.keys.get(stream.row).is_some_and(|key| {
                others.is_none_or(|other| *key < other) && opening.is_none_or(|time| key.0 < time)
            });
            if !first || picked.len() >= CHUNK_ROWS {
                break;
            }
        }
        let exhausted = stream.row >= stream.keys.len();
        if (exhausted || picked.len() >= CHUNK_ROWS) && !put_together(&streams, &mut picked, see)? {
            return Ok(());
        }
        advance(&mut streams, number, &mut heap)?;
    }
    put_together(&streams, &mut picked, see).map(|_| ())
}

/// Puts the next row of a stream on the heap, from its next batch if need be.
fn advance(
    streams: &mut [Stream<'_>],
    number: usize,
    heap: &mut BinaryHeap<Reverse<(Key, usize)>>,
) -> Result<(), LakeError> {
    let Some(stream) = streams.get_mut(number) else { return Ok(()) };
    while stream.row >= stream.keys.len() {
        let Some(batch) = stream.rest.next() else {
            stream.batch = empty();
            stream.keys = Vec::new();
            stream.rest = Box::new(std::iter::empty());
            return Ok(());
        };
        (stream.batch, stream.row) = (batch?, 0);
        stream.keys = keys(&stream.batch);
    }
    if let Some(key) = stream.keys.get(stream.row) {
        heap.push(Reverse((*key, number)));
    }
    Ok(())
}

fn keys(batch: &RecordBatch) -> Vec<Key> {
    let columns = Columns::new(batch);
    let key = |row| {
        let number = |column| columns.number(column, row).unwrap_or_default();
        (number(Column::Time), number(Column::Batch) as u64, number(Column::Item) as u32)
    };
    (0..batch.num_rows()).map(key).collect()
}

fn empty() -> RecordBatch {
    RecordBatch::new_empty(std::sync::Arc::new(arrow_schema::Schema::empty()))
}

/// Shows the picked rows; whether more are wanted.
fn put_together(
    streams: &[Stream<'_>],
    picked: &mut Vec<(usize, usize)>,
    see: &mut dyn FnMut(&RecordBatch) -> Result<bool, LakeError>,
) -> Result<bool, LakeError> {
    if picked.is_empty() {
        return Ok(true);
    }
    // Only the batches that rows were picked from take part: ended streams have no columns.
    let mut places = vec![usize::MAX; streams.len()];
    let mut batches = Vec::new();
    for (stream, _) in picked.iter_mut() {
        let Some(place) = places.get_mut(*stream) else { continue };
        if *place == usize::MAX {
            *place = batches.len();
            batches.extend(streams.get(*stream).map(|stream| &stream.batch));
        }
        *stream = *place;
    }
    let merged = interleave_record_batch(&batches, picked).map_err(LakeError::memory)?;
    picked.clear();
    see(&merged)
}
