//! Backups: made under load, tried, broken, restored.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use crate::centre::{Centre, HEADS, khien, lines, signal, told};

/// Events of a batch.
const LINES: u32 = 20;

fn key(centre: &Centre) -> PathBuf {
    let path = centre.place.path().join("backup.key");
    let made = told(&["backup", "key", "--output", path.to_str().unwrap()]);
    assert!(made["public_key"].as_str().unwrap().starts_with("age1"));
    path
}

/// Makes a backup beside the data, closed to a key, and answers the option that opens it too.
fn backed_up(centre: &Centre) -> (PathBuf, [String; 2]) {
    let key = ["--key-file".to_owned(), key(centre).to_str().unwrap().to_owned()];
    let file = centre.place.path().join("khien.age");
    let arguments =
        ["backup", "--data", centre.folder(), "--output", file.to_str().unwrap(), &key[0], &key[1]];
    let made = told(&arguments);
    assert_eq!(made["damaged_files"], 0);
    assert!(!centre.data.join("snapshot").exists(), "the snapshot is gone");
    (file, key)
}

/// Says that it is enough when it goes.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn restore(file: &Path, key: &[String; 2], into: &Path) -> std::process::Output {
    let (file, into) = (file.to_str().unwrap(), into.to_str().unwrap());
    khien(&["restore", file, "--data", into, &key[0], &key[1], "--json"])
}

#[track_caller]
fn refused(output: &std::process::Output, says: &str) {
    let talk = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{talk}");
    assert!(talk.contains(says), "{talk}");
}

#[test]
fn a_backup_under_load_restores_to_a_centre_that_lost_and_doubled_nothing() {
    let centre = Centre::new();
    // Some events in files, some in the journal.
    let mut running = centre.serve();
    for batch in 0..10 {
        assert_eq!(centre.send(&running, &format!("b{batch}"), &lines(batch, LINES)), Some(200));
    }
    signal(&running.child, "TERM");
    assert!(running.child.wait().unwrap().success());
    drop(running);
    let running = centre.serve();
    let (acknowledged, enough) = (AtomicU32::new(10), AtomicBool::new(false));
    let (before, file, key) = std::thread::scope(|scope| {
        // Also when an assertion fails, or the other thread would go on for ever.
        let _stop = Stop(&enough);
        scope.spawn(|| {
            while !enough.load(Ordering::Relaxed) {
                let batch = acknowledged.load(Ordering::Relaxed);
                let sent = centre.send(&running, &format!("b{batch}"), &lines(batch, LINES));
                assert_eq!(sent, Some(200));
                acknowledged.store(batch + 1, Ordering::Relaxed);
            }
        });
        while acknowledged.load(Ordering::Relaxed) < 20 {
            std::thread::park_timeout(Duration::from_millis(10));
        }
        let before = acknowledged.load(Ordering::Relaxed);
        let (file, key) = backed_up(&centre);
        (before, file, key)
    });
    drop(running);
    let into = centre.place.path().join("restored");
    let output = restore(&file, &key, &into);
    assert!(output.status.success(), "{output:?}");
    // The centre that was backed up is lost; the other takes its place.
    std::fs::remove_dir_all(&centre.data).unwrap();
    let restored = Centre { data: into, ..centre };
    let mut running = restored.serve();
    // A client that has heard of success before the backup sends the same again.
    let last = before - 1;
    let again = restored.send(&running, &format!("b{last}"), &lines(last, LINES));
    assert_eq!(again, Some(200));
    assert_eq!(restored.send(&running, "new", &lines(99_999, LINES)), Some(200));
    signal(&running.child, "TERM");
    assert!(running.child.wait().unwrap().success());
    let found = khien(&[
        "search",
        "--data",
        restored.folder(),
        "--fields",
        "round,line",
        "--format",
        "csv",
    ]);
    let found = String::from_utf8(found.stdout).unwrap();
    let rows: Vec<&str> = found.lines().skip(1).collect();
    let events: BTreeSet<&str> = rows.iter().copied().collect();
    assert_eq!(events.len(), rows.len(), "an event is there twice");
    let batches = rows.len() as u32 / LINES - 1;
    assert!(
        batches >= before,
        "{batches} batches were restored, {before} were acknowledged before"
    );
    let expected = (0..batches).chain([99_999]);
    let expected = expected.flat_map(|batch| (0..LINES).map(move |line| format!("{batch},{line}")));
    let expected: Vec<String> = expected.collect();
    assert_eq!(events, expected.iter().map(String::as_str).collect());
}

#[test]
fn a_restored_centre_has_the_register_the_ledger_its_key_and_the_same_table() {
    let centre = Centre::new();
    let more = ["agency", "add", "--data", centre.folder(), "--code", "soyt", "--name", "Sở Y tế"];
    told(&[more.as_slice(), &HEADS].concat());
    // Something signed is there already: the export has a checkpoint.
    let export = centre.place.path().join("before.ledger");
    let out = ["ledger", "export", "--data", centre.folder(), "--out", export.to_str().unwrap()];
    assert!(khien(&out).status.success());
    let (file, key) = backed_up(&centre);
    let into = centre.place.path().join("restored");
    assert!(restore(&file, &key, &into).status.success());
    let restored = into.to_str().unwrap();
    for what in [["agency", "list"], ["system", "list"], ["source", "list"], ["ledger", "verify"]] {
        let of = |folder: &str| told(&[&what[..], &["--data", folder]].concat());
        assert_eq!(of(centre.folder()), of(restored), "{what:?}");
    }
    assert_eq!(told(&["agency", "list", "--data", restored]).as_array().unwrap().len(), 2);
    let key_of = |folder: &Path| std::fs::read(folder.join("keys/ledger.pub")).unwrap();
    assert_eq!(key_of(&centre.data), key_of(&into));
    // The same ledger at the same instant is the same table, and it was computed over something.
    let now = std::process::Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output();
    let now = String::from_utf8(now.unwrap().stdout).unwrap();
    let table = |folder: &str| told(&["index", "compute", "--data", folder, "--at", now.trim()]);
    let (first, second) = (table(centre.folder()), table(restored));
    assert!(first["hash"].as_str().is_some_and(|hash| hash.len() == 64), "{first}");
    assert_eq!(first, second);
    assert_eq!(first["agencies"].as_array().map(Vec::len), Some(2), "{first}");
    // It goes on by the key that was restored: what it signs now holds by the one that people have.
    let signed = centre.place.path().join("after.ledger");
    let signed = signed.to_str().unwrap();
    assert!(khien(&["ledger", "export", "--data", restored, "--out", signed]).status.success());
    let by = centre.data.join("keys/ledger.pub");
    let by = by.to_str().unwrap();
    assert_eq!(told(&["ledger", "verify", signed, "--by", by])["holds"], true);
}

#[test]
fn a_backup_that_is_not_whole_is_refused_and_leaves_nothing() {
    let centre = Centre::new();
    let (file, key) = backed_up(&centre);
    let whole = std::fs::read(&file).unwrap();
    let place = centre.place.path().join("place");
    std::fs::create_dir(&place).unwrap();
    let (broken, into) = (place.join("broken.age"), place.join("data"));
    let left = || {
        let names = std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name());
        names.collect::<Vec<_>>()
    };
    for length in [whole.len() / 3, whole.len() / 10 * 9, whole.len() - 1] {
        std::fs::write(&broken, &whole[..length]).unwrap();
        refused(&restore(&broken, &key, &into), "is damaged or was cut short");
        assert_eq!(left(), ["broken.age"]);
    }
    for at in [whole.len() / 3, whole.len() / 2, whole.len() - 20] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(&broken, &damaged).unwrap();
        refused(&restore(&broken, &key, &into), "is damaged or was cut short");
        assert_eq!(left(), ["broken.age"]);
    }
    std::fs::write(&broken, "no backup").unwrap();
    refused(&restore(&broken, &key, &into), "is no backup of Khiên");
    let verify = |file: &Path| {
        khien(&["backup", "verify", file.to_str().unwrap(), &key[0], &key[1], "--json"])
    };
    refused(&verify(&broken), "is no backup of Khiên");
    assert!(verify(&file).status.success());
}

#[test]
fn a_backup_opens_only_with_what_closed_it() {
    let centre = Centre::new();
    let (file, _) = backed_up(&centre);
    let into = centre.place.path().join("restored");
    let path = |name: &str| centre.place.path().join(name).to_str().unwrap().to_owned();
    let other = ["--key-file".to_owned(), path("other.key")];
    told(&["backup", "key", "--output", &other[1]]);
    refused(&restore(&file, &other, &into), "none of the keys");
    let phrase = ["--passphrase-file".to_owned(), path("phrase")];
    std::fs::write(&phrase[1], "bốn con chim trên mái nhà\n").unwrap();
    refused(&restore(&file, &phrase, &into), "--key-file");
    let make = |output: &str, phrase: &[String; 2]| {
        let options = ["backup", "--data", centre.folder(), "--output", output];
        khien(&[options.as_slice(), &[phrase[0].as_str(), &phrase[1]]].concat())
    };
    let closed = path("closed.age");
    assert!(make(&closed, &phrase).status.success());
    refused(&make(&closed, &phrase), "is there already");
    refused(&restore(closed.as_ref(), &other, &into), "--passphrase-file");
    let wrong = ["--passphrase-file".to_owned(), path("wrong")];
    std::fs::write(&wrong[1], "ba con chim trên mái nhà\n").unwrap();
    refused(&restore(closed.as_ref(), &wrong, &into), "the passphrase is wrong");
    assert!(!into.exists());
    assert!(restore(closed.as_ref(), &phrase, &into).status.success());
    refused(&restore(closed.as_ref(), &phrase, &into), "is there already");
    std::fs::write(&wrong[1], "short\n").unwrap();
    refused(&make(&path("x.age"), &wrong), "at least 12 characters");
    let unclosed = khien(&["backup", "--data", centre.folder(), "--output", &path("x.age")]);
    assert_eq!(unclosed.status.code(), Some(2), "a backup is always closed");
}

#[test]
fn one_backup_at_a_time_and_what_is_broken_off_leaves_nothing_behind() {
    use std::os::unix::fs::PermissionsExt as _;
    let centre = Centre::new();
    let lock = std::fs::File::create(centre.data.join("backup.lock")).unwrap();
    lock.lock().unwrap();
    let phrase = centre.place.path().join("phrase");
    std::fs::write(&phrase, "bốn con chim trên mái nhà").unwrap();
    let output = centre.place.path().join("nowhere/khien.age");
    let arguments = [
        "backup",
        "--data",
        centre.folder(),
        "--output",
        output.to_str().unwrap(),
        "--passphrase-file",
        phrase.to_str().unwrap(),
    ];
    refused(&khien(&arguments), "another backup");
    drop(lock);
    refused(&khien(&arguments), "nowhere");
    assert!(!centre.data.join("snapshot").exists());
    // What a backup that was killed has left is removed by the next start.
    std::fs::create_dir_all(centre.data.join("snapshot/lake")).unwrap();
    drop(centre.serve());
    assert!(!centre.data.join("snapshot").exists());
    let (file, _) = backed_up(&centre);
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "nobody else reads it");
}
