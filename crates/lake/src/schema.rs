//! The columns of an event: one table that the writer, the search and the documentation share.
//!
//! Names are short, so that SQL over the files stays readable; each column stands for an attribute of
//! OCSF 1.8 and answers to that path in queries. To add a column: a variant and a line in `SPECS`
//! (before the large texts), a field in `EventRow`, and its place in `Rows::push`.

use std::sync::{Arc, LazyLock};

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// A column of the lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// When the event happened.
    Time,
    /// When it arrived.
    Received,
    /// Number of the batch it arrived in.
    Batch,
    /// Place within the batch; with the batch the event's identity.
    Item,
    /// OCSF class.
    ClassUid,
    /// OCSF severity, 0 unknown to 6 fatal.
    SeverityId,
    /// Code of the agency.
    Agency,
    /// Code of the information system.
    System,
    /// Id of the source.
    Source,
    /// The machine it happened on.
    Host,
    /// The account that acted or was acted on.
    User,
    /// Where a connection came from.
    SrcIp,
    /// Its port.
    SrcPort,
    /// Where a connection went.
    DstIp,
    /// Its port.
    DstPort,
    /// Path or name of the process.
    Process,
    /// Command line of the process.
    CmdLine,
    /// Path of the file.
    File,
    /// MD5 of the file, lower-case hexadecimal.
    Md5,
    /// SHA-1 of the file, lower-case hexadecimal.
    Sha1,
    /// SHA-256 of the file, lower-case hexadecimal.
    Sha256,
    /// Address of the page or service.
    Url,
    /// How it ended.
    Status,
    /// Number or name that the product gives this kind of event.
    EventCode,
    /// Log or channel within the product.
    LogName,
    /// Format it was read from.
    Format,
    /// Ids of the rules that matched the event, separated by blanks.
    Rules,
    /// The file it came from, or the address of the sender.
    Origin,
    /// Number of the record in its file: line, EVTX record id; of what could not be read, the
    /// offset in bytes.
    Record,
    /// Why it could not be read; only rows of the quarantine have it.
    Problem,
    /// Text for people, where the raw record does not contain it.
    Message,
    /// Original fields as a JSON object, where the raw record is not that object itself.
    Fields,
    /// The record as it came, if it is UTF-8.
    Raw,
    /// The record as it came, if it is text but not UTF-8.
    RawBytes,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Microseconds since 1970, UTC.
    Moment,
    U64,
    U32,
    I32,
    I8,
    U16,
    /// Text as it came.
    Text,
    /// Text folded to lower case when stored, so that equality, bloom filters and statistics work on it.
    Lower,
    /// An address in its canonical form, else folded like `Lower`.
    Address,
    /// Long text: no dictionary, no statistics, large pages.
    Long,
    /// Bytes that are not UTF-8.
    Bytes,
}

/// One column of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec {
    pub(crate) column: Column,
    pub(crate) name: &'static str,
    /// Attribute paths of OCSF 1.8 that mean this column in queries.
    pub(crate) paths: &'static [&'static str],
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
    pub(crate) bloom: bool,
}

const fn spec(
    column: Column,
    name: &'static str,
    paths: &'static [&'static str],
    kind: Kind,
) -> Spec {
    Spec { column, name, paths, kind, nullable: true, bloom: false }
}

const fn required(spec: Spec) -> Spec {
    Spec { nullable: false, ..spec }
}

const fn bloomed(spec: Spec) -> Spec {
    Spec { bloom: true, ..spec }
}

/// All columns in the order of the files, which is the order of the variants.
pub(crate) const SPECS: [Spec; 34] = [
    required(spec(Column::Time, "time", &[], Kind::Moment)),
    required(spec(Column::Received, "received", &["metadata.logged_time"], Kind::Moment)),
    required(spec(Column::Batch, "batch", &[], Kind::U64)),
    required(spec(Column::Item, "item", &[], Kind::U32)),
    required(spec(Column::ClassUid, "class_uid", &[], Kind::I32)),
    required(spec(Column::SeverityId, "severity_id", &[], Kind::I8)),
    required(spec(Column::Agency, "agency", &["metadata.tenant_uid"], Kind::Text)),
    spec(Column::System, "system", &["metadata.product.uid"], Kind::Text),
    spec(Column::Source, "source", &["metadata.log_source"], Kind::Text),
    bloomed(spec(Column::Host, "host", &["device.hostname"], Kind::Lower)),
    bloomed(spec(Column::User, "user", &["user.name", "actor.user.name"], Kind::Lower)),
    bloomed(spec(Column::SrcIp, "src_ip", &["src_endpoint.ip"], Kind::Address)),
    spec(Column::SrcPort, "src_port", &["src_endpoint.port"], Kind::U16),
    bloomed(spec(Column::DstIp, "dst_ip", &["dst_endpoint.ip"], Kind::Address)),
    spec(Column::DstPort, "dst_port", &["dst_endpoint.port"], Kind::U16),
    spec(Column::Process, "process", &["process.name", "process.path"], Kind::Text),
    spec(Column::CmdLine, "cmd_line", &["process.cmd_line"], Kind::Text),
    spec(Column::File, "file", &["file.path", "file.name"], Kind::Text),
    bloomed(spec(Column::Md5, "md5", &[], Kind::Lower)),
    bloomed(spec(Column::Sha1, "sha1", &[], Kind::Lower)),
    bloomed(spec(Column::Sha256, "sha256", &[], Kind::Lower)),
    spec(Column::Url, "url", &["url.url_string", "http_request.url.url_string"], Kind::Text),
    spec(Column::Status, "status", &[], Kind::Text),
    spec(Column::EventCode, "event_code", &["metadata.event_code"], Kind::Text),
    spec(Column::LogName, "log_name", &["metadata.log_name"], Kind::Text),
    spec(Column::Format, "format", &["metadata.log_format"], Kind::Text),
    spec(Column::Rules, "rules", &["finding_info.uid"], Kind::Text),
    spec(Column::Origin, "origin", &["metadata.log_source_path"], Kind::Text),
    spec(Column::Record, "record", &["metadata.uid"], Kind::U64),
    spec(Column::Problem, "problem", &[], Kind::Text),
    spec(Column::Message, "message", &[], Kind::Long),
    spec(Column::Fields, "fields", &["unmapped"], Kind::Long),
    spec(Column::Raw, "raw", &["raw_data"], Kind::Long),
    spec(Column::RawBytes, "raw_bytes", &[], Kind::Bytes),
];

impl Column {
    /// All columns, in the order of the files.
    pub fn all() -> impl Iterator<Item = Self> {
        SPECS.iter().map(|spec| spec.column)
    }

    /// Its name in the files, in queries and in outputs.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// Attribute paths of OCSF 1.8 that mean this column.
    pub fn paths(self) -> &'static [&'static str] {
        self.spec().paths
    }

    /// The column with this name or OCSF path, blind to case.
    pub fn named(name: &str) -> Option<Self> {
        let is_it = |known: &str| known.eq_ignore_ascii_case(name);
        SPECS
            .iter()
            .find(|spec| is_it(spec.name) || spec.paths.iter().any(|path| is_it(path)))
            .map(|spec| spec.column)
    }

    /// Its place in the files.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    pub(crate) const fn spec(self) -> &'static Spec {
        &SPECS[self as usize]
    }
}

impl Spec {
    fn data_type(&self) -> DataType {
        match self.kind {
            Kind::Moment => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Kind::U64 => DataType::UInt64,
            Kind::U32 => DataType::UInt32,
            Kind::I32 => DataType::Int32,
            Kind::I8 => DataType::Int8,
            Kind::U16 => DataType::UInt16,
            Kind::Text | Kind::Lower | Kind::Address | Kind::Long => DataType::Utf8,
            Kind::Bytes => DataType::Binary,
        }
    }
}

/// The Arrow schema of rows in memory and of the files.
pub(crate) fn schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let field = |spec: &Spec| Field::new(spec.name, spec.data_type(), spec.nullable);
        Arc::new(Schema::new(SPECS.iter().map(field).collect::<Vec<_>>()))
    });
    Arc::clone(&SCHEMA)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Column, SPECS};

    #[test]
    fn the_table_is_in_the_order_of_the_variants_and_names_are_unique() {
        for (place, spec) in SPECS.iter().enumerate() {
            assert_eq!(spec.column.index(), place, "{}", spec.name);
        }
        let names = SPECS.iter().flat_map(|spec| spec.paths.iter().chain([&spec.name]));
        let all: Vec<_> = names.collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn a_column_answers_to_its_path() {
        assert_eq!(Column::named("Device.Hostname"), Some(Column::Host));
        assert_eq!(Column::named("src_ip"), Some(Column::SrcIp));
        assert_eq!(Column::named("TargetUserName"), None);
        assert_eq!(Column::Host.name(), "host");
        assert_eq!(Column::Host.paths(), ["device.hostname"]);
        assert_eq!(Column::all().count(), 34);
    }
}
