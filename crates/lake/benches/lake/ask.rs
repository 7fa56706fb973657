//! Searching a lake that `make` filled.

use std::path::Path;
use std::time::Duration;

use khien_lake::query::parse;
use khien_lake::{Cancel, Lake, Options, Request, Scope, Shown};

use crate::clock::{memory, wall};
use crate::figure;
use crate::make::{ABSENT, DAYS, PRESENT, day};

/// Times that everything is asked; the median counts.
const RUNS: usize = 5;

/// Searches.
pub(crate) fn ask(folder: &Path) {
    let begin = wall();
    let lake = Lake::open(folder, Options::default()).unwrap();
    figure("open", (wall() - begin) * 1e3, "ms");
    figure("memory when open", memory("VmRSS"), "MiB");
    let all = |query: &str| Request {
        query: parse(query).unwrap(),
        scope: Scope::All,
        from: None,
        to: None,
    };
    let one_day = |query: &str| Request {
        from: Some(day(DAYS / 2)),
        to: Some(day(DAYS / 2 + 1)),
        ..all(query)
    };
    for (what, address) in [("absent", ABSENT), ("present", PRESENT)] {
        let request = all(&format!("ip:{address}"));
        timed(&format!("filter {what} address"), || count(&lake, &request));
        timed(&format!("page of {what} address"), || page(&lake, &request));
    }
    let request = one_day("*");
    timed("one-day histogram and top values", || {
        let (from, width, cancel) = (day(DAYS / 2), Duration::from_hours(1), Cancel::new());
        let histogram = lake.histogram(&request, from, width, 24, &cancel).unwrap().found;
        for name in ["host", "src_ip"] {
            lake.top(&request, &Shown::named(name), 10, &cancel).unwrap();
        }
        histogram.counts.iter().sum()
    });
    timed("one-day free text, rare", || count(&lake, &one_day("mimikatz")));
    timed("one-day free text, frequent", || count(&lake, &one_day("windows")));
    timed("one-day free text, Vietnamese", || count(&lake, &one_day("\"đăng nhập thất bại\"")));
    timed("one-day free text, without diacritics", || {
        count(&lake, &one_day("~\"dang nhap that\""))
    });
    timed("one-day original field", || count(&lake, &one_day("TargetUserName:pgustavo")));
    timed("newest page of everything", || page(&lake, &all("*")));
    figure("peak of memory while searching", memory("VmHWM"), "MiB");
    figure("memory after searching", memory("VmRSS"), "MiB");
}

fn count(lake: &Lake, request: &Request) -> u64 {
    lake.count(request, &Cancel::new()).unwrap().found
}

fn page(lake: &Lake, request: &Request) -> u64 {
    let shown = ["host", "user", "src_ip", "message", "raw"].map(Shown::named);
    let page = lake.search(request, &shown, 100, None, &Cancel::new()).unwrap();
    page.found.events.len() as u64
}

fn timed(what: &str, mut run: impl FnMut() -> u64) {
    let mut found = 0;
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begin = wall();
            found = run();
            (wall() - begin) * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    figure(&format!("{what}: events"), found as f64, "events");
    figure(what, times.get(RUNS / 2).copied().unwrap(), "ms");
}
