//! Threads that read sources and match rules.
//!
//! Work is a list of [`Item`]s: whole sources, or ranges of large files. Each thread takes the
//! next item, reads it block by block and hands what it finds to the shared [`Spool`] and
//! correlator in pieces. A fault inside one item ends that item and is counted; the others go on.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::tz::Offset;
use khien_event::format::{self, Context, Format, Sink};
use khien_event::stream::{Framing, Stream};
use khien_event::time::Clue;
use khien_event::{LogSource, Problem, Record};
use khien_sigma::compile::RuleSet;
use khien_sigma::correlate::{Correlator, EventRef};
use khien_sigma::engine::Matcher;

use super::detection::{Seen, write_event, write_head, write_matched, write_ocsf};
use super::ranges::{self, LinesOf, Range};
use super::sources::{Place, Source};
use super::spool::{Key, Spool};
use super::summary::{Counts, RuleKey};

/// Detections are handed over in pieces of about this size.
const HAND_OVER_BYTES: usize = 256 << 10;
/// Smaller files are not cut.
const CUT_FROM_BYTES: u64 = 16 << 20;

/// What a scan is asked to do.
pub(crate) struct Job<'j> {
    pub(crate) set: &'j RuleSet,
    pub(crate) sources: &'j [Source],
    /// For each rule, whether its detections are wanted.
    pub(crate) wanted: Vec<bool>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) format: Option<&'static Format>,
    pub(crate) now: Timestamp,
    pub(crate) zone: Offset,
    pub(crate) threads: usize,
}

/// What threads share.
pub(crate) struct Shared<'j> {
    pub(crate) spool: Mutex<Spool>,
    pub(crate) correlator: Mutex<Correlator<'j>>,
    /// Bytes taken from disk.
    pub(crate) progress: Arc<AtomicU64>,
    pub(crate) events: AtomicU64,
    pub(crate) running: AtomicU64,
    queue: Mutex<VecDeque<Item>>,
    fault: Mutex<Option<std::io::Error>>,
}

#[derive(Clone, Copy)]
struct Item {
    source: usize,
    range: Range,
    format: Option<&'static Format>,
}

/// Takes a lock even if a thread died holding it: what is inside stays whole between calls.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'j> Shared<'j> {
    pub(crate) fn new(job: &Job<'j>, correlator: Correlator<'j>) -> Self {
        let mut items: Vec<(u64, Item)> = Vec::new();
        for (at, source) in job.sources.iter().enumerate() {
            for (size, range, format) in cut(source, job.format) {
                items.push((size, Item { source: at, range, format }));
            }
        }
        // The largest first, so that no thread is left with a large one at the end.
        items.sort_by_key(|(size, item)| (std::cmp::Reverse(*size), item.source, item.range.start));
        Self {
            spool: Mutex::default(),
            correlator: Mutex::new(correlator),
            progress: Arc::default(),
            events: AtomicU64::new(0),
            running: AtomicU64::new(job.threads as u64),
            queue: Mutex::new(items.into_iter().map(|(_, item)| item).collect()),
            fault: Mutex::default(),
        }
    }

    /// A fault that ends the scan, such as a full disk under the temporary file.
    pub(crate) fn fault(&self) -> Option<std::io::Error> {
        lock(&self.fault).take()
    }
}

/// The pieces of a source; one, unless it is a large file of a format that can be cut.
fn cut(
    source: &Source,
    forced: Option<&'static Format>,
) -> Vec<(u64, Range, Option<&'static Format>)> {
    let whole = || vec![(source.size, Range::WHOLE, forced)];
    if !matches!(source.place, Place::File(_)) || source.size < CUT_FROM_BYTES {
        return whole();
    }
    let Ok(file) = source.open(&Arc::default()) else { return whole() };
    let mut stream = Stream::new(file);
    let Ok(head) = stream.head() else { return whole() };
    let Some(format) = forced.or_else(|| format::detect(head)) else { return whole() };
    let cuts = match format.framing {
        Framing::Evtx => ranges::cut_evtx(source.size),
        Framing::Lines if !format.in_order && !stream.is_transcoded() => {
            ranges::cut(source.size, 0)
        }
        _ => return whole(),
    };
    let share = source.size / cuts.len().max(1) as u64;
    cuts.into_iter().map(|range| (share, range, Some(format))).collect()
}

/// Works until no item is left, and answers what was counted.
pub(crate) fn work<'j>(job: &Job<'j>, shared: &Shared<'j>) -> Counts {
    let mut worker = Worker {
        job,
        shared,
        matcher: Matcher::new(job.set),
        counts: Counts::default(),
        out: String::new(),
        entries: Vec::new(),
        event: String::new(),
    };
    loop {
        let Some(item) = lock(&shared.queue).pop_front() else { break };
        let Some(source) = job.sources.get(item.source) else { continue };
        let outcome = catch_unwind(AssertUnwindSafe(|| worker.item(&item, source)));
        if outcome.is_err() {
            worker.matcher = Matcher::new(job.set);
            let reason = "a fault in the program ended the reading of this file".to_owned();
            worker.counts.unreadable(&source.name, item.range.start, 1, reason);
        }
    }
    worker.hand_over();
    shared.running.fetch_sub(1, Ordering::Relaxed);
    worker.counts
}

struct Worker<'w, 'j> {
    job: &'w Job<'j>,
    shared: &'w Shared<'j>,
    matcher: Matcher<'j>,
    counts: Counts,
    out: String,
    entries: Vec<(Key, u32)>,
    event: String,
}

impl<'j> Worker<'_, 'j> {
    fn item(&mut self, item: &Item, source: &Source) {
        let Range { start, .. } = item.range;
        let opened: std::io::Result<(Box<dyn Read>, u64)> = if item.range == Range::WHOLE {
            source.open(&self.shared.progress).map(|input| (input, 0))
        } else if item.format.is_some_and(|format| format.framing == Framing::Evtx) {
            let length = item.range.end - start;
            source
                .open_at(start, &self.shared.progress)
                .map(|input| (Box::new(input.take(length)) as _, start))
        } else {
            source
                .open_at(start.saturating_sub(1), &self.shared.progress)
                .and_then(|input| lines_of(input, item.range))
        };
        match opened {
            Ok((input, start)) => self.read(item, source, input, start),
            Err(error) => self.counts.unreadable(&source.name, start, 1, error.to_string()),
        }
    }

    fn read(&mut self, item: &Item, source: &Source, input: Box<dyn Read>, start: u64) {
        let mut stream = if start == 0 { Stream::new(input) } else { Stream::resume(input, start) };
        let format = match item.format.or(self.job.format) {
            Some(format) => format,
            None => match stream.head() {
                Ok([]) => return,
                Ok(head) => match format::detect(head) {
                    Some(format) => format,
                    None => {
                        let reason =
                            "no log format is recognised; --input-format names one".to_owned();
                        return self.counts.unreadable(&source.name, 0, 1, reason);
                    }
                },
                Err(error) => return self.counts.unreadable(&source.name, 0, 1, error.to_string()),
            },
        };
        stream.set_framing(format.framing);
        let reference = source.modified.and_then(|time| Timestamp::from_second(time).ok());
        let context = Context {
            symbols: Arc::clone(self.job.set.symbols()),
            packs: Arc::clone(self.job.set.packs()),
            clue: Clue { zone: self.job.zone, reference: reference.unwrap_or(self.job.now) },
        };
        let mut reader = (format.reader)(&context);
        let mut reading = Reading {
            worker: self,
            source,
            source_at: item.source as u32,
            range: item.range,
            lines_before: None,
            clue: context.clue,
            events: 0,
            base: start,
            lines: format.framing != Framing::Evtx,
        };
        loop {
            let mut too_long = Vec::new();
            match stream.next(&mut |problem| too_long.push(problem)) {
                Ok(Some(block)) => {
                    too_long.into_iter().for_each(|problem| reading.problem(problem));
                    reader.read(&block, &mut reading);
                }
                Ok(None) => {
                    too_long.into_iter().for_each(|problem| reading.problem(problem));
                    break;
                }
                Err(error) => {
                    reading.problem(Problem::new(u64::MAX, error.to_string()));
                    break;
                }
            }
            let events = std::mem::take(&mut reading.events);
            reading.worker.counts.events += events;
            reading.worker.shared.events.fetch_add(events, Ordering::Relaxed);
        }
        reader.finish(&mut reading);
        let events = reading.events;
        self.counts.events += events;
        *self.counts.by_format.entry(format.id).or_default() += 1;
        self.counts.bytes += stream.bytes_read();
    }

    fn hand_over(&mut self) {
        if self.entries.is_empty() {
            return;
        }
        let added = lock(&self.shared.spool).add(self.out.as_bytes(), &self.entries);
        if let Err(error) = added {
            lock(&self.shared.fault).get_or_insert(error);
        }
        self.out.clear();
        self.entries.clear();
    }
}

/// The lines of a range, and where the first begins.
fn lines_of(input: Box<dyn Read>, range: Range) -> std::io::Result<(Box<dyn Read>, u64)> {
    let mut lines = LinesOf::new(input, range);
    let mut rest = Vec::new();
    Ok(match lines.seek_first_line(&mut rest)? {
        Some(start) => (Box::new(std::io::Cursor::new(rest).chain(lines)), start),
        None => (Box::new(std::io::empty()), range.start),
    })
}

/// One source being read.
struct Reading<'r, 'w, 'j> {
    worker: &'r mut Worker<'w, 'j>,
    source: &'r Source,
    source_at: u32,
    range: Range,
    /// Lines before the range, once a detection has asked for them.
    lines_before: Option<u64>,
    clue: Clue,
    events: u64,
    base: u64,
    lines: bool,
}

impl Sink for Reading<'_, '_, '_> {
    fn record(&mut self, record: &mut Record<'_>) {
        self.events += 1;
        let job = self.worker.job;
        if job.since.is_some() || job.until.is_some() {
            let Some((time, _)) = job.set.packs().time(record, &self.clue) else { return };
            if job.since.is_some_and(|since| time < since)
                || job.until.is_some_and(|until| time >= until)
            {
                return;
            }
        }
        self.worker.counts.fields_dropped += record.fields.dropped() as u64;
        if self.worker.matcher.matches(record).is_empty() {
            return;
        }
        self.detections(record);
    }

    fn problem(&mut self, problem: Problem) {
        let offset = if problem.offset == u64::MAX { self.base } else { problem.offset };
        self.worker.counts.unreadable(&self.source.name, offset, problem.entries, problem.reason);
    }
}

impl Reading<'_, '_, '_> {
    fn detections(&mut self, record: &mut Record<'_>) {
        let job = self.worker.job;
        let packs = job.set.packs();
        let hits: Vec<usize> = self.worker.matcher.hits().to_vec();
        let time = packs.time(record, &self.clue);
        let (host, user) = (packs.host(record), packs.user(record));
        let addresses = packs.addresses(record);
        let number = self.number(record);
        let seen = Seen {
            time,
            host: host.as_deref(),
            user: user.as_deref(),
            addresses: &addresses,
            file: &self.source.name,
            record: number,
            offset: record.offset,
        };
        self.worker.event.clear();
        for rule in hits {
            self.feed(rule, record, &seen);
            if job.set.is_silent(rule) || !job.wanted.get(rule).copied().unwrap_or(false) {
                continue;
            }
            let Some(about) = job.set.rules().get(rule).map(|rule| &rule.about) else { continue };
            let worker = &mut *self.worker;
            let start = worker.out.len();
            let log_source = label(job.set, worker.matcher.route(), rule);
            write_head(&mut worker.out, about, &log_source, &seen);
            write_matched(&mut worker.out, &worker.matcher.matched(rule, record));
            if worker.event.is_empty() {
                worker.event.push_str("\"event\":");
                write_event(&mut worker.event, &record.fields);
                worker.event.push_str(",\"ocsf\":");
                write_ocsf(&mut worker.event, &record.fields, packs);
                worker.event.push_str("}\n");
            }
            worker.out.push_str(&worker.event);
            let key = (
                time.map_or(i128::MAX, |(time, _)| time.as_nanosecond()),
                self.source_at,
                record.offset,
            );
            worker.entries.push((key, (worker.out.len() - start) as u32));
            worker.counts.detection(RuleKey::Rule(rule), seen.host);
        }
        if self.worker.out.len() > HAND_OVER_BYTES {
            self.worker.hand_over();
        }
    }

    /// Gives a match to the correlations that count it. Without a time it cannot be placed.
    fn feed(&mut self, rule: usize, record: &Record<'_>, seen: &Seen<'_>) {
        let Some((time, _)) = seen.time else { return };
        let shared = self.worker.shared;
        let mut correlator = lock(&shared.correlator);
        if !correlator.wants(rule) {
            return;
        }
        let nanoseconds = i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX);
        let event = EventRef { source: self.source_at, number: seen.record };
        let input = correlator.input(rule, nanoseconds, event, |name| record.fields.text(name));
        correlator.feed(input);
    }

    /// The record's number in the whole source.
    fn number(&mut self, record: &Record<'_>) -> u64 {
        if !self.lines || self.base == 0 {
            return record.number;
        }
        let source = self.source;
        let base = self.base;
        let before = *self.lines_before.get_or_insert_with(|| {
            let input = source.open_at(0, &Arc::default());
            input.and_then(|input| ranges::lines_before(input, base)).unwrap_or(0)
        });
        debug_assert!(self.range.start <= base);
        before + record.number
    }
}

/// The label of the route that lets the rule see the event.
fn label(set: &RuleSet, route: usize, rule: usize) -> LogSource {
    let labels = set.packs().routes().get(route).map(|route| route.labels.as_slice());
    let wanted = set.rules().get(rule).map(|rule| &rule.log_source);
    let fits = |label: &&LogSource| wanted.is_some_and(|wanted| label.satisfies(wanted));
    labels.unwrap_or_default().iter().find(fits).cloned().unwrap_or_default()
}

/// Writes the hits of correlations, once everything has been read.
pub(crate) fn finish_correlations(job: &Job<'_>, shared: &Shared<'_>, counts: &mut Counts) {
    let mut correlator = lock(&shared.correlator);
    correlator.finish();
    let mut out = String::new();
    let mut entries = Vec::new();
    for (at, hit) in correlator.take_hits().into_iter().enumerate() {
        let Some(correlation) = job.set.correlations().get(hit.correlation) else { continue };
        if !job.wanted.get(job.set.rules().len() + hit.correlation).copied().unwrap_or(false) {
            continue;
        }
        let value = |names: &[&str]| {
            let found = hit.group.iter().find(|(name, _)| names.contains(&name.as_str()));
            found.map(|(_, value)| value.as_str())
        };
        let last = hit.events.last().copied();
        let name = |source: u32| job.sources.get(source as usize).map_or("", |s| s.name.as_str());
        let time = Timestamp::from_nanosecond(i128::from(hit.time)).ok();
        let addresses: Vec<String> = hit
            .group
            .iter()
            .filter(|(_, value)| value.parse::<std::net::IpAddr>().is_ok())
            .map(|(_, value)| value.clone())
            .collect();
        let seen = Seen {
            time: time.map(|time| (time, khien_event::time::TimeSource::Stated)),
            host: value(&["Computer", "hostname", "Hostname", "host"]),
            user: value(&[
                "User",
                "TargetUserName",
                "SubjectUserName",
                "user",
                "username",
                "UserId",
            ]),
            addresses: &addresses,
            file: last.map_or("", |last| name(last.event.source)),
            record: last.map_or(0, |last| last.event.number),
            offset: 0,
        };
        let start = out.len();
        let source = last
            .and_then(|last| job.set.rules().get(last.rule))
            .map(|rule| rule.log_source.clone());
        write_head(&mut out, &correlation.about, &source.unwrap_or_default(), &seen);
        let group: serde_json::Map<String, serde_json::Value> =
            hit.group.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        let matched: Vec<khien_sigma::engine::Matched> = hit
            .group
            .iter()
            .map(|(field, value)| khien_sigma::engine::Matched {
                field: field.clone(),
                value: value.clone(),
                pattern: String::new(),
                modifiers: "group-by".into(),
            })
            .collect();
        write_matched(&mut out, &matched);
        let events: Vec<serde_json::Value> = hit
            .events
            .iter()
            .map(|joined| {
                let time =
                    Timestamp::from_nanosecond(i128::from(joined.time)).map(|t| t.to_string());
                let rule = job.set.rules().get(joined.rule).map(|rule| rule.about.id.as_str());
                serde_json::json!({
                    "time": time.ok(),
                    "rule": rule,
                    "file": name(joined.event.source),
                    "record": joined.event.number,
                })
            })
            .collect();
        let kind = serde_json::json!({"figure": hit.figure, "count": hit.count, "events": events});
        let _ = writeln!(
            out,
            "\"event\":{},\"correlation\":{kind}}}",
            serde_json::Value::Object(group)
        );
        entries.push(((i128::from(hit.time), u32::MAX, at as u64), (out.len() - start) as u32));
        counts.detection(RuleKey::Correlation(hit.correlation), seen.host);
    }
    if !entries.is_empty()
        && let Err(error) = lock(&shared.spool).add(out.as_bytes(), &entries)
    {
        lock(&shared.fault).get_or_insert(error);
    }
}
