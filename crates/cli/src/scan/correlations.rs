//! What correlations need of matches, kept in the order of time, and the hits they lead to.
//!
//! Files are read in any order and by several threads, so matches wait in a [`Spool`] of their
//! own until everything has been read. Only then do the windows run: a hit does not depend on
//! which thread was faster, and no event is too late.

use std::fmt::Write as _;
use std::io;

use jiff::Timestamp;
use khien_event::Record;
use khien_event::json_text::write_string;
use khien_sigma::compile::RuleSet;
use khien_sigma::correlate::{Correlator, EventRef, Hit, Limits, Lost};
use serde_json::{Value, json};

use super::detection::{Seen, write_head, write_matched};
use super::reading::nanoseconds;
use super::spool::{Batch, Spool};
use super::summary::{Counts, RuleKey};
use super::work::Job;

/// Inputs come in order and need not wait.
fn limits() -> Limits {
    Limits { lateness: 0, waiting: 0, ..Limits::default() }
}

/// Knows which matches correlations count and what they need of them. Threads share it unlocked.
pub(crate) struct Plan<'j> {
    correlator: Correlator<'j>,
    wanted: Vec<bool>,
}

impl<'j> Plan<'j> {
    pub(crate) fn new(set: &'j RuleSet) -> Self {
        let correlator = Correlator::new(set, limits());
        let wanted = (0..set.rules().len()).map(|rule| correlator.wants(rule)).collect();
        Self { correlator, wanted }
    }

    /// Notes a match for the correlations that count it. Without a time it cannot be placed.
    pub(crate) fn note(
        &self,
        rule: usize,
        record: &Record<'_>,
        seen: &Seen<'_>,
        source: u32,
        batch: &mut Batch,
    ) {
        let Some((time, _)) = seen.time else { return };
        if !self.wanted.get(rule).copied().unwrap_or(false) {
            return;
        }
        let text = std::cell::RefCell::new(&mut batch.text);
        let (number, nanos) = (seen.record, nanoseconds(time));
        let _ = write!(text.borrow_mut(), "[{rule},{nanos},{source},{number}");
        // The fields are those that the correlator asks for.
        let event = EventRef { source, number };
        self.correlator.input(rule, nanos, event, |name| {
            if let Some(value) = record.fields.text(name) {
                let mut text = text.borrow_mut();
                text.push(',');
                write_string(&mut text, name);
                text.push(',');
                write_string(&mut text, &value);
            }
            None
        });
        text.borrow_mut().push(']');
        batch.close((time.as_nanosecond(), source, record.offset));
    }
}

/// Feeds one noted match to a correlator.
fn feed(correlator: &mut Correlator<'_>, noted: &[u8]) -> io::Result<()> {
    let noted: Vec<Value> = serde_json::from_slice(noted)?;
    let number = |at: usize| noted.get(at).and_then(Value::as_u64).unwrap_or_default();
    let rule = number(0) as usize;
    let time = noted.get(1).and_then(Value::as_i64).unwrap_or_default();
    let event = EventRef { source: number(2) as u32, number: number(3) };
    let fields = noted.get(4..).unwrap_or_default().as_chunks::<2>().0;
    let input = correlator.input(rule, time, event, |wanted| {
        let field = fields.iter().find(|[name, _]| name.as_str() == Some(wanted));
        field.and_then(|[_, value]| value.as_str()).map(str::to_owned)
    });
    correlator.feed(input);
    Ok(())
}

/// Runs the correlations over everything that was noted and writes their hits. Answers what they
/// had to give up.
pub(crate) fn run(
    job: &Job<'_>,
    noted: &mut Spool,
    spool: &mut Spool,
    counts: &mut Counts,
) -> io::Result<Lost> {
    let mut correlator = Correlator::new(job.set, limits());
    let mut batch = Batch::default();
    let mut written = 0;
    noted.drain(|one| {
        feed(&mut correlator, one)?;
        for hit in correlator.take_hits() {
            write_hit(job, &hit, written, &mut batch, counts);
            written += 1;
        }
        if batch.is_large() { spool.add(&mut batch) } else { Ok(()) }
    })?;
    correlator.finish();
    for hit in correlator.take_hits() {
        write_hit(job, &hit, written, &mut batch, counts);
        written += 1;
    }
    spool.add(&mut batch)?;
    Ok(correlator.lost())
}

fn write_hit(job: &Job<'_>, hit: &Hit, number: u64, batch: &mut Batch, counts: &mut Counts) {
    let Some(correlation) = job.set.correlations().get(hit.correlation) else { return };
    if !job.wanted.get(job.set.rules().len() + hit.correlation).copied().unwrap_or(false) {
        return;
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
        user: value(&["User", "TargetUserName", "SubjectUserName", "user", "username", "UserId"]),
        addresses: &addresses,
        file: last.map_or("", |last| name(last.event.source)),
        record: last.map_or(0, |last| last.event.number),
        offset: 0,
    };
    let out = &mut batch.text;
    let source =
        last.and_then(|last| job.set.rules().get(last.rule)).map(|rule| rule.log_source.clone());
    write_head(out, &correlation.about, &source.unwrap_or_default(), &seen);
    let group: serde_json::Map<String, Value> =
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
    write_matched(out, &matched);
    let events: Vec<Value> = hit
        .events
        .iter()
        .map(|joined| {
            let time = Timestamp::from_nanosecond(i128::from(joined.time)).map(|t| t.to_string());
            let rule = job.set.rules().get(joined.rule).map(|rule| rule.about.id.as_str());
            json!({
                "time": time.ok(),
                "rule": rule,
                "file": name(joined.event.source),
                "record": joined.event.number,
            })
        })
        .collect();
    let kind = json!({"figure": hit.figure, "count": hit.count, "events": events});
    let _ = writeln!(out, "\"event\":{},\"correlation\":{kind}}}", Value::Object(group));
    batch.close((i128::from(hit.time), u32::MAX, number));
    counts.detection(RuleKey::Correlation(hit.correlation), seen.host);
}
