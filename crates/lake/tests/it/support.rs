//! What the tests share: folders and events.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use khien_lake::{EventRow, Lake, Numbers, Options, Rows};

/// A moment by its seconds since 1970.
pub(crate) fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn open(folder: &Path) -> Lake {
    Lake::open(folder, Options::default()).unwrap()
}

/// Appends one batch with an event for each time.
pub(crate) fn append(lake: &Lake, batch: u64, times: &[i64]) {
    let mut rows = Rows::new();
    for (item, &time) in times.iter().enumerate() {
        let raw = format!("event {batch} {item}");
        rows.push(&EventRow {
            time: second(time),
            received: second(time + 1),
            batch,
            item: item as u32,
            agency: "sokhcn",
            raw: Some(raw.as_bytes()),
            ..EventRow::default()
        })
        .unwrap();
    }
    lake.append(rows, &[batch].into_iter().collect::<Numbers>()).unwrap();
}

/// All files below the folder of events.
pub(crate) fn data_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for day in std::fs::read_dir(folder.join("events")).unwrap() {
        for file in std::fs::read_dir(day.unwrap().path()).unwrap() {
            files.push(file.unwrap().path());
        }
    }
    files.sort();
    files
}
