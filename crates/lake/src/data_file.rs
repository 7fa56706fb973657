//! One Parquet file of the lake as the manifest knows it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;

/// Microseconds of a day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// The day that a moment belongs to, counted from 1970 in UTC.
pub(crate) fn day_of(time: i64) -> i64 {
    time.div_euclid(DAY)
}

/// What the manifest says of a file. Times are microseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Never given twice.
    pub(crate) id: u64,
    /// Day of all its events, counted from 1970 in UTC.
    pub(crate) day: i64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// Time of the first and the last event.
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// When the event that arrived last arrived.
    pub(crate) received: i64,
    /// SHA-256 of the file, hexadecimal.
    pub(crate) sha256: String,
}

impl Entry {
    /// Its path below the folder of events.
    pub(crate) fn name(&self) -> String {
        format!("{}/{:012}.parquet", day_folder(self.day), self.id)
    }
}

/// The folder of a day: `day=2026-11-22`, which other engines read as a column.
pub(crate) fn day_folder(day: i64) -> String {
    let date = Timestamp::from_second(day.saturating_mul(DAY / 1_000_000))
        .map_or(Date::ZERO, |moment| jiff::tz::Offset::UTC.to_datetime(moment).date());
    format!("day={date}")
}

/// A file that is part of the lake, or was when a search began: whoever holds it can open it. The
/// last holder of a file that has left the manifest removes it from the disk.
#[derive(Debug)]
pub(crate) struct DataFile {
    pub(crate) entry: Entry,
    pub(crate) path: PathBuf,
    left: AtomicBool,
}

impl DataFile {
    pub(crate) fn new(events: &Path, entry: Entry) -> Self {
        Self { path: events.join(entry.name()), entry, left: AtomicBool::new(false) }
    }

    /// To be removed once nobody reads it.
    pub(crate) fn leave(&self) {
        self.left.store(true, Ordering::Release);
    }
}

impl Drop for DataFile {
    fn drop(&mut self) {
        if self.left.load(Ordering::Acquire) {
            // What cannot be removed now is a leftover that the next opening removes.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{day_folder, day_of};

    #[test]
    fn days_are_utc_days() {
        assert_eq!(day_of(0), 0);
        assert_eq!(day_of(-1), -1);
        assert_eq!(day_folder(0), "day=1970-01-01");
        assert_eq!(day_folder(day_of(1_795_305_600_000_000)), "day=2026-11-22");
        assert_eq!(day_folder(-1), "day=1969-12-31");
    }
}
