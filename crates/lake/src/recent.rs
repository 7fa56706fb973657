//! Events that are searchable but not yet in files.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;

use crate::error::LakeError;
use crate::numbers::Numbers;
use crate::schema::schema;

/// Neighbouring batches smaller than this together become one.
const SMALL_ROWS: usize = 4096;
/// The same in bytes.
const SMALL_BYTES: usize = 4 << 20;

/// Rows in memory, in the order of their arrival, with the batch numbers they cover.
#[derive(Debug, Default, Clone)]
pub(crate) struct Recent {
    parts: Vec<Part>,
    bytes: usize,
    rows: usize,
    pub(crate) covered: Numbers,
}

#[derive(Debug, Clone)]
struct Part {
    batch: Arc<RecordBatch>,
    bytes: usize,
}

impl Recent {
    pub(crate) fn add(
        &mut self,
        batches: Vec<RecordBatch>,
        numbers: &Numbers,
    ) -> Result<(), LakeError> {
        self.covered.merge(numbers);
        for batch in batches {
            let bytes = batch.get_array_memory_size();
            self.rows += batch.num_rows();
            self.bytes += bytes;
            self.parts.push(Part { batch: Arc::new(batch), bytes });
        }
        self.join_small()
    }

    /// Puts the newer rows of `other` behind these.
    pub(crate) fn extend(&mut self, other: Self) {
        self.covered.merge(&other.covered);
        self.parts.extend(other.parts);
        self.bytes += other.bytes;
        self.rows += other.rows;
    }

    /// Joins the last parts while they are small and about as large as each other, so that many
    /// small batches cost neither memory nor search time and no row is copied often.
    fn join_small(&mut self) -> Result<(), LakeError> {
        while let [.., before, last] = self.parts.as_slice() {
            let rows = before.batch.num_rows() + last.batch.num_rows();
            let alike = before.batch.num_rows() <= 2 * last.batch.num_rows();
            if !alike || rows > SMALL_ROWS || before.bytes + last.bytes > SMALL_BYTES {
                break;
            }
            let joined = concat_batches(&schema(), [before.batch.as_ref(), last.batch.as_ref()])
                .map_err(LakeError::memory)?;
            let bytes = joined.get_array_memory_size();
            self.bytes = self.bytes + bytes - before.bytes - last.bytes;
            self.parts.truncate(self.parts.len() - 2);
            self.parts.push(Part { bytes, batch: Arc::new(joined) });
        }
        Ok(())
    }

    pub(crate) fn batches(&self) -> impl Iterator<Item = &Arc<RecordBatch>> {
        self.parts.iter().map(|part| &part.batch)
    }

    /// Memory of the rows in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.covered.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;
    use crate::numbers::Numbers;
    use crate::rows::{EventRow, Rows};

    #[test]
    fn small_batches_are_joined() {
        let mut recent = Recent::default();
        for number in 0..5000 {
            let mut rows = Rows::new();
            rows.push(&EventRow { batch: number, agency: "a", ..EventRow::default() }).unwrap();
            recent.add(rows.finish().unwrap(), &[number].into_iter().collect()).unwrap();
        }
        assert_eq!(recent.rows(), 5000);
        assert!(recent.batches().count() < 16, "{}", recent.batches().count());
        assert_eq!(recent.covered.intervals(), [(0, 4999)]);
        let kept = recent.batches().map(|batch| batch.num_rows()).sum::<usize>();
        assert_eq!(kept, 5000);
    }

    #[test]
    fn a_batch_without_rows_is_covered_too() {
        let mut recent = Recent::default();
        assert!(recent.is_empty());
        recent.add(vec![], &Numbers::from_iter([7])).unwrap();
        assert!(!recent.is_empty() && recent.rows() == 0);
    }
}
