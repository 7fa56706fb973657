//! Events on their way out: exports and tails.

use std::collections::BTreeSet;
use std::time::Duration;

use khien_lake::query::parse;
use khien_lake::{
    Cancel, Export, ExportForm, Exported, Lake, LakeError, Request, Scope, Shown, Value,
};

use crate::support::{append, open};

fn request(query: &str) -> Request {
    Request { query: parse(query).unwrap(), scope: Scope::All, from: None, to: None }
}

/// Batches in two files that overlap in time, and in memory.
fn filled(folder: &std::path::Path) -> Lake {
    let lake = open(folder);
    append(&lake, 1, &[10, 40, 90_000]);
    lake.flush().unwrap();
    append(&lake, 2, &[20, 30]);
    lake.flush().unwrap();
    append(&lake, 3, &[5, 35]);
    lake
}

fn export(lake: &Lake, query: &str, form: ExportForm, limit: u64) -> (Vec<u8>, Exported) {
    let mut out = Vec::new();
    let mut heard = 0;
    let shown = ["time", "batch", "raw", "missing"].map(Shown::named).to_vec();
    let export = Export { request: request(query), shown, form, limit };
    let done = lake.export(&export, &mut out, &mut |rows| heard = rows, &Cancel::new()).unwrap();
    assert_eq!(done.damage, []);
    assert_eq!(heard, done.found.rows);
    (out, done.found)
}

#[test]
fn lines_come_oldest_first_and_stop_at_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path());
    let (out, done) = export(&lake, "-raw:*\\ 1", ExportForm::JsonLines, 100);
    assert_eq!(done, Exported { rows: 4, complete: true });
    let raws: Vec<String> = String::from_utf8(out)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| line["raw"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(raws, ["event 3 0", "event 1 0", "event 2 0", "event 1 2"]);
    assert_eq!(
        export(&lake, "*", ExportForm::JsonLines, 7).1,
        Exported { rows: 7, complete: true }
    );
    assert_eq!(
        export(&lake, "*", ExportForm::JsonLines, 6).1,
        Exported { rows: 6, complete: false }
    );
    assert_eq!(
        export(&lake, "nothing", ExportForm::Csv, 6).1,
        Exported { rows: 0, complete: true }
    );
}

#[test]
fn csv_and_parquet_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path());
    let (csv, _) = export(&lake, "time:<1970-01-01T00:00:11Z", ExportForm::Csv, 9);
    assert_eq!(
        String::from_utf8(csv).unwrap(),
        "time,batch,raw,missing\r\n1970-01-01T00:00:05Z,3,event 3 0,\r\n1970-01-01T00:00:10Z,1,event 1 0,\r\n"
    );
    let (parquet, done) = export(&lake, "*", ExportForm::Parquet, 9);
    assert_eq!((&parquet[..4], &parquet[parquet.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..]));
    assert_eq!(done.rows, 7);
}

#[test]
fn an_export_can_be_cancelled_and_tells_a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path());
    let export = Export {
        request: request("*"),
        shown: vec![Shown::named("raw")],
        form: ExportForm::JsonLines,
        limit: 9,
    };
    let run = |out: &mut (dyn std::io::Write + Send), cancel: &Cancel| {
        lake.export(&export, out, &mut |_| (), cancel)
    };
    let cancel = Cancel::new();
    cancel.cancel();
    assert!(matches!(run(&mut Vec::new(), &cancel), Err(LakeError::Cancelled)));
    let mut small = [0_u8; 8];
    let full = run(&mut &mut small[..], &Cancel::new());
    assert!(matches!(full, Err(LakeError::Output(_))));
}

#[test]
fn a_tail_hears_what_matches_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    append(&lake, 1, &[10]);
    let agencies = Scope::Agencies(BTreeSet::from(["ubnd".to_owned()]));
    let other = lake.tail(&Request { scope: agencies, ..request("*") }, &[]);
    let tail = lake.tail(&request("event -raw:*\\ 1"), &[Shown::named("raw")]);
    assert_eq!(tail.listen(Duration::ZERO).unwrap().events, []);
    append(&lake, 2, &[30, 20, 10]);
    lake.flush().unwrap();
    let heard = tail.listen(Duration::from_mins(1)).unwrap();
    let raws: Vec<&Value> = heard.events.iter().map(|event| &event.values[0]).collect();
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(raws, [&text("event 2 0"), &text("event 2 2")]);
    assert_eq!(heard.missed, 0);
    assert_eq!(other.listen(Duration::ZERO).unwrap().events, []);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| tail.listen(Duration::from_mins(1)).unwrap());
        append(&lake, 3, &[40]);
        assert_eq!(waiting.join().unwrap().events.len(), 1);
    });
    // When tails end, whoever waits is let go at once, and a tail that begins is over.
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| tail.listen(Duration::from_mins(1)).unwrap());
        lake.end_tails();
        assert!(waiting.join().unwrap().is_over);
    });
    let late = lake.tail(&request("*"), &[]);
    assert!(late.listen(Duration::from_mins(1)).unwrap().is_over);
}

#[test]
fn a_tail_that_nobody_listens_to_drops_the_oldest() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let tail = lake.tail(&request("*"), &[]);
    let raw = vec![b'x'; 12 << 20];
    for batch in 1..=5 {
        let mut rows = khien_lake::Rows::new();
        let row =
            khien_lake::EventRow { batch, agency: "a", raw: Some(&raw), ..Default::default() };
        rows.push(&row).unwrap();
        lake.append(rows, &khien_lake::Numbers::from_iter([batch])).unwrap();
    }
    let heard = tail.listen(Duration::ZERO).unwrap();
    let batches: Vec<u64> = heard.events.iter().map(|event| event.at.batch).collect();
    assert_eq!((batches, heard.missed), (vec![4, 5], 3));
}
