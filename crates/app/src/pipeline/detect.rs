//! Records to matches: what rules say of each event of a batch.
//!
//! In comes a batch; out come its rows for the lake and everything that alerts are made of. Rules
//! decide alone here; whether a match becomes an alert, joins one or is suppressed is for
//! `raise_alert`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use khien_event::format::Sink;
use khien_event::packs::{Column, Common};
use khien_event::stream::{EVTX_CHUNK_BYTES, EVTX_HEADER_BYTES, Framing};
use khien_event::time::Clue;
use khien_event::{Problem, Record, Value, format};
use khien_lake::{LakeError, Rows};
use khien_sigma::correlate::{Correlator, EventRef, Limits};
use khien_sigma::engine::{Matched, Matcher};
use khien_store::Beat;

use super::meta::Meta;
use super::parse::{Names, Parser, format_of};
use super::store_events::{Event, Of, Storing, kept_time};
use crate::journal::{Batch, BatchKey, SourceKey};
use crate::registry::Origin;
use crate::rules::Rules;

/// What happened longer before its arrival shows nothing of what a source sends now.
const LIVE: SignedDuration = SignedDuration::from_hours(24);
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
    /// Events by the quarter of an hour in which they happened.
    pub(crate) pulse: BTreeMap<i64, u64>,
    /// Classes of the events that had just happened, by their numbers in OCSF.
    pub(crate) classes: BTreeSet<i32>,
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
            pulse: BTreeMap::new(),
            classes: BTreeSet::new(),
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
        let (format, why) = match format_of(&batch.payload, &meta, &from.expected) {
            Ok(format) => (Some(format), String::new()),
            Err(why) => (None, why),
        };
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
            kept: Unreadable::default(),
            found,
            fault: None,
        };
        match format {
            Some(format) => parser.parse(&batch.payload, format, clue, &names, &mut taking),
            None if batch.payload.trim_ascii().is_empty() => {}
            None => taking.problem(Problem::new(0, why)),
        }
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
    kept: Unreadable,
    found: Found,
    fault: Option<LakeError>,
}

impl Sink for Taking<'_, '_> {
    fn record(&mut self, record: &mut Record<'_>) {
        if self.found.meta.read_before.contains(&record.number) {
            return;
        }
        self.found.events += 1;
        let hits = self.detecting.matcher.matches(record).to_vec();
        let set = &self.detecting.rules.set;
        let stated = set.packs().time(record, &self.clue).map(|(time, _)| time);
        if self.format.is_none_or(|format| format.framing != Framing::Evtx) {
            record.number += self.lines_before;
        }
        let record = &*record;
        let common = set.packs().common(record);
        if !hits.is_empty() {
            self.note(&hits, record, &common, stated);
        }
        self.note_host(&common);
        let quarter = Beat::quarter_of(kept_time(stated, self.of.arrival));
        *self.found.pulse.entry(quarter).or_default() += 1;
        let class_uid = set.packs().class(self.detecting.matcher.route());
        let age = self.of.arrival.duration_since(kept_time(stated, self.of.arrival));
        if class_uid != 0 && age <= LIVE {
            self.found.classes.insert(class_uid);
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
        let event = Event {
            record,
            common: &common,
            raw,
            format: self.format.map_or("", |format| format.id),
            time: stated,
            class_uid,
            severity_id: set.packs().severity(record),
            rules: Some(detecting.ids.as_str()).filter(|ids| !ids.is_empty()),
        };
        let added = detecting.storing.event(&mut self.rows, &self.of, self.item, &event);
        self.added(added);
    }

    fn problem(&mut self, problem: Problem) {
        self.found.unreadable += problem.entries;
        let raw = self.kept.take(&self.batch.payload, problem.offset, self.format);
        let format = self.format.map(|format| format.id);
        // What was read before this batch is not to come again with the next either.
        let fields = self.found.meta.read_before_text().filter(|_| !raw.is_empty());
        let (rows, fields) = (&mut self.rows, fields.as_deref());
        let added = Storing::problem(rows, &self.of, self.item, &problem, &raw, format, fields);
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

    fn note(
        &mut self,
        hits: &[usize],
        record: &Record<'_>,
        common: &Common<'_, '_>,
        stated: Option<Timestamp>,
    ) {
        let set = &self.detecting.rules.set;
        let text =
            |column| common.get(column).map(|value: &Value<'_>| value.to_text().into_owned());
        let (host, user) = (text(Column::Host), text(Column::User));
        let address = text(Column::SrcIp);
        let time = kept_time(stated, self.of.arrival);
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

    fn note_host(&mut self, common: &Common<'_, '_>) {
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

/// What is kept of the places that could not be read, so that they can be read again: the line; of
/// an EVTX file its header and the chunk; of anything else what lies before the next entry. Where
/// entries need what stands at the head of their file, that is kept before them. No byte of an
/// entry is kept twice, however many problems there are.
#[derive(Default)]
struct Unreadable {
    /// Bytes before this are kept.
    until: usize,
    /// The batch in UTF-8, which offsets count, if it came in UTF-16.
    narrow: Option<Vec<u8>>,
}

impl Unreadable {
    fn take(
        &mut self,
        payload: &[u8],
        offset: u64,
        format: Option<&'static format::Format>,
    ) -> Vec<u8> {
        if self.narrow.is_none() {
            self.narrow = narrow(payload);
        }
        let payload = self.narrow.as_deref().unwrap_or(payload);
        let offset = (offset as usize).min(payload.len());
        let rest = payload.get(offset..).unwrap_or_default();
        let framing = format.map(|format| format.framing);
        let (start, end) = match framing {
            Some(Framing::Lines) => (offset, offset + line_at(payload, offset as u64).len()),
            Some(Framing::Csv) if offset > 0 => {
                (offset, offset + line_at(payload, offset as u64).len())
            }
            Some(Framing::Evtx) if offset >= EVTX_HEADER_BYTES => {
                let chunk = (offset - EVTX_HEADER_BYTES) / EVTX_CHUNK_BYTES;
                let start = EVTX_HEADER_BYTES + chunk * EVTX_CHUNK_BYTES;
                (start, payload.len().min(start + EVTX_CHUNK_BYTES))
            }
            Some(Framing::JsonValues) => {
                let next = memchr::memmem::find(rest, b"\n{").map_or(rest.len(), |next| next + 1);
                (offset, offset + next)
            }
            Some(Framing::XmlEvents) => {
                let inner = rest.get(1..).unwrap_or_default();
                let next = memchr::memmem::find_iter(inner, b"<Event")
                    .find(|at| matches!(inner.get(at + 6), Some(b' ' | b'>')));
                (offset, next.map_or(payload.len(), |next| offset + 1 + next))
            }
            _ => (offset, payload.len()),
        };
        let fresh = payload.get(start.max(self.until)..end).unwrap_or_default();
        self.until = self.until.max(end);
        if fresh.is_empty() {
            return Vec::new();
        }
        let header = match format {
            Some(format) => header(payload.get(..start).unwrap_or_default(), format),
            None => &[],
        };
        [header, fresh].concat()
    }
}

/// What stands at the head of a file and is needed to read an entry after it: an EVTX file's
/// header, the names of columns, lines that begin with `#`.
fn header<'p>(before: &'p [u8], format: &format::Format) -> &'p [u8] {
    let first_line = || memchr::memchr(b'\n', before).map_or(0, |end| end + 1);
    let length = match format.framing {
        Framing::Evtx => EVTX_HEADER_BYTES,
        Framing::Csv => first_line(),
        Framing::Lines if format.in_order => {
            let lines = before.split_inclusive(|byte| *byte == b'\n');
            lines.take_while(|line| line.starts_with(b"#")).map(<[u8]>::len).sum()
        }
        Framing::Lines | Framing::XmlEvents | Framing::JsonValues => 0,
    };
    before.get(..length.min(before.len())).unwrap_or_default()
}

/// What came in UTF-16, as a stream turns it into UTF-8.
fn narrow(payload: &[u8]) -> Option<Vec<u8>> {
    let unit: fn([u8; 2]) -> u16 = match payload {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let (pairs, _) = payload.get(2..).unwrap_or_default().as_chunks::<2>();
    let text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    Some(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(payload: &[u8], format: Option<&str>, offsets: &[u64]) -> Vec<Vec<u8>> {
        let format = format.and_then(format::find);
        let mut kept = Unreadable::default();
        offsets.iter().map(|offset| kept.take(payload, *offset, format)).collect()
    }

    #[test]
    fn of_lines_the_line_is_kept_and_of_objects_what_lies_before_the_next() {
        assert_eq!(kept(b"a\nbad\r\nc", Some("syslog"), &[2, 7]), [b"bad".to_vec(), b"c".to_vec()]);
        let objects = b"[{bad\n{\"a\":1},\n{bad again";
        let found = kept(objects, Some("json-values"), &[1, 15]);
        assert_eq!(found, [b"{bad\n".to_vec(), b"{bad again".to_vec()]);
        assert_eq!(kept(b"nothing known", None, &[0]), [b"nothing known".to_vec()]);
    }

    #[test]
    fn of_utf_16_the_line_alone_is_kept() {
        let wide: Vec<u8> =
            "\u{feff}tốt\nhỏng\nx".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let offset = "tốt\n".len() as u64;
        assert_eq!(kept(&wide, Some("syslog"), &[offset]), ["hỏng".as_bytes().to_vec()]);
    }

    #[test]
    fn what_entries_need_of_the_head_of_their_file_is_kept_before_them() {
        let table = b"time,host,text\n1,a,b\nbad\n2,c,d\n";
        assert_eq!(kept(table, Some("csv"), &[21]), [b"time,host,text\nbad".to_vec()]);
        let logged = b"#Software: x\n#Fields: date time\n2026-11-20 08:00:00\nbad\n";
        let found = kept(logged, Some("w3c"), &[52]);
        assert_eq!(found, [b"#Software: x\n#Fields: date time\nbad".to_vec()]);
        let elements = b"<Events><Event a=''/><Event>bad</Event>\n<Event/></Events>";
        let found = kept(elements, Some("windows-xml"), &[21]);
        assert!(found[0].starts_with(b"<Event>bad</Event>"), "{found:?}");
    }

    #[test]
    fn many_problems_in_one_place_keep_its_bytes_once() {
        let mut file = vec![1; EVTX_HEADER_BYTES];
        file.extend(vec![2; 2 * EVTX_CHUNK_BYTES]);
        let first = EVTX_HEADER_BYTES as u64;
        let second = first + EVTX_CHUNK_BYTES as u64;
        let found = kept(&file, Some("evtx"), &[first, first + 9, second + 1, second + 5]);
        let whole = EVTX_HEADER_BYTES + EVTX_CHUNK_BYTES;
        let lengths: Vec<usize> = found.iter().map(Vec::len).collect();
        assert_eq!(lengths, [whole, 0, whole, 0]);
        let text = b"{bad ".repeat(1000);
        let offsets: Vec<u64> = (0..1000).map(|number| number * 5).collect();
        let found = kept(&text, Some("json-values"), &offsets);
        assert_eq!(found.iter().map(Vec::len).sum::<usize>(), text.len());
    }
}
