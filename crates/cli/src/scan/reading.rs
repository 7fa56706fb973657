//! One source, or a range of one, from bytes to detections.

use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use khien_event::format::{self, Context, Sink};
use khien_event::json_text::write_fields;
use khien_event::stream::{Framing, Stream};
use khien_event::time::Clue;
use khien_event::{LogSource, Problem, Record};
use khien_sigma::compile::RuleSet;

use super::detection::{Seen, write_head, write_matched, write_ocsf};
use super::ranges::{LinesOf, Range};
use super::sources::{Source, UntilFault};
use super::summary::RuleKey;
use super::work::{Item, Worker};

/// The time that correlations reckon with; one that does not fit is moved to the end it is near.
pub(crate) fn nanoseconds(time: Timestamp) -> i64 {
    let end = if time < Timestamp::UNIX_EPOCH { i64::MIN } else { i64::MAX };
    i64::try_from(time.as_nanosecond()).unwrap_or(end)
}

/// Reads an item to its end.
pub(crate) fn read_item(worker: &mut Worker<'_, '_>, item: &Item, source: &Source) {
    let Range { start, end } = item.range;
    let shared = worker.shared;
    let whole = item.range == Range::WHOLE;
    let evtx = item.format.is_some_and(|format| format.framing == Framing::Evtx);
    // A range of lines is opened one byte early, to see whether a line begins where it begins.
    let opened = match (whole, evtx) {
        (true, _) => source.open(&shared.progress),
        (false, true) => source.open_at(start, &shared.progress),
        (false, false) => source.open_at(start.saturating_sub(1), &shared.progress),
    };
    let input = match opened {
        Ok(input) => input,
        Err(error) => return worker.counts.unreadable(&source.name, start, 1, error.to_string()),
    };
    let (input, fault) = UntilFault::new(input);
    let mut breaks = None;
    let (input, begin): (Box<dyn Read>, u64) = if whole {
        (Box::new(input), 0)
    } else if evtx {
        (Box::new(input.take(end - start)), start)
    } else {
        let mut lines = LinesOf::new(input, item.range);
        let mut rest = Vec::new();
        breaks = Some(lines.breaks());
        match lines.seek_first_line(&mut rest) {
            Ok(Some(begin)) => (Box::new(Cursor::new(rest).chain(lines)), begin),
            _ => (Box::new(std::io::empty()), start),
        }
    };
    let read = read_stream(worker, item, source, input, begin);
    match fault.take() {
        Some(error) => {
            worker.counts.unreadable(&source.name, begin + read, 1, error.to_string());
        }
        None => {
            if let Some(breaks) = breaks {
                shared.note_lines(item, breaks.get());
            }
        }
    }
}

/// Reads a stream that begins at `begin`, and answers how many bytes it gave.
fn read_stream(
    worker: &mut Worker<'_, '_>,
    item: &Item,
    source: &Source,
    input: Box<dyn Read>,
    begin: u64,
) -> u64 {
    let job = worker.job;
    let buffer = std::mem::take(&mut worker.buffer);
    let mut stream = match begin {
        0 => Stream::with_buffer(input, buffer),
        _ => Stream::resume(input, begin, buffer),
    };
    let format = match item.format.or(job.format) {
        Some(format) => Some(format),
        None => match stream.head() {
            Ok(head) if !head.is_empty() => {
                let format = format::detect(head);
                if format.is_none() {
                    let reason = "no log format is recognised; --input-format names one".to_owned();
                    worker.counts.unreadable(&source.name, 0, 1, reason);
                }
                format
            }
            // Faults have become the end of the data.
            _ => None,
        },
    };
    if let Some(format) = format {
        stream.set_framing(format.framing);
        let reference = source.modified.and_then(|time| Timestamp::from_second(time).ok());
        let context = Context {
            symbols: Arc::clone(job.set.symbols()),
            packs: Arc::clone(job.set.packs()),
            clue: Clue { zone: job.zone, reference: reference.unwrap_or(job.now) },
        };
        let mut reader = (format.reader)(&context);
        let mut reading =
            Reading { worker, item, source, lines_before: None, clue: context.clue, events: 0 };
        loop {
            let mut too_long = Vec::new();
            let block = stream.next(&mut |problem| too_long.push(problem));
            for problem in too_long {
                reading.problem(problem);
            }
            let Ok(Some(block)) = block else { break };
            reader.read(&block, &mut reading);
            reading.tell_events();
        }
        reader.finish(&mut reading);
        reading.tell_events();
        // Pieces of a file are no further files.
        if item.range.start == 0 {
            *worker.counts.by_format.entry(format.id).or_default() += 1;
        }
    }
    let read = stream.bytes_read();
    worker.counts.bytes += read;
    worker.buffer = stream.into_buffer();
    read
}

/// Takes what a reader finds in an item.
struct Reading<'r, 'w, 'j> {
    worker: &'r mut Worker<'w, 'j>,
    item: &'r Item,
    source: &'r Source,
    /// Lines before the range, once a detection has asked for them.
    lines_before: Option<u64>,
    clue: Clue,
    events: u64,
}

impl Sink for Reading<'_, '_, '_> {
    fn record(&mut self, record: &mut Record<'_>) {
        self.events += 1;
        let job = self.worker.job;
        self.worker.counts.fields_dropped += record.fields.dropped() as u64;
        if job.since.is_some() || job.until.is_some() {
            let Some((time, _)) = job.set.packs().time(record, &self.clue) else { return };
            if job.since.is_some_and(|since| time < since)
                || job.until.is_some_and(|until| time >= until)
            {
                return;
            }
        }
        if !self.worker.matcher.matches(record).is_empty() {
            self.detections(record);
        }
    }

    fn problem(&mut self, problem: Problem) {
        let Problem { offset, entries, reason } = problem;
        self.worker.counts.unreadable(&self.source.name, offset, entries, reason);
    }
}

impl Reading<'_, '_, '_> {
    fn tell_events(&mut self) {
        let events = std::mem::take(&mut self.events);
        self.worker.counts.events += events;
        self.worker.shared.events.fetch_add(events, Ordering::Relaxed);
    }

    fn detections(&mut self, record: &mut Record<'_>) {
        let job = self.worker.job;
        let packs = job.set.packs();
        let hits: Vec<usize> = self.worker.matcher.hits().to_vec();
        let time = packs.time(record, &self.clue);
        let (host, user) = (packs.host(record), packs.user(record));
        let addresses = packs.addresses(record);
        let seen = Seen {
            time,
            host: host.as_deref(),
            user: user.as_deref(),
            addresses: &addresses,
            file: &self.source.name,
            record: self.number(record),
            offset: record.offset,
        };
        let source_at = self.item.source as u32;
        let worker = &mut *self.worker;
        worker.event.clear();
        for rule in hits {
            worker.shared.plan.note(rule, record, &seen, source_at, &mut worker.noted);
            if job.set.is_silent(rule) || !job.wanted.get(rule).copied().unwrap_or(false) {
                continue;
            }
            let Some(about) = job.set.rules().get(rule).map(|rule| &rule.about) else { continue };
            let out = &mut worker.found.text;
            let log_source = label(job.set, worker.matcher.route(), rule);
            write_head(out, about, &log_source, &seen);
            write_matched(out, &worker.matcher.matched(rule, record));
            if worker.event.is_empty() {
                worker.event.push_str("\"event\":");
                write_fields(&mut worker.event, &record.fields);
                worker.event.push_str(",\"ocsf\":");
                write_ocsf(&mut worker.event, &record.fields, packs);
                worker.event.push_str("}\n");
            }
            out.push_str(&worker.event);
            let nanos = time.map_or(i128::MAX, |(time, _)| time.as_nanosecond());
            worker.found.close((nanos, source_at, record.offset));
            worker.counts.detection(RuleKey::Rule(rule), seen.host);
            // One large event may match many rules.
            worker.hand_over_if_large();
        }
    }

    /// The record's number in the whole source; 0 if it cannot be told.
    fn number(&mut self, record: &Record<'_>) -> u64 {
        if self.item.range.start == 0
            || self.item.format.is_some_and(|format| format.framing == Framing::Evtx)
        {
            return record.number;
        }
        if self.lines_before.is_none() {
            match self.worker.shared.lines_before(self.item, self.source) {
                Ok(lines) => self.lines_before = Some(lines),
                Err(error) => {
                    let reason = format!("the numbers of its lines are not known: {error}");
                    self.worker.counts.unreadable(&self.source.name, 0, 1, reason);
                    return 0;
                }
            }
        }
        self.lines_before.unwrap_or(0) + record.number
    }
}

/// The label of the route that lets the rule see the event.
fn label(set: &RuleSet, route: usize, rule: usize) -> LogSource {
    let labels = set.packs().routes().get(route).map(|route| route.labels.as_slice());
    let wanted = set.rules().get(rule).map(|rule| &rule.log_source);
    let fits = |label: &&LogSource| wanted.is_some_and(|wanted| label.satisfies(wanted));
    labels.unwrap_or_default().iter().find(fits).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_beyond_the_reach_of_correlations_stay_at_their_end() {
        assert_eq!(nanoseconds(Timestamp::MIN), i64::MIN);
        assert_eq!(nanoseconds(Timestamp::MAX), i64::MAX);
        assert_eq!(nanoseconds(Timestamp::UNIX_EPOCH), 0);
    }
}
