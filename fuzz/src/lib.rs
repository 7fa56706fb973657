//! Reads bytes the way the product does and checks what must hold for any input.
//!
//! Each target in `targets/` hands its bytes to [`read`]. Run one with
//! `cargo +nightly fuzz run evtx -- -max_total_time=600`; samples to start from belong into
//! `corpus/<target>`, which is not kept in the repository.

use std::sync::{Arc, LazyLock};

use khien_event::format::{self, Context, Format, Sink};
use khien_event::record::MAX_FIELDS;
use khien_event::stream::Stream;
use khien_event::time::Clue;
use khien_event::{Packs, Problem, Record, Symbols};

static CONTEXT: LazyLock<Context> = LazyLock::new(|| {
    let mut symbols = Symbols::default();
    let packs = Packs::builtin(&mut symbols).expect("the built-in packs load");
    let clue = Clue::vietnam(jiff::Timestamp::UNIX_EPOCH);
    Context { symbols: Arc::new(symbols), packs: Arc::new(packs), clue }
});

/// Looks at everything that a record says, and at its place.
struct Check {
    scratch: String,
    length: u64,
}

impl Sink for Check {
    fn record(&mut self, record: &mut Record<'_>) {
        let packs = &CONTEXT.packs;
        let route = packs.route(record, &mut self.scratch);
        packs.derive(route, record);
        assert!(record.fields.len() <= MAX_FIELDS, "more fields than a record may have");
        assert!(record.offset <= self.length, "a record outside of its source");
        let _ = (packs.time(record, &CONTEXT.clue), packs.host(record), packs.user(record));
        for field in &record.fields {
            let _ = record.fields.name(field);
            self.scratch.clear();
            field.value.write_text(&mut self.scratch);
        }
        let _ = packs.addresses(record);
    }

    fn problem(&mut self, problem: Problem) {
        assert!(problem.offset <= self.length, "a problem outside of its source");
        assert!(problem.entries > 0 && !problem.reason.is_empty(), "a problem that says nothing");
    }
}

/// Reads a source in a format from its first byte to its last.
pub fn read(format: &Format, bytes: &[u8]) {
    let mut stream = Stream::new(bytes);
    let _ = stream.head();
    // In UTF-8 a source of UTF-16 may be longer by half.
    let mut check = Check { scratch: String::new(), length: bytes.len() as u64 * 2 };
    if !stream.is_transcoded() {
        check.length = bytes.len() as u64;
    }
    stream.set_framing(format.framing);
    let mut reader = (format.reader)(&CONTEXT);
    let mut problems = Vec::new();
    while let Ok(Some(block)) = stream.next(&mut |problem| problems.push(problem)) {
        reader.read(&block, &mut check);
    }
    reader.finish(&mut check);
    for problem in problems {
        check.problem(problem);
    }
}

/// Reads a source in a format by its name.
pub fn read_as(id: &str, bytes: &[u8]) {
    read(format::find(id).expect("a format of that name"), bytes);
}
