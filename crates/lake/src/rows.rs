//! Rows under construction: events in, Arrow columns out.
//!
//! A worker fills one `Rows` with the events of whole batches and hands it to `Lake::append`. Texts
//! that equality is asked of (host, user, addresses, hashes) are stored in one form, so that a bloom
//! filter can answer; the original stays in the record. It does not judge times or names: the caller
//! decides what an event's host is.

use std::net::IpAddr;
use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, Int8Builder, Int32Builder, StringBuilder, TimestampMicrosecondBuilder,
    UInt16Builder, UInt32Builder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use jiff::Timestamp;

use crate::error::LakeError;
use crate::schema::schema;

/// The most bytes of texts that one event may have.
pub const MAX_ROW_BYTES: usize = 64 << 20;

/// Columns are closed at this many bytes, far below the two gigabytes that 32-bit offsets reach.
const PART_BYTES: usize = 128 << 20;

/// One event as the lake takes it. Everything but times, identity, class, severity and agency may be
/// absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventRow<'a> {
    /// When the event happened; files and searches are ordered by it.
    pub time: Timestamp,
    /// When it arrived; what is kept is counted from the later of the two.
    pub received: Timestamp,
    /// Number of the batch it arrived in.
    pub batch: u64,
    /// Place within the batch.
    pub item: u32,
    /// OCSF class, 0 for none.
    pub class_uid: i32,
    /// OCSF severity, 0 unknown to 6 fatal.
    pub severity_id: i8,
    /// Code of the agency.
    pub agency: &'a str,
    /// Code of the information system.
    pub system: Option<&'a str>,
    /// Id of the source.
    pub source: Option<&'a str>,
    /// The machine it happened on; stored in lower case.
    pub host: Option<&'a str>,
    /// The account; stored in lower case.
    pub user: Option<&'a str>,
    /// Where a connection came from; stored in canonical form.
    pub src_ip: Option<&'a str>,
    /// Its port.
    pub src_port: Option<u16>,
    /// Where a connection went; stored in canonical form.
    pub dst_ip: Option<&'a str>,
    /// Its port.
    pub dst_port: Option<u16>,
    /// Path or name of the process.
    pub process: Option<&'a str>,
    /// Command line of the process.
    pub cmd_line: Option<&'a str>,
    /// Path of the file.
    pub file: Option<&'a str>,
    /// Hashes of the file in hexadecimal, separated by whatever is not: `SHA1=…,MD5=…` will do. The
    /// first of 32, 40 and 64 digits is kept as MD5, SHA-1 and SHA-256, in lower case.
    pub hashes: Option<&'a str>,
    /// Address of the page or service.
    pub url: Option<&'a str>,
    /// How it ended.
    pub status: Option<&'a str>,
    /// Number or name that the product gives this kind of event.
    pub event_code: Option<&'a str>,
    /// Log or channel within the product.
    pub log_name: Option<&'a str>,
    /// Format it was read from.
    pub format: Option<&'a str>,
    /// Ids of the rules that matched, separated by blanks.
    pub rules: Option<&'a str>,
    /// The file it came from, or the address of the sender.
    pub origin: Option<&'a str>,
    /// Number of the record in its file; of what could not be read, the offset in bytes.
    pub record: Option<u64>,
    /// Why it could not be read: this makes it a row of the quarantine.
    pub problem: Option<&'a str>,
    /// Text for people; leave it out where `raw` contains it.
    pub message: Option<&'a str>,
    /// Original fields as a JSON object; leave it out where `raw` is that object itself.
    pub fields: Option<&'a str>,
    /// The record as it came; kept as text if it is UTF-8, else as bytes.
    pub raw: Option<&'a [u8]>,
}

/// Builders of all columns, in the order of the schema.
#[derive(Debug, Default)]
struct Builders {
    time: TimestampMicrosecondBuilder,
    received: TimestampMicrosecondBuilder,
    batch: UInt64Builder,
    item: UInt32Builder,
    class_uid: Int32Builder,
    severity_id: Int8Builder,
    agency: StringBuilder,
    system: StringBuilder,
    source: StringBuilder,
    host: StringBuilder,
    user: StringBuilder,
    src_ip: StringBuilder,
    src_port: UInt16Builder,
    dst_ip: StringBuilder,
    dst_port: UInt16Builder,
    process: StringBuilder,
    cmd_line: StringBuilder,
    file: StringBuilder,
    md5: StringBuilder,
    sha1: StringBuilder,
    sha256: StringBuilder,
    url: StringBuilder,
    status: StringBuilder,
    event_code: StringBuilder,
    log_name: StringBuilder,
    format: StringBuilder,
    rules: StringBuilder,
    origin: StringBuilder,
    record: UInt64Builder,
    problem: StringBuilder,
    message: StringBuilder,
    fields: StringBuilder,
    raw: StringBuilder,
    raw_bytes: BinaryBuilder,
}

/// Events on their way into the lake.
#[derive(Debug, Default)]
pub struct Rows {
    builders: Builders,
    /// Rows in the builders.
    open_len: usize,
    /// Bytes of texts in the builders.
    open_bytes: usize,
    /// Parts that are closed because they are large.
    closed: Vec<RecordBatch>,
    closed_len: usize,
    closed_bytes: usize,
    /// The folded form of a text.
    scratch: String,
}

impl Rows {
    /// No rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one event. An error leaves the rows as they were.
    pub fn push(&mut self, row: &EventRow<'_>) -> Result<(), LakeError> {
        let bytes = text_bytes(row);
        if bytes > MAX_ROW_BYTES {
            return Err(LakeError::TooLarge { bytes, limit: MAX_ROW_BYTES });
        }
        if self.open_bytes + bytes > PART_BYTES {
            self.close()?;
        }
        self.builders.push(row, &mut self.scratch);
        self.open_len += 1;
        self.open_bytes += bytes;
        Ok(())
    }

    /// How many events were added.
    pub fn len(&self) -> usize {
        self.open_len + self.closed_len
    }

    /// Whether none was added.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the texts that were added.
    pub fn bytes(&self) -> usize {
        self.open_bytes + self.closed_bytes
    }

    fn close(&mut self) -> Result<(), LakeError> {
        if self.open_len > 0 {
            self.closed.push(self.builders.finish()?);
            self.closed_len += self.open_len;
            self.closed_bytes += self.open_bytes;
            (self.open_len, self.open_bytes) = (0, 0);
        }
        Ok(())
    }

    /// The finished columns.
    pub(crate) fn finish(mut self) -> Result<Vec<RecordBatch>, LakeError> {
        self.close()?;
        Ok(self.closed)
    }
}

fn text_bytes(row: &EventRow<'_>) -> usize {
    let texts = [
        row.system,
        row.source,
        row.host,
        row.user,
        row.src_ip,
        row.dst_ip,
        row.process,
        row.cmd_line,
        row.file,
        row.hashes,
        row.url,
        row.status,
        row.event_code,
        row.log_name,
        row.format,
        row.rules,
        row.origin,
        row.problem,
        row.message,
        row.fields,
    ];
    let texts = texts.iter().flatten().map(|text| text.len()).sum::<usize>();
    row.agency.len() + texts + row.raw.map_or(0, <[u8]>::len)
}

impl Builders {
    fn push(&mut self, row: &EventRow<'_>, scratch: &mut String) {
        self.time.append_value(row.time.as_microsecond());
        self.received.append_value(row.received.as_microsecond());
        self.batch.append_value(row.batch);
        self.item.append_value(row.item);
        self.class_uid.append_value(row.class_uid);
        self.severity_id.append_value(row.severity_id);
        self.agency.append_value(row.agency);
        self.system.append_option(row.system);
        self.source.append_option(row.source);
        self.host.append_option(row.host.map(|text| lower(text, scratch)));
        self.user.append_option(row.user.map(|text| lower(text, scratch)));
        self.src_ip.append_option(row.src_ip.map(|text| address(text, scratch)));
        self.src_port.append_option(row.src_port);
        self.dst_ip.append_option(row.dst_ip.map(|text| address(text, scratch)));
        self.dst_port.append_option(row.dst_port);
        self.process.append_option(row.process);
        self.cmd_line.append_option(row.cmd_line);
        self.file.append_option(row.file);
        let hashes = row.hashes.map(hashes).unwrap_or_default();
        self.md5.append_option(hashes[0].map(|text| lower(text, scratch)));
        self.sha1.append_option(hashes[1].map(|text| lower(text, scratch)));
        self.sha256.append_option(hashes[2].map(|text| lower(text, scratch)));
        self.url.append_option(row.url);
        self.status.append_option(row.status);
        self.event_code.append_option(row.event_code);
        self.log_name.append_option(row.log_name);
        self.format.append_option(row.format);
        self.rules.append_option(row.rules);
        self.origin.append_option(row.origin);
        self.record.append_option(row.record);
        self.problem.append_option(row.problem);
        self.message.append_option(row.message);
        self.fields.append_option(row.fields);
        let text = row.raw.map(|raw| std::str::from_utf8(raw).map_err(|_| raw));
        self.raw.append_option(text.and_then(Result::ok));
        self.raw_bytes.append_option(text.and_then(Result::err));
    }

    fn finish(&mut self) -> Result<RecordBatch, LakeError> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.time.finish().with_timezone("UTC")),
            Arc::new(self.received.finish().with_timezone("UTC")),
            Arc::new(self.batch.finish()),
            Arc::new(self.item.finish()),
            Arc::new(self.class_uid.finish()),
            Arc::new(self.severity_id.finish()),
            Arc::new(self.agency.finish()),
            Arc::new(self.system.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.host.finish()),
            Arc::new(self.user.finish()),
            Arc::new(self.src_ip.finish()),
            Arc::new(self.src_port.finish()),
            Arc::new(self.dst_ip.finish()),
            Arc::new(self.dst_port.finish()),
            Arc::new(self.process.finish()),
            Arc::new(self.cmd_line.finish()),
            Arc::new(self.file.finish()),
            Arc::new(self.md5.finish()),
            Arc::new(self.sha1.finish()),
            Arc::new(self.sha256.finish()),
            Arc::new(self.url.finish()),
            Arc::new(self.status.finish()),
            Arc::new(self.event_code.finish()),
            Arc::new(self.log_name.finish()),
            Arc::new(self.format.finish()),
            Arc::new(self.rules.finish()),
            Arc::new(self.origin.finish()),
            Arc::new(self.record.finish()),
            Arc::new(self.problem.finish()),
            Arc::new(self.message.finish()),
            Arc::new(self.fields.finish()),
            Arc::new(self.raw.finish()),
            Arc::new(self.raw_bytes.finish()),
        ];
        // Builders grow by doubling; what stays in memory until the flush shall not keep the slack.
        for column in &mut columns {
            if let Some(column) = Arc::get_mut(column) {
                column.shrink_to_fit();
            }
        }
        RecordBatch::try_new(schema(), columns).map_err(LakeError::memory)
    }
}

/// The text in lower case, without a copy where it already is.
pub(crate) fn lower<'a>(text: &'a str, scratch: &'a mut String) -> &'a str {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return text;
    }
    scratch.clear();
    scratch.push_str(&crate::fold::fold(text));
    scratch
}

/// An address in its canonical form, else the text in lower case. IPv4 within IPv6 is IPv4.
pub(crate) fn address<'a>(text: &'a str, scratch: &'a mut String) -> &'a str {
    match text.parse::<IpAddr>() {
        // The only form of an IPv4 address that parses is the canonical one.
        Ok(IpAddr::V4(_)) => text,
        Ok(address) => {
            scratch.clear();
            scratch.push_str(&address.to_canonical().to_string());
            scratch
        }
        Err(_) => lower(text, scratch),
    }
}

/// The first run of 32, 40 and 64 hexadecimal digits.
fn hashes(text: &str) -> [Option<&str>; 3] {
    let mut found = [None; 3];
    for part in text.split(|letter: char| !letter.is_ascii_hexdigit()) {
        let place = match part.len() {
            32 => 0,
            40 => 1,
            64 => 2,
            _ => continue,
        };
        found[place].get_or_insert(part);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{EventRow, MAX_ROW_BYTES, Rows, address, hashes, lower};
    use crate::error::LakeError;

    #[test]
    fn one_form_is_stored() {
        let mut scratch = String::new();
        assert_eq!(lower("DC01.Example", &mut scratch), "dc01.example");
        assert_eq!(lower("Sở-KHCN", &mut scratch), "sở-khcn");
        assert_eq!(address("10.0.0.7", &mut scratch), "10.0.0.7");
        assert_eq!(address("2001:DB8:0:0::1", &mut scratch), "2001:db8::1");
        assert_eq!(address("::ffff:10.0.0.7", &mut scratch), "10.0.0.7");
        assert_eq!(address("LOCAL", &mut scratch), "local");
    }

    #[test]
    fn hashes_are_known_by_their_length() {
        let md5 = "0123456789ABCDEF0123456789ABCDEF";
        let text = format!("SHA1={},MD5={md5},IMPHASH={}", "a".repeat(40), "b".repeat(32));
        assert_eq!(hashes(&text), [Some(md5), Some("a".repeat(40).as_str()), None]);
        assert_eq!(hashes("xyz"), [None; 3]);
    }

    #[test]
    fn rows_count_and_refuse() {
        let mut rows = Rows::new();
        assert!(rows.is_empty());
        let row = EventRow { agency: "sokhcn", raw: Some(b"abc"), ..EventRow::default() };
        rows.push(&row).unwrap();
        rows.push(&EventRow { raw: Some(b"\xff\xfe"), ..row }).unwrap();
        assert_eq!((rows.len(), rows.bytes()), (2, 6 + 3 + 6 + 2));
        let large = vec![b'x'; MAX_ROW_BYTES + 1];
        let refused = rows.push(&EventRow { raw: Some(&large), ..row });
        assert!(matches!(refused, Err(LakeError::TooLarge { .. })));
        let parts = rows.finish().unwrap();
        assert_eq!(parts.iter().map(arrow_array::RecordBatch::num_rows).sum::<usize>(), 2);
    }
}
