//! Bytes to records for the commands that look at single events.

use std::io::Read;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use khien_event::format::{self, Context, Format, Sink};
use khien_event::stream::Stream;
use khien_event::time::Clue;
use khien_event::{Problem, Record};
use khien_sigma::compile::RuleSet;

/// What is known about a log without its records.
pub(crate) struct Log {
    /// What it was read as.
    pub(crate) format: &'static Format,
    /// What could not be read.
    pub(crate) problems: Vec<Problem>,
}

/// Hands each record of a log to `each`. Without `format` the first bytes decide.
pub(crate) fn read(
    input: impl Read,
    format: Option<&'static Format>,
    set: &RuleSet,
    clue: Clue,
    each: &mut dyn FnMut(&mut Record<'_>),
) -> Result<Log> {
    let mut stream = Stream::new(input);
    let detected = format.or(format::detect(stream.head()?));
    let format = detected.context("no log format is recognised")?;
    stream.set_framing(format.framing);
    let (symbols, packs) = (Arc::clone(set.symbols()), Arc::clone(set.packs()));
    let mut reader = (format.reader)(&Context { symbols, packs, clue });
    let mut sink = Each { each, problems: Vec::new() };
    let mut too_long = Vec::new();
    while let Some(block) = stream.next(&mut |problem| too_long.push(problem))? {
        reader.read(&block, &mut sink);
    }
    reader.finish(&mut sink);
    let mut problems = sink.problems;
    problems.append(&mut too_long);
    Ok(Log { format, problems })
}

struct Each<'f> {
    each: &'f mut dyn FnMut(&mut Record<'_>),
    problems: Vec<Problem>,
}

impl Sink for Each<'_> {
    fn record(&mut self, record: &mut Record<'_>) {
        (self.each)(record);
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}
