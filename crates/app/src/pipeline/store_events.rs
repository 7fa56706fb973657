//! Records to rows of the lake.
//!
//! A row has the columns of OCSF that the packs find in the record, and beside them everything the
//! record said: its bytes as they came, and its fields unless those bytes are just that object.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use khien_event::json_text::write_fields;
use khien_event::packs::{Column, Common};
use khien_event::{Kind, Problem, Record, Value};
use khien_lake::{EventRow, LakeError, Rows};

/// An event is not kept under a time later than this after its arrival: a clock that is years
/// ahead would hide it from every search.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// Nothing was logged before: older times come from clocks that were never set.
const OLDEST: Timestamp = Timestamp::constant(946_684_800, 0);

/// What all rows of a batch have in common.
pub(crate) struct Of<'b> {
    pub(crate) batch: u64,
    pub(crate) arrival: Timestamp,
    pub(crate) agency: &'b str,
    pub(crate) system: &'b str,
    pub(crate) source: &'b str,
    pub(crate) origin: &'b str,
}

/// An event that has been judged.
pub(crate) struct Event<'e> {
    pub(crate) record: &'e Record<'e>,
    pub(crate) common: &'e Common<'e, 'e>,
    /// Its bytes as they came; none if they mean nothing alone.
    pub(crate) raw: &'e [u8],
    pub(crate) format: &'e str,
    /// When it happened, as far as it is known.
    pub(crate) time: Option<Timestamp>,
    pub(crate) class_uid: i32,
    pub(crate) severity_id: i8,
    /// Ids of the rules that matched, separated by blanks.
    pub(crate) rules: Option<&'e str>,
}

/// Makes rows; keeps its memory between them.
#[derive(Default)]
pub(crate) struct Storing {
    fields: String,
}

/// The time that an event is kept under.
pub(crate) fn kept_time(time: Option<Timestamp>, arrival: Timestamp) -> Timestamp {
    let latest = arrival.checked_add(AHEAD).unwrap_or(arrival);
    time.filter(|time| (OLDEST..=latest).contains(time)).unwrap_or(arrival)
}

impl Storing {
    /// Adds an event to the rows under its place in the batch.
    pub(crate) fn event(
        &mut self,
        rows: &mut Rows,
        of: &Of<'_>,
        item: u32,
        event: &Event<'_>,
    ) -> Result<(), LakeError> {
        let Event { record, common, raw, .. } = *event;
        let says = |column| common.get(column).map(Value::to_text);
        let port = |column| port(common, column);
        let texts: [Option<Cow<'_, str>>; 12] = [
            Column::Host,
            Column::User,
            Column::SrcIp,
            Column::DstIp,
            Column::Process,
            Column::CmdLine,
            Column::File,
            Column::Hashes,
            Column::Url,
            Column::Status,
            Column::EventCode,
            Column::LogName,
        ]
        .map(says);
        let [host, user, src_ip, dst_ip, process, cmd_line, file, hashes, url, status, code, log] =
            texts.each_ref().map(Option::as_deref);
        self.fields.clear();
        let is_object = is_plain_object(record, raw);
        if !is_object {
            write_fields(&mut self.fields, &record.fields);
        }
        let row = EventRow {
            time: kept_time(event.time, of.arrival),
            received: of.arrival,
            batch: of.batch,
            item,
            class_uid: event.class_uid,
            severity_id: event.severity_id,
            agency: of.agency,
            system: Some(of.system),
            source: Some(of.source),
            host,
            user,
            src_ip,
            src_port: port(Column::SrcPort),
            dst_ip,
            dst_port: port(Column::DstPort),
            process,
            cmd_line,
            file,
            hashes,
            url,
            status,
            event_code: code,
            log_name: log,
            format: Some(event.format),
            message: None,
            rules: event.rules,
            origin: Some(of.origin).filter(|origin| !origin.is_empty()),
            record: Some(record.number),
            problem: None,
            fields: (!is_object).then_some(self.fields.as_str()),
            raw: Some(raw).filter(|raw| !raw.is_empty()),
        };
        rows.push(&row)
    }

    /// Adds what could not be read; it is listed in the quarantine and can be read again. `fields`
    /// is what has to be known for that, if anything.
    pub(crate) fn problem(
        rows: &mut Rows,
        of: &Of<'_>,
        item: u32,
        problem: &Problem,
        raw: &[u8],
        format: Option<&str>,
        fields: Option<&str>,
    ) -> Result<(), LakeError> {
        let row = EventRow {
            time: of.arrival,
            received: of.arrival,
            batch: of.batch,
            item,
            agency: of.agency,
            system: Some(of.system),
            source: Some(of.source),
            format,
            origin: Some(of.origin).filter(|origin| !origin.is_empty()),
            record: Some(problem.offset),
            problem: Some(&problem.reason),
            fields,
            raw: Some(raw).filter(|raw| !raw.is_empty()),
            ..EventRow::default()
        };
        rows.push(&row)
    }
}

fn port(common: &Common<'_, '_>, column: Column) -> Option<u16> {
    u16::try_from(common.get(column)?.as_u64()?).ok()
}

/// Whether the record's bytes are a JSON object whose members are the record's fields: then the
/// fields need not be kept a second time.
fn is_plain_object(record: &Record<'_>, raw: &[u8]) -> bool {
    let told = match &record.kind {
        Kind::Windows => true,
        Kind::Named(name) => name == "json",
    };
    if !told || !raw.starts_with(b"{") {
        return false;
    }
    // An object inside stands behind a colon, a comma or a bracket. Such a pair of characters
    // inside a text only costs the space.
    memchr::memchr_iter(b'{', raw).skip(1).all(|at| {
        let before = raw.get(..at).unwrap_or_default().trim_ascii_end();
        !matches!(before.last(), Some(b':' | b',' | b'['))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use khien_event::Symbols;

    use super::*;

    #[test]
    fn objects_inside_and_lines_of_other_formats_are_told() {
        let mut record = Record::new(Arc::new(Symbols::default()));
        record.kind = Kind::named("json");
        for (raw, plain) in [
            (r#"{"a":"{5770385F-C22A}","b":1}"#, true),
            (r#"{"a": {"b":1}}"#, false),
            (r#"{"a":[{"b":1}]}"#, false),
            (r#"{"a":[1,{"b":1}]}"#, false),
            (r#"{"a":"x"}"#, true),
            ("a=b", false),
        ] {
            assert_eq!(is_plain_object(&record, raw.as_bytes()), plain, "{raw}");
        }
        record.kind = Kind::named("suricata");
        assert!(!is_plain_object(&record, b"{}"));
    }

    #[test]
    fn an_event_is_kept_under_its_own_time_unless_the_clock_was_wrong() {
        let arrival: Timestamp = "2026-10-15T08:00:00Z".parse().unwrap();
        for (time, kept) in [
            ("2026-10-15T07:59:00Z", "2026-10-15T07:59:00Z"),
            ("2019-01-01T00:00:00Z", "2019-01-01T00:00:00Z"),
            ("2026-10-16T07:00:00Z", "2026-10-16T07:00:00Z"),
            ("2031-01-01T00:00:00Z", "2026-10-15T08:00:00Z"),
            ("1970-01-01T00:00:10Z", "2026-10-15T08:00:00Z"),
        ] {
            let time = time.parse().unwrap();
            assert_eq!(kept_time(Some(time), arrival), kept.parse().unwrap());
        }
        assert_eq!(kept_time(None, arrival), arrival);
    }
}
