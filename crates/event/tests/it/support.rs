//! Reads bytes as the product does and keeps what came out.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use khien_event::format::{self, Context, Sink};
use khien_event::stream::Stream;
use khien_event::time::Clue;
use khien_event::{Kind, Packs, Problem, Record, Symbols};

/// An entry that outlives its block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) kind: String,
    pub(crate) labels: Vec<String>,
    pub(crate) time: Option<String>,
    pub(crate) time_source: &'static str,
    pub(crate) host: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) addresses: Vec<String>,
    pub(crate) fields: BTreeMap<String, Vec<String>>,
    pub(crate) number: u64,
    pub(crate) offset: u64,
    pub(crate) raw: Vec<u8>,
}

impl Kept {
    /// The first value of a field, or `""`.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }
}

/// What was read from a source.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) format: &'static str,
    pub(crate) records: Vec<Kept>,
    pub(crate) problems: Vec<Problem>,
}

struct Keep {
    context: Context,
    reading: Reading,
}

impl Sink for Keep {
    fn record(&mut self, record: &mut Record<'_>) {
        let packs = &self.context.packs;
        let route = packs.route(record, &mut String::new());
        packs.derive(route, record);
        let time = packs.time(record, &self.context.clue);
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for field in &record.fields {
            let name = record.fields.name(field).to_owned();
            fields.entry(name).or_default().push(field.value.to_text().into_owned());
        }
        self.reading.records.push(Kept {
            kind: match &record.kind {
                Kind::Windows => "windows".into(),
                Kind::Named(name) => name.to_string(),
            },
            labels: packs.routes()[route].labels.iter().map(ToString::to_string).collect(),
            time: time.map(|(time, _)| time.to_string()),
            time_source: time.map_or("missing", |(_, source)| source.name()),
            host: packs.host(record),
            user: packs.user(record),
            addresses: packs.addresses(record),
            fields,
            number: record.number,
            offset: record.offset,
            raw: record.raw.to_vec(),
        });
    }

    fn problem(&mut self, problem: Problem) {
        self.reading.problems.push(problem);
    }
}

/// The shared parts, with a reference moment of 2026-11-22.
pub(crate) fn context() -> Context {
    let mut symbols = Symbols::default();
    let packs = Packs::builtin(&mut symbols).expect("the built-in packs load");
    let clue = Clue::vietnam("2026-11-22T00:00:00Z".parse().expect("a moment"));
    Context { symbols: Arc::new(symbols), packs: Arc::new(packs), clue }
}

/// Reads bytes in the format they are detected as.
pub(crate) fn read(bytes: &[u8]) -> Reading {
    read_as(bytes, None)
}

/// Reads bytes in a format of your choice.
pub(crate) fn read_as(bytes: &[u8], format: Option<&str>) -> Reading {
    read_from(bytes, format, &context())
}

/// Reads a source of any length, with parts that are made once for many sources.
pub(crate) fn read_from(input: impl Read, format: Option<&str>, context: &Context) -> Reading {
    let context = context.clone();
    let mut stream = Stream::new(input);
    let found = match format {
        Some(id) => format::find(id),
        None => format::detect(stream.head().expect("memory reads")),
    };
    let Some(found) = found else { return Reading::default() };
    stream.set_framing(found.framing);
    let mut reader = (found.reader)(&context);
    let mut keep = Keep { context, reading: Reading { format: found.id, ..Reading::default() } };
    let mut problems = Vec::new();
    while let Some(block) = stream.next(&mut |p| problems.push(p)).expect("memory reads") {
        reader.read(&block, &mut keep);
    }
    reader.finish(&mut keep);
    keep.reading.problems.extend(problems);
    keep.reading
}

/// A place in the shared data, or `None` with a word on standard error where it is absent.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let path = PathBuf::from(root).join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is absent", path.display());
    None
}
