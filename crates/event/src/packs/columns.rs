//! What an event looks like in the lake: class, severity and the common columns.
//!
//! In comes a record of which the route is known; out come its values for the columns that
//! `packs/ocsf.yml` names. One walk over the fields finds all of them. Times are not decided here,
//! and nothing is copied: the values are those of the record.

use rustc_hash::FxHashMap;

use super::{PackError, entries, label, member};
use crate::LogSource;
use crate::record::Record;
use crate::symbols::{Sym, Symbols};
use crate::value::Value;
use crate::yaml::Node;

/// A column of the lake that is filled from fields of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Column {
    /// The machine it happened on, OCSF `device.hostname`.
    Host,
    /// The account, OCSF `actor.user.name` or `user.name`.
    User,
    /// Where a connection came from, OCSF `src_endpoint.ip`.
    SrcIp,
    /// Its port, OCSF `src_endpoint.port`.
    SrcPort,
    /// Where a connection went, OCSF `dst_endpoint.ip`.
    DstIp,
    /// Its port, OCSF `dst_endpoint.port`.
    DstPort,
    /// The process, OCSF `process.file.path` or `process.name`.
    Process,
    /// The command line, OCSF `process.cmd_line`.
    CmdLine,
    /// The file, OCSF `file.path` or `module.file.path`.
    File,
    /// Hashes of the file, OCSF `file.hashes`.
    Hashes,
    /// The page or service asked for, OCSF `http_request.url.url_string`.
    Url,
    /// How it ended, OCSF `status`.
    Status,
    /// What the product calls this kind of event, OCSF `metadata.event_code`.
    EventCode,
    /// The log within the product, OCSF `metadata.log_name`.
    LogName,
}

/// How many columns there are.
const COLUMNS: usize = 14;

/// The columns that `packs/ocsf.yml` lists, by the names it uses.
const LISTED: [(&str, Column); COLUMNS - 2] = [
    ("src_ip", Column::SrcIp),
    ("src_port", Column::SrcPort),
    ("dst_ip", Column::DstIp),
    ("dst_port", Column::DstPort),
    ("process", Column::Process),
    ("cmd_line", Column::CmdLine),
    ("file", Column::File),
    ("hashes", Column::Hashes),
    ("url", Column::Url),
    ("status", Column::Status),
    ("event_code", Column::EventCode),
    ("log_name", Column::LogName),
];

/// The values of an event for the columns.
#[derive(Clone, Copy, Debug)]
pub struct Common<'r, 'a> {
    values: [Option<(u8, &'r Value<'a>)>; COLUMNS],
}

impl<'r, 'a> Common<'r, 'a> {
    /// The value for a column, of the best field that the event has.
    pub fn get(&self, column: Column) -> Option<&'r Value<'a>> {
        self.values.get(column as usize).copied().flatten().map(|(_, value)| value)
    }
}

/// The pack, resolved.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// For each symbol the column that it fills and how good it is for that, best 0.
    of: Vec<Option<(Column, u8)>>,
    severity: Vec<(Sym, FxHashMap<String, i8>)>,
    classes: Vec<(LogSource, i32)>,
}

impl Columns {
    pub(super) fn load(
        pack: &Node<'_>,
        host: &[Sym],
        user: &[Sym],
        symbols: &mut Symbols,
    ) -> Result<Self, PackError> {
        const PACK: &str = "ocsf.yml";
        let mut loaded = Self::default();
        loaded.fill(Column::Host, host);
        loaded.fill(Column::User, user);
        let columns = member(PACK, pack, "columns")?;
        for (name, column) in LISTED {
            let fields = member(PACK, columns, name)?.strings();
            let syms: Vec<Sym> = fields.into_iter().map(|field| symbols.intern(field)).collect();
            loaded.fill(column, &syms);
        }
        for (field, values) in entries(PACK, pack, "severity")? {
            let sym = symbols.intern(field.as_str().unwrap_or_default());
            let expected = "values with numbers from 0 to 6";
            let shape = || PackError::Shape { pack: PACK, line: values.line, expected };
            let mut ids = FxHashMap::default();
            for (value, id) in values.as_map().ok_or_else(shape)? {
                let id = id.as_str().and_then(|id| id.parse().ok()).ok_or_else(shape)?;
                ids.insert(value.as_str().ok_or_else(shape)?.to_owned(), id);
            }
            loaded.severity.push((sym, ids));
        }
        for class in member(PACK, pack, "classes")?.as_list().unwrap_or_default() {
            let expected = "a class_uid";
            let shape = || PackError::Shape { pack: PACK, line: class.line, expected };
            let uid = class.get_str("class_uid").and_then(|uid| uid.parse().ok());
            loaded.classes.push((label(class), uid.ok_or_else(shape)?));
        }
        Ok(loaded)
    }

    fn fill(&mut self, column: Column, syms: &[Sym]) {
        for (rank, sym) in (0u8..).zip(syms) {
            if self.of.len() <= sym.index() {
                self.of.resize(sym.index() + 1, None);
            }
            if let Some(place) = self.of.get_mut(sym.index()).filter(|place| place.is_none()) {
                *place = Some((column, rank));
            }
        }
    }

    pub(super) fn class(&self, labels: &[LogSource]) -> i32 {
        let agrees =
            |wanted: &LogSource| labels.iter().any(|label: &LogSource| label.satisfies(wanted));
        let found = self.classes.iter().find(|(wanted, _)| agrees(wanted));
        found.map_or(0, |(_, class)| *class)
    }

    pub(super) fn common<'r, 'a>(&self, record: &'r Record<'a>) -> Common<'r, 'a> {
        let mut values: [Option<(u8, &'r Value<'a>)>; COLUMNS] = [None; COLUMNS];
        for field in record.fields.iter().filter(|field| field.sym.is_some()) {
            let Some((column, rank)) = self.of.get(field.sym.index()).copied().flatten() else {
                continue;
            };
            let Some(place) = values.get_mut(column as usize) else { continue };
            if place.is_none_or(|(best, _)| rank < best) && says_something(&field.value) {
                *place = Some((rank, &field.value));
            }
        }
        Common { values }
    }

    pub(super) fn severity(&self, record: &Record<'_>) -> i8 {
        let found = self.severity.iter().find_map(|(sym, ids)| {
            let text = record.fields.get(*sym)?.to_text();
            ids.get(text.as_ref()).or_else(|| ids.get(&text.to_lowercase())).copied()
        });
        found.unwrap_or(0)
    }
}

/// Whether a value is more than a mark for «nothing», and not an object.
fn says_something(value: &Value<'_>) -> bool {
    let text = value.to_text();
    !matches!(text.as_ref(), "" | "-" | "null") && !text.starts_with(['{', '['])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::packs::Packs;
    use crate::record::Kind;

    fn packs() -> (Packs, Arc<Symbols>) {
        let mut symbols = Symbols::default();
        let packs = Packs::builtin(&mut symbols).unwrap();
        (packs, Arc::new(symbols))
    }

    fn text(common: &Common<'_, '_>, column: Column) -> Option<String> {
        Some(common.get(column)?.to_text().into_owned())
    }

    #[test]
    fn the_best_field_fills_the_column_wherever_it_stands() {
        let (packs, symbols) = packs();
        let mut record = Record::new(symbols);
        for (name, value) in [
            ("SubjectUserName", "second"),
            ("IpAddress", "192.0.2.1"),
            ("TargetUserName", "-"),
            ("SourceIp", "192.0.2.7"),
            ("Computer", "PC1"),
            ("Level", "2"),
            ("nobody.asks", "x"),
        ] {
            record.fields.push_text(name, value);
        }
        let common = packs.common(&record);
        assert_eq!(text(&common, Column::User).unwrap(), "second");
        assert_eq!(text(&common, Column::SrcIp).unwrap(), "192.0.2.7");
        assert_eq!(text(&common, Column::Host).unwrap(), "PC1");
        assert!(common.get(Column::Url).is_none());
        assert_eq!(packs.severity(&record), 4);
    }

    #[test]
    fn a_class_follows_from_the_log_source() {
        let (packs, symbols) = packs();
        let mut record = Record::new(symbols);
        record.kind = Kind::named("sshd");
        let route = packs.route(&record, &mut String::new());
        assert_eq!(packs.class(route), 3002);
        record.kind = Kind::Windows;
        record.fields.push_text("Channel", "Microsoft-Windows-Sysmon/Operational");
        record.fields.push_text("EventID", "1");
        let route = packs.route(&record, &mut String::new());
        assert_eq!(packs.class(route), 1007);
        record.kind = Kind::named("no such kind");
        let route = packs.route(&record, &mut String::new());
        assert_eq!(packs.class(route), 0);
    }

    #[test]
    fn every_column_has_the_attribute_that_fields_yml_gives_its_fields() {
        let (packs, symbols) = packs();
        let prefixes = |column| match column {
            Column::SrcIp => "src_endpoint.ip",
            Column::SrcPort => "src_endpoint.port",
            Column::DstIp => "dst_endpoint.ip",
            Column::DstPort => "dst_endpoint.port",
            Column::Process => "process.",
            Column::CmdLine => "process.cmd_line|script.script_content",
            Column::File => "file.path|module.file.path",
            Column::Hashes => "file.hashes",
            Column::Url => "http_request.url",
            Column::Status => "status|http_response.code",
            Column::EventCode => "metadata.event_code|api.operation",
            Column::LogName => "metadata.log_name|service.name",
            Column::Host | Column::User => "",
        };
        let mut compared = 0;
        for (sym, path) in &packs.ocsf {
            let Some((column, _)) = packs.columns.of.get(sym.index()).copied().flatten() else {
                continue;
            };
            let fits = prefixes(column).split('|').any(|prefix| path.starts_with(prefix));
            assert!(fits, "{}: {path} in column {column:?}", symbols.name(*sym));
            compared += 1;
        }
        assert!(compared > 25, "{compared} fields were compared");
    }
}
