//! What was flushed is kept, what was not is not claimed, and leftovers go.

use std::time::Duration;

use khien_lake::{Lake, LakeError, Numbers, Options, Rows};

use crate::support::{append, data_files, open, second};

#[test]
fn only_what_is_flushed_is_covered() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    append(&lake, 1, &[10, 20]);
    append(&lake, 2, &[30]);
    assert!(lake.covered().is_empty());
    lake.flush().unwrap();
    append(&lake, 3, &[40]);
    assert_eq!(lake.covered().intervals(), [(1, 2)]);
    drop(lake);
    assert_eq!(open(folder.path()).covered().intervals(), [(1, 2)]);
}

#[test]
fn a_batch_without_rows_is_covered() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    lake.append(Rows::new(), &Numbers::from_iter([9])).unwrap();
    lake.flush().unwrap();
    drop(lake);
    assert!(open(folder.path()).covered().contains(9));
    assert!(data_files(folder.path()).is_empty());
}

#[test]
fn every_day_has_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    append(&lake, 1, &[-1, 0, 86_399, 86_400]);
    lake.flush().unwrap();
    let days: Vec<String> = data_files(folder.path())
        .iter()
        .map(|file| file.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(days, ["day=1969-12-31", "day=1970-01-01", "day=1970-01-02"]);
}

#[test]
fn leftovers_are_removed_and_damage_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    append(&lake, 1, &[10]);
    append(&lake, 2, &[100_000]);
    lake.flush().unwrap();
    drop(lake);
    let files = data_files(folder.path());
    let orphan = files[0].with_file_name("000000000099.parquet");
    std::fs::copy(&files[0], &orphan).unwrap();
    std::fs::write(files[0].with_extension("new"), "half").unwrap();
    std::fs::File::options().write(true).open(&files[0]).unwrap().set_len(7).unwrap();
    std::fs::remove_file(&files[1]).unwrap();
    let lake = open(folder.path());
    assert_eq!(data_files(folder.path()), [files[0].clone()]);
    let told: Vec<_> = lake.damage().iter().map(|damage| (&damage.path, damage.rows)).collect();
    assert_eq!(told, [(&files[0], 1), (&files[1], 1)]);
    assert_eq!(lake.covered().intervals(), [(1, 2)]);
}

#[test]
fn a_lake_is_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let second = Lake::open(folder.path(), Options::default());
    assert!(matches!(second, Err(LakeError::Locked { .. })));
    drop(lake);
    open(folder.path());
}

#[test]
fn a_failed_flush_keeps_the_rows_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    append(&lake, 1, &[10]);
    let events = folder.path().join("events");
    std::fs::remove_dir_all(&events).unwrap();
    std::fs::write(&events, "in the way").unwrap();
    assert!(matches!(lake.flush(), Err(LakeError::Io { .. })));
    append(&lake, 2, &[11]);
    assert!(lake.covered().is_empty());
    std::fs::remove_file(&events).unwrap();
    lake.flush().unwrap();
    assert_eq!(lake.covered().intervals(), [(1, 2)]);
    assert_eq!(data_files(folder.path()).len(), 1);
}

#[test]
fn there_is_room_again_when_files_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { buffer_bytes: 1, ..Options::default() };
    let lake = Lake::open(folder.path(), options).unwrap();
    assert!(lake.wait_for_room(Duration::ZERO));
    append(&lake, 1, &[10]);
    assert!(!lake.wait_for_room(Duration::from_millis(20)));
    let events = folder.path().join("events");
    std::fs::remove_dir(&events).unwrap();
    std::fs::write(&events, "in the way").unwrap();
    lake.flush().unwrap_err();
    assert!(!lake.wait_for_room(Duration::from_millis(20)));
    std::fs::remove_file(&events).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| lake.wait_for_room(Duration::from_mins(1)));
        lake.flush().unwrap();
        assert!(waiting.join().unwrap());
    });
}

#[test]
fn a_full_buffer_asks_for_a_flush() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { buffer_bytes: 1, ..Options::default() };
    let lake = Lake::open(folder.path(), options).unwrap();
    let mut rows = Rows::new();
    let row = khien_lake::EventRow { time: second(5), agency: "a", ..Default::default() };
    rows.push(&row).unwrap();
    let appended = lake.append(rows, &Numbers::from_iter([1])).unwrap();
    assert!(appended.should_flush && appended.recent_rows == 1);
    std::thread::scope(|scope| {
        for number in 2..20 {
            let lake = &lake;
            scope.spawn(move || {
                append(lake, number, &[6]);
                lake.flush().unwrap();
            });
        }
    });
    assert_eq!(lake.covered().intervals(), [(1, 19)]);
}
