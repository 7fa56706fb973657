//! Searches that are told one by one.

use khien_lake::query::parse;
use khien_lake::{Cancel, EventRow, LakeError, Numbers, Request, Rows, Scope, Shown, Value};

use crate::support::{append, data_files, open, second};

fn request(query: &str) -> Request {
    Request { query: parse(query).unwrap(), scope: Scope::All, from: None, to: None }
}

#[test]
fn values_are_shown_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let mut rows = Rows::new();
    rows.push(&EventRow {
        time: second(60),
        received: second(61),
        batch: 7,
        item: 1,
        agency: "sokhcn",
        host: Some("DC01"),
        dst_port: Some(443),
        raw: Some(r#"{"Message":"Đăng nhập","EventData":{"Id":4},"host":"inner"}"#.as_bytes()),
        ..EventRow::default()
    })
    .unwrap();
    rows.push(&EventRow { agency: "ubnd", raw: Some(b"\xff"), item: 2, ..EventRow::default() })
        .unwrap();
    lake.append(rows, &Numbers::from_iter([7])).unwrap();
    let names = [
        "device.hostname",
        "dst_port",
        "time",
        "message",
        "eventdata.id",
        "EventData",
        "unmapped.host",
        "user",
        "raw_bytes",
    ];
    let shown = names.map(Shown::named);
    for flushed in [false, true] {
        if flushed {
            lake.flush().unwrap();
        }
        let page = lake.search(&request("*"), &shown, 10, None, &Cancel::new()).unwrap().found;
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(
            page.events[0].values,
            [
                text("dc01"),
                Value::Number(443),
                Value::Moment(second(60)),
                text("Đăng nhập"),
                text("4"),
                text(r#"{"Id":4}"#),
                text("inner"),
                Value::Null,
                Value::Null,
            ]
        );
        assert_eq!((page.events[0].at.batch, page.events[0].at.item), (7, 1));
        assert_eq!(page.events[1].values[8], Value::Bytes(vec![0xff]));
        assert_eq!(page.next, None);
    }
}

#[test]
fn many_row_groups_are_searched_and_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let total = 300_000_u32;
    let mut rows = Rows::new();
    for item in 0..total {
        let host = format!("host-{}", item % 97);
        let address = format!("10.{}.{}.1", item / 65_536, item / 256 % 256);
        let raw = format!("line {item}");
        rows.push(&EventRow {
            time: second(i64::from(item / 4)),
            batch: 1,
            item,
            agency: if item % 2 == 0 { "sokhcn" } else { "ubnd" },
            host: Some(&host),
            src_ip: Some(&address),
            raw: Some(raw.as_bytes()),
            ..EventRow::default()
        })
        .unwrap();
    }
    lake.append(rows, &Numbers::from_iter([1])).unwrap();
    lake.flush().unwrap();
    let cancel = Cancel::new();
    let count = |query: &str| lake.count(&request(query), &cancel).unwrap().found;
    assert_eq!(count("*"), u64::from(total));
    assert_eq!(count("host:host-5 src_ip:10.0.0.0/16"), 676);
    assert_eq!(count("src_ip:10.3.9.1"), 256);
    assert_eq!(count("src_ip:10.99.9.1"), 0);
    assert_eq!(count("\"line 29999\""), 11);
    assert_eq!(count("src_ip:10.3.9.1 agency:ubnd -raw:line*1"), 103);
    let part = Request { from: Some(second(40_000)), to: Some(second(40_010)), ..request("*") };
    assert_eq!(lake.count(&part, &cancel).unwrap().found, 40);
    let shown = [Shown::named("raw")];
    let page = lake.search(&part, &shown, 3, None, &cancel).unwrap().found;
    let lines: Vec<String> = page.events.iter().map(|event| event.values[0].to_string()).collect();
    assert_eq!(lines, ["line 160039", "line 160038", "line 160037"]);
    let rare = lake.search(&request("\"line 1\" OR \"line 77777\""), &shown, 2, None, &cancel);
    assert_eq!(rare.unwrap().found.events[0].values[0].to_string(), "line 199999");
}

#[test]
fn a_cancelled_search_ends() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    append(&lake, 1, &[10]);
    lake.flush().unwrap();
    let cancel = Cancel::new();
    cancel.clone().cancel();
    let result = lake.count(&request("x"), &cancel);
    assert!(matches!(result, Err(LakeError::Cancelled)));
}

#[test]
fn a_damaged_file_is_told_and_the_rest_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    append(&lake, 1, &[10, 11]);
    append(&lake, 2, &[100_000]);
    lake.flush().unwrap();
    let files = data_files(folder.path());
    let mut bytes = std::fs::read(&files[0]).unwrap();
    let length = bytes.len();
    bytes[length - 40..].fill(0);
    std::fs::write(&files[0], bytes).unwrap();
    let answer = lake.count(&request("*"), &Cancel::new()).unwrap();
    assert_eq!(answer.found, 1);
    assert_eq!((&answer.damage[0].path, answer.damage[0].rows), (&files[0], 2));
    assert!(answer.damage[0].reason.contains("damaged"), "{}", answer.damage[0].reason);
}

#[test]
fn searches_while_rows_are_written_see_every_event_once() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let done = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for batch in 1..=200 {
                append(&lake, batch, &[batch as i64; 10]);
                done.store(batch, std::sync::atomic::Ordering::SeqCst);
                if batch % 20 == 0 {
                    lake.flush().unwrap();
                }
            }
        });
        loop {
            let before = done.load(std::sync::atomic::Ordering::SeqCst);
            let count = lake.count(&request("event"), &Cancel::new()).unwrap().found;
            let after = done.load(std::sync::atomic::Ordering::SeqCst);
            // One more batch may be there that is not yet called done.
            assert!((before * 10..=(after + 1) * 10).contains(&count), "{before} {count} {after}");
            assert_eq!(count % 10, 0, "a batch is seen whole");
            if before == 200 {
                break;
            }
        }
    });
}
