//! Merging, forgetting, checking and copying.

use jiff::Timestamp;
use khien_lake::query::parse;
use khien_lake::{
    Cancel, EventRow, Hold, KeepRule, Lake, Numbers, Policy, Request, Rows, Scope, Shown,
};

use crate::support::{append, data_files, open, second};

const DAY: i64 = 86_400;

fn lines(lake: &Lake, query: &str) -> Vec<String> {
    let request = Request { query: parse(query).unwrap(), scope: Scope::All, from: None, to: None };
    let found =
        lake.search(&request, &[Shown::named("raw")], 10_000, None, &Cancel::new()).unwrap();
    assert_eq!(found.damage, []);
    found.found.events.iter().map(|event| event.values[0].to_string()).collect()
}

fn day(days: i64) -> Timestamp {
    second(days * DAY)
}

#[test]
fn small_files_of_days_that_are_over_become_one() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    for batch in 1..=5 {
        append(&lake, batch, &[batch as i64, 50 - batch as i64, DAY + batch as i64]);
        lake.flush().unwrap();
    }
    let before = lines(&lake, "*");
    assert_eq!(data_files(folder.path()).len(), 10);
    let done = lake.compact(second(DAY + 100), &Cancel::new()).unwrap();
    assert_eq!((done.merged, done.written, done.rows), (5, 1, 10));
    assert_eq!(data_files(folder.path()).len(), 6);
    assert_eq!(lines(&lake, "*"), before);
    lake.compact(day(2), &Cancel::new()).unwrap();
    assert_eq!(data_files(folder.path()).len(), 2);
    assert_eq!(lake.compact(day(2), &Cancel::new()).unwrap().merged, 0);
    drop(lake);
    let lake = open(folder.path());
    assert_eq!(lines(&lake, "*"), before);
    assert_eq!(lake.covered().intervals(), [(1, 5)]);
    assert_eq!(lake.verify(&mut |_, _| (), &Cancel::new()).unwrap(), []);
}

#[test]
fn merging_beside_searches_neither_loses_nor_doubles() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    for batch in 1..=30 {
        append(&lake, batch, &[batch as i64; 7]);
        lake.flush().unwrap();
    }
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for batch in 31..=60 {
                append(&lake, batch, &[batch as i64; 7]);
                lake.flush().unwrap();
                lake.compact(day(3), &Cancel::new()).unwrap();
            }
            done.store(true, std::sync::atomic::Ordering::SeqCst);
        });
        while !done.load(std::sync::atomic::Ordering::SeqCst) {
            let mut found = lines(&lake, "time:<1970-01-01T00:00:31Z");
            found.sort();
            found.dedup();
            assert_eq!(found.len(), 210);
        }
    });
    assert_eq!(lines(&lake, "*").len(), 420);
    let left = data_files(folder.path()).len();
    assert_eq!(left, lake.stats().files, "the last reader removed what was merged");
    assert!(left <= 3, "{left}");
}

#[test]
fn a_damaged_file_is_not_merged_but_told() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    for batch in 1..=2 {
        append(&lake, batch, &[batch as i64]);
        lake.flush().unwrap();
    }
    let files = data_files(folder.path());
    let mut bytes = std::fs::read(&files[1]).unwrap();
    bytes[50] ^= 1;
    std::fs::write(&files[1], bytes).unwrap();
    assert_eq!(lake.compact(day(9), &Cancel::new()).unwrap().merged, 0);
    assert_eq!(data_files(folder.path()), files);
    let damage = lake.verify(&mut |_, _| (), &Cancel::new()).unwrap();
    assert_eq!(damage.iter().map(|damage| &damage.path).collect::<Vec<_>>(), [&files[1]]);
}

fn of_agency(lake: &Lake, batch: u64, agency: &str, class_uid: i32, time: i64) {
    let mut rows = Rows::new();
    let raw = format!("{agency} {class_uid} {}", time / DAY);
    rows.push(&EventRow {
        time: second(time),
        received: second(time),
        batch,
        agency,
        class_uid,
        raw: Some(raw.as_bytes()),
        ..EventRow::default()
    })
    .unwrap();
    lake.append(rows, &Numbers::from_iter([batch])).unwrap();
}

#[test]
fn events_are_kept_as_long_as_their_agency_and_class() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let mut batch = 0;
    for at in 0..3 {
        for (agency, class_uid) in [("sokhcn", 1), ("sokhcn", 2), ("ubnd", 1)] {
            batch += 1;
            of_agency(&lake, batch, agency, class_uid, at * DAY + batch as i64);
        }
    }
    lake.flush().unwrap();
    let rule = KeepRule { agency: None, class_uid: Some(2), days: 10 };
    let policy = Policy { default_days: 100, rules: vec![rule] };
    let retain = |holds: &[Hold], now| lake.retain(&policy, holds, now, &Cancel::new()).unwrap();
    assert_eq!(retain(&[], day(10)).rows, 0);
    let done = retain(&[], second(11 * DAY + 60));
    assert_eq!((done.removed, done.rewritten, done.rows), (0, 2, 2));
    assert_eq!(lines(&lake, "raw:*\\ 2\\ *"), ["sokhcn 2 2"]);
    let hold = Hold { agency: Some("ubnd".into()), from: Some(day(1)), to: Some(day(2)) };
    let done = retain(&[hold], day(365));
    assert_eq!(done.rows, 6);
    assert_eq!(lines(&lake, "*"), ["ubnd 1 1"]);
    assert_eq!(retain(&[], day(365)).removed, 1);
    assert!(data_files(folder.path()).is_empty());
    drop(lake);
    assert_eq!(open(folder.path()).covered().intervals(), [(1, 9)]);
}

#[test]
fn what_arrived_late_is_kept_from_its_arrival() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let mut rows = Rows::new();
    let row = EventRow { time: day(1), received: day(500), agency: "a", ..EventRow::default() };
    rows.push(&row).unwrap();
    lake.append(rows, &Numbers::from_iter([1])).unwrap();
    lake.flush().unwrap();
    let retain = |now| lake.retain(&Policy::default(), &[], now, &Cancel::new()).unwrap().rows;
    assert_eq!((retain(day(864)), retain(day(865))), (0, 1));
}

#[test]
fn a_copy_is_a_lake_of_the_same_events() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(&folder.path().join("lake"));
    append(&lake, 1, &[10, 20]);
    lake.flush().unwrap();
    append(&lake, 2, &[DAY + 10]);
    lake.flush().unwrap();
    append(&lake, 3, &[30]);
    let copy = folder.path().join("copy");
    lake.copy_to(&copy).unwrap();
    lake.compact(day(9), &Cancel::new()).unwrap();
    let copy = open(&copy);
    assert_eq!(lines(&copy, "*"), ["event 2 0", "event 1 1", "event 1 0"]);
    assert_eq!(copy.covered().intervals(), [(1, 2)]);
    assert_eq!(copy.verify(&mut |_, _| (), &Cancel::new()).unwrap(), []);
    append(&copy, 3, &[30]);
    copy.flush().unwrap();
    assert_eq!(lines(&copy, "*").len(), 4);
    assert_eq!(lines(&lake, "*").len(), 4);
}

#[test]
fn statistics_count_files_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    append(&lake, 1, &[10, 20, DAY]);
    lake.flush().unwrap();
    append(&lake, 2, &[30]);
    let stats = lake.stats();
    assert_eq!((stats.rows, stats.files, stats.recent_rows), (3, 2, 1));
    let days: Vec<_> = stats.days.iter().map(|day| (day.day.as_str(), day.rows)).collect();
    assert_eq!(days, [("1970-01-01", 2), ("1970-01-02", 1)]);
    let size: u64 = data_files(folder.path()).iter().map(|f| f.metadata().unwrap().len()).sum();
    assert_eq!(stats.bytes, size);
    assert!(stats.recent_bytes > 0);
}

#[test]
fn files_are_merged_with_their_like_and_only_so_many_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let mut batch = 0;
    let mut add = |rows: usize| {
        batch += 1;
        append(&lake, batch, &vec![batch as i64; rows]);
        lake.flush().unwrap();
    };
    // A file that is much larger is not written again for the sake of a few rows.
    add(100);
    (0..3).for_each(|_| add(1));
    let done = lake.compact(day(2), &Cancel::new()).unwrap();
    assert_eq!((done.merged, done.written, done.rows), (3, 1, 3));
    // Of forty files eight are merged at a time, and what they become again.
    (0..39).for_each(|_| add(1));
    let done = lake.compact(day(2), &Cancel::new()).unwrap();
    assert_eq!((done.merged, done.written), (40 + 5, 5 + 1));
    assert_eq!(lines(&lake, "*").len(), 142);
    assert_eq!(data_files(folder.path()).len(), 2);
    // Of a day that is not over few files of a size are left alone.
    (0..7).for_each(|_| add(1));
    assert_eq!(lake.compact(second(1), &Cancel::new()).unwrap().merged, 0);
    add(1);
    assert_eq!(lake.compact(second(1), &Cancel::new()).unwrap().merged, 8);
    assert_eq!(lines(&lake, "*").len(), 150);
}
