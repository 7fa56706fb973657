use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};

use super::*;

fn batch(source: i64, text: &str) -> NewBatch {
    NewBatch {
        source: SourceKey(source),
        arrival: 1_767_225_600_000_000,
        key: None,
        meta: b"m".to_vec(),
        payload: text.as_bytes().to_vec(),
    }
}

fn open(folder: &Path) -> Journal {
    Journal::open(folder, 1, Limits::default(), |_| false).unwrap().0
}

fn drain(journal: &Journal) -> Vec<Batch> {
    let mut batches = Vec::new();
    while journal.level().waiting_bytes > 0 {
        batches.push(journal.take().unwrap().unwrap());
        assert_eq!(journal.level().working, 1);
        journal.worked();
    }
    batches
}

fn files(folder: &Path) -> usize {
    segment_files(folder).unwrap().len()
}

#[test]
fn what_was_acknowledged_is_there_after_the_process_died() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for at in 0..50 {
        let number =
            journal.append(&batch(at % 3, &format!("line {at}\n"))).unwrap().wait().unwrap();
        assert_eq!(number, at as u64 + 1);
    }
    // Nothing is closed in order, as if the process had been killed.
    std::mem::forget(journal);
    let (journal, recovered) =
        Journal::open(folder.path(), 1, Limits::default(), |number| number <= 10).unwrap();
    assert_eq!((recovered.batches, recovered.damaged.len()), (40, 0));
    assert_eq!(recovered.unanswered.len(), 50);
    let numbers: BTreeSet<u64> = drain(&journal).iter().map(|batch| batch.number).collect();
    assert_eq!(numbers, (11..=50).collect());
    let next = journal.append(&batch(1, "next")).unwrap().wait().unwrap();
    assert_eq!(next, 51);
}

#[test]
fn keys_and_the_last_batches_before_a_stop_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let early = NewBatch { key: Some(BatchKey([1; 16])), ..batch(1, "early") };
    let late = NewBatch { arrival: early.arrival + 6_000_000, ..batch(1, "late") };
    for batch in [&early, &late] {
        journal.append(batch).unwrap().wait().unwrap();
    }
    // As if the process had been killed.
    std::mem::forget(journal);
    let (_, recovered) =
        Journal::open(folder.path(), 1, Limits::default(), |number| number == 1).unwrap();
    assert_eq!(recovered.keys, [(1, BatchKey([1; 16]))]);
    let numbers: Vec<u64> = recovered.unanswered.iter().map(|batch| batch.number).collect();
    assert_eq!(numbers, [2]);
}

#[test]
fn after_a_stop_in_order_everything_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    journal.append(&batch(1, "x")).unwrap().wait().unwrap();
    drop(journal);
    let reopen = || Journal::open(folder.path(), 1, Limits::default(), |_| false).unwrap();
    let (journal, recovered) = reopen();
    assert_eq!((recovered.batches, recovered.unanswered.len()), (1, 0));
    // Killed this time: the mark of the stop before counts no more.
    std::mem::forget(journal);
    assert_eq!(reopen().1.unanswered.len(), 1);
}

#[test]
fn a_batch_comes_back_as_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let mut given = batch(4, &"a line of a log\n".repeat(500));
    given.key = Some(BatchKey([5; 16]));
    let number = journal.append(&given).unwrap().wait().unwrap();
    let taken = journal.take().unwrap().unwrap();
    let NewBatch { source, arrival, key, meta, payload } = given;
    assert_eq!(taken, Batch { number, source, arrival, key, meta, payload });
}

#[test]
fn files_go_when_all_their_batches_are_finished_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { segment_bytes: 2000, ..Limits::default() };
    let (journal, _) = Journal::open(folder.path(), 1, limits, |_| false).unwrap();
    for at in 0..100 {
        journal.append(&batch(1, &format!("{at:0400}"))).unwrap().wait().unwrap();
    }
    assert!(files(folder.path()) > 10);
    let mut numbers: Vec<u64> = drain(&journal).iter().map(|batch| batch.number).collect();
    numbers.reverse();
    journal.finish(numbers);
    // The one that is being written stays.
    assert_eq!(files(folder.path()), 1);
    assert_eq!(journal.level().taken, 0);
    drop(journal);
    let (journal, recovered) = Journal::open(folder.path(), 90, limits, |_| true).unwrap();
    assert_eq!((recovered.batches, files(folder.path())), (0, 0));
    assert_eq!(journal.append(&batch(1, "x")).unwrap().wait().unwrap(), 101);
}

#[test]
fn numbers_begin_behind_what_others_remember() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = Journal::open(folder.path(), 700, Limits::default(), |_| false).unwrap();
    assert_eq!(journal.append(&batch(1, "x")).unwrap().wait().unwrap(), 700);
}

#[test]
fn what_does_not_fit_into_memory_is_read_from_disk() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { memory_bytes: 100, ..Limits::default() };
    let (journal, _) = Journal::open(folder.path(), 1, limits, |_| false).unwrap();
    let texts: Vec<String> = (0..20).map(|at| format!("text number {at}").repeat(9)).collect();
    for text in &texts {
        journal.append(&batch(1, text)).unwrap().wait().unwrap();
    }
    let read: Vec<String> = (drain(&journal).into_iter())
        .map(|batch| String::from_utf8(batch.payload).unwrap())
        .collect();
    assert_eq!(read, texts);
}

#[test]
fn too_much_is_refused_and_taken_again_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { waiting_bytes: 1000, waiting_bytes_of_one: 600, ..Limits::default() };
    let (journal, _) = Journal::open(folder.path(), 1, limits, |_| false).unwrap();
    let long = "x".repeat(500);
    journal.append(&batch(1, &long)).unwrap().wait().unwrap();
    assert!(matches!(journal.append(&batch(1, &long)), Err(JournalError::Full)));
    journal.append(&batch(2, &long)).unwrap().wait().unwrap();
    assert!(matches!(journal.append(&batch(3, "x")), Err(JournalError::Full)));
    assert_eq!(drain(&journal).len(), 2);
    journal.append(&batch(1, &long)).unwrap().wait().unwrap();
}

#[test]
fn damage_costs_one_batch_is_told_and_the_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for at in 0..3 {
        journal.append(&batch(1, &format!("line {at}"))).unwrap().wait().unwrap();
    }
    drop(journal);
    let path = segment_files(folder.path()).unwrap().remove(0);
    let mut file = OpenOptions::new().write(true).open(&path).unwrap();
    // Somewhere in the payload of the second.
    let length = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(FIRST + (length - FIRST) / 2)).unwrap();
    file.write_all(b"#").unwrap();
    drop(file);
    let (journal, recovered) =
        Journal::open(folder.path(), 1, Limits::default(), |_| false).unwrap();
    assert_eq!((recovered.batches, recovered.damaged.len()), (2, 1));
    let numbers: Vec<u64> = drain(&journal).iter().map(|batch| batch.number).collect();
    assert_eq!(numbers, [1, 3]);
    drop(journal);
    Journal::open(folder.path(), 1, Limits::default(), |_| true).unwrap();
    assert!(path.with_extension("damaged").exists());
}

const FIRST: u64 = segment::FILE_HEADER_BYTES as u64;

#[test]
fn many_threads_share_the_disk_and_no_number_is_given_twice() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let numbers = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for source in 0..8 {
            let (journal, numbers) = (&journal, &numbers);
            scope.spawn(move || {
                for at in 0..40 {
                    let ticket = journal.append(&batch(source, &format!("{source} {at}"))).unwrap();
                    assert!(lock(numbers).insert(ticket.wait().unwrap()));
                }
            });
        }
    });
    assert_eq!(lock(&numbers).len(), 320);
    assert_eq!(drain(&journal).len(), 320);
}

#[test]
fn a_disk_that_refuses_is_told_and_nothing_half_written_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { segment_bytes: 1, ..Limits::default() };
    let (journal, _) = Journal::open(folder.path(), 1, limits, |_| false).unwrap();
    journal.append(&batch(1, "kept")).unwrap().wait().unwrap();
    // The next file cannot be made where its name is taken by a folder.
    fs::create_dir(segment_path(folder.path(), 2)).unwrap();
    let refused = journal.append(&batch(1, "lost")).unwrap().wait();
    assert!(matches!(refused, Err(JournalError::Disk(_))), "{refused:?}");
    let number = journal.append(&batch(1, "kept too")).unwrap().wait().unwrap();
    assert_eq!(number, 3);
    fs::remove_dir(segment_path(folder.path(), 2)).unwrap();
    drop(journal);
    let (journal, recovered) =
        Journal::open(folder.path(), 1, Limits::default(), |_| false).unwrap();
    assert_eq!((recovered.batches, recovered.torn_bytes, recovered.damaged.len()), (2, 0, 0));
    let texts: Vec<Vec<u8>> = drain(&journal).into_iter().map(|batch| batch.payload).collect();
    assert_eq!(texts, [b"kept".to_vec(), b"kept too".to_vec()]);
}

#[test]
fn closing_wakes_a_worker_and_keeps_what_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| journal.take());
        let ticket = journal.append(&batch(1, "x")).unwrap();
        assert!(worker.join().unwrap().is_some());
        ticket.wait().unwrap();
        let idle = scope.spawn(|| journal.take());
        journal.close();
        assert!(idle.join().unwrap().is_none());
    });
    assert!(matches!(journal.append(&batch(1, "x")), Err(JournalError::Closed)));
}

#[test]
fn a_copy_holds_what_is_finished_while_it_is_made() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("journal");
    // A file for each batch.
    let limits = Limits { segment_bytes: 1, ..Limits::default() };
    let journal = Journal::open(&folder, 1, limits, |_| false).unwrap().0;
    let add = |text: &str| journal.append(&batch(1, text)).unwrap().wait().unwrap();
    add("before");
    add("open");
    journal.take().unwrap().unwrap();
    journal.finish([1]);
    assert_eq!(files(&folder), 1, "without a copy, what is finished goes");
    let hold = journal.hold();
    let number = add("meanwhile");
    add("open again");
    for _ in 0..2 {
        journal.take().unwrap().unwrap();
    }
    journal.finish([2, number]);
    assert_eq!(journal.level().segments, 1);
    let copy = place.path().join("copy");
    assert_eq!(hold.copy_to(&copy).unwrap(), 3);
    assert_eq!(files(&folder), 3);
    // What comes after the copy is not in it, also where a file was being written.
    add("after");
    drop(hold);
    assert_eq!(files(&folder), 2, "nothing is left behind");
    let (copied, recovered) = Journal::open(&copy, 1, Limits::default(), |_| false).unwrap();
    assert!(recovered.unanswered.is_empty(), "the centre that is copied answers");
    let texts: BTreeSet<Vec<u8>> = drain(&copied).into_iter().map(|batch| batch.payload).collect();
    let expected = ["open", "meanwhile", "open again"].map(|text| text.as_bytes().to_vec());
    assert_eq!(texts, BTreeSet::from(expected));
    assert_eq!(inspect(&copy).unwrap().batches, 3);
}
