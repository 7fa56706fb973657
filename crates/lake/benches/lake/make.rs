//! Filling a lake.

use std::path::Path;

use jiff::Timestamp;
use khien_lake::{Cancel, EventRow, Lake, Numbers, Options, Rows};

use crate::clock::{cpu, memory, wall};
use crate::figure;

/// 2026-11-01 in microseconds.
const BEGIN: i64 = 1_793_491_200_000_000;
const DAY: i64 = 86_400_000_000;
/// Days over which the events are spread.
pub(crate) const DAYS: i64 = 20;
/// Events of a batch.
const BATCH: usize = 500;
/// One in this many made-up events has the address that is looked for.
const RARE: u64 = 10_000;

/// An address that is in no event, and one that is in a few of every file.
pub(crate) const ABSENT: &str = "203.0.113.77";
pub(crate) const PRESENT: &str = "198.51.100.23";

/// What a collector would take out of a line.
#[derive(Default)]
struct Taken<'a> {
    row: EventRow<'a>,
}

/// Where a day begins.
pub(crate) fn day(number: i64) -> Timestamp {
    Timestamp::from_microsecond(BEGIN + number * DAY).unwrap()
}

/// Makes a lake of this many events and merges its files.
pub(crate) fn make(folder: &Path, events: usize, lines: Option<&Path>) {
    let text = lines.map(|path| std::fs::read(path).unwrap()).unwrap_or_default();
    let taken = taken(&text);
    let lake = Lake::open(folder, Options::default()).unwrap();
    let (begin, worked) = (wall(), cpu());
    let step = DAYS * DAY / events as i64;
    let mut made = Made::default();
    for first in (0..events).step_by(BATCH) {
        let batch = (first / BATCH + 1) as u64;
        let mut rows = Rows::new();
        for (item, event) in (first..events.min(first + BATCH)).enumerate() {
            let time = Timestamp::from_microsecond(BEGIN + event as i64 * step).unwrap();
            let place =
                EventRow { time, received: time, batch, item: item as u32, ..EventRow::default() };
            match taken.get(event / 2 % taken.len().max(1)).filter(|_| event % 2 == 0) {
                Some(taken) => rows.push(&at(&taken.row, &place)).unwrap(),
                None => rows.push(&made.next(event as u64, &place)).unwrap(),
            }
        }
        append(&lake, rows, batch);
    }
    lake.flush().unwrap();
    figure("keep an event of the mix", (cpu() - worked) / events as f64 * 1e6, "µs processor time");
    figure("keep events of the mix", events as f64 / (wall() - begin), "events/s");
    figure("peak of memory while keeping", memory("VmHWM"), "MiB");
    let (begin, worked) = (wall(), cpu());
    let merged = lake.compact(day(DAYS + 1), &Cancel::new()).unwrap();
    figure(
        "merge an event",
        (cpu() - worked) / merged.rows.max(1) as f64 * 1e6,
        "µs processor time",
    );
    figure("merge all files", wall() - begin, "s");
    let stats = lake.stats();
    figure("files", stats.files as f64, "files");
    figure("bytes of an event of the mix", stats.bytes as f64 / stats.rows as f64, "bytes");
}

/// Keeps the lines of a file once.
pub(crate) fn only(folder: &Path, lines: &Path) {
    let text = std::fs::read(lines).unwrap();
    let taken = taken(&text);
    let lake = Lake::open(folder, Options::default()).unwrap();
    let worked = cpu();
    for (number, events) in taken.chunks(BATCH).enumerate() {
        let batch = number as u64 + 1;
        let mut rows = Rows::new();
        for (item, event) in events.iter().enumerate() {
            let time = BEGIN + (number * BATCH + item) as i64 * 1000;
            let time = Timestamp::from_microsecond(time).unwrap();
            let place =
                EventRow { time, received: time, batch, item: item as u32, ..EventRow::default() };
            rows.push(&at(&event.row, &place)).unwrap();
        }
        append(&lake, rows, batch);
    }
    lake.flush().unwrap();
    let events = taken.len() as f64;
    figure("keep a Windows event", (cpu() - worked) / events * 1e6, "µs processor time");
    figure("bytes of a Windows event", lake.stats().bytes as f64 / events, "bytes");
}

fn append(lake: &Lake, rows: Rows, batch: u64) {
    let numbers: Numbers = [batch].into_iter().collect();
    if lake.append(rows, &numbers).unwrap().should_flush {
        lake.flush().unwrap();
    }
}

/// The row at another time and place.
fn at<'a>(row: &EventRow<'a>, place: &EventRow<'a>) -> EventRow<'a> {
    EventRow {
        time: place.time,
        received: place.received,
        batch: place.batch,
        item: place.item,
        agency: "sokhcn",
        system: Some("cong-dvc"),
        source: Some("0199f0aa-1111-7000-8000-000000000001"),
        ..*row
    }
}

fn taken(text: &[u8]) -> Vec<Taken<'_>> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(take).collect()
}

fn take(line: &[u8]) -> Taken<'_> {
    let text = std::str::from_utf8(line).unwrap_or_default();
    let first = |names: &[&str]| names.iter().find_map(|name| member(text, name));
    let port = |names: &[&str]| first(names).and_then(|port| port.parse().ok());
    Taken {
        row: EventRow {
            class_uid: 1001,
            severity_id: 1,
            host: first(&["Hostname", "hostname", "DeviceName"]),
            user: first(&["TargetUserName", "SubjectUserName", "User", "AccountName"]),
            src_ip: first(&["SourceIp", "IpAddress", "SourceAddress"]),
            src_port: port(&["SourcePort", "IpPort"]),
            dst_ip: first(&["DestinationIp", "DestAddress"]),
            dst_port: port(&["DestinationPort", "DestPort"]),
            process: first(&["Image", "NewProcessName", "ProcessName", "Application"]),
            cmd_line: first(&["CommandLine"]),
            file: first(&["TargetFilename", "ObjectName", "ImageLoaded"]),
            hashes: first(&["Hashes"]),
            event_code: first(&["EventID"]),
            log_name: first(&["Channel"]),
            format: Some("json"),
            raw: Some(line),
            ..EventRow::default()
        },
    }
}

/// A member of a flat object, as it is written.
fn member<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let name = format!("\"{name}\":");
    let rest = text.get(text.find(&name)? + name.len()..)?;
    let value = match rest.strip_prefix('"') {
        Some(rest) => rest.get(..rest.find('"')?)?,
        None => rest.get(..rest.find([',', '}'])?)?,
    };
    Some(value).filter(|value| !matches!(*value, "" | "-" | "null"))
}

/// Events that are made up: web requests, logins and refused connections.
#[derive(Default)]
struct Made {
    host: String,
    user: String,
    src: String,
    dst: String,
    raw: String,
}

impl Made {
    fn next<'a>(&'a mut self, number: u64, place: &EventRow<'a>) -> EventRow<'a> {
        let random = scramble(number);
        let pick = |shift: u32, of: u64| (random >> shift) % of;
        self.host = format!("may-{:03}.minhhoa.example", pick(3, 400));
        self.user = format!("canbo{:04}", pick(7, 3000));
        self.src = match number / 2 % RARE {
            7 => PRESENT.to_owned(),
            _ => format!("10.{}.{}.{}", pick(11, 16), pick(17, 64), pick(23, 250) + 1),
        };
        self.dst = format!("192.0.2.{}", pick(29, 250) + 1);
        let row = EventRow {
            class_uid: 4002,
            severity_id: 1,
            host: Some(&self.host),
            src_ip: Some(&self.src),
            format: Some("syslog"),
            ..*place
        };
        match number % 3 {
            0 => {
                self.raw = format!(
                    "{} - {} [22/Nov/2026:08:{:02}:{:02} +0700] \"GET /dich-vu/ho-so/{} HTTP/1.1\" {} {} \"https://dichvucong.minhhoa.example/\" \"Mozilla/5.0 (Windows NT 10.0; Win64; x64)\"",
                    self.src,
                    self.user,
                    pick(31, 60),
                    pick(37, 60),
                    pick(5, 900_000),
                    if pick(41, 20) == 0 { 404 } else { 200 },
                    pick(43, 60_000)
                );
                let row = EventRow { user: Some(&self.user), status: Some("Success"), ..row };
                at(&EventRow { raw: Some(self.raw.as_bytes()), ..row }, place)
            }
            1 => {
                self.raw = format!(
                    "<86>Nov 22 08:{:02}:{:02} {} sshd[{}]: Đăng nhập thất bại: Failed password for {} from {} port {} ssh2",
                    pick(31, 60),
                    pick(37, 60),
                    self.host,
                    pick(5, 30_000),
                    self.user,
                    self.src,
                    pick(43, 60_000) + 1024
                );
                let row = EventRow {
                    class_uid: 3002,
                    user: Some(&self.user),
                    status: Some("Failure"),
                    ..row
                };
                at(&EventRow { raw: Some(self.raw.as_bytes()), ..row }, place)
            }
            _ => {
                self.raw = format!(
                    "date=2026-11-22 time=08:{:02}:{:02} devname={} srcip={} srcport={} dstip={} dstport=443 action=deny policyid={} sentbyte={}",
                    pick(31, 60),
                    pick(37, 60),
                    self.host,
                    self.src,
                    pick(43, 60_000) + 1024,
                    self.dst,
                    pick(5, 90),
                    pick(9, 9000)
                );
                let row = EventRow {
                    class_uid: 4001,
                    dst_ip: Some(&self.dst),
                    dst_port: Some(443),
                    ..row
                };
                at(&EventRow { raw: Some(self.raw.as_bytes()), ..row }, place)
            }
        }
    }
}

/// A number without a pattern (splitmix64), the same in every run.
fn scramble(number: u64) -> u64 {
    let mut bits = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
