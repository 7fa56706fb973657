//! Records to matches: what rules say of each event of a batch.
//!
//! In comes a batch; out come its rows for the lake and everything that alerts are made of. Rules
//! decide alone here; whether a match becomes an alert, joins one or is suppressed is for
//! `raise_alert`.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use khien_event::format::Sink;
use khien_event::packs::Column;
use khien_event::stream::{EVTX_CHUNK_BYTES, EVTX_HEADER_BYTES, Framing};
use khien_event::time::Clue;
use khien_event::{Problem, Record, Value, format};
use khien_lake::{LakeError, Rows};
use khien_sigma::correlate::{Correlator, EventRef, Limits};
use khien_sigma::engine::{Matched, Matcher};

use super::meta::Meta;
use super::parse::{Names, Parser, format_of};
use super::store_events::{Judged, Of, Storing};
use crate::journal::{Batch, BatchKey, SourceKey};
use crate::registry::Origin;
use crate::rules::Rules;

/// Hosts that one batch may name; no agency's system has more that are new at once.
const MAX_HOSTS: usize = 1000;

/// When a batch came.
pub(crate) fn arrival_of(batch: &Batch) -> Timestamp {
    Timestamp::from_microsecond(batch.arrival).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// What was found in a batch.
pub(crate) struct Found {
    pub(crate) number: u64,
    pub(crate) source: SourceKey,
    pub(crate) key: Option<BatchKey>,
    pub(crate) from: Arc<Origin>,
    pub(crate) arrival: Timestamp,
    pub(crate) meta: Meta,
    pub(crate) rules: Arc<Rules>,
    pub(crate) matches: Vec<Match>,
    pub(crate) noted: Vec<Noted>,
    pub(crate) hosts: BTreeSet<String>,
    pub(crate) events: u64,
    pub(crate) unreadable: u64,
}

impl Found {
    /// A batch in which nothing was found yet.
    pub(crate) fn nothing(batch: &Batch, from: Arc<Origin>, meta: Meta, rules: Arc<Rules>) -> Self {
        Self {
            number: batch.number,
            source: batch.source,
            key: batch.key,
            from,
            arrival: arrival_of(batch),
            meta,
            rules,
            matches: Vec::new(),
            noted: Vec::new(),
            hosts: BTreeSet::new(),
            events: 0,
            unreadable: 0,
        }
    }
}

/// A rule's match with an event.
pub(crate) struct Match {
    /// The rule's place in the set.
    pub(crate) rule: usize,
    /// The event's place in the batch.
    pub(crate) item: u32,
    pub(crate) time: Timestamp,
    pub(crate) host: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) matched: Vec<Matched>,
}

/// What correlations need of a match.
pub(crate) struct Noted {
    pub(crate) rule: usize,
    pub(crate) item: u32,
    /// The event's own time, if it said one.
    pub(crate) time: Option<Timestamp>,
    pub(crate) host: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) fields: Vec<(String, String)>,
}

/// Judges batches by one set of rules.
pub(crate) struct Detecting<'r> {
    rules: &'r Arc<Rules>,
    names: Names,
    matcher: Matcher<'r>,
    /// Knows which fields correlations ask for.
    correlator: Correlator<'r>,
    parser: Parser,
    storing: Storing,
    ids: String,
}

impl<'r> Detecting<'r> {
    pub(crate) fn new(rules: &'r Arc<Rules>, zone: jiff::tz::Offset) -> Self {
        Self {
            rules,
            names: rules.names(zone),
            matcher: Matcher::new(&rules.set),
            correlator: Correlator::new(&rules.set, Limits::default()),
            parser: Parser::default(),
            storing: Storing::default(),
            ids: String::new(),
        }
    }

    /// Reads and judges a batch.
    pub(crate) fn judge(
        &mut self,
        batch: &Batch,
        from: &Arc<Origin>,
    ) -> Result<(Rows, Found), LakeError> {
        let meta = Meta::from_bytes(&batch.meta);
        let arrival = arrival_of(batch);
        let clue = self.names.clue(&meta, arrival);
        let rules = Arc::clone(self.rules);
        let found = Found::nothing(batch, Arc::clone(from), meta.clone(), rules);
        let mut parser = std::mem::take(&mut self.parser);
        let names = self.names.clone();
        let format = format_of(&batch.payload, &meta);
        let mut taking = Taking {
            of: Of {
                batch: batch.number,
                arrival,
                agency: &from.agency,
                system: &from.system,
                source: &from.source,
                origin: &meta.origin,
            },
            detecting: self,
            batch,
            format,
            clue,
            lines_before: meta.lines_before,
            rows: Rows::new(),
            item: 0,
            found,
            fault: None,
        };
        parser.parse(&batch.payload, format, clue, &names, &mut taking);
        let Taking { rows, found, fault, .. } = taking;
        self.parser = parser;
        fault.map_or(Ok((rows, found)), Err)
    }
}

/// Takes what a reader finds in a batch.
struct Taking<'t, 'r> {
    detecting: &'t mut Detecting<'r>,
    of: Of<'t>,
    batch: &'t Batch,
    format: Option<&'static format::Format>,
    clue: Clue,
    lines_before: u64,
    rows: Rows,
    item: u32,
    found: Found,
    fault: Option<LakeError>,
}

impl Sink for Taking<'_, '_> {
    fn record(&mut self, record: &mut Record<'_>) {
        self.found.events += 1;
        let hits = self.detecting.matcher.matches(record).to_vec();
        let set = &self.detecting.rules.set;
        let stated = set.packs().time(record, &self.clue).map(|(time, _)| time);
        if !hits.is_empty() {
            self.note(&hits, record, stated);
        }
        self.note_host(record);
        if self.format.is_none_or(|format| format.framing != Framing::Evtx) {
            record.number += self.lines_before;
        }
        let raw = raw_of(record, &self.batch.payload, self.format);
        let detecting = &mut *self.detecting;
        detecting.ids.clear();
        for hit in hits.iter().filter(|hit| !set.is_silent(**hit)) {
            if let Some(rule) = set.rules().get(*hit) {
                if !detecting.ids.is_empty() {
                    detecting.ids.push(' ');
                }
                detecting.ids.push_str(&rule.about.id);
            }
        }
        let judged = Judged {
            time: stated,
            class_uid: set.packs().class(detecting.matcher.route()),
            rules: Some(detecting.ids.as_str()).filter(|ids| !ids.is_empty()),
        };
        let format = self.format.map_or("", |format| format.id);
        let (rows, of, packs) = (&mut self.rows, &self.of, set.packs());
        let added =
            detecting.storing.event(rows, of, self.item, record, raw, &judged, packs, format);
        self.added(added);
    }

    fn problem(&mut self, problem: Problem) {
        self.found.unreadable += problem.entries;
        let raw = unreadable(&self.batch.payload, problem.offset, self.format);
        let format = self.format.map(|format| format.id);
        let rows = &mut self.rows;
        let added = Storing::problem(rows, &self.of, self.item, &problem, &raw, format);
        self.added(added);
    }
}

impl Taking<'_, '_> {
    fn added(&mut self, added: Result<(), LakeError>) {
        self.item += 1;
        if let Err(error) = added {
            self.fault.get_or_insert(error);
        }
    }

    fn note(&mut self, hits: &[usize], record: &Record<'_>, stated: Option<Timestamp>) {
        let set = &self.detecting.rules.set;
        let common = set.packs().common(record);
        let text =
            |column| common.get(column).map(|value: &Value<'_>| value.to_text().into_owned());
        let (host, user) = (text(Column::Host), text(Column::User));
        let address = text(Column::SrcIp);
        let time = super::store_events::kept_time(stated, self.of.arrival);
        for &rule in hits {
            if self.detecting.correlator.wants(rule) {
                let fields = self.correlated(rule, record);
                let (item, host, user) = (self.item, host.clone(), user.clone());
                self.found.noted.push(Noted { rule, item, time: stated, host, user, fields });
            }
            if !set.is_silent(rule) {
                self.found.matches.push(Match {
                    rule,
                    item: self.item,
                    time,
                    host: host.clone(),
                    user: user.clone(),
                    address: address.clone(),
                    matched: self.detecting.matcher.matched(rule, record),
                });
            }
        }
    }

    /// The fields that correlations ask of a match.
    fn correlated(&self, rule: usize, record: &Record<'_>) -> Vec<(String, String)> {
        let fields = std::cell::RefCell::new(Vec::new());
        let event = EventRef { source: 0, number: 0 };
        self.detecting.correlator.input(rule, 0, event, |name| {
            let text = record.fields.text(name)?;
            fields.borrow_mut().push((name.to_owned(), text));
            None
        });
        fields.into_inner()
    }

    fn note_host(&mut self, record: &Record<'_>) {
        let common = self.detecting.rules.set.packs().common(record);
        let Some(host) = common.get(Column::Host).map(Value::to_text) else { return };
        if self.found.hosts.len() < MAX_HOSTS && !self.found.hosts.contains(host.as_ref()) {
            self.found.hosts.insert(host.into_owned());
        }
    }
}

/// The bytes of a record as they came. Readers hand on text: where a line was not UTF-8, its bytes
/// are taken from the batch. An EVTX record means nothing without the chunk around it; its fields
/// are kept instead.
fn raw_of<'a>(
    record: &Record<'a>,
    payload: &'a [u8],
    format: Option<&'static format::Format>,
) -> &'a [u8] {
    const REPLACED: &[u8] = "\u{fffd}".as_bytes();
    match format.map(|format| format.framing) {
        Some(Framing::Evtx) => &[],
        Some(Framing::Lines) if memchr::memmem::find(record.raw, REPLACED).is_some() => {
            let line = line_at(payload, record.offset);
            let same = String::from_utf8_lossy(line).as_bytes() == record.raw;
            if same { line } else { record.raw }
        }
        _ => record.raw,
    }
}

fn line_at(payload: &[u8], offset: u64) -> &[u8] {
    let rest = payload.get(offset as usize..).unwrap_or_default();
    let line = memchr::memchr(b'\n', rest).map_or(rest, |end| rest.get(..end).unwrap_or(rest));
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// What is kept of a place that could not be read, so that it can be read again: the line; of an
/// EVTX file its header and the chunk; of anything else all that follows.
fn unreadable(payload: &[u8], offset: u64, format: Option<&'static format::Format>) -> Vec<u8> {
    match format.map(|format| format.framing) {
        Some(Framing::Lines) => line_at(payload, offset).to_vec(),
        Some(Framing::Evtx) if offset >= EVTX_HEADER_BYTES as u64 => {
            let chunk = (offset as usize - EVTX_HEADER_BYTES) / EVTX_CHUNK_BYTES;
            let start = EVTX_HEADER_BYTES + chunk * EVTX_CHUNK_BYTES;
            let end = payload.len().min(start + EVTX_CHUNK_BYTES);
            let header = payload.get(..EVTX_HEADER_BYTES).unwrap_or_default();
            [header, payload.get(start..end).unwrap_or_default()].concat()
        }
        _ => payload.get(offset as usize..).unwrap_or(payload).to_vec(),
    }
}
