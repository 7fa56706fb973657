//! The executor and the plain evaluator agree on events, queries and places that were made up.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use khien_lake::query::{Query, parse};
use khien_lake::{Cancel, Cursor, Lake, Request, Scope, Shown, Wish};
use proptest::prelude::*;

use crate::naive::{Event, finds, rows, sees};
use crate::support::open;

/// Two days, so that there are several files.
const LATEST: i64 = 2 * 86_400;

const TERMS: [&str; 44] = [
    "host:dc01",
    "host:DC0?",
    "device.hostname:*",
    "host:sở-*",
    "host:~so-khcn",
    "user:admin*",
    "user:\"Nguyễn Văn An\"",
    "src_ip:10.0.0.7",
    "src_ip:10.0.0.0/8",
    "src_ip:2001:DB8:0::1",
    "src_ip:10.0.0.9/32",
    "ip:10.0.0.9",
    "ip:10.*",
    "dst_port:443",
    "dst_port:4*",
    "dst_port:[80 TO 443}",
    "dst_port:>443.5",
    "dst_port:*",
    "severity_id:>=3",
    "severity_id:-1",
    "severity_id:[* TO 2]",
    "agency:sokhcn",
    "time:>=1970-01-01T12:00:00Z",
    "time:{1970-01-01T06:00:00Z TO 1970-01-02T06:00:00Z}",
    "time:1970-01-01*",
    "process:*\\\\CMD.exe",
    "process:[a TO d]",
    "EventID:4624",
    "EventID:>4624",
    "EventID:(4624 OR 4625)",
    "eventdata.targetusername:an",
    "TargetUserName:*",
    "tags:ba",
    "unmapped.host:inner",
    "message:*thất*",
    "message:~*that*",
    "\"đăng nhập\"",
    "~\"dang nhap\"",
    "nhập*bại",
    "NHẬP",
    "C:\\Windows",
    "windows",
    "name",
    "missing:*",
];

fn pick<T: Clone + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(values)
}

fn maybe(values: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.8, pick(values).prop_map(ToOwned::to_owned))
}

const DECOMPOSED: &str = "\u{110}a\u{306}ng nh\u{1ead}p tha\u{302}\u{301}t ba\u{323}i";

/// Original fields and raw record.
type Record = (Option<&'static str>, Option<&'static [u8]>);

const RECORDS: [Record; 8] = [
        (None, None),
        (None, Some(b"\xff\xfeWindows \xc4\x91\xc4\x83ng nh\xe1\xba\xadp")),
        (None, Some(br#"{"EventID":4624,"host":"inner","EventData":{"TargetUserName":"An"},"tags":["ab","ba"]}"#)),
        (None, Some(br#"{"EventID":"4625","Image":"C:\\Windows\\name","Message":"th\u1ea5t b\u1ea1i"}"#)),
        (Some(r#"{"EventID":4626,"path":"C:\nname","TargetUserName":"ĐĂNG NHẬP"}"#), None),
        (Some(r#"{"EventID":4624.5,"tags":[]}"#), Some("Đăng nhập thất bại: máy chủ".as_bytes())),
        (None, Some(DECOMPOSED.as_bytes())),
        (None, Some(b"plain C:\\Windows\\System32 name")),
    ];

fn any_event() -> impl Strategy<Value = Event> {
    let record = pick(&RECORDS);
    let names = (
        maybe(&["dc01", "DC01", "dc02", "Sở-KHCN", "web"]),
        maybe(&["Admin", "administrator", "Nguyễn Văn An", "an"]),
        maybe(&["10.0.0.7", "10.0.0.9", "192.0.2.1", "2001:db8::1", "::ffff:10.0.0.9", "LOCAL"]),
        maybe(&["10.0.0.9", "198.51.100.2"]),
        maybe(&[r"C:\Windows\cmd.exe", "bash", "D:\\cmd.exe"]),
        maybe(&["Đăng nhập thất bại", "thất bai", "ok"]),
    );
    let numbers = (
        0..LATEST,
        -1_i8..6,
        prop::option::of(pick(&[80_u16, 443, 444, 53])),
        pick(&["sokhcn", "ubnd", "soyte"]),
    );
    (record, names, numbers).prop_map(|((fields, raw), names, numbers)| Event {
        time: numbers.0 / 3600 * 3600,
        severity_id: numbers.1,
        dst_port: numbers.2,
        agency: numbers.3.to_owned(),
        host: names.0,
        user: names.1,
        src_ip: names.2,
        dst_ip: names.3,
        process: names.4,
        message: names.5.filter(|_| fields.is_none()),
        fields: fields.map(ToOwned::to_owned),
        raw: raw.map(<[u8]>::to_vec),
        ..Event::default()
    })
}

fn any_query() -> impl Strategy<Value = Query> {
    let leaf = pick(&TERMS).prop_map(|term| parse(term).unwrap());
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|query| Query::Not(Box::new(query))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Query::and),
            prop::collection::vec(inner, 2..4).prop_map(Query::or),
        ]
    })
}

fn any_scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        3 => Just(Scope::All),
        1 => prop::collection::btree_set(pick(&["sokhcn", "ubnd"]).prop_map(ToOwned::to_owned), 0..3)
            .prop_map(Scope::Agencies),
    ]
}

/// Puts events into batches of up to three and each batch where `places` says: into the file of a
/// first or second flush, or only into memory.
fn fill(lake: &Lake, events: &mut [Event], places: &[u8]) {
    for (at, event) in events.iter_mut().enumerate() {
        (event.batch, event.item) = (at as u64 / 3 + 1, at as u32 % 3);
    }
    for place in 0..3 {
        for (batch, events) in events.chunks(3).enumerate() {
            if places.get(batch).copied().unwrap_or(2) == place {
                let (rows, numbers) = rows(events);
                lake.append(rows, &numbers).unwrap();
            }
        }
        if place < 2 {
            lake.flush().unwrap();
        }
    }
}

/// All events of a search, page by page.
fn pages(lake: &Lake, request: &Request) -> Vec<(i64, u64, u32)> {
    let mut after: Option<Cursor> = None;
    let mut found = Vec::new();
    loop {
        let shown = [Shown::named("user"), Shown::named("EventID")];
        let page = lake.search(request, &shown, 4, after, &Cancel::new()).unwrap();
        assert!(page.damage.is_empty());
        let key = |at: Cursor| (at.time.as_second(), at.batch, at.item);
        found.extend(page.found.events.iter().map(|event| key(event.at)));
        after = page.found.next;
        if after.is_none() {
            return found;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_executor_finds_what_the_plain_evaluator_finds(
        mut events in prop::collection::vec(any_event(), 1..40),
        places in prop::collection::vec(0_u8..3, 14),
        queries in prop::collection::vec(any_query(), 6),
        scope in any_scope(),
        from in prop::option::of(0..LATEST),
        to in prop::option::of(0..LATEST),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let lake = open(folder.path());
        fill(&lake, &mut events, &places);
        let moment = |second| Timestamp::from_second(second).unwrap();
        for query in queries {
            let mut expected: Vec<&Event> = events
                .iter()
                .filter(|event| from.is_none_or(|from| event.time >= from))
                .filter(|event| to.is_none_or(|to| event.time < to))
                .filter(|event| sees(&scope, event) && finds(&query, event))
                .collect();
            expected.sort_by_key(|event| std::cmp::Reverse(event.key()));
            let request = Request {
                query,
                scope: scope.clone(),
                from: from.map(moment),
                to: to.map(moment),
            };
            let told = request.query.to_string();
            let keys: Vec<_> = expected.iter().map(|event| event.key()).collect();
            prop_assert_eq!(pages(&lake, &request), keys, "{}", &told);
            let count = lake.count(&request, &Cancel::new()).unwrap().found;
            prop_assert_eq!(count, expected.len() as u64, "{}", &told);
            check_histogram(&lake, &request, &expected);
            check_top(&lake, &request, &expected, "host");
            check_top(&lake, &request, &expected, "dst_port");
            check_top(&lake, &request, &expected, "TargetUserName");
            check_explored(&lake, &request);
        }
    }
}

fn check_histogram(lake: &Lake, request: &Request, expected: &[&Event]) {
    let (width, buckets) = (5 * 3600, 7);
    let from = 7 * 3600;
    let found = lake
        .histogram(
            request,
            Timestamp::from_second(from).unwrap(),
            Duration::from_secs(width),
            buckets,
            &Cancel::new(),
        )
        .unwrap();
    let mut counts = vec![0; buckets];
    for event in expected {
        let bucket = (event.time - from).div_euclid(width as i64);
        if let Some(count) = usize::try_from(bucket).ok().and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    assert_eq!(found.found.counts, counts, "{}", request.query);
}

fn check_top(lake: &Lake, request: &Request, expected: &[&Event], name: &str) {
    let found = lake.top(request, &Shown::named(name), 2, &Cancel::new()).unwrap().found;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut missing = 0;
    for event in expected {
        match event.values(name).into_iter().next() {
            Some(value) => *counts.entry(value).or_default() += 1,
            None => missing += 1,
        }
    }
    let mut values: Vec<(String, u64)> = counts.into_iter().collect();
    values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others = values.iter().skip(2).map(|(_, count)| count).sum::<u64>();
    values.truncate(2);
    assert_eq!((found.values, found.others), (values, others), "{name} {}", request.query);
    assert_eq!((found.missing, found.exact), (missing, true), "{name} {}", request.query);
}

/// What is found at once is what is found one after the other.
fn check_explored(lake: &Lake, request: &Request) {
    let (from, width) = (Timestamp::from_second(7 * 3600).unwrap(), Duration::from_hours(5));
    let fields = ["host", "dst_port"].map(Shown::named);
    let shown = vec![Shown::named("user")];
    let never = Cancel::new();
    let page = |after| lake.search(request, &shown, 3, after, &never).unwrap().found;
    for after in [None, page(None).next] {
        let wish = Wish {
            shown: shown.clone(),
            limit: 3,
            after,
            from,
            width,
            buckets: 7,
            fields: fields.to_vec(),
            values: 2,
        };
        let found = lake.explore(request, &wish, &never, &never).unwrap().found;
        assert_eq!(found.page, page(after), "{}", request.query);
        let histogram = lake.histogram(request, from, width, 7, &never).unwrap().found;
        assert_eq!(found.histogram, histogram, "{}", request.query);
        let tops = fields.iter().map(|field| lake.top(request, field, 2, &never).unwrap().found);
        assert_eq!(found.tops, Some(tops.collect()), "{}", request.query);
        let rung = Cancel::new();
        rung.cancel();
        let found = lake.explore(request, &wish, &never, &rung).unwrap().found;
        assert_eq!((found.tops, found.histogram), (None, histogram), "{}", request.query);
    }
}
