//! Going over events in the order of time, in parts, with many values asked at once.

use std::sync::Arc;

use khien_lake::query::{Among, Query, Test};
use khien_lake::{Cancel, Column, Cursor, EventRow, Lake, Numbers, Request, Rows, Scope, Sweep};

use crate::support::{open, second};

const DAY: i64 = 86_400;

/// Four batches over three days that overlap; the last two are in memory.
fn filled(folder: &std::path::Path) -> Lake {
    let lake = open(folder);
    for batch in 1..=4_u64 {
        let mut rows = Rows::new();
        for item in 0..600_u32 {
            let number = i64::from(item) * 4 + batch as i64;
            let time = second(number * 100);
            let address = format!("192.0.2.{}", item % 200);
            let raw = format!("event {batch} {item}");
            rows.push(&EventRow {
                time,
                received: time,
                batch,
                item,
                agency: if item % 3 == 0 { "ubnd" } else { "sokhcn" },
                src_ip: (item % 2 == 0).then_some(address.as_str()),
                user: (item == 7).then_some("AN"),
                raw: Some(raw.as_bytes()),
                ..EventRow::default()
            })
            .unwrap();
        }
        lake.append(rows, &[batch].into_iter().collect::<Numbers>()).unwrap();
        if batch <= 2 {
            lake.flush().unwrap();
        }
    }
    lake
}

fn sweep(query: Query, scope: Scope, after: Option<Cursor>) -> Sweep {
    let request = Request { query, scope, from: None, to: None };
    Sweep { request, columns: vec![Column::Raw, Column::SrcIp, Column::Agency], after }
}

/// All that is found, when every `at_once` events a new sweep goes on where the last stopped.
fn texts(lake: &Lake, query: &Query, scope: &Scope, at_once: usize) -> Vec<String> {
    let mut found = Vec::new();
    for stretch in lake.stretches(None, None) {
        let mut after = None;
        loop {
            let mut sweep = sweep(query.clone(), scope.clone(), after);
            (sweep.request.from, sweep.request.to) = (stretch.from, stretch.to);
            let mut count = 0;
            let answer = lake.sweep(&sweep, &Cancel::new(), &mut |swept| {
                for row in 0..swept.len() {
                    if count == at_once {
                        return false;
                    }
                    count += 1;
                    after = Some(swept.at(row));
                    found.push(swept.text(Column::Raw, row).unwrap().to_owned());
                }
                true
            });
            if answer.unwrap().found {
                break;
            }
        }
    }
    found
}

#[test]
fn every_event_is_seen_once_in_the_order_of_time_however_often_one_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path());
    let expected: Vec<String> = (0..600)
        .flat_map(|item| (1..=4).map(move |batch| format!("event {batch} {item}")))
        .collect();
    for at_once in [usize::MAX, 701] {
        assert_eq!(texts(&lake, &Query::All, &Scope::All, at_once), expected);
    }
    let ubnd = Scope::Agencies(["ubnd".to_owned()].into());
    let some = texts(&lake, &Query::All, &ubnd, 333);
    assert_eq!((some.len(), some.last().unwrap().as_str()), (800, "event 4 597"));
    lake.compact(second(10 * DAY), &Cancel::new()).unwrap();
    lake.flush().unwrap();
    assert_eq!(texts(&lake, &Query::All, &Scope::All, 701), expected);
}

#[test]
fn stretches_are_the_whole_time_and_count_its_events() {
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path());
    let stretches = lake.stretches(None, None);
    assert_eq!(stretches.iter().map(|stretch| stretch.rows).sum::<u64>(), 2400);
    assert_eq!((stretches.first().unwrap().from, stretches.last().unwrap().to), (None, None));
    assert!(stretches.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].to.is_some()));
    let (from, to) = (second(DAY + 5), second(DAY + 10));
    let one = lake.stretches(Some(from), Some(to));
    assert_eq!((one.len(), one[0].from, one[0].to), (1, Some(from), Some(to)));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(open(empty.path()).stretches(None, None).len(), 1, "what is to come is gone over");
}

#[test]
fn one_of_many_is_found_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path());
    let among = |values: &[&str]| {
        let mut among = Among::default();
        values.iter().zip(0..).for_each(|(value, number)| among.add(value, number));
        Arc::new(among)
    };
    let ask = |name: &str, values: &[&str]| Query::Field {
        name: name.to_owned(),
        test: Test::Among(among(values)),
    };
    let count = |query: &Query| texts(&lake, query, &Scope::All, usize::MAX).len();
    assert_eq!(count(&ask("src_ip", &["192.0.2.4", "203.0.113.9"])), 12);
    assert_eq!(count(&ask("user", &["an", "binh"])), 4, "blind to case");
    assert_eq!(count(&ask("src_ip", &["203.0.113.9", "198.51.100.1"])), 0);
    let either = Query::or([ask("src_ip", &["192.0.2.4"]), ask("user", &["an"])]);
    assert_eq!(count(&either), 16);
}

#[test]
fn a_sweep_ends_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path());
    let cancel = Cancel::new();
    cancel.cancel();
    let swept = lake.sweep(&sweep(Query::All, Scope::All, None), &cancel, &mut |_| true);
    assert!(matches!(swept, Err(khien_lake::LakeError::Cancelled)));
}
